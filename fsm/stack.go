package fsm

// Stack names an implementation of TCP. Where one departs from RFC 9293 a rule of
// its own says so; the model follows that rule for an endpoint whose Stack is known.
type Stack uint8

// The stacks.
const (
	AnyStack Stack = iota // not known: the standard, and what the rules say that Linux does besides
	Linux
	Netstack // gVisor's netstack
)

// Queue says what an arriving segment finds at the listening socket that it is for,
// or that the half-open connection belongs to. The standard knows no such queue.
type Queue uint8

// The queues.
const (
	QueueHasRoom    Queue = iota // or it is not known how long it is
	SYNQueueFull                 // as many half-open connections as there may be
	AcceptQueueFull              // as many finished connections wait for accept as there may be
)
