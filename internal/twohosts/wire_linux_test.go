package twohosts_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"tcpviz/fsm"
	"tcpviz/internal/twohosts"
)

// packetsSent gives how many packets a host has put on its interface.
func packetsSent(p *play, side fsm.Side) (n int) {
	p.Helper()
	p.inHost(side, func() error {
		data, err := os.ReadFile("/proc/thread-self/net/dev")
		_, line, found := strings.Cut(string(data), "eth0:")
		if fields := strings.Fields(line); err == nil && found && len(fields) > 9 {
			n, err = strconv.Atoi(fields[9])
		}
		return err
	})
	return n
}

func TestNoWayOut(t *testing.T) {
	p := open(t)
	for _, side := range []fsm.Side{fsm.Client, fsm.Server} {
		p.inHost(side, func() error {
			routes, err := os.ReadFile("/proc/thread-self/net/route")
			if err != nil {
				return err
			}
			if lines := bytes.Count(routes, []byte("\n")); lines != 2 || !bytes.Contains(routes, []byte("\neth0\t0000090A\t")) {
				t.Errorf("routes of the %s:\n%s", side, routes)
			}
			for _, a := range []unix.Sockaddr{
				&unix.SockaddrInet4{Port: 80, Addr: [4]byte{192, 0, 2, 1}},
				&unix.SockaddrInet6{Port: 80, Addr: [16]byte{0x20, 1, 0xd, 0xb8, 15: 1}},
			} {
				family := unix.AF_INET
				if _, ok := a.(*unix.SockaddrInet6); ok {
					family = unix.AF_INET6
				}
				fd, err := unix.Socket(family, unix.SOCK_STREAM, 0)
				if err != nil {
					return err
				}
				if err := unix.Connect(fd, a); err != unix.ENETUNREACH {
					t.Errorf("connect from the %s to %v: %v", side, a, err)
				}
				if err := unix.Close(fd); err != nil {
					return err
				}
			}
			return nil
		})
	}
	p.nothing()
}

// What is not TCP passes by itself, ICMP errors too.
func TestDatagramAndICMPError(t *testing.T) {
	p := open(t)
	var fd int
	p.inHost(fsm.Client, func() (err error) {
		fd, err = unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
		return err
	})
	p.closes(fd)
	p.must(unix.Connect(fd, p.address(fsm.Server, 53)))
	p.send(fd, "is anybody there?")
	for i, want := range []string{"client other", "server ICMP error"} {
		if packet := p.expect(want); packet.Number != i+1 {
			t.Errorf("%s is packet %d", want, packet.Number)
		}
	}
	if _, err := unix.Read(fd, make([]byte, 1)); err != unix.ECONNREFUSED {
		t.Errorf("read: %v", err)
	}
	p.nothing()
}

func TestTwoWiresDoNotDisturbEachOther(t *testing.T) {
	a, b := open(t), open(t)
	a.listen(80)
	b.listen(80)
	_, connectedA := a.connect(80)
	a.pass("client S")
	_, connectedB := b.connect(80)
	b.pass("client S")
	a.states("SYN-SENT | LISTEN SYN-RECEIVED")
	b.states("SYN-SENT | LISTEN SYN-RECEIVED")
	b.pass("server SA")
	b.must(<-connectedB)
	b.pass("client A")
	a.states("SYN-SENT | LISTEN SYN-RECEIVED")
	b.states("ESTABLISHED | LISTEN ESTABLISHED")
	a.pass("server SA")
	a.must(<-connectedA)
	a.pass("client A")
	a.states("ESTABLISHED | LISTEN ESTABLISHED")
	a.nothing()
	b.nothing()
}

