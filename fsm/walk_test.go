package fsm_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tcpviz/fsm"
	"tcpviz/internal/script"
)

// An entry leads one side of a connection into a state.
type entry struct {
	state  fsm.State
	note   string
	side   fsm.Side
	script string
}

const opened = "listen\n> S 100\n< SA 300:101\n> A 101:301\n"

// entries lead into every state; the side in it has sent up to 101 (its FIN is
// 101) and has received up to 301, as far as it has done either.
var entries = []entry{
	{fsm.Closed, "", fsm.Client, ""},
	{fsm.Listen, "", fsm.Server, "listen"},
	{fsm.SynSent, "", fsm.Client, "> S 100 lost"},
	{fsm.SynReceived, "after LISTEN", fsm.Client, "return client listen\n< S 300\n> SA 100:301 lost"},
	{fsm.SynReceived, "after SYN-SENT", fsm.Client, "> S 100 lost\n< S 300\n> SA 100:301 lost"},
	{fsm.Established, "", fsm.Client, opened},
	{fsm.FinWait1, "", fsm.Client, opened + "> FA 101:301 lost"},
	{fsm.FinWait2, "", fsm.Client, opened + "> FA 101:301\n< A 301:102"},
	{fsm.CloseWait, "", fsm.Client, opened + "< FA 301:101"},
	{fsm.Closing, "", fsm.Client, opened + "> FA 101:301 lost\n< FA 301:101"},
	{fsm.LastAck, "", fsm.Client, opened + "< FA 301:101\n> FA 101:302 lost"},
	{fsm.TimeWait, "", fsm.Client, opened + "> FA 101:301\n< FA 301:102"},
}

// happens are the events tried in every state: what it is called, and what it
// is, with snd, rcv and una for the side's own numbers.
type happening struct {
	name string
	make func(snd, una, rcv fsm.Seq) fsm.Event
}

