package capture

import (
	"encoding/binary"
	"net/netip"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"tcpviz/fsm"
)

// SkipReason is the error of a frame from which no segment can be had: a short
// reason, the same for all frames of the kind.
type SkipReason string

// The reasons.
const (
	SkipNotTCP    SkipReason = "not-tcp"           // something else than TCP
	SkipFragment  SkipReason = "fragment"          // a fragment of an IP packet that does not hold the TCP header
	SkipTruncated SkipReason = "truncated"         // cut before the end of the TCP header by the capture's snapshot length
	SkipMalformed SkipReason = "malformed"         // headers that contradict themselves
	SkipLinkType  SkipReason = "unknown-link-type" // a link type that is not understood
)

// Error gives the reason.
func (r SkipReason) Error() string { return string(r) }

// maxHeaders bounds the bytes that are looked at: an IP packet without a length
// of its own (segmentation offload) may hold more than gopacket can count.
const maxHeaders = 1<<16 - 1

// Decoder finds the TCP segments in frames. It keeps no memory of the frames
// before; one Decoder must not be used by two goroutines at once.
type Decoder struct {
	ethernet layers.Ethernet
	dot1q    layers.Dot1Q
	loopback layers.Loopback
	sll      layers.LinuxSLL
	sll2     linuxSLL2
	ip4      ipv4
	ip6      ipv6
	tcp      tcp

	byLink map[LinkType]*gopacket.DecodingLayerParser
	// The raw link types say nothing of the IP version.
	raw4, raw6 *gopacket.DecodingLayerParser
	found      []gopacket.LayerType // the layers of the frame
}

// NewDecoder gives a decoder for all the link types listed above, with any
// number of VLAN tags, IPv4, and IPv6 with extension headers.
func NewDecoder() *Decoder {
	d := &Decoder{found: make([]gopacket.LayerType, 0, 16)}
	var all gopacket.DecodingLayerContainer = gopacket.DecodingLayerArray{}
	for _, l := range []gopacket.DecodingLayer{&d.ip4, &d.tcp, &d.ip6, &d.dot1q, &d.ethernet, &d.loopback, &d.sll, &d.sll2} {
		all = all.Put(l)
	}
	parser := func(first gopacket.LayerType) *gopacket.DecodingLayerParser {
		p := gopacket.NewDecodingLayerParser(first)
		p.SetDecodingLayerContainer(all)
		p.IgnoreUnsupported = true
		return p
	}
	d.raw4, d.raw6 = parser(layers.LayerTypeIPv4), parser(layers.LayerTypeIPv6)
	loopback := parser(layers.LayerTypeLoopback)
	d.byLink = map[LinkType]*gopacket.DecodingLayerParser{
		LinkTypeEthernet:  parser(layers.LayerTypeEthernet),
		LinkTypeNull:      loopback,
		LinkTypeLoop:      loopback,
		LinkTypeLinuxSLL:  parser(layers.LayerTypeLinuxSLL),
		LinkTypeLinuxSLL2: parser(layerTypeLinuxSLL2),
		LinkTypeIPv4:      d.raw4,
		LinkTypeIPv6:      d.raw6,
	}
	return d
}

// Decode gives the TCP segment that the frame holds, or a [SkipReason]. Len of
// the segment comes from the IP header, so that Ethernet's padding does not
// count and octets that the capture cut off do. Of a fragmented IP packet the
// first fragment gives the segment, with the octets that it holds itself.
func (d *Decoder) Decode(p Packet) (Decoded, error) {
	parser := d.parser(p)
	if parser == nil {
		return Decoded{}, SkipLinkType
	}
	err := parser.DecodeLayers(p.Data[:min(len(p.Data), maxHeaders)], &d.found)
	var last, network gopacket.LayerType
	for _, layer := range d.found {
		last = layer
		if layer == layers.LayerTypeIPv4 || layer == layers.LayerTypeIPv6 {
			network = layer
		}
	}
	if last != layers.LayerTypeTCP {
		return Decoded{}, d.reason(p, last, err)
	}
	return d.segment(p, network)
}