func TestResetForgetsEverything(t *testing.T) {
	p := open(t)
	for round := range 3 {
		t.Run(fmt.Sprint("run ", round+1), func(t *testing.T) {
			run := *p
			run.TB = t
			run.states("|")
			client, server := run.established(80)
			// The same ports each time: a TIME-WAIT that were left would be met.
			if s := run.states("ESTABLISHED | LISTEN ESTABLISHED")[fsm.Server][0]; s.Waiting != 0 {
				t.Errorf("the listener: %+v", s)
			}
			other, connected := run.connectFrom(40000, 80)
			if packet := run.expect("client S"); packet.Number != 4 {
				t.Errorf("the second SYN is packet %d", packet.Number)
			}
			run.must(unix.Close(client))
			run.pass("client FA")
			run.pass("server A")
			run.must(unix.Close(server))
			run.pass("server FA")
			run.expect("client A")
			run.states("SYN-SENT TIME-WAIT | LISTEN LAST-ACK")
			run.must(run.wire.Reset(run.context))
			run.states("|")
			if err := <-connected; err != unix.ECONNABORTED {
				t.Errorf("connect, which was blocked: %v", err)
			}
			if _, err := unix.Write(other, []byte("x")); err == nil {
				t.Error("a socket that was ended still sends")
			}
			run.nothing()
		})
	}
	p.listen(80)
	p.connect(80)
	if packet := p.expect("client S"); packet.Number != 1 {
		t.Errorf("after Reset the first packet is number %d", packet.Number)
	}
}

func TestNextEnds(t *testing.T) {
	p := open(t)
	ctx, cancel := context.WithCancel(p.context)
	ended := make(chan error)
	go func() { _, err := p.wire.Next(ctx); ended <- err }()
	cancel()
	if err := <-ended; err != context.Canceled {
		t.Errorf("cancelled: %v", err)
	}
	p.listen(80)
	p.connect(80)
	p.expect("client S") // Next still works
	go func() { _, err := p.wire.Next(p.context); ended <- err }()
	p.must(p.wire.Close())
	if err := <-ended; !errors.Is(err, os.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
	for what, f := range map[string]func() error{
		"TryNext": func() error { _, _, err := p.wire.TryNext(); return err },
		"Next":    func() error { _, err := p.wire.Next(p.context); return err },
		"Deliver": func() error { return p.wire.Deliver(twohosts.Packet{Frame: make([]byte, 60)}) },
		"Sockets": func() error { _, err := p.wire.Sockets(fsm.Client); return err },
		"Quiet":   func() error { _, err := p.wire.Quiet(p.context); return err },
		"Reset":   func() error { return p.wire.Reset(p.context) },
	} {
		if err := f(); !errors.Is(err, os.ErrClosed) {
			t.Errorf("%s after Close: %v", what, err)
		}
	}
}

func TestOpenRefusesWhatNoWireCanBe(t *testing.T) {
	open(t) // or skip
	for _, c := range []twohosts.Config{
		{MTU: -1}, {MTU: 576}, {MTU: 1501}, {MTU: 65536},
		{Settings: map[string]string{"ipv4/tcp_of_the_future": "1"}},
		{Settings: map[string]string{"ipv4/tcp_syn_retries": "many"}},
		{Settings: map[string]string{"../kernel/hostname": "x"}},
	} {
		if w, err := twohosts.Open(c); err == nil {
			t.Errorf("%+v is taken: %v", c, w.Close())
		}
	}
}

func TestSettings(t *testing.T) {
	open(t) // or skip
	const name = "ipv4/tcp_syn_retries"
	w, err := twohosts.Open(twohosts.Config{MTU: 1400, Settings: map[string]string{name: "3"}})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	p := &play{TB: t, wire: w}
	for side, want := range map[fsm.Side]string{fsm.Client: "3\n", fsm.Server: "3\n"} {
		p.inHost(side, func() error {
			got, err := os.ReadFile("/proc/sys/net/" + name)
			if string(got) != want {
				t.Errorf("%s: %q", side, got)
			}
			return err
		})
	}
	if own, err := os.ReadFile("/proc/sys/net/" + name); err == nil && string(own) == "3\n" {
		t.Error("the setting is that of this machine too")
	}
}
