package fsm_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tcpviz/fsm"
	"tcpviz/internal/script"
)

var update = flag.Bool("update", false, "rewrite what the tests expect with what happens")

// readScripts reads a file of scripts: see package script for the notation. What
// each line expects are the states of both sides after it, and the rules that
// said why. A state is followed by ~ when it is inferred, by ? when it is assumed.
func readScripts(t testing.TB, path string) script.File {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	file, err := script.Parse(string(text))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return file
}

// stage plays a script.
type stage struct {
	conn    fsm.Conn
	foreign bool
	held    map[string]fsm.Event
	seen    []fsm.Transition // all transitions so far
}

// step plays one line and gives the transitions that it caused.
func (g *stage) step(s script.Step) []fsm.Transition {
	from := len(g.seen)
	switch s.Kind {
	case script.Listen:
		g.apply(fsm.Event{Kind: fsm.Called, Side: s.Side, Call: fsm.OpenPassive})
		g.apply(fsm.Event{Kind: fsm.Returned, Side: s.Side, Call: fsm.OpenPassive})
	case script.Reboot:
		g.apply(fsm.Event{Kind: fsm.Rebooted, Side: s.Side})
	case script.Runs:
		g.conn = g.conn.On(s.Stack)
	case script.Foreign:
		g.foreign = true
	case script.Call:
		g.apply(fsm.Event{Kind: fsm.Called, Side: s.Side, Call: s.Call, Waits: s.Waits})
	case script.Return:
		g.apply(fsm.Event{Kind: fsm.Returned, Side: s.Side, Call: s.Call, Failed: s.Failed})
	case script.Timer:
		g.apply(fsm.Event{Kind: fsm.Expired, Side: s.Side, Timer: s.Timer})
	case script.Arrives:
		g.apply(g.held[s.Name])
	case script.Segment:
		g.segment(s)
	case script.Nothing:
	}
	return g.seen[from:]
}

// segment plays a line that is a segment: it is sent, and arrives unless the
// line says otherwise.
func (g *stage) segment(s script.Step) {
	arrives := fsm.Event{Kind: fsm.Received, Side: s.Side.Other(), Assumed: g.foreign, Queue: s.Queue, Segment: s.Segment}
	g.apply(fsm.Event{Kind: fsm.Sent, Side: s.Side, Segment: s.Segment})
	switch s.Fate {
	case script.Lost:
		g.apply(fsm.Event{Kind: fsm.Lost, Side: s.Side, Segment: s.Segment})
	case script.Held:
		if g.held == nil {
			g.held = make(map[string]fsm.Event)
		}
		g.held[s.Name] = arrives
	default:
		g.apply(arrives)
	}
}

func (g *stage) apply(e fsm.Event) { g.conn, g.seen = g.conn.Apply(e, g.seen) }

// states writes the states of both sides, with the marks of their bases.
func (g *stage) states() string {
	var b strings.Builder
	for i, e := range g.conn.Ends {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(e.State.String())
		b.WriteString([...]string{"", "~", "?"}[e.Basis])
	}
	return b.String()
}

// play plays a script and gives it as it would be written with what happened.
func play(s script.Script) (string, stage) {
	var g stage
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n", s.Name)
	for _, line := range s.Lines {
		var ids []string
		for _, c := range g.step(line.Step) {
			ids = append(ids, c.Rule.ID)
		}
		if len(ids) == 0 {
			fmt.Fprintf(&b, "%s\n", line.Said)
			continue
		}
		fmt.Fprintf(&b, "%-26s | %-28s | %s\n", line.Said, g.states(), strings.Join(ids, " "))
	}
	return strings.TrimRight(b.String(), "\n") + "\n", g
}

// TestScripts plays every script and compares each line with what it expects.
func TestScripts(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.script")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, path := range paths {
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		file := readScripts(t, path)
		whole := []string{file.Head}
		for _, s := range file.Scripts {
			got, g := play(s)
			whole = append(whole, strings.TrimRight(got, "\n"))
			t.Run(strings.TrimSuffix(filepath.Base(path), ".script")+"/"+s.Name, func(t *testing.T) {
				checkChain(t, g.seen)
			})
		}
		happened := strings.Join(whole, "\n\n") + "\n"
		if *update {
			if err := os.WriteFile(path, []byte(happened), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(happened, "\n")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}

// checkChain holds that each transition begins where the last one of its side ended.
func checkChain(t testing.TB, all []fsm.Transition) {
	t.Helper()
	var at [2]fsm.State
	for i, tr := range all {
		if tr.Rule == nil {
			t.Fatalf("transition %d has no rule", i)
		}
		if tr.From != at[tr.Side] {
			t.Fatalf("transition %d (%s): %s begins in %s, was in %s", i, tr.Rule.ID, tr.Side, tr.From, at[tr.Side])
		}
		at[tr.Side] = tr.To
	}
}

// TestOneFilePerState holds that every state has a file of scripts of its own,
// and that each script in it leads there.
func TestOneFilePerState(t *testing.T) {
	for state := range fsm.State(fsm.StateCount) {
		name := strings.ToLower(state.String())
		for _, s := range readScripts(t, filepath.Join("testdata", name+".script")).Scripts {
			_, g := play(s)
			visited := state == fsm.Closed // where all begin
			for _, tr := range g.seen {
				visited = visited || tr.From == state || tr.To == state
			}
			if !visited {
				t.Errorf("%s: %q does not come to %s", name, s.Name, state)
			}
		}
	}
}
