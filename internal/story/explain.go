package story

import (
	"fmt"

	"tcpviz/fsm"
)

// Explanation says in words what one step is.
type Explanation struct {
	What string // one or two sentences: what just happened
	Why  string // the rule's reason, "" where no rule applies
	Rule string // the rule's ID
	RFC  string // where the standard says so: "RFC 9293 §3.10.7.3"
	Now  string // what each side waits for now, "" when nothing
	// Unusual says what each of the step's anomalies means, in their order.
	Unusual []Notice
}

// Notice says what one anomaly of a segment means.
type Notice struct {
	Name string // as Wireshark names it: "fast_retransmission"
	Text string // one sentence, "" for a name that is not known
	RFC  string // where the standard says so: "RFC 9293 §3.8.1"
}

// Explain explains step n (from 1).
func (s *Story) Explain(n int) Explanation {
	step := s.At(n)
	if step == nil {
		return Explanation{}
	}
	e := Explanation{Now: joined(s.waits(step), s.onWire(step)), Unusual: notices(step.Anomalies)}
	switch step.Kind {
	case CallEnter:
		e.What = enterWords(step.Call)
	case CallReturn:
		e.What = s.returnWords(step)
	case SegmentSent:
		e.What = s.sentWords(step)
	case SegmentReceived:
		e.What = s.receivedWords(step)
	case SegmentLost:
		e.What = s.lostWords(step)
	case SegmentImpaired:
		e.What = impairedWords(step)
	case TimerExpired:
		e.What = expiredWords(step)
	case ListenerClosed:
		e.What = fmt.Sprintf("The listening socket of the %s is closed, and with it its half-open connection is gone.", step.Side)
	case HostRebooted:
		e.What = rebootedWords(step)
	case Narrated:
		e.What = narratedWords(step)
	}
	copyLost := step.Kind == SegmentLost && (step.Again || s.passageOf(step).twice) // the rule speaks of one lost for good
	if t := step.Deciding(); t != nil && !copyLost {
		e.Why, e.Rule, e.RFC = t.Rule.Reason, t.Rule.ID, Citation(t.Rule.RFC)
	}
	return e
}

// notices looks the anomalies up. What a special kind of retransmission says,
// the plain one need not repeat.
func notices(anomalies []string) []Notice {
	var all []Notice
	special := false
	for _, name := range anomalies {
		if name == "retransmission" && special {
			continue
		}
		special = special || name == "fast_retransmission" || name == "spurious_retransmission"
		f, _ := fsm.FindingOf(name)
		all = append(all, Notice{Name: name, Text: f.Reason, RFC: Citation(f.RFC)})
	}
	return all
}

// closedBefore reports whether the connection had ended at the caller's side when a
// call on it was made.
func closedBefore(enter *Step) bool {
	if enter == nil || enter.After == (fsm.Conn{}) || enter.After.Ends[enter.Side].State != fsm.Closed {
		return false
	}
	t := enter.Deciding()
	return t == nil || !t.Changed()
}

// Deciding gives the transition that says most of the step: the last that
// changed a state, else the last of all; nil when there is none.
func (s *Step) Deciding() *fsm.Transition {
	var last *fsm.Transition
	for i := range s.Transitions {
		if t := &s.Transitions[i]; t.Changed() || last == nil || !last.Changed() {
			last = t
		}
	}
	return last
}

// Citation writes out where a rule comes from: a bare section number is one of RFC 9293.
func Citation(section string) string {
	if section != "" && section[0] >= '0' && section[0] <= '9' {
		return "RFC 9293 §" + section
	}
	return section
}

// segmentName names a segment the way a teacher would: "SYN", "SYN-ACK", "FIN",
// "ACK", "data segment".
func segmentName(s *fsm.Segment) string {
	f := s.Flags
	switch {
	case f.Has(fsm.RST):
		return "RST"
	case f.Has(fsm.SYN | fsm.ACK):
		return "SYN-ACK"
	case f.Has(fsm.SYN):
		return "SYN"
	case f.Has(fsm.FIN) && s.Len > 0:
		return "FIN with " + octets(s.Len)
	case f.Has(fsm.FIN):
		return "FIN"
	case s.Len > 0:
		return "segment with " + octets(s.Len)
	case f.Has(fsm.ACK):
		return "ACK"
	}
	return "segment without flags"
}

