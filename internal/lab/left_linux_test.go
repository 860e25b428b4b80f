package lab_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"tcpviz/internal/lab"
	"tcpviz/internal/lesson"
	"tcpviz/internal/story"
)

// entries counts the entries of a folder of /proc.
func entries(t *testing.T, folder string) int {
	t.Helper()
	list, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

// namespaces counts the network namespaces in which threads of this process are.
func namespaces(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, e := range list {
		if name, err := os.Readlink("/proc/self/task/" + e.Name() + "/ns/net"); err == nil {
			seen[name] = true
		}
	}
	return len(seen)
}

// holdings are what a process and its machine hold, beyond memory.
type holdings struct {
	descriptors, threads, goroutines int
	namespaces                       int // network namespaces in which threads of this process are
	children                         int // processes
	links                            int // network interfaces of this namespace
	named                            int // network namespaces that have a name
}

func held(t *testing.T) holdings {
	t.Helper()
	h := holdings{
		descriptors: entries(t, "/proc/self/fd"), threads: entries(t, "/proc/self/task"),
		goroutines: runtime.NumGoroutine(), namespaces: namespaces(t),
	}
	if list, err := os.ReadDir("/var/run/netns"); err == nil {
		h.named = len(list)
	}
	links, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	h.links = len(links)
	tasks, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range tasks {
		if list, err := os.ReadFile(task); err == nil { // a thread that has ended has none
			h.children += len(strings.Fields(string(list)))
		}
	}
	return h
}

// leavesNothing runs f, which performs something, and then holds that nothing is left
// of it. The runtime may start a few threads of its own meanwhile; performances start
// at least two each. A thread and its goroutine end a moment after they have said so,
// and the kernel takes its time with a namespace: that is waited for.
func leavesNothing(t *testing.T, times int, f func()) {
	t.Helper()
	f() // the first time opens what the runtime keeps
	const spare = 3
	before := held(t)
	before.threads += spare
	for range times {
		f()
	}
	deadline := time.Now().Add(time.Minute)
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for {
		now := held(t)
		if now.descriptors <= before.descriptors && now.threads <= before.threads && now.goroutines <= before.goroutines &&
			now.namespaces == 1 && now.children <= before.children && now.links <= before.links && now.named <= before.named {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("before (with %d threads to spare) %+v\nafter %+v", spare, before, now)
		}
		<-ticker.C
	}
}

func TestLeavesNothing(t *testing.T) {
	if !alone(t) {
		return
	}
	needPrivate(t)
	for _, id := range []string{"connection", "simultaneous-close", "broken-pipe"} {
		l, _ := lesson.Find(id)
		t.Run(id, func(t *testing.T) {
			leavesNothing(t, 4, func() {
				if p := perform(t.Context(), l, lab.Options{}); p.err != nil {
					t.Error(p.err)
				}
			})
		})
	}
	stuck := parse(t, connected+"  - server: recv(c, 1)\n  - client: recv(s, 1)\n  - server: close(c)\n")
	t.Run("stuck", func(t *testing.T) {
		leavesNothing(t, 4, func() {
			if p := perform(t.Context(), stuck, lab.Options{}); !errors.Is(p.err, lab.ErrStuck) {
				t.Error(p.err)
			}
		})
	})
}

// TestCancel cancels performances while calls of each kind block: Run comes back
// soon, with the context's error, and leaves nothing.
func TestCancel(t *testing.T) {
	if !alone(t) {
		return
	}
	needPrivate(t)
	tests := map[string]string{
		"accept":            "steps:\n  - server: s = socket()\n  - server: bind(s, 127.0.0.1:1)\n  - server: listen(s, 1)\n  - server: setsockopt(s, SO_RCVTIMEO, 60s)\n  - server: c = accept(s)\n  - server: close(s)\n",
		"recv":              connected + "  - server: setsockopt(c, SO_RCVTIMEO, 60s)\n  - server: recv(c, 1)\n  - server: close(c)\n",
		"send":              connected + "  - client: setsockopt(s, SO_SNDTIMEO, 60s)\n  - client: 'send(s, \"x\" * 9000000)'\n  - client: close(s)\n",
		"a lingering close": connected + "  - client: setsockopt(s, SO_LINGER, {1, 60})\n  - server: setsockopt(c, SO_RCVBUF, 4096)\n  - client: 'send(s, \"x\" * 20000)'\n    then: close(s)\n  - client: shutdown(s, SHUT_RD)\n",
		"connect":           "steps:\n  - server: s = socket()\n  - server: bind(s, 127.0.0.1:1)\n  - server: listen(s, 0)\n  - client: a = socket()\n  - client: connect(a, 127.0.0.1:1)\n  - client: b = socket()\n  - client: connect(b, 127.0.0.1:1)\n  - client: close(b)\n",
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			l := parse(t, text)
			last := len(l.Steps) - 1
			if name == "a lingering close" { // it is the second call of its step
				last++
			}
			leavesNothing(t, 1, func() {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				begun := map[int]bool{}
				_, err := lab.Run(ctx, l, lab.Options{Emit: func(events []story.Event) {
					for _, e := range events {
						if c, ok := e.(story.Call); ok && c.Phase == story.Enter {
							begun[c.ID] = true
						}
					}
					if len(begun) >= last {
						cancel()
					}
				}})
				if err != context.Canceled {
					t.Errorf("error %v", err)
				}
				if len(begun) < last {
					t.Errorf("only %d of %d calls were begun", len(begun), last)
				}
			})
		})
	}
}

func TestCancelledBefore(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	l, _ := lesson.Find("connection")
	if _, err := lab.Run(ctx, l, lab.Options{}); err != context.Canceled {
		t.Errorf("error %v", err)
	}
}

// freePort gives a port of this machine's lo, held by the listener.
func freePort(t *testing.T) (net.Listener, int) {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l, l.Addr().(*net.TCPAddr).Port
}

func TestShared(t *testing.T) {
	held, port := freePort(t)
	text := strings.ReplaceAll(connected, "10008", fmt.Sprint(port)) +
		"  - client: close(s)\n  - server: recv(c, 1) = 0\n  - server: close(c)\n  - server: close(s)\nends: [{client: TIME-WAIT, server: CLOSED}]\n"
	l := parse(t, text)
	p := perform(t.Context(), l, lab.Options{Shared: true})
	if errors.Is(p.err, lab.ErrNoStage) {
		_ = held.Close()
		t.Skipf("this process may not sniff: %v", p.err)
	}
	want := fmt.Sprintf("lab: lesson test line 7: port %d is taken on this machine (127.0.0.1:%d): end the program that has it, or choose another port: port taken", port, port)
	if !errors.Is(p.err, lab.ErrPortTaken) || p.err.Error() != want {
		t.Errorf("got %v\nwant %s", p.err, want)
	}
	if err := held.Close(); err != nil {
		t.Fatal(err)
	}
	// The second time, the first one's connection is still in TIME-WAIT.
	for range 2 {
		p := perform(t.Context(), l, lab.Options{Shared: true})
		if p.err != nil || len(p.result.Unmet) > 0 || p.result.Place != lab.Shared {
			t.Fatalf("%+v %v", p.result, p.err)
		}
		checkOrder(t, p)
		if n := len(p.frames()); n < 6 || n > 7 {
			t.Errorf("%d frames: %s", n, p.wireSignature())
		}
		var ends []string
		for _, e := range p.batches[len(p.batches)-1] {
			if truth, ok := e.(story.Truth); ok {
				ends = append(ends, truth.State.String())
			}
		}
		if len(ends) != 3 {
			t.Errorf("truths of other sockets: %v", ends)
		}
	}
}
