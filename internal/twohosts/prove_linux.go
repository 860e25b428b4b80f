package twohosts

import (
	"errors"
	"net"
	"os"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"tcpviz/fsm"
	"tcpviz/internal/kernel"
	"tcpviz/internal/lang"
)

const provePatience = 2 * time.Second

// awaitOwnAddress returns when the host takes packets for its IPv6 address, in the
// calling thread's namespace: the kernel makes it so later, on a worker thread of
// its own, and would drop a SYN until then.
func (h *host) awaitOwnAddress() error {
	handle, err := netlink.NewHandle(unix.NETLINK_ROUTE)
	if err != nil {
		return lang.Errorf("netlink: %w", err)
	}
	defer handle.Close()
	own, other := net.IP(Address6(h.side).AsSlice()), net.IP(Address6(h.side.Other()).AsSlice())
	deadline := time.Now().Add(provePatience)
	for tries := 0; ; tries++ {
		here, err := handle.RouteGet(own)
		there, failed := handle.RouteGet(other)
		switch err = errors.Join(err, failed); {
		case err == nil && len(here) == 1 && here[0].Type == unix.RTN_LOCAL && len(there) == 1 && there[0].LinkIndex == hostIndex:
			return nil
		case time.Now().After(deadline):
			return errors.Join(lang.Errorf("the address %s does not come into use within %v", own, provePatience), err)
		}
		pause(tries)
	}
}

// prove sends a datagram from each host and reads it, so that what is wrong shows
// here and not in somebody's first connection.
//
// It does so until the kernel stamps packets as they are sent: it begins to do so
// for all sockets when the first one asks, but later and on a worker thread of
// its own. Until then a packet gets its stamp when it is read.
func (w *Wire) prove() error {
	for side, h := range w.hosts {
		if err := h.prove(w, fsm.Side(side)); err != nil {
			return lang.Errorf("try the %s's interface: %w", fsm.Side(side), err)
		}
	}
	return nil
}

func (h *host) prove(w *Wire, side fsm.Side) error {
	if err := kernel.Enter(h.namespace); err != nil {
		return err
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return os.NewSyscallError("socket", err)
	}
	const discard = 9
	to := &unix.SockaddrInet4{Port: discard, Addr: Address(side.Other()).As4()}
	err = os.NewSyscallError("connect", unix.Connect(fd, to))
	for deadline := time.Now().Add(provePatience); err == nil; {
		if _, err = unix.Write(fd, []byte{0}); err != nil {
			err = os.NewSyscallError("write", err)
			break
		}
		var stamped bool
		if stamped, err = w.stampedWhenSent(side, deadline); stamped {
			break
		}
	}
	return errors.Join(err, unix.Close(fd))
}

// stampedWhenSent reads the one packet that a host has just sent, and reports
// whether its stamp is older than the moment before it was read.
func (w *Wire) stampedWhenSent(side fsm.Side, deadline time.Time) (bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for tries := 0; ; tries++ {
		before := time.Now()
		p, ok, err := w.receive()
		if err != nil {
			return false, err
		}
		if ok {
			w.read[p.From]++
			if _, mine := kindOf(p.Frame, p.From); mine && p.From == side {
				return p.Time.Before(before), nil
			}
			continue
		}
		if before.After(deadline) {
			return false, lang.Errorf("nothing comes from it, or without a time stamp, for %v", provePatience)
		}
		pause(tries)
	}
}
