package twohosts

import (
	"context"
	"errors"
	"slices"

	"golang.org/x/sys/unix"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
)

// look is what can be seen of both hosts at one moment.
type look struct {
	sockets Sockets
	counts  [2]count
}

// Quiet waits until nothing is under way in either kernel, and gives what both say
// of their sockets then. Packets that wait for a verdict are not under way.
//
// It says nothing about the programs, which may be about to send, and timers
// go on: the state of each socket tells which will fire when, the delayed
// acknowledgment excepted.
func (w *Wire) Quiet(ctx context.Context) (Sockets, error) {
	last, _, err := w.look()
	for tries := 0; err == nil; tries++ {
		var now look
		var still bool
		if now, still, err = w.look(); err != nil {
			break
		}
		if still && now.same(last) {
			return now.sockets, nil
		}
		last = now
		if err = ctx.Err(); err == nil && !still {
			pause(tries)
		}
	}
	return Sockets{}, err
}

// look asks for the sockets first: that takes the lock of each in turn, and so
// waits for a segment that is being worked on; what it sends is on the wire
// then, and counted. It reports whether nothing is under way.
func (w *Wire) look() (look, bool, error) {
	var l look
	for side := range w.hosts {
		var err error
		if l.sockets[side], err = w.Sockets(fsm.Side(side)); err != nil {
			return l, false, err
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.drain(); err != nil {
		return l, false, err
	}
	still := true
	for side, h := range w.hosts {
		n, err := h.counters.count(w.given6)
		if err != nil {
			return l, false, w.failed(lang.Phrasef("count the packets of the %s", fsm.Side(side)), err)
		}
		if n.lost > 0 {
			return l, false, lang.Errorf("twohosts: %d packets of the %s were lost before they were read", n.lost, fsm.Side(side))
		}
		still = still && n.sent == w.read[side] && n.received == w.given[side]
		l.counts[side] = n
	}
	if !still {
		return l, false, w.overrun()
	}
	return l, true, nil
}

// overrun fails when the kernel has thrown packets away that were not read in time.
// The caller holds w.mu.
func (w *Wire) overrun() error {
	var failed error
	var stats *unix.TpacketStats
	err := w.conn.Control(func(fd uintptr) {
		stats, failed = unix.GetsockoptTpacketStats(int(fd), unix.SOL_PACKET, unix.PACKET_STATISTICS)
	})
	if err = errors.Join(err, failed); err != nil {
		return w.failed(lang.Phrasef("ask for dropped packets"), err)
	}
	if stats.Drops > 0 {
		return lang.Errorf("twohosts: %d packets were lost because they were not read in time", stats.Drops)
	}
	return nil
}

// same reports whether two looks show the same, the time that has passed excepted.
func (l look) same(m look) bool {
	if l.counts != m.counts {
		return false
	}
	for side := range l.sockets {
		if !slices.EqualFunc(l.sockets[side], m.sockets[side], func(a, b SocketState) bool {
			a.Expires, b.Expires = 0, 0
			return a == b
		}) {
			return false
		}
	}
	return true
}
