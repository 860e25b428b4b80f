package sim_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"tcpviz/internal/sim"
)

var (
	epoch      = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	serverAddr = netip.MustParseAddr("10.0.0.2")
	serverPort = netip.MustParseAddrPort("10.0.0.2:10008")
	clientAddr = netip.MustParseAddr("10.0.0.1")
)

// world is two hosts, a wire and a clock.
type world struct {
	t              testing.TB
	clock          *sim.Clock
	client, server *program
	flight         []flying
	current        []byte            // the packet that is being delivered or dropped
	drop           func(string) bool // by the segment's text; nil drops nothing
	log            []string          // what was sent, with the time
	states         string            // that were logged last; "-" logs none
	delay          time.Duration     // of the wire
}

type flying struct {
	from, to *program
	sent     time.Time
	packet   []byte
	text     string
}

// program is a host with one thread.
type program struct {
	*sim.Thread
	w       *world
	host    *sim.Host
	addr    netip.Addr
	initial map[string]uint32 // initial sequence numbers by direction
}

func newWorld(t testing.TB) *world {
	t.Helper()
	return newWorldAt(t, clientAddr, serverAddr)
}

func newWorldAt(t testing.TB, client, server netip.Addr) *world {
	t.Helper()
	w := &world{t: t, clock: sim.NewClock(epoch), states: "-"}
	w.client = w.program("client", client, 1)
	w.server = w.program("server", server, 2)
	return w
}

func (w *world) program(name string, addr netip.Addr, seed uint64) *program {
	w.t.Helper()
	host, err := sim.New(sim.Config{Addrs: []netip.Addr{addr}, Clock: w.clock, Seed: seed})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { must(w.t, host.Close()) })
	return &program{Thread: host.Thread(name), w: w, host: host, addr: addr, initial: make(map[string]uint32)}
}

// another gives the program's host a second thread.
func (p *program) another(name string) *program {
	second := *p
	second.Thread = p.host.Thread(name)
	return &second
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// outcome is what a call gave; it is read when its host is quiet.
type outcome struct {
	done   bool
	n      int
	err    error
	socket *sim.Socket
	data   string
}

func (o *outcome) String() string {
	switch {
	case !o.done:
		return "blocked"
	case o.err != nil:
		return o.err.Error()
	case o.data != "":
		return fmt.Sprintf("%q", o.data)
	}
	return fmt.Sprint(o.n)
}

// start makes a call in a goroutine of its own and waits until it has returned or
// is blocked.
func (p *program) start(call func(o *outcome)) *outcome {
	p.w.t.Helper()
	o := new(outcome)
	p.Begin()
	go func() {
		call(o)
		o.done = true
		p.End()
	}()
	p.w.quiet()
	return o
}

func (p *program) connect(s *sim.Socket, to netip.AddrPort) *outcome {
	return p.start(func(o *outcome) { o.err = p.Connect(s, to) })
}

func (p *program) accept(s *sim.Socket) *outcome {
	return p.start(func(o *outcome) { o.socket, _, o.err = p.Accept(s) })
}

func (p *program) send(s *sim.Socket, data string) *outcome {
	return p.start(func(o *outcome) { o.n, o.err = p.Send(s, []byte(data)) })
}

func (p *program) recv(s *sim.Socket, size int) *outcome {
	return p.start(func(o *outcome) {
		buffer := make([]byte, size)
		o.n, o.err = p.Recv(s, buffer)
		o.data = string(buffer[:o.n])
	})
}

func (p *program) close(s *sim.Socket) *outcome {
	return p.start(func(o *outcome) { o.err = p.Close(s) })
}

func (p *program) socket() *sim.Socket {
	p.w.t.Helper()
	s, err := p.Socket(!p.addr.Is4())
	must(p.w.t, err)
	return s
}

func (p *program) set(s *sim.Socket, name string, v sim.Value) {
	p.w.t.Helper()
	if err := p.SetOption(s, name, v); err != nil {
		p.w.t.Fatalf("setsockopt(%s): %v", name, err)
	}
}

// listener makes a listening socket on the server.
func (w *world) listener(backlog int) *sim.Socket {
	w.t.Helper()
	s := w.server.socket()
	must(w.t, w.server.Bind(s, netip.AddrPortFrom(w.server.addr, 10008)))
	must(w.t, w.server.Listen(s, backlog))
	return s
}

// pair makes an established connection and gives its two sockets.
func (w *world) pair() (client, server *sim.Socket) {
	w.t.Helper()
	l := w.listener(5)
	client = w.client.socket()
	connect := w.client.connect(client, netip.AddrPortFrom(w.server.addr, 10008))
	w.run()
	accept := w.server.accept(l)
	if connect.String() != "0" || accept.err != nil || !accept.done {
		w.t.Fatalf("connect: %s, accept: %s\n%s", connect, accept, w.text())
	}
	w.log = nil
	return client, accept.socket
}

func (w *world) quiet() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	must(w.t, w.clock.Quiet(ctx))
}

// collect takes what the hosts have sent.
func (w *world) collect() {
	w.t.Helper()
	w.quiet()
	defer w.look()
	for _, p := range []*program{w.client, w.server} {
		packets, err := p.host.Sent()
		must(w.t, err)
		for _, packet := range packets {
			to := w.client
			if p == w.client {
				to = w.server
			}
			f := flying{p, to, packet.Time, packet.Data, p.segment(packet.Data)}
			w.log = append(w.log, fmt.Sprintf("%-6s %s", packet.Time.Sub(epoch), f.text))
			w.flight = append(w.flight, f)
		}
	}
}

