package story

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
)

// Text is a text in the two languages that a lesson speaks.
type Text struct {
	EN string `json:"en,omitempty" yaml:"en"`
	ZH string `json:"zh,omitempty" yaml:"zh"`
}

// In gives the text in the language, or the one there is.
func (t Text) In(l lang.Language) string {
	if (l == lang.Chinese && t.ZH != "") || t.EN == "" {
		return t.ZH
	}
	return t.EN
}

// Event is something that happened, as a source reports it: a Call, a Frame or a
// Truth; where somebody holds the wire also an Arrival, an Impairment, an Expiry or a Reboot;
// and, where a lesson speaks without a call, a Narration.
type Event interface {
	When() time.Time
	At(t time.Time) Event // the same at another time
}

// Phase tells a call's enter from its return.
type Phase uint8

// The two phases of a call: the time between is when it blocks.
const (
	Enter Phase = iota
	Return
)

// String gives "enter" or "return".
func (p Phase) String() string {
	if p == Enter {
		return "enter"
	}
	return "return"
}

// Call is the enter or the return of one socket call of one program.
type Call struct {
	Time    time.Time
	Program string   // as the lesson names it: "server", "client", "C1"
	Side    fsm.Side // the side that the program plays
	ID      int      // the same for a call's enter and return; unique, from 1
	Phase   Phase
	Op      string // the socket call: "connect"
	FD      int    // the descriptor that it works on; -1 where there is none (socket)
	// Args are the arguments as they are written between the parentheses. At
	// return they also show what the call filled in (`4, "hello\n", 100`).
	Args   string
	Result int64  // at return: the call's result, -1 when it failed
	Errno  string // at return: the POSIX name of the error, "" for none
	// Local and Remote are the addresses of the socket that the call works on,
	// as far as they are known when the call is recorded (the zero value: not
	// known). At accept's return they are those of the new socket.
	Local, Remote netip.AddrPort
	Inferred      bool // not recorded: it must have happened, since its effect was seen
	Say           Text // the lesson's narration that begins with this call
}

// Text gives the call as a line of source: "connect(3, 127.0.0.1:10008)", and at
// return with its result: "connect(3, 127.0.0.1:10008) = -1 ECONNREFUSED". The
// result of an inferred call is not known and not written, but its error is.
func (c Call) Text() string {
	var b strings.Builder
	b.WriteString(c.Op)
	b.WriteByte('(')
	b.WriteString(c.Args)
	b.WriteByte(')')
	if r := c.ResultText(); r != "" {
		b.WriteString(" = ")
		b.WriteString(r)
	}
	return b.String()
}

// ResultText gives what the call returned, "-1 ECONNREFUSED" say; "" at enter,
// and for an inferred call whose result is not known.
func (c Call) ResultText() string {
	switch {
	case c.Phase == Enter:
		return ""
	case c.Errno != "":
		return strconv.FormatInt(c.Result, 10) + " " + c.Errno
	case c.Inferred && c.Op != "connect":
		return ""
	}
	return strconv.FormatInt(c.Result, 10)
}

// Fate says what became of a segment.
type Fate uint8

// The fates.
const (
	FateAssumed   Fate = iota // seen at one place: its arrival is not known
	FateDelivered             // seen to arrive
	FateLost                  // seen to be lost
	FateUnderWay              // seen to be sent: what becomes of it is told by an Arrival
)

// String gives "assumed", "delivered", "lost" or "under-way".
func (f Fate) String() string {
	return [...]string{"assumed", "delivered", "lost", "under-way"}[f%4]
}

// Frame is a frame of a capture that holds one TCP segment.
type Frame struct {
	Time     time.Time
	Number   int // from 1, in the order of the capture
	Src, Dst netip.AddrPort
	Segment  fsm.Segment
	Fate     Fate
	// Raw holds the captured bytes from the link header on (bounded by the
	// source: the headers are always whole), for the header view.
	Raw      []byte
	LinkType uint32 // LINKTYPE_ value of Raw
	Length   int    // bytes on the wire
	// Where in Raw the network header, the TCP header and the payload begin.
	NetOffset, TCPOffset, PayloadOffset int
}

// Truth is what a TCP stack itself says of one of its sockets.
type Truth struct {
	Time          time.Time
	Side          fsm.Side
	Local, Remote netip.AddrPort // Remote is the zero value for a listening socket
	State         fsm.State      // CLOSED when the stack has no such socket (any more)
}

// When implements [Event].
func (c Call) When() time.Time { return c.Time }

// At implements [Event].
func (c Call) At(t time.Time) Event {
	c.Time = t
	return c
}

// When implements [Event].
func (f Frame) When() time.Time { return f.Time }

// At implements [Event].
func (f Frame) At(t time.Time) Event {
	f.Time = t
	return f
}

// When implements [Event].
func (t Truth) When() time.Time { return t.Time }

// At implements [Event].
func (t Truth) At(at time.Time) Event {
	t.Time = at
	return t
}
