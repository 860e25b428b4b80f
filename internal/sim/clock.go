package sim

import (
	"cmp"
	"container/heap"
	"context"
	"slices"
	"sync"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
)

// Clock is the time of one or more hosts. It stands still until [Clock.Advance].
// Its methods may be called from several goroutines.
type Clock struct {
	start   time.Time
	turning sync.Mutex // held by Advance

	mu      sync.Mutex
	elapsed time.Duration
	timers  timerHeap
	set     uint64  // timers that were set so far
	hosts   []*Host // to wait for
}

// NewClock makes a clock that shows the given time.
func NewClock(start time.Time) *Clock { return &Clock{start: start} }

// Now gives the time that the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.start.Add(c.elapsed)
}

// Next tells how long it is until the next timer of any host is due: a
// retransmission, the end of TIME-WAIT, the time limit of a call. Without any
// timer it gives false.
func (c *Clock) Next() (time.Duration, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.timers) == 0 {
		return 0, false
	}
	return max(0, c.timers[0].when-c.elapsed), true
}

// Advance lets the time pass, from timer to timer. Before it moves on, and at the
// end, it waits until all hosts are quiet ([Host.Quiet]), so a program whose call
// a timer ended makes its next one at that very moment. The only error is the
// context's; the time is then where the clock was stopped.
func (c *Clock) Advance(ctx context.Context, d time.Duration) error {
	c.turning.Lock()
	defer c.turning.Unlock()
	c.mu.Lock()
	until := c.elapsed + d
	c.mu.Unlock()
	for {
		if err := c.Quiet(ctx); err != nil {
			return err
		}
		due := c.turn(until)
		if len(due) == 0 {
			return nil
		}
		for _, h := range due {
			h.runTimers()
		}
	}
}

// turn moves the time to the next timer, or to until when there is none before,
// and gives the hosts that have a timer due, the one that set its first first.
func (c *Clock) turn(until time.Duration) []*Host {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.timers) == 0 || c.timers[0].when > until {
		c.elapsed = max(c.elapsed, until)
		return nil
	}
	c.elapsed = max(c.elapsed, c.timers[0].when)
	var due []*timer
	for _, t := range c.timers {
		if t.when <= c.elapsed {
			due = append(due, t)
		}
	}
	slices.SortFunc(due, func(a, b *timer) int { return cmp.Compare(a.set, b.set) })
	var hosts []*Host
	for _, t := range due {
		if !slices.Contains(hosts, t.host) {
			hosts = append(hosts, t.host)
		}
	}
	return hosts
}

// Quiet waits until every host of the clock is quiet, one that was closed included. The only error is the
// context's.
func (c *Clock) Quiet(ctx context.Context) error {
	c.mu.Lock()
	hosts := slices.Clone(c.hosts)
	c.mu.Unlock()
	for _, h := range hosts {
		if err := h.Quiet(ctx); err != nil {
			return err
		}
	}
	return nil
}

// add lets [Clock.Quiet] wait for a host.
func (c *Clock) add(h *Host) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !slices.Contains(c.hosts, h) {
		c.hosts = append(c.hosts, h)
	}
}

// drop undoes add.
func (c *Clock) drop(h *Host) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hosts = slices.DeleteFunc(c.hosts, func(other *Host) bool { return other == h })
}

// stop ends all timers of a host. It can set no more.
func (c *Clock) stop(h *Host) {
	c.mu.Lock()
	defer c.mu.Unlock()
	h.stopped = true
	for _, t := range c.timers {
		if t.host == h {
			t.index = -1
		}
	}
	c.timers = slices.DeleteFunc(c.timers, func(t *timer) bool { return t.host == h })
	for i, t := range c.timers {
		t.index = i
	}
	heap.Init(&c.timers)
}

// takeDue takes the first timer of a host that is due out of the clock.
func (c *Clock) takeDue(h *Host) *timer {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.timers) == 0 || c.timers[0].when > c.elapsed {
		return nil
	}
	var first *timer
	for _, t := range c.timers {
		if t.host == h && t.when <= c.elapsed && (first == nil || t.before(first)) {
			first = t
		}
	}
	if first != nil {
		heap.Remove(&c.timers, first.index)
	}
	return first
}

// hostClock is the clock as one host's netstack sees it.
type hostClock struct {
	*Clock
	host *Host
}

// monotonicStart keeps netstack's monotonic time away from zero, which it takes
// for "never".
const monotonicStart = time.Hour

// tick is the shortest time that a timer can be set to, as on a Linux whose clock
// ticks 250 times a second. Netstack asks for a microsecond when a SYN is to be
// repeated soon, doubles that each time, and would send ten of them before any
// answer could arrive.
const tick = 4 * time.Millisecond

func (c hostClock) NowMonotonic() tcpip.MonotonicTime {
	c.mu.Lock()
	defer c.mu.Unlock()
	return tcpip.MonotonicTime{}.Add(monotonicStart + c.elapsed)
}

func (c hostClock) AfterFunc(d time.Duration, f func()) tcpip.Timer {
	t := &timer{clock: c.Clock, host: c.host, run: f, index: -1}
	t.Reset(d)
	return t
}

// timer is one event in the future of a host. It runs while the host is at rest.
type timer struct {
	clock *Clock
	host  *Host
	run   func()
	when  time.Duration // on the clock
	set   uint64        // which of all timers that were set
	index int           // in the heap; -1 when it is not set
}

func (t *timer) before(other *timer) bool {
	if t.when != other.when {
		return t.when < other.when
	}
	return t.set < other.set
}

// Stop implements tcpip.Timer.
func (t *timer) Stop() bool {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	if t.index < 0 {
		return false
	}
	heap.Remove(&t.clock.timers, t.index)
	return true
}

// Reset implements tcpip.Timer.
func (t *timer) Reset(d time.Duration) {
	c := t.clock
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.index >= 0 {
		heap.Remove(&c.timers, t.index)
	}
	if t.host.stopped {
		return
	}
	if d > 0 {
		d = max(d, tick)
	}
	c.set++
	t.set, t.when = c.set, c.elapsed+max(0, d)
	heap.Push(&c.timers, t)
}

// timerHeap holds the timers that are set, the next one first.
type timerHeap []*timer

func (h timerHeap) Len() int           { return len(h) }
func (h timerHeap) Less(i, j int) bool { return h[i].before(h[j]) }

func (h timerHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

// Push implements heap.Interface.
func (h *timerHeap) Push(x any) {
	t := x.(*timer)
	t.index = len(*h)
	*h = append(*h, t)
}

// Pop implements heap.Interface.
func (h *timerHeap) Pop() any {
	last := len(*h) - 1
	t := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	t.index = -1
	return t
}
