package traffic

import (
	"math/rand/v2"

	"tcpviz/fsm"
)

// Times are microseconds since the capture began.
const (
	millisecond = 1_000
	second      = 1_000_000
)

const (
	scale       = 7     // the window scale that everybody announces
	firstWindow = 64240 // of a SYN, not scaled: 44 segments
	openWindow  = 502   // of everything later, scaled: the 44 segments again
	mssIPv4     = mtu - ipv4Header - tcpHeader
	mssIPv6     = mtu - ipv6Header - tcpHeader
)

// captured is a segment and when the observer met it.
type captured struct {
	at      int64
	sender  fsm.Side
	segment fsm.Segment
}

// end is what one TCP of a dialog knows.
type end struct {
	next     fsm.Seq // SND.NXT
	expects  fsm.Seq // RCV.NXT
	window   uint16  // what it advertises, as on the wire
	clock    uint32  // its timestamp clock when the capture began, milliseconds
	tsRecent uint32  // the newest timestamp that it took
}

// dialog is a conversation of two TCPs, met by an observer who stands beside the
// client: what the client answers follows in microseconds, what the server answers
// after a round trip. What is said is kept in order, to be taken out with take.
type dialog struct {
	rng  *rand.Rand
	mss  uint16
	now  int64
	trip int64 // round trip time from the observer to the server
	ends [2]end
	last fsm.Side // who spoke last

	said  []captured
	taken int
}

// start makes a dialog new, beginning at a time.
func (d *dialog) start(rng *rand.Rand, at int64, v6 bool) {
	d.rng, d.mss, d.now = rng, mssIPv4, at
	if v6 {
		d.mss = mssIPv6
	}
	d.trip = 5*millisecond + rng.Int64N(75*millisecond)
	d.ends = [2]end{}
	for i := range d.ends {
		d.ends[i].next = fsm.Seq(rng.Uint32())
		d.ends[i].window = firstWindow
		// The upper half stays clear, so that no clock passes zero in a capture.
		d.ends[i].clock = rng.Uint32() >> 1
	}
	d.last = fsm.Client
	d.said, d.taken = d.said[:0], 0
}

// take gives the next thing said, and false when there is none.
func (d *dialog) take() (captured, bool) {
	if d.taken == len(d.said) {
		return captured{}, false
	}
	d.taken++
	return d.said[d.taken-1], true
}

// payload is what a full segment carries beside its timestamps.
func (d *dialog) payload() uint32 { return uint32(d.mss) - timestampOptions }

// wait lets time pass before the next thing is said.
func (d *dialog) wait(microseconds int64) { d.now += microseconds }

// turn lets the time pass that it takes until the observer meets what a side says
// after what was met last.
func (d *dialog) turn(sender fsm.Side) {
	switch {
	case sender == d.last:
		d.now += 5 + d.rng.Int64N(20)
	case sender == fsm.Client:
		d.now += 20 + d.rng.Int64N(60)
	default:
		d.now += d.trip + d.rng.Int64N(200)
	}
}

// form gives the next segment of a side, as it is made from what the side knows
// now. It is neither seen nor taken by the other side yet.
func (d *dialog) form(sender fsm.Side, flags fsm.Flags, length uint32) fsm.Segment {
	e := &d.ends[sender]
	s := fsm.Segment{Seq: e.next, Flags: flags, Window: e.window, Len: length}
	s.Options.HasTimestamps = true
	if flags.Has(fsm.ACK) {
		s.Ack = e.expects
		s.Options.TSEcr = e.tsRecent
	}
	if flags.Has(fsm.SYN) {
		s.Options.MSS, s.Options.SACKPermitted = d.mss, true
		s.Options.WindowScale, s.Options.HasScale = scale, true
	}
	e.next = s.End()
	return s
}

// stamp gives the segment with the time on its sender's clock.
func (d *dialog) stamp(sender fsm.Side, s fsm.Segment) fsm.Segment {
	if s.Options.HasTimestamps {
		s.Options.TSVal = d.ends[sender].clock + uint32(d.now/millisecond)
	}
	return s
}

// put has the observer see a segment now, and gives it as it is seen.
func (d *dialog) put(sender fsm.Side, s fsm.Segment) fsm.Segment {
	s = d.stamp(sender, s)
	d.said = append(d.said, captured{d.now, sender, s})
	d.last = sender
	return s
}

// see has the observer see a segment in its turn.
func (d *dialog) see(sender fsm.Side, s fsm.Segment) fsm.Segment {
	d.turn(sender)
	return d.put(sender, s)
}

// arrive has the other side take a segment, if it is the one that it expects; a
// SYN always is.
func (d *dialog) arrive(sender fsm.Side, s fsm.Segment) {
	e := &d.ends[sender.Other()]
	if s.Flags.Has(fsm.SYN) || s.Seq == e.expects {
		e.expects = s.End()
		e.tsRecent = max(e.tsRecent, s.Options.TSVal)
	}
}

// say has a side send a segment, which the observer sees and which arrives.
func (d *dialog) say(sender fsm.Side, flags fsm.Flags, length uint32) {
	d.arrive(sender, d.see(sender, d.form(sender, flags, length)))
}

// open is the handshake: three segments.
func (d *dialog) open() {
	d.say(fsm.Client, fsm.SYN, 0)
	d.say(fsm.Server, fsm.SYN|fsm.ACK, 0)
	d.opened()
	d.ack(fsm.Client)
}

// opened lets both sides scale their windows from here on.
func (d *dialog) opened() {
	d.ends[fsm.Client].window, d.ends[fsm.Server].window = openWindow, openWindow
}

// send has a side send text, in one segment that asks to be pushed.
func (d *dialog) send(sender fsm.Side, length uint32) { d.say(sender, fsm.PSH|fsm.ACK, length) }

// ack has a side acknowledge what it took.
func (d *dialog) ack(sender fsm.Side) { d.say(sender, fsm.ACK, 0) }

// exchange is text from one side and its acknowledgment.
func (d *dialog) exchange(sender fsm.Side, length uint32) {
	d.send(sender, length)
	d.ack(sender.Other())
}

// finish is a close that one side begins and the other one joins: three segments.
func (d *dialog) finish(first fsm.Side) {
	d.say(first, fsm.FIN|fsm.ACK, 0)
	d.say(first.Other(), fsm.FIN|fsm.ACK, 0)
	d.ack(first)
}

// reset has a side abort a connection that is open.
func (d *dialog) reset(sender fsm.Side) {
	d.say(sender, fsm.RST|fsm.ACK, 0)
}
