package capture

import "encoding/binary"

// The headers of tunnels. gopacket has decoders for some of them, but these panic
// on short packets, allocate for each option, or print.

// gre is generic routing encapsulation (RFC 2784, RFC 2890, and RFC 2637's version 1).
func gre(b []byte) (int, protocol) {
	const checksum, routing, key, sequence, acknowledgment = 0x80, 0x40, 0x20, 0x10, 0x80
	size := 4
	if b[0]&(checksum|routing) != 0 {
		size += 4
	}
	for _, present := range [...]bool{b[0]&key != 0, b[0]&sequence != 0, b[1]&acknowledgment != 0} {
		if present {
			size += 4
		}
	}
	if b[0]&routing != 0 {
		for {
			if len(b) < size+4 {
				return size + 4, protoOther
			}
			family, length := binary.BigEndian.Uint16(b[size:]), int(b[size+3])
			size += 4 + length
			if family == 0 && length == 0 {
				break
			}
		}
	}
	kind := binary.BigEndian.Uint16(b[2:])
	switch {
	case kind == 0x88be && b[0]&sequence == 0: // ERSPAN type I has no header of its own
		return size, protoEthernet
	case kind == 0x883e:
		return size, protoWCCP
	case kind&0xfe0f == 0x8200: // Aruba's access points: 0x8200, 0x8210, … 0x83f0
		return size, protoDot11
	case kind < 0x0600:
		return size, protoOther
	}
	return size, etherType(kind)
}

// erspan3 is the header of a mirrored frame, third version (draft-foschiano-erspan).
func erspan3(b []byte) (int, protocol) {
	const subheader, ipFrame = 1, 2
	size := 12
	if b[11]&subheader != 0 {
		size += 8
	}
	if b[10]>>2&0x1f == ipFrame {
		return size, protoIP
	}
	return size, protoEthernet
}

// wccp is a packet that a web cache protocol redirected: version 2 puts four
// bytes before it.
func wccp(b []byte) (int, protocol) {
	if b[0]>>4 == 4 {
		return 0, protoIPv4
	}
	return 4, protoIP
}

// vxlanGPE is VXLAN's generic extension (draft-ietf-nvo3-vxlan-gpe).
func vxlanGPE(b []byte) (int, protocol) {
	const hasProtocol = 0x04
	if b[0]&hasProtocol == 0 {
		return 8, protoEthernet
	}
	return 8, innerProtocol(b[3])
}

// geneve is RFC 8926's header.
func geneve(b []byte) (int, protocol) {
	return 8 + 4*int(b[0]&0x3f), etherType(binary.BigEndian.Uint16(b[2:]))
}

// gtp is the GPRS tunnelling protocol's user plane (3GPP TS 29.281), or version 0
// of the protocol (GSM 09.60).
func gtp(b []byte) (int, protocol) {
	const userData, protocolType, optional, extended = 255, 0x10, 0x07, 0x04
	switch version := b[0] >> 5; {
	case b[1] != userData || b[0]&protocolType == 0:
		return 8, protoOther
	case version == 0:
		return 20, protoIP
	case version != 1:
		return 8, protoOther
	}
	size := 8
	if b[0]&optional == 0 {
		return size, protoIP
	}
	size += 4
	if len(b) < size {
		return size, protoOther
	}
	for next := b[size-1]; b[0]&extended != 0 && next != 0; next = b[size-1] {
		if len(b) <= size || b[size] == 0 {
			return size + 1, protoOther
		}
		size += 4 * int(b[size])
		if len(b) < size {
			return size, protoOther
		}
	}
	return size, protoIP
}

// teredo is what may stand before the IPv6 packet (RFC 4380): an authentication,
// an indication of origin.
func teredo(b []byte) (int, protocol) {
	const origin, authentication = 0, 1
	size := 0
	if binary.BigEndian.Uint16(b) == authentication {
		if len(b) < 4 {
			return 4, protoOther
		}
		size += 13 + int(b[2]) + int(b[3])
	}
	if len(b) >= size+2 && binary.BigEndian.Uint16(b[size:]) == origin {
		size += 8
	}
	return size, protoIPv6
}

// l2tp is a data message of version 2 (RFC 2661).
func l2tp(b []byte) (int, protocol) {
	const control, length, sequence, offset = 0x80, 0x40, 0x08, 0x02
	size := 6
	if b[0]&control != 0 || b[1]&0x0f != 2 {
		return size, protoOther
	}
	if b[0]&length != 0 {
		size += 2
	}
	if b[0]&sequence != 0 {
		size += 4
	}
	if b[0]&offset != 0 {
		if len(b) < size+2 {
			return size + 2, protoOther
		}
		size += 2 + int(binary.BigEndian.Uint16(b[size:]))
	}
	return size, protoPPP
}

// ayiya is "anything in anything" (draft-massar-v6ops-ayiya): an identity, a signature.
func ayiya(b []byte) (int, protocol) {
	const forward = 1
	if b[2]&0x0f != forward {
		return 8, protoOther
	}
	return 8 + 1<<(b[0]>>4) + 4*int(b[1]>>4), ipProtocol(b[3])
}

// tzsp is the TaZmen sniffer protocol: tagged fields, then the frame.
func tzsp(b []byte) (int, protocol) {
	const received, ethernet, dot11, padding, end = 0, 1, 18, 0, 1
	next := protoOther
	switch binary.BigEndian.Uint16(b[2:]) {
	case ethernet:
		next = protoEthernet
	case dot11:
		next = protoDot11
	}
	if b[0] != 1 || b[1] != received {
		return 4, protoOther
	}
	for at := 4; at < len(b); {
		switch b[at] {
		case end:
			return at + 1, next
		case padding:
			at++
			continue
		}
		if at+1 >= len(b) {
			break
		}
		at += 2 + int(b[at+1])
	}
	return len(b) + 1, protoOther
}
