package lab_test

import (
	"context"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"tcpviz/internal/lab"
	"tcpviz/internal/lesson"
)

// Whoever gives back the lesson's own verdicts changes nothing: what the lesson
// holds stays held until the lesson lets it go.
func TestVerdictsOfTheLesson(t *testing.T) {
	t.Parallel()
	asked := func(_ context.Context, p lab.Packet) lab.Verdict {
		if p.Held {
			t.Errorf("asked again about segment %d, which the lesson holds", p.Frame.Number)
		}
		return p.Lesson
	}
	for _, l := range lesson.All() {
		if !l.CanPlayOn(lab.Sim) {
			continue
		}
		want := perform(t.Context(), l, lab.Options{Stage: lab.Sim})
		got := perform(t.Context(), l, lab.Options{Stage: lab.Sim, Verdict: asked})
		if diff := gocmp.Diff(want.events(), got.events()); diff != "" || got.err != nil {
			t.Errorf("%s: %v\n%s", l.ID, got.err, diff)
		}
	}
}
