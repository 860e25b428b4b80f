package story

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"tcpviz/fsm"
)

// Where the calls were seen, the sockets at a step are found by going through the
// story up to it: a lesson is short.

// heldSocket is a socket that a program has a descriptor of.
type heldSocket struct {
	Socket
	name descriptor
}

// replayedConn is what a replay knows of a connection's two ends.
type replayedConn struct {
	id      int
	names   [2]netip.AddrPort
	ends    [2]fsm.Endpoint
	taken   [2]bool // a program has, or had, a descriptor
	begun   bool    // a segment of it was sent
	waits   *Queues // the queues that it stands in
	side    fsm.Side
	inReady bool // in the one for accept
}

type socketReplay struct {
	*Sockets
	held  []heldSocket
	conns []replayedConn // in the order in which they began
}

func (x *Sockets) replay(n int) []Socket {
	r := socketReplay{Sockets: x}
	for i := range x.story.Steps {
		step := &x.story.Steps[i]
		if step.N > n {
			break
		}
		r.take(step)
	}
	return r.list()
}

// take takes in one step.
func (r *socketReplay) take(step *Step) {
	if tells(step) {
		r.follow(step)
	}
	switch {
	case step.Kind == CallEnter && step.Call.Op == "connect":
		if h := r.find(step.Call); h != nil {
			h.Conn, h.Remote = step.Conn, step.Call.Remote
			if c := r.conn(step.Conn); c != nil {
				c.taken[step.Side] = true
			}
		}
	case step.Kind == CallReturn && step.Call.Errno == "":
		r.returned(step)
	case step.Kind == HostRebooted && step.Conn == 0:
		r.held = slices.DeleteFunc(r.held, func(h heldSocket) bool {
			if h.Side == step.Side {
				r.dissolve(h.Queues)
			}
			return h.Side == step.Side
		})
	}
}

// returned takes in a call that has succeeded.
func (r *socketReplay) returned(step *Step) {
	call := step.Call
	h := r.find(call)
	switch call.Op {
	case "socket", "accept":
		s := Socket{Side: call.Side, Program: call.Program, FD: int(call.Result), Local: call.Local, Remote: call.Remote}
		if call.Op == "accept" {
			s.Conn = step.Conn
			if c := r.conn(step.Conn); c != nil {
				c.taken[call.Side] = true
				c.leave()
			}
		}
		r.held = append(r.held, heldSocket{s, descriptor{call.Program, s.FD}})
	case "bind":
		if h != nil {
			h.Local = call.Local
		}
	case "listen":
		if h != nil && call.Local.IsValid() {
			h.Local, h.State = call.Local, fsm.Listen
			if h.Queues == nil {
				h.Queues = &Queues{AcceptSeen: true, Partial: r.partial}
			}
			h.Queues.listens(call, r.story.Meta.Stage)
		}
	case "connect":
		if h != nil && call.Local.IsValid() {
			h.Local = call.Local
		}
	case "close":
		if h != nil {
			r.dissolve(h.Queues)
			r.held = slices.DeleteFunc(r.held, func(o heldSocket) bool { return o.name == h.name })
		}
	}
}

// dissolve ends the queues of a listening socket that is no more.
func (r *socketReplay) dissolve(q *Queues) {
	for i := range r.conns {
		if c := &r.conns[i]; q != nil && c.waits == q {
			c.waits = nil
		}
	}
}

// find gives the socket that a call works on, nil when it is not known.
func (r *socketReplay) find(call *Call) *heldSocket {
	name := descriptor{call.Program, call.FD}
	if i := slices.IndexFunc(r.held, func(h heldSocket) bool { return h.name == name }); i >= 0 {
		return &r.held[i]
	}
	return nil
}

func (r *socketReplay) conn(id int) *replayedConn {
	if i := slices.IndexFunc(r.conns, func(c replayedConn) bool { return c.id == id }); i >= 0 {
		return &r.conns[i]
	}
	return nil
}

// follow takes in what a step says of its connection.
func (r *socketReplay) follow(step *Step) {
	c := r.conn(step.Conn)
	if c == nil {
		r.conns = append(r.conns, replayedConn{id: step.Conn})
		c = &r.conns[len(r.conns)-1]
		for i := range r.held { // connect was entered before
			if r.held[i].Conn == step.Conn {
				c.taken[r.held[i].Side] = true
			}
		}
	}
	c.ends = step.After.Ends
	if f := step.Frame; f != nil && !c.begun {
		c.begun = true
		sender := step.Sender()
		c.names[sender], c.names[sender.Other()] = f.Src, f.Dst
	}
	r.queue(c, step)
}