func octets(n uint32) string {
	if n == 1 {
		return "1 byte"
	}
	return fmt.Sprintf("%d bytes", n)
}

// who names the actor of a call: the side, and the program where its name says more.
func who(c *Call) string {
	if c.Program == "" || c.Program == c.Side.String() {
		return "The " + c.Side.String()
	}
	return fmt.Sprintf("%s (%s)", c.Program, c.Side)
}

func enterWords(c *Call) string {
	actor := who(c)
	if c.Inferred {
		return inferredWords(c, actor)
	}
	switch c.Op {
	case "socket":
		return actor + " makes a socket: one end of a connection to be. It is not connected to anything yet."
	case "bind":
		return actor + " gives its socket a local address and port, so that others can find it there."
	case "listen":
		return actor + " tells its TCP to accept connections on this socket. Nothing is sent."
	case "accept":
		return actor + " asks for the next connection. accept() blocks until one is established."
	case "connect":
		return actor + " asks for a connection. connect() makes its TCP send a SYN, and blocks until the answer is there."
	case "send":
		return actor + " hands bytes to its TCP. send() returns when TCP has taken them, not when they have arrived."
	case "recv":
		return actor + " asks for bytes that have arrived. recv() blocks while there are none."
	case "shutdown":
		if shutsReceivingOnly(c) {
			return actor + " will read no more from this connection. Nothing is sent."
		}
		return actor + " will send no more: a FIN goes out after the last byte. It can still receive."
	case "close":
		return actor + " is done with the socket and closes it."
	case "setsockopt":
		return actor + " sets an option of its socket. Nothing is sent."
	}
	return fmt.Sprintf("%s calls %s().", actor, c.Op)
}

func inferredWords(c *Call, actor string) string {
	const seen = " (The call itself was not recorded.)"
	switch c.Op {
	case "connect":
		return actor + " must have called connect(): a SYN is seen." + seen
	case "listen":
		return actor + " must have called listen() before: a SYN is answered with a SYN-ACK." + seen
	case "accept":
		return actor + " must have called accept(): its program sends on the connection." + seen
	case "send":
		return actor + " must have called send() at least once: bytes are seen." + seen
	}
	return actor + " must have ended its direction by close(), by shutdown(), or by the end of the program: a FIN is seen." + seen
}

func (s *Story) returnWords(step *Step) string {
	c := step.Call
	actor := who(c)
	if c.Inferred {
		return inferredReturnWords(c)
	}
	if c.Errno != "" {
		return fmt.Sprintf("%s() fails with %s: %s", c.Op, c.Errno, errnoWords(c))
	}
	switch c.Op {
	case "socket":
		return fmt.Sprintf("The new socket is descriptor %d of the %s.", c.Result, programName(c))
	case "bind":
		return "The address is the socket's now."
	case "listen":
		return actor + " listens: connections to its address are taken, and wait for accept()."
	case "accept":
		peer := ""
		if c.Remote.IsValid() {
			peer = " from " + c.Remote.String()
		}
		return fmt.Sprintf("accept() returns a new socket, descriptor %d, for the connection%s. The listening socket goes on listening.", c.Result, peer)
	case "connect":
		return fmt.Sprintf("connect() returns: for the %s the connection is established.", c.Side)
	case "send":
		return fmt.Sprintf("TCP has taken %s; send() returns. Whether they have arrived is not known to the program.", octets(uint32(c.Result)))
	case "recv":
		if c.Result == 0 {
			return "recv() returns 0: the other side has closed its direction, and nothing more will come."
		}
		return fmt.Sprintf("recv() returns %s. More may wait in the socket; nothing is lost.", octets(uint32(c.Result)))
	case "shutdown":
		return "shutdown() returns."
	case "close":
		if step.Listener {
			return "The listening socket is gone: new connections are refused from now on."
		}
		if closedBefore(s.At(step.Peer)) {
			return "close() gives the descriptor back; the connection was over already."
		}
		return "close() returns at once; what is left of the closing is TCP's own work."
	}
	return fmt.Sprintf("%s() returns %d.", c.Op, c.Result)
}

