package code

import (
	"slices"

	"tcpviz/internal/lesson"
)

// socket is one socket of a program.
type socket struct {
	of     *course
	name   string
	port   uint16 // that it is bound to, 0: none
	listen *listener
	conn   *connection
	end    int   // which of the connection's ends it is
	small  bool  // its buffers were made small
	opens  *node // a connect of its that waits for the other side's
}

// listener is a listening socket.
type listener struct {
	by       *node
	room     int
	ready    []*connection // that wait for accept
	late     []*node       // connects that the full queue keeps waiting
	latest   []*node       // the newest connect of each program
	accepter *node         // an accept that waits
}

// connection is one connection.
type connection struct {
	port    uint16
	ends    [2]end
	accept  *node // the accept that took it out of the queue, where it was ready before
	connect *node
}

// The ends of a connection.
const (
	opener = iota
	answerer
)

// end is what one program has done to a connection.
type end struct {
	sent   *node // its newest send
	closed *node // its close or shutdown
	short  *node // its newest recv that took less than it asked for: more would be another outcome
	gaveUp *node // its newest recv that ended for want of data
	unread []*node
	left   []int          // by unread: octets that are left of it
	reader *node          // a recv that waits
	take   func(by *node) // completes reader
}

// port is what has been done to a port, newest by program.
type port struct {
	listener *listener
	bound    []*socket
	binds    []*node
	closes   []*node
}

func (o *order) port(number uint16) *port {
	p := o.ports[number]
	if p == nil {
		n := len(o.programs)
		p = &port{binds: make([]*node, n), closes: make([]*node, n)}
		o.ports[number] = p
	}
	return p
}

// needs gives the calls that must have happened before for the lesson's outcome; nil
// among them are none.
func (o *order) needs(n *node, s *socket) []*node {
	var needs []*node
	switch c := n.call; c.Op {
	case lesson.Bind:
		p := o.port(c.Addr.Port())
		needs = slices.Concat(p.binds, p.closes)
		if p.listener != nil {
			needs = append(needs, p.listener.by)
		}
	case lesson.Connect:
		p := o.port(c.Addr.Port())
		if p.listener == nil {
			return slices.Clone(p.closes)
		}
		needs = append(slices.Clone(p.listener.latest), p.listener.by)
	case lesson.Accept:
		if s.listen != nil && len(s.listen.ready) > 0 {
			needs = slices.Clone(s.listen.latest)
		}
	case lesson.Recv:
		if s.conn == nil {
			break
		}
		here := &s.conn.ends[s.end]
		if len(here.unread) > 1 || len(here.unread) == 1 && len(here.unread[0].call.Data) > oneSegment {
			needs = append(needs, here.unread...)
		}
	case lesson.Send:
		n.answer = c.Want.Stated && c.Want.Result < 0 && (c.Want.Errno == "EPIPE" || c.Want.Errno == "ECONNRESET")
		if s.conn != nil {
			there := &s.conn.ends[1-s.end]
			needs = append(needs, there.closed, there.short, there.gaveUp)
		}
	case lesson.Close, lesson.Shutdown:
		if c.How == "SHUT_RD" {
			break
		}
		if s.conn != nil {
			there := &s.conn.ends[1-s.end]
			needs = append(needs, there.sent, there.closed, there.gaveUp, s.conn.accept)
		} else if s.port != 0 {
			needs = append(needs, o.port(s.port).binds...)
			if s.listen != nil {
				needs = append(needs, s.listen.latest...)
			}
		}
	}
	return needs
}

// act does what the call does, as far as it matters to others.
func (o *order) act(n *node, s *socket) {
	c := n.call
	fails := c.Want.Stated && c.Want.Result < 0
	switch {
	case c.Op == lesson.Socket && !fails:
		o.open(n, &socket{})
	case c.Op == lesson.Bind:
		o.port(c.Addr.Port()).binds[n.of.index] = n
		if !fails {
			s.port = c.Addr.Port()
			o.port(s.port).bound = append(o.port(s.port).bound, s)
		}
	case c.Op == lesson.Listen && !fails:
		s.listen = &listener{by: n, room: c.Size + 1, latest: make([]*node, len(o.programs))}
		o.port(s.port).listener = s.listen
	case c.Op == lesson.Connect:
		o.connect(n, s)
	case c.Op == lesson.Accept && s.listen != nil && !fails:
		o.accept(n, s.listen)
	case c.Op == lesson.SetSockOpt && (c.Option == "SO_RCVBUF" || c.Option == "SO_SNDBUF"):
		s.small = true
	case c.Op == lesson.Send && s.conn != nil && !fails:
		if s.small && len(c.Data) > oneSegment { // it has to wait for its reader
			n.blocks(func(waker *node) { n.returns(waker) })
		}
		s.conn.send(n, s.end)
	case c.Op == lesson.Recv && s.conn != nil:
		o.recv(n, s)
	case c.Op == lesson.Close, c.Op == lesson.Shutdown && c.How != "SHUT_RD":
		o.end(n, s)
	}
	if n.of.pending != n {
		n.returns()
	}
}

