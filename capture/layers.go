package capture

import (
	"encoding/binary"
	"errors"
	"net/netip"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
)

// The layers here complete gopacket's where its own give up a packet that still
// holds a segment, or have no decoder at all.

var (
	errTooShort = errors.New("header too short")
	errVersion  = errors.New("wrong IP version")
)

// ipv4 is gopacket's, but checks the version, and keeps a header whose options are broken.
type ipv4 struct{ layers.IPv4 }

func (ip *ipv4) DecodeFromBytes(data []byte, feedback gopacket.DecodeFeedback) error {
	if len(data) > 0 && data[0]>>4 != 4 {
		return errVersion
	}
	err := ip.IPv4.DecodeFromBytes(data, feedback)
	if err != nil && ip.Payload != nil && len(data) >= 20 {
		return nil // it had come as far as the options
	}
	return err
}

// finalDestination4 gives the last address of a source route (RFC 791) that has
// not been followed to its end: the packet's true destination, which TCP knows it by.
func finalDestination4(options []byte) (last netip.Addr, ok bool) {
	const end, nop, loose, strict = 0, 1, 131, 137
	for len(options) >= 2 && options[0] != end {
		if options[0] == nop {
			options = options[1:]
			continue
		}
		size := int(options[1])
		if size < 2 || size > len(options) {
			break
		}
		if kind := options[0]; (kind == loose || kind == strict) && size >= 7 && int(options[2]) <= size {
			return netip.AddrFrom4([4]byte(options[size-4 : size])), true
		}
		options = options[size:]
	}
	return last, false
}

// tcp is gopacket's, but keeps a header whose options are cut off or broken:
// what the state machine needs stands before them.
type tcp struct{ layers.TCP }

func (t *tcp) DecodeFromBytes(data []byte, feedback gopacket.DecodeFeedback) error {
	err := t.TCP.DecodeFromBytes(data, feedback)
	if err != nil && len(data) >= 20 && t.DataOffset >= 5 {
		return nil
	}
	return err
}

// ipv6 is the IPv6 header with its extension headers (RFC 8200). gopacket's
// refuses a payload length of 0 (segmentation offload), counts the length of a
// hop-by-hop header twice, loses its place in a jumbogram, and its skipper of
// extension headers takes later fragments for first ones.
type ipv6 struct {
	layers.BaseLayer                   // Contents are all the headers
	src, dst         []byte            // addresses
	protocol         layers.IPProtocol // what follows the headers
	length           int               // of the whole packet, 0 when it does not say
	fragment         bool              // not the first of a fragmented packet
	more             bool              // more fragments follow
	fragmentAt       int               // where the fragment header is
	namedAt          int               // and where the byte is that says so
}

// The extension headers that can stand before TCP.
const (
	headerHopByHop    = 0
	headerRouting     = 43
	headerFragment    = 44
	headerAH          = 51
	headerDestination = 60
	headerMobility    = 135
	headerHIP         = 139
	headerShim6       = 140
)

func (ip *ipv6) DecodeFromBytes(data []byte, feedback gopacket.DecodeFeedback) error {
	if len(data) < 40 {
		feedback.SetTruncated()
		return errTooShort
	}
	if data[0]>>4 != 6 {
		return errVersion
	}
	ip.src, ip.dst, ip.length = data[8:24], data[24:40], 0
	ip.fragment, ip.more = false, false
	if n := int(binary.BigEndian.Uint16(data[4:])); n > 0 {
		ip.length = 40 + n
	}
	next, at, named := data[6], 40, 6
	for !ip.fragment {
		rest := data[at:]
		size, ok := extensionSize(next, rest)
		if !ok {
			break
		}
		if size > len(rest) {
			feedback.SetTruncated()
			return errTooShort
		}
		switch next {
		case headerHopByHop:
			if n := jumboLength(rest[2:size]); n > 0 && ip.length == 0 {
				ip.length = 40 + n
			}
		case headerFragment:
			place := binary.BigEndian.Uint16(rest[2:])
			ip.fragment, ip.more = place>>3 != 0, place&1 != 0
			ip.fragmentAt, ip.namedAt = at, named
		case headerRouting:
			if last := finalDestination6(rest[:size]); last != nil {
				ip.dst = last
			}
		}
		next, named = rest[0], at
		at += size
	}
	ip.protocol = layers.IPProtocol(next)
	ip.BaseLayer = layers.BaseLayer{Contents: data[:at], Payload: data[at:]}
	return nil
}

// extensionSize gives the size of the extension header of that kind at the
// start of b; ok is false when the kind is not an extension header's.
func extensionSize(kind byte, b []byte) (size int, ok bool) {
	size = 8
	switch kind {
	case headerHopByHop, headerRouting, headerDestination, headerMobility, headerHIP, headerShim6:
		if len(b) >= 2 {
			size += 8 * int(b[1])
		}
	case headerAH:
		if len(b) >= 2 {
			size += 4 * int(b[1])
		}
	case headerFragment:
	default:
		return 0, false
	}
	return size, true
}

// jumboLength finds the jumbo payload option (RFC 2675); 0 when there is none.
func jumboLength(options []byte) int {
	const pad1, jumbo = 0, 0xc2
	for len(options) >= 2 {
		size := 1
		if options[0] != pad1 {
			size = 2 + int(options[1])
		}
		if options[0] == jumbo && size == 6 && len(options) >= 6 {
			return int(min(binary.BigEndian.Uint32(options[2:]), 1<<30))
		}
		options = options[min(size, len(options)):]
	}
	return 0
}

// finalDestination6 gives the last address of a routing header with segments
// left: the packet's true destination, which TCP knows it by.
func finalDestination6(header []byte) []byte {
	const addresses = 8 // where they begin
	const source, mobility, segments = 0, 2, 4
	if header[3] == 0 || len(header) < addresses+16 {
		return nil
	}
	switch header[2] {
	case source: // RFC 2460: the last
		return header[len(header)-16:]
	case mobility, segments: // RFC 6275: the only one; RFC 8754: the first, since they stand in reverse
		return header[addresses : addresses+16]
	}
	return nil
}