func inferredReturnWords(c *Call) string {
	switch {
	case c.Op == "connect" && c.Errno != "":
		return "connect() should fail with " + c.Errno + " when the RST arrives: nobody listens there."
	case c.Op == "connect":
		return "connect() must have returned: the client goes on in the connection."
	case c.Op == "listen":
		return "From then on the server listened. When that was is not known."
	case c.Op == "accept":
		return "accept() must have returned by now: the program uses the connection."
	case c.Op == "send":
		return "TCP has taken the bytes. How many calls it took is not known."
	}
	return fmt.Sprintf("The %s sends nothing more after this.", c.Side)
}

func programName(c *Call) string {
	if c.Program == "" {
		return c.Side.String()
	}
	return c.Program
}

func errnoWords(c *Call) string {
	switch c.Errno {
	case "ECONNREFUSED":
		return "nobody listens at that address; the answer to the SYN was a RST."
	case "ETIMEDOUT":
		return "no answer came in time."
	case "EADDRINUSE":
		return "another socket has this address and port already."
	case "ECONNRESET":
		return "the other side has aborted the connection with a RST."
	case "EPIPE":
		return "this direction of the connection is closed; nothing can be sent on it any more."
	case "EAGAIN", "EWOULDBLOCK":
		return "nothing came within the time limit that the program set. The connection is as it was."
	case "ENOTCONN":
		return "the socket is not connected."
	case "EINTR":
		return "a signal interrupted the wait."
	}
	return "the system says so."
}

func (s *Story) sentWords(step *Step) string {
	seg := &step.Frame.Segment
	actor := "The " + step.Side.String()
	seq, ack := s.Relative(step.N)
	changed := step.changeOf(step.Side)
	switch f := seg.Flags; {
	case f.Has(fsm.RST):
		return actor + " sends a RST: this connection does not exist for it, or not any more."
	case f.Has(fsm.SYN | fsm.ACK):
		return fmt.Sprintf("%s answers the SYN with a SYN-ACK: it agrees (ack=%d) and sends its own initial sequence number (%d, shown as 0). The second segment of the handshake.", actor, ack, seg.Seq)
	case f.Has(fsm.SYN):
		return fmt.Sprintf("%s sends a SYN with its initial sequence number (%d, shown as 0). The first segment of the handshake.", actor, seg.Seq)
	case f.Has(fsm.FIN):
		first := ""
		if changed != nil && changed.To == fsm.LastAck {
			first = " Now both directions are closing."
		}
		if seg.Len > 0 {
			first = fmt.Sprintf(" The same segment carries the last %s.", octets(seg.Len)) + first
		}
		return fmt.Sprintf("%s sends a FIN: it has no more to send. The FIN takes one sequence number, %d.%s", actor, seq+seg.Len, first)
	case seg.Len > 0:
		return fmt.Sprintf("%s sends %s, numbers %d to %d.", actor, octets(seg.Len), seq, seq+seg.Len-1)
	case f.Has(fsm.ACK):
		if s.completesHandshake(step) {
			return fmt.Sprintf("%s answers the SYN-ACK with an ACK: the third segment of the handshake. It is on its way to the %s.", actor, step.Side.Other())
		}
		return fmt.Sprintf("%s acknowledges: everything before number %d has arrived there.", actor, ack)
	}
	return actor + " sends a segment without flags."
}

// completesHandshake tells the third segment of a handshake: an ACK sent in
// answer to a SYN-ACK.
func (s *Story) completesHandshake(step *Step) bool {
	cause := s.At(step.Cause)
	return cause != nil && cause.Frame != nil && cause.Kind == SegmentReceived && cause.Frame.Segment.Flags.Has(fsm.SYN|fsm.ACK)
}

// changeOf gives the last change of the side's state in this step, or nil.
func (s *Step) changeOf(side fsm.Side) *fsm.Transition {
	var last *fsm.Transition
	for i := range s.Transitions {
		if t := &s.Transitions[i]; t.Side == side && t.Changed() {
			last = t
		}
	}
	return last
}

// joined joins two sentences, either of which may be missing.
func joined(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + " " + b
}

func (s *Story) receivedWords(step *Step) string {
	what, reaches := "The", "reaches"
	if step.Frame.Fate == FateAssumed {
		reaches = "should now reach"
	}
	if step.Again {
		what = "A copy of the"
	}
	what = fmt.Sprintf("%s %s %s the %s.", what, segmentName(&step.Frame.Segment), reaches, step.Side)
	if t := step.changeOf(step.Side); t != nil {
		what += fmt.Sprintf(" %s → %s.", t.From, t.To)
	}
	return what + s.passageWords(s.passageOf(step))
}
