package lab_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
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

// leavesNothing runs f, which performs something, and then holds that descriptors,
// threads and namespaces are as before. The runtime may start a few threads of
// its own meanwhile; performances start at least two each.
func leavesNothing(t *testing.T, times int, f func()) {
	t.Helper()
	f() // the first time opens what the runtime keeps
	const spare = 3
	threads, descriptors := entries(t, "/proc/self/task"), entries(t, "/proc/self/fd")
	for range times {
		f()
	}
	if n := entries(t, "/proc/self/fd"); n > descriptors {
		t.Errorf("%d descriptors before, %d after", descriptors, n)
	}
	deadline := time.Now().Add(5 * time.Second)
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for {
		n, spaces := entries(t, "/proc/self/task"), namespaces(t)
		if n <= threads+spare && spaces == 1 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d threads before, %d after, in %d namespaces", threads, n, spaces)
		}
		<-ticker.C
	}
}

func TestLeavesNothing(t *testing.T) {
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
