package lesson_test

import (
	"errors"
	"io/fs"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tcpviz/fsm"
	"tcpviz/internal/lesson"
	"tcpviz/internal/story"
)

// TestBuiltIn holds that every embedded file is a lesson that has its place in
// the list, under its own name, and speaks both languages.
func TestBuiltIn(t *testing.T) {
	all := lesson.All()
	listed := make(map[string]bool)
	for _, l := range all {
		listed[l.ID+".yaml"] = true
		found, ok := lesson.Find(l.ID)
		if !ok {
			t.Errorf("%s is not found", l.ID)
		}
		if diff := cmp.Diff(l, found, cmpopts.EquateComparable(netip.AddrPort{})); diff != "" {
			t.Errorf("%s: %s", l.ID, diff)
		}
		texts := []story.Text{l.Title, l.Summary}
		for _, s := range l.Steps {
			if s.Say != (story.Text{}) {
				texts = append(texts, s.Say)
			}
		}
		for _, text := range texts {
			if text.EN == "" || text.ZH == "" {
				t.Errorf("%s: a text is in one language only: %+v", l.ID, text)
			}
		}
		if len(texts) < 5 {
			t.Errorf("%s is hardly narrated", l.ID)
		}
	}
	files, err := fs.Glob(os.DirFS("lessons"), "*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !listed[f] {
			t.Errorf("lessons/%s is in no list", f)
		}
		delete(listed, f)
	}
	for f := range listed {
		t.Errorf("the lesson of %s has another id than its file", f)
	}
	if all[0].ID != "connection" {
		t.Errorf("the first lesson is %s", all[0].ID)
	}
}

func TestNearest(t *testing.T) {
	for given, want := range map[string]string{
		"conection": "connection", "handshke": "handshake", "close-marged": "close-merged",
		"brokenpipe": "broken-pipe", "Close": "close", "xyzzy": "", "": "",
		strings.Repeat("close", 1000): "",
	} {
		if got := lesson.Nearest(given); got != want {
			t.Errorf("Nearest(%.20q) = %q, want %q", given, got, want)
		}
	}
	if _, ok := lesson.Find("xyzzy"); ok {
		t.Error("an unknown lesson was found")
	}
}

// head is the beginning of a file; the steps' entries begin at line 5.
const head = `id: test
title: {en: Test, zh: 测试}
programs: {server: server, client: client}
steps:
`

