package fsm

// Pass changes the connection as the two events do that a segment in a capture is:
// sender has Sent it, the other side is assumed to have Received it. It is for
// those who need not know what each of them caused, and is quicker than Apply.
func (c *Conn) Pass(sender Side, s *Segment) {
	sender &= 1
	if c.passesInOrder(sender, s) {
		return
	}
	e := Event{Kind: Sent, Side: sender, Segment: *s}
	w := work{conn: c, event: &e, mine: &c.Ends[sender], others: &c.Ends[sender.Other()]}
	w.apply()
	e.Kind, e.Side, e.Assumed, e.Segment.Ack = Received, sender.Other(), true, s.Ack
	w.mine, w.others, w.count = w.others, w.mine, 0
	w.apply()
}

// What is known of both endpoints of a connection whose handshake was seen, and
// what sets one apart in which something special is under way.
const (
	handshakeSeen  = KnowsISS | KnowsIRS | KnowsSndUna | KnowsSndNxt | KnowsRcvNxt | KnowsEdge | SentSYN
	underSuspicion = SentFIN | GotFIN | HoldsFIN | SentRST | doubtedFIN | otherSYN
)

// passesInOrder takes the way that nearly all segments of a connection take, in one
// go: data or an acknowledgment, the very next in order, between two endpoints in
// ESTABLISHED of which nothing is in doubt. It does what sendsSegment and
// arrivesOtherwise do then, and reports whether this was such a segment.
func (c *Conn) passesInOrder(sender Side, s *Segment) bool {
	e, p := &c.Ends[sender], &c.Ends[sender.Other()]
	switch {
	case e.State != Established || p.State != Established,
		s.Flags&(SYN|FIN|RST|ACK) != ACK || s.Ack == 0,
		!e.Facts.Has(handshakeSeen) || !p.Facts.Has(handshakeSeen) || (e.Facts|p.Facts)&underSuspicion != 0,
		e.held != [2]Seq{} || p.held != [2]Seq{},
		s.Seq != e.SndNxt || s.Seq != p.RcvNxt,
		s.Len > 0 && p.rcvWnd() == 0,
		s.Ack.Less(p.SndUna) || p.SndNxt.Less(s.Ack):
		return false
	}
	end := s.Seq.Add(s.Len)
	e.sentUpTo(end)
	if !e.Facts.Has(Passive) || s.Len > 0 || s.Ack != e.IRS.Add(1) { // see provesArrivals
		e.Facts |= Acted
		if e.Basis == Assumed {
			e.Basis = Inferred
		}
	}
	e.expects(s.Ack)
	e.advertises(s, p)
	p.takesTimestamp(s)
	p.acked(s.Ack)
	if s.Len > 0 {
		p.expects(end)
		p.Facts |= owesAck
	}
	return true
}
