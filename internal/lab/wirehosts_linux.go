package lab

import (
	"context"
	"errors"
	"net/netip"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"tcpviz/capture"
	"tcpviz/fsm"
	"tcpviz/internal/lang"
	"tcpviz/internal/twohosts"
)

// wireHosts are two network namespaces with the kernel's TCP.
type wireHosts struct {
	wire     *twohosts.Wire
	decoder  *capture.Decoder
	returned chan struct{} // a token when some call has returned
	threads  sync.WaitGroup
	counts   [2]firedTimers
	ahead    []packet      // read while waiting for something to happen
	timer    time.Duration // when the next timer that ends a socket is due; 0: none is known
}

// openWireHosts makes the hosts. It fails when IPv6 is needed and the kernel has none.
func openWireHosts(ipv6 bool) (hosts, error) {
	w, err := twohosts.Open(twohosts.Config{})
	if err != nil {
		return nil, err
	}
	if ipv6 {
		if err := w.IPv6(); err != nil {
			return nil, errors.Join(noIPv6(err), w.Close())
		}
	}
	return &wireHosts{wire: w, decoder: capture.NewDecoder(), returned: make(chan struct{}, 1)}, nil
}

func (w *wireHosts) address(side fsm.Side, ipv6 bool) netip.Addr {
	if ipv6 {
		return twohosts.Address6(side)
	}
	return twohosts.Address(side)
}

func (w *wireHosts) now() time.Time { return time.Now() }

func (w *wireHosts) oneByOne() bool { return false }

func (w *wireHosts) hop() time.Duration { return 0 }

func (w *wireHosts) patience() time.Duration { return callPatience }

func (w *wireHosts) ackPatience() time.Duration { return timerPatience }

func (w *wireHosts) start(p *program, over *atomic.Bool) error {
	return p.startThread(&w.threads, func() error { return w.wire.Enter(p.Side) }, func() {
		p.run(over, func() {
			select {
			case w.returned <- struct{}{}:
			default: // a token lies there already
			}
		})
	})
}

func (w *wireHosts) give(p *program, records []*record) { p.jobs <- job{records: records} }

// rest looks until every program is idle or asleep in its call, and the kernels of
// both hosts are quiet, and the same programs are where they were.
func (w *wireHosts) rest(ctx context.Context, l programsAndCalls) (sockets [2][]socketState, sent []packet, err error) {
	sent, w.ahead = w.ahead, nil
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		select {
		case <-w.returned: // what it tells is seen now
		default:
		}
		before := l.doing()
		if slices.Contains(before, -1) {
			select {
			case <-w.returned:
			case <-ticker.C:
			case <-ctx.Done():
				return sockets, nil, ctx.Err()
			}
			continue
		}
		states, err := w.wire.Quiet(ctx)
		if err != nil {
			return sockets, nil, err
		}
		fresh, err := w.read()
		if err != nil {
			return sockets, nil, err
		}
		sent = append(sent, fresh...)
		// What was sent meanwhile may have changed what the kernels say.
		if len(fresh) > 0 || !slices.Equal(before, l.doing()) {
			continue
		}
		if len(sent) > 0 {
			if w.counts, err = w.count(); err != nil {
				return sockets, nil, err
			}
			// A timer that is counted has sent already.
			if fresh, err = w.read(); err != nil {
				return sockets, nil, err
			}
			if len(fresh) > 0 {
				sent = append(sent, fresh...)
				continue
			}
		}
		w.timer = 0
		for side, list := range states {
			for _, s := range list {
				sockets[side] = append(sockets[side], wireState(s))
				// One that is overdue may end at any moment.
				if left := max(s.Expires, time.Nanosecond); s.Timer == twohosts.TimeWaitTimer && (w.timer == 0 || left < w.timer) {
					w.timer = left
				}
			}
		}
		return sockets, sent, nil
	}
}

