package sim

import (
	"slices"
	"sync/atomic"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
)

// Thread is a thread of a program on a host: what makes socket calls, one at a
// time, and blocks in them. The calls are its methods, made in the goroutine that
// stands for it (a second one at the same time gives EDEADLK); the other methods
// may be called from anywhere.
type Thread struct {
	host *Host
	name string

	// Guarded by the host's mutex.
	begun   int
	calling bool
	call    *call // that it is blocked in
}

// Thread makes a thread. The name is for [Host.Blocked].
func (h *Host) Thread(name string) *Thread { return &Thread{host: h, name: name} }

// Begin says that the thread has been given something to do: from here until
// [Thread.End], [Host.Quiet] waits for it, except while it is blocked in a call.
// Whoever gives it the work says so, before. Without Begin, a thread counts
// as running only while it is in a call.
func (t *Thread) Begin() { t.change(func() { t.begun++ }) }

// End says that the thread has done what it was given, and has told about it.
func (t *Thread) End() { t.change(func() { t.begun-- }) }

// Interrupt ends the call that the thread is blocked in, as a signal does: with
// EINTR, or with what it has achieved so far. It gives false when the thread is
// not blocked.
func (t *Thread) Interrupt() bool {
	h := t.host
	h.mu.Lock()
	defer h.mu.Unlock()
	c := t.call
	if c == nil {
		return false
	}
	c.fail(EINTR)
	h.complete(c)
	return true
}

func (t *Thread) change(do func()) {
	t.host.mu.Lock()
	defer t.host.mu.Unlock()
	t.changeLocked(do)
}

// changeLocked changes the thread's state and counts the threads that run.
func (t *Thread) changeLocked(do func()) {
	h := t.host
	before := t.running()
	do()
	switch after := t.running(); {
	case after && !before:
		h.running++
	case before && !after:
		h.running--
	}
	if h.running == 0 && h.atRest != nil {
		close(h.atRest)
		h.atRest = nil
	}
	switch { // the clock waits for a closed host only as long as its threads run
	case !h.closed:
	case h.running > 0:
		h.clock.add(h)
	default:
		h.clock.drop(h)
	}
}

func (t *Thread) running() bool { return (t.begun > 0 || t.calling) && t.call == nil }

// BlockedCall is a call that has not returned.
type BlockedCall struct {
	Thread string
	Op     string // connect, accept, send, recv, close
	Socket *Socket
	Since  time.Time
	Until  time.Time // when its time limit ends it; zero without one
}

// Blocked lists the calls that are waiting in the host, in the order in which they
// were made.
func (h *Host) Blocked() []BlockedCall {
	h.mu.Lock()
	defer h.mu.Unlock()
	var list []BlockedCall
	for _, c := range h.blocked {
		list = append(list, BlockedCall{Thread: c.thread.name, Op: c.op, Socket: c.socket, Since: c.since, Until: c.until})
	}
	return list
}

// call is one call of a thread. Its functions run while the call has the host, and
// leave the result where the one who makes the call finds it.
type call struct {
	thread *Thread
	op     string
	socket *Socket // nil only for socket

	attempt  func() bool   // does what can be done now; true when the call is over
	fail     func(Errno)   // ends the call from outside
	limit    time.Duration // after which it fails, 0 for none …
	late     Errno         // … and with what
	notified *atomic.Bool  // nil, or whether it is worth another attempt

	since, until time.Time
	timer        tcpip.Timer
	over         chan struct{}
}

// do makes a call that does not block.
func (t *Thread) do(op string, s *Socket, f func() error) (err error) {
	t.make(&call{
		op: op, socket: s,
		attempt: func() bool { err = f(); return true },
		fail:    func(e Errno) { err = e },
	})
	return err
}

// make makes a call and returns when it is over.
func (t *Thread) make(c *call) {
	h := t.host
	c.thread, c.over = t, make(chan struct{})
	h.mu.Lock()
	defer h.mu.Unlock()
	if t.calling {
		c.fail(EDEADLK)
		return
	}
	t.changeLocked(func() { t.calling = true })
	defer t.changeLocked(func() { t.calling = false })
	if h.closed || c.op != "socket" && !c.socket.usableOn(h) {
		c.fail(EBADF)
		return
	}
	if c.attempt() {
		h.settle(1)
		return
	}
	h.block(c)
	h.settle(1)
	h.mu.Unlock()
	<-c.over
	h.mu.Lock()
}

// block puts a call among those that wait.
func (h *Host) block(c *call) {
	c.since = h.clock.Now()
	if c.limit > 0 {
		c.until = c.since.Add(c.limit)
		c.timer = h.clock.AfterFunc(c.limit, func() {
			c.fail(c.late)
			h.complete(c)
		})
	}
	c.socket.users++
	h.blocked = append(h.blocked, c)
	c.thread.changeLocked(func() { c.thread.call = c })
}

// complete lets a blocked call return.
func (h *Host) complete(c *call) {
	h.blocked = slices.DeleteFunc(h.blocked, func(other *call) bool { return other == c })
	if c.timer != nil {
		c.timer.Stop()
	}
	c.socket.users--
	h.release(c.socket)
	c.thread.changeLocked(func() { c.thread.call = nil })
	close(c.over)
}

// retry lets the blocked calls try again, in their order. It tells whether any of
// them is over.
func (h *Host) retry() bool {
	progress := false
	for _, c := range slices.Clone(h.blocked) {
		if c.notified != nil && !c.notified.Swap(false) {
			continue
		}
		if c.attempt() {
			h.complete(c)
			progress = true
		}
	}
	return progress
}
