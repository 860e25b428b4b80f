package lesson

import (
	"net/netip"
	"time"

	"tcpviz/fsm"
	"tcpviz/internal/story"
)

// Lesson is a play of socket calls.
type Lesson struct {
	ID       string // lower-case letters, digits and hyphens
	Title    story.Text
	Summary  story.Text
	Programs []Program // in the order of their lanes
	Steps    []Step
	Ends     []End       // what the narration promises of each connection, in the order in which they began
	See      []fsm.State // states that some end must have passed
	Stages   []string    // the stages that can carry it, of loopback, wire and sim; empty: all, or those that hold the wire when it touches it
	Retry    int         // how often the lesson may be played until See is fulfilled; 0 is once
}

// Program is one of the programs that make calls.
type Program struct {
	Name string
	Side fsm.Side
}

// Program gives the program of that name.
func (l Lesson) Program(name string) (Program, bool) {
	for _, p := range l.Programs {
		if p.Name == name {
			return p, true
		}
	}
	return Program{}, false
}

// Step is one moment of a lesson: one act, or several that are let go together.
type Step struct {
	Line int // in the lesson's file, from 1
	Say  story.Text
	Acts []Act
	// Wire is what is done to the wire before the acts (a step may have no acts then).
	Wire []WireAct
	// Reboot are the sides whose hosts fail and start again before anything else of
	// the step: their sockets are gone without a word.
	Reboot []fsm.Side
}

// Act is what one program does in a step: its calls, one directly after the other.
type Act struct {
	Program string
	Calls   []Call // never empty
}

// End is the state that each end of one connection must be in at the end.
type End struct {
	Line int
	Of   [2]Promise // indexed by fsm.Side
}

// Promise is the promised state of one end of a connection.
type Promise struct {
	Program string // "" when nothing is promised
	State   fsm.State
}

// Op is the name of a socket call.
type Op string

// The calls that a lesson can make.
const (
	Socket      Op = "socket"
	Bind        Op = "bind"
	Listen      Op = "listen"
	Accept      Op = "accept"
	Connect     Op = "connect"
	Send        Op = "send"
	Recv        Op = "recv"
	Shutdown    Op = "shutdown"
	SetSockOpt  Op = "setsockopt"
	GetSockName Op = "getsockname"
	GetPeerName Op = "getpeername"
	Close       Op = "close"
)

// Call is one socket call as the file states it.
type Call struct {
	Line   int
	Source string         // as it is written in the file
	Assign string         // the program's name for the new descriptor (socket, accept), "" for none
	Op     Op             // what is called
	Socket string         // the program's name of the descriptor that it works on ("" for socket)
	IPv6   bool           // socket: AF_INET6
	Addr   netip.AddrPort // bind, connect; when Hosted, the address on loopback
	Hosted bool           // the address is written by its host: server:10008
	Host   fsm.Side       // when Hosted: whose host
	Size   int            // listen: the backlog; recv: the most octets to take
	Data   []byte         // send
	How    string         // shutdown: SHUT_RD, SHUT_WR, SHUT_RDWR
	Option string         // setsockopt: the option's name
	Value  Value          // setsockopt: what it is set to
	Want   Want           // what the call must give
}

// Value is the value of a socket option.
type Value struct {
	Number int           // most options; the seconds of SO_LINGER
	Time   time.Duration // SO_RCVTIMEO, SO_SNDTIMEO
	On     bool          // SO_LINGER
}

// Want is the outcome that a lesson states for a call. The zero value states nothing.
type Want struct {
	Stated  bool
	Result  int64
	Errno   string // with Result -1: the POSIX name of the error, "" for any
	HasData bool
	Data    []byte // for recv, when HasData
}
