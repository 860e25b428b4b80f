package story

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"tcpviz/fsm"
)

// The standard knows no queues at a listening socket; stacks have two, and both
// are as long as listen was told, and one. How full they are follows from what was
// seen: who has sent a SYN, whose handshake is complete, and who was accepted.

// listener is a listening socket, and who stands in its queues.
type listener struct {
	conn    fsm.Conn // its state is the server's end
	side    fsm.Side
	bounded bool  // backlog is known
	backlog int   // as given to listen
	opening int   // connections in SYN-RECEIVED
	waiting int   // finished ones that wait for accept
	came    []int // the connections that were opened to it, by their numbers
}

// queued says where a connection stands at its listening socket.
type queued struct {
	at    *listener // nil: at none, or accepted
	ready bool      // its handshake is complete: it waits for accept
}

// listens takes in a listen call.
func (l *listener) listens(call *Call) {
	l.side = call.Side
	last := call.Args[strings.LastIndexByte(call.Args, ' ')+1:]
	n, err := strconv.Atoi(last)
	l.bounded, l.backlog = err == nil && n >= 0, n
}

// queueFor gives what a segment finds that arrives at a side of a connection.
func (b *Builder) queueFor(c *connection, receiver fsm.Side) fsm.Queue {
	if len(b.calls.listeners) == 0 {
		return fsm.QueueHasRoom
	}
	end := &c.flow.Conn.Ends[receiver]
	if end.State != fsm.Listen && !(end.State == fsm.SynReceived && end.Facts.Has(fsm.Passive)) {
		return fsm.QueueHasRoom
	}
	l, addr := b.listenerOf(c.Ends[receiver])
	switch {
	case l == nil || !l.bounded:
		return fsm.QueueHasRoom
	case l.waiting-b.calls.accepting(addr) > l.backlog:
		return fsm.AcceptQueueFull
	case end.State == fsm.Listen && l.opening > l.backlog:
		return fsm.SYNQueueFull
	}
	return fsm.QueueHasRoom
}

// listenerOf gives the listening socket that a connection of this end comes from.
func (b *Builder) listenerOf(end netip.AddrPort) (*listener, netip.AddrPort) {
	for _, addr := range []netip.Addr{end.Addr(), netip.IPv4Unspecified(), netip.IPv6Unspecified()} {
		at := netip.AddrPortFrom(addr, end.Port())
		if l := b.calls.listeners[at]; l != nil && l.conn.Ends[fsm.Server].State == fsm.Listen {
			return l, at
		}
	}
	return nil, netip.AddrPort{}
}

// accepting counts the calls of accept that wait at a listening socket: each of
// them takes a connection as soon as there is one.
func (c *calls) accepting(addr netip.AddrPort) int {
	n := 0
	for _, p := range c.open {
		if p.call.Op == "accept" && p.socket != nil && p.socket.listen == addr {
			n++
		}
	}
	return n
}

// queue gives a connection its place at the listening socket, after its state may
// have changed. One that is over keeps its place among those that wait for accept:
// its program learns of the end from accept's socket.
func (b *Builder) queue(c *connection) {
	if len(b.calls.listeners) == 0 {
		return
	}
	side := fsm.Server
	if !c.flow.Conn.Ends[side].Facts.Has(fsm.Passive) {
		side = fsm.Client
	}
	end := &c.flow.Conn.Ends[side]
	halfOpen := end.State == fsm.SynReceived && end.Facts.Has(fsm.Passive)
	if c.listener == nil && (halfOpen || end.State == fsm.Listen) {
		if c.listener, _ = b.listenerOf(c.Ends[side]); c.listener != nil {
			c.listener.came = append(c.listener.came, c.ID)
		}
	}
	switch q := &c.queued; {
	case q.at == nil && halfOpen:
		if l, _ := b.listenerOf(c.Ends[side]); l != nil {
			*q = queued{at: l}
			l.opening++
		}
	case q.at == nil && b.bornEstablished(side):
		if l, _ := b.listenerOf(c.Ends[side]); l != nil {
			*q = queued{at: l, ready: true}
			l.waiting++
		}
	case q.at == nil, q.ready && !halfOpen, !q.ready && halfOpen:
	case q.ready: // it was thought to be ready too early
		q.ready = false
		q.at.waiting--
		q.at.opening++
	case end.State == fsm.Closed || end.State == fsm.Listen:
		q.leave()
	default:
		q.ready = true
		q.at.opening--
		q.at.waiting++
	}
}

// bornEstablished reports whether the newest event has made a side's connection out of
// an ACK: that of a SYN cookie.
func (b *Builder) bornEstablished(side fsm.Side) bool {
	return slices.ContainsFunc(b.scratch, func(t fsm.Transition) bool {
		return t.Side == side && t.From == fsm.Listen && t.To == fsm.Established
	})
}

// leave takes a connection out of its queue.
func (q *queued) leave() {
	switch {
	case q.at == nil:
	case q.ready:
		q.at.waiting--
	default:
		q.at.opening--
	}
	*q = queued{}
}

// accepted takes a connection that a program has got out of its queue.
func (b *Builder) accepted(c *connection) { c.queued.leave() }

// closeQueue tells the half-open connections of a listening socket that it is
// closed, and those that came to nothing. Those that wait for accept are reset,
// which their segments show.
func (b *Builder) closeQueue(l *listener, call *Call) {
	for _, id := range l.came {
		c := &b.conns[id-1]
		c.listener = nil
		side := fsm.Server
		if !c.flow.Conn.Ends[side].Facts.Has(fsm.Passive) {
			side = fsm.Client
		}
		e := fsm.Event{Kind: fsm.Returned, Side: side, Call: fsm.CloseListening}
		if c.flow.Conn.Ends[side].State == fsm.Listen {
			b.applyAlone(c, e) // the listening socket's own step says it
			continue
		}
		if c.queued.at != l || c.queued.ready {
			continue
		}
		if after, _ := c.flow.Conn.Apply(e, nil); after.Ends[side].State == fsm.SynReceived ||
			c.unasked || b.limit > 0 && len(b.steps) >= b.limit {
			b.applyAlone(c, e)
			continue
		}
		n := b.push(Step{Time: call.Time, Kind: ListenerClosed, Conn: c.ID, Side: side})
		b.finish(n, c, e)
	}
	l.came = nil
}
