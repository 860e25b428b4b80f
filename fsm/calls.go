package fsm

// called is the enter of a user call (RFC 9293 sections 3.10.1 to 3.10.6). It
// changes no state, since the call may fail, and what it makes TCP send is an event
// of its own; but for a CLOSE that cannot send its FIN yet. What the program wants is
// remembered.
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
		e.Facts |= ProgramShut
		if !w.event.Waits || !w.closes() {
			w.stay(shutdownCalled(e.State))
		}
	case Close:
		e.Facts |= ProgramClosed | ProgramShut
		if !w.event.Waits || !w.closes() {
			w.stay(closeCalled(e.State))
		}
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

// closes is a CLOSE whose FIN cannot be sent yet: the state changes "in any case"
// (section 3.10.4). Where the FIN goes out at once, as nearly always, its sending
// changes the state. It reports whether there was a direction to close.
func (w *work) closes() bool {
	switch e := w.me(); e.State {
	case SynReceived:
		w.move(FinWait1, Observed, synReceivedCloseWaits)
	case Established:
		w.move(FinWait1, Observed, establishedCloseWaits)
	case CloseWait:
		e.Facts |= PassiveClose
		w.move(LastAck, Observed, closeWaitCloseWaits)
	default:
		return false
	}
	return true
}

// losesListener is the end of the listening socket that a half-open connection
// belongs to.
func (w *work) losesListener() {
	if w.stack == Netstack {
		w.move(Closed, Observed, synReceivedListenerGone)
		return
	}
	w.me().Facts |= orphaned
	w.stay(synReceivedListenerClosed)
}

// returned is the return of a user call. Only calls that have sent no segment
// change the state here.
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
		if w.closes() {
			return
		}
	case ShutdownWrite:
		if e.State == SynSent {
			w.move(Closed, Observed, synSentClose)
			return
		}
		if w.closes() {
			return
		}
	case CloseListening:
		if e.State == Listen {
			w.move(Closed, Observed, listenClose)
			return
		}
		if e.State == SynReceived && e.Facts.Has(Passive) {
			w.losesListener()
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
