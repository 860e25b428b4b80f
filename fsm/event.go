package fsm

// EventKind says what kind of thing happened to a connection.
type EventKind uint8

// The kinds of event, in the order in which they follow each other when they
// share a time.
const (
	Called   EventKind = iota // a program entered a user call
	Sent                      // a side put a segment on the wire: certain
	Received                  // a segment reached the other side's TCP
	Lost                      // a segment will not arrive
	Expired                   // a timer ran out
	Returned                  // a user call came back
	Rebooted                  // the host of a side failed and started again
)

// UserCall is a user/TCP call of RFC 9293 section 3.9.1, or none of them.
type UserCall uint8

// The user calls that matter to the state machine. The socket calls map to
// them: listen is OpenPassive, connect is OpenActive, send and write are Send,
// recv and read are Receive, close is Close, shutdown(SHUT_WR) is
// ShutdownWrite, and a close that must abort (SO_LINGER 0) is Abort.
const (
	NoCall UserCall = iota
	OpenPassive
	OpenActive
	Accept
	Send
	Receive
	ShutdownWrite
	Close
	Abort
	CloseListening // of the listening socket that a connection in LISTEN or SYN-RECEIVED belongs to
)

// Timer names a timer of the connection.
type Timer uint8

// The timers that an [Expired] event can name.
const (
	NoTimer             Timer = iota
	TimeWaitTimer             // 2MSL have passed in TIME-WAIT
	Retransmission            // the retransmission timeout
	UserTimeout               // the user timeout: the connection is given up
	KeepAliveTimer            // the peer did not answer keep-alive probes
	FinWait2Timer             // the orphaned FIN-WAIT-2 endpoint is given up (not in the RFC)
	SynReceivedTimer          // a half-open connection is given up by the listener
	LossProbeTimer            // the probe timeout: a tail loss probe is sent (RFC 8985 section 7)
	ReorderTimer              // what others have overtaken is taken for lost (RFC 8985 section 6)
	PersistTimer              // a closed window is probed (RFC 9293 section 3.8.6.1)
	KeepAliveProbeTimer       // an idle connection is probed (RFC 9293 section 3.8.4)
	DelayedAckTimer           // an acknowledgment was kept back for long enough (RFC 9293 section 3.8.6.3)
)

// Event is something that happened to one side of a connection.
type Event struct {
	Kind EventKind
	// Side is whose event it is: the caller's (Called, Returned), the sender's
	// (Sent, and Lost: the sender of what was lost), the receiver's (Received),
	// the owner of the timer (Expired), whose host it is (Rebooted).
	Side    Side
	Call    UserCall // for Called and Returned
	Failed  bool     // for Returned: the call gave an error
	Waits   bool     // for Called: data that was given to send before waits, and so will the FIN
	Timer   Timer    // for Expired
	Assumed bool     // for Received: nobody saw it arrive, it is only expected to have
	Queue   Queue    // for Received: what it finds at a listening socket
	Segment Segment  // for Sent, Received, Lost
}

// Basis says how a state change is known.
type Basis uint8

// The bases, strongest first.
const (
	Observed Basis = iota // the event itself proves it
	Inferred              // a later act of that side proves it
	Assumed               // expected, not yet proven
)

// String gives "observed", "inferred" or "assumed".
func (b Basis) String() string {
	return [...]string{"observed", "inferred", "assumed"}[b%3]
}

// Rule is one rule of the state machine: what may happen, why, and where the
// standard says so.
type Rule struct {
	ID     string // "syn-sent/syn-ack": unique, stable
	Reason string // one sentence for a student
	RFC    string // section of RFC 9293 ("3.10.7.3"), or another source named in full
}

// Transition is a change of one side's state, or the named reason why an event
// changed nothing (From and To are then equal).
type Transition struct {
	Side  Side
	From  State
	To    State
	Basis Basis
	Rule  *Rule // never nil; points into the package's table
}

// Changed reports whether the state is another one than before.
func (t Transition) Changed() bool { return t.From != t.To }
