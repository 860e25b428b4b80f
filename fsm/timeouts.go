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
			if e.Facts.Has(Passive) {
				w.move(Listen, Observed, synReceivedTimeoutPassive)
			} else {
				w.move(Closed, Observed, synReceivedTimeoutActive)
			}
			return
		}
	}
	w.stay(anyIdleTimer)
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
