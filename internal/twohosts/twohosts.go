package twohosts

import (
	"net/netip"
	"time"

	"tcpviz/fsm"
)

// Config says what is to be made. The zero value is a wire of Ethernet's size.
type Config struct {
	// MTU is the size in bytes of the largest IP packet, from 1280 (the least
	// that IPv6 takes) to 1500; 0 means 1500.
	MTU int
	// BufferBytes is how much the kernel keeps of what was not read yet, its own
	// bookkeeping included; 0 means 4 MiB. The kernel may give less to an
	// ordinary user. More packets than that are lost, which Quiet and Next report.
	BufferBytes int
	// Settings are given to both hosts: files below /proc/sys/net and their
	// values, such as "ipv4/tcp_syn_retries". One that the kernel does not take
	// makes Open fail.
	Settings map[string]string
}

const (
	largestMTU    = 1500
	smallestMTU   = 1280
	defaultBuffer = 4 << 20
)

// Address gives a host's IPv4 address: 10.9.0.1 for the client, 10.9.0.2 for the server.
func Address(side fsm.Side) netip.Addr {
	return netip.AddrFrom4([4]byte{10, 9, 0, number(side)})
}

// Address6 gives a host's IPv6 address: fd09::1 for the client, fd09::2 for the server.
func Address6(side fsm.Side) netip.Addr {
	return netip.AddrFrom16([16]byte{0xfd, 0x09, 15: number(side)})
}

func number(side fsm.Side) byte { return 1 + byte(side) }

// hardware gives the hardware address of a host's interface.
func hardware(side fsm.Side) [6]byte { return [6]byte{2, 0, 10, 9, 0, number(side)} }

// Kind is what a packet holds, as far as the wire cares.
type Kind uint8

const (
	Segment   Kind = iota // TCP: it waits for Deliver, or is lost
	ICMPError             // an ICMP or ICMPv6 error message: it was delivered already
	OtherIP               // any other packet from one host to the other: it was delivered already
)

// String gives "segment", "ICMP error" or "other".
func (k Kind) String() string {
	switch k {
	case Segment:
		return "segment"
	case ICMPError:
		return "ICMP error"
	}
	return "other"
}

// Packet is what one host has sent to the other.
type Packet struct {
	Number int       // on this wire, from 1, in the order in which they came
	Time   time.Time // the kernel's time stamp: when it was put on the wire
	From   fsm.Side
	Kind   Kind
	Frame  []byte // the Ethernet frame, checksums filled in; the caller's to keep
}

// Timer is what a socket's next timer will do.
type Timer uint8

const (
	NoTimer         Timer = iota // none runs
	Retransmission               // sends again what was not acknowledged, or a tail loss probe (RFC 8985) before that
	KeepAlive                    // sends a keep-alive probe; in FIN-WAIT-2 without a program it ends the socket
	TimeWaitTimer                // ends TIME-WAIT, or the FIN-WAIT-2 of a socket without a program
	ZeroWindowProbe              // probes a window that is closed, or too small for a full segment
)

// String gives the timer's name in words.
func (t Timer) String() string {
	switch t {
	case Retransmission:
		return "retransmission"
	case KeepAlive:
		return "keep-alive"
	case TimeWaitTimer:
		return "TIME-WAIT"
	case ZeroWindowProbe:
		return "zero window probe"
	}
	return "none"
}

// SocketState is what a kernel says of one of its TCP sockets (INET_DIAG). A
// socket that is in no state but CLOSED is not told of.
type SocketState struct {
	Local, Remote netip.AddrPort // Remote is the zero value for a listening socket
	State         fsm.State

	Timer   Timer
	Expires time.Duration // until the timer fires, in the kernel's own ticks: some milliseconds coarse
	Retries int           // how often that timer has fired for the same reason

	// In LISTEN: the connections that wait for accept, and how many may. Zero otherwise.
	Waiting, Backlog uint32

	Unread uint32 // octets received in order that the program has not read; a FIN counts for one
	Unsent uint32 // octets that were not sent yet
	Queued uint32 // octets from the first one that is not acknowledged, unsent ones included; a FIN counts for one

	// All zero where the kernel keeps no full socket: LISTEN, SYN-RECEIVED, TIME-WAIT.
	Unacked               uint32 // segments sent and not acknowledged, SYN and FIN included
	Window                uint32 // octets that the peer would take
	RTO                   time.Duration
	BytesAcked            uint64 // octets that the peer has acknowledged, SYN and FIN included
	BytesReceived         uint64 // octets received in order, FIN included; beyond what was acknowledged, an ACK is due
	SegmentsIn            uint32
	SegmentsOut           uint32
	Retransmitted         uint32 // segments sent again, in the whole life of the socket
	OutOfOrder            uint32 // segments that came before those they follow
	CongestionWindow      uint32 // segments
	SlowStartThreshold    uint32 // segments
	SmoothedRoundTripTime time.Duration
}

// FiredTimers counts, since a host was made, the timers of all its sockets of whose
// running out the sockets' own states say nothing.
type FiredTimers struct {
	LossProbes  int // tail loss probes sent (RFC 8985 section 7)
	DelayedAcks int // acknowledgments sent because they were kept back for long enough
}

// Sockets are what both kernels say, by side, each in the order of addresses.
type Sockets [2][]SocketState
