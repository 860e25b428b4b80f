package fsm

// called is the enter of a user call (RFC 9293 sections 3.10.1 to 3.10.6). It
// changes no state: the call may fail, and what it makes TCP send is an event of
// its own. What the program wants is remembered.
func (w *work) called() {
	e := w.me()
	switch w.event.Call {
	case OpenPassive:
		if e.State == Closed {
			w.stay(closedPassiveOpenCalled)
		} else {
			w.stay(anyOpenAgain)
		}
	case OpenActive:
		switch e.State {
		case Closed:
			w.stay(closedActiveOpenCalled)
		case Listen:
			w.stay(listenActiveOpenCalled)
		default:
			w.stay(anyOpenAgain)
		}
	case Accept:
		w.stay(anyAcceptCalled)
	case Send:
		w.stay(sendCalled(e.State))
	case Receive:
		w.stay(receiveCalled(e.State))
	case ShutdownWrite:
		w.stay(shutdownCalled(e.State))
	case Close:
		e.Facts |= ProgramClosed
		w.stay(closeCalled(e.State))
	case Abort:
		e.Facts |= ProgramClosed | ProgramAborts
		w.stay(anyAbortCalled)
	default:
		w.stay(anyOtherCall)
	}
}

// sendCalled is the SEND call, section 3.10.2.
func sendCalled(s State) ruleIndex {
	switch s {
	case Closed:
		return closedCall
	case Listen:
		return listenSendCalled
	case SynSent, SynReceived:
		return openingSendCalled
	case Established, CloseWait:
		return synchronizedSendCalled
	default:
		return closingSendCalled
	}
}

// receiveCalled is the RECEIVE call, section 3.10.3.
func receiveCalled(s State) ruleIndex {
	switch s {
	case Closed:
		return closedCall
	case Listen:
		return listenReceiveCalled
	case SynSent, SynReceived:
		return openingReceiveCalled
	case Established, FinWait1, FinWait2:
		return synchronizedReceiveCalled
	case CloseWait:
		return closeWaitReceiveCalled
	default:
		return closingReceiveCalled
	}
}

// closeCalled is the CLOSE call, section 3.10.4.
func closeCalled(s State) ruleIndex {
	switch s {
	case Closed:
		return closedCall
	case Listen:
		return listenCloseCalled
	case SynSent:
		return synSentCloseCalled
	case SynReceived:
		return synReceivedCloseCalled
	case Established:
		return establishedCloseCalled
	case CloseWait:
		return closeWaitCloseCalled
	default:
		return closingCloseCalled
	}
}

// shutdownCalled is a shutdown of the sending direction: to TCP a CLOSE call, to
// the program a half-close.
func shutdownCalled(s State) ruleIndex {
	switch s {
	case Listen:
		return listenShutdownCalled
	case Established:
		return establishedShutdownCalled
	default:
		return closeCalled(s)
	}
}

// returned is the return of a user call. Only calls that reach no segment change
// the state here.
func (w *work) returned() {
	e := w.me()
	if w.event.Failed {
		if w.event.Call == OpenActive && e.State == SynSent {
			w.move(Closed, Observed, synSentOpenFailed)
			return
		}
		w.stay(anyCallFailed)
		return
	}
	switch w.event.Call {
	case OpenPassive:
		if e.State == Closed {
			e.Facts |= Passive
			w.move(Listen, Observed, closedPassiveOpen)
			return
		}
	case OpenActive:
		if e.State == Established {
			w.stay(establishedOpenReturned)
			return
		}
	case Accept:
		w.stay(anyAcceptReturned)
		return
	case Close:
		switch e.State {
		case Listen:
			w.move(Closed, Observed, listenClose)
			return
		case SynSent:
			w.move(Closed, Observed, synSentClose)
			return
		}
	case ShutdownWrite:
		if e.State == SynSent {
			w.move(Closed, Observed, synSentClose)
			return
		}
	case Abort:
		switch e.State {
		case Closed:
		case Listen, SynSent:
			w.move(Closed, Observed, openingAbort)
			return
		default:
			w.move(Closed, Observed, synchronizedAbort)
			return
		}
	}
	w.stay(anyCallReturned)
}
