package story

import (
	"net/netip"
	"time"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
)

// Arrival tells what became of a frame whose Fate is FateUnderWay. One frame may
// arrive more than once: the wire has made copies of it.
type Arrival struct {
	Time  time.Time
	Frame int  // Number of the frame
	Fate  Fate // FateDelivered or FateLost
}

// Expiry is a timer of a TCP stack that ran out.
type Expiry struct {
	Time          time.Time
	Side          fsm.Side // whose timer, where the addresses do not tell
	Local, Remote netip.AddrPort
	Timer         fsm.Timer
}

// Reboot is a host that fails and starts again: the sockets of its side are gone
// without a word, and its programs begin anew.
type Reboot struct {
	Time time.Time
	Side fsm.Side
}

// Impairment is something that was done to a segment on the wire, by the lesson or
// by the user. What it leads to (an arrival, a second one, a loss) is told by
// Arrival events of its own.
type Impairment struct {
	Time   time.Time
	Frame  int // Number of the frame, whose Fate is FateUnderWay
	What   Impaired
	For    time.Duration // of Delayed: for how long; 0 where it is not known
	ByUser bool          // by the user's hand, not by the lesson
}

// Impaired says what was done to a segment on the wire.
type Impaired uint8

// What can be done to a segment on the wire.
const (
	Held       Impaired = iota // it waits until somebody decides
	Delayed                    // it waits for a set time
	Duplicated                 // there are two of it now
	Swapped                    // it waits until the next segment of its direction has passed
	Dropped                    // it is taken off the wire
)

var impairedNames = [...]string{"held", "delayed", "duplicated", "swapped", "dropped"}

// String gives "held", "delayed", "duplicated", "swapped" or "dropped".
func (i Impaired) String() string {
	if int(i) < len(impairedNames) {
		return impairedNames[i]
	}
	return "impaired"
}

// ParseImpaired is the inverse of Impaired.String.
func ParseImpaired(s string) (Impaired, bool) {
	for i, name := range impairedNames {
		if s == name {
			return Impaired(i), true
		}
	}
	return 0, false
}

var timerNames = [...]string{
	fsm.TimeWaitTimer: "time-wait", fsm.Retransmission: "retransmission", fsm.UserTimeout: "user-timeout",
	fsm.KeepAliveTimer: "keep-alive", fsm.FinWait2Timer: "fin-wait-2", fsm.SynReceivedTimer: "syn-received",
	fsm.LossProbeTimer: "loss-probe", fsm.ReorderTimer: "reordering", fsm.PersistTimer: "persist",
	fsm.KeepAliveProbeTimer: "keep-alive-probe", fsm.DelayedAckTimer: "delayed-ack",
}

// TimerName gives the name of a timer for machines, "retransmission" say; "" for none.
func TimerName(t fsm.Timer) string {
	if int(t) < len(timerNames) {
		return timerNames[t]
	}
	return ""
}

// ParseTimer is the inverse of TimerName.
func ParseTimer(s string) (fsm.Timer, bool) {
	for t, name := range timerNames {
		if name != "" && s == name {
			return fsm.Timer(t), true
		}
	}
	return fsm.NoTimer, false
}

// TimerWords gives the name of a timer for people: "retransmission timer".
func TimerWords(t fsm.Timer, l lang.Language) string {
	switch t {
	case fsm.TimeWaitTimer:
		return l.Text("TIME-WAIT timer")
	case fsm.Retransmission:
		return l.Text("retransmission timer")
	case fsm.UserTimeout:
		return l.Text("user timeout")
	case fsm.KeepAliveTimer, fsm.KeepAliveProbeTimer:
		return l.Text("keep-alive timer")
	case fsm.FinWait2Timer:
		return l.Text("FIN-WAIT-2 timer")
	case fsm.SynReceivedTimer:
		return l.Text("SYN-RECEIVED timer")
	case fsm.LossProbeTimer:
		return l.Text("loss probe timer")
	case fsm.ReorderTimer:
		return l.Text("reordering timer")
	case fsm.PersistTimer:
		return l.Text("persist timer")
	case fsm.DelayedAckTimer:
		return l.Text("delayed ACK timer")
	case fsm.NoTimer:
	}
	return l.Text("timer")
}

// When implements [Event].
func (a Arrival) When() time.Time { return a.Time }

// At implements [Event].
func (a Arrival) At(t time.Time) Event {
	a.Time = t
	return a
}

// When implements [Event].
func (e Expiry) When() time.Time { return e.Time }

// At implements [Event].
func (e Expiry) At(t time.Time) Event {
	e.Time = t
	return e
}

// When implements [Event].
func (i Impairment) When() time.Time { return i.Time }

// At implements [Event].
func (i Impairment) At(t time.Time) Event {
	i.Time = t
	return i
}

// When implements [Event].
func (r Reboot) When() time.Time { return r.Time }

// At implements [Event].
func (r Reboot) At(t time.Time) Event {
	r.Time = t
	return r
}
