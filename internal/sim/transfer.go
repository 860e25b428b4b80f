package sim

import (
	"bytes"
	"sync/atomic"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/waiter"
)

// Send gives the data to TCP, all of it: it waits while the send buffer is full.
// What it gives is less than the data's length only when a time limit, an
// interruption or the end of the connection came in between.
func (t *Thread) Send(s *Socket, data []byte) (sent int, err error) {
	var notified atomic.Bool
	c := &call{op: "send", socket: s, late: EAGAIN, notified: &notified}
	c.fail = func(e Errno) {
		if sent == 0 {
			err = e
		}
	}
	c.attempt = func() bool {
		n, done, failure := s.write(data[sent:])
		if sent += n; !done {
			return false
		}
		switch {
		case failure != "" && sent > 0:
			s.pending = failure // as SO_ERROR keeps it
		case failure != "":
			err = failure
		}
		return true
	}
	if s != nil {
		c.limit = s.limitOf(&s.sendLimit)
		// Netstack tells when enough room is free, not for each octet.
		queue := s.queue
		entry := waiter.NewFunctionEntry(waiter.WritableEvents|waiter.EventErr|waiter.EventHUp,
			func(waiter.EventMask) { notified.Store(true) })
		queue.EventRegister(&entry)
		defer queue.EventUnregister(&entry)
	}
	t.make(c)
	return sent, err
}

// write writes as much as there is room for. It is done when all is written, or
// when no more can be.
func (s *Socket) write(data []byte) (written int, done bool, failure Errno) {
	if s.pending != "" {
		failure, s.pending = s.pending, ""
		return 0, true, failure
	}
	for first := true; first || written < len(data); first = false {
		n, err := s.ep.Write(bytes.NewReader(data[written:]), tcpip.WriteOptions{})
		s.host.queued.add(s.ep, int(n))
		written += int(n)
		switch {
		case wouldBlock(err) && len(data) > 0, err == nil && n == 0 && written < len(data):
			return written, false, ""
		case err != nil && !wouldBlock(err):
			return written, true, errnoOf(err)
		}
	}
	return written, true, ""
}

// Recv takes what has arrived, at most as much as the buffer holds, and waits for
// it. It gives 0 when the peer has closed its direction.
func (t *Thread) Recv(s *Socket, buffer []byte) (n int, err error) {
	c := &call{op: "recv", socket: s, late: EAGAIN, fail: func(e Errno) { err = e }}
	if s != nil {
		c.limit = s.limitOf(&s.receiveLimit)
	}
	c.attempt = func() bool {
		read, done, failure := s.read(buffer)
		if failure != "" {
			err = failure
		}
		n = read
		return done
	}
	t.make(c)
	return n, err
}

func (s *Socket) read(buffer []byte) (n int, done bool, failure Errno) {
	if s.failed {
		return 0, true, ENOTCONN
	}
	into := tcpip.SliceWriter(buffer)
	result, err := s.ep.Read(&into, tcpip.ReadOptions{})
	if err == nil {
		if tuner, ok := s.ep.(*tcp.Endpoint); ok {
			tuner.ModerateRecvBuf(result.Count)
		}
		return result.Count, true, ""
	}
	if s.pending != "" {
		failure, s.pending = s.pending, ""
		return 0, true, failure
	}
	switch err.(type) {
	case *tcpip.ErrWouldBlock:
		return 0, false, ""
	case *tcpip.ErrClosedForReceive:
		return 0, true, ""
	}
	return 0, true, errnoOf(err)
}

// How is a direction that [Thread.Shutdown] closes.
type How int

// The directions.
const (
	ShutRD How = iota
	ShutWR
	ShutRDWR
)

// Shutdown closes one direction of a connection, or both.
func (t *Thread) Shutdown(s *Socket, how How) error {
	return t.do("shutdown", s, func() error {
		flags := tcpip.ShutdownRead | tcpip.ShutdownWrite
		switch how {
		case ShutRD:
			flags = tcpip.ShutdownRead
		case ShutWR:
			flags = tcpip.ShutdownWrite
		case ShutRDWR:
		default:
			return EINVAL
		}
		err := s.ep.Shutdown(flags)
		if err == nil && s.state() == tcp.StateListen && flags&tcpip.ShutdownRead != 0 {
			s.listening, s.waiting = false, 0
		}
		return asError(err)
	})
}

// Close gives the socket back. TCP goes on with what is left to do: it sends what
// is unsent and a FIN, or an RST when something was not read or SO_LINGER is 0.
// With another SO_LINGER, Close waits so long for the peer's acknowledgment. As on
// Linux, the connection lives on while another thread is blocked on the socket.
func (t *Thread) Close(s *Socket) (err error) {
	c := &call{op: "close", socket: s, late: EINTR}
	c.fail = func(e Errno) {
		if e == EBADF {
			err = e
		}
	}
	if s != nil {
		c.limit = s.limitOf(&s.linger)
	}
	closed := false
	c.attempt = func() bool {
		if !closed {
			closed, s.closed = true, true
			s.host.release(s)
			if c.limit == 0 || s.users > 0 {
				return true
			}
		}
		switch s.state() {
		case tcp.StateFinWait1, tcp.StateClosing, tcp.StateLastAck:
			return false
		}
		return true
	}
	t.make(c)
	return err
}

// release closes the endpoint of a closed socket as soon as no call is blocked on
// it.
func (h *Host) release(s *Socket) {
	if !s.closed || s.users > 0 || h.sockets[s.ep] != s {
		return
	}
	delete(h.sockets, s.ep)
	s.ep.Close()
	h.queued.forget()
}
