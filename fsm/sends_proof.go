package fsm

// fillBlankAck mends a segment of which the capture has lost the acknowledgment
// number (anonymised captures hold 0): it is read as one that acknowledges all
// that was sent. 0 is left alone where it can be meant.
func (w *work) fillBlankAck() {
	s := &w.event.Segment
	other := w.event.Side.Other()
	if w.event.Kind == Received {
		other = w.event.Side
	}
	e := &w.conn.Ends[other]
	if s.Ack != 0 || !s.Flags.Has(ACK) || s.Flags.Has(RST) || !e.Facts.Has(KnowsSndNxt) {
		return
	}
	const far = 1 << 24
	if d := e.SndNxt.Sub(0); d > far || d < -far {
		s.Ack = e.SndNxt
	}
}

// midStream is the first that is seen of an endpoint, in the middle of its
// connection. The other one is expected to be in it too.
func (w *work) midStream(r ruleIndex) {
	p, s := w.peer(), &w.event.Segment
	w.move(Established, Assumed, r)
	if p.State == Closed && p.unseen() {
		p.sentUpTo(s.Ack)
		w.enter(w.event.Side.Other(), Established, Assumed, closedMidStreamPeer)
	}
}

// sendsAfterClose is a closed endpoint that goes on in its connection: then it
// was not closed. It reports whether that is so.
func (w *work) sendsAfterClose() bool {
	e, s := w.me(), &w.event.Segment
	if e.Facts.Has(KnowsSndUna) && s.End().Add(1).Less(e.SndUna) {
		return false // an old duplicate
	}
	goesOn := s.Len > 0 && (!e.Facts.Has(KnowsSndNxt) || e.SndNxt.Less(s.End())) || // new text
		e.Facts.Has(KnowsRcvNxt) && e.RcvNxt.Less(s.Ack) // it has taken what came after
	if e.Basis != Assumed && !goesOn {
		return false
	}
	if e.Facts.Has(PassiveClose | AckedFIN) {
		e.Facts &^= AckedFIN
		w.move(LastAck, Inferred, closedSendsFINAgain)
		return true
	}
	e.Facts &^= SentRST
	w.move(e.lastState(), Inferred, closedStillSends)
	return true
}

// actsAfterSYN is an endpoint in SYN-SENT that sends an ACK: it has got a
// SYN-ACK, seen or not.
func (w *work) actsAfterSYN() {
	e, p, s := w.me(), w.peer(), &w.event.Segment
	if e.Facts.Has(otherSYN) && s.Seq == e.otherISS.Add(1) {
		e.ISS = e.otherISS
		e.SndNxt = s.Seq
	}
	e.SndUna = e.ISS.Add(1)
	if !p.Facts.Has(SentSYN) && (p.State == Closed || p.State == Listen) {
		rule := closedSYNACKUnseen
		if p.State == Listen {
			rule = listenSYNACKUnseen
		}
		*p = Endpoint{State: p.State, Facts: Passive | KnowsISS | KnowsSndUna | KnowsSndNxt}
		p.ISS = s.Ack - 1
		p.SndUna, p.SndNxt = p.ISS, s.Ack
		p.takesSYN(e.ISS)
		w.enter(w.event.Side.Other(), SynReceived, Inferred, rule)
	}
	e.Facts &^= KnowsRcvNxt
	e.expects(s.Ack)
	w.move(Established, Inferred, synSentActs)
}

// actsAfterSYNACK is an endpoint in SYN-RECEIVED that sends something else than
// its SYN-ACK. It reports whether that proves that it got the ACK of its SYN.
func (w *work) actsAfterSYNACK() bool {
	e, s := w.me(), &w.event.Segment
	switch {
	case s.Len > 0 && e.Facts.Has(FastOpen):
		e.sentUpTo(s.End())
		w.stay(synReceivedFastOpen)
		return false
	case s.Len > 0, e.Facts.Has(KnowsRcvNxt) && e.RcvNxt.Less(s.Ack):
		w.move(Established, Inferred, synReceivedActs)
		return true
	case s.Flags.Has(FIN):
		return true // CLOSE in SYN-RECEIVED sends a FIN: section 3.10.4
	}
	w.stay(synReceivedSendsAck)
	return false
}
