package sim

import (
	"net/netip"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
)

// Connect opens a connection and waits until it is established or has failed.
func (t *Thread) Connect(s *Socket, a netip.AddrPort) (err error) {
	c := &call{op: "connect", socket: s, late: EINPROGRESS, fail: func(e Errno) { err = e }}
	if s != nil {
		c.limit = s.limitOf(&s.sendLimit)
	}
	started := false
	c.attempt = func() bool {
		if started {
			done, failure := s.connected(a)
			err = failure
			return done
		}
		started = true
		switch failure := s.connect(a); failure {
		case EINPROGRESS:
			return false
		case EALREADY: // the attempt of an earlier call goes on
			c.late = EALREADY
			return false
		default:
			err = failure
			return true
		}
	}
	t.make(c)
	return err
}

// connect sends the SYN. It gives EINPROGRESS when it has.
func (s *Socket) connect(a netip.AddrPort) error {
	to, err := s.address(a)
	if err != nil {
		return err
	}
	if s.state() == tcp.StateListen {
		return EISCONN
	}
	switch {
	case s.failed:
		if err := s.renew(); err != nil {
			return err
		}
	case s.state() == tcp.StateError, s.state() == tcp.StateClose:
		return EISCONN // the connection is over, but the socket has had it
	}
	connect := func() tcpip.Error { return s.ep.Connect(to) }
	if s.state() != tcp.StateInitial {
		return asError(connect())
	}
	failure := s.host.choosePort(connect)
	if _, none := failure.(*tcpip.ErrNoPortAvailable); none {
		return EADDRNOTAVAIL
	}
	return asError(failure)
}

// connected tells whether the attempt has ended, and how.
func (s *Socket) connected(a netip.AddrPort) (bool, error) {
	switch s.state() {
	case tcp.StateConnecting, tcp.StateSynSent, tcp.StateSynRecv:
		return false, nil
	case tcp.StateClose, tcp.StateError:
		s.failed = true
		if err := s.ep.LastError(); err != nil {
			return true, errnoOf(err)
		}
		return true, ECONNABORTED
	}
	if to, err := s.address(a); err == nil {
		s.ep.Connect(to) // tells netstack that the program has been told
	}
	return true, nil
}

// renew replaces the endpoint after an attempt that failed: netstack's is of no
// use any more, a socket of POSIX is.
func (s *Socket) renew() error {
	s.failed = false
	s.ep.Close()
	delete(s.host.sockets, s.ep)
	if err := s.open(); err != nil {
		return err
	}
	for _, set := range s.options {
		set(s.ep)
	}
	if s.asked.IsValid() {
		return s.bind(s.asked)
	}
	return nil
}
