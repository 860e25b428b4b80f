package story

import (
	"net/netip"
	"slices"
	"strings"

	"tcpviz/fsm"
)

// calls is what the builder keeps of the programs and their sockets.
type calls struct {
	recorded  bool // at least one real call was added
	inferred  int  // the ID of the newest inferred call
	sockets   map[descriptor]*socket
	open      []pending // calls that have not returned
	listeners map[netip.AddrPort]*listener
}

// descriptor names a socket as a program sees it.
type descriptor struct {
	program string
	fd      int
}

// socket is one socket of a program.
type socket struct {
	side   fsm.Side
	steps  []int // its calls, while it is not known to which connection it belongs
	conn   int
	listen netip.AddrPort // valid when it listens there
	aborts bool           // SO_LINGER is on with 0 seconds: close sends a RST
	stays  bool           // SO_LINGER is on with more: close waits until all is acknowledged
}

// pending is a call that has not returned.
type pending struct {
	call   Call
	step   int
	socket *socket
}

// latestCalls are the newest enters of a side's calls on a connection, by step; 0: never.
type latestCalls struct{ connect, send, recv, close int }

// note takes in the enter of a call; shutdown ends a direction as close does.
func (l *latestCalls) note(op string, step int) {
	switch op {
	case "connect":
		l.connect = step
	case "send":
		l.send = step
	case "recv":
		l.recv = step
	case "close", "shutdown":
		l.close = step
	}
}

func newCalls() calls {
	return calls{
		sockets:   make(map[descriptor]*socket),
		listeners: make(map[netip.AddrPort]*listener),
	}
}

// listenerState gives the state of the listening socket at addr.
func (c *calls) listenerState(addr netip.AddrPort) fsm.State {
	if l := c.listeners[addr]; l != nil {
		return l.conn.Ends[fsm.Server].State
	}
	return fsm.Closed
}

// blocked gives the step at which the side called op on the connection, if it has not returned.
func (c *calls) blocked(conn int, side fsm.Side, op string) int {
	for _, p := range c.open {
		if p.call.Op == op && p.call.Side == side && p.socket != nil && p.socket.conn == conn {
			return p.step
		}
	}
	return 0
}

// pendingAt gives where in open the call with that ID is, or -1.
func (c *calls) pendingAt(id int) int {
	return slices.IndexFunc(c.open, func(p pending) bool { return p.call.ID == id })
}

// userCall gives the user call of RFC 9293 section 3.9.1 that a call on the
// socket is; s is nil where the socket is not known.
func userCall(c *Call, s *socket) fsm.UserCall {
	switch c.Op {
	case "listen":
		return fsm.OpenPassive
	case "connect":
		return fsm.OpenActive
	case "accept":
		return fsm.Accept
	case "send":
		return fsm.Send
	case "recv":
		return fsm.Receive
	case "close":
		if s != nil && s.aborts {
			return fsm.Abort
		}
		return fsm.Close
	case "shutdown":
		if !shutsReceivingOnly(c) {
			return fsm.ShutdownWrite
		}
	}
	return fsm.NoCall
}

func shutsReceivingOnly(c *Call) bool {
	const how = "SHUT_RD"
	n := len(c.Args)
	return n >= len(how) && c.Args[n-len(how):] == how
}

// addCall makes the step of a call's enter or return. At the limit it makes none,
// but the model and the queues at the listening sockets are told all the same.
func (b *Builder) addCall(call Call) {
	b.calls.recorded = true
	if call.Phase == Enter {
		b.enter(call)
	} else {
		b.returned(call)
	}
}

// pushCall appends the step of a call and gives its number, 0 at the limit.
func (b *Builder) pushCall(s Step) int {
	if b.full() {
		return 0
	}
	return b.push(s)
}

func (b *Builder) enter(call Call) {
	s := b.calls.sockets[descriptor{call.Program, call.FD}]
	conn := 0
	if s != nil {
		conn = s.conn
	}
	n := b.pushCall(Step{Time: call.Time, Kind: CallEnter, Conn: conn, Side: call.Side, Call: &call, Say: call.Say})
	if s != nil && conn == 0 {
		s.steps = append(s.steps, n)
	}
	b.calls.open = append(b.calls.open, pending{call, n, s})
	if conn > 0 {
		if !shutsReceivingOnly(&call) {
			b.conns[conn-1].latest[call.Side].note(call.Op, n)
		}
		c := &b.conns[conn-1]
		b.finish(n, c, fsm.Event{
			Kind: fsm.Called, Side: call.Side, Call: userCall(&call, s), Waits: c.waits(&call, s),
		})
	}
}

