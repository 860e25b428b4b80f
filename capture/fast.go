package capture

import (
	"encoding/binary"
	"net/netip"

	"tcpviz/fsm"
)

// Nearly all frames of nearly all captures are made of the same few headers. They
// are read here by hand, in a tenth of the time; the walk reads everything else.
// What is read here must be, in every field, what the walk would have read: a
// frame about which there is any doubt is left to it.

// place is where in a frame its headers are.
type place struct {
	network, tcp, payload int
	end                   int // of the packet; more than the frame's length when the frame was cut
}

// fast reads a frame that holds a TCP segment behind one IPv4 header without
// options or one IPv6 header without extensions. When ok is false it tells nothing
// about the frame, and what it has written counts for nothing.
func fast(p *Packet, src, dst *fsm.Address, s *fsm.Segment) (at place, ok bool) {
	const protocolTCP, tcpLeast = 6, 20
	b := p.Data
	if len(b) < longestLink {
		return place{}, false
	}
	var ip protocol
	var network int
	if p.LinkType == LinkTypeEthernet {
		kind := binary.BigEndian.Uint16(b[12:])
		if network = 14; kind == etherTypeVLAN {
			kind, network = binary.BigEndian.Uint16(b[16:]), 18
		}
		ip = fastType(kind)
	} else {
		ip, network = fastLink(p.LinkType, b)
	}
	if ip == protoOther {
		return place{}, false
	}
	h := b[network:]
	var tcp, end int
	if ip == protoIPv4 {
		const least, fragmented = 20, 0x3fff
		if len(h) < least+tcpLeast || h[0] != 0x45 || h[9] != protocolTCP || binary.BigEndian.Uint16(h[6:])&fragmented != 0 {
			return place{}, false
		}
		tcp, end = network+least, network+int(binary.BigEndian.Uint16(h[2:]))
		*src = fsm.AddressOf4(binary.BigEndian.Uint32(h[12:]), binary.BigEndian.Uint16(h[least:]))
		*dst = fsm.AddressOf4(binary.BigEndian.Uint32(h[16:]), binary.BigEndian.Uint16(h[least+2:]))
		h = h[least:]
	} else {
		const least = 40
		if len(h) < least+tcpLeast || h[0]>>4 != 6 || h[6] != protocolTCP {
			return place{}, false
		}
		tcp, end = network+least, network+least+int(binary.BigEndian.Uint16(h[4:]))
		*src = fsm.AddressOf(netip.AddrPortFrom(netip.AddrFrom16([16]byte(h[8:])), binary.BigEndian.Uint16(h[least:])))
		*dst = fsm.AddressOf(netip.AddrPortFrom(netip.AddrFrom16([16]byte(h[24:])), binary.BigEndian.Uint16(h[least+2:])))
		h = h[least:]
	}
	if end > len(b) { // cut, or it claims more than there is
		end = min(end, max(p.Length, len(b)))
	}
	size := 4 * int(h[12]>>4)
	payload := tcp + size
	// Where IP states no length (segmentation offload) the end lies before the payload.
	if size < tcpLeast || size > len(h) || payload > end {
		return place{}, false
	}
	s.Seq = fsm.Seq(binary.BigEndian.Uint32(h[4:]))
	s.Ack = fsm.Seq(binary.BigEndian.Uint32(h[8:]))
	s.Flags = fsm.Flags(h[13])
	s.Window = binary.BigEndian.Uint16(h[14:])
	s.Len = uint32(end - payload)
	s.Options = fsm.Options{}
	switch options := h[tcpLeast:size]; {
	case len(options) == 0:
	case len(options) == 12 && binary.BigEndian.Uint32(options) == timestampsAlone:
		s.Options.HasTimestamps = true
		s.Options.TSVal = binary.BigEndian.Uint32(options[4:])
		s.Options.TSEcr = binary.BigEndian.Uint32(options[8:])
	default:
		readOptions(&s.Options, options)
	}
	return place{network, tcp, payload, end}, true
}

// longestLink is the longest of the link layers' headers that are read here.
const longestLink = 20

// fastLink finds the IP header behind the common link layers but Ethernet.
func fastLink(link LinkType, b []byte) (ip protocol, at int) {
	switch link {
	case LinkTypeLinuxSLL:
		return fastType(binary.BigEndian.Uint16(b[14:])), 16
	case LinkTypeLinuxSLL2:
		return fastType(binary.BigEndian.Uint16(b)), 20
	case LinkTypeRaw, linkTypeRawBSD, linkTypeRawOpenBSD:
		return byVersion(b[0]), 0
	case LinkTypeIPv4:
		return protoIPv4, 0
	case LinkTypeIPv6:
		return protoIPv6, 0
	case LinkTypeNull, LinkTypeLoop:
		at, ip = loopback(b)
		return ip, at
	}
	return protoOther, 0
}

func fastType(kind uint16) protocol {
	switch kind {
	case etherTypeIPv4:
		return protoIPv4
	case etherTypeIPv6:
		return protoIPv6
	}
	return protoOther
}
