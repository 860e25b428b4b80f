package sim_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tcpviz/internal/sim"
)

// conversation makes connections one after the other, all of them at once in
// progress on the wire, and gives every octet that was on it.
func conversation(t testing.TB, connections int) []byte {
	w := newWorld(t)
	w.delay = time.Millisecond
	l := w.listener(connections)
	var wire bytes.Buffer
	w.drop = func(segment string) bool {
		fmt.Fprintf(&wire, "%s %x\n", segment, w.current)
		return false
	}
	type end struct {
		p    *program
		s    *sim.Socket
		call *outcome
	}
	var clients []*end
	for range connections {
		p := w.client.another("client")
		s := p.socket()
		clients = append(clients, &end{p, s, p.connect(s, serverPort)})
	}
	w.run()
	var servers []*end
	for range clients {
		p := w.server.another("server")
		servers = append(servers, &end{p: p, s: p.accept(l).socket})
	}
	for i, c := range clients {
		if c.call.String() != "0" {
			t.Fatalf("connect gave %s", c.call)
		}
		servers[i].call = servers[i].p.recv(servers[i].s, 4000)
		c.p.send(c.s, strings.Repeat("ask ", 1000))
	}
	w.run()
	for i, c := range clients {
		servers[i].p.send(servers[i].s, "answer")
		servers[i].p.close(servers[i].s)
		c.call = c.p.recv(c.s, 100)
	}
	w.run()
	for _, c := range clients {
		c.p.close(c.s)
	}
	w.pass(2 * time.Minute)
	if got := w.client.states() + " " + w.server.states(); got != "CLOSED LISTEN" {
		t.Errorf("in the end: %s", got)
	}
	return wire.Bytes()
}

// Every run gives the same octets on the wire, whatever else the machine does.
func TestSameSeedSameWire(t *testing.T) {
	want := conversation(t, 8)
	var group sync.WaitGroup
	for range 2 * runtime.GOMAXPROCS(0) { // they are each other's load
		group.Go(func() {
			for range 10 {
				if got := conversation(t, 8); !bytes.Equal(want, got) {
					t.Errorf("the wire differs:\n%s\nfrom\n%s", got, want)
					return
				}
			}
		})
	}
	group.Wait()
}

// After each of thousands of segments the answer must be there at once.
func TestEachSegmentIsAnsweredAtOnce(t *testing.T) {
	const connections = 500
	w := newWorld(t)
	l := w.listener(5)
	accepting := w.server.another("accepting")
	for i := range connections {
		c := w.client.socket()
		connect := w.client.connect(c, serverPort)
		accept := accepting.accept(l)
		for _, want := range []string{"c>s S seq=0", "s>c SA seq=0 ack=1", "c>s A seq=1 ack=1"} {
			w.expect(i, want)
		}
		if connect.String() != "0" || accept.String() != "0" {
			t.Fatalf("%d: connect gave %s, accept %s", i, connect, accept)
		}
		w.client.set(c, "SO_LINGER", sim.Value{On: true})
		recv := w.server.recv(accept.socket, 10)
		w.client.send(c, "data")
		w.client.close(c)
		for _, want := range []string{"c>s PA seq=1 ack=1 len=4", "c>s RA seq=5 ack=1"} {
			w.expect(i, want)
		}
		if recv.String() != `"data"` {
			t.Fatalf("%d: recv gave %s", i, recv)
		}
		w.server.close(accept.socket)
		w.lose()
	}
	if got := w.client.states() + " " + w.server.states(); got != "CLOSED LISTEN" {
		t.Errorf("in the end: %s", got)
	}
}

// expect delivers the segment that must be the next one.
func (w *world) expect(i int, want string) {
	w.t.Helper()
	w.collect()
	if len(w.flight) == 0 || w.flight[0].text != want {
		w.t.Fatalf("connection %d: on the wire is %v, not %s", i, w.flight, want)
	}
	if !w.step() {
		w.t.Fatal("nothing was delivered")
	}
}

// Threads that call at will, while packets and time pass: nothing may race, hang or
// get lost.
func TestManyThreads(t *testing.T) {
	const pairs, octets = 8, 200_000
	w := newWorld(t)
	w.delay = time.Millisecond
	l := w.listener(pairs)
	var got [pairs]int
	serve := func(o *outcome, p *program, i int) {
		s, _, err := p.Accept(l)
		if err != nil {
			o.err = err
			return
		}
		buffer := make([]byte, 3000)
		for {
			n, err := p.Recv(s, buffer)
			if n == 0 {
				o.err = errors.Join(err, p.Close(s))
				return
			}
			got[i] += n
		}
	}
	var outcomes []*outcome
	for i := range pairs {
		p := w.server.another("server")
		outcomes = append(outcomes, p.start(func(o *outcome) { serve(o, p, i) }))
	}
	for range pairs {
		p := w.client.another("client")
		outcomes = append(outcomes, p.start(func(o *outcome) {
			s, err := p.Socket(false)
			if err == nil {
				err = p.Connect(s, serverPort)
			}
			if err == nil {
				_, err = p.Send(s, make([]byte, octets))
			}
			o.err = errors.Join(err, p.Close(s))
		}))
	}
	w.pass(5 * time.Minute)
	for _, o := range outcomes {
		if o.String() != "0" {
			t.Errorf("a program gave %s", o)
		}
	}
	for _, n := range got {
		if n != octets {
			t.Errorf("%d octets arrived", n)
		}
	}
}

