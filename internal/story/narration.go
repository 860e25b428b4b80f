package story

import (
	"time"

	"tcpviz/internal/lang"
)

// Narration is what the lesson says where no call begins: something is about to be
// done to the wire or to a host, or time passes. What it says before a call is
// Call.Say.
type Narration struct {
	Time time.Time
	Say  Text
	// Does is what the lesson does from here on, in the words of its file: "drop SYN
	// from client", "wait 3s". It is "" for nothing.
	Does string
}

// When implements [Event].
func (n Narration) When() time.Time { return n.Time }

// At implements [Event].
func (n Narration) At(t time.Time) Event {
	n.Time = t
	return n
}

// addNarration makes the step of what the lesson says.
func (b *Builder) addNarration(n Narration) {
	if b.limit > 0 && len(b.steps) >= b.limit {
		return
	}
	b.push(Step{Time: n.Time, Kind: Narrated, Say: n.Say, Does: n.Does})
}

// narratedWords says what a step is at which nothing happens but that the lesson speaks.
func narratedWords(step *Step, l lang.Language) string {
	if step.Does == "" {
		return l.Text("The lesson goes on.")
	}
	return l.Say("The lesson: %s.", Doing(step.Does, l))
}
