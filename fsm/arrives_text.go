package fsm

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
	e.Facts |= owesAck
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
	case e.RcvNxt.Less(fin) && s.Len == 0 && w.stack == Netstack:
		w.stayIfSilent(synchronizedEarlyFINForgotten)
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
