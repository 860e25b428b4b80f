package fsm

// Endpoint is what is known of one TCP of a connection. The names are those of
// RFC 9293 section 3.3.1; a number has a meaning only where Facts says that it
// is known.
type Endpoint struct {
	State State
	Basis Basis // how State is known
	Facts Facts // what is known besides, and which of the numbers are

	Scale uint8  // window scale shift count that its SYN announced (SentScale), at most 14
	Stack Stack  // what its host runs
	MSS   uint16 // maximum segment size that its SYN announced, octets; 0: none

	ISS Seq // initial send sequence number (KnowsISS)
	IRS Seq // initial receive sequence number (KnowsIRS)

	SndUna  Seq // oldest number sent and not acknowledged, as far as ACKs reached it (KnowsSndUna)
	SndNxt  Seq // next number it will send (KnowsSndNxt)
	RcvNxt  Seq // next number it expects (KnowsRcvNxt)
	RcvEdge Seq // RCV.NXT+RCV.WND: the largest right edge of the window it ever advertised (KnowsEdge)

	Window    uint32 // octets: the window it advertised last, scaled where the scale is known
	MaxWindow uint32 // octets: the largest of them

	FinSeq Seq // sequence number of its own FIN (SentFIN)

	TSRecent uint32 // newest timestamp that it took from the other side (KnowsTSRecent, RFC 7323)

	otherISS Seq    // number of a SYN that does not belong to the connection (otherSYN)
	held     [2]Seq // edges of text that came before what precedes it; equal: none
}

// Facts are yes-or-no knowledge about an endpoint, a set of bits.
type Facts uint32

// The facts.
const (
	KnowsISS      Facts = 1 << iota
	KnowsIRS            // IRS is set
	KnowsSndUna         // SndUna is set
	KnowsSndNxt         // SndNxt is set
	KnowsRcvNxt         // RcvNxt is set
	KnowsEdge           // RcvEdge, Window and MaxWindow are set
	SentSYN             // its SYN or SYN-ACK was seen
	SentScale           // its SYN had the window scale option
	SentSYNACK          // it sent a SYN-ACK
	Passive             // it came from LISTEN
	FastOpen            // it acknowledged data on the SYN (RFC 7413): it may send in SYN-RECEIVED
	Synchronized        // it was ESTABLISHED at least once
	Acted               // it sent a segment that only a synchronized endpoint sends
	SentFIN             // its FIN was seen; FinSeq is set
	AckedFIN            // its FIN is acknowledged, as far as it knows
	GotFIN              // it has taken the other side's FIN
	PassiveClose        // its FIN came after it had taken the other side's
	ProgramClosed       // its program has called close
	ProgramAborts       // its program has called for an abort
	ProgramShut         // its program has closed its sending direction, by close or shutdown
	SentRST             // it sent an RST
	HoldsFIN            // the other side's FIN came before the text that precedes it
	KnowsTSRecent       // TSRecent is set
	sentCookie          // its SYN-ACK was a SYN cookie (RFC 4987), in LISTEN: it remembers nothing
	orphaned            // its listening socket is closed, in SYN-RECEIVED
	doubtedFIN          // its FIN lay beyond the other side's window, where no TCP sends one
	otherSYN            // otherISS is set
	owesAck             // it has taken text that it has not acknowledged: Last.ACK.sent is less than RCV.NXT
)

// programWants are the facts that come from calls.
const programWants = ProgramClosed | ProgramAborts | ProgramShut

// Has reports whether all of want hold.
func (f Facts) Has(want Facts) bool { return f&want == want }

// unseen reports whether no segment has told anything of the endpoint yet.
func (e *Endpoint) unseen() bool { return e.Facts&^(programWants|Passive) == 0 }

// finIsAcked reports whether ack covers the endpoint's FIN: RFC 9293's "our FIN
// is now acknowledged".
func (e *Endpoint) finIsAcked(ack Seq) bool {
	return e.Facts.Has(SentFIN) && e.FinSeq.Less(ack)
}

// rcvWnd is RCV.WND: how many octets from RCV.NXT on the endpoint would take.
// When it never said, the observer takes anything that is not old.
func (e *Endpoint) rcvWnd() uint32 {
	if !e.Facts.Has(KnowsEdge) {
		return 1 << 30
	}
	if e.RcvEdge.LessEq(e.RcvNxt) {
		return 0
	}
	return uint32(e.RcvEdge - e.RcvNxt)
}

// expects raises RCV.NXT to n.
func (e *Endpoint) expects(n Seq) {
	if !e.Facts.Has(KnowsRcvNxt) || e.RcvNxt.Less(n) {
		e.RcvNxt = n
		e.Facts |= KnowsRcvNxt
	}
	if e.held[0] != e.held[1] && e.held[0].LessEq(e.RcvNxt) {
		if e.RcvNxt.Less(e.held[1]) {
			e.RcvNxt = e.held[1]
		}
		e.held = [2]Seq{}
	}
}

// holds remembers text that came too early. One stretch is enough: what it
// forgets, the endpoint's next ACK tells.
func (e *Endpoint) holds(from, to Seq) {
	switch {
	case from == to:
	case e.held[0] == e.held[1]:
		e.held = [2]Seq{from, to}
	case to.Less(e.held[0]):
		e.held = [2]Seq{from, to}
	case e.held[1].Less(from):
	default:
		if from.Less(e.held[0]) {
			e.held[0] = from
		}
		if e.held[1].Less(to) {
			e.held[1] = to
		}
	}
}

