package capture

import "encoding/binary"

// The headers of link layers; gopacket has no decoder for most of them, and some
// of those that it has panic on hostile bytes.

// loopback is the address family of a BSD system; which byte order the host had
// shows in where the zeros are. The families of IPv6 differ from system to system.
func loopback(b []byte) (int, protocol) {
	family := binary.LittleEndian.Uint32(b)
	if b[0] == 0 && b[1] == 0 {
		family = binary.BigEndian.Uint32(b)
	}
	switch family {
	case 2:
		return 4, protoIPv4
	case 10, 24, 28, 30:
		return 4, protoIPv6
	}
	return 4, protoOther
}

// macsec is a security tag (IEEE 802.1AE): without encryption the frame goes on behind it.
func macsec(b []byte) (int, protocol) {
	const encrypted, explicit = 0x0c, 0x20
	size := 6
	if b[0]&explicit != 0 {
		size += 8
	}
	if b[0]&encrypted != 0 || len(b) < size+2 {
		return size, protoOther
	}
	return size + 2, etherType(binary.BigEndian.Uint16(b[size:]))
}

// llc is the header of IEEE 802.2, with SNAP where it follows.
func llc(b []byte) (int, protocol) {
	const ip, snap, unnumbered = 0x06, 0xaa, 0x03
	switch {
	case b[0] == ip && b[1] == ip && b[2] == unnumbered:
		return 3, protoIPv4
	case b[0]|1 != snap|1 || b[1]|1 != snap|1 || b[2] != unnumbered || len(b) < 8:
		return 3, protoOther
	}
	return snapHeader(b, 3)
}

// snapHeader is the organisation and its protocol number, so many bytes in.
func snapHeader(b []byte, at int) (int, protocol) {
	if len(b) < at+5 {
		return at + 5, protoOther
	}
	id := binary.BigEndian.Uint16(b[at+3:])
	switch organisation := uint32(b[at])<<16 | uint32(b[at+1])<<8 | uint32(b[at+2]); {
	case organisation == 0 || organisation == 0x0000f8:
		if id >= 0x0600 {
			return at + 5, etherType(id)
		}
	case organisation == 0x0080c2 && (id == 1 || id == 7): // bridged Ethernet (RFC 2684)
		return at + 7, protoEthernet
	}
	return at + 5, protoOther
}

// tokenRing is the header of IEEE 802.5, with a source route when the source's first bit is set.
func tokenRing(b []byte) (int, protocol) {
	size := 14
	if b[8]&0x80 != 0 {
		size += int(b[14] & 0x1f)
	}
	return size, protoLLC
}

func sunATM(b []byte) (int, protocol) {
	const llcMultiplexed = 2
	if b[0]&0x0f != llcMultiplexed {
		return 4, protoOther
	}
	return 4, protoLLC
}

// ppp is the protocol field (RFC 1661), perhaps behind address and control
// (RFC 1662), perhaps compressed to one byte; or what Cisco puts in its place.
func ppp(b []byte) (int, protocol) {
	size := 0
	if len(b) >= 4 {
		switch binary.BigEndian.Uint16(b) {
		case 0xff03:
			size = 2
		case 0x0f00, 0x8f00:
			return 4, etherType(binary.BigEndian.Uint16(b[2:]))
		}
	}
	id := uint16(b[size])
	size++
	if id&1 == 0 {
		if len(b) <= size {
			return size + 1, protoOther
		}
		id = id<<8 | uint16(b[size])
		size++
	}
	switch id {
	case 0x0021:
		return size, protoIPv4
	case 0x0057:
		return size, protoIPv6
	case 0x0281, 0x0283:
		return size, protoMPLS
	case 0x003d: // multilink (RFC 1990): a packet that is not in pieces
		const whole = 0xc0
		if len(b) > size && b[size]&whole == whole {
			return size + 4, protoPPP
		}
	}
	return size, protoOther
}

// pppoe is the header of a session (RFC 2516).
func pppoe(b []byte) (int, protocol) {
	const session = 0
	if b[1] != session {
		return 6, protoOther
	}
	return 6, protoPPP
}

