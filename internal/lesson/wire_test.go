package lesson_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tcpviz/fsm"
	"tcpviz/internal/lesson"
	"tcpviz/internal/story"
)

// parseActs reads acts as the wire entry of a step, behind one that holds something.
func parseActs(acts ...string) ([]lesson.WireAct, error) {
	text := head + "  - wire: hold RST from server\n  - wire:\n"
	for _, a := range acts {
		text += "      - " + a + "\n"
	}
	l, err := lesson.Parse("wire.yaml", []byte(text))
	if err != nil {
		return nil, err
	}
	return l.Steps[1].Wire, nil
}

func TestWireActs(t *testing.T) {
	from := func(side fsm.Side, m lesson.Match) lesson.Match {
		m.From, m.Sided = side, true
		return m
	}
	ack := lesson.Match{Has: fsm.ACK, Lacks: fsm.SYN | fsm.FIN | fsm.RST, Bare: true}
	tests := []struct {
		text      string
		want      lesson.WireAct
		canonical string // "" when it is the text itself
	}{
		{"drop SYN from client", lesson.WireAct{What: story.Dropped, Match: from(fsm.Client, lesson.Match{Has: fsm.SYN, Lacks: fsm.ACK})}, ""},
		{"drop SYN ACK from server", lesson.WireAct{What: story.Dropped, Match: from(fsm.Server, lesson.Match{Has: fsm.SYN | fsm.ACK})}, ""},
		{"drop every SYN ACK from server", lesson.WireAct{What: story.Dropped, Count: -1, Match: from(fsm.Server, lesson.Match{Has: fsm.SYN | fsm.ACK})}, ""},
		{"drop data from client", lesson.WireAct{What: story.Dropped, Match: from(fsm.Client, lesson.Match{Data: true})}, ""},
		{"drop 2 data from client", lesson.WireAct{What: story.Dropped, Count: 2, Match: from(fsm.Client, lesson.Match{Data: true})}, ""},
		{"drop 1 data from client", lesson.WireAct{What: story.Dropped, Match: from(fsm.Client, lesson.Match{Data: true})}, "drop data from client"},
		{"drop 2nd data from client", lesson.WireAct{What: story.Dropped, Match: from(fsm.Client, lesson.Match{Data: true, Skip: 1})}, ""},
		{"drop 1st data from client", lesson.WireAct{What: story.Dropped, Match: from(fsm.Client, lesson.Match{Data: true})}, "drop data from client"},
		{"drop 12th FIN from client", lesson.WireAct{What: story.Dropped, Match: from(fsm.Client, lesson.Match{Has: fsm.FIN, Skip: 11})}, ""},
		{"drop 23rd RST from client", lesson.WireAct{What: story.Dropped, Match: from(fsm.Client, lesson.Match{Has: fsm.RST, Skip: 22})}, ""},
		{"drop everything", lesson.WireAct{What: story.Dropped, Count: -1}, ""},
		{"drop everything from server", lesson.WireAct{What: story.Dropped, Count: -1, Match: from(fsm.Server, lesson.Match{})}, ""},
		{"drop every segment from server", lesson.WireAct{What: story.Dropped, Count: -1, Match: from(fsm.Server, lesson.Match{})}, "drop everything from server"},
		{"duplicate data from client", lesson.WireAct{What: story.Duplicated, Match: from(fsm.Client, lesson.Match{Data: true})}, ""},
		{"duplicate 3 segments from client", lesson.WireAct{What: story.Duplicated, Count: 3, Match: from(fsm.Client, lesson.Match{})}, ""},
		{"delay ACK from server 200ms", lesson.WireAct{What: story.Delayed, For: 200 * time.Millisecond, Match: from(fsm.Server, ack)}, ""},
		{"delay everything 1m0s", lesson.WireAct{What: story.Delayed, For: time.Minute, Count: -1}, "delay everything 1m"},
		{"swap data from client", lesson.WireAct{What: story.Swapped, Match: from(fsm.Client, lesson.Match{Data: true})}, ""},
		{"swap 2nd data from client", lesson.WireAct{What: story.Swapped, Match: from(fsm.Client, lesson.Match{Data: true, Skip: 1})}, ""},
		{"hold FIN from client", lesson.WireAct{What: story.Held, Match: from(fsm.Client, lesson.Match{Has: fsm.FIN})}, ""},
		{"hold segment from client", lesson.WireAct{What: story.Held, Match: from(fsm.Client, lesson.Match{})}, ""},
		{"let go", lesson.WireAct{Let: true}, ""},
		{"let 1 go", lesson.WireAct{Let: true, Count: 1}, ""},
		{"wait 60s", lesson.WireAct{Pause: true, For: time.Minute}, "wait 1m"},
		{"wait 1h", lesson.WireAct{Pause: true, For: time.Hour}, ""},
		{"wait 1500ms", lesson.WireAct{Pause: true, For: 1500 * time.Millisecond}, "wait 1.5s"},
	}
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			acts, err := parseActs(test.text)
			if err != nil {
				t.Fatal(err)
			}
			test.want.Line, test.want.Source = 7, test.text
			if diff := cmp.Diff([]lesson.WireAct{test.want}, acts); diff != "" {
				t.Error(diff)
			}
			canonical := test.canonical
			if canonical == "" {
				canonical = test.text
			}
			if got := acts[0].String(); got != canonical {
				t.Errorf("written again: %s", got)
			}
			sameAgain(t, acts[0])
		})
	}
}

