package sim

import (
	"net/netip"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv6"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/waiter"
)

// Socket is a TCP socket that a program holds. Everything in it is guarded by the
// host's mutex.
type Socket struct {
	host  *Host
	ipv6  bool
	ep    tcpip.Endpoint
	queue *waiter.Queue

	closed       bool
	users        int                    // calls that are blocked on it
	asked        netip.AddrPort         // what it was bound to; the zero value when it was not
	options      []func(tcpip.Endpoint) // that were set, to set them again
	receiveLimit time.Duration          // SO_RCVTIMEO
	sendLimit    time.Duration          // SO_SNDTIMEO
	linger       time.Duration          // of SO_LINGER
	pending      Errno                  // SO_ERROR: what the next call gives
	failed       bool                   // the last connect has failed: it was never connected

	listening bool
	backlog   int
	waiting   int // connections that are established and not accepted
}

// usableOn tells whether the socket is an open one of the host.
func (s *Socket) usableOn(h *Host) bool { return s != nil && s.host == h && !s.closed }

func (s *Socket) state() tcp.EndpointState { return tcp.EndpointState(s.ep.State()) }

// Socket makes a TCP socket, for IPv6 (and, as Linux does, for IPv4 as well) or for
// IPv4 only.
func (t *Thread) Socket(ipv6 bool) (s *Socket, err error) {
	err = t.do("socket", nil, func() error {
		s = &Socket{host: t.host, ipv6: ipv6}
		return s.open()
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// open gives the socket an endpoint of netstack's.
func (s *Socket) open() error {
	protocol := ipv4.ProtocolNumber
	if s.ipv6 {
		protocol = ipv6.ProtocolNumber
	}
	queue := new(waiter.Queue)
	ep, err := s.host.stack.NewEndpoint(tcp.ProtocolNumber, protocol, queue)
	if err != nil {
		return errnoOf(err)
	}
	s.ep, s.queue = ep, queue
	s.host.sockets[ep] = s
	return nil
}

// Bind gives the socket a local address. Port 0 lets the host choose: from 40000
// on, one after the other.
func (t *Thread) Bind(s *Socket, a netip.AddrPort) error {
	return t.do("bind", s, func() error {
		if err := s.bind(a); err != nil {
			return err
		}
		s.asked = a
		return nil
	})
}

func (s *Socket) bind(a netip.AddrPort) error {
	to, err := s.address(a)
	if err != nil {
		return err
	}
	bind := func() tcpip.Error { return s.ep.Bind(to) }
	if a.Port() != 0 {
		return asError(bind())
	}
	return asError(s.host.choosePort(bind))
}

// choosePort repeats what needs an ephemeral port until a free one is found.
func (h *Host) choosePort(use func() tcpip.Error) tcpip.Error {
	for range lastEphemeral - firstEphemeral + 1 {
		port := h.nextPort
		if h.nextPort++; h.nextPort > lastEphemeral {
			h.nextPort = firstEphemeral
		}
		if err := h.stack.SetPortRange(port, port); err != nil {
			return err
		}
		err := use()
		if _, taken := err.(*tcpip.ErrNoPortAvailable); !taken {
			return err
		}
	}
	return &tcpip.ErrNoPortAvailable{}
}

// Listen makes the socket one that takes connections. Backlog+1 connections wait
// for [Thread.Accept] at most, and as many handshakes are under way, as on Linux.
func (t *Thread) Listen(s *Socket, backlog int) error {
	return t.do("listen", s, func() error { return s.listen(backlog) })
}

// maxBacklog is Linux's net.core.somaxconn.
const maxBacklog = 4096

func (s *Socket) listen(backlog int) error {
	if backlog < 0 || backlog > maxBacklog {
		backlog = maxBacklog
	}
	listen := func() tcpip.Error { return s.ep.Listen(backlog + 1) }
	var err tcpip.Error
	if s.state() == tcp.StateInitial {
		err = s.host.choosePort(listen)
	} else {
		err = listen()
	}
	if err != nil {
		return errnoOf(err)
	}
	s.listening, s.backlog = true, backlog
	return nil
}

// Accept takes the first connection that is established, and waits for one. It
// gives the peer's address too.
func (t *Thread) Accept(s *Socket) (accepted *Socket, peer netip.AddrPort, err error) {
	c := &call{op: "accept", socket: s, late: EAGAIN, fail: func(e Errno) { err = e }}
	if s != nil {
		c.limit = s.limitOf(&s.receiveLimit)
	}
	c.attempt = func() bool {
		var from tcpip.FullAddress
		ep, queue, failure := s.ep.Accept(&from)
		if wouldBlock(failure) {
			return false
		}
		if failure != nil {
			err = errnoOf(failure)
			return true
		}
		s.waiting--
		accepted = s.inherit(ep, queue)
		peer = s.addrPort(from)
		return true
	}
	t.make(c)
	return accepted, peer, err
}

// inherit makes the socket of an accepted connection. As on Linux it has the
// options of the listening one; netstack itself hands on only some of them.
func (s *Socket) inherit(ep tcpip.Endpoint, queue *waiter.Queue) *Socket {
	fresh := &Socket{
		host: s.host, ipv6: s.ipv6, ep: ep, queue: queue,
		receiveLimit: s.receiveLimit, sendLimit: s.sendLimit, linger: s.linger,
	}
	for _, set := range s.options {
		set(ep)
	}
	s.host.sockets[ep] = fresh
	return fresh
}

// limitOf reads a time limit of the socket.
func (s *Socket) limitOf(limit *time.Duration) time.Duration {
	s.host.mu.Lock()
	defer s.host.mu.Unlock()
	return *limit
}

// GetSockName gives the socket's own address.
func (t *Thread) GetSockName(s *Socket) (a netip.AddrPort, err error) {
	err = t.do("getsockname", s, func() error {
		local, failure := s.ep.GetLocalAddress()
		a = s.addrPort(local)
		return asError(failure)
	})
	return a, err
}

// GetPeerName gives the address that the socket is connected to.
func (t *Thread) GetPeerName(s *Socket) (a netip.AddrPort, err error) {
	err = t.do("getpeername", s, func() error {
		remote, failure := s.ep.GetRemoteAddress()
		if failure != nil {
			return errnoOf(failure)
		}
		if s.state() == tcp.StateTimeWait {
			return ENOTCONN // on Linux TIME-WAIT is no longer the socket's
		}
		a = s.addrPort(remote)
		return nil
	})
	return a, err
}

// address translates an address for a call on the socket.
func (s *Socket) address(a netip.AddrPort) (tcpip.FullAddress, error) {
	ip := a.Addr()
	switch {
	case !ip.IsValid():
		return tcpip.FullAddress{}, EINVAL
	case s.ipv6 && ip.Is4():
		return tcpip.FullAddress{}, EINVAL // the address is too short
	case !s.ipv6 && !ip.Is4():
		return tcpip.FullAddress{}, EAFNOSUPPORT
	case ip.IsUnspecified():
		return tcpip.FullAddress{Port: a.Port()}, nil
	}
	return tcpip.FullAddress{Addr: tcpip.AddrFromSlice(ip.AsSlice()), Port: a.Port()}, nil
}

func (s *Socket) addrPort(a tcpip.FullAddress) netip.AddrPort {
	return addrPort(a.Addr, a.Port, s.ipv6)
}

// addrPort translates an address back; no address is the unspecified one.
func addrPort(a tcpip.Address, port uint16, ipv6 bool) netip.AddrPort {
	ip, ok := netip.AddrFromSlice(a.AsSlice())
	switch {
	case ok:
		ip = ip.Unmap()
	case ipv6:
		ip = netip.IPv6Unspecified()
	default:
		ip = netip.IPv4Unspecified()
	}
	return netip.AddrPortFrom(ip, port)
}

// asError keeps a nil of netstack's a nil.
func asError(err tcpip.Error) error {
	if err == nil {
		return nil
	}
	return errnoOf(err)
}
