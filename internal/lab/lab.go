package lab

import (
	"errors"

	"tcpviz/internal/story"
)

// Errors that callers tell apart with errors.Is.
var (
	// ErrNoStage means that no lesson can be performed here: the process may
	// neither make a network namespace nor sniff.
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

// Stage is the name of the stage that this package has.
const Stage = "loopback"

// Place says whose lo a lesson is performed on.
type Place int

// The places.
const (
	Nowhere Place = iota // loopback is not possible
	Private              // lo of a network namespace made for each performance
	Nested               // the same, once the program runs again in a user namespace (Reexec)
	Shared               // this machine's own lo
)

// String gives the place as it is written in test output and messages.
func (p Place) String() string {
	return [...]string{"nowhere", "private", "nested", "shared"}[p]
}

// Why gives, in one sentence for the screen, what the stage is at this place.
func (p Place) Why() story.Text {
	switch p {
	case Private:
		return story.Text{
			EN: "the kernel's own TCP on the loopback interface of a private network namespace",
			ZH: "内核自己的 TCP，运行在私有网络命名空间的环回接口上",
		}
	case Nested:
		return story.Text{
			EN: "the kernel's own TCP on the loopback interface of a private user and network namespace",
			ZH: "内核自己的 TCP，运行在私有用户与网络命名空间的环回接口上",
		}
	case Shared:
		return story.Text{
			EN: "the kernel's own TCP on this machine's own loopback interface, without a private network namespace",
			ZH: "内核自己的 TCP，运行在本机自己的环回接口上（没有私有网络命名空间）",
		}
	}
	return story.Text{}
}

// Options say how a lesson is performed. The zero value is a performance at the
// best place there is, whose events go nowhere.
type Options struct {
	// Shared asks for this machine's own lo even where a private one is possible.
	Shared bool
	// Reexec is the error that Reexec gave, if any: why no user namespace is
	// possible. It completes the reasons of ErrNoStage.
	Reexec error
	// Emit is given the events, a batch for each step that has settled, in order:
	// by time, then enter before frame before return. No batch is empty, and
	// none comes before one that was given already. It is called on one goroutine
	// at a time, and the performance goes on when it returns.
	Emit func([]story.Event)
	// Progress is told, in one line, what takes long: further attempts of a
	// lesson that needs luck.
	Progress func(string)
}

// Result is what came of a performance.
type Result struct {
	Place    Place          // whose lo it was
	Frames   int            // frames of the performance (of the last attempt)
	Skipped  map[string]int // frames of lo without a TCP segment, by reason
	Dropped  int            // frames that the kernel dropped before they could be read
	Attempts int            // how often the lesson was played; more than 1 only where it says retry
	// Unmet lists what the lesson states and the kernel did not do: results of
	// calls, states at the end, states on the way.
	Unmet []string
}
