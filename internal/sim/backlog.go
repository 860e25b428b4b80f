package sim

import (
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
)

// child is a connection that a listening socket is about to have.
type child struct {
	listener *Socket
	ep       *tcp.Endpoint
}

// opening is what a packet may do to a listening socket.
//
// When the handshakes under way are as many as the backlog, netstack answers a SYN
// with a cookie and remembers nothing, not even a socket in SYN-RECEIVED. Here it
// never does: it is told of a larger backlog for the one SYN that Linux takes on
// top of it, and any more are dropped before it sees them. That is what Linux does
// with net.ipv4.tcp_syncookies=0: listen(backlog) lets backlog+1 connections be in
// SYN-RECEIVED (measured on Linux 6.18 with a backlog of 0, 1, 2 and 5).
type opening struct {
	syn      bool
	protocol tcpip.NetworkProtocolNumber
	id       stack.TransportEndpointID
	listener *Socket // that a SYN goes to, or that the connection is a child of
	opened   uint64  // connections that any listening socket has got so far
	raised   bool
}

// opening finds out what a packet may open.
func (h *Host) opening(protocol tcpip.NetworkProtocolNumber, packet []byte) opening {
	o := opening{protocol: protocol, opened: h.opened()}
	segment, ok := o.parse(packet)
	if !ok {
		return o
	}
	if child, known := h.children[o.id]; known && child.ep.EndpointState() == tcp.StateSynRecv {
		o.listener = child.listener
		return o
	}
	o.syn = segment.Flags()&(header.TCPFlagSyn|header.TCPFlagAck|header.TCPFlagRst) == header.TCPFlagSyn
	if !o.syn {
		return o
	}
	receiver := h.stack.FindTransportEndpoint(protocol, tcp.ProtocolNumber, o.id, nic)
	if ep, ok := receiver.(*tcp.Endpoint); ok && ep.EndpointState() == tcp.StateTimeWait {
		// It may make room for a new connection.
		id := stack.TransportEndpointID{LocalAddress: o.id.LocalAddress, LocalPort: o.id.LocalPort}
		receiver = h.stack.FindTransportEndpoint(protocol, tcp.ProtocolNumber, id, nic)
	}
	if ep, ok := receiver.(*tcp.Endpoint); ok {
		if s := h.sockets[ep]; s != nil && s.listening {
			o.listener = s
		}
	}
	return o
}

// parse reads the addresses and ports of a TCP packet.
func (o *opening) parse(packet []byte) (header.TCP, bool) {
	var payload []byte
	var source, destination tcpip.Address
	switch o.protocol {
	case header.IPv4ProtocolNumber:
		ip := header.IPv4(packet)
		if !ip.IsValid(len(packet)) || ip.TransportProtocol() != tcp.ProtocolNumber {
			return nil, false
		}
		payload, source, destination = ip.Payload(), ip.SourceAddress(), ip.DestinationAddress()
	default:
		ip := header.IPv6(packet) // with TCP directly behind it, as every host here sends it
		if !ip.IsValid(len(packet)) || ip.NextHeader() != uint8(tcp.ProtocolNumber) {
			return nil, false
		}
		payload, source, destination = ip.Payload(), ip.SourceAddress(), ip.DestinationAddress()
	}
	if len(payload) < header.TCPMinimumSize {
		return nil, false
	}
	segment := header.TCP(payload)
	o.id = stack.TransportEndpointID{
		LocalAddress: destination, LocalPort: segment.DestinationPort(),
		RemoteAddress: source, RemotePort: segment.SourcePort(),
	}
	return segment, true
}

// refuse drops a SYN for which the SYN queue has no room, and prepares the queue
// for one that just has.
func (o *opening) refuse(h *Host) bool {
	s := o.listener
	if !o.syn || s == nil || s.waiting > s.backlog {
		return false // with a full accept queue netstack itself drops it
	}
	switch under := h.handshakes(s); {
	case under > s.backlog:
		h.stack.Stats().TCP.ListenOverflowSynDrop.Increment()
		return true
	case under == s.backlog:
		o.raised = s.ep.Listen(s.backlog+2) == nil
	}
	return false
}

// done takes in what the packet has opened.
func (o *opening) done(h *Host) {
	s := o.listener
	if s == nil || s.closed {
		return
	}
	if o.raised {
		s.ep.Listen(s.backlog + 1)
	}
	if !o.syn {
		if h.opened() > o.opened {
			s.waiting++
			delete(h.children, o.id)
		}
		return
	}
	receiver := h.stack.FindTransportEndpoint(o.protocol, tcp.ProtocolNumber, o.id, nic)
	if ep, ok := receiver.(*tcp.Endpoint); ok && ep.EndpointState() == tcp.StateSynRecv && h.sockets[ep] == nil {
		h.children[o.id] = child{listener: s, ep: ep}
	}
}

// opened counts the connections that the host's listening sockets have got.
func (h *Host) opened() uint64 { return h.stack.Stats().TCP.PassiveConnectionOpenings.Value() }

// handshakes counts a listening socket's connections in SYN-RECEIVED.
func (h *Host) handshakes(s *Socket) int {
	n := 0
	for id, c := range h.children {
		switch {
		case c.ep.EndpointState() != tcp.StateSynRecv:
			delete(h.children, id)
		case c.listener == s:
			n++
		}
	}
	return n
}
