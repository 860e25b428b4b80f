package lab

import (
	"slices"

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

// heldSetting is the setting of a stage whose wire the lab holds.
func heldSetting(stage string) Setting {
	s := Setting{Stage: stage, Ordered: true}
	switch stage {
	case Wire:
		s.Why = story.Text{
			EN: "the kernel's own TCP on two hosts (network namespaces) whose wire is in tcpviz's hands",
			ZH: "内核自己的 TCP，运行在两台主机（网络命名空间）上，它们之间的线路由 tcpviz 掌握",
		}
	case Sim:
		s.Why = story.Text{
			EN: "gVisor's netstack, a TCP inside this program, on two hosts whose wire and clock are in tcpviz's hands",
			ZH: "本程序内的 TCP（gVisor 的 netstack），运行在两台主机上，线路与时钟都由 tcpviz 掌握",
		}
	}
	return s
}

// because completes a setting by why it is this stage and not an earlier one.
// failed are the stages that were tried in vain.
func (s Setting) because(l lesson.Lesson, o Options, failed []error) Setting {
	switch {
	case o.Stage != "" || o.Shared:
		s.add("; it was asked for", "；按要求选用")
	case len(failed) > 0:
		reason := failed[len(failed)-1].Error()
		s.add("; what comes first is not possible here ("+reason+")", "；首选的舞台在此不可用（"+reason+"）")
	case len(l.Stages) > 0 && s.Stage != Loopback:
		s.add("; the lesson is made for it", "；本课专为它而写")
	case s.Stage != Loopback:
		s.add("; the lesson touches the wire", "；本课要动线路")
	}
	return s
}

func (s *Setting) add(en, zh string) {
	s.Why.EN += en
	s.Why.ZH += zh
}
