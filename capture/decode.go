package capture

import (
	"net/netip"

	"github.com/google/gopacket/layers"

	"tcpviz/fsm"
)

// SkipReason is the error of a frame from which no segment can be had: a short
// reason, the same for all frames of the kind.
type SkipReason string

// The reasons.
const (
	SkipNotTCP    SkipReason = "not-tcp"           // something else than TCP
	SkipFragment  SkipReason = "fragment"          // a fragment of an IP packet; the one that completes it gives the segment
	SkipTruncated SkipReason = "truncated"         // cut before the end of the TCP header by the capture's snapshot length
	SkipMalformed SkipReason = "malformed"         // headers that contradict themselves
	SkipNested    SkipReason = "nested-too-deep"   // headers within headers without end
	SkipLinkType  SkipReason = "unknown-link-type" // a link type that is not understood
)

// Error gives the reason.
func (r SkipReason) Error() string { return string(r) }

// maxHeaders bounds the bytes that are looked at: an IP packet without a length
// of its own (segmentation offload) may hold more than gopacket can count.
const maxHeaders = 1<<16 - 1

// Decoder finds the TCP segments in frames: the innermost, where there are
// tunnels. Of the frames before it remembers only IP fragments, until their packet
// is complete, and not more than a few megabytes of them. One Decoder must not be used
// by two goroutines at once.
type Decoder struct {
	ethernet  layers.Ethernet
	ip4       ipv4
	ip6       ipv6
	tcp       tcp
	fragments fragments
}

// NewDecoder gives a decoder.
func NewDecoder() *Decoder { return &Decoder{} }

// Decode gives the TCP segment that the frame holds, or a [SkipReason]. Len of
// the segment comes from the IP header, so that Ethernet's padding does not
// count and octets that the capture cut off do. A fragmented IP packet gives its
// segment with the frame that completes it; if the capture cut its first fragment,
// with that one, and the octets that it holds itself.
func (d *Decoder) Decode(p Packet) (out Decoded, err error) {
	err = d.decode(&p, &out)
	return out, err
}

// decode is Decode without its copies; out is written whole.
func (d *Decoder) decode(p *Packet, out *Decoded) error {
	var src, dst fsm.Address
	at, ok := fast(p, &src, &dst, &out.Segment)
	if !ok {
		return d.walk(p, out)
	}
	out.Src, out.Dst = src.AddrPort(), dst.AddrPort()
	out.Data, out.Reassembled = p.Data, false
	out.NetOffset, out.TCPOffset, out.PayloadOffset = at.network, at.tcp, at.payload
	out.Payload = p.Data[at.payload:max(at.payload, min(at.end, len(p.Data)))]
	return nil
}

// walk decodes any frame, from header to header.
func (d *Decoder) walk(p *Packet, out *Decoded) error {
	// No stack makes packets larger than maxFrame, whatever a file may claim.
	w := walk{data: p.Data, end: max(min(p.Length, maxFrame), len(p.Data)), time: p.Time, network: -1}
	b := p.Data[:min(len(p.Data), maxHeaders)]
	next, at, err := firstHeader(p.LinkType, b)
	if err == nil && at > len(b) {
		err = errTooShort
	}
	if err == nil {
		err = d.follow(&w, next, b[at:])
	}
	if err == nil {
		err = d.segment(&w, out)
	}
	if err != nil {
		*out = Decoded{}
		return w.reason(p, err)
	}
	return nil
}

// reason says in one word why there is no segment.
func (w *walk) reason(p *Packet, err error) error {
	switch _, known := err.(SkipReason); {
	case known:
		return err
	case p.Length > len(p.Data):
		return SkipTruncated
	case w.guessed:
		return SkipNotTCP // the port was used for something else
	}
	return SkipMalformed
}

// segment puts together what the headers say.
func (d *Decoder) segment(w *walk, out *Decoded) error {
	*out = Decoded{
		Src: netip.AddrPortFrom(w.src, uint16(d.tcp.SrcPort)), Dst: netip.AddrPortFrom(w.dst, uint16(d.tcp.DstPort)),
		Data: w.data, Reassembled: w.reassembled,
		NetOffset: w.network, TCPOffset: offsetIn(w.data, d.tcp.Contents),
	}
	payload := out.TCPOffset + 4*int(d.tcp.DataOffset)
	if payload > w.end {
		return SkipMalformed
	}
	// Both stay inside Data when the header itself was cut.
	out.PayloadOffset = min(payload, len(w.data))
	out.Payload = w.data[out.PayloadOffset:max(out.PayloadOffset, min(w.end, len(w.data)))]
	header := w.data[out.TCPOffset:out.PayloadOffset]
	out.Segment = fsm.Segment{
		Seq:    fsm.Seq(d.tcp.Seq),
		Ack:    fsm.Seq(d.tcp.Ack),
		Flags:  fsm.Flags(header[13]), // the same order of bits
		Window: d.tcp.Window,
		Len:    uint32(w.end - payload),
	}
	readOptions(&out.Segment.Options, header[20:])
	return nil
}
