package fsm

// sent is what a segment on the wire proves about the side that sent it: that it
// was in a state in which TCP sends such a segment. It also takes back what was
// only assumed and cannot have been.
func (w *work) sent() {
	switch s := &w.event.Segment; {
	case s.Flags.Has(RST):
		w.sendsRST()
	case s.Flags.Has(SYN | ACK):
		w.sendsSYNACK()
	case s.Flags.Has(SYN):
		w.sendsSYN()
	case s.Flags.Has(ACK):
		w.sendsSegment()
	default:
		w.stay(anySendsNoAck)
	}
}

// sendsRST is an abort (section 3.10.5), or the answer to a segment that belongs
// to no connection (section 3.5.2), which changes nothing.
func (w *work) sendsRST() {
	e, p, s := w.me(), w.peer(), &w.event.Segment
	answers := !s.Flags.Has(ACK) // <SEQ=SEG.ACK><CTL=RST>: the answer to a segment with an ACK
	if answers && e.Facts.Has(otherSYN|Synchronized) {
		w.restarts(w.event.Side)
		return
	}
	switch e.State {
	case Closed:
		w.stay(closedSendsRST)
		return
	case Listen:
		w.stay(listenSendsRST)
		return
	case SynSent:
		w.stay(synSentSendsRST)
		return
	case SynReceived:
		if answers && e.Facts.Has(KnowsSndNxt) && s.Seq != e.SndNxt {
			w.stay(synReceivedSendsRST)
			return
		}
		e.Facts |= SentRST
		w.move(Closed, Observed, synReceivedAbort)
		return
	case Established:
		e.Facts |= SentRST
		switch {
		case e.Basis == Assumed && e.Facts&(SentSYN|Acted) == 0:
			w.move(Closed, Observed, establishedUnknown)
		case e.Basis == Assumed && answers && !e.Facts.Has(Passive) && p.State == SynReceived:
			w.move(Closed, Observed, establishedRefusesSYNACK)
		case e.Facts.Has(ProgramClosed) && !e.Facts.Has(ProgramAborts):
			w.move(Closed, Observed, closeUnread)
		default:
			w.move(Closed, Observed, synchronizedSendsRST)
		}
		return
	case CloseWait:
		e.Facts |= SentRST
		if e.Facts.Has(ProgramClosed) && !e.Facts.Has(ProgramAborts) {
			w.move(Closed, Observed, closeUnread)
		} else {
			w.move(Closed, Observed, synchronizedSendsRST)
		}
		return
	case FinWait1, FinWait2:
		e.Facts |= SentRST
		if e.Facts.Has(ProgramClosed) && !e.Facts.Has(ProgramAborts) {
			w.move(Closed, Observed, finWaitRefusesText)
		} else {
			w.move(Closed, Observed, synchronizedSendsRST)
		}
		return
	}
	e.Facts |= SentRST
	w.move(Closed, Observed, closingSendsRST)
}

// sendsSegment is a segment with an ACK and no SYN: data, a FIN, or an
// acknowledgment alone.
func (w *work) sendsSegment() {
	e, p, s := w.me(), w.peer(), &w.event.Segment
	switch e.State {
	case Closed:
		if e.unseen() {
			w.midStream(closedMidStream)
		} else if !w.sendsAfterClose() {
			w.stay(closedSendsLate)
			return
		}
	case Listen:
		w.midStream(listenMidStream)
	case SynSent:
		w.actsAfterSYN()
	case SynReceived:
		if !w.actsAfterSYNACK() {
			e.expects(s.Ack)
			said := *s
			if w.stack == Netstack {
				said.Flags |= SYN // it does not scale this window yet, as in a SYN
			}
			e.advertises(&said, p)
			return
		}
	}
	if w.stack == Netstack && !e.Facts.Has(GotFIN) && s.Ack.Less(e.RcvNxt) {
		e.forgets(s.Ack) // it has no room left, though its window has: what came was dropped
	}
	e.Facts &^= otherSYN // the connection goes on: that SYN was an old one
	w.takesFINBack()
	before := e.SndNxt
	knew := e.Facts.Has(KnowsSndNxt)
	e.sentUpTo(s.End())
	w.provesArrivals()
	e.advertises(s, p)
	if s.Flags.Has(FIN) {
		w.sendsFIN(s.Seq.Add(s.Len))
	}
	if !w.silent() {
		return
	}
	switch {
	case knew && s.Len <= 1 && s.Seq == before-1 && !(e.Facts.Has(KnowsSndUna) && e.SndUna != before):
		w.stay(synchronizedSendsKeepAlive)
	case s.Len > 0 && knew && s.End().LessEq(before):
		w.stay(synchronizedSendsAgain)
	case s.Len > 0 && p.Facts.Has(KnowsEdge) && p.Window == 0 && p.RcvEdge.LessEq(s.Seq):
		w.stay(synchronizedProbesWindow)
	case s.Len > 0:
		w.stay(synchronizedSendsText)
	case s.Window == 0:
		w.stay(synchronizedClosesWindow)
	default:
		w.stay(sendsAckRule(e.State))
	}
}