// sameAgain holds that an act's text is read as the same act.
func sameAgain(t *testing.T, w lesson.WireAct) {
	t.Helper()
	again, err := parseActs(w.String())
	if err != nil {
		t.Errorf("%q written again is %q: %v", w.Source, w, err)
		return
	}
	w.Line, w.Source = again[0].Line, again[0].Source
	if diff := cmp.Diff(w, again[0]); diff != "" {
		t.Errorf("%q written again: %s", w.Source, diff)
	}
}

func TestBrokenWireActs(t *testing.T) {
	const kinds = "SYN, SYN ACK, ACK, FIN, RST, data or segment"
	for text, want := range map[string]string{
		`""`:                              "wire: expected what is done to the wire, such as drop SYN from client",
		"lose SYN from client":            `wire: the wire cannot "lose" (it can drop, duplicate, delay, swap, hold, let go and wait)`,
		"drop":                            `wire: drop: expected ` + kinds + `, or everything, found ""`,
		"drop PSH from client":            `wire: drop: expected ` + kinds + `, or everything, found "PSH"`,
		"drop SYN-ACK from server":        `wire: drop: expected ` + kinds + `, or everything, found "SYN-ACK"`,
		"drop SYN":                        "wire: drop: whose SYN? (from client or from server)",
		"drop SYN from C1":                `wire: drop: segments come from client or from server, not from "C1"`,
		"drop SYN to server":              `wire: drop: expected ` + kinds + `, or everything, found "SYN to server"`,
		"drop 0 data from client":         `wire: drop: "0" is no number from 1 to 1000`,
		"drop 1001 data from client":      `wire: drop: "1001" is no number from 1 to 1000`,
		"drop 2th data from client":       `wire: drop: "2th" is no number (write 2nd)`,
		"drop 2x data from client":        `wire: drop: "2x" is no number from 1 to 1000`,
		"drop 2 from client":              `wire: drop: expected ` + kinds + ` behind "2"`,
		"drop segments from client":       `wire: drop: expected ` + kinds + `, or everything, found "segments"`,
		"delay ACK from server":           `wire: delay: delay: "server" is no time up to 1m (such as 200ms or 60s)`,
		"delay":                           "wire: delay: expected segments and a time, such as delay ACK from server 200ms",
		"delay ACK from server 2m":        `wire: delay: delay: "2m" is no time up to 1m (such as 200ms or 60s)`,
		"drop ACK from server 2s":         `wire: drop: segments come from client or from server, not from "server 2s"`,
		"swap everything from client":     "wire: swap: only single segments can be swapped, such as swap data from client",
		"swap 2 data from client":         "wire: swap: only single segments can be swapped, such as swap data from client",
		"let it go":                       `wire: "it" is no number from 1 to 1000`,
		"let":                             "wire: expected let go, or let 1 go",
		"wait":                            "wire: wait needs a time, such as wait 60s",
		"wait 60":                         `wire: wait: "60" is no time up to 1h (such as 200ms or 60s)`,
		"wait 2h":                         `wire: wait: "2h" is no time up to 1h (such as 200ms or 60s)`,
		"wait -1s":                        `wire: wait: "-1s" is no time up to 1h (such as 200ms or 60s)`,
		"{drop: SYN}":                     "expected a text, found a mapping",
		strings.Repeat("drop", 50) + " x": "wire: the wire cannot \"" + strings.Repeat("drop", 10) + "…\" (it can drop, duplicate, delay, swap, hold, let go and wait)",
	} {
		t.Run(text, func(t *testing.T) {
			_, err := parseActs(text)
			if err == nil {
				t.Fatalf("no error, want %s", want)
			}
			if diff := cmp.Diff("lesson: wire.yaml:7: "+want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestBrokenWireLessons(t *testing.T) {
	const socket = "  - server: s = socket()\n"
	for _, test := range []struct{ name, text, want string }{
		{"nothing to let go", "  - wire: drop SYN from client\n  - wire: let go\n", ":6: wire: there is nothing to let go: nothing was held, and no rule goes on"},
		{"stage", socket + "stages: [wire, moon]\n", `: unknown stage "moon" (loopback, wire or sim)`},
		{"stage twice", socket + "stages: [sim, sim]\n", ": the stage sim stands twice"},
		{"stages of another kind", socket + "stages: sim\n", `:6: stages must be a list (- entry), found "sim"`},
		{"touched on loopback", "  - wire: wait 1s\nstages: [loopback, sim]\n", ": a lesson that touches the wire cannot be played on loopback (stages: [wire, sim])"},
		{"reboot on loopback", "  - reboot: server\nstages: [loopback]\n", ": a lesson that touches the wire cannot be played on loopback (stages: [wire, sim])"},
		{"reboot of nobody", "  - reboot: router\n", `:5: the side is client or server, not "router"`},
		{"descriptor after a reboot", socket + "  - reboot: server\n  - server: close(s)\n", `:7: server: no call has given a descriptor named "s"`},
		{"then without a call", "  - wire: wait 1s\n    then: close(s)\n", ":6: then belongs to a step of one program"},
		{"too long in all", "  - wire: [wait 40m, wait 20m]\n  - wire: wait 1s\n", ":6: wire: the lesson waits for more than 1h in all"},
		{"too many acts", "  - wire: [" + strings.Repeat("wait 1s, ", 33) + "]\n", ":5: 33 acts on the wire and 0 reboots in one step are too many (at most 32)"},
		{"port of a host", socket + "  - server: bind(s, server:x)\n", `:6: bind: "x" is no port of the server (such as server:10008)`},
		{"no port of a host", socket + "  - server: bind(s, client)\n", `:6: bind: "" is no port of the client (such as client:10008)`},
		{"port too large", socket + "  - server: bind(s, server:65536)\n", `:6: bind: "65536" is no port of the server (such as server:10008)`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := lesson.Parse("my.yaml", []byte(head+test.text))
			if err == nil {
				t.Fatal("no error")
			}
			if diff := cmp.Diff("lesson: my.yaml"+test.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
	for _, name := range []string{"wire", "reboot"} {
		text := "id: a\ntitle: t\nprograms: {" + name + ": client}\nsteps: [{say: x}]\n"
		if _, err := lesson.Parse("my.yaml", []byte(text)); err == nil {
			t.Errorf("a program may be named %s", name)
		}
	}
}

// What is done by hand, without a file, is checked as well.
func TestValidateWireActs(t *testing.T) {
	good, err := lesson.Parse("my.yaml", []byte(head+"  - wire: wait 1s\n"))
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range []lesson.WireAct{
		{Pause: true}, {Pause: true, For: 2 * time.Hour}, {Pause: true, Let: true, For: time.Second},
		{What: story.Delayed}, {What: story.Dropped, For: time.Second}, {What: story.Swapped, Count: 2},
		{Count: -2}, {Count: 1001}, {Match: lesson.Match{Skip: -1}},
	} {
		good.Steps[0].Wire = []lesson.WireAct{w}
		if good.Validate() == nil {
			t.Errorf("act %d, %s, is valid", i, w)
		}
	}
}

func TestMatches(t *testing.T) {
	of := func(text string) lesson.Match {
		acts, err := parseActs("drop " + text + " from client")
		if err != nil {
			t.Fatal(err)
		}
		return acts[0].Match
	}
	segments := []struct {
		name string
		s    fsm.Segment
	}{
		{"SYN", fsm.Segment{Flags: fsm.SYN}},
		{"SYN ACK", fsm.Segment{Flags: fsm.SYN | fsm.ACK}},
		{"ACK", fsm.Segment{Flags: fsm.ACK}},
		{"data", fsm.Segment{Flags: fsm.ACK | fsm.PSH, Len: 5}},
		{"FIN", fsm.Segment{Flags: fsm.FIN | fsm.ACK}},
		{"RST", fsm.Segment{Flags: fsm.RST | fsm.ACK}},
	}
	for _, word := range segments {
		for _, s := range segments {
			m := of(word.name)
			if got, want := m.Matches(fsm.Client, s.s), word.name == s.name; got != want {
				t.Errorf("%s matches a %s: %t", word.name, s.name, got)
			}
			if m.Matches(fsm.Server, s.s) {
				t.Errorf("%s from client matches one of the server's", word.name)
			}
			if !of("segment").Matches(fsm.Client, s.s) || !(lesson.Match{}).Matches(fsm.Server, s.s) {
				t.Errorf("%s is no segment", s.name)
			}
		}
	}
	both := fsm.Segment{Flags: fsm.FIN | fsm.ACK, Len: 5}
	if !of("FIN").Matches(fsm.Client, both) || !of("data").Matches(fsm.Client, both) {
		t.Error("a FIN with data is not both")
	}
}

func TestStages(t *testing.T) {
	for _, test := range []struct {
		steps string
		want  string // the stages that can carry it
	}{
		{"  - server: s = socket()\n", "loopback wire sim"},
		{"  - wire: wait 1s\n", "wire sim"},
		{"  - reboot: client\n", "wire sim"},
		{"  - wire: wait 1s\nstages: [sim]\n", "sim"},
		{"  - server: s = socket()\nstages: [loopback, sim]\n", "loopback sim"},
	} {
		l, err := lesson.Parse("my.yaml", []byte(head+test.steps))
		if err != nil {
			t.Fatal(err)
		}
		var can []string
		for _, stage := range append(lesson.StageNames(), "moon") {
			if l.CanPlayOn(stage) {
				can = append(can, stage)
			}
		}
		if got := strings.Join(can, " "); got != test.want {
			t.Errorf("%q can be played on %s", test.steps, got)
		}
	}
}

func TestReboot(t *testing.T) {
	const text = head + `  - server: s = socket()
  - client: s = socket()
  - reboot: server
    wire: wait 1s
    say: x
  - client: close(s)
  - reboot: [client, server]
    server: s = socket(AF_INET6)
`
	l, err := lesson.Parse("my.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if s := l.Steps[2]; len(s.Acts) != 0 || len(s.Wire) != 1 || !cmp.Equal(s.Reboot, []fsm.Side{fsm.Server}) || s.Say.EN != "x" {
		t.Errorf("step %+v", s)
	}
	if s := l.Steps[4]; len(s.Acts) != 1 || !cmp.Equal(s.Reboot, []fsm.Side{fsm.Client, fsm.Server}) {
		t.Errorf("step %+v", s)
	}
}

func TestHosts(t *testing.T) {
	const text = head + `  - server: s = socket()
  - server: bind(s, server:10008)
  - client: s = socket(AF_INET6)
  - client: connect(s, server:10008)
  - client: t = socket()
  - client: bind(t, 127.0.0.1:0)
  - client: connect(t, 127.0.0.1:10008)
  - client: connect(t, 192.0.2.1:10008)
  - server: bind(s, 0.0.0.0:1)
`
	l, err := lesson.Parse("my.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	got := make([]string, 0, len(l.Steps))
	for _, s := range l.Steps {
		c := s.Acts[0].Calls[0]
		if c.Addr != (netip.AddrPort{}) {
			got = append(got, fmt.Sprint(c.Addr, " ", c.Hosted, " ", c.Host))
		}
	}
	want := []string{
		"127.0.0.1:10008 true server", "[::1]:10008 true server", "127.0.0.1:0 false client",
		"127.0.0.1:10008 false client", "192.0.2.1:10008 false client", "0.0.0.0:1 false client",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
