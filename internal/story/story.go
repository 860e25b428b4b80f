package story

import (
	"time"

	"tcpviz/fsm"
)

// Meta is what a story is about.
type Meta struct {
	Lesson   string // the lesson's id, "" when there is none
	Title    Text
	Source   string // file or interface, for the title bar; already free of control characters
	Stage    string // "loopback", …; "" for a capture
	StageWhy string // one sentence: which stage this is and why
	Recorded bool   // replayed from a recording, not run now
}

// Kind is the kind of a step.
type Kind uint8

// The kinds of step.
const (
	CallEnter Kind = iota
	SegmentSent
	SegmentReceived
	SegmentLost
	TimerExpired
	CallReturn
)

// Step is one moment of the story.
type Step struct {
	N    int // from 1; Story.At(N) is this step
	Time time.Time
	Kind Kind
	// Conn is the number of the connection it belongs to; 0 for calls that belong
	// to no connection (those on a listening socket, or before a connection is known).
	Conn int
	Side fsm.Side // the caller's, the sender's (sent, lost) or the receiver's (received)
	// Call is the call of a CallEnter or CallReturn step, else nil. Frame is the
	// frame of a segment step, else nil. Both are shared and must not be changed.
	Call  *Call
	Frame *Frame
	Timer fsm.Timer
	// Transitions are what the event did to the connection; those that are not
	// Changed name the rule that says why nothing changed.
	Transitions []fsm.Transition
	// After is the connection after this step (the zero value when Conn is 0).
	After fsm.Conn
	// Listener marks a step whose Transitions are those of a listening socket
	// (listen, and close on it), not of a connection's endpoint.
	Listener bool
	// Cause is the number of the step that caused this one, 0 when none is known:
	// the call whose doing sent this segment, the sending of a segment received,
	// the segment (or call) that let this call return.
	Cause int
	// Peer is, for a call's enter, the number of its return (0: it has not
	// returned), and the other way round; for a segment's sending the number of
	// its arrival or loss, and the other way round.
	Peer      int
	Anomalies []string // what is unusual about a segment, by Wireshark's names, at its sending
	Truths    []Check  // what the stack said after this step
}

// Check is a truth beside what the model says.
type Check struct {
	Truth Truth
	Conn  int // 0 for a listening socket
	Model fsm.State
	Agree bool
}

// Totals counts what was read.
type Totals struct {
	Frames   int            // frames read, TCP or not
	Segments int            // TCP segments among them
	Skipped  map[string]int // frames without a TCP segment, by reason
	Unshown  int            // segments counted but not kept as steps (see Builder.Limit)
	Early    int            // connections that were finished early, to stay within memory; what came later counts as another one
	Dropped  int            // frames that the kernel dropped before they could be read
	Checked  int            // truths compared
	Agree    int            // of them, how many the model had right
	Error    string         // why reading ended early, "" when it did not
}

// NoSteps is the Only of a story that has connections, but no steps yet.
const NoSteps = -1

// Story is a timeline. A Story that a Builder gave out is never changed
// afterwards: it may be read from any goroutine.
type Story struct {
	Meta  Meta
	Steps []Step
	First int // steps forgotten: Steps[0] has number First+1
	// Only tells whose steps these are, where a capture is too large to hold all of
	// them: 0 for those of all connections, else the number of one connection, or NoSteps.
	Only   int
	Conns  Connections
	Totals Totals
}

// At gives step n (from 1), or nil when the story does not hold it.
func (s *Story) At(n int) *Step {
	if i := n - 1 - s.First; i >= 0 && i < len(s.Steps) {
		return &s.Steps[i]
	}
	return nil
}

// Relative gives the relative sequence and acknowledgment numbers of a segment
// step: counted from the sender's and the other side's initial sequence numbers.
// The acknowledgment number is 0 for a segment without ACK.
func (s *Story) Relative(n int) (seq, ack uint32) {
	step := s.At(n)
	if step == nil || step.Frame == nil || step.Conn == 0 {
		return 0, 0
	}
	segment := &step.Frame.Segment
	c := s.Conns.At(step.Conn)
	sender := step.Sender()
	seq = uint32(segment.Seq - c.ISN[sender])
	if segment.Flags.Has(fsm.ACK) {
		ack = uint32(segment.Ack - c.ISN[sender.Other()])
	}
	return seq, ack
}

// Sender is the side that sent the segment of a segment step.
func (s *Step) Sender() fsm.Side {
	if s.Kind == SegmentReceived {
		return s.Side.Other()
	}
	return s.Side
}