// lengthOfPPPoE is the length of what follows; 0 when it is not there.
func lengthOfPPPoE(b []byte) int {
	if len(b) < 6 {
		return 0
	}
	return int(binary.BigEndian.Uint16(b[4:]))
}

// frameRelay is the address (Q.922), then a network layer protocol ID (RFC 2427)
// or Cisco's Ethernet type.
func frameRelay(b []byte) (int, protocol) {
	size := 1
	for size < 4 && b[size-1]&1 == 0 {
		size++
	}
	if len(b) < size+2 {
		return size + 2, protoOther
	}
	const unnumbered, padding = 0x03, 0x00
	if b[size] != unnumbered {
		return size + 2, etherType(binary.BigEndian.Uint16(b[size:]))
	}
	size++
	if b[size] == padding {
		size++
	}
	if len(b) <= size {
		return size + 1, protoOther
	}
	switch b[size] {
	case 0xcc:
		return size + 1, protoIPv4
	case 0x8e:
		return size + 1, protoIPv6
	case 0xcf:
		return size + 1, protoPPP
	case 0x80:
		return snapHeader(b, size+1)
	}
	return size + 1, protoOther
}

// mpls is a stack of labels (RFC 3032). It does not say what it carries: an IP
// packet shows by its version; all else can only be Ethernet, with a control word
// (RFC 4385) before it, which begins with four zero bits, or without.
func mpls(b []byte) (int, protocol) {
	const bottom = 1
	size := 4
	for b[size-2]&bottom == 0 {
		size += 4
		if size >= len(b) {
			return size + 1, protoOther
		}
	}
	if size >= len(b) {
		return size, protoOther
	}
	if p := byVersion(b[size]); p != protoOther {
		return size, p
	}
	if b[size]>>4 == 0 && (looksLikeEthernet(b[size:], 4) || !looksLikeEthernet(b[size:], 0)) {
		return size + 4, protoEthernet
	}
	return size, protoEthernet
}

// looksLikeEthernet tells whether a frame of a known type can begin so many bytes in.
func looksLikeEthernet(b []byte, at int) bool {
	if len(b) < at+14 {
		return false
	}
	kind := binary.BigEndian.Uint16(b[at+12:])
	return kind >= 0x0600 && etherType(kind) != protoOther
}

// nsh is the network service header (RFC 8300).
func nsh(b []byte) (int, protocol) {
	return 4 * int(b[1]&0x3f), innerProtocol(b[3])
}

// innerProtocol is the numbering of RFC 8300, used by VXLAN-GPE too.
func innerProtocol(n byte) protocol {
	switch n {
	case 1:
		return protoIPv4
	case 2:
		return protoIPv6
	case 3:
		return protoEthernet
	case 4:
		return protoNSH
	case 5:
		return protoMPLS
	}
	return protoOther
}

// juniperEther is what Juniper's systems put before an Ethernet frame.
func juniperEther(b []byte) (int, protocol) {
	const magic, noLinkLayer, extended = 0x4d4743, 0x02, 0x80
	if uint32(b[0])<<16|uint32(b[1])<<8|uint32(b[2]) != magic || b[3]&noLinkLayer != 0 {
		return 4, protoOther
	}
	size := 4
	if b[3]&extended != 0 {
		if len(b) < 6 {
			return 6, protoOther
		}
		size = 6 + int(binary.BigEndian.Uint16(b[4:]))
	}
	return size, protoEthernet
}

// nflog is a list of attributes in the host's byte order, one of which is the packet.
func nflog(b []byte) (int, protocol) {
	const payload, inet, inet6 = 9, 2, 10
	next := protoOther
	switch b[0] {
	case inet:
		next = protoIPv4
	case inet6:
		next = protoIPv6
	}
	var order binary.ByteOrder = binary.LittleEndian
	if len(b) >= 8 && b[4] == 0 { // no attribute is that long
		order = binary.BigEndian
	}
	for at := 4; at+4 <= len(b); {
		size := int(order.Uint16(b[at:]))
		if order.Uint16(b[at+2:])&0x7fff == payload {
			return at + 4, next
		}
		if size < 4 {
			break
		}
		at += (size + 3) &^ 3
	}
	return 4, protoOther
}
