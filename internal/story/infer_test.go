package story_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"tcpviz/fsm"
	"tcpviz/internal/story"
)

// calls gives the texts of the story's calls with their phase.
func calls(s *story.Story) []string {
	var texts []string
	for i := range s.Steps {
		if c := s.Steps[i].Call; c != nil {
			texts = append(texts, c.Side.String()+" "+c.Phase.String()+" "+c.Text())
		}
	}
	return texts
}

// foreign gives the play as a capture file has it: frames alone.
func foreign(p *play) *play {
	f := newPlay()
	for _, e := range p.events {
		if frame, ok := e.(story.Frame); ok {
			frame.Fate = story.FateAssumed
			f.events = append(f.events, frame)
		}
	}
	return f
}

func TestInferredCalls(t *testing.T) {
	s := foreign(handshakeAndClose()).build()
	want := []string{
		"client enter connect(127.0.0.1:10008)",
		"server enter listen()",
		"server return listen()",
		"client return connect(127.0.0.1:10008) = 0",
		"client enter send()",
		"client return send()",
		"client enter close()",
		"client return close()",
		"server enter close()",
		"server return close()",
	}
	if diff := cmp.Diff(want, calls(s)); diff != "" {
		t.Errorf("inferred calls (-want +got):\n%s", diff)
	}
	for i := range s.Steps {
		if c := s.Steps[i].Call; c != nil && !c.Inferred {
			t.Errorf("%s is not marked as inferred", c.Text())
		}
	}
	if got := s.Conns.At(1).State; got != [2]fsm.State{fsm.TimeWait, fsm.Closed} {
		t.Errorf("ends in %v, want TIME-WAIT and CLOSED", got)
	}
}

func TestRefusedIsInferred(t *testing.T) {
	p := newPlay()
	p.fate = story.FateAssumed
	p.segment(fsm.Client, fsm.SYN, 0, 0, 0)
	frame := len(p.events)
	p.segment(fsm.Server, fsm.RST|fsm.ACK, 0, 1, 0)
	rst := p.events[frame].(story.Frame)
	rst.Segment.Seq = 0
	p.events[frame] = rst
	want := []string{
		"client enter connect(127.0.0.1:10008)",
		"client return connect(127.0.0.1:10008) = -1 ECONNREFUSED",
	}
	if diff := cmp.Diff(want, calls(p.build())); diff != "" {
		t.Errorf("inferred calls (-want +got):\n%s", diff)
	}
}

func TestRecordedCallsAreNotInferredAgain(t *testing.T) {
	s := handshakeAndClose().build()
	for i := range s.Steps {
		if c := s.Steps[i].Call; c != nil && c.Inferred {
			t.Errorf("%s is inferred beside recorded calls", c.Text())
		}
	}
}
