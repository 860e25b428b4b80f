package sim_test

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tcpviz/fsm"
	"tcpviz/internal/sim"
)

func lines(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\t", "")) }

func TestWholeConnection(t *testing.T) {
	w := newWorld(t)
	l := w.listener(5)
	accept := w.server.accept(l)
	c := w.client.socket()
	connect := w.client.connect(c, serverPort)
	var story []string
	note := func() {
		w.collect()
		story = append(story, w.client.states()+" | "+w.server.states())
	}
	steps := func() {
		for note(); w.step(); {
			note()
		}
		story = append(story, "")
	}
	steps()
	if got := connect.String() + " " + accept.String(); got != "0 0" {
		t.Fatalf("connect and accept gave %s", got)
	}
	recv := w.server.recv(accept.socket, 100)
	send := w.client.send(c, "hello")
	steps()
	answer := w.client.recv(c, 3)
	w.server.send(accept.socket, "OK\n")
	steps()
	if got := recv.String() + " " + send.String() + " " + answer.String(); got != `"hello" 5 "OK\n"` {
		t.Errorf("recv, send, recv gave %s", got)
	}
	end := w.server.recv(accept.socket, 100)
	w.client.close(c)
	steps()
	if got := end.String(); got != "0" {
		t.Errorf("recv at the end gave %s", got)
	}
	w.server.close(accept.socket)
	steps()

	want := lines(`
		SYN-SENT | LISTEN
		SYN-SENT | LISTEN SYN-RECEIVED
		ESTABLISHED | LISTEN SYN-RECEIVED
		ESTABLISHED | LISTEN ESTABLISHED

		ESTABLISHED | LISTEN ESTABLISHED
		ESTABLISHED | LISTEN ESTABLISHED
		ESTABLISHED | LISTEN ESTABLISHED

		ESTABLISHED | LISTEN ESTABLISHED
		ESTABLISHED | LISTEN ESTABLISHED
		ESTABLISHED | LISTEN ESTABLISHED

		FIN-WAIT-1 | LISTEN ESTABLISHED
		FIN-WAIT-1 | LISTEN CLOSE-WAIT
		FIN-WAIT-2 | LISTEN CLOSE-WAIT

		FIN-WAIT-2 | LISTEN LAST-ACK
		TIME-WAIT | LISTEN LAST-ACK
		TIME-WAIT | LISTEN`)
	if d := cmp.Diff(want, strings.TrimSpace(strings.Join(story, "\n"))); d != "" {
		t.Errorf("states (-want +got):\n%s", d)
	}
	segments := lines(`
		0s     c>s S seq=0
		0s     s>c SA seq=0 ack=1
		0s     c>s A seq=1 ack=1
		0s     c>s PA seq=1 ack=1 len=5
		0s     s>c A seq=1 ack=6
		0s     s>c PA seq=1 ack=6 len=3
		0s     c>s A seq=6 ack=4
		0s     c>s FA seq=6 ack=4
		0s     s>c A seq=4 ack=7
		0s     s>c FA seq=4 ack=7
		0s     c>s A seq=7 ack=5`)
	if d := cmp.Diff(segments, w.text()); d != "" {
		t.Errorf("segments (-want +got):\n%s", d)
	}
}

func TestIPv6(t *testing.T) {
	w := newWorldAt(t, netip.MustParseAddr("fd00::1"), netip.MustParseAddr("fd00::2"))
	w.run()
	if _, timer := w.clock.Next(); timer || w.log != nil {
		t.Errorf("a host that does nothing has timers or sends\n%s", w.text())
	}
	c, s := w.pair()
	recv := w.server.recv(s, 10)
	w.client.send(c, "six")
	w.run()
	if recv.String() != `"six"` {
		t.Errorf("recv gave %s", recv)
	}
	name, err := w.server.GetPeerName(s)
	must(t, err)
	if name.String() != "[fd00::1]:40000" {
		t.Errorf("the peer's name is %s", name)
	}
	if _, err := w.client.Socket(true); err != nil {
		t.Errorf("an IPv6 socket: %v", err)
	}
	for want, to := range map[sim.Errno]netip.AddrPort{
		sim.EINVAL:        serverPort,
		sim.EADDRNOTAVAIL: netip.MustParseAddrPort("[fd00::3]:1"),
	} {
		if err := w.client.Bind(w.client.socket(), to); !errors.Is(err, want) {
			t.Errorf("bind(%s) gave %v", to, err)
		}
	}
}

// A listening IPv6 socket takes IPv4 connections too, as on Linux.
func TestBothFamilies(t *testing.T) {
	w := newWorld(t)
	both, err := sim.New(sim.Config{Addrs: []netip.Addr{netip.MustParseAddr("fd00::2"), serverAddr}, Clock: w.clock, Seed: 7})
	must(t, err)
	defer both.Close()
	w.server.host, w.server.Thread = both, both.Thread("server")
	l, err := w.server.Socket(true)
	must(t, err)
	must(t, w.server.Bind(l, netip.MustParseAddrPort("[::]:10008")))
	must(t, w.server.Listen(l, 1))
	connect := w.client.connect(w.client.socket(), serverPort)
	w.run()
	if connect.String() != "0" {
		t.Fatalf("connect gave %s", connect)
	}
	states := both.Sockets()
	want := []sim.SocketState{
		{Local: serverPort, Remote: netip.MustParseAddrPort("10.0.0.1:40000"), State: fsm.Established},
		{Local: netip.MustParseAddrPort("[::]:10008"), State: fsm.Listen, Socket: l, Backlog: 1, AcceptQueue: 1},
	}
	if !slices.Equal(states, want) {
		t.Errorf("the sockets are %+v", states)
	}
	_, peer, err := w.server.Accept(l)
	must(t, err)
	if peer != want[0].Remote {
		t.Errorf("the peer is %s", peer)
	}
}
