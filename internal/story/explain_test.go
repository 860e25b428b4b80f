package story_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
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
		e := s.Explain(step.N, lang.English)
		switch {
		case step.Call != nil:
			fmt.Fprintf(&b, "%d %s %s %s\n", step.N, step.Side, step.Call.Phase, step.Call.Text())
		case step.Kind == story.SegmentSent:
			fmt.Fprintf(&b, "%d %s sends %s\n", step.N, step.Side, step.Frame.Segment.Flags.Names(false))
		case step.Kind == story.TimerExpired:
			fmt.Fprintf(&b, "%d %s: %s\n", step.N, step.Side, story.TimerWords(step.Timer, lang.English))
		case step.Kind != story.SegmentReceived:
			fmt.Fprintf(&b, "%d wire: %s\n", step.N, step.Frame.Segment.Flags.Names(false))
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

func TestExplainWire(t *testing.T) {
	p := held()
	data := func(seq uint32) int { return p.send(fsm.Client, fsm.PSH|fsm.ACK, seq, 1, 5) }
	first, second := data(1), data(6)
	p.impairs(first, story.Swapped)
	p.arrives(second)
	p.arrives(first)
	third := data(11)
	p.impairs(third, story.Duplicated)
	p.arrives(third)
	p.waits(150 * time.Millisecond)
	p.arrives(third)
	fourth := data(16)
	p.events = append(p.events, story.Impairment{Time: p.tick(), Frame: fourth, What: story.Held, ByUser: true})
	p.waits(1500 * time.Millisecond)
	p.events = append(p.events, story.Impairment{Time: p.tick(), Frame: fourth, What: story.Dropped, ByUser: true})
	p.loses(fourth)
	p.expires(fsm.Client, fsm.Retransmission)
	again := data(16)
	p.events = append(p.events, story.Impairment{Time: p.tick(), Frame: again, What: story.Delayed, For: 200 * time.Millisecond})
	p.waits(200 * time.Millisecond)
	p.arrives(again)
	p.loses(again)
	p.loses(data(21))
	data(26)
	for timer := fsm.NoTimer; timer <= fsm.DelayedAckTimer; timer++ {
		p.expires(fsm.Server, timer)
	}
	golden(t, "explain-wire.txt", explained(p.build()))
}

func TestExplainForeign(t *testing.T) {
	golden(t, "explain-foreign.txt", explained(foreign(handshakeAndClose()).build()))
}

func TestExplainEveryStepSaysSomething(t *testing.T) {
	s := handshakeAndClose().build()
	for i := range s.Steps {
		if s.Explain(s.Steps[i].N, lang.English).What == "" {
			t.Errorf("step %d is not explained", s.Steps[i].N)
		}
	}
	if got := s.Explain(len(s.Steps)+1, lang.English); !cmp.Equal(got, story.Explanation{}) {
		t.Errorf("a step that is not there is explained: %+v", got)
	}
}
