package sim

import (
	"cmp"
	"net/netip"
	"slices"
	"sync"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv6"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"

	"tcpviz/fsm"
)

// SocketState is what the TCP of a host says of one of its sockets.
type SocketState struct {
	Local, Remote netip.AddrPort // a listening socket has no remote address
	State         fsm.State      // never CLOSED
	Socket        *Socket        // that a program holds; nil before accept and after close

	// Of a listening socket.
	Backlog     int // as given to listen
	SynQueue    int // connections in SYN-RECEIVED
	AcceptQueue int // connections that accept has not taken yet

	// Of a connection, in octets.
	Unacked int // given to send and not acknowledged, sent or not; known once send was called
	Unread  int // received and not read
}

// Sockets lists the sockets that the host's TCP knows, in the order of their
// addresses: those that programs hold, those in SYN-RECEIVED or waiting for
// accept, and those whose programs have closed them (FIN-WAIT-1 … TIME-WAIT).
// A socket that neither listens nor has a connection is not among them.
func (h *Host) Sockets() []SocketState {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil
	}
	var list []SocketState
	seen := make(map[stack.TransportEndpoint]bool)
	for _, registered := range h.stack.RegisteredEndpoints() {
		ep, ok := registered.(*tcp.Endpoint)
		if !ok || seen[registered] { // it is there twice when it is for IPv4 and IPv6
			continue
		}
		seen[registered] = true
		if s, known := h.socketState(ep); known {
			list = append(list, s)
		}
	}
	slices.SortFunc(list, func(a, b SocketState) int {
		return cmp.Or(a.Local.Compare(b.Local), a.Remote.Compare(b.Remote))
	})
	return list
}

func (h *Host) socketState(ep *tcp.Endpoint) (SocketState, bool) {
	state, known := stateOf(ep.EndpointState())
	if !known {
		return SocketState{}, false
	}
	info := ep.Info().(*stack.TransportEndpointInfo)
	ipv6 := info.NetProto == ipv6.ProtocolNumber
	s := SocketState{
		Local:  addrPort(info.ID.LocalAddress, info.ID.LocalPort, ipv6),
		State:  state,
		Socket: h.sockets[ep],
	}
	if state == fsm.Listen {
		if s.Socket == nil || !s.Socket.listening {
			return SocketState{}, false // shut down: it answers as CLOSED does
		}
		s.Backlog, s.AcceptQueue = s.Socket.backlog, s.Socket.waiting
		s.SynQueue = h.handshakes(s.Socket)
		return s, true
	}
	s.Remote = addrPort(info.ID.RemoteAddress, info.ID.RemotePort, ipv6)
	s.Unacked = h.queued.of(ep)
	if unread, err := ep.GetSockOptInt(tcpip.ReceiveQueueSizeOption); err == nil {
		s.Unread = unread
	}
	return s, true
}

// stateOf translates netstack's states; its own ones are CLOSED in the RFC's terms.
func stateOf(s tcp.EndpointState) (fsm.State, bool) {
	switch s {
	case tcp.StateEstablished:
		return fsm.Established, true
	case tcp.StateSynSent:
		return fsm.SynSent, true
	case tcp.StateSynRecv:
		return fsm.SynReceived, true
	case tcp.StateFinWait1:
		return fsm.FinWait1, true
	case tcp.StateFinWait2:
		return fsm.FinWait2, true
	case tcp.StateTimeWait:
		return fsm.TimeWait, true
	case tcp.StateCloseWait:
		return fsm.CloseWait, true
	case tcp.StateLastAck:
		return fsm.LastAck, true
	case tcp.StateListen:
		return fsm.Listen, true
	case tcp.StateClosing:
		return fsm.Closing, true
	}
	return fsm.Closed, false
}

// sendQueues counts, for each connection, the octets that send was given and that
// are not acknowledged. Netstack does not tell, but it shows an endpoint's inside
// to a probe after each segment that it has handled; between two segments only
// send adds to it.
type sendQueues struct {
	mu     sync.Mutex
	octets map[stack.TransportEndpointID]*sendQueue
}

type sendQueue struct {
	ep     tcpip.Endpoint
	octets int
}

// observe is netstack's probe.
func (q *sendQueues) observe(s *tcp.TCPEndpointState) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if queue := q.octets[stack.TransportEndpointID(s.ID)]; queue != nil {
		queue.octets = max(0, s.SndBufState.SndBufUsed) // it goes below zero when a FIN is acknowledged
	}
}

func (q *sendQueues) add(ep tcpip.Endpoint, octets int) {
	if octets == 0 {
		return
	}
	id := ep.Info().(*stack.TransportEndpointInfo).ID
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.octets == nil {
		q.octets = make(map[stack.TransportEndpointID]*sendQueue)
	}
	if q.octets[id] == nil || q.octets[id].ep != ep {
		q.octets[id] = &sendQueue{ep: ep}
	}
	q.octets[id].octets += octets
}

func (q *sendQueues) of(ep tcpip.Endpoint) int {
	id := ep.Info().(*stack.TransportEndpointInfo).ID
	q.mu.Lock()
	defer q.mu.Unlock()
	if queue := q.octets[id]; queue != nil && queue.ep == ep {
		return queue.octets
	}
	return 0
}

// forget forgets the connections that are over.
func (q *sendQueues) forget() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for id, queue := range q.octets {
		if _, known := stateOf(tcp.EndpointState(queue.ep.State())); !known {
			delete(q.octets, id)
		}
	}
}