func TestBlockedCallsAndInterrupt(t *testing.T) {
	w := newWorld(t)
	c, _ := w.pair()
	second := w.client.another("second")
	w.client.set(c, "SO_RCVTIMEO", sim.Value{Time: time.Second})
	recv := w.client.recv(c, 1)
	other := second.recv(c, 1)
	if _, err := w.client.Recv(c, make([]byte, 1)); !errors.Is(err, sim.EDEADLK) {
		t.Errorf("a second call of the same thread gave %v", err)
	}
	blocked := w.client.host.Blocked()
	want := []sim.BlockedCall{
		{Thread: "client", Op: "recv", Socket: c, Since: epoch, Until: epoch.Add(time.Second)},
		{Thread: "second", Op: "recv", Socket: c, Since: epoch, Until: epoch.Add(time.Second)},
	}
	if !slices.Equal(blocked, want) {
		t.Errorf("blocked are %v", blocked)
	}
	if !w.client.Interrupt() {
		t.Error("nothing to interrupt")
	}
	w.quiet()
	if recv.String() != "EINTR" || other.String() != "blocked" {
		t.Errorf("recv gave %s, %s", recv, other)
	}
	if w.client.Interrupt() {
		t.Error("interrupted although nothing was blocked")
	}
	w.client.close(c) // lives on, as long as a call is blocked on it
	w.run()
	if got := w.client.states(); got != "ESTABLISHED" {
		t.Errorf("closed while another thread was in recv: %s", got)
	}
	w.pass(time.Second)
	if other.String() != "EAGAIN" || w.client.states() != "FIN-WAIT-2" {
		t.Errorf("recv gave %s, the state is %s", other, w.client.states())
	}
}

func TestInterruptedSendTellsWhatItSent(t *testing.T) {
	w := newWorld(t)
	c, _ := w.pair()
	send := w.client.send(c, strings.Repeat("x", 1<<20))
	if send.String() != "blocked" {
		t.Fatalf("send gave %s", send)
	}
	w.client.Interrupt()
	w.quiet()
	if send.n == 0 || send.n == 1<<20 || send.err != nil {
		t.Errorf("send gave %d, %v", send.n, send.err)
	}
}

func TestQuietWaitsForWhatWasBegun(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(context.Background())
	w.client.Begin()
	cancel()
	if err := w.client.host.Quiet(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("quiet although a thread has something to do: %v", err)
	}
	w.client.End()
	if err := w.client.host.Quiet(ctx); err != nil {
		t.Errorf("not quiet: %v", err)
	}
}

func TestClosedHost(t *testing.T) {
	w := newWorld(t)
	c, s := w.pair()
	recv := w.client.recv(c, 1)
	must(t, w.client.host.Close())
	must(t, w.client.host.Close())
	w.quiet()
	if recv.String() != "EINTR" {
		t.Errorf("recv gave %s", recv)
	}
	if o := w.client.send(c, "x"); o.String() != "EBADF" {
		t.Errorf("send gave %s", o)
	}
	if _, err := w.client.Socket(false); !errors.Is(err, sim.EBADF) {
		t.Errorf("socket gave %v", err)
	}
	w.run()
	if w.log != nil {
		t.Errorf("a host that was switched off sent\n%s", w.text())
	}
	if err := w.client.host.Deliver(make([]byte, 40)); err == nil {
		t.Error("delivered to a closed host")
	}
	w.server.send(s, "x")
	packets, err := w.server.host.Sent()
	must(t, err)
	if err := w.client.host.Deliver(packets[0].Data); !errors.Is(err, sim.ErrClosed) {
		t.Errorf("deliver gave %v", err)
	}
}

func TestNewRefuses(t *testing.T) {
	for _, config := range []sim.Config{{}, {Clock: sim.NewClock(epoch)}, {Addrs: []netip.Addr{clientAddr}}} {
		if _, err := sim.New(config); err == nil {
			t.Errorf("made a host of %v", config)
		}
	}
}

