package filter

import (
	"encoding/binary"
	"net/netip"
	"strconv"
	"strings"

	"tcpviz/fsm"
)

// network holds the addresses that have the bits of value where mask has ones. The
// zero value holds every address. The bits of an IPv4 address are the upper ones of value[0].
type network struct {
	family      family
	value, mask [2]uint64
	// The first and the last of the addresses, with the lowest and the highest port, and
	// whether all between them belong to the network: with an odd mask they do not.
	first, last fsm.Address
	gapless     bool
}

type family uint8

const (
	anyFamily family = iota
	fourFamily
	sixFamily
)

// settle works out what follows from the family, the value and the mask.
func (n *network) settle() {
	end := [2]uint64{n.value[0] | ^n.mask[0], n.value[1] | ^n.mask[1]}
	switch n.family {
	case fourFamily:
		n.first, n.last = fourAddress(n.value[0], 0), fourAddress(end[0], anyPort.last)
		n.gapless = ^n.mask[0]&(^n.mask[0]+1) == 0
	case sixFamily:
		n.first, n.last = sixAddress(n.value, 0), sixAddress(end, anyPort.last)
		n.gapless = true // there is no syntax for another mask
	case anyFamily:
	}
}

func (n *network) holds(a *fsm.Address) bool {
	if n.family == anyFamily {
		return true
	}
	return n.first.Compare(*a) <= 0 && a.Compare(n.last) <= 0 &&
		(n.gapless || (fourBits(a.Addr())^n.value[0])&n.mask[0] == 0)
}

// bounds reports whether the network has no bit of its value outside of its mask.
func (n *network) bounds() bool {
	return n.value[0]&^n.mask[0] == 0 && n.value[1]&^n.mask[1] == 0
}

func fourBits(a netip.Addr) uint64 {
	b := a.As4()
	return uint64(binary.BigEndian.Uint32(b[:])) << 32
}

func fourAddress(bits uint64, port uint16) fsm.Address {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], uint32(bits>>32))
	return fsm.AddressOf(netip.AddrPortFrom(netip.AddrFrom4(b), port))
}

func sixAddress(bits [2]uint64, port uint16) fsm.Address {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], bits[0])
	binary.BigEndian.PutUint64(b[8:], bits[1])
	return fsm.AddressOf(netip.AddrPortFrom(netip.AddrFrom16(b), port))
}

func sixBits(a netip.Addr) [2]uint64 {
	b := a.As16()
	return [2]uint64{binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])}
}

// prefixMask gives a mask of so many leading ones.
func prefixMask(length int) [2]uint64 {
	return [2]uint64{^(^uint64(0) >> min(length, 64)), ^(^uint64(0) >> max(length-64, 0))}
}

// fourNetwork reads an IPv4 address, or the first one to three numbers of one, which
// stand for the net that begins so: 10.1 is 10.1.0.0/16.
func fourNetwork(text string) (n network, parts int, ok bool) {
	var value uint64
	for part := range strings.SplitSeq(text, ".") {
		octet, ok := decimal(part, 255)
		if parts++; !ok || parts > 4 {
			return network{}, 0, false
		}
		value = value<<8 | octet
	}
	bits := 8 * parts
	return network{family: fourFamily, value: [2]uint64{value << (64 - bits)}, mask: prefixMask(bits)}, parts, true
}

// sixNetwork reads an IPv6 address, without a zone.
func sixNetwork(text string) (network, bool) {
	a, err := netip.ParseAddr(text)
	if err != nil || !a.Is6() || a.Zone() != "" {
		return network{}, false
	}
	return network{family: sixFamily, value: sixBits(a), mask: prefixMask(128)}, true
}

// endpoint reads an address with its port: 10.0.0.1:80, [::1]:80, or an IPv6
// address in brackets without one.
func endpoint(text string) (network, portRange, bool) {
	host, port, hasPort := text, "", false
	if inner, rest, ok := strings.Cut(strings.TrimPrefix(text, "["), "]"); ok {
		host = inner
		if rest != "" {
			port, hasPort = strings.CutPrefix(rest, ":")
		}
		n, ok := sixNetwork(host)
		return endpointAt(n, ok && (rest == "" || hasPort), port, hasPort)
	}
	host, port, hasPort = strings.Cut(text, ":")
	n, parts, ok := fourNetwork(host)
	return endpointAt(n, ok && hasPort && parts == 4, port, hasPort)
}

func endpointAt(n network, ok bool, port string, hasPort bool) (network, portRange, bool) {
	if !ok || !hasPort {
		return n, anyPort, ok
	}
	number, ok := decimal(port, 65535)
	return n, portRange{uint16(number), uint16(number)}, ok
}

// decimal reads a number of decimal digits alone.
func decimal(text string, most uint64) (uint64, bool) {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return 0, false
		}
	}
	n, err := strconv.ParseUint(text, 10, 64)
	return n, err == nil && n <= most
}

// cNumber reads a number as C and tcpdump do: octal after 0, hexadecimal after 0x.
// It has 32 bits. looks tells that the text is meant as a number.
func cNumber(text string) (n uint32, looks, ok bool) {
	digits, base := text, 10
	switch {
	case len(text) > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X'):
		digits, base = text[2:], 16
	case len(text) > 1 && text[0] == '0':
		digits, base = text[1:], 8
	}
	for i := range len(digits) {
		c := digits[i]
		hexadecimal := base == 16 && (c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F')
		if (c < '0' || c > '9') && !hexadecimal {
			return 0, false, false
		}
	}
	v, err := strconv.ParseUint(digits, base, 32)
	return uint32(v), digits != "", err == nil
}
