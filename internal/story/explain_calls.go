package story

import (
	"tcpviz/fsm"
	"tcpviz/internal/lang"
)

// actor names who makes a call, at the beginning of a sentence: the side, and the
// program where its name says more.
func actor(c *Call, l lang.Language) string {
	if c.Program == "" || c.Program == c.Side.String() {
		return l.Say("The %s", c.Side)
	}
	return l.Say("%s (%s)", c.Program, c.Side)
}

// programName names the program within a sentence.
func programName(c *Call, l lang.Language) string {
	if c.Program == "" || c.Program == c.Side.String() {
		return l.Text(c.Side.String())
	}
	return c.Program
}

func enterWords(c *Call, l lang.Language) string {
	if c.Inferred {
		return l.Sentences(inferredWords(c, l), l.Text("(The call itself was not recorded.)"))
	}
	actor := actor(c, l)
	switch c.Op {
	case "socket":
		return l.Say("%s makes a socket: one end of a connection to be. It is not connected to anything yet.", actor)
	case "bind":
		return l.Say("%s gives its socket a local address and port, so that others can find it there.", actor)
	case "listen":
		return l.Say("%s tells its TCP to accept connections on this socket. Nothing is sent.", actor)
	case "accept":
		return l.Say("%s asks for the next connection. accept() blocks until one is established.", actor)
	case "connect":
		return l.Say("%s asks for a connection. connect() makes its TCP send a SYN, and blocks until the answer is there.", actor)
	case "send":
		return l.Say("%s hands bytes to its TCP. send() returns when TCP has taken them, not when they have arrived.", actor)
	case "recv":
		return l.Say("%s asks for bytes that have arrived. recv() blocks while there are none.", actor)
	case "shutdown":
		if shutsReceivingOnly(c) {
			return l.Say("%s will read no more from this connection. Nothing is sent.", actor)
		}
		return l.Say("%s will send no more: a FIN goes out after the last byte. It can still receive.", actor)
	case "close":
		return l.Say("%s is done with the socket and closes it.", actor)
	case "setsockopt":
		return l.Say("%s sets an option of its socket. Nothing is sent.", actor)
	}
	return l.Say("%s calls %s().", actor, c.Op)
}

func inferredWords(c *Call, l lang.Language) string {
	actor := actor(c, l)
	switch c.Op {
	case "connect":
		return l.Say("%s must have called connect(): a SYN is seen.", actor)
	case "listen":
		return l.Say("%s must have called listen() before: a SYN is answered with a SYN-ACK.", actor)
	case "accept":
		return l.Say("%s must have called accept(): its program sends on the connection.", actor)
	case "send":
		return l.Say("%s must have called send() at least once: bytes are seen.", actor)
	}
	return l.Say("%s must have ended its direction by close(), by shutdown(), or by the end of the program: a FIN is seen.", actor)
}

func (s *Story) returnWords(step *Step, l lang.Language) string {
	c := step.Call
	if c.Inferred {
		return inferredReturnWords(c, l)
	}
	if c.Errno != "" {
		return l.Say("%s() fails with %s: %s", c.Op, c.Errno, errnoWords(c, l))
	}
	switch c.Op {
	case "socket":
		return l.Say("The new socket is descriptor %d of the %s.", c.Result, programName(c, l))
	case "bind":
		return l.Text("The address is the socket's now.")
	case "listen":
		return l.Say("%s listens: connections to its address are taken, and wait for accept().", actor(c, l))
	case "accept":
		if c.Remote.IsValid() {
			return l.Say("accept() returns a new socket, descriptor %d, for the connection from %s. The listening socket goes on listening.", c.Result, c.Remote)
		}
		return l.Say("accept() returns a new socket, descriptor %d, for the connection. The listening socket goes on listening.", c.Result)
	case "connect":
		return l.Say("connect() returns: for the %s the connection is established.", c.Side)
	case "send":
		return l.Say("TCP has taken %s; send() returns. Whether they have arrived is not known to the program.", octets(uint32(c.Result), l))
	case "recv":
		if c.Result == 0 {
			return l.Text("recv() returns 0: the other side has closed its direction, and nothing more will come.")
		}
		return l.Say("recv() returns %s. More may wait in the socket; nothing is lost.", octets(uint32(c.Result), l))
	case "shutdown":
		return l.Text("shutdown() returns.")
	case "close":
		if step.Listener {
			return l.Text("The listening socket is gone: new connections are refused from now on.")
		}
		if closedBefore(s.At(step.Peer)) {
			return l.Text("close() gives the descriptor back; the connection was over already.")
		}
		return l.Text("close() returns at once; what is left of the closing is TCP's own work.")
	}
	return l.Say("%s() returns %d.", c.Op, c.Result)
}

func inferredReturnWords(c *Call, l lang.Language) string {
	switch {
	case c.Op == "connect" && c.Errno != "":
		return l.Say("connect() should fail with %s when the RST arrives: nobody listens there.", c.Errno)
	case c.Op == "connect":
		return l.Text("connect() must have returned: the client goes on in the connection.")
	case c.Op == "listen":
		return l.Text("From then on the server listened. When that was is not known.")
	case c.Op == "accept":
		return l.Text("accept() must have returned by now: the program uses the connection.")
	case c.Op == "send":
		return l.Text("TCP has taken the bytes. How many calls it took is not known.")
	}
	return l.Say("The %s sends nothing more after this.", c.Side)
}

func errnoWords(c *Call, l lang.Language) string {
	switch c.Errno {
	case "ECONNREFUSED":
		return l.Text("nobody listens at that address; the answer to the SYN was a RST.")
	case "ETIMEDOUT":
		return l.Text("no answer came in time.")
	case "EADDRINUSE":
		return l.Text("another socket has this address and port already.")
	case "ECONNRESET":
		return l.Text("the other side has aborted the connection with a RST.")
	case "EPIPE":
		return l.Text("this direction of the connection is closed; nothing can be sent on it any more.")
	case "EAGAIN", "EWOULDBLOCK":
		return l.Text("nothing came within the time limit that the program set. The connection is as it was.")
	case "ENOTCONN":
		return l.Text("the socket is not connected.")
	case "EINTR":
		return l.Text("a signal interrupted the wait.")
	}
	return l.Text("the system says so.")
}

// closedBefore reports whether the connection had ended at the caller's side when a
// call on it was made.
func closedBefore(enter *Step) bool {
	if enter == nil || enter.After == (fsm.Conn{}) || enter.After.Ends[enter.Side].State != fsm.Closed {
		return false
	}
	t := enter.Deciding()
	return t == nil || !t.Changed()
}
