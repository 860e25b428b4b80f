package fsm

// received is SEGMENT ARRIVES, RFC 9293 section 3.10.7.
func (w *work) received() {
	switch w.me().State {
	case Closed:
		w.arrivesInClosed()
	case Listen:
		w.arrivesInListen()
	case SynSent:
		w.arrivesInSynSent()
	default:
		w.arrivesOtherwise()
	}
}

// arrivesInClosed is section 3.10.7.1: whatever comes is answered with an RST,
// except an RST.
func (w *work) arrivesInClosed() {
	switch s := &w.event.Segment; {
	case s.Flags.Has(RST):
		w.stay(closedRST)
	case s.Flags.Has(SYN) && !s.Flags.Has(ACK):
		w.stay(closedSYN)
	default:
		w.stay(closedSegment)
	}
}

// arrivesInListen is section 3.10.7.2.
func (w *work) arrivesInListen() {
	e, s := w.me(), &w.event.Segment
	switch {
	case s.Flags.Has(RST): // first, check for a RST
		w.stay(listenRST)
	case s.Flags.Has(ACK): // second, check for an ACK
		w.stay(listenAck)
	case s.Flags.Has(SYN): // third, check for a SYN
		*e = Endpoint{State: e.State, Basis: e.Basis, Facts: Passive}
		e.takesSYN(s.Seq)
		e.takesTimestamp(&s.Options)
		w.move(SynReceived, w.basis(), listenSYN)
	default: // fourth, other data or control
		w.stay(listenOther)
	}
}

// arrivesInSynSent is section 3.10.7.3.
func (w *work) arrivesInSynSent() {
	e, s := w.me(), &w.event.Segment
	// First, check the ACK bit.
	ackOfSYN := s.Flags.Has(ACK) && e.SndUna.Less(s.Ack) && s.Ack.LessEq(e.SndNxt)
	if s.Flags.Has(ACK) && !ackOfSYN {
		w.stay(synSentBadAck)
		return
	}
	// Second, check the RST bit.
	if s.Flags.Has(RST) {
		if ackOfSYN {
			e.acked(s.Ack)
			w.move(Closed, w.basis(), synSentRefused)
		} else {
			w.stay(synSentRSTIgnored)
		}
		return
	}
	// Fourth, check the SYN bit; fifth, a segment without it is dropped.
	if !s.Flags.Has(SYN) {
		w.stay(synSentNeither)
		return
	}
	e.takesSYN(s.Seq)
	e.takesTimestamp(&s.Options)
	if !ackOfSYN {
		w.move(SynReceived, w.basis(), synSentSYN)
		return
	}
	e.acked(s.Ack)
	w.move(Established, w.basis(), synSentSYNACK)
	// Other controls and text go on at the sixth step of section 3.10.7.4.
	rest := *s
	rest.Seq = s.Seq.Add(1)
	rest.Flags &^= SYN
	w.takesText(&rest)
	w.takesFIN(&rest)
}

// arrivesOtherwise is section 3.10.7.4: the states from SYN-RECEIVED on.
func (w *work) arrivesOtherwise() {
	e, s := w.me(), &w.event.Segment
	if w.answersCrossedSYN() {
		return
	}
	// First, check the sequence number.
	if !w.acceptable() {
		w.unacceptable()
		return
	}
	// Second, check the RST bit.
	if s.Flags.Has(RST) {
		w.reset()
		return
	}
	e.takesTimestamp(&s.Options)
	// Third, security: not modelled. Fourth, check the SYN bit.
	if s.Flags.Has(SYN) {
		w.synInWindow()
		return
	}
	// Fifth, check the ACK field.
	if !s.Flags.Has(ACK) {
		w.stay(synchronizedNoAck)
		return
	}
	w.takesFINBefore(s)
	if !w.takesAck() {
		return
	}
	// Sixth, the URG bit: not modelled. Seventh, process the segment text.
	w.takesText(s)
	// Eighth, check the FIN bit.
	w.takesFIN(s)
	if w.silent() {
		w.stay(ackRule(e.State))
	}
}

// answersCrossedSYN is the SYN-ACK that ends a simultaneous open (section 3.5,
// figure 7): its SYN was taken before, its acknowledgment is what counts.
func (w *work) answersCrossedSYN() bool {
	e, s := w.me(), &w.event.Segment
	if e.State != SynReceived || !s.Flags.Has(SYN|ACK) || s.Flags&(RST|FIN) != 0 ||
		!e.Facts.Has(KnowsIRS|KnowsISS) || s.Seq != e.IRS || !w.ackIsNew() {
		return false
	}
	e.acked(s.Ack)
	w.move(Established, w.basis(), synReceivedSYNACK)
	return true
}

