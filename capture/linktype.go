package capture

import "encoding/binary"

// The link types that a [Decoder] understands (the registry of LINKTYPE_ values).
const (
	LinkTypeNull      LinkType = 0   // BSD loopback: the address family in the host's byte order
	LinkTypeEthernet  LinkType = 1   // IEEE 802.3
	LinkTypeRaw       LinkType = 101 // an IPv4 or IPv6 packet, told apart by its version
	LinkTypeLoop      LinkType = 108 // OpenBSD loopback: the address family in network byte order
	LinkTypeLinuxSLL  LinkType = 113 // Linux "cooked" capture
	LinkTypeIPv4      LinkType = 228 // an IPv4 packet
	LinkTypeIPv6      LinkType = 229 // an IPv6 packet
	LinkTypeLinuxSLL2 LinkType = 276 // Linux "cooked" capture, second version

	// The rest is read, never written.
	linkTypeTokenRing      LinkType = 6
	linkTypePPP            LinkType = 9
	linkTypeFDDI           LinkType = 10
	linkTypeATM            LinkType = 11
	linkTypeRawBSD         LinkType = 12 // a value of DLT_RAW that some systems write
	linkTypeRawOpenBSD     LinkType = 14 // another
	linkTypePPPSerial      LinkType = 50
	linkTypePPPEther       LinkType = 51
	linkTypeCiscoHDLC      LinkType = 104
	linkTypeDot11          LinkType = 105
	linkTypeFrameRelay     LinkType = 107
	linkTypeOpenBSDEnc     LinkType = 109
	linkTypePFLog          LinkType = 117
	linkTypePrism          LinkType = 119
	linkTypeSunATM         LinkType = 123
	linkTypeRadiotap       LinkType = 127
	linkTypeFireWire       LinkType = 138
	linkTypePktap          LinkType = 149 // as macOS writes it
	linkTypeAVS            LinkType = 163
	linkTypeJuniperEther   LinkType = 178
	linkTypePPI            LinkType = 192
	linkTypePPPDirection   LinkType = 204
	linkTypeCiscoDirection LinkType = 205
	linkTypeFrameDirection LinkType = 206
	linkTypeNFLog          LinkType = 239
	linkTypePktapRegistry  LinkType = 258
)

// firstHeader tells how frames of the link type begin, and where: some link types
// put a header of the capturing system before the frame.
func firstHeader(link LinkType, b []byte) (p protocol, at int, err error) {
	switch link {
	case LinkTypeEthernet:
		return protoEthernet, 0, nil
	case LinkTypeNull, LinkTypeLoop:
		return protoLoopback, 0, nil
	case LinkTypeRaw, linkTypeRawBSD, linkTypeRawOpenBSD:
		return protoIP, 0, nil
	case LinkTypeIPv4:
		return protoIPv4, 0, nil
	case LinkTypeIPv6:
		return protoIPv6, 0, nil
	case LinkTypeLinuxSLL:
		return protoSLL, 0, nil
	case LinkTypeLinuxSLL2:
		return protoSLL2, 0, nil
	case linkTypeTokenRing:
		return protoTokenRing, 0, nil
	case linkTypeFDDI:
		return protoFDDI, 0, nil
	case linkTypeATM:
		return protoLLC, 0, nil
	case linkTypeSunATM:
		return protoSunATM, 0, nil
	case linkTypePPP, linkTypePPPSerial:
		return protoPPP, 0, nil
	case linkTypePPPEther:
		return protoPPPoE, 0, nil
	case linkTypeCiscoHDLC:
		return protoCiscoHDLC, 0, nil
	case linkTypeFrameRelay:
		return protoFrameRelay, 0, nil
	case linkTypePPPDirection:
		return protoPPP, 1, nil
	case linkTypeCiscoDirection:
		return protoCiscoHDLC, 1, nil
	case linkTypeFrameDirection:
		return protoFrameRelay, 1, nil
	case linkTypeFireWire:
		return protoFireWire, 0, nil
	case linkTypeOpenBSDEnc:
		return protoIP, 12, nil
	case linkTypePFLog:
		return protoPFLog, 0, nil
	case linkTypeJuniperEther:
		return protoJuniperEther, 0, nil
	case linkTypeNFLog:
		return protoNFLog, 0, nil
	case linkTypeDot11:
		return protoDot11, 0, nil
	case linkTypeRadiotap:
		return protoRadiotap, 0, nil
	case linkTypePrism, linkTypeAVS:
		return protoPrism, 0, nil
	case linkTypePPI, linkTypePktap, linkTypePktapRegistry:
		return wrapped(link, b)
	}
	return protoOther, 0, SkipLinkType
}

// wrapped finds the frame inside a link type that only adds a header to another one.
func wrapped(link LinkType, b []byte) (p protocol, at int, err error) {
	const least = 12 // the fields that are looked at
	if len(b) < least {
		return protoOther, 0, errTooShort
	}
	var inner LinkType
	if link == linkTypePPI {
		at, inner = int(binary.LittleEndian.Uint16(b[2:])), LinkType(binary.LittleEndian.Uint32(b[4:]))
	} else {
		at, inner = int(min(binary.LittleEndian.Uint32(b), maxHeaders)), LinkType(binary.LittleEndian.Uint32(b[8:]))
	}
	switch inner {
	case linkTypePPI, linkTypePktap, linkTypePktapRegistry:
		return protoOther, 0, SkipLinkType // nobody wraps twice
	}
	p, skip, err := firstHeader(inner, nil)
	return p, at + skip, err
}
