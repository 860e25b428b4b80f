package lab

import (
	"slices"

	"tcpviz/internal/lang"
	"tcpviz/internal/lesson"
	"tcpviz/internal/story"
)

// The stages, the first choice first.
const (
	Loopback = lesson.Loopback // the kernel's own TCP on lo, sniffed
	Wire     = lesson.Wire     // the kernel's own TCP on two hosts that the lab joins
	Sim      = lesson.Sim      // netstack, on two hosts that the lab joins
)

// StagesOf lists the stages that can carry a lesson, the first choice first.
func StagesOf(l lesson.Lesson) []string {
	return slices.DeleteFunc(lesson.StageNames(), func(stage string) bool { return !l.CanPlayOn(stage) })
}

// Setting is where a lesson is performed.
type Setting struct {
	Stage string
	Place Place      // whose lo it is, on Loopback
	Why   story.Text // one sentence for the screen: what the stage is, and why it is this one
	// Ordered tells that the events are given in the order in which they happened:
	// the story's Meta.Ordered.
	Ordered bool
}

// Place says whose lo a lesson is performed on.
type Place int

// The places.
const (
	Nowhere Place = iota // loopback is not possible, or not used
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
		return story.Both(lang.Phrasef("the kernel's own TCP on the loopback interface of a private network namespace"))
	case Nested:
		return story.Both(lang.Phrasef("the kernel's own TCP on the loopback interface of a private user and network namespace"))
	case Shared:
		return story.Both(lang.Phrasef("the kernel's own TCP on this machine's own loopback interface, without a private network namespace"))
	}
	return story.Text{}
}

// heldSetting is the setting of a stage whose wire the lab holds.
func heldSetting(stage string) Setting {
	s := Setting{Stage: stage, Ordered: true}
	switch stage {
	case Wire:
		s.Why = story.Both(lang.Phrasef("the kernel's own TCP on two hosts (network namespaces) whose wire is in tcpviz's hands"))
	case Sim:
		s.Why = story.Both(lang.Phrasef("gVisor's netstack, a TCP inside this program, on two hosts whose wire and clock are in tcpviz's hands"))
	}
	return s
}

// because completes a setting by why it is this stage and not an earlier one.
// failed are the stages that were tried in vain.
func (s Setting) because(l lesson.Lesson, o Options, failed []error) Setting {
	switch {
	case o.Stage != "" || o.Shared:
		s.add(lang.Phrasef("; it was asked for"))
	case len(failed) > 0:
		s.add(lang.Phrasef("; what comes first is not possible here (%v)", failed[len(failed)-1]))
	case len(l.Stages) > 0 && s.Stage != Loopback:
		s.add(lang.Phrasef("; the lesson is made for it"))
	case s.Stage != Loopback:
		s.add(lang.Phrasef("; the lesson touches the wire"))
	}
	return s
}

func (s *Setting) add(p lang.Phrase) {
	more := story.Both(p)
	s.Why.EN += more.EN
	s.Why.ZH += more.ZH
}