func TestBadDescriptor(t *testing.T) {
	w := newWorld(t)
	for name, err := range map[string]error{
		"bind":    w.client.Bind(nil, serverPort),
		"recv":    w.client.recv(nil, 1).err,
		"foreign": w.client.send(w.server.socket(), "x").err,
		"connect": w.client.connect(nil, serverPort).err,
		"close":   w.client.close(nil).err,
		"accept":  w.client.accept(nil).err,
	} {
		if !errors.Is(err, sim.EBADF) {
			t.Errorf("%s gave %v", name, err)
		}
	}
}

func TestOptionsThatNetstackDoesNotHave(t *testing.T) {
	w := newWorld(t)
	s := w.client.socket()
	for name, n := range map[string]int{"TCP_SYNCNT": 2, "TCP_QUICKACK": 0, "SO_WHATEVER": 1} {
		if err := w.client.SetOption(s, name, sim.Value{Number: n}); !errors.Is(err, sim.ENOPROTOOPT) {
			t.Errorf("%s gave %v", name, err)
		}
	}
}

// Junk on the wire does no harm.
func TestJunk(t *testing.T) {
	w := newWorld(t)
	c, _ := w.pair()
	w.client.send(c, "data")
	w.collect()
	good := w.flight[0].packet
	for i := range good {
		for _, junk := range [][]byte{good[:i], slices.Concat(good[:i], []byte{^good[i]}, good[i+1:])} {
			if err := w.server.host.Deliver(junk); err != nil && len(junk) > 0 && junk[0]>>4 == 4 {
				t.Fatal(err)
			}
		}
	}
	w.lose()
	if got := w.server.states(); got != "LISTEN ESTABLISHED" {
		t.Errorf("the states are %s", got)
	}
}

func TestPacketsThatNobodyTakes(t *testing.T) {
	w := newWorld(t)
	w.client.connect(w.client.socket(), serverPort)
	packets, err := w.client.host.Sent()
	must(t, err)
	syn := packets[0].Data // each draws an RST
	for range 1<<14 + 1 {
		must(t, w.server.host.Deliver(syn))
	}
	packets, err = w.server.host.Sent()
	if !errors.Is(err, sim.ErrOverflow) || len(packets) != 1<<14 {
		t.Errorf("%d packets, %v", len(packets), err)
	}
	if packets, err = w.server.host.Sent(); err != nil || len(packets) != 0 {
		t.Errorf("then %d packets, %v", len(packets), err)
	}
}

func TestNothingIsLeft(t *testing.T) {
	heap := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	round := func() {
		clock := sim.NewClock(epoch)
		w := &world{t: t, clock: clock, states: "-"}
		w.client, w.server = w.plain(clientAddr), w.plain(serverAddr)
		l := w.listener(5)
		other := w.client.socket()
		w.client.connect(w.client.socket(), serverPort)
		w.client.another("x").connect(other, serverPort)
		w.step()
		w.server.accept(l)
		w.run()
		must(t, w.client.host.Close())
		must(t, w.server.host.Close())
		w.quiet()
		if _, ok := clock.Next(); ok {
			t.Fatal("a timer is left")
		}
	}
	for range 5 {
		round()
	}
	before, memory := runtime.NumGoroutine(), heap()
	const rounds = 200
	for range rounds {
		round()
	}
	// A goroutine is there for a moment after it has told its end.
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for limit := time.After(time.Minute); runtime.NumGoroutine() > before; {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("%d goroutines before, %d after", before, runtime.NumGoroutine())
		}
	}
	if grown := int64(heap()) - int64(memory); grown > rounds*2000 {
		t.Errorf("%d octets are left of each host", grown/rounds/2)
	}
}

// plain is a host that the test closes itself.
func (w *world) plain(addr netip.Addr) *program {
	w.t.Helper()
	host, err := sim.New(sim.Config{Addrs: []netip.Addr{addr}, Clock: w.clock})
	must(w.t, err)
	return &program{Thread: host.Thread("plain"), w: w, host: host, addr: addr, initial: make(map[string]uint32)}
}

func BenchmarkHandshake(b *testing.B) {
	w := newWorld(b)
	l := w.listener(5)
	for b.Loop() {
		c := w.client.socket()
		w.client.set(c, "SO_LINGER", sim.Value{On: true})
		w.client.connect(c, serverPort)
		w.run()
		s := w.server.accept(l).socket
		w.client.close(c)
		w.run()
		w.server.close(s)
		w.log = nil
	}
}

func BenchmarkDeliver(b *testing.B) {
	w := newWorld(b)
	c, _ := w.pair()
	w.client.send(c, "x")
	w.collect()
	packet := w.flight[0].packet
	for b.Loop() {
		must(b, w.server.host.Deliver(packet))
		_, err := w.server.host.Sent()
		must(b, err)
	}
}

func BenchmarkNew(b *testing.B) {
	clock := sim.NewClock(epoch)
	for b.Loop() {
		h, err := sim.New(sim.Config{Addrs: []netip.Addr{clientAddr}, Clock: clock})
		must(b, err)
		must(b, h.Close())
	}
}
