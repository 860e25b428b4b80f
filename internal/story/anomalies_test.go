package story_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// TestAnomalies holds that what is unusual about a segment stands at its sending,
// is counted for its connection whether or not it has a step, and is explained.
func TestAnomalies(t *testing.T) {
	p := newPlay()
	p.segment(fsm.Client, fsm.SYN, 0, 0, 0)
	p.segment(fsm.Server, fsm.SYN|fsm.ACK, 0, 1, 0)
	p.segment(fsm.Client, fsm.ACK, 1, 1, 0)
	p.segment(fsm.Client, fsm.PSH|fsm.ACK, 1, 1, 6)
	p.now = p.now.Add(time.Second)
	p.segment(fsm.Client, fsm.PSH|fsm.ACK, 1, 1, 6)
	p.segment(fsm.Server, fsm.ACK, 1, 7, 0)
	p.segment(fsm.Client, fsm.PSH|fsm.ACK, 1, 1, 6)
	want := map[string]int{"retransmission": 2, "spurious_retransmission": 1}

	s := p.build()
	if diff := cmp.Diff(want, maps.Collect(s.Conns.At(1).Anomalies.All())); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	var at []string
	for i := range s.Steps {
		step := &s.Steps[i]
		if len(step.Anomalies) == 0 {
			continue
		}
		var told []string
		for _, notice := range s.Explain(step.N, lang.English).Unusual {
			if notice.Text == "" || !strings.HasPrefix(notice.RFC, "RFC ") {
				t.Errorf("%+v says too little", notice)
			}
			told = append(told, notice.Name)
		}
		if step.Kind != story.SegmentSent {
			t.Errorf("step %d is no sending and has %v", step.N, step.Anomalies)
		}
		at = append(at, strings.Join(step.Anomalies, ",")+": "+strings.Join(told, ","))
	}
	if diff := cmp.Diff([]string{"retransmission: retransmission", "spurious_retransmission,retransmission: spurious_retransmission"}, at); diff != "" {
		t.Errorf("steps and what is told of them (-want +got):\n%s", diff)
	}

	limited := story.NewBuilder(story.Meta{})
	limited.Limit(1)
	limited.Add(p.events...)
	if diff := cmp.Diff(want, maps.Collect(limited.Story().Conns.At(1).Anomalies.All())); diff != "" {
		t.Errorf("counts of segments without a step (-want +got):\n%s", diff)
	}
}
