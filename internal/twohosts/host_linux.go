package twohosts

import (
	"errors"
	"os"
	"sync"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"tcpviz/fsm"
	"tcpviz/internal/kernel"
	"tcpviz/internal/lang"
)

// host is one namespace with a TCP of its own.
type host struct {
	side      fsm.Side
	namespace *os.File
	counters  counters
	noIPv6    error // why it has no IPv6 address
	remembers error // why it keeps something of a connection that has ended

	asking    sync.Mutex        // guards what follows
	diag      *kernel.Diag      // asks for sockets
	destroyer *nl.NetlinkSocket // ends them
	closed    bool
}

// openHost makes a host and its far end in the wire's namespace. The calling
// thread must end afterwards.
func openHost(side fsm.Side, wire *os.File, config Config) (*host, error) {
	h := &host{side: side}
	if err := h.make(wire, config); err != nil {
		return nil, errors.Join(err, h.close())
	}
	return h, nil
}

func (h *host) make(wire *os.File, config Config) error {
	if err := kernel.Enter(wire); err != nil {
		return err
	}
	far, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err != nil {
		return os.NewSyscallError("socket(NETLINK_ROUTE)", err)
	}
	defer unix.Close(far)
	if h.namespace, err = kernel.NewNamespace(); err != nil {
		return err
	}
	// Clients get ports that cannot be mistaken for a server's.
	_ = tune("ipv4/ip_local_port_range", "40000 60999")
	// Round-trip times and the like are not kept for the next connection.
	h.remembers = tune("ipv4/tcp_no_metrics_save", "1")
	for name, value := range config.Settings {
		if err := tune(name, value); err != nil {
			return lang.Errorf("set %s to %q: %w", name, value, err)
		}
	}
	if err := h.link(far, wire, config.MTU); err != nil {
		return err
	}
	if h.noIPv6 == nil {
		if err := h.awaitOwnAddress(); err != nil {
			return err
		}
	}
	if h.counters, err = openCounters(); err != nil {
		return err
	}
	if h.diag, err = kernel.OpenDiag(); err != nil {
		return err
	}
	if h.destroyer, err = nl.Subscribe(unix.NETLINK_INET_DIAG); err != nil {
		return lang.Errorf("open INET_DIAG: %w", err)
	}
	return nil
}

// link makes the host's interface and all that belongs to it. The far end comes
// up first: then the near end is ready to send as soon as it is up.
func (h *host) link(far int, wire *os.File, mtu int) error {
	var refused error // what an older kernel may
	other := h.side.Other()
	if err := batch([]request{makePair(h.side, wire, mtu), raise(loopbackIndex)}); err != nil {
		return err
	}
	if err := switchOffloadsOff(); err != nil {
		return err
	}
	if err := exchange(far, []request{quietly(farIndex(h.side), &refused), raise(farIndex(h.side))}); err != nil {
		return err
	}
	return batch([]request{
		quietly(hostIndex, &refused), singly(hostIndex, &refused), raiseAlone(hostIndex),
		giveAddress(Address(h.side), 24, nil), nameNeighbour(Address(other), hardware(other), nil),
		giveAddress(Address6(h.side), 64, &h.noIPv6), nameNeighbour(Address6(other), hardware(other), &h.noIPv6),
	})
}

// abandon ends the host's sockets: one that its program has closed, but whose peer
// does not answer, would keep the whole host for minutes. A kernel that cannot do
// that keeps it.
func (h *host) abandon() {
	const rounds = 3 // a connection may come into being in the first
	for range rounds {
		sockets, err := h.sockets()
		if err != nil || len(sockets) == 0 {
			return
		}
		for _, socket := range sockets {
			_ = h.destroy(*socket.Message)
		}
	}
}

func (h *host) close() error {
	h.asking.Lock()
	defer h.asking.Unlock()
	h.closed = true
	all := h.counters.close()
	if h.namespace != nil {
		all = errors.Join(all, h.namespace.Close())
	}
	if h.diag != nil {
		h.diag.Close()
	}
	if h.destroyer != nil {
		h.destroyer.Close()
	}
	return all
}
