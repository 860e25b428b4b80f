package twohosts

import (
	"encoding/binary"
	"os"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"tcpviz/fsm"
	"tcpviz/internal/kernel"
	"tcpviz/internal/lang"
)

// Sockets gives what a host's kernel says of its TCP sockets, in the order of
// their addresses.
func (w *Wire) Sockets(side fsm.Side) ([]SocketState, error) {
	sockets, err := w.hosts[side].sockets()
	if err != nil {
		return nil, w.failed(lang.Phrasef("ask the %s for its sockets", side), err)
	}
	states := make([]SocketState, 0, len(sockets))
	for _, socket := range sockets {
		states = append(states, socketStateOf(socket))
	}
	return states, nil
}

// FiredTimers gives a host's counts.
func (w *Wire) FiredTimers(side fsm.Side) (FiredTimers, error) {
	n, err := w.hosts[side].counters.timers()
	if err != nil {
		return n, w.failed(lang.Phrasef("count the timers of the %s", side), err)
	}
	return n, nil
}

// sockets lists the host's sockets in the order of their addresses.
func (h *host) sockets() ([]kernel.Socket, error) {
	h.asking.Lock()
	defer h.asking.Unlock()
	if h.closed || h.destroyer == nil {
		return nil, os.ErrClosed // else netlink would ask the caller's own namespace
	}
	return h.diag.Sockets(h.noIPv6 == nil)
}

func socketStateOf(k kernel.Socket) SocketState {
	m := k.Message
	s := SocketState{
		Local:   k.Local,
		Remote:  k.Remote,
		State:   k.State,
		Timer:   timerOf(m.Timer),
		Expires: time.Duration(m.Expires) * time.Millisecond,
		Retries: int(m.Retrans),
	}
	if s.State == fsm.Listen {
		s.Waiting, s.Backlog = m.RQueue, m.WQueue
		return s // the other counters are a connection's
	}
	s.Unread, s.Queued = m.RQueue, m.WQueue
	if info := k.Info; info != nil {
		s.Unacked, s.Unsent, s.Window = info.Unacked, info.Notsent_bytes, info.Snd_wnd
		s.RTO = time.Duration(info.Rto) * time.Microsecond
		s.SmoothedRoundTripTime = time.Duration(info.Rtt) * time.Microsecond
		s.BytesAcked, s.BytesReceived = info.Bytes_acked, info.Bytes_received
		s.SegmentsIn, s.SegmentsOut = info.Segs_in, info.Segs_out
		s.Retransmitted, s.OutOfOrder = info.Total_retrans, info.Rcv_ooopack
		s.CongestionWindow, s.SlowStartThreshold = info.Snd_cwnd, info.Snd_ssthresh
	}
	return s
}

// timerOf translates the kernel's number of a timer (sock_diag(7), idiag_timer).
func timerOf(number uint8) Timer {
	switch number {
	case 1:
		return Retransmission
	case 2:
		return KeepAlive
	case 3:
		return TimeWaitTimer
	case 4:
		return ZeroWindowProbe
	}
	return NoTimer
}

// destroy ends a socket as if the system's administrator had: its program, if it
// has one, gets ECONNABORTED.
func (h *host) destroy(s netlink.Socket) error {
	h.asking.Lock()
	defer h.asking.Unlock()
	request := nl.NewNetlinkRequest(nl.SOCK_DESTROY, unix.NLM_F_ACK)
	request.AddRawData(diagRequest(s))
	if err := h.destroyer.Send(request); err != nil {
		return os.NewSyscallError("send(INET_DIAG)", err)
	}
	answers, _, err := h.destroyer.Receive()
	if err != nil {
		return os.NewSyscallError("receive(INET_DIAG)", err)
	}
	for _, answer := range answers {
		if answer.Header.Type != unix.NLMSG_ERROR || len(answer.Data) < 4 {
			continue
		}
		switch errno := unix.Errno(-int32(binary.NativeEndian.Uint32(answer.Data))); errno {
		case 0, unix.ENOENT: // it ended by itself
		default:
			return os.NewSyscallError("SOCK_DESTROY", errno)
		}
	}
	return nil
}

// diagRequest names a socket of IPv4 or IPv6 (struct inet_diag_req_v2).
func diagRequest(s netlink.Socket) []byte {
	b := make([]byte, 56)
	b[0], b[1] = s.Family, unix.IPPROTO_TCP
	binary.NativeEndian.PutUint32(b[4:], 1<<netlink.TCP_MAX_STATES-1)
	binary.BigEndian.PutUint16(b[8:], s.ID.SourcePort)
	binary.BigEndian.PutUint16(b[10:], s.ID.DestinationPort)
	if s.Family == unix.AF_INET {
		copy(b[12:], s.ID.Source.To4())
		copy(b[28:], s.ID.Destination.To4())
	} else {
		copy(b[12:], s.ID.Source.To16())
		copy(b[28:], s.ID.Destination.To16())
	}
	binary.NativeEndian.PutUint32(b[44:], s.ID.Interface)
	binary.NativeEndian.PutUint32(b[48:], s.ID.Cookie[0])
	binary.NativeEndian.PutUint32(b[52:], s.ID.Cookie[1])
	return b
}