func TestParse(t *testing.T) {
	const text = head + `  - server: s = socket(AF_INET6)
    say: one text
  - server: bind(s, [::1]:10008) = -1 EADDRINUSE
  - client: 'send(s, "a: b # c\n" * 2) = 18'
  - client: 'setsockopt(s, SO_LINGER, {1, 7})'
  - client: setsockopt( s , SO_RCVTIMEO , 1500ms )
  - server: x=accept(s)
    then:
      - recv(x, 9) = "\x00€"
      - shutdown(x, SHUT_WR)
  - say: {zh: 两个}
    together:
      - client: close(s)
      - server: close(s)
ends:
  - {server: LAST-ACK, client: TIME-WAIT}
  - {client: CLOSED}
see: [CLOSING]
retry: 3
`
	l, err := lesson.Parse("folder/test.yaml", []byte(strings.Replace(text, "  - client: 'send", "  - client: s = socket()\n  - client: 'send", 1)))
	if err != nil {
		t.Fatal(err)
	}
	one := func(line int, say story.Text, program string, calls ...lesson.Call) lesson.Step {
		return lesson.Step{Line: line, Say: say, Acts: []lesson.Act{{Program: program, Calls: calls}}}
	}
	want := lesson.Lesson{
		ID: "test", Title: story.Text{EN: "Test", ZH: "测试"},
		Programs: []lesson.Program{{Name: "server", Side: fsm.Server}, {Name: "client", Side: fsm.Client}},
		Steps: []lesson.Step{
			one(5, story.Text{EN: "one text"}, "server", lesson.Call{Line: 5, Source: "s = socket(AF_INET6)", Assign: "s", Op: lesson.Socket, IPv6: true}),
			one(7, story.Text{}, "server", lesson.Call{Line: 7, Source: "bind(s, [::1]:10008) = -1 EADDRINUSE", Op: lesson.Bind, Socket: "s",
				Addr: netip.MustParseAddrPort("[::1]:10008"), Want: lesson.Want{Stated: true, Result: -1, Errno: "EADDRINUSE"}}),
			one(8, story.Text{}, "client", lesson.Call{Line: 8, Source: "s = socket()", Assign: "s", Op: lesson.Socket}),
			one(9, story.Text{}, "client", lesson.Call{Line: 9, Source: `send(s, "a: b # c\n" * 2) = 18`, Op: lesson.Send, Socket: "s",
				Data: []byte("a: b # c\na: b # c\n"), Want: lesson.Want{Stated: true, Result: 18}}),
			one(10, story.Text{}, "client", lesson.Call{Line: 10, Source: "setsockopt(s, SO_LINGER, {1, 7})", Op: lesson.SetSockOpt, Socket: "s",
				Option: "SO_LINGER", Value: lesson.Value{On: true, Number: 7}}),
			one(11, story.Text{}, "client", lesson.Call{Line: 11, Source: "setsockopt( s , SO_RCVTIMEO , 1500ms )", Op: lesson.SetSockOpt, Socket: "s",
				Option: "SO_RCVTIMEO", Value: lesson.Value{Time: 1500 * time.Millisecond}}),
			one(12, story.Text{}, "server", lesson.Call{Line: 12, Source: "x=accept(s)", Assign: "x", Op: lesson.Accept, Socket: "s"},
				lesson.Call{Line: 14, Source: `recv(x, 9) = "\x00€"`, Op: lesson.Recv, Socket: "x", Size: 9,
					Want: lesson.Want{Stated: true, Result: 4, HasData: true, Data: []byte("\x00€")}},
				lesson.Call{Line: 15, Source: "shutdown(x, SHUT_WR)", Op: lesson.Shutdown, Socket: "x", How: "SHUT_WR"}),
			{Line: 16, Say: story.Text{ZH: "两个"}, Acts: []lesson.Act{
				{Program: "client", Calls: []lesson.Call{{Line: 18, Source: "close(s)", Op: lesson.Close, Socket: "s"}}},
				{Program: "server", Calls: []lesson.Call{{Line: 19, Source: "close(s)", Op: lesson.Close, Socket: "s"}}},
			}},
		},
		Ends: []lesson.End{
			{Line: 21, Of: [2]lesson.Promise{{Program: "client", State: fsm.TimeWait}, {Program: "server", State: fsm.LastAck}}},
			{Line: 22, Of: [2]lesson.Promise{{Program: "client", State: fsm.Closed}}},
		},
		See: []fsm.State{fsm.Closing}, Retry: 3,
	}
	if diff := cmp.Diff(want, l, cmpopts.EquateComparable(netip.AddrPort{})); diff != "" {
		t.Error(diff)
	}
}

