package code

import (
	"slices"
	"time"

	"tcpviz/internal/lesson"
)

// order is what the programs of a lesson need of each other when they run freely.
//
// The lesson is gone through in its own order with a small model of what its calls do to
// each other: which connect an accept takes, which send a recv reads. From it follows
// what each program is certain to know of the others at each of its calls, because a
// call of its own could not have returned otherwise; and what the call must know to have
// the lesson's outcome. What it must know and does not, the program has to wait for.
type order struct {
	programs []*course
	ports    map[uint16]*port
	// quiet is the time that the lesson lets pass before its next call.
	quiet time.Duration
}

// course is one program's way through the lesson.
type course struct {
	index   int
	calls   []*node
	knows   clock
	sockets map[string]*socket
	open    []*socket
	pending *node          // a call of its that blocks
	behind  []lesson.Call  // those that follow it at once
	start   []*node        // it must be started after these
	begun   bool           // something else than making a socket has happened
	reboots []int          // indexes of the calls before which its host fails
	said    map[string]int // how often a call that reads like that was made
}

// clock is what is known of each program, as the number of its events: two for each
// call, its beginning and its return.
type clock []int

func (c clock) join(other clock) {
	for i, n := range other {
		c[i] = max(c[i], n)
	}
}

// node is one call of a program.
type node struct {
	in       *order
	of       *course
	index    int // among the program's calls
	step     int
	times    int // the how-manieth call of its program it is that reads like this
	call     lesson.Call
	atEnter  clock
	atReturn clock             // nil: it has not returned yet
	waits    []*node           // those that the program waits for before this call
	begun    []bool            // by waits: that it has begun is enough
	answer   bool              // the answer to the call before must have come back
	quiet    time.Duration     // so much time passes before it
	wake     func(waker *node) // completes a call that blocks
}

// begins and ends are the call's events in the clock.
func (n *node) begins() int { return 2*n.index + 1 }
func (n *node) ends() int   { return 2*n.index + 2 }

// newOrder goes through a lesson.
func newOrder(l lesson.Lesson) *order {
	o := &order{ports: make(map[uint16]*port)}
	for i := range l.Programs {
		o.programs = append(o.programs, &course{
			index: i, knows: make(clock, len(l.Programs)), sockets: make(map[string]*socket), said: make(map[string]int),
		})
	}
	disturbed := false
	for i, s := range l.Steps {
		for _, side := range s.Reboot {
			for p, program := range l.Programs {
				if program.Side == side {
					o.programs[p].reboot()
				}
			}
		}
		for _, w := range s.Wire {
			switch {
			case w.Pause && !disturbed:
				o.quiet += w.For
			case !w.Pause:
				disturbed = true // without what is done to the wire its waits wait for nothing
			}
		}
		for _, a := range s.Acts {
			p := slices.IndexFunc(l.Programs, func(p lesson.Program) bool { return p.Name == a.Program })
			if p < 0 {
				continue
			}
			for _, c := range a.Calls {
				o.perform(o.programs[p], i, c)
			}
		}
	}
	for _, p := range o.programs {
		for p.pending != nil {
			p.pending.returns()
		}
	}
	return o
}

// reboot makes the program one that has no socket.
func (p *course) reboot() {
	p.reboots = append(p.reboots, len(p.calls))
	p.sockets, p.open, p.pending, p.behind = make(map[string]*socket), nil, nil, nil
}

// perform makes the program's next call.
func (o *order) perform(p *course, step int, c lesson.Call) {
	for p.pending != nil {
		if p.pending.step == step {
			p.behind = append(p.behind, c)
			return
		}
		p.pending.returns() // by a timer, or by something that is not known here
	}
	n := &node{in: o, of: p, index: len(p.calls), step: step, call: c, quiet: o.quiet}
	o.quiet = 0
	p.calls = append(p.calls, n)
	p.said[callText(c)]++
	n.times = p.said[callText(c)]
	s := p.sockets[c.Socket]
	if s == nil {
		s = &socket{of: p}
	}
	o.wait(n, o.needs(n, s))
	p.knows[p.index] = n.begins()
	n.atEnter = slices.Clone(p.knows)
	switch c.Op {
	case lesson.Socket, lesson.SetSockOpt, lesson.Bind, lesson.GetSockName:
	default:
		p.begun = true
	}
	o.act(n, s)
}

// returns completes the call; wakers are those that let it.
func (n *node) returns(wakers ...*node) {
	if n.atReturn != nil {
		return
	}
	n.atReturn = slices.Clone(n.atEnter)
	for _, w := range wakers {
		if w != nil {
			n.atReturn.join(w.atEnter)
		}
	}
	n.atReturn[n.of.index] = n.ends()
	n.of.knows.join(n.atReturn)
	if n.of.pending != n {
		return
	}
	behind := n.of.behind
	n.of.pending, n.of.behind = nil, nil
	for _, c := range behind {
		n.in.perform(n.of, n.step, c)
	}
}

// blocks leaves the call in the kernel until it is woken.
func (n *node) blocks(wake func(waker *node)) { n.of.pending, n.wake = n, wake }

// wait makes the program wait for what it does not know. What others of them could not
// have happened without need not be waited for.
func (o *order) wait(n *node, needs []*node) {
	p := n.of
	var missing []*node
	for _, y := range needs {
		if y != nil && y.of != p && y.step < n.step && !p.knowsOf(y) && !slices.Contains(missing, y) {
			missing = append(missing, y)
		}
	}
	missing = slices.DeleteFunc(missing, func(y *node) bool {
		return slices.ContainsFunc(missing, func(z *node) bool {
			return z != y && z.known()[y.of.index] >= y.wanted()
		})
	})
	if len(missing) == 0 {
		return
	}
	for _, y := range missing {
		p.knows.join(y.known())
	}
	if !p.begun && p.start == nil && !n.answer && n.quiet == 0 {
		p.start = append(p.start, missing...)
		return
	}
	n.waits = missing
	for _, y := range missing {
		n.begun = append(n.begun, y.atReturn == nil)
	}
}

// known is what is certain once the call has returned, or has begun where it blocks.
func (n *node) known() clock {
	if n.atReturn != nil {
		return n.atReturn
	}
	return n.atEnter
}

// wanted is the call's event that is waited for.
func (n *node) wanted() int {
	if n.atReturn != nil {
		return n.ends()
	}
	return n.begins()
}

// knowsOf reports whether the program knows that the call has happened. What it
// knows of a call that only began, it knows by its effect.
func (p *course) knowsOf(y *node) bool {
	if y.call.Op == lesson.Recv || y.call.Op == lesson.Accept || y.call.Op == lesson.Send && len(y.call.Data) > oneSegment {
		return p.knows[y.of.index] >= y.wanted()
	}
	return p.knows[y.of.index] >= y.begins()
}

// oneSegment is how many octets arrive together, as far as a program can rely on it.
const oneSegment = 1000