func (d *Decoder) parser(p Packet) *gopacket.DecodingLayerParser {
	switch p.LinkType {
	case LinkTypeRaw, linkTypeRawBSD, linkTypeRawOpenBSD:
		if len(p.Data) > 0 && p.Data[0]>>4 == 6 {
			return d.raw6
		}
		return d.raw4
	}
	return d.byLink[p.LinkType]
}

// reason says why there is no segment, when decoding ended behind the layer
// last with err.
func (d *Decoder) reason(p Packet, last gopacket.LayerType, err error) SkipReason {
	next, more := gopacket.LayerTypeZero, false
	switch last {
	case layers.LayerTypeIPv4:
		next, more = d.ip4.NextLayerType(), d.ip4.Flags&layers.IPv4MoreFragments != 0
	case layers.LayerTypeIPv6:
		next, more = d.ip6.NextLayerType(), d.ip6.more
	}
	switch {
	case next == gopacket.LayerTypeFragment, next == layers.LayerTypeTCP && more:
		return SkipFragment
	case err == nil && next != layers.LayerTypeTCP:
		return SkipNotTCP
	case p.Length > len(p.Data):
		return SkipTruncated
	}
	return SkipMalformed
}

// segment puts together what the layers say, network being the innermost IP.
func (d *Decoder) segment(p Packet, network gopacket.LayerType) (Decoded, error) {
	// No stack makes packets larger than maxFrame, whatever a file may claim.
	wire := max(min(p.Length, maxFrame), len(p.Data))
	out := Decoded{TCPOffset: offsetIn(p.Data, d.tcp.Contents)}
	var total int // length of the IP packet, 0 when segmentation offload left it open
	if network == layers.LayerTypeIPv4 {
		out.NetOffset = offsetIn(p.Data, d.ip4.Contents)
		// From the bytes: gopacket puts its own value in the place of 0.
		total = int(binary.BigEndian.Uint16(p.Data[out.NetOffset+2:]))
		out.Src, out.Dst = d.ends(netip.AddrFrom4([4]byte(d.ip4.SrcIP)), netip.AddrFrom4([4]byte(d.ip4.DstIP)))
	} else {
		out.NetOffset = offsetIn(p.Data, d.ip6.Contents)
		total = d.ip6.length
		out.Src, out.Dst = d.ends(netip.AddrFrom16([16]byte(d.ip6.src)), netip.AddrFrom16([16]byte(d.ip6.dst)))
	}
	end := wire
	if total > 0 {
		end = min(end, out.NetOffset+total)
	}
	payload := out.TCPOffset + 4*int(d.tcp.DataOffset)
	if payload > end {
		return Decoded{}, SkipMalformed
	}
	// Both stay inside Data when the header itself was cut.
	out.PayloadOffset = min(payload, len(p.Data))
	out.Payload = p.Data[out.PayloadOffset:max(out.PayloadOffset, min(end, len(p.Data)))]
	header := p.Data[out.TCPOffset:out.PayloadOffset]
	out.Segment = fsm.Segment{
		Seq:     fsm.Seq(d.tcp.Seq),
		Ack:     fsm.Seq(d.tcp.Ack),
		Flags:   fsm.Flags(header[13]), // the same order of bits
		Window:  d.tcp.Window,
		Len:     uint32(end - payload),
		Options: tcpOptions(header[20:]),
	}
	return out, nil
}

func (d *Decoder) ends(src, dst netip.Addr) (netip.AddrPort, netip.AddrPort) {
	return netip.AddrPortFrom(src, uint16(d.tcp.SrcPort)), netip.AddrPortFrom(dst, uint16(d.tcp.DstPort))
}

// offsetIn tells where in data the layer begins. A layer's bytes are cut from data,
// so that both have the same end of capacity.
func offsetIn(data, layer []byte) int { return cap(data) - cap(layer) }