func TestBroken(t *testing.T) {
	step := func(text string) string {
		return head + "  - server: s = socket()\n  - server: " + text + "\n"
	}
	tests := []struct{ name, text, want string }{
		{"empty", "", "lesson: my.yaml: the file is empty"},
		{"comment only", "# nothing\n", "lesson: my.yaml: the file is empty"},
		{"no mapping", "- 1\n", `lesson: my.yaml:1: a lesson must be a mapping (key: value), found a list`},
		{"not YAML", head + "  - server: [\n", "lesson: my.yaml:5: did not find expected node content"},
		{"a tab", "id: a\n\ttitle: b\n", "lesson: my.yaml:2: found a tab character that violates indentation"},
		{"two documents", head + "  - server: s = socket()\n---\nid: b\n", "lesson: my.yaml:6: a second document: one file holds one lesson"},
		{"unknown key", "id: test\ntitle: t\nprogramms: {}\n", `lesson: my.yaml:3: unknown key "programms"`},
		{"key twice", "id: test\nid: b\n", `lesson: my.yaml:2: key "id" stands twice`},
		{"wrong type", "id: [a]\n", "lesson: my.yaml:1: expected a text, found a list"},
		{"null", "id:\n", "lesson: my.yaml:1: expected a text, found nothing"},
		{"alias", "id: &a x\ntitle: *a\n", "lesson: my.yaml:2: a text must be a mapping (key: value), found an alias (lessons have none)"},
		{"unknown language", "id: test\ntitle: {en: a, de: b}\n", `lesson: my.yaml:2: unknown key "de"`},
		{"control character", "id: test\ntitle: \"a\\e[2J\"\n", "lesson: my.yaml:2: a control character in the text"},
		{"id missing", "title: t\n", "lesson: my.yaml: the id is missing"},
		{"id of another kind", "id: a/b\ntitle: t\n", `lesson: my.yaml: the id "a/b" must be lower-case letters, digits and hyphens`},
		{"title missing", "id: a\n", "lesson: my.yaml: the title is missing"},
		{"programs missing", "id: a\ntitle: t\n", "lesson: my.yaml: programs are missing (programs: {server: server, client: client})"},
		{"steps missing", "id: a\ntitle: t\nprograms: {a: client}\n", "lesson: my.yaml: steps are missing"},
		{"no side", "id: a\ntitle: t\nprograms: {a: peer}\n", `lesson: my.yaml:3: program a: the side is client or server, not "peer"`},
		{"a program named as a key", "id: a\ntitle: t\nprograms: {say: client}\nsteps: [{say: x}]\n", "lesson: my.yaml:4: the step has no call"},
		{"a program's name", "id: a\ntitle: t\nprograms: {\"a b\": client}\nsteps: [{a: s = socket()}]\n", `lesson: my.yaml: the program's name "a b" must be a letter and then at most 15 letters, digits or underscores`},
		{"unknown program", head + "  - sevrer: s = socket()\n", `lesson: my.yaml:5: unknown program "sevrer"`},
		{"two programs in a step", head + "  - server: s = socket()\n    client: s = socket()\n", `lesson: my.yaml:6: unknown key "client" (a step is one program's call, with say and then)`},
		{"together of one", head + "  - together:\n      - server: s = socket()\n", "lesson: my.yaml:5: together needs the calls of two programs or more"},
		{"together of the same", head + "  - together: [{server: s = socket()}, {server: t = socket()}]\n", "lesson: my.yaml:5: server stands twice in together: one program makes one call at a time"},
		{"together and then", head + "  - together: [{server: s = socket()}, {client: t = socket()}]\n    then: close(s)\n", "lesson: my.yaml:6: then belongs to a step of one program"},
		{"retry", head + "  - server: s = socket()\nretry: many\n", `lesson: my.yaml:6: expected a number, found "many"`},
		{"retry too often", head + "  - server: s = socket()\nretry: 100000\n", "lesson: my.yaml: retry must be a number from 0 to 1000"},
		{"unknown state", head + "  - server: s = socket()\nsee: [TIME_WAIT]\n", `lesson: my.yaml:6: unknown state "TIME_WAIT" (RFC 9293's names: ESTABLISHED, FIN-WAIT-1, TIME-WAIT, …)`},
		{"ends of an unknown program", head + "  - server: s = socket()\nends:\n  - {C9: CLOSED}\n", `lesson: my.yaml:7: unknown program "C9"`},
		{"three ends", head + "  - server: s = socket()\nends: [{a: CLOSED, b: CLOSED, c: CLOSED}]\n", "lesson: my.yaml:6: a connection has two ends"},

		{"no call", step("42"), `lesson: my.yaml:6: expected a call such as connect(s, 127.0.0.1:10008), found "42"`},
		{"unknown call", step("sleep(1)"), `lesson: my.yaml:6: unknown call "sleep" (there are socket, bind, listen, accept, connect, send, recv, shutdown, setsockopt, getsockname, getpeername, close)`},
		{"no parentheses", step("close s"), "lesson: my.yaml:6: close must be followed by its arguments in parentheses"},
		{"open parenthesis", step("close(s"), "lesson: my.yaml:6: close: the closing parenthesis is missing"},
		{"too few", step("listen(s)"), "lesson: my.yaml:6: listen: 2 arguments are needed, found 1"},
		{"too many", step("close(s, 1)"), `lesson: my.yaml:6: close: expected ), found ", 1)"`},
		{"left over", step("close(s) x"), `lesson: my.yaml:6: "x" is left over behind the call`},
		{"host name", step("bind(s, localhost:80)"), `lesson: my.yaml:6: bind: "localhost:80" is no address (such as server:10008, 127.0.0.1:10008 or [::1]:10008)`},
		{"port", step("bind(s, 127.0.0.1:70000)"), `lesson: my.yaml:6: bind: "127.0.0.1:70000" is no address (such as server:10008, 127.0.0.1:10008 or [::1]:10008)`},
		{"family", step("bind(s, [::1]:80)"), "lesson: my.yaml:6: server: an IPv6 address needs an IPv6 socket: s = socket(AF_INET6)"},
		{"other family", head + "  - server: s = socket(AF_INET6)\n  - server: bind(s, 127.0.0.1:80)\n", "lesson: my.yaml:6: server: an AF_INET6 socket needs an IPv6 address (such as [::1]:10008)"},
		{"no such family", step("t = socket(AF_UNIX)"), `lesson: my.yaml:6: socket: unknown address family "AF_UNIX" (AF_INET or AF_INET6)`},
		{"unquoted", step("send(s, hello)"), `lesson: my.yaml:6: send: expected a quoted text, found "hello)"`},
		{"colon", step(`send(s, "a: b")`), `lesson: my.yaml:6: mapping values are not allowed in this context (a call that holds ": " must stand in single quotes)`},
		{"far too much", step(`send(s, "12345678" * 16000000)`), "lesson: my.yaml:6: send: 128000000 octets are too many (at most 16777216)"},
		{"far too much together", step(`send(s, "x" * 16777216)`) + "  - server: send(s, \"x\")\n", "lesson: my.yaml:7: the texts of the lesson's calls are too long (at most 16777216 octets together)"},
		{"number", step("recv(s, -1)"), `lesson: my.yaml:6: recv: "-1" is no number from 0 to 16777216`},
		{"direction", step("shutdown(s, WR)"), `lesson: my.yaml:6: shutdown: unknown direction "WR" (SHUT_RD, SHUT_WR or SHUT_RDWR)`},
		{"option", step("setsockopt(s, SO_FAST, 1)"), `lesson: my.yaml:6: setsockopt: unknown option "SO_FAST"`},
		{"time", step("setsockopt(s, SO_RCVTIMEO, 10)"), `lesson: my.yaml:6: setsockopt: SO_RCVTIMEO: "10" is no time up to 1m0s (such as 500ms or 2s)`},
		{"linger", step("setsockopt(s, SO_LINGER, 0)"), `lesson: my.yaml:6: setsockopt: SO_LINGER: "0" must be {0 or 1, seconds} (such as {1, 0})`},
		{"result", step("close(s) = ok"), `lesson: my.yaml:6: "ok" is no result (a number, or -1 and the error's name)`},
		{"error's name", step("close(s) = -1 refused"), `lesson: my.yaml:6: "refused" is no error's name (such as ECONNREFUSED)`},
		{"error without -1", step("close(s) = 0 EBADF"), `lesson: my.yaml:6: "EBADF" is left over behind the call`},
		{"text of send", step(`send(s, "a") = "a"`), "lesson: my.yaml:6: send gives a number: only recv gives a text"},
		{"nothing to assign", step("x = close(s)"), "lesson: my.yaml:6: close gives no descriptor: only socket and accept can be assigned to a name"},
		{"assign", step("accept(s)"), "lesson: my.yaml:6: accept gives a descriptor: write NAME = accept(s)"},
		{"unknown descriptor", step("close(c)"), `lesson: my.yaml:6: server: no call has given a descriptor named "c"`},
		{"another's descriptor", head + "  - server: s = socket()\n  - client: close(s)\n", `lesson: my.yaml:6: client: no call has given a descriptor named "s"`},
		{"in then", head + "  - server: s = socket()\n    then:\n      - close(s)\n      - clos(s)\n", `lesson: my.yaml:8: unknown call "clos" (there are socket, bind, listen, accept, connect, send, recv, shutdown, setsockopt, getsockname, getpeername, close)`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := lesson.Parse("/some/where/my.yaml", []byte(test.text))
			if err == nil {
				t.Fatalf("no error, want %s", test.want)
			}
			if diff := cmp.Diff(test.want, err.Error()); diff != "" {
				t.Error(diff)
			}
			var wrong *lesson.Error
			if !errors.As(err, &wrong) {
				t.Errorf("the error is a %T", err)
			}
		})
	}
}

