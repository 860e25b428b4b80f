package story

import (
	"time"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
)

// waits says what each side waits for after the step.
func (s *Story) waits(step *Step, l lang.Language) string {
	return l.Sentences(s.waitsOf(step, fsm.Client, l), s.waitsOf(step, fsm.Server, l))
}

func (s *Story) waitsOf(step *Step, side fsm.Side, l lang.Language) string {
	if step.Conn > 0 {
		switch step.After.Ends[side].State {
		case fsm.FinWait1, fsm.Closing, fsm.LastAck:
			return l.Say("The %s waits for the ACK of its FIN.", side)
		case fsm.FinWait2:
			return l.Say("The %s waits for the other side's FIN.", side)
		case fsm.TimeWait:
			return l.Say("The %s waits 2MSL (60 s on Linux) in TIME-WAIT before it forgets the connection.", side)
		}
	}
	if enter := s.blockedCall(step, side); enter != nil {
		return s.waitOfCall(enter, step.N, l)
	}
	if step.Conn > 0 {
		switch step.After.Ends[side].State {
		case fsm.SynSent:
			return l.Say("The %s waits for a SYN-ACK.", side)
		case fsm.SynReceived:
			return l.Say("The %s waits for the ACK of its SYN-ACK.", side)
		case fsm.CloseWait:
			return l.Say("The %s's TCP waits for its program to close.", side)
		}
	}
	return ""
}

// waitOfCall says what the call entered at that step waits for at step n.
func (s *Story) waitOfCall(enter *Step, n int, l lang.Language) string {
	c := enter.Call
	program := programName(c, l)
	returned := s.At(enter.Peer)
	if returned != nil && returned.Cause > 0 && returned.Cause <= n {
		return l.Say("%s() of the %s has what it waited for and is about to return.", c.Op, program)
	}
	switch c.Op {
	case "accept":
		return l.Say("accept() of the %s waits for a connection.", program)
	case "connect":
		return l.Say("connect() of the %s waits for the answer.", program)
	case "recv":
		return l.Say("recv() of the %s waits for bytes or a FIN.", program)
	case "send":
		const noticeable = 10 * time.Millisecond // a send that has room takes microseconds
		if returned != nil && returned.Time.Sub(enter.Time) > noticeable {
			return l.Say("send() of the %s waits for room.", program)
		}
	}
	return ""
}

// blockedCall gives the step that entered the side's call that has not returned
// by the step at, or nil. Only calls of this connection or of none count, and only
// the last few hundred steps are looked at.
func (s *Story) blockedCall(at *Step, side fsm.Side) *Step {
	const far = 500
	for n := at.N; n > 0 && n > at.N-far; n-- {
		step := s.At(n)
		if step == nil {
			return nil
		}
		if step.Kind == CallEnter && step.Side == side && (step.Peer == 0 || step.Peer > at.N) &&
			(step.Conn == at.Conn || step.Conn == 0 || at.Conn == 0) {
			return step
		}
	}
	return nil
}