// open gives the program a socket under the call's name.
func (o *order) open(n *node, s *socket) {
	s.of, s.name = n.of, n.call.Assign
	n.of.sockets[s.name] = s
	n.of.open = append(n.of.open, s)
}

func (o *order) connect(n *node, s *socket) {
	p := o.port(n.call.Addr.Port())
	l := p.listener
	if l == nil {
		o.openBoth(n, s, p)
		return
	}
	l.latest[n.of.index] = n
	if w := n.call.Want; w.Stated && w.Result < 0 {
		return
	}
	s.conn = &connection{port: n.call.Addr.Port(), connect: n}
	s.end = opener
	switch {
	case l.accepter != nil:
		accepter := l.accepter
		l.accepter = nil
		o.taken(accepter, s.conn)
		accepter.returns(n)
	case len(l.ready) >= l.room:
		l.late = append(l.late, n)
		c := s.conn
		n.blocks(func(waker *node) {
			l.ready = append(l.ready, c)
			n.returns(waker)
		})
		return
	default:
		l.ready = append(l.ready, s.conn)
	}
	n.returns()
}

// openBoth is a connect to a socket that does not listen: the other side may connect too.
func (o *order) openBoth(n *node, s *socket, to *port) {
	if w := n.call.Want; w.Stated && w.Result < 0 {
		return
	}
	for _, other := range to.bound {
		if other.of == s.of || s.port == 0 {
			continue
		}
		if first := other.opens; first != nil && first.call.Addr.Port() == s.port {
			c := &connection{port: n.call.Addr.Port(), connect: n}
			s.conn, s.end, other.conn, other.end = c, opener, c, answerer
			first.returns(n)
			return
		}
		s.opens = n
		n.blocks(func(waker *node) { n.returns(waker) })
		return
	}
}

func (o *order) accept(n *node, l *listener) {
	if len(l.ready) == 0 {
		l.accepter = n
		n.blocks(func(waker *node) { n.returns(waker) })
		return
	}
	c := l.ready[0]
	l.ready = l.ready[1:]
	c.accept = n
	o.taken(n, c)
	n.returns(c.connect)
	if len(l.late) > 0 {
		next := l.late[0]
		l.late = l.late[1:]
		next.wake(n)
	}
}

// taken makes the accept's new socket the connection's other end.
func (o *order) taken(accept *node, c *connection) {
	o.open(accept, &socket{conn: c, end: answerer, port: 0})
}

// send puts octets before the other end's program.
func (c *connection) send(n *node, from int) {
	c.ends[from].sent = n
	there := &c.ends[1-from]
	there.unread = append(there.unread, n)
	there.left = append(there.left, len(n.call.Data))
	if there.reader != nil {
		there.take(n)
	}
}

func (o *order) recv(n *node, s *socket) {
	here, there := &s.conn.ends[s.end], &s.conn.ends[1-s.end]
	read := func(waker *node) {
		here.reader = nil
		room, sources := n.call.Size, []*node{waker}
		for room > 0 && len(here.unread) > 0 {
			sources = append(sources, here.unread[0])
			most := min(room, here.left[0])
			room -= most
			if here.left[0] -= most; here.left[0] > 0 {
				break
			}
			if sender := here.unread[0]; sender.of.pending == sender {
				defer sender.returns(n)
			}
			here.unread, here.left = here.unread[1:], here.left[1:]
		}
		n.returns(sources...)
		if room > 0 {
			here.short = n
		}
	}
	switch errno := n.call.Want.Errno; {
	case len(here.unread) > 0:
		read(nil)
	case there.closed != nil:
		n.returns(there.closed)
	case errno == "EAGAIN" || errno == "EWOULDBLOCK":
		// It waits for so long that what the others did before has happened.
		for _, p := range o.programs {
			n.atEnter.join(p.knows)
		}
		n.returns()
		here.gaveUp, here.short = n, nil
	default:
		here.reader, here.take = n, read
		n.blocks(read)
	}
}

// end is close, or shutdown of the direction that sends.
func (o *order) end(n *node, s *socket) {
	if n.call.Op == lesson.Close {
		n.of.open = slices.DeleteFunc(n.of.open, func(other *socket) bool { return other == s })
	}
	switch {
	case s.conn != nil:
		o.port(s.conn.port).closes[n.of.index] = n
		here, there := &s.conn.ends[s.end], &s.conn.ends[1-s.end]
		if here.closed != nil {
			return
		}
		here.closed = n
		if reader := there.reader; reader != nil {
			there.reader = nil
			reader.returns(n)
		}
	case s.port != 0:
		p := o.port(s.port)
		p.closes[n.of.index] = n
		p.bound = slices.DeleteFunc(p.bound, func(other *socket) bool { return other == s })
		if s.listen != nil && p.listener == s.listen {
			p.listener = nil
		}
	}
}