// queue gives a connection its place at the listening socket: see Builder.queue.
func (r *socketReplay) queue(c *replayedConn, step *Step) {
	if c.waits == nil {
		c.side = fsm.Server
		if !c.ends[c.side].Facts.Has(fsm.Passive) {
			c.side = fsm.Client
		}
	}
	side, end := c.side, &c.ends[c.side]
	halfOpen := end.State == fsm.SynReceived && end.Facts.Has(fsm.Passive)
	born := slices.ContainsFunc(step.Transitions, func(t fsm.Transition) bool {
		return t.Side == side && t.From == fsm.Listen && t.To == fsm.Established
	})
	switch {
	case c.waits == nil && (halfOpen || born):
		if !c.taken[side] {
			c.enter(r.listener(c.names[side]), born)
		}
	case c.waits == nil, c.inReady && !halfOpen, !c.inReady && halfOpen:
	case !c.inReady && (end.State == fsm.Closed || end.State == fsm.Listen):
		c.leave()
	default: // its handshake is complete, or was thought to be so too early
		q := c.waits
		c.leave()
		c.enter(q, !halfOpen)
	}
}

// listener gives the queues of the socket that listens at an address.
func (r *socketReplay) listener(at netip.AddrPort) *Queues {
	for _, addr := range []netip.Addr{at.Addr(), netip.IPv4Unspecified(), netip.IPv6Unspecified()} {
		want := netip.AddrPortFrom(addr, at.Port())
		for i := range r.held {
			if h := &r.held[i]; h.Queues != nil && h.Local == want {
				return h.Queues
			}
		}
	}
	return nil
}

func (c *replayedConn) enter(q *Queues, ready bool) {
	if c.waits, c.inReady = q, ready; q == nil {
		return
	}
	if ready {
		q.Accept = append(q.Accept, c.id)
	} else {
		q.SYN = append(q.SYN, c.id)
	}
}

func (c *replayedConn) leave() {
	q := c.waits
	if c.waits = nil; q == nil {
		return
	}
	mine := func(id int) bool { return id == c.id }
	q.SYN, q.Accept = slices.DeleteFunc(q.SYN, mine), slices.DeleteFunc(q.Accept, mine)
}

// listens takes in a listen call on a stage.
func (q *Queues) listens(call *Call, stage string) {
	// Below this number no system cuts the backlog (net.core.somaxconn).
	const uncut = 128
	q.Backlog, q.AcceptLimit, q.SYNLimit = -1, 0, 0
	n, err := strconv.Atoi(call.Args[strings.LastIndexByte(call.Args, ' ')+1:])
	if err != nil || n < 0 {
		return
	}
	q.Backlog = n
	if n >= uncut {
		return
	}
	switch stackOn(stage) {
	case fsm.Linux:
		q.AcceptLimit = n + 1
	case fsm.Netstack:
		q.AcceptLimit, q.SYNLimit = n+1, n+1
	}
}

// list gives all sockets there are.
func (r *socketReplay) list() []Socket {
	var all []Socket
	for _, side := range []fsm.Side{fsm.Server, fsm.Client} {
		for i := range r.held {
			if h := &r.held[i]; h.Side == side && h.Queues != nil {
				all = append(all, h.Socket)
			}
		}
		for i := range r.held {
			h := &r.held[i]
			if h.Side == side && h.Queues == nil && (h.Conn == 0 || r.conn(h.Conn) == nil) {
				all = append(all, h.Socket)
			}
		}
		for i := range r.conns {
			if s, there := r.end(&r.conns[i], side); there {
				all = append(all, s)
			}
		}
	}
	return all
}

// end gives a side's socket of a connection, and whether there is one.
func (r *socketReplay) end(c *replayedConn, side fsm.Side) (Socket, bool) {
	e := &c.ends[side]
	s := Socket{
		Side: side, FD: -1, Place: CallsUnseen, Conn: c.id, State: e.State, Basis: e.Basis,
		Local: c.names[side], Remote: c.names[side.Other()],
	}
	for i := range r.held {
		if h := &r.held[i]; h.Conn == c.id && h.Side == side && h.Queues == nil {
			s.Place, s.Program, s.FD = WithProgram, h.Program, h.FD
			if s.State == fsm.Listen { // what is left of it when a handshake fails
				s.State = fsm.Closed
			}
			return s, true
		}
	}
	passive := c.waits != nil && c.side == side
	switch {
	case passive && c.inReady: // also when it is over: accept takes it all the same
		s.Place = InAcceptQueue
		return s, true
	case passive:
		s.Place = InSYNQueue
	case c.taken[side]:
		s.Place = LeftToTCP
	}
	return s, s.State != fsm.Closed && s.State != fsm.Listen
}
