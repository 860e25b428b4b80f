package story

import (
	"slices"
	"time"

	"tcpviz/fsm"
)

// addFrame makes the steps of one segment: its sending, and its arrival or loss
// unless that is told apart from it.
func (b *Builder) addFrame(f Frame) {
	b.totals.Frames++
	b.totals.Segments++
	flow, sender, fresh := b.tracker.Find(nanos(f.Time), fsm.AddressOf(f.Src), fsm.AddressOf(f.Dst), &f.Segment)
	if fresh {
		c := connection{ID: flow.ID(), flow: flow}
		c.Ends[sender], c.Ends[sender.Other()] = f.Src, f.Dst
		b.conns = append(b.conns, c)
		if b.byEnds != nil {
			b.index(&c)
		}
	}
	c := &b.conns[flow.ID()-1]
	found := flow.Count(f.Number, nanos(f.Time), sender, &f.Segment)
	if fresh && b.selects != nil {
		summary := flow.Summary()
		c.unasked = !b.selects(&summary)
	}
	if c.unasked {
		b.applyUnshown(c, sender, &f)
		return
	}
	if b.full() {
		b.totals.Unshown++
		if b.calls.recorded {
			b.adoptConnect(c, sender, &f)
		}
		b.applyUnshown(c, sender, &f)
		return
	}
	if b.calls.recorded {
		b.adoptConnect(c, sender, &f)
	} else {
		b.inferBefore(c, sender, &f)
	}
	sent := b.push(Step{
		Time: f.Time, Kind: SegmentSent, Conn: c.ID, Side: sender, Frame: &f,
		Cause: b.causeOfSegment(c, sender, f.Segment), Anomalies: names(found),
	})
	b.finish(sent, c, fsm.Event{Kind: fsm.Sent, Side: sender, Segment: f.Segment})
	c.answered[sender] = true
	if !b.calls.recorded {
		b.inferAfter(c, &f, f.Time)
	}

	switch f.Fate {
	case FateUnderWay:
		b.wire.takeOff(&flight{frame: &f, conn: c.ID, sender: sender, sent: sent})
		return
	case FateLost:
		lost := b.push(Step{Time: f.Time, Kind: SegmentLost, Conn: c.ID, Side: sender, Frame: &f, Cause: sent, Peer: sent})
		b.finish(lost, c, fsm.Event{Kind: fsm.Lost, Side: sender, Segment: f.Segment})
		b.patch(sent).Peer = lost
		return
	}
	if b.crosses(c, sender, &f) {
		b.flying = append(b.flying, sent)
		return
	}
	// What this segment crossed was on its way when it was sent, and arrives now.
	b.land(c.ID, f.Time)
	b.reaches(sent, f.Time)
}

// land lets the segments of a connection (0: of all) arrive that were on their way.
func (b *Builder) land(conn int, now time.Time) {
	b.flying = slices.DeleteFunc(b.flying, func(sent int) bool {
		lands := conn == 0 || b.patch(sent).Conn == conn
		if lands {
			b.reaches(sent, now)
		}
		return lands
	})
}

// crosses reports whether the segment is still on its way when its receiver
// sends the next one: that one, which has something to acknowledge, does not
// acknowledge this one, though it asks for just its first octet, or for that of
// one before it that is on its way too (or is a SYN that answers nothing). A
// capture sees a segment before TCP takes it.
func (b *Builder) crosses(c *connection, sender fsm.Side, f *Frame) bool {
	if f.Segment.SeqLen() == 0 || f.Segment.Flags.Has(fsm.RST) || f.Fate != FateDelivered {
		return false
	}
	for _, e := range b.ahead {
		next, ok := e.(Frame)
		if !ok || next.Src != f.Dst || next.Dst != f.Src {
			continue
		}
		answer := &next.Segment
		switch {
		case answer.SeqLen() == 0 || answer.Flags.Has(fsm.RST):
			return false
		case !answer.Flags.Has(fsm.ACK):
			return f.Segment.Flags&(fsm.SYN|fsm.ACK) == fsm.SYN && answer.Flags.Has(fsm.SYN)
		}
		return answer.Ack == f.Segment.Seq || answer.Ack.Less(f.Segment.Seq) && b.underWay(c.ID, sender)
	}
	return false
}

// underWay reports whether a segment of the side has not arrived yet.
func (b *Builder) underWay(conn int, sender fsm.Side) bool {
	return slices.ContainsFunc(b.flying, func(sent int) bool {
		step := b.patch(sent)
		return step.Conn == conn && step.Side == sender
	})
}

