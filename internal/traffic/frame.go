package traffic

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"net/netip"

	"tcpviz/fsm"
)

// The sizes of the headers, in bytes.
const (
	ethernetHeader   = 14
	ipv4Header       = 20
	ipv6Header       = 40
	tcpHeader        = 20
	synOptions       = 20 // MSS, SACK permitted, timestamps, window scale
	timestampOptions = 12

	mtu          = 1500
	maxFrame     = ethernetHeader + mtu
	minFrame     = 60 // Ethernet's, without the check sequence
	protocolTCP  = 6
	hopLimit     = 64
	dontFragment = 0x4000
)

// The two hosts of the capture's own Ethernet: the clients' and the servers' router.
var stations = [2][6]byte{{0x02, 0, 0, 0, 0, 1}, {0x02, 0, 0, 0, 0, 2}}

// textPeriod is how many octets of a payload there are before they repeat: a
// power of two, so that the octet with a given sequence number is always the same
// one, sent again or not.
const textPeriod = 4096

// newText gives what payloads are cut from: lines of 64 octets, with their number.
func newText() []byte {
	text := make([]byte, 0, textPeriod+mtu+64)
	for len(text) < textPeriod+mtu {
		text = fmt.Appendf(text, "%03d a line of synthetic text, made for measuring and for nothing\n", len(text)%textPeriod/64)
	}
	return text
}

// encoder makes frames of segments. It has one frame's room: each frame is good
// until the next.
type encoder struct {
	text []byte
	room [maxFrame]byte
}

// frame gives the Ethernet frame of a segment between two endpoints of the same
// family, sent by one of them. id goes into the IPv4 header.
func (e *encoder) frame(ends *[2]netip.AddrPort, sender fsm.Side, s *fsm.Segment, id uint16) []byte {
	src, dst := ends[sender], ends[sender.Other()]
	b := e.room[:]
	copy(b[0:], stations[sender.Other()][:])
	copy(b[6:], stations[sender][:])
	be := binary.BigEndian

	network := ethernetHeader
	transport := network + ipv4Header
	v6 := src.Addr().Is6()
	if v6 {
		transport = network + ipv6Header
	}
	tcp := b[transport:]
	offset := tcpHeader + putOptions(tcp[tcpHeader:], &s.Options)
	length := offset + int(s.Len)
	be.PutUint16(tcp[0:], src.Port())
	be.PutUint16(tcp[2:], dst.Port())
	be.PutUint32(tcp[4:], uint32(s.Seq))
	be.PutUint32(tcp[8:], uint32(s.Ack))
	tcp[12] = byte(offset/4) << 4
	tcp[13] = byte(s.Flags)
	be.PutUint16(tcp[14:], s.Window)
	be.PutUint32(tcp[16:], 0) // checksum and urgent pointer
	from := s.Seq % textPeriod
	copy(tcp[offset:length], e.text[from:])

	ip := b[network:transport]
	var pseudo uint64 // the sum of the header that only the checksum knows
	if v6 {
		be.PutUint16(b[12:], 0x86dd)
		be.PutUint32(ip[0:], 6<<28)
		be.PutUint16(ip[4:], uint16(length))
		ip[6], ip[7] = protocolTCP, hopLimit
		a, z := src.Addr().As16(), dst.Addr().As16()
		copy(ip[8:], a[:])
		copy(ip[24:], z[:])
		pseudo = sum(ip[8:40])
	} else {
		be.PutUint16(b[12:], 0x0800)
		ip[0], ip[1] = 4<<4|ipv4Header/4, 0
		be.PutUint16(ip[2:], uint16(ipv4Header+length))
		be.PutUint16(ip[4:], id)
		be.PutUint16(ip[6:], dontFragment)
		ip[8], ip[9] = hopLimit, protocolTCP
		be.PutUint16(ip[10:], 0)
		a, z := src.Addr().As4(), dst.Addr().As4()
		copy(ip[12:], a[:])
		copy(ip[16:], z[:])
		be.PutUint16(ip[10:], ^fold(sum(ip)))
		pseudo = sum(ip[12:20])
	}
	total := uint64(fold(pseudo)) + protocolTCP + uint64(length) + uint64(fold(sum(tcp[:length])))
	be.PutUint16(tcp[16:], ^fold(total))

	end := transport + length
	if end < minFrame {
		clear(b[end:minFrame])
		end = minFrame
	}
	return b[:end]
}

// putOptions writes options in Linux's order, and gives their length.
func putOptions(b []byte, o *fsm.Options) int {
	be := binary.BigEndian
	n := 0
	if o.MSS != 0 {
		b[n], b[n+1] = 2, 4
		be.PutUint16(b[n+2:], o.MSS)
		n += 4
	}
	// SACK permitted takes the place of the padding before the timestamps, and never
	// stands without them here.
	switch {
	case o.SACKPermitted:
		b[n], b[n+1] = 4, 2
		n += 2
	case o.HasTimestamps:
		b[n], b[n+1] = 1, 1
		n += 2
	}
	if o.HasTimestamps {
		b[n], b[n+1] = 8, 10
		be.PutUint32(b[n+2:], o.TSVal)
		be.PutUint32(b[n+6:], o.TSEcr)
		n += 10
	}
	if o.HasScale {
		b[n], b[n+1], b[n+2], b[n+3] = 1, 3, 3, o.WindowScale
		n += 4
	}
	if o.SACKCount > 0 {
		b[n], b[n+1], b[n+2], b[n+3] = 1, 1, 5, 2+8*o.SACKCount
		n += 4
		for _, block := range o.SACK[:o.SACKCount] {
			be.PutUint32(b[n:], uint32(block[0]))
			be.PutUint32(b[n+4:], uint32(block[1]))
			n += 8
		}
	}
	return n
}

// sum adds up 16-bit words, as RFC 1071 shows that it may be done: in larger
// words, folded at the end.
func sum(b []byte) uint64 {
	var total, carry uint64
	for len(b) >= 8 {
		total, carry = bits.Add64(total, binary.BigEndian.Uint64(b), carry)
		b = b[8:]
	}
	var rest [8]byte
	copy(rest[:], b)
	total, carry = bits.Add64(total, binary.BigEndian.Uint64(rest[:]), carry)
	total, carry = bits.Add64(total, 0, carry)
	return total + carry
}

// fold brings a sum to 16 bits.
func fold(total uint64) uint16 {
	for total > 0xffff {
		total = total>>16 + total&0xffff
	}
	return uint16(total)
}
