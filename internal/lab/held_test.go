package lab_test

import (
	"fmt"
	"strings"
	"testing"

	"tcpviz/internal/lab"
	"tcpviz/internal/lesson"
	"tcpviz/internal/story"
)

// told is the story of a performance.
func (p performance) told() *story.Story {
	b := story.NewBuilder(story.Meta{
		Lesson: p.lesson.ID, Title: p.lesson.Title, Stage: p.result.Stage, Ordered: p.result.Ordered,
	})
	for _, batch := range p.batches {
		b.Add(batch...)
	}
	return b.Story()
}

// disagreements lists the checks in which the model and the stack differ.
func disagreements(s *story.Story) (list []string) {
	for _, step := range s.Steps {
		for _, c := range step.Truths {
			if c.Agree {
				continue
			}
			rules := ""
			for _, t := range step.Transitions {
				rules += " " + t.Rule.ID
			}
			what := ""
			if step.Frame != nil {
				what = fmt.Sprintf(" #%d %s %d", step.Frame.Number, step.Frame.Segment.Flags, step.Frame.Segment.Len)
			}
			if step.Call != nil {
				what = " " + step.Call.Text()
			}
			list = append(list, fmt.Sprintf("step %d (kind %d, %s%s;%s): %s %s→%s: the model says %s, the stack %s",
				step.N, step.Kind, step.Side, what, rules, c.Truth.Side, c.Truth.Local, c.Truth.Remote, c.Model, c.Truth.State))
		}
	}
	return list
}

// events writes all events, for comparison.
func (p performance) events() string {
	var b strings.Builder
	for i, batch := range p.batches {
		for _, e := range batch {
			fmt.Fprintf(&b, "%d %T %+v\n", i, e, e)
		}
	}
	return b.String()
}

// checkHeld holds what is promised of a stage whose wire the lab holds.
func checkHeld(t *testing.T, l lesson.Lesson, p performance) {
	t.Helper()
	if p.err != nil {
		t.Errorf("%v", p.err)
	}
	if len(p.result.Unmet) > 0 {
		t.Errorf("unmet: %s", p.result.Otherwise())
	}
	checkModel(t, p)
	checkWire(t, p)
}

// checkModel holds that the model agrees with the stack at every check.
func checkModel(t *testing.T, p performance) {
	t.Helper()
	s := p.told()
	if s.Totals.Checked == 0 {
		t.Error("nothing was checked")
	}
	for _, d := range disagreements(s) {
		t.Error(d)
	}
}

// TestReboot lets a host fail that holds a connection which its program has closed,
// and one on which its program waits.
func TestReboot(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"TIME-WAIT":  "  - client: close(s)\n  - server: close(c)\n",
		"FIN-WAIT-2": "  - client: close(s)\n",
		"in recv":    "  - client: recv(s, 1)\n    then: close(s)\n",
	} {
		l := parse(t, connected+text+"  - reboot: client\n  - client: t = socket()\nends: [{client: CLOSED}]\n")
		for _, stage := range []string{lab.Sim, lab.Wire} {
			t.Run(name+" on "+stage, func(t *testing.T) {
				t.Parallel()
				if stage == lab.Wire {
					needWire(t)
				}
				checkHeld(t, l, perform(t.Context(), l, lab.Options{Stage: stage}))
			})
		}
	}
}