func (b *Builder) returned(call Call) {
	var p pending
	if i := b.calls.pendingAt(call.ID); i >= 0 {
		p = b.calls.open[i]
		b.calls.open = slices.Delete(b.calls.open, i, i+1)
	}
	s := p.socket
	failed := call.Errno != ""
	step := Step{Time: call.Time, Kind: CallReturn, Side: call.Side, Call: &call, Peer: p.step}
	if s != nil {
		step.Conn = s.conn
	}
	fresh := b.opened(&call)
	if fresh != nil && call.Op == "accept" {
		step.Conn = fresh.conn
		b.adopt(p.step, fresh.conn)
	}
	step.Cause = b.causeOfReturn(&call, step.Conn, p.step)
	n := b.pushCall(step)
	if enter := b.patch(p.step); p.step > 0 && enter != nil {
		enter.Peer = n
	}
	switch {
	case fresh != nil && call.Op == "socket":
		fresh.steps = append(fresh.steps, p.step, n)
	case s != nil && s.conn == 0:
		s.steps = append(s.steps, n)
	}
	if !failed && s != nil {
		s.option(&call)
		b.changeListener(n, &call, s)
	}
	if step.Conn > 0 && !failed {
		b.conns[step.Conn-1].taken[call.Side].note(&call)
	}
	if step.Conn > 0 {
		b.finish(n, &b.conns[step.Conn-1], fsm.Event{
			Kind: fsm.Returned, Side: call.Side, Call: userCall(&call, s), Failed: failed && !retryLater(call.Errno),
		})
	}
	if !failed && call.Op == "close" {
		delete(b.calls.sockets, descriptor{call.Program, call.FD})
	}
}

// retryLater tells an error that leaves the connection as it is.
func retryLater(errno string) bool {
	switch errno {
	case "EAGAIN", "EWOULDBLOCK", "EINTR", "EINPROGRESS", "EALREADY":
		return true
	}
	return false
}

// opened notes the new socket that a successful socket or accept call gave.
func (b *Builder) opened(call *Call) *socket {
	if call.Errno != "" || (call.Op != "socket" && call.Op != "accept") {
		return nil
	}
	s := &socket{side: call.Side}
	if call.Op == "accept" {
		if c, _, ok := b.find(call.Local, call.Remote); ok {
			s.conn = c.ID
			b.accepted(c)
		}
	}
	b.calls.sockets[descriptor{call.Program, int(call.Result)}] = s
	return s
}

// option notes a socket option that changes what close does.
func (s *socket) option(call *Call) {
	if call.Op == "setsockopt" && strings.Contains(call.Args, "SO_LINGER") {
		s.aborts = strings.HasSuffix(call.Args, "{1, 0}")
		s.stays = strings.Contains(call.Args, "{1, ") && !s.aborts
	}
}

// changeListener follows a listening socket: listen makes one, close ends it.
func (b *Builder) changeListener(n int, call *Call, s *socket) {
	switch {
	case call.Op == "listen" && call.Local.IsValid():
		s.listen = call.Local
		b.tracker.Listening(call.Local)
	case call.Op == "close" && s.listen.IsValid():
		b.tracker.NotListening(s.listen)
	default:
		return
	}
	l := b.calls.listeners[s.listen]
	if l == nil || call.Op == "listen" && l.conn.Ends[fsm.Server].State != fsm.Listen {
		l = &listener{}
		b.calls.listeners[s.listen] = l
	}
	if call.Op == "listen" {
		l.listens(call)
	}
	e := fsm.Event{Kind: fsm.Returned, Side: fsm.Server, Call: userCall(call, s)}
	l.conn, b.scratch = l.conn.Apply(e, b.scratch[:0])
	if step := b.patch(n); step != nil {
		step.Listener, step.Transitions = true, slices.Clone(b.scratch)
	}
	if call.Op == "close" {
		b.closeQueue(l, call)
	}
}

// adoptConnect finds the connect call whose SYN this is, and with it the socket
// that the connection belongs to.
func (b *Builder) adoptConnect(c *connection, sender fsm.Side, f *Frame) {
	if f.Segment.Flags&(fsm.SYN|fsm.ACK) != fsm.SYN || c.latest[sender].connect > 0 {
		return
	}
	for _, p := range b.calls.open {
		if p.call.Op != "connect" || p.socket == nil || p.socket.conn != 0 || p.call.Remote != f.Dst ||
			(p.call.Local.IsValid() && p.call.Local != f.Src) {
			continue
		}
		p.socket.conn = c.ID
		c.latest[sender].note("connect", p.step)
		for _, n := range p.socket.steps {
			b.adopt(n, c.ID)
		}
		p.socket.steps = nil
		return
	}
}

// adopt makes step n one of the connection's.
func (b *Builder) adopt(n, conn int) {
	if step := b.patch(n); step != nil && conn > 0 {
		step.Conn = conn
	}
}

// causeOfReturn gives the step that let the call return: the arrival that it
// waited for, 0 when it waited for nothing.
func (b *Builder) causeOfReturn(call *Call, conn, enter int) int {
	if conn == 0 {
		return 0
	}
	c := &b.conns[conn-1]
	if n := c.expiry[call.Side]; call.Errno == "ETIMEDOUT" && n > enter {
		return n
	}
	switch call.Op {
	case "connect":
		return after(c.lastArrival[call.Side], enter)
	case "accept":
		return c.established[call.Side]
	case "recv":
		if retryLater(call.Errno) {
			return 0
		}
		return c.dataArrival[call.Side]
	case "send":
		// A send that succeeded waited for room at most, and which arrival made
		// that room cannot be told; one that failed was told so by a RST.
		if call.Errno != "" && !retryLater(call.Errno) {
			return c.dataArrival[call.Side]
		}
	}
	return 0
}

// after gives n when it comes after the other step, else 0.
func after(n, other int) int {
	if n > other {
		return n
	}
	return 0
}
