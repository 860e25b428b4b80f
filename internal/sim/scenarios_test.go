package sim_test

import (
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tcpviz/internal/sim"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// Each scenario's segments, states after each of them (client | server) and
// results are in testdata/NAME.txt.
var scenarios = []struct {
	name string
	play func(w *world)
}{
	{"refused", func(w *world) {
		c := w.client.socket()
		connect := w.client.connect(c, serverPort)
		w.run()
		w.say("connect = %s", connect)
	}},
	{"simultaneous-open", func(w *world) {
		c, s := w.client.socket(), w.server.socket()
		must(w.t, w.client.Bind(c, netip.AddrPortFrom(clientAddr, 5000)))
		must(w.t, w.server.Bind(s, netip.AddrPortFrom(serverAddr, 6000)))
		one := w.client.connect(c, netip.AddrPortFrom(serverAddr, 6000))
		other := w.server.connect(s, netip.AddrPortFrom(clientAddr, 5000))
		w.run()
		w.say("connect = %s, connect = %s", one, other)
	}},
	{"simultaneous-close", func(w *world) {
		c, s := w.pair()
		w.client.close(c)
		w.server.close(s)
		w.run()
		w.pass(2 * time.Minute)
	}},
	{"half-close", func(w *world) {
		c, s := w.pair()
		must(w.t, w.client.Shutdown(c, sim.ShutWR))
		w.run()
		w.server.send(s, "still")
		w.run()
		w.say("client: recv = %s, send = %s; server: recv = %s", w.client.recv(c, 10), w.client.send(c, "x"), w.server.recv(s, 10))
		w.server.close(s)
		w.run()
		w.say("client: recv = %s", w.client.recv(c, 10))
	}},
	{"time-wait", func(w *world) {
		c, s := w.pair()
		w.client.close(c)
		w.run()
		w.pass(10 * time.Second)
		w.server.close(s)
		w.drop = once("c>s A seq=2 ack=2") // the last ACK: TIME-WAIT answers the FIN again, and begins anew
		w.run()
		w.pass(2 * time.Minute)
	}},
	{"time-wait-reused", func(w *world) {
		l := w.listener(5)
		open := func() (c, s *sim.Socket) {
			c = w.client.socket()
			must(w.t, w.client.Bind(c, netip.AddrPortFrom(clientAddr, 5000)))
			connect := w.client.connect(c, serverPort)
			w.run()
			w.say("connect = %s", connect)
			return c, w.server.accept(l).socket
		}
		c, s := open()
		w.server.close(s)
		w.run()
		w.client.close(c)
		w.run()
		w.pass(time.Second)
		w.say("the same port again")
		open()
	}},
	{"fin-wait-2-orphan", func(w *world) {
		c, s := w.pair()
		w.client.close(c)
		w.run()
		w.pass(2 * time.Minute)
		w.server.send(s, "anybody?")
		w.run()
		w.say("server: send = %s", w.server.send(s, "x"))
	}},
	{"reset-unread", func(w *world) {
		c, s := w.pair()
		w.client.send(c, "abc")
		w.run()
		w.server.close(s)
		w.run()
		w.say("client: recv = %s, recv = %s, send = %s", w.client.recv(c, 9), w.client.recv(c, 9), w.client.send(c, "x"))
	}},
	{"linger-0", func(w *world) {
		c, s := w.pair()
		recv := w.server.recv(s, 10)
		w.client.set(c, "SO_LINGER", sim.Value{On: true})
		w.client.close(c)
		w.run()
		w.say("server: recv = %s, send = %s", recv, w.server.send(s, "x"))
	}},
	{"linger-5", func(w *world) {
		c, _ := w.pair()
		w.client.set(c, "SO_LINGER", sim.Value{On: true, Number: 5})
		w.client.send(c, "bye")
		end := w.client.close(c)
		w.say("close = %s", end)
		w.run()
		w.say("close = %s", end)
	}},
	{"linger-5-no-answer", func(w *world) {
		c, _ := w.pair()
		w.client.set(c, "SO_LINGER", sim.Value{On: true, Number: 5})
		w.drop = all
		end := w.client.close(c)
		w.pass(4 * time.Second)
		w.say("close = %s", end)
		w.pass(2 * time.Second)
		w.say("close = %s", end)
	}},
	{"broken-pipe", func(w *world) {
		c, s := w.pair()
		w.server.close(s)
		w.run()
		w.say("client: send = %s", w.client.send(c, "one"))
		w.run()
		w.say("client: send = %s, recv = %s", w.client.send(c, "two"), w.client.recv(c, 1))
	}},
	{"half-open", func(w *world) {
		c, _ := w.pair()
		must(w.t, w.server.host.Close())
		w.server = w.program("server", serverAddr, 9)
		w.client.send(c, "hello?")
		w.run()
		w.say("client: recv = %s", w.client.recv(c, 1))
	}},
	{"lost-syn", func(w *world) {
		w.listener(5)
		w.drop = once("c>s S seq=0")
		connect := w.client.connect(w.client.socket(), serverPort)
		w.pass(3 * time.Second)
		w.say("connect = %s", connect)
	}},
	{"lost-syn-ack", func(w *world) {
		w.listener(5)
		w.drop = once("s>c SA seq=0 ack=1")
		connect := w.client.connect(w.client.socket(), serverPort)
		w.pass(3 * time.Second)
		w.say("connect = %s", connect)
	}},
	{"lost-ack", func(w *world) {
		w.listener(5)
		w.drop = once("c>s A seq=1 ack=1")
		connect := w.client.connect(w.client.socket(), serverPort)
		w.pass(3 * time.Second)
		w.say("connect = %s", connect)
	}},
	{"nobody-answers", func(w *world) {
		w.drop = all
		connect := w.client.connect(w.client.socket(), serverPort)
		w.pass(126 * time.Second)
		w.say("connect = %s", connect)
		w.pass(time.Second)
		w.say("connect = %s", connect)
	}},
	{"syn-ack-unanswered", func(w *world) {
		w.listener(5)
		w.client.connect(w.client.socket(), serverPort)
		w.step() // the SYN arrives; the client is gone from there on
		w.drop = all
		must(w.t, w.client.host.Close())
		w.client = w.program("client", clientAddr, 9)
		w.pass(3 * time.Minute)
	}},
	{"lost-data", func(w *world) {
		c, _ := w.pair()
		w.drop = once("c>s PA seq=1 ack=1 len=4")
		w.client.send(c, "data")
		w.pass(3 * time.Second)
	}},
	{"data-unanswered", func(w *world) {
		c, _ := w.pair()
		w.drop = all
		w.client.send(c, "data")
		recv := w.client.recv(c, 1)
		w.pass(time.Hour)
		w.say("client: recv = %s", recv)
	}},
	{"user-timeout", func(w *world) {
		c, _ := w.pair()
		w.client.set(c, "TCP_USER_TIMEOUT", sim.Value{Number: 5000})
		w.drop = all
		w.client.send(c, "data")
		recv := w.client.recv(c, 1)
		w.pass(time.Minute)
		w.say("client: recv = %s", recv)
	}},
	{"keep-alive", func(w *world) {
		c, _ := w.pair()
		for _, o := range []struct {
			name   string
			number int
		}{{"TCP_KEEPIDLE", 10}, {"TCP_KEEPINTVL", 3}, {"TCP_KEEPCNT", 4}, {"SO_KEEPALIVE", 1}} {
			w.client.set(c, o.name, sim.Value{Number: o.number})
		}
		recv := w.client.recv(c, 1)
		w.pass(25 * time.Second)
		w.say("from here on nothing arrives")
		w.drop = all
		w.pass(time.Minute)
		w.say("client: recv = %s", recv)
	}},
	{"zero-window", func(w *world) {
		w.delay = time.Millisecond
		l := w.server.socket()
		w.server.set(l, "SO_RCVBUF", sim.Value{Number: 2048})
		must(w.t, w.server.Bind(l, serverPort))
		must(w.t, w.server.Listen(l, 1))
		c := w.client.socket()
		w.client.set(c, "SO_SNDBUF", sim.Value{Number: 2048})
		w.client.connect(c, serverPort)
		w.run()
		s := w.server.accept(l).socket
		send := w.client.send(c, strings.Repeat("x", 8000))
		w.pass(4 * time.Second)
		for _, state := range append(w.client.host.Sockets(), w.server.host.Sockets()[1]) {
			w.say("%s: %d octets unacknowledged, %d unread", state.State, state.Unacked, state.Unread)
		}
		w.say("client: send = %s", send)
		n := 0
		for n < 8000 {
			n += w.server.recv(s, 4000).n
			w.run()
		}
		w.say("client: send = %s; server: %d received", send, n)
	}},
	{"backlog", func(w *world) {
		l := w.listener(1)
		for range 4 {
			one := w.client.another("one")
			one.connect(one.socket(), serverPort)
		}
		w.run()
		w.queues()
		w.pass(1500 * time.Millisecond)
		w.server.accept(l)
		w.queues()
		w.pass(2 * time.Second)
		w.queues()
	}},
	{"syn-queue", func(w *world) {
		w.listener(1)
		w.drop = func(segment string) bool { return strings.HasPrefix(segment, "s>c SA") }
		for range 3 {
			one := w.client.another("one")
			one.connect(one.socket(), serverPort)
		}
		w.run()
		w.queues()
	}},
	{"defer-accept", func(w *world) {
		l := w.server.socket()
		w.server.set(l, "TCP_DEFER_ACCEPT", sim.Value{Number: 5})
		must(w.t, w.server.Bind(l, serverPort))
		must(w.t, w.server.Listen(l, 1))
		accept := w.server.accept(l)
		c := w.client.socket()
		w.client.connect(c, serverPort)
		w.run()
		w.say("accept = %s", accept)
		w.client.send(c, "data")
		w.run()
		w.say("accept = %s", accept)
	}},
	{"cork", func(w *world) {
		c, _ := w.pair()
		w.client.set(c, "TCP_CORK", sim.Value{Number: 1})
		w.client.send(c, "a")
		w.client.send(c, "b")
		w.run()
		w.say("uncork")
		w.client.set(c, "TCP_CORK", sim.Value{Number: 0})
		w.run()
	}},
	{"nagle", func(w *world) {
		w.delay = time.Millisecond
		c, _ := w.pair()
		for _, data := range []string{"a", "b", "c"} {
			w.client.send(c, data)
		}
		w.run()
		w.say("TCP_NODELAY")
		w.client.set(c, "TCP_NODELAY", sim.Value{Number: 1})
		for _, data := range []string{"a", "b", "c"} {
			w.client.send(c, data)
		}
		w.run()
	}},
	{"recv-timeout", func(w *world) {
		c, _ := w.pair()
		w.client.set(c, "SO_RCVTIMEO", sim.Value{Time: 10 * time.Second})
		recv := w.client.recv(c, 1)
		w.pass(9999 * time.Millisecond)
		w.say("recv = %s", recv)
		w.pass(time.Millisecond)
		w.say("recv = %s", recv)
	}},
	{"old-duplicate-syn", func(w *world) {
		w.listener(5)
		w.client.connect(w.client.socket(), serverPort)
		w.collect()
		old := w.flight[0]
		w.flight = nil
		must(w.t, w.client.host.Close())
		w.client = w.program("client", clientAddr, 5)
		connect := w.client.connect(w.client.socket(), serverPort)
		w.collect()
		w.say("an old SYN of the same port arrives first")
		w.flight = append([]flying{old}, w.flight...)
		w.pass(3 * time.Second)
		w.say("connect = %s", connect)
	}},
}

func all(string) bool { return true }

// once drops the first segment with that text.
func once(text string) func(string) bool {
	dropped := false
	return func(segment string) bool {
		now := !dropped && segment == text
		dropped = dropped || now
		return now
	}
}

// queues logs the queues of the server's listening socket.
func (w *world) queues() {
	for _, s := range w.server.host.Sockets() {
		if s.Socket != nil && !s.Remote.IsValid() {
			w.say("listen(%d): %d in the SYN queue, %d in the accept queue", s.Backlog, s.SynQueue, s.AcceptQueue)
		}
	}
}

func TestScenarios(t *testing.T) {
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			w := newWorld(t)
			w.states = ""
			s.play(w)
			w.look()
			got := w.text() + "\n"
			file := filepath.Join("testdata", s.name+".txt")
			if *update {
				must(t, os.WriteFile(file, []byte(got), 0o644))
			}
			want, err := os.ReadFile(file)
			must(t, err)
			if d := cmp.Diff(string(want), got); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}
