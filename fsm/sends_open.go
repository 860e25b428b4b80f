package fsm

// sendsSYN is an active OPEN (section 3.10.1), or its repetition.
func (w *work) sendsSYN() {
	e, s := w.me(), &w.event.Segment
	mine := e.Facts.Has(KnowsISS) && s.Seq == e.ISS
	late := mine && !e.Facts.Has(SentSYN) // its SYN-ACK was seen first
	if late {
		e.learnsSYN(s)
	}
	switch e.State {
	case Closed:
		if mine && !e.Facts.Has(Synchronized) {
			e.SndUna = e.ISS
			w.move(SynSent, Inferred, closedSendsSYNAgain)
			return
		}
		e.opens(s)
		w.move(SynSent, Observed, closedActiveOpen)
		return
	case Listen:
		e.opens(s)
		w.move(SynSent, Observed, listenActiveOpen)
		return
	case TimeWait:
		if !mine {
			e.opens(s)
			w.move(SynSent, Observed, timeWaitActiveOpen)
			return
		}
	case SynSent:
		switch {
		case late:
			e.Basis = Observed
			w.stay(synchronizedSYNSeenLate)
		case mine:
			e.learnsSYN(s)
			w.stay(synSentSendsSYNAgain)
		default:
			e.otherISS = s.Seq
			e.Facts |= otherSYN
			w.stay(synSentSendsOtherSYN)
		}
		return
	case SynReceived:
		if mine && !late && e.Basis == Assumed && !e.Facts.Has(Passive) {
			e.Facts &^= KnowsIRS | KnowsRcvNxt | KnowsEdge
			w.move(SynSent, Inferred, synReceivedSendsSYNAgain)
			return
		}
	case Established:
		if mine && !late && e.Basis == Assumed && !e.Facts.Has(Acted) && !e.Facts.Has(Passive) {
			e.Facts &^= Synchronized | KnowsIRS | KnowsRcvNxt | KnowsEdge
			e.SndUna = e.ISS
			w.move(SynSent, Inferred, establishedSendsSYNAgain)
			return
		}
	}
	switch {
	case late:
		w.stay(synchronizedSYNSeenLate)
	case mine:
		w.stay(synchronizedSendsOldSYN)
	default:
		e.otherISS = s.Seq
		e.Facts |= otherSYN
		w.stay(synchronizedSendsOtherSYN)
	}
}

// restarts is a side whose SYN with another number, in the middle of a
// connection, turns out to be meant: it has lost the old connection (section
// 3.5.1, half-open connections).
func (w *work) restarts(side Side) {
	e := &w.conn.Ends[side]
	w.enter(side, SynSent, Inferred, synchronizedRestarted)
	syn := Segment{Seq: e.otherISS, Flags: SYN, Window: uint16(min(e.Window, 0xffff))}
	e.opens(&syn)
}

// sendsSYNACK is the answer to a SYN: whoever sends it is in SYN-RECEIVED.
func (w *work) sendsSYNACK() {
	e, s := w.me(), &w.event.Segment
	mine := e.Facts.Has(KnowsISS) && s.Seq == e.ISS
	p := w.peer()
	switch {
	case p.State == Closed && p.unseen():
		w.sentUnseenSYN()
	case p.Facts.Has(otherSYN|Synchronized) && !mine && s.Ack == p.otherISS.Add(1):
		w.restarts(w.event.Side.Other())
		if e.State != Closed && e.State != Listen {
			*e = Endpoint{State: e.State, Facts: Passive}
			w.move(SynReceived, Inferred, synchronizedSendsNewSYNACK)
			w.answersSYN()
			return
		}
	}
	rule := synReceivedSendsSYNACK
	switch e.State {
	case Closed:
		if mine && !e.Facts.Has(Passive|Synchronized) {
			w.move(SynReceived, Inferred, closedStillSends)
			break
		}
		*e = Endpoint{Facts: Passive}
		w.move(Listen, Inferred, closedWasListening)
		w.move(SynReceived, Inferred, listenSendsSYNACK)
	case Listen:
		cookie := e.Facts & sentCookie
		*e = Endpoint{State: e.State, Facts: Passive | cookie}
		if cookie != 0 {
			w.stay(listenSendsCookie)
			break
		}
		w.move(SynReceived, Inferred, listenSendsSYNACK)
	case TimeWait:
		if mine {
			w.stay(synchronizedSendsOldSYNACK)
			return
		}
		*e = Endpoint{State: e.State, Facts: Passive}
		w.move(SynReceived, Inferred, timeWaitSendsSYNACK)
	case SynSent:
		w.move(SynReceived, Inferred, synSentSendsSYNACK)
	case SynReceived:
		switch {
		case e.Facts.Has(SentSYNACK) && mine:
			rule = synReceivedSendsSYNACKAgain
		case e.Facts.Has(SentSYNACK):
			*e = Endpoint{State: e.State, Basis: e.Basis, Facts: e.Facts & Passive}
		}
		if e.Basis == Assumed {
			e.Basis = Inferred
		}
	case Established:
		if !mine || e.Facts.Has(Acted) {
			w.stay(synchronizedSendsOldSYNACK)
			return
		}
		e.Facts &^= Synchronized
		if e.Facts.Has(Passive) {
			w.move(SynReceived, Inferred, establishedSendsSYNACKAgain)
		} else {
			w.move(SynReceived, Inferred, establishedSYNsCrossed)
		}
		e.SndUna = e.ISS
	default:
		w.stay(synchronizedSendsOldSYNACK)
		return
	}
	w.answersSYN()
	w.stayIfSilent(rule)
}

// answersSYN learns the numbers of a SYN-ACK.
func (w *work) answersSYN() {
	e, p, s := w.me(), w.peer(), &w.event.Segment
	e.learnsSYN(s)
	e.Facts |= SentSYNACK
	if p.Facts.Has(SentSYN) && p.ISS.Add(1).Less(s.Ack) && s.Ack.LessEq(p.SndNxt) {
		e.Facts |= FastOpen // it acknowledges text on the SYN too
		e.takesSYN(p.ISS)
		e.expects(s.Ack)
	} else {
		e.takesSYN(s.Ack - 1)
	}
	e.advertises(s, p)
}

// sentUnseenSYN gives the peer the SYN that a SYN-ACK answers and nobody saw.
func (w *work) sentUnseenSYN() {
	p, s := w.peer(), &w.event.Segment
	p.Facts |= KnowsISS
	p.ISS = s.Ack - 1
	p.acked(p.ISS)
	p.sentUpTo(s.Ack)
	w.enter(w.event.Side.Other(), SynSent, Inferred, closedSYNUnseen)
}
