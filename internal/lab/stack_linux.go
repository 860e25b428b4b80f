package lab

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"tcpviz/fsm"
)

// endpoint names one socket of the stack. Remote is the zero value for a
// listening one.
type endpoint struct{ local, remote netip.AddrPort }

func (e endpoint) peer() endpoint { return endpoint{e.remote, e.local} }

// socketState is what the stack says of one of its sockets.
type socketState struct {
	endpoint endpoint
	state    fsm.State
	unacked  uint32 // segments sent and not acknowledged, SYN and FIN included
	unsent   uint32 // octets not sent yet
	window   uint32 // octets that the peer would take
	queued   uint32 // octets received and not read, or connections not accepted
	in, out  uint32 // segments so far
}

// moving reports whether something is on its way that this socket waits for and
// that needs no program to act.
func (s socketState) moving() bool {
	switch s.state {
	case fsm.SynSent, fsm.SynReceived, fsm.FinWait1, fsm.Closing, fsm.LastAck:
		return true
	}
	if s.unacked == 0 && s.window == 0 {
		return false // only the peer's program can open the window
	}
	return s.unacked > 0 || s.unsent > 0
}

// timed reports whether the kernel repeats something to a peer that does not
// answer, and will give up in the end. A peer whose window is closed answers: that can last for ever.
func (s socketState) timed() bool {
	return s.unacked > 0 || s.state == fsm.SynSent || s.state == fsm.SynReceived
}

// stack asks the kernel for its TCP sockets in one network namespace (INET_DIAG).
type stack struct {
	handle   *netlink.Handle
	families []uint8
}

// openStack opens the way to the stack of the calling thread's namespace; the
// result can be used on any thread.
func openStack(ipv6 bool) (*stack, error) {
	handle, err := netlink.NewHandle(unix.NETLINK_INET_DIAG)
	if err != nil {
		return nil, fmt.Errorf("open INET_DIAG: %w", err)
	}
	s := &stack{handle: handle, families: []uint8{unix.AF_INET}}
	if ipv6 {
		s.families = append(s.families, unix.AF_INET6)
	}
	return s, nil
}

func (s *stack) close() { s.handle.Close() }

// sockets lists the stack's TCP sockets in the order of their addresses.
func (s *stack) sockets() ([]socketState, error) {
	var all []socketState
	for _, family := range s.families {
		dump, err := s.handle.SocketDiagTCPInfo(family)
		for tries := 0; errors.Is(err, netlink.ErrDumpInterrupted) && tries < 100; tries++ {
			dump, err = s.handle.SocketDiagTCPInfo(family)
		}
		if err != nil {
			return nil, fmt.Errorf("ask the kernel for its sockets (INET_DIAG): %w", err)
		}
		for _, entry := range dump {
			all = append(all, socketStateOf(entry))
		}
	}
	slices.SortFunc(all, func(a, b socketState) int {
		if c := a.endpoint.local.Compare(b.endpoint.local); c != 0 {
			return c
		}
		return a.endpoint.remote.Compare(b.endpoint.remote)
	})
	return all, nil
}

func socketStateOf(entry *netlink.InetDiagTCPInfoResp) socketState {
	m := entry.InetDiagMsg
	s := socketState{
		endpoint: endpoint{addrPort(m.ID.Source, m.ID.SourcePort), addrPort(m.ID.Destination, m.ID.DestinationPort)},
		state:    stateOf(m.State),
		queued:   m.RQueue,
	}
	if s.state == fsm.Listen {
		s.endpoint.remote = netip.AddrPort{}
		return s // its counters are the queue's, not a connection's
	}
	if info := entry.TCPInfo; info != nil {
		s.unacked, s.unsent, s.window = info.Unacked, info.Notsent_bytes, info.Snd_wnd
		s.in, s.out = info.Segs_in, info.Segs_out
	}
	return s
}

func addrPort(ip net.IP, port uint16) netip.AddrPort {
	addr, _ := netip.AddrFromSlice(ip)
	return netip.AddrPortFrom(addr.Unmap(), port)
}

// stateOf translates the kernel's number of a state.
func stateOf(number uint8) fsm.State {
	switch number {
	case netlink.TCP_ESTABLISHED:
		return fsm.Established
	case netlink.TCP_SYN_SENT:
		return fsm.SynSent
	case netlink.TCP_SYN_RECV, netlink.TCP_NEW_SYN_REC:
		return fsm.SynReceived
	case netlink.TCP_FIN_WAIT1:
		return fsm.FinWait1
	case netlink.TCP_FIN_WAIT2:
		return fsm.FinWait2
	case netlink.TCP_TIME_WAIT:
		return fsm.TimeWait
	case netlink.TCP_CLOSE_WAIT:
		return fsm.CloseWait
	case netlink.TCP_LAST_ACK:
		return fsm.LastAck
	case netlink.TCP_LISTEN:
		return fsm.Listen
	case netlink.TCP_CLOSING:
		return fsm.Closing
	}
	return fsm.Closed
}
