package lab

import (
	"context"
	"errors"
	"time"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// Errors that callers tell apart with errors.Is.
var (
	// ErrNoStage means that the lesson can be performed on none of the stages that
	// were asked for.
	ErrNoStage = errors.New("no stage")
	// ErrPortTaken means that on this machine's own lo another program has the
	// port that a lesson binds.
	ErrPortTaken = errors.New("port taken")
	// ErrStuck means that a program waits in a call that nothing will wake,
	// though the lesson has more for it to do.
	ErrStuck = errors.New("nothing will wake it")
	// ErrNotReached means that a lesson that needs luck has had none, however
	// often it was played. Nothing is emitted then.
	ErrNotReached = errors.New("not reached")
)

// Options say how a lesson is performed. The zero value is a performance on the
// best stage there is, whose events go nowhere.
type Options struct {
	// Stage is the stage that must be used: Loopback, Wire or Sim. Empty is the
	// first of them, in that order, that can carry the lesson and works here.
	Stage string
	// Shared asks for this machine's own lo even where a private one is possible;
	// the stage is then Loopback.
	Shared bool
	// Reexec is the error that Reexec gave, if any: why no user namespace is
	// possible. It completes the reasons of ErrNoStage.
	Reexec error
	// Begin is told where the lesson is performed, before the first events are
	// given, and not at all when there are none.
	Begin func(Setting)
	// Emit is given the events in order, a batch whenever all has come to rest: on
	// Loopback when a step has settled, on the other stages after each thing that
	// happens. Within a batch they are ordered by time, then enter before frame before
	// return; on a stage whose Setting is Ordered, as they are given. No batch is
	// empty, and none comes before one that was given already. It is called on one
	// goroutine at a time, and the performance goes on when it returns.
	Emit func([]story.Event)
	// Progress is told, in one line, what takes long: further attempts of a
	// lesson that needs luck.
	Progress func(lang.Phrase)
	// Verdict decides, on the stages Wire and Sim, what becomes of each segment.
	// Nil: what the lesson says (Packet.Lesson). See [Verdict]. Where there is one, a
	// lesson that needs luck is played once: what happens is for the verdicts to say.
	Verdict func(context.Context, Packet) Verdict
}

// Result is what came of a performance.
type Result struct {
	Setting
	Frames   int            // frames of the performance (of the last attempt)
	Skipped  map[string]int // frames without a TCP segment, by reason
	Dropped  int            // frames that the kernel dropped before they could be read
	Attempts int            // how often the lesson was played; more than 1 only where it says retry
	// Unmet lists what the lesson states and the stack did not do: results of
	// calls, states at the end, states on the way.
	Unmet []lang.Phrase
}

// Otherwise lists in one line what is unmet.
func (r Result) Otherwise() lang.Phrase {
	var all lang.Phrase
	for i, unmet := range r.Unmet {
		if all = lang.Phrasef("%s; %s", all, unmet); i == 0 {
			all = unmet
		}
	}
	return all
}

// Packet is a segment that waits on the wire for its verdict.
type Packet struct {
	Frame  story.Frame
	From   fsm.Side
	Lesson Verdict // what the lesson does to it; the zero value delivers it
	Held   bool    // it is held by an earlier verdict of the same function
}

// Act is what is done to a segment on the wire.
type Act uint8

// The acts.
const (
	Deliver   Act = iota // it arrives
	Drop                 // it is lost
	Delay                // it arrives after a time
	Duplicate            // it arrives twice, one directly after the other
	Swap                 // it arrives after the next segment of its direction
	Hold                 // it waits
)

// Verdict is what becomes of a segment. A segment on Hold by Options.Verdict is
// asked about again after everything else that happens, with Packet.Held set; the
// function may then take its time. Its context ends when something has happened
// meanwhile (a timer of a real kernel, a call that returned), and it should then
// give Hold again, to be asked anew once that was told. One on hold by the lesson
// (Packet.Lesson, given back as it is) waits until the lesson lets it go.
type Verdict struct {
	Act    Act
	For    time.Duration // of Delay; of Hold, where it is held already: let so much time pass
	ByUser bool          // by the user's hand, not by the lesson
}