// ackIsNew reports SND.UNA < SEG.ACK =< SND.NXT.
func (w *work) ackIsNew() bool {
	e, ack := w.me(), w.event.Segment.Ack
	if !e.Facts.Has(KnowsSndUna | KnowsSndNxt) {
		return true
	}
	return e.SndUna.Less(ack) && ack.LessEq(e.SndNxt)
}

// acceptable is the first check: does the segment begin or end in the receive
// window (section 3.4, table 6).
func (w *work) acceptable() bool {
	e, s := w.me(), &w.event.Segment
	if !e.Facts.Has(KnowsRcvNxt) {
		return true
	}
	length, window := s.SeqLen(), e.rcvWnd()
	switch {
	case s.Flags.Has(RST) && s.Seq == e.RcvNxt:
		return true
	case length == 0 && window == 0:
		return s.Seq == e.RcvNxt
	case length == 0:
		return s.Seq.InWindow(e.RcvNxt, window)
	case window == 0:
		return false
	}
	return s.Seq.InWindow(e.RcvNxt, window) || (s.End()-1).InWindow(e.RcvNxt, window)
}

// unacceptable is what happens to a segment outside the window: it is dropped,
// and unless it is an RST it is answered with an ACK.
func (w *work) unacceptable() {
	e, s := w.me(), &w.event.Segment
	old := s.End().LessEq(e.RcvNxt)
	switch {
	case s.Flags.Has(RST):
		w.stay(synchronizedRSTOutside)
		return
	case s.Flags.Has(SYN):
		switch {
		case e.State == TimeWait && !s.Flags.Has(ACK):
			w.synInTimeWait()
		case e.State == SynReceived && s.Seq == e.IRS:
			w.stay(synReceivedSYNAgain)
		case s.Flags.Has(ACK) && s.Seq == e.IRS:
			w.stay(synchronizedSYNACKAgain)
		default:
			w.stay(synchronizedSYNChallenge)
		}
		return
	case !s.Flags.Has(ACK):
		w.stay(synchronizedNoAck)
		return
	}
	// The acknowledgment in a repeated last segment, and in a probe of a closed
	// window, still counts: kernels take it, and the RFC allows for the latter.
	if s.End() == e.RcvNxt || s.Seq == e.RcvNxt {
		if !w.takesAck() {
			return
		}
	}
	switch {
	case !w.silent():
	case old && s.Flags.Has(FIN) && e.State == TimeWait:
		w.stay(timeWaitFINAgain)
	case old && s.Flags.Has(FIN) && e.Facts.Has(GotFIN):
		w.stay(synchronizedFINAgain)
	case s.Seq == e.RcvNxt-1 && s.Len <= 1:
		w.stay(synchronizedKeepAlive)
	case old:
		w.stay(synchronizedOldDuplicate)
	case s.Seq == e.RcvNxt:
		w.stay(synchronizedZeroWindowProbe)
	default:
		w.stay(synchronizedOutOfWindow)
	}
}

// reset is the second check: an RST in the window (section 3.5.3, and RFC 5961
// section 3.2: only one exactly at RCV.NXT resets).
func (w *work) reset() {
	e, s := w.me(), &w.event.Segment
	if e.Facts.Has(KnowsRcvNxt) && s.Seq != e.RcvNxt {
		w.stay(synchronizedRSTChallenge)
		return
	}
	switch e.State {
	case SynReceived:
		if e.Facts.Has(Passive) {
			w.move(Listen, w.basis(), synReceivedRSTPassive)
		} else {
			w.move(Closed, w.basis(), synReceivedRSTActive)
		}
	case Closing, LastAck:
		w.move(Closed, w.basis(), closingRST)
	case TimeWait:
		w.move(Closed, w.basis(), timeWaitRST)
	default:
		w.move(Closed, w.basis(), synchronizedRST)
	}
}

// synInWindow is the fourth check.
func (w *work) synInWindow() {
	switch e := w.me(); {
	case e.State == SynReceived && e.Facts.Has(Passive):
		w.move(Listen, w.basis(), synReceivedNewSYN)
	case e.State == TimeWait:
		w.synInTimeWait()
	default:
		w.stay(synchronizedSYNChallenge)
	}
}

// synInTimeWait tells whether the SYN may open a new connection. The state
// changes when the SYN-ACK shows that it has.
func (w *work) synInTimeWait() {
	if w.me().mayReopen(&w.event.Segment) {
		w.stay(timeWaitSYN)
	} else {
		w.stay(timeWaitOldSYN)
	}
}