// reboot ends all sockets of a host, and lets nothing on the wire of what its
// kernel would say about that: to the other host it is as if its power had failed.
func (w *wireHosts) reboot(ctx context.Context, side fsm.Side, l programsAndCalls) error {
	for _, p := range l.programs {
		if p.Side != side {
			continue
		}
		for l.busyProgram(p) {
			r := currentOf(l.records, p)
			if r != nil && r.blocked() && sleepsIn(p.tid, r.fd) {
				_ = unix.Shutdown(r.fd, unix.SHUT_RDWR)
				_ = unix.Tgkill(unix.Getpid(), p.tid, wakeSignal)
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			runtime.Gosched()
		}
		for _, d := range p.all {
			if d.fd >= 0 { // close then ends a connection at once
				_ = unix.SetsockoptLinger(d.fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
			}
		}
		if err := p.closeAll(); err != nil {
			return err
		}
		p.forget()
	}
	// Connections that their programs have closed before live on in the kernel.
	if err := w.wire.EndSockets(side); err != nil {
		return err
	}
	states, err := w.wire.Quiet(ctx)
	if err != nil {
		return err
	}
	if n := len(states[side]); n > 0 {
		return lang.Errorf("reboot the %s: its kernel still has %d sockets, one in %s", side, n, states[side][0].State)
	}
	fresh, err := w.read()
	w.ahead = append(w.ahead, slices.DeleteFunc(fresh, func(p packet) bool { return p.from == side })...)
	return err
}

// fired gives the counts as they were at the last rest that saw packets.
func (w *wireHosts) fired() ([2]firedTimers, error) { return w.counts, nil }

func (w *wireHosts) count() (n [2]firedTimers, err error) {
	for side := range n {
		counts, failed := w.wire.FiredTimers(fsm.Side(side))
		n[side] = firedTimers{lossProbes: counts.LossProbes, delayedAcks: counts.DelayedAcks}
		err = errors.Join(err, failed)
	}
	return n, err
}

// read takes the packets that have come.
func (w *wireHosts) read() (all []packet, err error) {
	for {
		p, ok, err := w.wire.TryNext()
		if err != nil || !ok {
			return all, err
		}
		all = append(all, w.packet(p))
	}
}

func (w *wireHosts) packet(p twohosts.Packet) packet {
	q := packet{from: p.From, deliver: func() error { return w.wire.Deliver(p) }}
	if p.Kind != twohosts.Segment {
		q.deliver = func() error { return nil } // it was delivered already
	}
	q.frame, q.skipped = frameOf(w.decoder, capture.Packet{
		Time: p.Time, LinkType: capture.LinkTypeEthernet, Data: p.Frame, Length: len(p.Frame),
	})
	return q
}

func wireState(s twohosts.SocketState) socketState {
	return socketState{
		endpoint: endpoint{s.Local, s.Remote}, state: s.State,
		unacked: s.Unacked, unsent: s.Unsent, window: s.Window, queued: s.Unread,
		in: s.SegmentsIn, out: s.SegmentsOut, retries: s.Retries,
		timer: s.Timer == twohosts.Retransmission || s.Timer == twohosts.KeepAlive,
		next:  nextTimer(s.Timer),
	}
}

func nextTimer(t twohosts.Timer) fsm.Timer {
	switch t {
	case twohosts.Retransmission:
		return fsm.Retransmission
	case twohosts.KeepAlive:
		return fsm.KeepAliveProbeTimer
	case twohosts.ZeroWindowProbe:
		return fsm.PersistTimer
	case twohosts.TimeWaitTimer:
		return fsm.TimeWaitTimer
	case twohosts.NoTimer:
	}
	return fsm.NoTimer
}

// timerSlack is how much later than it says the kernel may end a socket: its ticks
// are coarse.
const timerSlack = 20 * time.Millisecond

// pass waits for a packet, for a call that returns, or for the end of a socket.
func (w *wireHosts) pass(ctx context.Context, most time.Duration) (bool, error) {
	if w.timer > 0 {
		most = min(most, w.timer+timerSlack)
	}
	limited, cancel := context.WithTimeout(ctx, min(most, callPatience))
	var watcher sync.WaitGroup
	watcher.Go(func() {
		select {
		case <-w.returned:
			cancel()
		case <-limited.Done():
		}
	})
	p, err := w.wire.Next(limited)
	cancel()
	watcher.Wait()
	switch {
	case err == nil:
		w.ahead = append(w.ahead, w.packet(p))
	case ctx.Err() != nil:
		return false, ctx.Err()
	case !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded):
		return false, err
	}
	return true, nil
}

// cleanPatience is how long the kernels may need to end what is left.
const cleanPatience = 5 * time.Second

func (w *wireHosts) close(l programsAndCalls) error {
	for _, p := range l.programs {
		close(p.jobs)
	}
	wakeThreads(l.programs, func(p *program) *record { return currentOf(l.records, p) }, &w.threads)
	var errs []error
	for _, p := range l.programs {
		errs = append(errs, p.closeAll())
	}
	// A connection that its program has left would keep its namespace for minutes.
	// A kernel that cannot end it ends it then.
	ctx, cancel := context.WithTimeout(context.Background(), cleanPatience)
	defer cancel()
	_ = w.wire.Reset(ctx)
	return errors.Join(append(errs, w.wire.Close())...)
}