func TestTooLarge(t *testing.T) {
	if _, err := lesson.Parse("x", make([]byte, 2<<20)); err == nil || !strings.Contains(err.Error(), "too large") {
		t.Errorf("error %v", err)
	}
	steps := strings.Repeat("  - server: s = socket()\n", 1001)
	if _, err := lesson.Parse("x", []byte(head+steps)); err == nil || !strings.Contains(err.Error(), "too many") {
		t.Errorf("error %v", err)
	}
}

// FuzzParse holds that no file makes Parse panic, that an error is one line
// without control characters, and that what it gives is valid.
func FuzzParse(f *testing.F) {
	names, err := fs.Glob(os.DirFS("lessons"), "*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		data, err := os.ReadFile("lessons/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(head + "  - together: [{server: s = socket()}, {client: s = socket(AF_INET6)}]\n    say: x\n"))
	f.Add([]byte(head + "  - wire: [hold every SYN ACK from server, delay 2nd data from client 1500ms, let 2 go]\n    reboot: client\n  - server: s = socket(AF_INET6)\n  - server: bind(s, server:10008)\nstages: [sim]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := lesson.Parse("f.yaml", data)
		if err == nil {
			if err := l.Validate(); err != nil {
				t.Errorf("an invalid lesson was given: %v", err)
			}
			for _, s := range l.Steps {
				for _, w := range s.Wire {
					sameAgain(t, w)
				}
			}
			return
		}
		for _, c := range err.Error() {
			if c < ' ' || c == 0x7f {
				t.Fatalf("a control character in %q", err)
			}
		}
	})
}
