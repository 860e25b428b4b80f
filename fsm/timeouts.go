package fsm

// expired is a timeout (RFC 9293 section 3.10.8, and the timers that stacks have
// besides).
func (w *work) expired() {
	e := w.me()
	switch w.event.Timer {
	case TimeWaitTimer:
		if e.State == TimeWait {
			w.move(Closed, Observed, timeWaitExpired)
			return
		}
	case Retransmission:
		if e.State != Closed && e.State != Listen && e.State != TimeWait {
			w.stay(anyRetransmission)
			return
		}
	case UserTimeout:
		if e.State != Closed && e.State != Listen {
			w.move(Closed, Observed, anyUserTimeout)
			return
		}
	case KeepAliveTimer:
		switch e.State {
		case Closed, Listen, SynSent, SynReceived, TimeWait:
		default:
			w.move(Closed, Observed, synchronizedKeepAliveTimeout)
			return
		}
	case FinWait2Timer:
		if e.State == FinWait2 {
			w.move(Closed, Observed, finWait2Timeout)
			return
		}
	case SynReceivedTimer:
		if e.State == SynReceived {
			switch {
			case e.Facts.Has(orphaned):
				w.move(Closed, Observed, synReceivedTimeoutOrphaned)
			case e.Facts.Has(Passive):
				w.move(Listen, Observed, synReceivedTimeoutPassive)
			default:
				w.move(Closed, Observed, synReceivedTimeoutActive)
			}
			return
		}
	}
	if rule, ok := asks(w.event.Timer); ok && e.State != Listen && e.State != SynSent && e.State != SynReceived && e.State != Closed {
		w.stay(rule)
		return
	}
	w.stay(anyIdleTimer)
}

// Asks reports whether a timer does nothing but make a synchronized TCP send
// something: a probe, or an acknowledgment that was kept back.
func Asks(t Timer) bool {
	_, ok := asks(t)
	return ok
}

// asks gives the rule of a timer that only makes a synchronized TCP send something.
func asks(t Timer) (ruleIndex, bool) {
	switch t {
	case LossProbeTimer:
		return synchronizedLossProbe, true
	case ReorderTimer:
		return synchronizedReorder, true
	case PersistTimer:
		return synchronizedWindowProbe, true
	case KeepAliveProbeTimer:
		return synchronizedKeepAliveProbe, true
	case DelayedAckTimer:
		return synchronizedDelayedAck, true
	}
	return 0, false
}

// rebooted is a host that fails and starts again: its TCP has lost its memory
// (section 3.5.1).
func (w *work) rebooted() {
	e := w.me()
	if e.State == Closed {
		w.stay(closedReboot)
		return
	}
	e.Facts &^= programWants
	w.move(Closed, Observed, anyReboot)
}

// lost is a segment that will not arrive. It changes nothing: neither side knows.
func (w *work) lost() {
	switch s := &w.event.Segment; {
	case s.Flags.Has(RST):
		w.stay(anyLostRST)
	case s.SeqLen() == 0:
		w.stay(anyLostAck)
	default:
		w.stay(anyLost)
	}
}