// takesAck is the fifth check. It reports whether the segment goes on to the next.
func (w *work) takesAck() bool {
	e, s := w.me(), &w.event.Segment
	if w.event.Assumed && e.Facts.Has(KnowsSndNxt) && e.SndNxt.Less(s.Ack) && e.State != SynReceived {
		// It acknowledges what nobody saw being sent: the capture has a gap there.
		e.SndNxt = s.Ack
	}
	if e.State == SynReceived {
		if !w.ackIsNew() {
			w.stay(synReceivedBadAck)
			return false
		}
		e.acked(s.Ack)
		w.move(Established, w.basis(), synReceivedAck)
		return true
	}
	if e.Facts.Has(KnowsSndUna|KnowsSndNxt) &&
		(s.Ack.Less(e.SndUna-Seq(w.peer().MaxWindow)) || e.SndNxt.Less(s.Ack)) {
		w.stay(synchronizedAckOutside)
		return false
	}
	e.acked(s.Ack)
	ackOfFIN := e.finIsAcked(s.Ack)
	if !ackOfFIN {
		return true
	}
	e.Facts |= AckedFIN
	switch e.State {
	case FinWait1:
		if !w.finIsNext(s) { // else it goes to TIME-WAIT at once, in the eighth step
			w.move(FinWait2, w.basis(), finWait1Ack)
		}
	case Closing:
		w.move(TimeWait, w.basis(), closingAck)
	case LastAck:
		w.move(Closed, w.basis(), lastAckAck)
		return false
	}
	return true
}

// finIsNext reports whether the segment's FIN is what RCV.NXT reaches with it.
func (w *work) finIsNext(s *Segment) bool {
	e := w.me()
	if e.Facts.Has(ProgramClosed) && s.Len > 0 {
		return false // nobody takes the text before it
	}
	return s.Flags.Has(FIN) && (!e.Facts.Has(KnowsRcvNxt) || s.Seq.LessEq(e.RcvNxt) && e.RcvNxt.Less(s.End()))
}

// takesText is the seventh step.
func (w *work) takesText(s *Segment) {
	e := w.me()
	if s.Len == 0 {
		return
	}
	switch e.State {
	case Established, FinWait1, FinWait2:
	default:
		w.stayIfSilent(closingText)
		return
	}
	if e.Facts.Has(ProgramClosed) && e.State != Established {
		w.stayIfSilent(finWaitTextAfterClose)
		return
	}
	end := s.Seq.Add(s.Len)
	if e.Facts.Has(KnowsRcvNxt) && e.RcvNxt.Less(s.Seq) {
		e.holds(s.Seq, end)
		w.stayIfSilent(synchronizedOutOfOrder)
		return
	}
	e.expects(end)
	switch e.State {
	case Established:
		w.stayIfSilent(establishedText)
	default:
		w.stayIfSilent(finWaitText)
	}
	if p := w.peer(); e.Facts.Has(HoldsFIN) && p.Facts.Has(SentFIN) && e.RcvNxt == p.FinSeq {
		w.takesFINAt(p.FinSeq, w.basis())
	}
}

// takesFIN is the eighth step.
func (w *work) takesFIN(s *Segment) {
	e := w.me()
	if !s.Flags.Has(FIN) || e.Facts.Has(GotFIN) {
		return
	}
	fin := s.Seq.Add(s.Len)
	switch {
	case !e.Facts.Has(KnowsRcvNxt), e.RcvNxt == fin:
		w.takesFINAt(fin, w.basis())
	case e.Facts.Has(ProgramClosed) && s.Len > 0:
	case e.RcvNxt.Less(fin):
		e.Facts |= HoldsFIN
		w.stayIfSilent(synchronizedEarlyFIN)
	}
}

// takesFINBefore takes a FIN that was still on its way when its receiver closed
// too: what its sender sent after it has come now, so it has come before.
func (w *work) takesFINBefore(s *Segment) {
	e, p := w.me(), w.peer()
	if w.event.Assumed && p.Facts.Has(SentFIN) && !e.Facts.Has(GotFIN) &&
		e.Facts.Has(KnowsRcvNxt) && e.RcvNxt == p.FinSeq && p.FinSeq.Less(s.Seq) {
		w.takesFINAt(p.FinSeq, Assumed)
	}
}

// takesFINAt advances RCV.NXT over the other side's FIN.
func (w *work) takesFINAt(fin Seq, b Basis) {
	e := w.me()
	e.expects(fin.Add(1))
	e.Facts |= GotFIN
	e.Facts &^= HoldsFIN
	switch e.State {
	case SynReceived, Established:
		w.move(CloseWait, b, establishedFIN)
	case FinWait1:
		if e.Facts.Has(AckedFIN) {
			w.move(TimeWait, b, finWait1FINACK)
		} else {
			w.move(Closing, b, finWait1FIN)
		}
	case FinWait2:
		w.move(TimeWait, b, finWait2FIN)
	default:
		w.stayIfSilent(synchronizedFINAgain)
	}
}

// ackRule names a segment that only acknowledges and changes nothing.
func ackRule(s State) ruleIndex {
	switch s {
	case Established:
		return establishedAck
	case FinWait1:
		return finWait1OtherAck
	case FinWait2:
		return finWait2OtherAck
	case CloseWait:
		return closeWaitAck
	case Closing, LastAck:
		return closingOtherAck
	default:
		return timeWaitAck
	}
}
