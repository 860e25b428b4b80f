package ui

import (
	"encoding/binary"

	"tcpviz/internal/story"
)

// frameParts are the bytes of a frame, layer by layer, as far as they were captured.
// The offsets in a frame are the file's word: everything is checked.
type frameParts struct {
	known  bool   // the headers were kept, and are where they are said to be
	medium medium // what the bytes before the network header are
	// The headers. tunnel is what lies between the link header and the innermost IP
	// header: another IP header, say.
	link, tunnel, ip, tcp, data []byte
	before                      []byte // link and tunnel together
	octets                      int    // of data in the segment; data may hold fewer
	whole                       int    // bytes on the wire
	padding                     int    // bytes behind the packet
	version                     int    // of IP; 0: neither 4 nor 6
	ttl                         int    // or the hop limit
	protocol                    int    // or the next header
}

// medium is a kind of link layer.
type medium uint8

// The kinds of link layer that the picture tells apart.
const (
	noMedium     medium = iota // the bytes begin with IP
	ethernet                   // IEEE 802.3
	loopback                   // the same form, with no addresses: what Linux writes on lo
	bsdLoopback                // 4 bytes that tell the address family
	cooked                     // Linux's stand-in for the real link header
	pointToPoint               // PPP and what is like it
	wireless                   // 802.11
	anotherMedium
)

// mediumNames are what the kinds are called.
var mediumNames = [...]string{
	noMedium: "no link layer", ethernet: "Ethernet", loopback: "loopback", bsdLoopback: "BSD loopback",
	cooked: "Linux cooked", pointToPoint: "PPP", wireless: "802.11", anotherMedium: "link header",
}

// partsOf takes a frame apart.
func partsOf(f *story.Frame) frameParts {
	p := frameParts{octets: int(f.Segment.Len), whole: f.Length}
	if f.NetOffset < 0 || f.TCPOffset <= f.NetOffset || f.PayloadOffset < f.TCPOffset+20 || f.PayloadOffset > len(f.Raw) {
		return p
	}
	p.known = true
	p.tcp = f.Raw[f.TCPOffset:f.PayloadOffset]
	p.data = f.Raw[f.PayloadOffset:]
	p.data = p.data[:min(len(p.data), p.octets)]
	p.padding = max(p.whole-f.PayloadOffset-p.octets, 0)
	p.takeNetwork(f.Raw[f.NetOffset:f.TCPOffset])
	p.takeLink(f.LinkType, f.Raw[:f.NetOffset])
	return p
}

// takeNetwork reads an IP header, extension headers included.
func (p *frameParts) takeNetwork(b []byte) {
	p.ip = b
	switch {
	case len(b) >= 20 && b[0]>>4 == 4:
		p.version, p.ttl, p.protocol = 4, int(b[8]), int(b[9])
	case len(b) >= 40 && b[0]>>4 == 6:
		p.version, p.ttl, p.protocol = 6, int(b[7]), int(b[6])
	}
}

// LINKTYPE_ values (the registry of link-layer header types).
const (
	linkNull     = 0
	linkEthernet = 1
	linkPPP      = 9
	linkRawBSD   = 12
	linkRawOpen  = 14
	linkSerial   = 50
	linkRaw      = 101
	linkHDLC     = 104
	link80211    = 105
	linkLoop     = 108
	linkSLL      = 113
	linkPrism    = 119
	linkRadiotap = 127
	linkAVS      = 163
	linkIPv4     = 228
	linkIPv6     = 229
	linkSLL2     = 276
)

// takeLink finds out what stands before the IP header.
func (p *frameParts) takeLink(linkType uint32, b []byte) {
	n := len(b) // of the link header
	switch linkType {
	case linkRaw, linkIPv4, linkIPv6, linkRawBSD, linkRawOpen:
		p.medium, n = noMedium, 0
	case linkNull, linkLoop:
		p.medium, n = bsdLoopback, 4
	case linkSLL:
		p.medium, n = cooked, 16
	case linkSLL2:
		p.medium, n = cooked, 20
	case linkEthernet:
		p.medium, n = ethernet, ethernetLength(b)
		if len(b) >= 14 && [12]byte(b[:12]) == [12]byte{} {
			p.medium = loopback
		}
	case linkPPP, linkSerial, linkHDLC:
		p.medium = pointToPoint
	case link80211, linkPrism, linkRadiotap, linkAVS:
		p.medium = wireless
	default:
		p.medium = anotherMedium
	}
	n = min(n, len(b))
	p.before, p.link, p.tunnel = b, b[:n], b[n:]
}

// ethernetLength is the length of an Ethernet header with its VLAN tags.
func ethernetLength(b []byte) int {
	n := 14
	for n+4 <= len(b) {
		switch binary.BigEndian.Uint16(b[n-2:]) {
		case 0x8100, 0x88a8, 0x9100:
			n += 4
		default:
			return n
		}
	}
	return n
}

// segment, packet are how long the layers' units are, in bytes.
func (p *frameParts) segment() int { return len(p.tcp) + p.octets }
func (p *frameParts) packet() int  { return len(p.ip) + p.segment() }

// hexFit gives as many bytes as fit into so many columns, in hexadecimal; the ellipsis
// tells that there are more.
func hexFit(b []byte, more bool, width int, ellipsis rune) string {
	const digits = "0123456789abcdef"
	n := min((width+1)/3, len(b))
	if cut := n < len(b) || more; cut && n > 0 && 3*n-1+2 > width {
		n--
	}
	if n <= 0 {
		return ""
	}
	text := make([]byte, 0, 3*n+4)
	for i, x := range b[:n] {
		if i > 0 {
			text = append(text, ' ')
		}
		text = append(text, digits[x>>4], digits[x&15])
	}
	if n < len(b) || more {
		return string(text) + " " + string(ellipsis)
	}
	return string(text)
}
