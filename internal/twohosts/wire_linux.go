package twohosts

import (
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"

	"tcpviz/fsm"
	"tcpviz/internal/kernel"
	"tcpviz/internal/lang"
)

// Wire joins two hosts. Its methods may be called from any goroutine, but Next
// from one at a time.
type Wire struct {
	hosts [2]*host
	file  *os.File // the AF_PACKET socket on both far ends
	conn  syscall.RawConn
	waits chan struct{} // taken by Next while it waits
	ended atomic.Bool

	mu     sync.Mutex // guards what follows, and Deliver's order
	number int
	queue  []Packet // read, and not given yet
	read   [2]int   // packets of each host that were read, of whatever kind
	given  [2]int   // packets put into each host
	given6 bool     // some of them were IPv6
	buffer []byte
	stamp  []byte
}

// Open makes two hosts and the wire between them. The process must be allowed to
// make network namespaces: as root, or inside a user namespace (os.ErrPermission
// in the error's chain where it is not).
func Open(config Config) (*Wire, error) {
	if config.MTU == 0 {
		config.MTU = largestMTU
	}
	if config.BufferBytes <= 0 {
		config.BufferBytes = defaultBuffer
	}
	if config.MTU < smallestMTU || config.MTU > largestMTU {
		return nil, lang.Errorf("twohosts: open: an MTU of %d, which is not from %d to %d", config.MTU, smallestMTU, largestMTU)
	}
	w := &Wire{
		waits:  make(chan struct{}, 1),
		buffer: make([]byte, 1<<16),
		stamp:  make([]byte, 128),
	}
	if err := kernel.OnThread(func() error { return w.make(config) }); err != nil {
		return nil, lang.Errorf("twohosts: open: %w", errors.Join(err, w.Close()))
	}
	return w, nil
}

// make makes the wire's namespace, and both hosts at the same time. The calling
// thread must end afterwards.
func (w *Wire) make(config Config) error {
	namespace, err := kernel.NewNamespace()
	if err != nil {
		return err
	}
	defer namespace.Close()
	// Namespaces made from here get small tables of connections of their own, which
	// the kernel lists ten times as fast as the machine's (from Linux 6.1).
	_ = tune("ipv4/tcp_child_ehash_entries", "256")
	// The far ends are nobody: they must send nothing, nor choose an address.
	_ = tune("ipv6/conf/default/disable_ipv6", "1")
	if err := w.openSocket(config.BufferBytes); err != nil {
		return err
	}
	results := make(chan error)
	for _, side := range []fsm.Side{fsm.Client, fsm.Server} {
		kernel.GoOnThread(func() {
			var err error
			if w.hosts[side], err = openHost(side, namespace, config); err != nil {
				err = lang.Errorf("the %s: %w", side, err)
			}
			results <- err
		})
	}
	if err := errors.Join(<-results, <-results); err != nil {
		return err
	}
	return w.prove()
}

// openSocket opens the socket that hears the far ends of both hosts, in one queue
// and so in the order in which they sent, and that sends to either of them.
func (w *Wire) openSocket(buffer int) error {
	// Protocol 0: nothing is queued before bind, when all options are set.
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return os.NewSyscallError("socket(AF_PACKET)", err)
	}
	w.file = os.NewFile(uintptr(fd), "wire")
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, buffer) != nil {
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, buffer); err != nil {
			return os.NewSyscallError("setsockopt(SO_RCVBUF)", err)
		}
	}
	for _, option := range []struct {
		name          string
		level, number int
	}{
		{"PACKET_IGNORE_OUTGOING", unix.SOL_PACKET, unix.PACKET_IGNORE_OUTGOING},
		{"PACKET_QDISC_BYPASS", unix.SOL_PACKET, unix.PACKET_QDISC_BYPASS},
		{"SO_TIMESTAMPNS", unix.SOL_SOCKET, unix.SO_TIMESTAMPNS},
	} {
		if err := unix.SetsockoptInt(fd, option.level, option.number, 1); err != nil {
			return os.NewSyscallError("setsockopt("+option.name+")", err)
		}
	}
	if err := unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: everyProtocol()}); err != nil {
		return os.NewSyscallError("bind", err)
	}
	w.conn, err = w.file.SyscallConn()
	return err
}

// IPv6 tells why the hosts have no IPv6 address; nil when they have one.
func (w *Wire) IPv6() error {
	for _, h := range w.hosts {
		if h.noIPv6 != nil {
			return h.noIPv6
		}
	}
	return nil
}

// Enter moves the calling thread into a host: the sockets that it makes are that
// host's from then on, and can be used by any thread. The goroutine must have
// locked its thread, and must never unlock it, so that the thread ends with it.
func (w *Wire) Enter(side fsm.Side) error {
	if err := kernel.Enter(w.hosts[side].namespace); err != nil {
		return lang.Errorf("twohosts: enter the %s: %w", side, err)
	}
	return nil
}

// Close ends all TCP sockets of both hosts (a program that still uses one gets
// ECONNABORTED), takes the hosts and the wire away, and ends a waiting Next. Of a
// host nothing is left once no thread is in it and no socket of it is open.
func (w *Wire) Close() error {
	if w.ended.Swap(true) {
		return nil
	}
	var all error
	for _, h := range w.hosts {
		if h != nil {
			h.abandon()
		}
	}
	if w.file != nil {
		all = w.file.Close()
	}
	for _, h := range w.hosts {
		if h != nil {
			all = errors.Join(all, h.close())
		}
	}
	if all != nil {
		return lang.Errorf("twohosts: close: %w", all)
	}
	return nil
}