// sendsAckRule names an acknowledgment that changes nothing.
func sendsAckRule(s State) ruleIndex {
	switch s {
	case Established:
		return establishedSendsAck
	case FinWait2:
		return finWait2SendsAck
	case CloseWait:
		return closeWaitSendsAck
	case TimeWait:
		return timeWaitSendsAck
	default:
		return closingSendsAck
	}
}

// provesArrivals looks at what the acknowledgment in a segment proves: what its
// sender has received.
func (w *work) provesArrivals() {
	e, p, s := w.me(), w.peer(), &w.event.Segment
	ackOfPeersFIN := p.finIsAcked(s.Ack)
	if e.State == CloseWait && e.Basis == Assumed && s.Flags.Has(FIN) && p.Facts.Has(SentFIN) && !ackOfPeersFIN {
		e.forgets(s.Ack)
		w.move(Established, Inferred, closeWaitFINNotSeen)
	}
	if e.State == Established {
		fresh := e.Facts.Has(Passive) && e.Facts.Has(KnowsIRS) && s.Len == 0 && !s.Flags.Has(FIN) &&
			s.Ack == e.IRS.Add(1)
		if !fresh {
			e.Facts |= Acted
			if e.Basis == Assumed && e.Facts.Has(KnowsISS) {
				e.Basis = Inferred
			}
		}
	}
	e.expects(s.Ack)
	if !ackOfPeersFIN {
		return
	}
	if !e.Facts.Has(GotFIN) {
		w.takesFINAt(p.FinSeq, Inferred)
		return
	}
	if e.Basis == Assumed && !s.Flags.Has(FIN) {
		e.Basis = Inferred
	}
}

// sendsFIN is a CLOSE (section 3.10.4), or a FIN that is sent again.
func (w *work) sendsFIN(fin Seq) {
	e := w.me()
	if e.Facts.Has(SentFIN) {
		w.sendsFINAgain()
		return
	}
	if e.Facts.Has(KnowsSndUna) && fin.Add(1).Less(e.SndUna) {
		w.stayIfSilent(synchronizedSendsOldFIN)
		return
	}
	if p := w.peer(); !e.Facts.Has(ProgramShut) && p.Facts.Has(KnowsEdge) && p.RcvEdge.Less(fin) {
		e.Facts |= doubtedFIN
	}
	e.Facts |= SentFIN
	e.FinSeq = fin
	switch e.State {
	case SynReceived:
		w.move(FinWait1, Observed, synReceivedClose)
	case Established:
		w.move(FinWait1, Observed, establishedClose)
	case CloseWait:
		e.Facts |= PassiveClose
		w.move(LastAck, Observed, closeWaitClose)
	case FinWait1, Closing, LastAck:
		w.stayIfSilent(closingSendsFIN)
	default:
		w.stayIfSilent(synchronizedSendsFINAgain)
	}
}

// takesFINBack looks whether a side goes on where it was before its FIN, when
// the FIN lay outside the other side's window: then the FIN was not its own.
func (w *work) takesFINBack() {
	e, s := w.me(), &w.event.Segment
	if !e.Facts.Has(SentFIN|doubtedFIN) || e.Facts.Has(AckedFIN) || s.Flags.Has(FIN) || !s.Seq.Less(e.FinSeq) {
		return
	}
	e.Facts &^= SentFIN | doubtedFIN | PassiveClose
	e.SndNxt = s.End()
	w.move(e.lastState(), Inferred, closingFINNotItsOwn)
}

// sendsFINAgain takes back what an ACK of the FIN was assumed to have done: a
// FIN is sent again only while its ACK has not come.
func (w *work) sendsFINAgain() {
	e, p, s := w.me(), w.peer(), &w.event.Segment
	if e.Basis == Assumed {
		switch e.State {
		case FinWait2:
			e.Facts &^= AckedFIN
			w.move(FinWait1, Inferred, finWait2SendsFINAgain)
			return
		case TimeWait:
			e.Facts &^= AckedFIN
			if p.finIsAcked(s.Ack) {
				w.move(Closing, Inferred, timeWaitSendsFINAgain)
			} else {
				e.forgets(s.Ack)
				w.move(FinWait1, Inferred, timeWaitSendsFINAgain)
			}
			return
		}
	}
	w.stayIfSilent(synchronizedSendsFINAgain)
}