// reaches makes the step of the arrival of the segment that was sent at step sent.
func (b *Builder) reaches(sent int, now time.Time) {
	sending := b.patch(sent)
	n := b.arrives(&b.conns[sending.Conn-1], sending.Side.Other(), sending.Frame, sent, now, false)
	b.patch(sent).Peer = n
}

// arrives makes the step of a segment's arrival at a side of a connection; it was
// sent at step sent, and again tells that it is a copy of one that has arrived before.
func (b *Builder) arrives(c *connection, receiver fsm.Side, f *Frame, sent int, now time.Time, again bool) int {
	n := b.push(Step{
		Time: now, Kind: SegmentReceived, Conn: c.ID, Side: receiver, Frame: f, Cause: sent, Peer: sent, Again: again,
	})
	b.finish(n, c, fsm.Event{
		Kind: fsm.Received, Side: receiver, Segment: f.Segment, Assumed: f.Fate == FateAssumed, Queue: b.queueFor(c, receiver),
	})
	c.lastArrival[receiver], c.answered[receiver] = n, false
	if !again && (f.Segment.Len > 0 || f.Segment.Flags&(fsm.FIN|fsm.RST) != 0) {
		c.dataArrival[receiver] = n
	}
	if !b.calls.recorded {
		b.inferAfter(c, f, now)
	}
	return n
}

// finish applies the step's event to the model and writes what came of it into the
// step; n is 0 where there is none.
func (b *Builder) finish(n int, c *connection, e fsm.Event) {
	b.applyAlone(c, e)
	for _, t := range b.scratch {
		if t.Changed() && t.To == fsm.Established && c.established[t.Side] == 0 {
			c.established[t.Side] = n
		}
	}
	if step := b.patch(n); step != nil {
		step.Transitions = slices.Clone(b.scratch)
		step.After = c.flow.Conn
	}
}

// applyUnshown gives a segment that makes no step to the model all the same, so
// that the summaries stay true.
func (b *Builder) applyUnshown(c *connection, sender fsm.Side, f *Frame) {
	assumed := f.Fate == FateAssumed
	if assumed && len(b.calls.listeners) == 0 {
		b.touch(c)
		c.flow.Conn.Pass(sender, &f.Segment) // the same, and faster
		return
	}
	b.applyAlone(c, fsm.Event{Kind: fsm.Sent, Side: sender, Segment: f.Segment})
	if f.Fate == FateUnderWay {
		b.wire.takeOff(&flight{frame: f, conn: c.ID, sender: sender})
		return
	}
	if f.Fate == FateLost {
		b.applyAlone(c, fsm.Event{Kind: fsm.Lost, Side: sender, Segment: f.Segment})
		return
	}
	receiver := sender.Other()
	b.applyAlone(c, fsm.Event{
		Kind: fsm.Received, Side: receiver, Segment: f.Segment, Assumed: assumed, Queue: b.queueFor(c, receiver),
	})
}

// names gives the names of the anomalies, nil for none.
func names(found fsm.Anomaly) []string {
	if found == 0 {
		return nil
	}
	return slices.Collect(found.Names())
}

// causeOfSegment gives the step that made the side send the segment: a call of
// its program, or the arrival of the segment that it answers.
func (b *Builder) causeOfSegment(c *connection, sender fsm.Side, s fsm.Segment) int {
	if n := c.causeOfRepeat(sender, &s); n > 0 {
		return n
	}
	arrival := c.lastArrival[sender]
	end := &c.flow.Conn.Ends[sender]
	again := end.Facts.Has(fsm.KnowsSndNxt) && s.SeqLen() > 0 && s.Seq.Less(end.SndNxt)
	switch {
	case again && b.wire.frames != nil && !s.Flags.Has(fsm.SYN):
		// Whoever holds the wire tells of timers, so it was none: duplicate ACKs.
		return arrival
	case s.Flags.Has(fsm.SYN | fsm.ACK):
		return arrival
	case s.Flags.Has(fsm.SYN):
		return c.latest[sender].connect
	case s.Flags.Has(fsm.RST):
		if n := b.calls.blocked(c.ID, sender, "close"); n > 0 {
			return n
		}
		return arrival
	case s.Flags.Has(fsm.FIN):
		return c.latest[sender].close
	case s.Len > 0:
		return c.latest[sender].send
	case c.answered[sender]:
		// Its last arrival was acknowledged before: this one opens the window, and
		// that is recv's doing.
		return c.latest[sender].recv
	}
	return arrival
}
