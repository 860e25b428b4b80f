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
	case s.Flags.Has(ACK) && !s.Flags.Has(SYN) && e.Facts.Has(sentCookie) && s.Ack == e.SndNxt:
		w.answersCookie()
	case s.Flags.Has(ACK): // second, check for an ACK
		w.stay(listenAck)
	case s.Flags.Has(SYN) && w.event.Queue == AcceptQueueFull:
		w.stay(listenAcceptQueueFull)
	case s.Flags.Has(SYN) && w.event.Queue == SYNQueueFull && w.stack == Linux:
		e.Facts |= sentCookie
		w.stay(listenSYNCookie)
	case s.Flags.Has(SYN) && w.event.Queue == SYNQueueFull:
		w.stay(listenSYNQueueFull)
	case s.Flags.Has(SYN): // third, check for a SYN
		*e = Endpoint{State: e.State, Basis: e.Basis, Facts: Passive}
		e.takesSYN(s.Seq)
		e.takesTimestamp(s)
		w.move(SynReceived, w.basis(), listenSYN)
	default: // fourth, other data or control
		w.stay(listenOther)
	}
}

// answersCookie is the ACK of a SYN cookie: its number brings back all that was
// forgotten.
func (w *work) answersCookie() {
	e, s := w.me(), &w.event.Segment
	if w.event.Queue == AcceptQueueFull {
		w.stay(listenCookieQueueFull)
		return
	}
	e.Facts &^= sentCookie
	e.acked(s.Ack)
	w.move(Established, w.basis(), listenCookieACK)
	w.takesText(s)
	w.takesFIN(s)
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
	e.takesTimestamp(s)
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
	if e.State == SynReceived && e.Facts.Has(orphaned) {
		w.move(Closed, w.basis(), synReceivedOrphaned)
		return
	}
	if w.answersCrossedSYN() {
		return
	}
	// Before that, RFC 7323 section 5.3 checks the timestamp.
	if w.isFromBefore() {
		w.stay(synchronizedFromBefore)
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
	e.takesTimestamp(s)
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

// isFromBefore is PAWS, as Linux does it: the timestamp is older than the newest one
// that was taken. An RST counts all the same, save in TIME-WAIT, and so does an
// acknowledgment that tells nothing new. Where nobody saw the segment arrive nothing
// is concluded from its delay.
func (w *work) isFromBefore() bool {
	e, s := w.me(), &w.event.Segment
	switch {
	case w.stack != Linux || w.event.Assumed || !s.Options.HasTimestamps || !e.Facts.Has(KnowsTSRecent),
		!newerTimestamp(e.TSRecent, s.Options.TSVal),
		s.Flags.Has(RST) && e.State != TimeWait:
		return false
	}
	return s.SeqLen() > 0 || s.Ack != e.SndUna || s.Flags.Has(RST)
}

// answersCrossedSYN is the SYN-ACK that ends a simultaneous open (section 3.5,
// figure 7): its SYN was taken before, its acknowledgment is what counts.
func (w *work) answersCrossedSYN() bool {
	e, s := w.me(), &w.event.Segment
	if e.State != SynReceived || !s.Flags.Has(SYN|ACK) || s.Flags&(RST|FIN) != 0 ||
		!e.Facts.Has(KnowsIRS|KnowsISS) || s.Seq != e.IRS || !w.ackIsNew() {
		return false
	}
	if w.stack == Netstack {
		w.stay(synReceivedSYNACKNotEnough)
		return true
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
	case s.Flags.Has(RST) && w.hasNumberOfFIN():
		w.move(Closed, w.basis(), synchronizedRSTOfFIN)
		return
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

// hasNumberOfFIN reports whether an RST has the number of the FIN that the endpoint
// has taken last, which Linux lets pass while the endpoint is about to be closed.
func (w *work) hasNumberOfFIN() bool {
	e, s := w.me(), &w.event.Segment
	return w.stack == Linux && e.Facts.Has(GotFIN) && s.Seq.Add(1) == e.RcvNxt &&
		(e.State == CloseWait || e.State == LastAck || e.State == Closing)
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
		if w.stack == Netstack {
			w.stay(timeWaitRSTIgnored)
			return
		}
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
		if e.Facts.Has(Passive) && w.event.Queue == AcceptQueueFull {
			w.stay(synReceivedAcceptQueueFull)
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
	if w.stack == Netstack && !e.Facts.Has(AckedFIN) && !e.comesNext(s) {
		w.stay(closingAckOutOfOrder)
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

// comesNext reports whether RCV.NXT lies in the segment's text or, where it has
// none, at its beginning.
func (e *Endpoint) comesNext(s *Segment) bool {
	if !e.Facts.Has(KnowsRcvNxt) {
		return true
	}
	if s.Len == 0 {
		return s.Seq == e.RcvNxt
	}
	return s.Seq.LessEq(e.RcvNxt) && e.RcvNxt.Less(s.Seq.Add(s.Len))
}

// finIsNext reports whether the segment's FIN is what RCV.NXT reaches with it.
func (w *work) finIsNext(s *Segment) bool {
	e := w.me()
	if e.Facts.Has(ProgramClosed) && s.Len > 0 {
		return false // nobody takes the text before it
	}
	return s.Flags.Has(FIN) && (!e.Facts.Has(KnowsRcvNxt) || s.Seq.LessEq(e.RcvNxt) && e.RcvNxt.Less(s.End()))
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
