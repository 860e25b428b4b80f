package lab_test

import (
	"slices"
	"strings"
	"testing"

	"tcpviz/fsm"
	"tcpviz/internal/lab"
	"tcpviz/internal/lesson"
	"tcpviz/internal/reference"
	"tcpviz/internal/story"
)

// What the reference says of a lesson, that it shows a thing, comes true when the lesson
// is played. Terms are ideas, which no test can see.
func TestLessonsShowWhatTheReferenceSays(t *testing.T) {
	t.Parallel()
	shown := make(map[string]map[string]bool)
	for _, e := range reference.All() {
		if e.Kind == reference.Term {
			continue
		}
		for _, id := range e.Lessons {
			if shown[id] == nil {
				shown[id] = thingsOf(t, id)
			}
			if !shown[id][thing(e)] {
				t.Errorf("the reference says that lesson %s shows the %s %s", id, e.Kind, e.Name.EN)
			}
		}
	}
	if len(shown) < 30 {
		t.Errorf("the reference names %d lessons only", len(shown))
	}
}

func thing(e reference.Entry) string { return e.Kind.String() + " " + e.Name.EN }

// thingsOf performs a lesson and gives all that it shows.
func thingsOf(t *testing.T, id string) map[string]bool {
	t.Helper()
	l, ok := lesson.Find(id)
	if !ok {
		t.Fatalf("no lesson %s", id)
	}
	p := perform(t.Context(), l, lab.Options{Stage: lab.Sim})
	if p.err != nil {
		t.Fatalf("lesson %s: %v", id, p.err)
	}
	s := p.told()
	all := make(map[string]bool)
	add := func(k reference.Kind, name string) {
		if e, ok := reference.FindIn(k, name); ok {
			all[thing(e)] = true
		}
	}
	for i := range s.Steps {
		step := &s.Steps[i]
		for _, change := range step.Transitions {
			add(reference.State, change.From.String())
			add(reference.State, change.To.String())
		}
		if step.Kind == story.TimerExpired {
			add(reference.Timer, story.TimerName(step.Timer)+" timer")
		}
		for _, name := range step.Anomalies {
			add(reference.Anomaly, name)
		}
		if c := step.Call; c != nil {
			add(reference.Call, c.Op)
			add(reference.Errno, c.Errno)
			for _, e := range reference.Of(reference.SocketOption) {
				if c.Op == "setsockopt" && strings.Contains(c.Args, e.Name.EN) {
					add(reference.SocketOption, e.Name.EN)
				}
			}
		}
		if step.Frame != nil {
			addSegment(add, step.Frame)
		}
	}
	for i := range s.Conns.Len() {
		add(reference.Outcome, s.Conns.At(i+1).Outcome.String())
		add(reference.Outcome, "completeness")
	}
	return all
}

// addSegment adds what a segment shows: its flags, options, and the fields that say
// something in it.
func addSegment(add func(reference.Kind, string), f *story.Frame) {
	s := &f.Segment
	for bit := range 8 {
		if flag := fsm.Flags(1 << bit); s.Flags.Has(flag) {
			add(reference.Flag, flag.Names(false))
		}
	}
	if s.Flags.Has(fsm.SYN | fsm.ACK) {
		add(reference.Flag, "SYN-ACK")
	}
	for _, name := range []string{"source port", "destination port", "sequence number", "data offset", "flags", "window", "checksum", "IP addresses", "IP version"} {
		add(reference.Field, name)
	}
	o := &s.Options
	for name, there := range map[string]bool{
		"MSS": o.MSS > 0, "window scale": o.HasScale, "SACK permitted": o.SACKPermitted, "SACK": o.SACKCount > 0,
		"timestamps": o.HasTimestamps, "fast open": o.FastOpen,
		"NOP": slices.Contains(optionKinds(f), 1), "EOL": slices.Contains(optionKinds(f), 0),
	} {
		if there {
			add(reference.Option, name)
			add(reference.Field, "options")
		}
	}
	for name, there := range map[string]bool{"acknowledgment number": s.Flags.Has(fsm.ACK), "data": s.Len > 0, "urgent pointer": s.Flags.Has(fsm.URG)} {
		if there {
			add(reference.Field, name)
		}
	}
}

// optionKinds gives the kinds of the options in a frame's TCP header.
func optionKinds(f *story.Frame) []byte {
	var all []byte
	h := f.Raw[f.TCPOffset:]
	for rest := h[20 : int(h[12]>>4)*4]; len(rest) > 0; {
		all = append(all, rest[0])
		switch {
		case rest[0] == 0:
			return all
		case rest[0] == 1:
			rest = rest[1:]
		default:
			rest = rest[rest[1]:]
		}
	}
	return all
}