// acked raises SND.UNA to ack.
func (e *Endpoint) acked(ack Seq) {
	if !e.Facts.Has(KnowsSndUna) || e.SndUna.Less(ack) {
		e.SndUna = ack
		e.Facts |= KnowsSndUna
	}
}

// sentUpTo raises SND.NXT to n.
func (e *Endpoint) sentUpTo(n Seq) {
	if !e.Facts.Has(KnowsSndNxt) || e.SndNxt.Less(n) {
		e.SndNxt = n
		e.Facts |= KnowsSndNxt
	}
}

// advertises notes the window that the endpoint advertises in a segment with an
// acknowledgment. peer tells whether scaling was agreed on (RFC 7323 section 2.2).
func (e *Endpoint) advertises(s *Segment, peer *Endpoint) {
	window, reach := uint32(s.Window), uint32(s.Window)
	if !s.Flags.Has(SYN) {
		switch {
		case e.Facts.Has(SentScale) && peer.Facts.Has(SentScale):
			window <<= e.Scale
			reach = window
		case !e.Facts.Has(SentSYN) || !peer.Facts.Has(SentSYN):
			// Nobody saw the handshake: the edge may be as far as any scale allows.
			reach <<= 14
		}
	}
	edge := s.Ack.Add(reach)
	if !e.Facts.Has(KnowsEdge) || e.RcvEdge.Less(edge) {
		e.RcvEdge = edge
	}
	e.Facts = e.Facts&^owesAck | KnowsEdge
	e.Window = window
	e.MaxWindow = max(e.MaxWindow, reach)
}

// opens makes the endpoint a new one, with the SYN or SYN-ACK that it sends.
func (e *Endpoint) opens(s *Segment) {
	*e = Endpoint{State: e.State, Basis: e.Basis, Facts: e.Facts & programWants}
	e.learnsSYN(s)
}

// learnsSYN takes from a SYN what it says of its sender.
func (e *Endpoint) learnsSYN(s *Segment) {
	e.Facts |= KnowsISS | SentSYN
	e.ISS = s.Seq
	e.acked(s.Seq)
	e.sentUpTo(s.End())
	e.MSS = s.Options.MSS
	if s.Options.HasScale {
		e.Facts |= SentScale
		e.Scale = min(s.Options.WindowScale, 14)
	}
	e.Window = uint32(s.Window)
	e.MaxWindow = max(e.MaxWindow, e.Window)
}

// takesSYN takes from a SYN what it says to its receiver.
func (e *Endpoint) takesSYN(seq Seq) {
	if !e.Facts.Has(KnowsIRS) || e.IRS != seq {
		e.Facts &^= KnowsRcvNxt | KnowsEdge
	}
	e.Facts |= KnowsIRS
	e.IRS = seq
	e.expects(seq.Add(1))
	if !e.Facts.Has(KnowsEdge) && e.Facts.Has(SentSYN) {
		e.Facts |= KnowsEdge
		e.RcvEdge = e.RcvNxt.Add(e.Window)
	}
}

// takesTimestamp remembers the timestamp of a segment that was accepted, as RFC
// 7323 section 4.3 does: a late one does not count, nor does one that begins behind
// what was acknowledged.
func (e *Endpoint) takesTimestamp(s *Segment) {
	if s.Options.HasTimestamps && !(e.Facts.Has(KnowsTSRecent) && (newerTimestamp(e.TSRecent, s.Options.TSVal) || e.isAhead(s))) {
		e.TSRecent = s.Options.TSVal
		e.Facts |= KnowsTSRecent
	}
}

// isAhead reports whether a segment begins behind Last.ACK.sent.
func (e *Endpoint) isAhead(s *Segment) bool {
	return e.Facts.Has(KnowsRcvNxt) && (e.RcvNxt.Less(s.Seq) || e.Facts.Has(owesAck) && s.Seq == e.RcvNxt)
}

// newerTimestamp reports whether a comes after b: timestamps wrap as sequence
// numbers do (RFC 7323 section 5.2).
func newerTimestamp(a, b uint32) bool { return int32(a-b) > 0 }

// mayReopen reports whether a SYN to the endpoint in TIME-WAIT is surely none of
// the old connection: it has a newer timestamp, or where that cannot tell, a
// higher number (RFC 6191 section 2).
func (e *Endpoint) mayReopen(syn *Segment) bool {
	if syn.Options.HasTimestamps && e.Facts.Has(KnowsTSRecent) && syn.Options.TSVal != e.TSRecent {
		return newerTimestamp(syn.Options.TSVal, e.TSRecent)
	}
	return !e.Facts.Has(KnowsRcvNxt) || e.RcvNxt.Less(syn.Seq)
}

// forgets drops what the endpoint was thought to have received from seq on:
// its own segment shows that it has not.
func (e *Endpoint) forgets(seq Seq) {
	e.Facts &^= GotFIN | HoldsFIN
	e.RcvNxt = seq
	e.held = [2]Seq{}
}

// lastState gives the state that the endpoint was in before it was thought to be
// closed: what was sent and acknowledged of the two FINs decides it (RFC 9293
// section 3.3.2, figure 5).
func (e *Endpoint) lastState() State {
	sent, acked, got := e.Facts.Has(SentFIN), e.Facts.Has(AckedFIN), e.Facts.Has(GotFIN)
	switch {
	case !sent && !got:
		return Established
	case !sent:
		return CloseWait
	case e.Facts.Has(PassiveClose):
		return LastAck
	case !got && !acked:
		return FinWait1
	case !got:
		return FinWait2
	case !acked:
		return Closing
	}
	return TimeWait
}
