package story

import (
	"time"

	"tcpviz/fsm"
)

// A source that holds the wire tells of each frame that it was sent, and later what
// became of it. Until then, and after it (for there may be copies), the builder
// remembers the frame.

// maxUnderWay is how many frames are remembered for their arrival: the newest ones.
const maxUnderWay = 1 << 16

// wire are the frames whose fate is told apart from them, by their number.
type wire struct {
	frames map[int]*flight
	order  []int // their numbers, oldest first
}

// flight is a frame whose fate is told apart from it.
type flight struct {
	frame     *Frame
	conn      int
	sender    fsm.Side
	sent      int // its step; 0: it makes no steps
	told      bool
	delivered bool
	dropped   int // the step of its latest impairment, when that took it off the wire
}

// takeOff remembers a frame that is under way.
func (w *wire) takeOff(f *flight) {
	if w.frames == nil {
		w.frames = make(map[int]*flight)
	}
	if len(w.order) == maxUnderWay {
		delete(w.frames, w.order[0])
		w.order = w.order[1:]
	}
	w.frames[f.frame.Number] = f
	w.order = append(w.order, f.frame.Number)
}

// addArrival makes the step of what became of a frame that is under way; of one
// that is not known it makes none.
func (b *Builder) addArrival(a Arrival) {
	f := b.wire.frames[a.Frame]
	if f == nil || a.Fate != FateDelivered && a.Fate != FateLost {
		return
	}
	again := f.told
	f.told = true
	if a.Fate == FateLost {
		b.lose(f, a.Time, again)
		return
	}
	c, receiver := &b.conns[f.conn-1], f.sender.Other()
	// A stack gives a segment to the connection that has these ends now, be it an
	// old duplicate of another one.
	if newest, side, ok := b.find(f.frame.Dst, f.frame.Src); ok {
		c, receiver = newest, side
	}
	if b.unshown(f, again) {
		b.applyAlone(c, fsm.Event{
			Kind: fsm.Received, Side: receiver, Segment: f.frame.Segment, Queue: b.queueFor(c, receiver),
		})
		return
	}
	n := b.arrives(c, receiver, f.frame, f.sent, a.Time, again)
	if sending := b.patch(f.sent); !f.delivered && sending != nil {
		sending.Peer = n
	}
	f.delivered = true
}

// lose makes the step of a frame's loss.
func (b *Builder) lose(f *flight, now time.Time, again bool) {
	c := &b.conns[f.conn-1]
	e := fsm.Event{Kind: fsm.Lost, Side: f.sender, Segment: f.frame.Segment}
	if b.unshown(f, again) {
		b.applyAlone(c, e)
		return
	}
	lost := Step{
		Time: now, Kind: SegmentLost, Conn: f.conn, Side: f.sender, Frame: f.frame, Cause: f.sent, Peer: f.sent, Again: again,
	}
	if f.dropped > 0 {
		lost.Cause = f.dropped
	}
	n := b.push(lost)
	b.finish(n, c, e)
	if sending := b.patch(f.sent); sending != nil && sending.Peer == 0 {
		sending.Peer = n
	}
}

// addImpairment makes the step of what was done to a frame that is under way.
func (b *Builder) addImpairment(i Impairment) {
	f := b.wire.frames[i.Frame]
	if f == nil {
		return
	}
	if b.unshown(f, true) {
		return
	}
	c := &b.conns[f.conn-1]
	n := b.push(Step{
		Time: i.Time, Kind: SegmentImpaired, Conn: f.conn, Side: f.sender, Frame: f.frame, Impairment: &i,
		Cause: f.sent, Peer: f.sent, After: c.flow.Conn,
	})
	f.dropped = 0
	if i.What == Dropped {
		f.dropped = n
	}
}

// addExpiry makes the step of a timer that ran out.
func (b *Builder) addExpiry(x Expiry) {
	c, side, ok := b.find(x.Local, x.Remote)
	full := b.full()
	switch {
	case !ok && full:
	case !ok:
		b.push(Step{Time: x.Time, Kind: TimerExpired, Side: x.Side, Timer: x.Timer})
	case full || c.unasked:
		b.applyAlone(c, fsm.Event{Kind: fsm.Expired, Side: side, Timer: x.Timer})
	default:
		n := b.push(Step{Time: x.Time, Kind: TimerExpired, Conn: c.ID, Side: side, Timer: x.Timer})
		b.finish(n, c, fsm.Event{Kind: fsm.Expired, Side: side, Timer: x.Timer})
		c.expiry[side], c.expired[side], c.asks[side] = n, n, fsm.Asks(x.Timer)
	}
}

// unshown reports whether what happens to a frame makes no step: its sending made
// none, or the story is at its limit and it can be done without.
func (b *Builder) unshown(f *flight, more bool) bool {
	return f.sent == 0 || more && b.full()
}

// applyAlone gives the model an event that makes no step.
func (b *Builder) applyAlone(c *connection, e fsm.Event) {
	b.touch(c)
	c.flow.Conn, b.scratch = c.flow.Conn.Apply(e, b.scratch[:0])
	b.queue(c)
}

// causeOfRepeat gives the expiry that made the side send the segment, 0 when none
// did: what was sent before is sent again after the retransmission timer, a RST
// goes out when a connection is given up, and some timers do nothing but send.
func (c *connection) causeOfRepeat(sender fsm.Side, s *fsm.Segment) int {
	n := c.expired[sender]
	if n == 0 {
		return 0
	}
	end := &c.flow.Conn.Ends[sender]
	repeats := c.asks[sender] || s.Flags.Has(fsm.RST) || end.Facts.Has(fsm.KnowsSndNxt) && s.Seq.Less(end.SndNxt)
	if repeats || s.SeqLen() > 0 {
		c.expired[sender], c.asks[sender] = 0, false
	}
	if !repeats {
		return 0
	}
	return n
}
