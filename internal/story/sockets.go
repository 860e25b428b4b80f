package story

import (
	"net/netip"
	"slices"

	"tcpviz/fsm"
)

// Socket is one socket of a host at one moment: what a program sees of it, and what
// its TCP keeps of it. A TCP has sockets that no program has a descriptor of: those
// that accept has not taken yet, and those whose program has closed them already.
type Socket struct {
	Side    fsm.Side
	Place   Place
	Program string // that holds it, "" when none does or it is not known
	FD      int    // its descriptor there, -1 when there is none or it is not known
	Conn    int    // the number of its connection, 0 for none
	// Local and Remote are what names it, beside the protocol. Neither is valid while it
	// has no such name. Of a listening socket that nobody saw made only the port is set.
	Local, Remote netip.AddrPort
	State         fsm.State
	Basis         fsm.Basis // how State is known
	Queues        *Queues   // of a listening socket, else nil
}

// Place says where a socket stands between its program and its TCP.
type Place uint8

// The places.
const (
	WithProgram   Place = iota // a program has a descriptor of it
	InSYNQueue                 // half-open: the third segment of the handshake has not come
	InAcceptQueue              // connected, and accept has not taken it yet
	LeftToTCP                  // its program has closed it, and TCP is not done with it
	CallsUnseen                // the calls were not seen, so no descriptor is known
)

// Queues are the two queues of a listening socket. The standard knows neither of them;
// Linux and netstack have both.
type Queues struct {
	SYN    []int // the connections in SYN-RECEIVED by number, the oldest first
	Accept []int // those that wait for accept, in the order in which it takes them
	// AcceptSeen tells that the calls were seen: without them nobody knows who was accepted.
	AcceptSeen bool
	// How many each queue holds at most, 0 where that is not known. It is one more than
	// listen was told, and on Linux half-open connections have no such limit: with SYN
	// cookies none of them is refused.
	SYNLimit, AcceptLimit int
	Backlog               int // as given to listen, -1 when it is not known
	// Partial tells that the story does not hold the segments of all connections: there may
	// be more in the queues.
	Partial bool
}

// Sockets knows the sockets of a story at each of its steps.
type Sockets struct {
	story    *Story
	recorded bool           // the programs' calls were seen
	partial  bool           // not all connections have steps
	calls    []int32        // the steps of recorded calls
	programs map[int]string // by twice the connection's number and the side: the program that has its socket
	// The steps of each connection that say how it is after them: those of connection c
	// are steps[first[c-1]:first[c]].
	steps []int32
	first []int32
	// Where no calls were seen: the inferred ones of each side of a connection, the
	// connections to each server, and the step that proves that it listens.
	inferred map[int][]int32
	clients  map[netip.AddrPort][]int
	listens  map[netip.AddrPort]int
}

// NewSockets reads a story once.
func NewSockets(s *Story) *Sockets {
	x := &Sockets{
		story: s, programs: make(map[int]string), first: make([]int32, s.Conns.Len()+1),
		inferred: make(map[int][]int32), clients: make(map[netip.AddrPort][]int), listens: make(map[netip.AddrPort]int),
	}
	for i := range s.Steps {
		step := &s.Steps[i]
		if step.Call != nil {
			x.call(step)
		}
		if tells(step) && step.Conn < len(x.first) {
			x.first[step.Conn]++
		}
	}
	for c := 1; c < len(x.first); c++ {
		x.partial = x.partial || x.first[c] == 0
		x.first[c] += x.first[c-1]
	}
	x.partial = x.partial || s.Only != 0
	x.steps = make([]int32, x.first[len(x.first)-1])
	next := append([]int32{0}, x.first...) // of connection c: next[c]
	for i := range s.Steps {
		if step := &s.Steps[i]; tells(step) && step.Conn < len(x.first) {
			if !x.recorded {
				x.meet(step, next[step.Conn] == x.first[step.Conn-1])
			}
			x.steps[next[step.Conn]] = int32(step.N)
			next[step.Conn]++
		}
	}
	return x
}

// call notes a call.
func (x *Sockets) call(step *Step) {
	key := programKey(step.Conn, step.Side)
	if step.Call.Inferred {
		x.inferred[key] = append(x.inferred[key], int32(step.N))
		return
	}
	x.recorded = true
	x.calls = append(x.calls, int32(step.N))
	if step.Conn > 0 && x.programs[key] == "" {
		x.programs[key] = step.Call.Program
	}
}

func programKey(conn int, side fsm.Side) int { return 2*conn + int(side) }

// tells reports whether a step says how its connection is after it. A call that
// became the connection's after the fact knows nothing of it.
func tells(step *Step) bool {
	return step.Conn > 0 && (step.Frame != nil || len(step.Transitions) > 0 || step.After != (fsm.Conn{}))
}

// upTo gives how many of some step numbers are not beyond n.
func upTo(steps []int32, n int) int {
	i, found := slices.BinarySearch(steps, int32(n))
	if found {
		i++
	}
	return i
}

// last gives the newest step up to n that says how the connection is, nil before the first.
func (x *Sockets) last(conn, n int) *Step {
	if conn < 1 || conn >= len(x.first) {
		return nil
	}
	steps := x.steps[x.first[conn-1]:x.first[conn]]
	i := upTo(steps, n)
	if i == 0 {
		return nil
	}
	return x.story.At(int(steps[i-1]))
}

// Recorded reports whether the programs' calls were seen.
func (x *Sockets) Recorded() bool { return x.recorded }

// Program gives the name of the program that has a side's socket of the connection:
// of one that is not accepted, the program that listens; "" when it is not known.
func (x *Sockets) Program(conn int, side fsm.Side) string {
	if name := x.programs[programKey(conn, side)]; name != "" || !x.recorded {
		return name
	}
	for _, n := range x.calls {
		if step := x.story.At(int(n)); step != nil && step.Side == side && (side == fsm.Server || conn == 0) {
			return step.Call.Program
		}
	}
	return ""
}

// Call gives the newest step up to n that is the enter or the return of a call: of the
// program, or, where no calls were seen, an inferred one of the side on the connection.
func (x *Sockets) Call(program string, conn int, side fsm.Side, n int) *Step {
	if !x.recorded {
		calls := x.inferred[programKey(conn, side)]
		if i := upTo(calls, n); i > 0 {
			return x.story.At(int(calls[i-1]))
		}
		return nil
	}
	for _, at := range slices.Backward(x.calls[:upTo(x.calls, n)]) {
		if step := x.story.At(int(at)); step != nil && step.Call.Program == program && step.Side == side {
			return step
		}
	}
	return nil
}

// At gives the sockets after step n: the server's side first, its listening sockets
// before the others. Where no calls were seen it gives those of the connection's server,
// and the client's of that connection alone.
func (x *Sockets) At(n, conn int) []Socket {
	if x.recorded {
		return x.replay(n)
	}
	return x.infer(n, conn)
}
