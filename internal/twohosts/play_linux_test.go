package twohosts_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"tcpviz/capture"
	"tcpviz/fsm"
	"tcpviz/internal/twohosts"
)

// patience ends a test that hangs.
const patience = 20 * time.Second

// play is a wire, and the programs on its hosts.
type play struct {
	testing.TB
	wire    *twohosts.Wire
	context context.Context
	decoder *capture.Decoder
	ipv6    bool

	listening int // the last listening socket
}

func open(t testing.TB) *play {
	t.Helper()
	w, err := twohosts.Open(twohosts.Config{Settings: map[string]string{
		// A segment that a test holds for a while is not sent again meanwhile.
		"ipv4/tcp_early_retrans": "0",
		"ipv4/tcp_rto_min_us":    "5000000",
	}})
	if errors.Is(err, os.ErrNotExist) { // before Linux 6.11
		w, err = twohosts.Open(twohosts.Config{Settings: map[string]string{"ipv4/tcp_early_retrans": "0"}})
	}
	if errors.Is(err, os.ErrPermission) {
		t.Skipf("network namespaces cannot be made here: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return &play{TB: t, wire: w, context: ctx, decoder: capture.NewDecoder()}
}

// inHost runs f on a thread in a host.
func (p *play) inHost(side fsm.Side, f func() error) {
	p.Helper()
	result := make(chan error)
	go func() {
		runtime.LockOSThread()
		done := make(chan struct{})
		if unix.Gettid() == unix.Getpid() {
			// The main thread must not end; another goroutine gets another one.
			go func() { runtime.LockOSThread(); result <- p.enter(side, f); close(done) }()
			<-done
			runtime.UnlockOSThread()
			return
		}
		result <- p.enter(side, f)
	}()
	if err := <-result; err != nil {
		p.Fatal(err)
	}
}

func (p *play) enter(side fsm.Side, f func() error) error {
	if err := p.wire.Enter(side); err != nil {
		return err
	}
	return f()
}

// socket makes a socket on a host.
func (p *play) socket(side fsm.Side) (fd int) {
	p.Helper()
	family := unix.AF_INET
	if p.ipv6 {
		family = unix.AF_INET6
	}
	p.inHost(side, func() (err error) {
		fd, err = unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		return err
	})
	return fd
}

func (p *play) address(side fsm.Side, port int) unix.Sockaddr {
	if p.ipv6 {
		return &unix.SockaddrInet6{Port: port, Addr: twohosts.Address6(side).As16()}
	}
	return &unix.SockaddrInet4{Port: port, Addr: twohosts.Address(side).As4()}
}

// listen makes a listening socket on the server.
func (p *play) listen(port int) int {
	p.Helper()
	fd := p.socket(fsm.Server)
	p.must(unix.Bind(fd, p.address(fsm.Server, port)))
	p.must(unix.Listen(fd, 5))
	p.closes(fd)
	p.listening = fd
	return fd
}

// connect begins to connect the client, and gives what comes of it.
func (p *play) connect(port int) (fd int, result chan error) {
	p.Helper()
	return p.connectFrom(0, port)
}

// connectFrom is connect with a port for the client; 0 lets the kernel choose.
func (p *play) connectFrom(own, port int) (fd int, result chan error) {
	p.Helper()
	fd = p.socket(fsm.Client)
	p.closes(fd)
	p.must(unix.Bind(fd, p.address(fsm.Client, own)))
	result = make(chan error, 1)
	go func() { result <- unix.Connect(fd, p.address(fsm.Server, port)) }()
	return fd, result
}

func (p *play) closes(fd int) {
	p.Cleanup(func() { _ = unix.Close(fd) }) // the test may have done it
}

// established connects, packet by packet, and gives both programs' descriptors.
func (p *play) established(port int) (client, server int) {
	p.Helper()
	listening := p.listen(port)
	client, connected := p.connectFrom(41000, port)
	for range 3 {
		p.deliver(p.next())
	}
	p.must(<-connected)
	server, _, err := unix.Accept(listening)
	p.must(err)
	p.closes(server)
	return client, server
}

func (p *play) must(err error) {
	p.Helper()
	if err != nil {
		p.Fatal(err)
	}
}

// next waits for the next packet.
func (p *play) next() twohosts.Packet {
	p.Helper()
	packet, err := p.wire.Next(p.context)
	p.must(err)
	return packet
}

// expect waits for the next packet and compares it with "client S", "server A 5":
// the sender, the flags, and the octets of payload if there are any.
func (p *play) expect(want string) twohosts.Packet {
	p.Helper()
	packet := p.next()
	if got := p.describe(packet); got != want {
		p.Fatalf("packet %d: %s, want %s", packet.Number, got, want)
	}
	return packet
}

func (p *play) describe(packet twohosts.Packet) string {
	p.Helper()
	if packet.Kind != twohosts.Segment {
		return fmt.Sprintf("%s %s", packet.From, packet.Kind)
	}
	s := p.decode(packet).Segment
	text := fmt.Sprintf("%s %s", packet.From, s.Flags)
	if s.Len > 0 {
		text += fmt.Sprintf(" %d", s.Len)
	}
	return text
}

func (p *play) decode(packet twohosts.Packet) capture.Decoded {
	p.Helper()
	d, err := p.decoder.Decode(capture.Packet{
		Number: packet.Number, Time: packet.Time, LinkType: capture.LinkTypeEthernet, Data: packet.Frame, Length: len(packet.Frame),
	})
	p.must(err)
	return d
}

func (p *play) deliver(packet twohosts.Packet) {
	p.Helper()
	p.must(p.wire.Deliver(packet))
}

// pass waits for the next packet, compares it and delivers it.
func (p *play) pass(want string) twohosts.Packet {
	p.Helper()
	packet := p.expect(want)
	p.deliver(packet)
	return packet
}

// states waits for quiet and compares what both kernels say with
// "SYN-SENT | LISTEN SYN-RECEIVED": the client's sockets, and the server's.
func (p *play) states(want string) twohosts.Sockets {
	p.Helper()
	sockets, err := p.wire.Quiet(p.context)
	p.must(err)
	var sides [2]string
	for side, list := range sockets {
		var names []string
		for _, s := range list {
			names = append(names, s.State.String())
		}
		sides[side] = strings.Join(names, " ")
	}
	if got := strings.TrimSpace(sides[0] + " | " + sides[1]); got != strings.TrimSpace(want) {
		p.Fatalf("states: %s, want %s", got, want)
	}
	return sockets
}

// forget reads the packets that wait, and drops them.
func (p *play) forget() {
	p.Helper()
	for {
		_, ok, err := p.wire.TryNext()
		p.must(err)
		if !ok {
			return
		}
	}
}

// nothing checks that no packet waits once all is quiet.
func (p *play) nothing() {
	p.Helper()
	_, err := p.wire.Quiet(p.context)
	p.must(err)
	packet, ok, err := p.wire.TryNext()
	p.must(err)
	if ok {
		p.Fatalf("packet %d waits: %s", packet.Number, p.describe(packet))
	}
}

func (p *play) send(fd int, text string) {
	p.Helper()
	n, err := unix.Write(fd, []byte(text))
	p.must(err)
	if n != len(text) {
		p.Fatalf("%d of %d octets sent", n, len(text))
	}
}

// receive reads as much as want has.
func (p *play) receive(fd int, want string) {
	p.Helper()
	var got []byte
	buffer := make([]byte, 1<<16)
	for len(got) < len(want) {
		n, err := unix.Read(fd, buffer)
		p.must(err)
		if n == 0 {
			p.Fatalf("the end after %q, want %q", got, want)
		}
		got = append(got, buffer[:n]...)
	}
	if string(got) != want {
		p.Fatalf("received %d octets %.60q, want %.60q", len(got), got, want)
	}
}

// local gives the address and port of a socket.
func (p *play) local(fd int) netip.AddrPort {
	p.Helper()
	name, err := unix.Getsockname(fd)
	p.must(err)
	switch a := name.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(a.Port))
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(a.Addr), uint16(a.Port))
	}
	p.Fatalf("a socket's name is %v", name)
	return netip.AddrPort{}
}
