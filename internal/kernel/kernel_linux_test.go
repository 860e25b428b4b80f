package kernel_test

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"testing"

	"tcpviz/fsm"
	"tcpviz/internal/kernel"
)

// TestSockets finds a listening socket and both ends of a connection in the kernel's list.
func TestSockets(t *testing.T) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	client, err := net.Dial("tcp4", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	server, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()

	diag, err := kernel.OpenDiag()
	if err != nil {
		t.Skip(err)
	}
	defer diag.Close()
	sockets, err := diag.Sockets(false)
	if err != nil {
		t.Fatal(err)
	}
	type ends struct{ local, remote netip.AddrPort }
	found := make(map[ends]fsm.State)
	for i, s := range sockets {
		found[ends{s.Local, s.Remote}] = s.State
		if i > 0 && s.Local.Compare(sockets[i-1].Local) < 0 {
			t.Errorf("%s comes after %s", s.Local, sockets[i-1].Local)
		}
	}
	here, there := addrPort(t, listener.Addr()), addrPort(t, client.LocalAddr())
	for e, want := range map[ends]fsm.State{
		{here, netip.AddrPort{}}: fsm.Listen,
		{here, there}:            fsm.Established,
		{there, here}:            fsm.Established,
	} {
		if got, ok := found[e]; !ok || got != want {
			t.Errorf("%v: %s (listed: %v), want %s", e, got, ok, want)
		}
	}
}

func addrPort(t *testing.T, a net.Addr) netip.AddrPort {
	t.Helper()
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		t.Fatalf("%v is no TCP address", a)
	}
	return tcp.AddrPort()
}

// TestNamespaces holds that a thread's namespace is its own, and that others can enter it.
func TestNamespaces(t *testing.T) {
	where := func() string {
		name, err := os.Readlink("/proc/thread-self/ns/net")
		if err != nil {
			t.Error(err)
		}
		return name
	}
	before := where()
	var file *os.File
	var made, entered string
	err := kernel.OnThread(func() (err error) {
		file, err = kernel.NewNamespace()
		made = where()
		return err
	})
	if errors.Is(err, os.ErrPermission) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	err = kernel.OnThread(func() error {
		err := kernel.Enter(file)
		entered = where()
		return err
	})
	if err != nil || made == before || entered != made {
		t.Errorf("%v: from %s to %s, then %s", err, before, made, entered)
	}
	for range 8 { // on whatever threads there are
		if err := kernel.OnThread(func() error { made = where(); return nil }); err != nil || made != before {
			t.Errorf("%v: a fresh thread is in %s, not in %s", err, made, before)
		}
	}
}
