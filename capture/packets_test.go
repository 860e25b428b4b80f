package capture_test

import (
	"encoding/binary"
	"strings"
)

// The builders below write headers byte by byte, so that they owe nothing to
// the decoder under test. All segments go from 192.0.2.1:40000 to 192.0.2.2:80
// (2001:db8::1 and ::2), with SEQ 1000, ACK 2000 and window 512.

var (
	source4 = []byte{192, 0, 2, 1}
	dest4   = []byte{192, 0, 2, 2}
	source6 = []byte{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}
	dest6   = []byte{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}
)

func be16(v int) []byte { return binary.BigEndian.AppendUint16(nil, uint16(v)) }

// tcpHeader gives a TCP header with these flags (letters of FSRPAUEC), options
// and octets.
func tcpHeader(flags string, options []byte, payload ...byte) []byte {
	var bits byte
	for _, f := range flags {
		bits |= 1 << strings.IndexRune("FSRPAUEC", f)
	}
	options = padded(options)
	return join(be16(40000), be16(80), big.words(1000, 2000), []byte{byte(5+len(options)/4) << 4, bits}, be16(512), be16(0), be16(0), options, payload)
}

// ipv4Packet gives an IPv4 packet.
func ipv4Packet(protocol byte, content []byte) []byte {
	return join([]byte{0x45, 0}, be16(20+len(content)), []byte{0, 1, 0, 0, 64, protocol, 0, 0}, source4, dest4, content)
}

// ipv6Packet gives an IPv6 packet.
func ipv6Packet(next byte, content []byte) []byte {
	return join([]byte{0x60, 0, 0, 0}, be16(len(content)), []byte{next, 64}, source6, dest6, content)
}

// extension gives an IPv6 extension header of 8 octets in front of content.
func extension(next byte, rest [6]byte, content []byte) []byte {
	return join([]byte{next, 0}, rest[:], content)
}

// ethernet gives an Ethernet frame.
func ethernet(kind int, content []byte) []byte {
	return join([]byte{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1}, be16(kind), content)
}

// set gives b with the bytes at offset replaced.
func set(b []byte, offset int, values ...byte) []byte {
	b = append([]byte(nil), b...)
	copy(b[offset:], values)
	return b
}