func happenings() []happening {
	var all []happening
	add := func(name string, e fsm.Event) {
		all = append(all, happening{name, func(_, _, _ fsm.Seq) fsm.Event { return e }})
	}
	for _, c := range []struct {
		name string
		call fsm.UserCall
	}{
		{"listen", fsm.OpenPassive}, {"connect", fsm.OpenActive}, {"accept", fsm.Accept}, {"send", fsm.Send},
		{"receive", fsm.Receive}, {"shutdown", fsm.ShutdownWrite}, {"close", fsm.Close}, {"abort", fsm.Abort},
	} {
		add("call "+c.name, fsm.Event{Kind: fsm.Called, Call: c.call})
		add("return "+c.name, fsm.Event{Kind: fsm.Returned, Call: c.call})
		if c.call == fsm.OpenActive {
			add("return connect: failed", fsm.Event{Kind: fsm.Returned, Call: c.call, Failed: true})
		}
	}
	add("call shutdown, the FIN waits", fsm.Event{Kind: fsm.Called, Call: fsm.ShutdownWrite, Waits: true})
	add("call close, the FIN waits", fsm.Event{Kind: fsm.Called, Call: fsm.Close, Waits: true})
	add("its host reboots", fsm.Event{Kind: fsm.Rebooted})
	segment := func(kind fsm.EventKind, name string, flags fsm.Flags, length uint32, seq func(snd, una, rcv fsm.Seq) (fsm.Seq, fsm.Seq)) {
		all = append(all, happening{name, func(snd, una, rcv fsm.Seq) fsm.Event {
			at, ack := seq(snd, una, rcv)
			s := fsm.Segment{Seq: at, Ack: ack, Flags: flags, Window: 1000, Len: length}
			return fsm.Event{Kind: kind, Segment: s}
		}})
	}
	type seqs = func(snd, una, rcv fsm.Seq) (fsm.Seq, fsm.Seq)
	var (
		next seqs = func(snd, _, rcv fsm.Seq) (fsm.Seq, fsm.Seq) { return snd, rcv }
		old  seqs = func(_, una, rcv fsm.Seq) (fsm.Seq, fsm.Seq) { return una, rcv }
		in   seqs = func(snd, _, rcv fsm.Seq) (fsm.Seq, fsm.Seq) { return rcv, snd }
		less seqs = func(_, una, rcv fsm.Seq) (fsm.Seq, fsm.Seq) { return rcv, una }
		past seqs = func(snd, _, rcv fsm.Seq) (fsm.Seq, fsm.Seq) { return rcv - 1, snd }
		gap  seqs = func(snd, _, rcv fsm.Seq) (fsm.Seq, fsm.Seq) { return rcv + 10, snd }
		far  seqs = func(snd, _, rcv fsm.Seq) (fsm.Seq, fsm.Seq) { return rcv + 5000, snd }
		over seqs = func(snd, _, rcv fsm.Seq) (fsm.Seq, fsm.Seq) { return rcv, snd + 7 }
		syn  seqs = func(_, _, rcv fsm.Seq) (fsm.Seq, fsm.Seq) { return 100, rcv }
	)
	segment(fsm.Sent, "sends SYN", fsm.SYN, 0, syn)
	segment(fsm.Sent, "sends SYN with another number", fsm.SYN, 0, far)
	segment(fsm.Sent, "sends SYN ACK", fsm.SYN|fsm.ACK, 0, syn)
	segment(fsm.Sent, "sends ACK", fsm.ACK, 0, next)
	segment(fsm.Sent, "sends data", fsm.ACK, 5, next)
	segment(fsm.Sent, "sends FIN", fsm.FIN|fsm.ACK, 0, next)
	segment(fsm.Sent, "sends FIN again", fsm.FIN|fsm.ACK, 0, old)
	segment(fsm.Sent, "sends RST", fsm.RST|fsm.ACK, 0, next)
	segment(fsm.Received, "SYN", fsm.SYN, 0, gap)
	segment(fsm.Received, "SYN, below the window", fsm.SYN, 0, past)
	segment(fsm.Received, "SYN ACK of everything", fsm.SYN|fsm.ACK, 0, past)
	segment(fsm.Received, "ACK of everything", fsm.ACK, 0, in)
	segment(fsm.Received, "ACK of everything, after a gap", fsm.ACK, 0, gap)
	segment(fsm.Received, "ACK of nothing new", fsm.ACK, 0, less)
	segment(fsm.Received, "ACK of something never sent", fsm.ACK, 0, over)
	segment(fsm.Received, "data, in order", fsm.ACK, 5, in)
	segment(fsm.Received, "data, after a gap", fsm.ACK, 5, gap)
	segment(fsm.Received, "data, outside the window", fsm.ACK, 5, far)
	segment(fsm.Received, "keep-alive probe", fsm.ACK, 0, past)
	segment(fsm.Received, "FIN, ACK of everything", fsm.FIN|fsm.ACK, 0, in)
	segment(fsm.Received, "FIN, ACK of nothing new", fsm.FIN|fsm.ACK, 0, less)
	segment(fsm.Received, "FIN, after a gap", fsm.FIN|fsm.ACK, 0, gap)
	segment(fsm.Received, "RST, number expected", fsm.RST|fsm.ACK, 0, in)
	segment(fsm.Received, "RST, number before that", fsm.RST, 0, past)
	segment(fsm.Received, "RST, in the window", fsm.RST, 0, gap)
	segment(fsm.Received, "RST, outside the window", fsm.RST, 0, far)
	segment(fsm.Received, "segment without ACK", 0, 5, in)
	full := func(name string, q fsm.Queue, flags fsm.Flags, numbers seqs) {
		all = append(all, happening{name, func(snd, una, rcv fsm.Seq) fsm.Event {
			at, ack := numbers(snd, una, rcv)
			s := fsm.Segment{Seq: at, Ack: ack, Flags: flags, Window: 1000}
			return fsm.Event{Kind: fsm.Received, Queue: q, Segment: s}
		}})
	}
	full("SYN, its queue is full", fsm.SYNQueueFull, fsm.SYN, gap)
	full("SYN, the queue for accept is full", fsm.AcceptQueueFull, fsm.SYN, gap)
	full("ACK of everything, the queue for accept is full", fsm.AcceptQueueFull, fsm.ACK, in)
	add("its listening socket is closed", fsm.Event{Kind: fsm.Returned, Call: fsm.CloseListening})
	segment(fsm.Lost, "its data is lost", fsm.ACK, 5, next)
	for _, tm := range []struct {
		name  string
		timer fsm.Timer
	}{
		{"2MSL", fsm.TimeWaitTimer}, {"retransmission", fsm.Retransmission}, {"user", fsm.UserTimeout},
		{"keep-alive", fsm.KeepAliveTimer}, {"FIN-WAIT-2", fsm.FinWait2Timer}, {"SYN-RECEIVED", fsm.SynReceivedTimer},
		{"loss probe", fsm.LossProbeTimer}, {"reordering", fsm.ReorderTimer}, {"persist", fsm.PersistTimer},
		{"keep-alive probe", fsm.KeepAliveProbeTimer}, {"delayed ACK", fsm.DelayedAckTimer},
	} {
		add(tm.name+" timeout", fsm.Event{Kind: fsm.Expired, Timer: tm.timer})
	}
	return all
}

// enter plays an entry and gives the connection with its side in the state.
func (en entry) enter(t testing.TB) fsm.Conn {
	t.Helper()
	file, err := script.Parse("## entry\n" + en.script)
	if err != nil {
		t.Fatal(err)
	}
	_, g := play(file.Scripts[0])
	if got := g.conn.Ends[en.side].State; got != en.state {
		t.Fatalf("the script for %s leads to %s", en.state, got)
	}
	return g.conn
}

