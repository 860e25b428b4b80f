package fsm_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tcpviz/fsm"
)

var update = flag.Bool("update", false, "rewrite what the tests expect with what happens")

// A script is one test of a file testdata/*.script: lines of what happens, each
// followed by the states of both sides after it and the rules that said why.
//
//	## name
//	> S 100              | SYN-SENT SYN-RECEIVED  | closed/active-open listen/syn
//	< SA 300:101 len=4   the server's segment: seq 300, ack 101, four octets
//	> A 101:301 lost     it will not arrive
//	> A 101:301 held=x   it is on its way until ...
//	arrives x            ... it arrives
//	call server close    enter of a call
//	return client connect failed
//	timer client time-wait
//	listen               the server's program has called listen
//	foreign              from here on nobody sees segments arrive: it is assumed
//
// A state is followed by ~ when it is inferred, by ? when it is assumed. Other
// options of a segment: win=0 scale=7 mss=1460 tfo.
type script struct {
	name  string
	lines []string
}

// readScripts gives the scripts of one file, and what stands before the first.
func readScripts(t testing.TB, path string) (head string, all []script) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split("\n"+string(text), "\n## ")
	for _, part := range parts[1:] {
		lines := strings.Split(strings.TrimRight(part, "\n"), "\n")
		all = append(all, script{name: lines[0], lines: lines[1:]})
	}
	return strings.TrimPrefix(parts[0], "\n"), all
}

// stage plays a script.
type stage struct {
	conn    fsm.Conn
	foreign bool
	held    map[string]fsm.Event
	seen    []fsm.Transition // all transitions so far
}

// step plays one line and gives the transitions that it caused.
func (g *stage) step(line string) ([]fsm.Transition, error) {
	words := strings.Fields(line)
	from := len(g.seen)
	switch words[0] {
	case "listen":
		g.apply(fsm.Event{Kind: fsm.Called, Side: fsm.Server, Call: fsm.OpenPassive})
		g.apply(fsm.Event{Kind: fsm.Returned, Side: fsm.Server, Call: fsm.OpenPassive})
	case "foreign":
		g.foreign = true
	case "call", "return":
		e := fsm.Event{Kind: fsm.Called, Side: sides[words[1]], Call: calls[words[2]]}
		if words[0] == "return" {
			e.Kind = fsm.Returned
			e.Failed = len(words) > 3 && words[3] == "failed"
		}
		if e.Call == fsm.NoCall && words[2] != "other" {
			return nil, fmt.Errorf("no call %q", words[2])
		}
		g.apply(e)
	case "timer":
		timer, ok := timers[words[2]]
		if !ok {
			return nil, fmt.Errorf("no timer %q", words[2])
		}
		g.apply(fsm.Event{Kind: fsm.Expired, Side: sides[words[1]], Timer: timer})
	case "arrives":
		e, ok := g.held[words[1]]
		if !ok {
			return nil, fmt.Errorf("nothing held as %q", words[1])
		}
		g.apply(e)
	case ">", "<":
		if err := g.segment(words); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("no such line")
	}
	return g.seen[from:], nil
}

// segment plays a line that is a segment: it is sent, and arrives unless the
// line says otherwise.
func (g *stage) segment(words []string) error {
	side := fsm.Client
	if words[0] == "<" {
		side = fsm.Server
	}
	s := fsm.Segment{Window: 1000}
	for _, letter := range words[1] {
		switch i := strings.IndexRune("FSRPAUEC", letter); {
		case i >= 0:
			s.Flags |= 1 << i
		case letter != '-':
			return fmt.Errorf("no flag %q", letter)
		}
	}
	seq, ack, _ := strings.Cut(words[2], ":")
	n, err := strconv.ParseUint(seq, 10, 32)
	if err != nil {
		return err
	}
	s.Seq = fsm.Seq(n)
	if ack != "" {
		if n, err = strconv.ParseUint(ack, 10, 32); err != nil {
			return err
		}
		s.Ack = fsm.Seq(n)
	}
	arrives := fsm.Event{Kind: fsm.Received, Side: side.Other(), Assumed: g.foreign}
	hold := ""
	for _, word := range words[3:] {
		key, value, _ := strings.Cut(word, "=")
		n, err := strconv.ParseUint(value, 10, 32)
		if err != nil && key != "held" && key != "lost" && key != "tfo" {
			return fmt.Errorf("%s: %w", word, err)
		}
		switch key {
		case "len":
			s.Len = uint32(n)
		case "win":
			s.Window = uint16(n)
		case "scale":
			s.Options.WindowScale, s.Options.HasScale = uint8(n), true
		case "mss":
			s.Options.MSS = uint16(n)
		case "tfo":
			s.Options.FastOpen = true
		case "lost":
			arrives = fsm.Event{Kind: fsm.Lost, Side: side}
		case "held":
			hold = value
		default:
			return fmt.Errorf("no option %q", word)
		}
	}
	g.apply(fsm.Event{Kind: fsm.Sent, Side: side, Segment: s})
	arrives.Segment = s
	if hold != "" {
		if g.held == nil {
			g.held = make(map[string]fsm.Event)
		}
		g.held[hold] = arrives
		return nil
	}
	g.apply(arrives)
	return nil
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

var sides = map[string]fsm.Side{"client": fsm.Client, "server": fsm.Server}

var calls = map[string]fsm.UserCall{
	"listen": fsm.OpenPassive, "connect": fsm.OpenActive, "accept": fsm.Accept, "send": fsm.Send,
	"receive": fsm.Receive, "shutdown": fsm.ShutdownWrite, "close": fsm.Close, "abort": fsm.Abort, "other": fsm.NoCall,
}

var timers = map[string]fsm.Timer{
	"time-wait": fsm.TimeWaitTimer, "retransmission": fsm.Retransmission, "user": fsm.UserTimeout,
	"keep-alive": fsm.KeepAliveTimer, "fin-wait-2": fsm.FinWait2Timer, "syn-received": fsm.SynReceivedTimer,
}

// play plays a script and gives it as it would be written with what happened.
func (s script) play(t testing.TB) (string, stage) {
	t.Helper()
	var g stage
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n", s.name)
	for i, line := range s.lines {
		said, _, _ := strings.Cut(line, "|")
		said = strings.TrimSpace(said)
		if said == "" || strings.HasPrefix(said, "#") {
			b.WriteString(strings.TrimRight(line, " ") + "\n")
			continue
		}
		caused, err := g.step(said)
		if err != nil {
			t.Fatalf("%s: line %d: %s: %v", s.name, i+1, said, err)
		}
		var ids []string
		for _, c := range caused {
			ids = append(ids, c.Rule.ID)
		}
		if len(ids) == 0 {
			fmt.Fprintf(&b, "%s\n", said)
			continue
		}
		fmt.Fprintf(&b, "%-26s | %-28s | %s\n", said, g.states(), strings.Join(ids, " "))
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
		head, all := readScripts(t, path)
		whole := []string{strings.TrimRight(head, "\n")}
		for _, s := range all {
			t.Run(strings.TrimSuffix(filepath.Base(path), ".script")+"/"+s.name, func(t *testing.T) {
				want := "## " + s.name + "\n" + strings.TrimRight(strings.Join(s.lines, "\n"), "\n") + "\n"
				got, g := s.play(t)
				whole = append(whole, strings.TrimRight(got, "\n"))
				checkChain(t, g.seen)
				if *update {
					return
				}
				if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); diff != "" {
					t.Errorf("%s (-want +got):\n%s", path, diff)
				}
			})
		}
		if *update {
			if err := os.WriteFile(path, []byte(strings.Join(whole, "\n\n")+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
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
