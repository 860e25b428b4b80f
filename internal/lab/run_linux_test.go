package lab_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"tcpviz/fsm"
	"tcpviz/internal/lab"
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
	os.Exit(m.Run())
}

// needPrivate skips a test where no private namespace can be made.
func needPrivate(t *testing.T) {
	t.Helper()
	place, err := lab.Probe(false)
	if place != lab.Private && place != lab.Nested {
		t.Skipf("no private network namespace here: %v (place %v)", err, place)
	}
}

// performance is what one run has emitted.
type performance struct {
	result  lab.Result
	err     error
	batches [][]story.Event
}

func perform(ctx context.Context, l lesson.Lesson, o lab.Options) (p performance) {
	o.Emit = func(events []story.Event) { p.batches = append(p.batches, events) }
	p.result, p.err = lab.Run(ctx, l, o)
	return p
}

func (p performance) calls() (calls []story.Call) {
	for _, b := range p.batches {
		for _, e := range b {
			if c, ok := e.(story.Call); ok {
				calls = append(calls, c)
			}
		}
	}
	return calls
}

func (p performance) frames() (frames []story.Frame) {
	for _, b := range p.batches {
		for _, e := range b {
			if f, ok := e.(story.Frame); ok {
				frames = append(frames, f)
			}
		}
	}
	return frames
}

// returned gives the return of the nth call (from 1) of that kind.
func (p performance) returned(op string, n int) story.Call {
	for _, c := range p.calls() {
		if c.Op == op && c.Phase == story.Return {
			if n--; n == 0 {
				return c
			}
		}
	}
	return story.Call{}
}

// signature is what must be the same in each run: the outcomes of every
// program's calls, in its order, and the states of every socket, in theirs. The
// ports that the kernel chooses are left out.
func (p performance) signature() string {
	var b strings.Builder
	hide := func(a netip.AddrPort) string {
		if a.Port() >= 32768 {
			return "ephemeral"
		}
		return a.String()
	}
	programs := map[string]string{}
	for _, c := range p.calls() {
		args := c.Args
		for _, a := range []netip.AddrPort{c.Local, c.Remote} {
			args = strings.ReplaceAll(args, a.String(), hide(a))
		}
		programs[c.Program] += fmt.Sprintf("  %d %s %s(%s) %d %s\n", c.ID, c.Phase, c.Op, args, c.Result, c.Errno)
	}
	states := map[string]string{}
	var order []string
	for _, batch := range p.batches {
		for _, e := range batch {
			t, ok := e.(story.Truth)
			if !ok {
				continue
			}
			key := t.Local.String() + " " + t.Remote.String()
			if _, known := states[key]; !known {
				order = append(order, key)
				states[key] = fmt.Sprintf("%s %s %s:", t.Side, hide(t.Local), hide(t.Remote))
			}
			if s := " " + t.State.String(); !strings.HasSuffix(states[key], s) {
				states[key] += s
			}
		}
	}
	for _, name := range slices.Sorted(func(yield func(string) bool) {
		for name := range programs {
			if !yield(name) {
				return
			}
		}
	}) {
		fmt.Fprintf(&b, "%s\n%s", name, programs[name])
	}
	var lines []string
	for _, key := range order {
		lines = append(lines, states[key])
	}
	slices.Sort(lines)
	b.WriteString(strings.Join(lines, "\n"))
	return b.String()
}

// wireSignature tells the segments in order.
func (p performance) wireSignature() string {
	var b strings.Builder
	for _, f := range p.frames() {
		side := "<"
		if f.Dst.Port() < 32768 {
			side = ">"
		}
		fmt.Fprintf(&b, "%s%s%d ", side, f.Segment.Flags, f.Segment.Len)
	}
	return b.String()
}

// runs is how often each lesson is played: TCPVIZ_RUNS=50 is the stress test.
func runs() int {
	if n, err := strconv.Atoi(os.Getenv("TCPVIZ_RUNS")); err == nil {
		return n
	}
	return 2
}

