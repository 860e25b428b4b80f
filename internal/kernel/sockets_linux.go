package kernel

import (
	"errors"
	"net"
	"net/netip"
	"slices"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
)

// Diag asks the kernel for the TCP sockets of one network namespace.
type Diag struct{ handle *netlink.Handle }

// OpenDiag opens the way to the sockets of the calling thread's namespace; the
// result can be used on any thread.
func OpenDiag() (*Diag, error) {
	handle, err := netlink.NewHandle(unix.NETLINK_INET_DIAG)
	if err != nil {
		return nil, lang.Errorf("open INET_DIAG: %w", err)
	}
	return &Diag{handle}, nil
}

// Close ends the asking.
func (d *Diag) Close() { d.handle.Close() }

// Socket is what the kernel says of one of its TCP sockets.
type Socket struct {
	Local, Remote netip.AddrPort // Remote is the zero value in LISTEN
	State         fsm.State
	Message       *netlink.Socket
	// Info is nil where the kernel keeps no full socket: SYN-RECEIVED, TIME-WAIT. In
	// LISTEN its counters are those of the queues.
	Info *netlink.TCPInfo
}

// interruptions bounds how often the kernel is asked again because its list has
// changed while it was being given.
const interruptions = 100

// Sockets lists the sockets of IPv4, and those of IPv6 if they are asked for, in the
// order of their addresses.
func (d *Diag) Sockets(ipv6 bool) ([]Socket, error) {
	families := []uint8{unix.AF_INET, unix.AF_INET6}
	if !ipv6 {
		families = families[:1]
	}
	var all []Socket
	for _, family := range families {
		entries, err := d.handle.SocketDiagTCPInfo(family)
		for tries := 0; errors.Is(err, netlink.ErrDumpInterrupted) && tries < interruptions; tries++ {
			entries, err = d.handle.SocketDiagTCPInfo(family)
		}
		if err != nil {
			return nil, lang.Errorf("INET_DIAG: %w", err)
		}
		all = slices.Grow(all, len(entries))
		for _, entry := range entries {
			all = append(all, socketOf(entry))
		}
	}
	slices.SortFunc(all, func(a, b Socket) int {
		if c := a.Local.Compare(b.Local); c != 0 {
			return c
		}
		return a.Remote.Compare(b.Remote)
	})
	return all, nil
}

func socketOf(entry *netlink.InetDiagTCPInfoResp) Socket {
	m := entry.InetDiagMsg
	s := Socket{
		Local:   addrPort(m.ID.Source, m.ID.SourcePort),
		State:   stateOf(m.State),
		Message: m, Info: entry.TCPInfo,
	}
	if s.State != fsm.Listen {
		s.Remote = addrPort(m.ID.Destination, m.ID.DestinationPort)
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
