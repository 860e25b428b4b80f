package lab

import (
	"net/netip"

	"tcpviz/fsm"
)

// endpoint names one socket of the stack. Remote is the zero value for a
// listening one.
type endpoint struct{ local, remote netip.AddrPort }

func (e endpoint) peer() endpoint { return endpoint{e.remote, e.local} }

// socketState is what the stack says of one of its sockets.
type socketState struct {
	endpoint endpoint
	state    fsm.State
	unacked  uint32 // segments sent and not acknowledged, SYN and FIN included
	unsent   uint32 // octets not sent yet
	window   uint32 // octets that the peer would take
	queued   uint32 // octets received and not read, or connections not accepted
	in, out  uint32 // segments so far
	// Of the stages Wire and Sim.
	timer   bool      // a timer is set that may change what a program waits for
	next    fsm.Timer // the timer that is set, where it is known
	retries int       // how often that timer has run out in a row, where it is known
}

// moving reports whether something is on its way that this socket waits for and
// that needs no program to act.
func (s socketState) moving() bool {
	switch s.state {
	case fsm.SynSent, fsm.SynReceived, fsm.FinWait1, fsm.Closing, fsm.LastAck:
		return true
	}
	if s.unacked == 0 && s.window == 0 {
		return false // only the peer's program can open the window
	}
	return s.unacked > 0 || s.unsent > 0
}
