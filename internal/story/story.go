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
	StageWhy Text   // one sentence: which stage this is and why
	Recorded bool   // replayed from a recording, not run now
	// Ordered tells that events that share a time are given in the order in which
	// they happened, as where a stage's clock stands still while things happen.
	Ordered bool
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
	SegmentImpaired // something was done to a segment on the wire
	HostRebooted    // the host of a side failed and started again: all its sockets are gone
	ListenerClosed  // a half-open connection was forgotten with its listening socket
	Narrated        // nothing but that the lesson says something
)

// Step is one moment of the story.
type Step struct {
	N    int // from 1; Story.At(N) is this step
	Time time.Time
	Kind Kind
	// Conn is the number of the connection it belongs to; 0 for calls that belong
	// to no connection (those on a listening socket, or before a connection is known).
	Conn int
	Side fsm.Side // the caller's, the sender's (sent, lost, impaired), the receiver's (received), the timer's owner or the host's
	// Call is the call of a CallEnter or CallReturn step, else nil. Frame is the
	// frame of a segment step, else nil. Both are shared and must not be changed.
	Call  *Call
	Frame *Frame
	Timer fsm.Timer // of a TimerExpired step
	// Say is the lesson's narration that begins with this step, the zero value when
	// none does; Does is, in a Narrated step, what the lesson does (Narration.Does).
	Say  Text
	Does string
	// Impairment is what was done, in a SegmentImpaired step, else nil. It is shared too.
	Impairment *Impairment
	// Again marks an arrival or a loss of a copy: the frame has arrived, or was lost,
	// in an earlier step too.
	Again bool
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
	// the segment (or call) that let this call return, the timer that made TCP send
	// this segment again, what took a lost segment off the wire.
	Cause int
	// Peer is, for a call's enter, the number of its return (0: it has not
	// returned), and the other way round; for a segment's sending the number of
	// its arrival or loss, and the other way round. Where a segment arrived more than
	// once it is the first arrival, and each of them has the sending's number; while it
	// is under way it is 0. For an impairment it is the number of the sending.
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
	Error    error          // why reading ended early, nil when it did not
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

// FateOf gives the fate of the segment of a segment step, as far as the story knows it.
func (s *Story) FateOf(step *Step) Fate {
	switch {
	case step.Frame == nil:
		return FateAssumed
	case step.Frame.Fate != FateUnderWay:
		return step.Frame.Fate
	}
	sending := step
	switch step.Kind {
	case SegmentReceived:
		return FateDelivered
	case SegmentLost:
		return FateLost
	case SegmentImpaired:
		sending = s.At(step.Peer)
	}
	if sending != nil && sending.Peer > 0 {
		if end := s.At(sending.Peer); end != nil {
			return s.FateOf(end)
		}
	}
	return FateUnderWay
}