// TestLessons plays every built-in lesson: it ends as its narration promises,
// and each time alike.
func TestLessons(t *testing.T) {
	needPrivate(t)
	t.Parallel()
	for _, l := range lesson.All() {
		t.Run(l.ID, func(t *testing.T) {
			t.Parallel()
			first := ""
			wires := map[string]int{}
			attempts := 0
			for run := range runs() {
				p := perform(t.Context(), l, lab.Options{})
				if errors.Is(p.err, lab.ErrNotReached) && min(runtime.NumCPU(), runtime.GOMAXPROCS(0)) < 2 {
					t.Skip("two programs cannot act at the same moment on one processor")
				}
				if p.err != nil {
					t.Fatalf("run %d: %v", run, p.err)
				}
				if len(p.result.Unmet) > 0 {
					t.Fatalf("run %d: unmet: %s\n%s", run, strings.Join(p.result.Unmet, "\n"), p.wireSignature())
				}
				if p.result.Dropped > 0 || len(p.result.Skipped) > 0 {
					t.Errorf("run %d: dropped %d, skipped %v", run, p.result.Dropped, p.result.Skipped)
				}
				checkOrder(t, p)
				if first == "" {
					first = p.signature()
				}
				if diff := gocmp.Diff(first, p.signature()); diff != "" {
					t.Fatalf("run %d differs from the first:\n%s", run, diff)
				}
				wires[p.wireSignature()]++
				attempts += p.result.Attempts
			}
			t.Logf("%d runs, %d attempts, %d different sequences of segments", runs(), attempts, len(wires))
			if len(wires) > 1 {
				for w, n := range wires {
					t.Logf("%3d × %s", n, w)
				}
			}
		})
	}
}

// checkOrder holds what Options.Emit promises.
func checkOrder(t *testing.T, p performance) {
	t.Helper()
	var last time.Time
	entered := map[int]bool{}
	frames := 0
	for i, batch := range p.batches {
		if len(batch) == 0 {
			t.Errorf("batch %d is empty", i)
		}
		truths := false
		for _, e := range batch {
			var at time.Time
			switch e := e.(type) {
			case story.Call:
				at = e.Time
				if e.Phase == story.Return && !entered[e.ID] {
					t.Errorf("call %d returns before it was entered", e.ID)
				}
				entered[e.ID] = true
			case story.Frame:
				at = e.Time
				if frames++; e.Number != frames {
					t.Errorf("frame %d has the number %d", frames, e.Number)
				}
				if e.Fate != story.FateDelivered || len(e.Raw) != e.Length || e.PayloadOffset <= e.TCPOffset {
					t.Errorf("frame %d is not whole: %+v", frames, e)
				}
			case story.Truth:
				at, truths = e.Time, true
			}
			if _, isTruth := e.(story.Truth); truths && !isTruth {
				t.Errorf("batch %d: %T after a truth", i, e)
			}
			if at.Before(last) {
				t.Errorf("batch %d: %T %+v comes %v too late", i, e, e, last.Sub(at))
			}
			last = at
		}
	}
	if frames != p.result.Frames {
		t.Errorf("%d frames emitted, the result says %d", frames, p.result.Frames)
	}
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

func parse(t *testing.T, text string) lesson.Lesson {
	t.Helper()
	l, err := lesson.Parse("test.yaml", []byte("id: test\ntitle: test\nprograms: {server: server, client: client}\n"+text))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

const connected = `steps:
  - server: s = socket()
  - server: setsockopt(s, SO_REUSEADDR, 1)
  - server: bind(s, 127.0.0.1:10008)
  - server: listen(s, 5)
  - server: c = accept(s)
  - client: s = socket()
  - client: connect(s, 127.0.0.1:10008)
`

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
			if diff := gocmp.Diff(test.unmet, p.result.Unmet); diff != "" {
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
	p := perform(t.Context(), parse(t, connected+"see: [CLOSING]\nretry: 3\n"), lab.Options{Progress: func(string) { told++ }})
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
