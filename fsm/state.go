package fsm

// State is a state of one TCP endpoint (RFC 9293 section 3.3.2).
type State uint8

// The eleven states. The zero value is CLOSED, "no connection state at all".
const (
	Closed State = iota
	Listen
	SynSent
	SynReceived
	Established
	FinWait1
	FinWait2
	CloseWait
	Closing
	LastAck
	TimeWait
)

// StateCount is the number of states; states are 0 to StateCount-1.
const StateCount = int(TimeWait) + 1

var stateNames = [StateCount]string{
	"CLOSED", "LISTEN", "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED", "FIN-WAIT-1",
	"FIN-WAIT-2", "CLOSE-WAIT", "CLOSING", "LAST-ACK", "TIME-WAIT",
}

// String gives the state's name as RFC 9293 spells it.
func (s State) String() string {
	if int(s) < StateCount {
		return stateNames[s]
	}
	return "?"
}

// ParseState gives the state with that RFC 9293 name.
func ParseState(name string) (State, bool) {
	for i, n := range stateNames {
		if n == name {
			return State(i), true
		}
	}
	return 0, false
}

// Side is one end of a connection.
type Side uint8

// The two sides: the client is the active opener, the server the other one.
const (
	Client Side = iota
	Server
)

// Other gives the opposite side.
func (s Side) Other() Side { return 1 - s }

// String gives "client" or "server".
func (s Side) String() string {
	if s == Client {
		return "client"
	}
	return "server"
}
