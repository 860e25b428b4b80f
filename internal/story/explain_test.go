package story_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tcpviz/fsm"
	"tcpviz/internal/story"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// byValue compares what is comparable with ==, and connections by their summaries.
var byValue = cmp.Options{
	cmpopts.EquateComparable(clientAddr, fsm.Conn{}, fsm.Summary{}),
	cmp.Transformer("summaries", summaries),
}

// summaries gives copies of the summaries of all connections.
func summaries(c story.Connections) (all []fsm.Summary) {
	for s := range c.All() {
		all = append(all, *s)
	}
	return all
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got; -update rewrites):\n%s", file, diff)
	}
}

// explained writes out every step with its explanation.
func explained(s *story.Story) string {
	var b strings.Builder
	for i := range s.Steps {
		step := &s.Steps[i]
		e := s.Explain(step.N)
		switch {
		case step.Call != nil:
			fmt.Fprintf(&b, "%d %s %s %s\n", step.N, step.Side, step.Call.Phase, step.Call.Text())
		case step.Kind == story.SegmentSent:
			fmt.Fprintf(&b, "%d %s sends %s\n", step.N, step.Side, step.Frame.Segment.Flags.Names(false))
		default:
			fmt.Fprintf(&b, "%d %s receives %s\n", step.N, step.Side, step.Frame.Segment.Flags.Names(false))
		}
		fmt.Fprintf(&b, "   what: %s\n", e.What)
		if e.Why != "" {
			fmt.Fprintf(&b, "   why:  %s  [%s, %s]\n", e.Why, e.Rule, e.RFC)
		}
		if e.Now != "" {
			fmt.Fprintf(&b, "   now:  %s\n", e.Now)
		}
	}
	return b.String()
}

func TestExplainRecorded(t *testing.T) {
	golden(t, "explain-recorded.txt", explained(handshakeAndClose().build()))
}

func TestExplainForeign(t *testing.T) {
	golden(t, "explain-foreign.txt", explained(foreign(handshakeAndClose()).build()))
}

func TestExplainEveryStepSaysSomething(t *testing.T) {
	s := handshakeAndClose().build()
	for i := range s.Steps {
		if s.Explain(s.Steps[i].N).What == "" {
			t.Errorf("step %d is not explained", s.Steps[i].N)
		}
	}
	if got := s.Explain(len(s.Steps) + 1); !cmp.Equal(got, story.Explanation{}) {
		t.Errorf("a step that is not there is explained: %+v", got)
	}
}