// step delivers the oldest segment in flight, or drops it.
func (w *world) step() bool {
	w.t.Helper()
	w.collect()
	if len(w.flight) == 0 {
		return false
	}
	f := w.flight[0]
	w.flight = w.flight[1:]
	w.current = f.packet
	if wait := f.sent.Add(w.delay).Sub(w.clock.Now()); wait > 0 {
		w.advance(wait)
	}
	if w.drop != nil && w.drop(f.text) {
		w.say("lost: %s", f.text)
		return true
	}
	must(w.t, f.to.host.Deliver(f.packet))
	w.look()
	return true
}

// say adds a line to the log.
func (w *world) say(format string, args ...any) {
	w.log = append(w.log, fmt.Sprintf("%-6s ", w.clock.Now().Sub(epoch))+fmt.Sprintf(format, args...))
}

// look logs the states, if they have changed.
func (w *world) look() {
	w.quiet()
	now := w.client.states() + " | " + w.server.states()
	if w.states == "-" || now == w.states {
		return
	}
	w.states = now
	w.say("        %s", now)
}

// run delivers until nothing is in flight.
func (w *world) run() {
	w.t.Helper()
	for w.step() {
	}
}

// lose takes what is in flight off the wire.
func (w *world) lose() {
	w.t.Helper()
	w.collect()
	w.flight = nil
}

// advance lets time pass without delivering anything.
func (w *world) advance(d time.Duration) {
	w.t.Helper()
	must(w.t, w.clock.Advance(context.Background(), d))
	w.look()
}

// pass lets time pass, timer by timer, and delivers what comes of each.
func (w *world) pass(d time.Duration) {
	w.t.Helper()
	until := w.clock.Now().Add(d)
	for {
		w.run()
		next, ok := w.clock.Next()
		left := until.Sub(w.clock.Now())
		if !ok || next > left {
			w.advance(left)
			w.run()
			return
		}
		w.advance(next)
	}
}

func (w *world) text() string { return strings.Join(w.log, "\n") }

// segment decodes a packet and checks its checksums. Numbers are relative.
func (p *program) segment(data []byte) string {
	p.w.t.Helper()
	first := gopacket.LayerType(layers.LayerTypeIPv4)
	if data[0]>>4 == 6 {
		first = layers.LayerTypeIPv6
	}
	packet := gopacket.NewPacket(data, first, gopacket.Default)
	tcp, ok := packet.Layer(layers.LayerTypeTCP).(*layers.TCP)
	if !ok {
		return fmt.Sprintf("%s no TCP: %x", p.addr, data)
	}
	if len(data) > sim.MTU {
		p.w.t.Errorf("a packet of %d octets", len(data))
	}
	if err := checksums(packet, tcp); err != nil {
		p.w.t.Error(err)
	}
	net := packet.NetworkLayer().NetworkFlow()
	key := func(a, b any, c, d layers.TCPPort) string { return fmt.Sprint(a, c, b, d) }
	out, in := key(net.Src(), net.Dst(), tcp.SrcPort, tcp.DstPort), key(net.Dst(), net.Src(), tcp.DstPort, tcp.SrcPort)
	if tcp.SYN {
		p.initial[out] = tcp.Seq
	}
	peer := p.w.client
	if p.host == p.w.client.host {
		peer = p.w.server
	}
	name := "c>s"
	if p.host == p.w.server.host {
		name = "s>c"
	}
	var flags strings.Builder
	for _, f := range []struct {
		on     bool
		letter byte
	}{{tcp.FIN, 'F'}, {tcp.SYN, 'S'}, {tcp.RST, 'R'}, {tcp.PSH, 'P'}, {tcp.ACK, 'A'}} {
		if f.on {
			flags.WriteByte(f.letter)
		}
	}
	text := fmt.Sprintf("%s %s seq=%d", name, &flags, tcp.Seq-p.initial[out])
	if tcp.ACK {
		text += fmt.Sprintf(" ack=%d", tcp.Ack-peer.initial[in])
	}
	if n := len(tcp.Payload); n > 0 {
		text += fmt.Sprintf(" len=%d", n)
	}
	if tcp.Window == 0 && !tcp.RST {
		text += " win=0"
	}
	return text
}

func checksums(packet gopacket.Packet, tcp *layers.TCP) error {
	if err := tcp.SetNetworkLayerForChecksum(packet.NetworkLayer()); err != nil {
		return err
	}
	sum, err := tcp.ComputeChecksum()
	if err != nil {
		return err
	}
	if sum != 0 { // computed over the segment with its checksum in it
		return fmt.Errorf("the TCP checksum is wrong: %x", tcp.Checksum)
	}
	ip, ok := packet.NetworkLayer().(*layers.IPv4)
	if !ok {
		return nil
	}
	var total uint32
	for i := 0; i < len(ip.Contents); i += 2 {
		total += uint32(ip.Contents[i])<<8 | uint32(ip.Contents[i+1])
	}
	for total>>16 != 0 {
		total = total&0xffff + total>>16
	}
	if total != 0xffff {
		return errors.New("the IPv4 checksum is wrong")
	}
	return nil
}

// states gives the states of a program's connections and listening sockets.
func (p *program) states() string {
	var list []string
	for _, s := range p.host.Sockets() {
		list = append(list, s.State.String())
	}
	if list == nil {
		return "CLOSED"
	}
	return strings.Join(list, " ")
}
