package lab_test

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"tcpviz/fsm"
	"tcpviz/internal/lab"
	"tcpviz/internal/lang"
	"tcpviz/internal/lesson"
	"tcpviz/internal/story"
)

// TestMain runs the tests in a user namespace where the user is an ordinary one,
// as the program does it.
func TestMain(m *testing.M) {
	code, done, err := lab.Reexec()
	if done {
		os.Exit(code)
	}
	if what := os.Getenv(helperVariable); what != "" {
		helper(what, err)
	}
	flag.Parse()
	if given := flag.Lookup("test.parallel"); given.Value.String() == given.DefValue {
		_ = given.Value.Set("8") // most of their time the tests wait for a kernel's timers
	}
	os.Exit(m.Run())
}

// TestSayGoesWithTheFirstCall holds that each narration stands at the call that it is about.
func TestSayGoesWithTheFirstCall(t *testing.T) {
	needPrivate(t)
	l, _ := lesson.Find("connection")
	p := perform(t.Context(), l, lab.Options{})
	var got, want []string
	for _, c := range p.calls() {
		if c.Phase == story.Enter {
			got = append(got, c.Say.ZH)
		} else if c.Say != (story.Text{}) {
			t.Errorf("the return of %s is narrated", c.Op)
		}
	}
	for _, s := range l.Steps {
		want = append(want, s.Say.ZH)
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestOutcomes(t *testing.T) {
	needPrivate(t)
	t.Parallel()
	tests := []struct {
		name  string
		text  string
		err   error
		unmet []string
		check func(t *testing.T, p performance)
	}{
		{name: "IPv6", text: strings.NewReplacer("socket()", "socket(AF_INET6)", "127.0.0.1", "[::1]").Replace(connected) +
			"  - client: getsockname(s) = 0\n  - client: close(s)\n" +
			"  - server: recv(c, 10) = 0\n  - server: close(c) = 0\nends: [{client: TIME-WAIT, server: CLOSED}]\n",
			check: func(t *testing.T, p performance) {
				c := p.returned("getsockname", 1)
				if want := fmt.Sprintf("3, [::1]:%d", c.Local.Port()); c.Args != want {
					t.Errorf("getsockname(%s), want %s", c.Args, want)
				}
			}},
		{name: "a result that is not met", text: connected + "  - client: send(s, \"hello\") = 4\n  - server: recv(c, 9) = \"hallo\"\nends: [{client: TIME-WAIT}]\nsee: [CLOSING]\n",
			unmet: []string{
				`line 12: client: send(s, "hello") = 4: it gave 5`,
				`line 13: server: recv(c, 9) = "hallo": it gave "hello"`,
				"line 14: connection 1: client is in ESTABLISHED, not in TIME-WAIT",
				"no end has passed CLOSING",
			}},
		{name: "a connection that never began", text: "steps:\n  - client: s = socket()\nends:\n  - {client: CLOSED}\n",
			unmet: []string{"line 7: connection 1 was never asked for"}},
		{name: "stuck", text: connected + "  - server: recv(c, 1)\n  - server: close(c)\n", err: lab.ErrStuck},
		{name: "ends while a call blocks", text: connected + "  - server: recv(c, 1)\n  - client: recv(s, 1)\n"},
		{name: "a closed descriptor is refused by the kernel", text: "steps:\n  - client: s = socket()\n  - client: close(s)\n  - client: close(s) = -1 EBADF\n"},
		{name: "a descriptor that no call gave", text: "steps:\n  - server: s = socket()\n  - server: c = accept(s)\n  - server: recv(c, 1) = -1 EBADF\n",
			check: func(t *testing.T, p performance) {
				if c := p.returned("accept", 1); c.Errno != "EINVAL" {
					t.Errorf("accept on a socket that does not listen: %+v", c)
				}
			}},
		{name: "descriptors count from 3, the lowest free one", text: connected +
			"  - server: close(s)\n  - server: d = socket()\n  - server: close(c)\n  - server: e = socket()\n",
			check: func(t *testing.T, p performance) {
				var got []int64
				for _, c := range p.calls() {
					if c.Program == "server" && c.Phase == story.Return && (c.Op == "socket" || c.Op == "accept") {
						got = append(got, c.Result)
					}
				}
				if diff := gocmp.Diff([]int64{3, 4, 3, 4}, got); diff != "" {
					t.Error(diff)
				}
			}},
		{name: "a limit that the lesson waits for", text: connected +
			"  - client: setsockopt(s, SO_RCVTIMEO, 300ms)\n  - client: recv(s, 5) = -1 EAGAIN\n  - server: send(c, \"late\")\n  - client: recv(s, 5) = \"late\"\n"},
		{name: "a limit at the end", text: connected +
			"  - client: setsockopt(s, SO_RCVTIMEO, 300ms)\n  - client: recv(s, 5)\n",
			check: func(t *testing.T, p performance) {
				if c := p.returned("recv", 1); c.Errno != "EAGAIN" {
					t.Errorf("recv: %+v", c)
				}
			}},
		{name: "a send that the peer's window stops", text: connected +
			"  - server: setsockopt(c, SO_RCVBUF, 4096)\n  - client: 'send(s, \"x\" * 8000000)'\n  - server: getpeername(c)\n",
			check: func(t *testing.T, p performance) {
				calls := p.calls()
				if c := calls[len(calls)-1]; c.Op != "getpeername" {
					t.Errorf("the last call is %+v", c)
				}
				if c := p.returned("send", 1); c.Op != "" {
					t.Errorf("send has returned: %+v", c)
				}
			}},
		{name: "a send that is read piece by piece", text: connected +
			"  - client: 'send(s, \"x\" * 1000000) = 1000000'\n" + strings.Repeat("  - server: recv(c, 1000000)\n", 6)},
		{name: "a closed port, a blocked connect and its address", text: `steps:
  - server: s = socket()
  - server: bind(s, 127.0.0.1:10008)
  - server: listen(s, 0)
  - client: a = socket()
  - client: connect(a, 127.0.0.1:10008) = 0
  - client: b = socket()
  - client: setsockopt(b, TCP_SYNCNT, 1)
  - client: connect(b, 127.0.0.1:10008)
`, check: func(t *testing.T, p performance) {
			for _, c := range p.calls() {
				if c.Op == "connect" && !c.Local.IsValid() {
					t.Errorf("no local address: %+v", c)
				}
			}
		}},
		{name: "then", text: connected + "  - server: recv(c, 9) = 0\n    then:\n      - shutdown(c, SHUT_WR) = 0\n      - close(c) = 0\n  - client: close(s)\nends: [{client: TIME-WAIT, server: CLOSED}]\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := perform(t.Context(), parse(t, test.text), lab.Options{})
			if !errors.Is(p.err, test.err) {
				t.Fatalf("error %v, want %v", p.err, test.err)
			}
			if diff := gocmp.Diff(strings.Join(test.unmet, "; "), p.result.Otherwise().String()); diff != "" {
				t.Errorf("unmet (-want +got):\n%s", diff)
			}
			checkOrder(t, p)
			if test.check != nil {
				test.check(t, p)
			}
		})
	}
}

// TestNotReached holds that a lesson without luck shows nothing.
func TestNotReached(t *testing.T) {
	needPrivate(t)
	told := 0
	p := perform(t.Context(), parse(t, connected+"see: [CLOSING]\nretry: 3\n"), lab.Options{Progress: func(lang.Phrase) { told++ }})
	const want = "lab: lesson test: not reached in 3 attempts: no end has passed CLOSING"
	if !errors.Is(p.err, lab.ErrNotReached) || p.err.Error() != want {
		t.Errorf("got %v\nwant %s", p.err, want)
	}
	if len(p.batches) > 0 || told != 2 || p.result.Attempts != 3 {
		t.Errorf("%d batches, told %d times, %d attempts", len(p.batches), told, p.result.Attempts)
	}
}

func TestStuckSaysWhere(t *testing.T) {
	needPrivate(t)
	p := perform(t.Context(), parse(t, "steps:\n  - server: s = socket()\n  - server: bind(s, 127.0.0.1:1)\n  - server: listen(s, 1)\n  - server: c = accept(s)\n  - server: close(s)\n"), lab.Options{})
	const want = "lab: lesson test line 9: server is still in accept() of line 8, nothing will wake it"
	if p.err == nil || p.err.Error() != want {
		t.Errorf("got %v\nwant %s", p.err, want)
	}
}

// TestTruthsCoverEverySocket holds that after a connection both its ends and the
// listener are reported, CLOSED when they are gone.
func TestTruthsCoverEverySocket(t *testing.T) {
	needPrivate(t)
	l, _ := lesson.Find("connection")
	p := perform(t.Context(), l, lab.Options{})
	if len(p.batches) == 0 {
		t.Fatal(p.err)
	}
	type truth struct {
		Side     fsm.Side
		Listener bool
		State    fsm.State
	}
	var got []truth
	for _, e := range p.batches[len(p.batches)-1] {
		if e, ok := e.(story.Truth); ok {
			got = append(got, truth{e.Side, !e.Remote.IsValid(), e.State})
		}
	}
	want := []truth{{fsm.Server, true, fsm.Closed}, {fsm.Client, false, fsm.TimeWait}, {fsm.Server, false, fsm.Closed}}
	byState := func(a, b truth) int {
		return cmp.Or(cmp.Compare(a.Side, b.Side), cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)))
	}
	slices.SortFunc(got, byState)
	slices.SortFunc(want, byState)
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