// walk tries every happening in every state, of connections on a stack.
func walk(t testing.TB, stack fsm.Stack, visit func(en entry, name string, caused []fsm.Transition)) {
	t.Helper()
	for _, en := range entries {
		conn := en.enter(t).On(stack)
		end := conn.Ends[en.side]
		snd, una, rcv := end.SndNxt, end.SndUna, end.RcvNxt
		if end.Facts.Has(fsm.SentFIN) {
			una = end.FinSeq
		}
		for _, h := range happenings() {
			e := h.make(snd, una, rcv)
			e.Side = en.side
			_, caused := conn.Apply(e, nil)
			if len(caused) == 0 {
				t.Errorf("%s, %s: no rule", en.state, h.name)
			}
			visit(en, h.name, caused)
		}
	}
}

// String names the state, and how it was come to where that matters.
func (en entry) String() string {
	if en.note != "" {
		return en.state.String() + " (" + en.note + ")"
	}
	return en.state.String()
}

// outcome writes the state after an event and the rules that say why, as cells of a table.
func (en entry) outcome(caused []fsm.Transition) string {
	after, ids := en.state, []string{}
	for _, c := range caused {
		if c.Side == en.side {
			after = c.To
		}
		id := c.Rule.ID
		if c.Side != en.side {
			id += " (other side)"
		}
		ids = append(ids, id)
	}
	state := after.String()
	if after != en.state {
		state = "**" + state + "**"
	}
	return state + " | " + strings.Join(ids, ", ")
}

// A stack is one whose departures are known.
type stack struct {
	is   fsm.Stack
	name string
}

func stacks() []stack { return []stack{{fsm.Linux, "Linux"}, {fsm.Netstack, "netstack"}} }

// TestRulesFile holds that RULES.md says what the model does.
func TestRulesFile(t *testing.T) {
	var b strings.Builder
	b.WriteString(`# The state machine, in full

Written by the tests of package fsm (` + "`go test ./fsm -run TestRulesFile -update`" + `): what every event does in every
state, and the rules that say why. It is one side that is looked at; segments that "it sends" are
its own, all others arrive at it. No event is without a rule.

`)
	var last string
	rows := make(map[string]string) // by state and event
	walk(t, fsm.AnyStack, func(en entry, name string, caused []fsm.Transition) {
		head := en.String()
		if head != last {
			fmt.Fprintf(&b, "%s## %s\n\n| event | state after | rule |\n|---|---|---|\n", strings.Repeat("\n", min(1, len(last))), head)
			last = head
		}
		rows[head+name] = en.outcome(caused)
		fmt.Fprintf(&b, "| %s | %s |\n", name, rows[head+name])
	})
	b.WriteString(`
## Where a stack departs from this

On a stage whose stack is known the model does what that stack was seen to do, by a rule of its own.

| stack | state | event | state after | rule |
|---|---|---|---|---|
`)
	for _, stack := range stacks() {
		walk(t, stack.is, func(en entry, name string, caused []fsm.Transition) {
			if row := en.outcome(caused); row != rows[en.String()+name] {
				fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", stack.name, en, name, row)
			}
		})
	}
	b.WriteString("\n## All rules\n\nSections are those of RFC 9293.\n\n| rule | section | reason |\n|---|---|---|\n")
	for _, r := range fsm.Rules() {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", r.ID, r.RFC, r.Reason)
	}
	b.WriteString("\n## All anomalies\n\nWhat is unusual about a segment, under the names of Wireshark's tcp.analysis.\n\n| anomaly | section | meaning |\n|---|---|---|\n")
	for f := range fsm.Anomaly(0xffff).Findings() {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", f.Name, f.RFC, f.Reason)
	}
	if *update {
		if err := os.WriteFile("RULES.md", []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("RULES.md")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(b.String(), "\n")); diff != "" {
		t.Errorf("RULES.md is out of date (-file +model):\n%s", diff)
	}
}

// TestRules holds what every rule must be, and that each one is reached by a
// script or by the walk.
func TestRules(t *testing.T) {
	reached := make(map[string]bool)
	for _, stack := range stacks() {
		walk(t, stack.is, func(_ entry, _ string, caused []fsm.Transition) {
			for _, c := range caused {
				reached[c.Rule.ID] = true
			}
		})
	}
	paths, err := filepath.Glob("testdata/*.script")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		for _, s := range readScripts(t, path).Scripts {
			_, g := play(s)
			for _, c := range g.seen {
				reached[c.Rule.ID] = true
			}
		}
	}
	id := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*/[a-z0-9]+(-[a-z0-9]+)*$`)
	section := regexp.MustCompile(`^(3(\.\d+)+|RFC \d+|POSIX [a-z]+\(\)|Linux [a-z0-9_]+)$`)
	reason := regexp.MustCompile(`^[A-Z].*[A-Za-z0-9]\.$`)
	seen := make(map[string]bool)
	for _, r := range fsm.Rules() {
		if seen[r.ID] {
			t.Errorf("%s: twice", r.ID)
		}
		seen[r.ID] = true
		if !id.MatchString(r.ID) || !section.MatchString(r.RFC) || !reason.MatchString(r.Reason) {
			t.Errorf("not well formed: %+v", r)
		}
		if !reached[r.ID] {
			t.Errorf("%s: no script and no walk reaches it", r.ID)
		}
	}
}
