package story

import (
	"slices"
	"time"

	"tcpviz/fsm"
)

// addFrame makes the steps of one segment: its sending, and its arrival or loss.
func (b *Builder) addFrame(f Frame) {
	b.totals.Frames++
	b.totals.Segments++
	flow, sender, fresh := b.tracker.Find(nanos(f.Time), fsm.AddressOf(f.Src), fsm.AddressOf(f.Dst), &f.Segment)
	if fresh {
		c := connection{ID: flow.ID(), flow: flow}
		c.Ends[sender], c.Ends[sender.Other()] = f.Src, f.Dst
		b.conns = append(b.conns, c)
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
	if b.limit > 0 && len(b.steps) >= b.limit {
		b.totals.Unshown++
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
		b.inferAfter(c, &f)
	}

	if f.Fate == FateLost {
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
	b.arrives(sent, f.Time)
}

// land lets the segments of a connection (0: of all) arrive that were on their way.
func (b *Builder) land(conn int, now time.Time) {
	b.flying = slices.DeleteFunc(b.flying, func(sent int) bool {
		lands := conn == 0 || b.patch(sent).Conn == conn
		if lands {
			b.arrives(sent, now)
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

// arrives makes the step of a segment's arrival; it was sent at step sent.
func (b *Builder) arrives(sent int, now time.Time) {
	sending := b.patch(sent)
	c, f, receiver := &b.conns[sending.Conn-1], sending.Frame, sending.Side.Other()
	n := b.push(Step{Time: now, Kind: SegmentReceived, Conn: c.ID, Side: receiver, Frame: f, Cause: sent, Peer: sent})
	b.finish(n, c, fsm.Event{Kind: fsm.Received, Side: receiver, Segment: f.Segment, Assumed: f.Fate == FateAssumed})
	b.patch(sent).Peer = n
	c.lastArrival[receiver], c.answered[receiver] = n, false
	if f.Segment.Len > 0 || f.Segment.Flags&(fsm.FIN|fsm.RST) != 0 {
		c.dataArrival[receiver] = n
	}
	if !b.calls.recorded {
		b.inferAfter(c, f)
	}
}

// finish applies the step's event to the model and writes what came of it into the step.
func (b *Builder) finish(n int, c *connection, e fsm.Event) {
	b.touch(c)
	c.flow.Conn, b.scratch = c.flow.Conn.Apply(e, b.scratch[:0])
	for _, t := range b.scratch {
		if t.Changed() && t.To == fsm.Established && c.established[t.Side] == 0 {
			c.established[t.Side] = n
		}
	}
	step := b.patch(n)
	step.Transitions = slices.Clone(b.scratch)
	step.After = c.flow.Conn
}

// applyUnshown gives a segment that makes no step to the model all the same, so
// that the summaries stay true.
func (b *Builder) applyUnshown(c *connection, sender fsm.Side, f *Frame) {
	b.touch(c)
	if f.Fate == FateAssumed {
		c.flow.Conn.Pass(sender, &f.Segment)
		return
	}
	c.flow.Conn, b.scratch = c.flow.Conn.Apply(fsm.Event{Kind: fsm.Sent, Side: sender, Segment: f.Segment}, b.scratch[:0])
	e := fsm.Event{Kind: fsm.Received, Side: sender.Other(), Segment: f.Segment}
	if f.Fate == FateLost {
		e.Kind, e.Side = fsm.Lost, sender
	}
	c.flow.Conn, b.scratch = c.flow.Conn.Apply(e, b.scratch[:0])
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
	arrival := c.lastArrival[sender]
	switch {
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
