package main

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tcpviz/capture"
	"tcpviz/fsm"
	"tcpviz/internal/export"
	"tcpviz/internal/lab"
	"tcpviz/internal/lesson"
	"tcpviz/internal/source"
	"tcpviz/internal/story"
)

// Recordings of the kernel's own TCP, made when their lessons were first written, are
// replayed today: the connections end as the lesson promises, the model agrees with
// the kernel at every step, and every JSON line keeps to the contract.
func TestRecordings(t *testing.T) {
	files, err := filepath.Glob("../../testdata/recordings/*.pcapng")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d recordings, %v", len(files), err)
	}
	for _, name := range files {
		id := strings.TrimSuffix(filepath.Base(name), ".pcapng")
		t.Run(id, func(t *testing.T) {
			l, ok := lesson.Find(id)
			if !ok {
				t.Fatalf("a recording of no lesson")
			}
			s := replayed(t, name)
			if s.Meta.Lesson != id || s.Meta.Stage != lab.Loopback {
				t.Errorf("a story about %q on %q", s.Meta.Lesson, s.Meta.Stage)
			}
			checkStory(t, l, s)
			checkLines(t, jsonOf(t, s))
		})
	}
}

// closedListener is a lesson for what the built-in ones do not have: a listening
// socket is closed while a connection of it is half-open.
const closedListener = `
id: closed-listener
title: A closed listener
summary: A half-open connection loses its listening socket
programs: {server: server, client: client}
steps:
  - server: s = socket()
  - server: bind(s, server:10008)
  - server: listen(s, 5)
  - client: s = socket()
  - wire: drop every SYN ACK from server
  - client: connect(s, server:10008)
  - server: close(s)
ends:
  - {client: SYN-SENT, server: CLOSED}
`

// Each lesson, played and recorded on a stage that works everywhere, is replayed as
// the story that was played, line by line; and together the lessons have lines of
// every kind with every field.
func TestRecordedLessons(t *testing.T) {
	seen := make(map[string]bool)
	own, err := lesson.Parse("closed-listener.yaml", []byte(closedListener))
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range append(lesson.All(), own) {
		t.Run(l.ID, func(t *testing.T) {
			name := filepath.Join(t.TempDir(), "new.pcapng")
			file, err := createFile(name)
			if err != nil {
				t.Fatal(err)
			}
			d := demo{p: &program{getenv: func(string) string { return "" }}, stage: lab.Sim, lesson: l}
			played := told(t, d.performance(l, &recorder{file: file}, nil))
			if s := played.Meta; s.Lesson != l.ID || s.Stage != lab.Sim || s.Recorded {
				t.Errorf("a story about %q on %q, recorded: %v", s.Lesson, s.Stage, s.Recorded)
			}
			checkStory(t, l, played)
			lines := jsonOf(t, played)
			maps.Copy(seen, checkLines(t, lines))

			again := replayed(t, name)
			again.Meta.Recorded = false // all that may differ
			if diff := cmp.Diff(strings.Split(lines, "\n"), strings.Split(jsonOf(t, again), "\n")); diff != "" {
				t.Errorf("replayed otherwise than it was played (-played +replayed):\n%s", diff)
			}
		})
	}
	for kind, list := range fields {
		for _, field := range strings.Fields(list) {
			if name := kind + "." + strings.TrimSuffix(field, "?"); !seen[name] && !slices.Contains(notInLessons, name) {
				t.Errorf("no line of a lesson has %s", name)
			}
		}
	}
}

// notInLessons are the fields that no lesson's performance has: other tests see them.
var notInLessons = []string{"impairment.delay_us", "summary.recorded", "summary.finished_early", "summary.selected"}

// told reads a feed to its end.
func told(t testing.TB, f feed) (s *story.Story) {
	t.Helper()
	err := follow(context.Background(), f.builder, f.read, func(now *story.Story, _ bool) error {
		s = now
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// replayed gives the story of a recording.
func replayed(t testing.TB, name string) *story.Story {
	t.Helper()
	file, err := capture.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	reader := source.New(file)
	meta, recorded := reader.Meta()
	if !recorded || !meta.Recorded {
		t.Fatalf("%s is no recording", name)
	}
	read := func(ctx context.Context, emit func(update)) error { return readAll(ctx, reader, emit) }
	return told(t, feed{builder: story.NewBuilder(meta), read: read})
}

// checkStory checks a story against what its lesson promises, and the model against
// what the stack said.
func checkStory(t *testing.T, l lesson.Lesson, s *story.Story) {
	t.Helper()
	if s.Totals.Checked == 0 {
		t.Error("a story without a truth")
	}
	for i := range s.Steps {
		for _, c := range s.Steps[i].Truths {
			if !c.Agree {
				t.Errorf("step %d, connection %d: the %s's stack says %s, the model %s", s.Steps[i].N, c.Conn, c.Truth.Side, c.Truth.State, c.Model)
			}
		}
	}
	if s.Conns.Len() < len(l.Ends) {
		t.Fatalf("%d connections, want %d", s.Conns.Len(), len(l.Ends))
	}
	for i, end := range l.Ends {
		for _, side := range []fsm.Side{fsm.Client, fsm.Server} {
			got := s.Conns.At(i + 1).State[side]
			if got == fsm.Listen {
				got = fsm.Closed // it came to nothing: back in LISTEN, as the RFC has it; no stack keeps a socket for that
			}
			if waitedOut(s, i+1, side) {
				got = fsm.TimeWait // when the lesson was over
			}
			if end.Of[side].Program != "" && got != end.Of[side].State {
				t.Errorf("connection %d: the %s ends in %s, want %s", i+1, side, got, end.Of[side].State)
			}
		}
	}
}

// waitedOut tells whether a side's TIME-WAIT ended by itself.
func waitedOut(s *story.Story, conn int, side fsm.Side) bool {
	return slices.ContainsFunc(s.Steps, func(step story.Step) bool {
		return step.Conn == conn && step.Side == side && step.Kind == story.TimerExpired && step.Timer == fsm.TimeWaitTimer
	})
}

func jsonOf(t *testing.T, s *story.Story) string {
	t.Helper()
	var out bytes.Buffer
	if err := export.JSON(&out, s); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// checkLines checks JSON lines against the contract. It gives the fields that there
// are, as "kind.field".
func checkLines(t *testing.T, text string) map[string]bool {
	t.Helper()
	found := make(map[string]bool)
	for line := range strings.Lines(text) {
		var head struct{ Kind string }
		keys, err := keysOf([]byte(line))
		if err == nil {
			err = json.Unmarshal([]byte(line), &head)
		}
		if err != nil {
			t.Fatal(err)
		}
		if problem := compareKeys(fieldsOf(head.Kind), keys); problem != "" {
			t.Errorf("%s: %s", problem, line)
		}
		for _, key := range keys {
			found[head.Kind+"."+key] = true
		}
	}
	return found
}
