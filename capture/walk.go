package capture

import (
	"encoding/binary"
	"net/netip"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
)

// maxNesting bounds the headers of one frame.
const maxNesting = 64

// walk is the way through the headers of one frame, from the outermost inwards.
type walk struct {
	data        []byte // what offsets count in: the frame, or a packet put together from fragments
	end         int    // where in data the packet ends, by the innermost length so far; more than len(data) when the frame was cut
	time        time.Time
	network     int // where the innermost IP header begins, -1 before there is one
	src, dst    netip.Addr
	guessed     bool // a port number alone says what follows: it may be wrong
	reassembled bool // data is no frame any more
}

// follow reads the headers from b on, the first of which is of the protocol next,
// as far as that of TCP, which it leaves in d.tcp.
func (d *Decoder) follow(w *walk, next protocol, b []byte) (err error) {
	for range maxNesting {
		switch next {
		case protoTCP:
			if w.network < 0 {
				return SkipNotTCP
			}
			return d.tcp.DecodeFromBytes(b, gopacket.NilDecodeFeedback)
		case protoOther:
			return SkipNotTCP
		case protoEthernet:
			next, b, err = d.enterEthernet(w, b)
		case protoIPv4:
			next, b, err = d.enterIPv4(w, b)
		case protoIPv6:
			next, b, err = d.enterIPv6(w, b)
		case protoUDP:
			next, b, err = enterUDP(w, b)
		case protoPPPoE:
			w.endBehind(b, 6, lengthOfPPPoE(b))
			next, b, err = enterPlain(next, b)
		default:
			next, b, err = enterPlain(next, b)
		}
		if err != nil {
			return err
		}
	}
	return SkipNested
}

func enterPlain(p protocol, b []byte) (protocol, []byte, error) {
	header := &plainHeaders[p]
	if len(b) < header.least {
		return protoOther, nil, errTooShort
	}
	size, next := header.read(b)
	if next == protoOther {
		return protoOther, nil, nil
	}
	if size > len(b) {
		return protoOther, nil, errTooShort
	}
	return next, b[size:], nil
}

// endBehind notes that so many bytes follow a header of that size at the start of b,
// and that what may come behind them is padding.
func (w *walk) endBehind(b []byte, size, length int) {
	if length > 0 {
		w.end = min(w.end, offsetIn(w.data, b)+size+length)
	}
}

func (d *Decoder) enterEthernet(w *walk, b []byte) (protocol, []byte, error) {
	if err := d.ethernet.DecodeFromBytes(b, gopacket.NilDecodeFeedback); err != nil {
		return protoOther, nil, err
	}
	if d.ethernet.EthernetType == layers.EthernetTypeLLC {
		w.endBehind(b, len(d.ethernet.Contents), int(d.ethernet.Length))
		return protoLLC, d.ethernet.Payload, nil
	}
	return etherType(uint16(d.ethernet.EthernetType)), d.ethernet.Payload, nil
}

func enterUDP(w *walk, b []byte) (protocol, []byte, error) {
	const header = 8
	if len(b) < header {
		return protoOther, nil, nil
	}
	next := udpTunnel(binary.BigEndian.Uint16(b[2:]))
	if next == protoOther {
		next = udpTunnel(binary.BigEndian.Uint16(b))
	}
	w.guessed = true
	return next, b[header:], nil
}

func (d *Decoder) enterIPv4(w *walk, b []byte) (protocol, []byte, error) {
	if err := d.ip4.DecodeFromBytes(b, gopacket.NilDecodeFeedback); err != nil {
		return protoOther, nil, err
	}
	w.network = offsetIn(w.data, b)
	// From the bytes: gopacket puts its own value in the place of 0, which
	// segmentation offload leaves there.
	total := int(binary.BigEndian.Uint16(b[2:]))
	if total > 0 {
		w.end = min(w.end, w.network+total)
	}
	w.src, w.dst = netip.AddrFrom4([4]byte(d.ip4.SrcIP)), netip.AddrFrom4([4]byte(d.ip4.DstIP))
	if d.ip4.IHL > 5 {
		if last, ok := finalDestination4(d.ip4.Contents[20:]); ok {
			w.dst = last
		}
	}
	next := ipProtocol(uint8(d.ip4.Protocol))
	more := d.ip4.Flags&layers.IPv4MoreFragments != 0
	if next == protoOther || d.ip4.FragOffset == 0 && !more {
		return next, d.ip4.Payload, nil
	}
	piece := fragment{
		key:    fragmentKey{src: w.src, dst: w.dst, id: uint32(d.ip4.Id), protocol: uint8(d.ip4.Protocol)},
		offset: 8 * int(d.ip4.FragOffset), more: more, header: d.ip4.Contents, data: d.ip4.Payload,
	}
	return d.enterFragment(w, piece, next, total <= len(b), protoIPv4)
}

func (d *Decoder) enterIPv6(w *walk, b []byte) (protocol, []byte, error) {
	if err := d.ip6.DecodeFromBytes(b, gopacket.NilDecodeFeedback); err != nil {
		return protoOther, nil, err
	}
	w.network = offsetIn(w.data, b)
	if d.ip6.length > 0 {
		w.end = min(w.end, w.network+d.ip6.length)
	}
	w.src, w.dst = netip.AddrFrom16([16]byte(d.ip6.src)), netip.AddrFrom16([16]byte(d.ip6.dst))
	next := ipProtocol(uint8(d.ip6.protocol))
	if !d.ip6.fragment && !d.ip6.more {
		return next, d.ip6.Payload, nil
	}
	at := d.ip6.fragmentAt
	whole := b
	if d.ip6.length > 0 {
		whole = b[:min(len(b), max(d.ip6.length, at+8))]
	}
	piece := fragment{
		key:    fragmentKey{src: w.src, dst: w.dst, id: binary.BigEndian.Uint32(b[at+4:])},
		offset: int(binary.BigEndian.Uint16(b[at+2:]) &^ 7), more: d.ip6.more,
		header: b[:at], named: d.ip6.namedAt, next: b[at], data: whole[at+8:],
	}
	return d.enterFragment(w, piece, next, d.ip6.length <= len(b), protoIPv6)
}

// enterFragment goes on with the whole packet when the fragment completes it. A
// fragment that the capture cut cannot be used for that; when it is the first, which
// holds TCP's header, it is taken for what it is.
func (d *Decoder) enterFragment(w *walk, piece fragment, next protocol, captured bool, ip protocol) (protocol, []byte, error) {
	if !captured {
		if piece.offset == 0 {
			return next, piece.data, nil
		}
		return protoOther, nil, SkipFragment
	}
	packet, err := d.fragments.add(piece, w.time)
	if err != nil {
		return protoOther, nil, err
	}
	w.data, w.end, w.reassembled = packet, len(packet), true
	return ip, packet, nil
}

// offsetIn tells where in data the piece begins. It was cut from data, so that
// both have the same end of capacity.
func offsetIn(data, piece []byte) int { return cap(data) - cap(piece) }
