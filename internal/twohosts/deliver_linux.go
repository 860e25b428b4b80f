package twohosts

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"tcpviz/internal/lang"
)

// takenPatience is how long a kernel may need to take in a packet. It needs
// microseconds; only one that cannot take it needs for ever.
const takenPatience = 2 * time.Second

// Deliver puts a packet into the host that it was sent to, as often as it is
// called and in the order in which it is called: a packet that is never delivered
// is lost, one that is delivered twice is a duplicate. It returns when that host's
// kernel has taken the packet in.
func (w *Wire) Deliver(p Packet) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if p.From > 1 || len(p.Frame) < etherHeader {
		return lang.Errorf("twohosts: deliver packet %d: it is none of this wire's", p.Number)
	}
	if err := w.put(p); err != nil {
		return err
	}
	to := p.From.Other()
	deadline := time.Now().Add(takenPatience)
	for tries := 0; ; tries++ {
		received, err := w.hosts[to].counters.count(w.given6)
		if err != nil {
			return w.failed(lang.Phrasef("deliver packet %d", p.Number), err)
		}
		if received.received >= w.given[to] {
			return nil
		}
		if time.Now().After(deadline) {
			w.given[to]--
			return lang.Errorf("twohosts: deliver packet %d: the %s's kernel has not counted it within %v", p.Number, to, takenPatience)
		}
		pause(tries)
	}
}

// put sends a packet out of the far end of the host that it is for. The caller
// holds w.mu.
func (w *Wire) put(p Packet) error {
	to := p.From.Other()
	var failed error
	err := w.conn.Control(func(fd uintptr) {
		address := &unix.SockaddrLinklayer{Ifindex: farIndex(to)}
		for {
			if failed = unix.Sendto(int(fd), p.Frame, 0, address); failed != unix.EINTR {
				return
			}
		}
	})
	if err = errors.Join(err, os.NewSyscallError("sendto", failed)); err != nil {
		return w.failed(lang.Phrasef("deliver packet %d to the %s", p.Number, to), err)
	}
	w.given[to]++
	w.given6 = w.given6 || isIPv6(p.Frame)
	return nil
}

// pause waits a little before a condition that has no event is looked at again.
func pause(tries int) {
	time.Sleep(min(20*time.Microsecond<<min(tries, 6), time.Millisecond))
}
