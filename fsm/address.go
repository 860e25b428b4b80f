package fsm

import (
	"net/netip"
	"strconv"
)

// Address is an IP address and a port: a comparable value without a pointer in
// it, so that a million of them cost the garbage collector nothing. It has no
// zone. The zero value is no address.
type Address struct {
	high, low uint64 // of an IPv4 address low alone
	port      uint16
	family    family
}

type family uint8

const (
	noFamily family = iota
	fourFamily
	sixFamily
)

// AddressOf gives the address without its zone. An IPv6 address that holds an
// IPv4 one stays an IPv6 address.
func AddressOf(a netip.AddrPort) Address {
	switch ip := a.Addr(); {
	case ip.Is4():
		b := ip.As4()
		return Address{low: number(b[:]), port: a.Port(), family: fourFamily}
	case ip.Is6():
		b := ip.As16()
		return Address{number(b[:8]), number(b[8:]), a.Port(), sixFamily}
	}
	return Address{}
}

// AddressOf4 gives the IPv4 address that is the number.
func AddressOf4(number uint32, port uint16) Address {
	return Address{low: uint64(number), port: port, family: fourFamily}
}

// AddrPort gives the address as net/netip has it.
func (a Address) AddrPort() netip.AddrPort { return netip.AddrPortFrom(a.Addr(), a.port) }

// Addr gives the IP address.
func (a Address) Addr() netip.Addr {
	switch a.family {
	case fourFamily:
		var b [4]byte
		put(b[:], a.low)
		return netip.AddrFrom4(b)
	case sixFamily:
		var b [16]byte
		put(b[:8], a.high)
		put(b[8:], a.low)
		return netip.AddrFrom16(b)
	}
	return netip.Addr{}
}

// number reads octets, the most significant first.
func number(b []byte) (n uint64) {
	for _, octet := range b {
		n = n<<8 | uint64(octet)
	}
	return n
}

// put writes as many octets of a number as there is room for.
func put(b []byte, n uint64) {
	for i := range b {
		b[len(b)-1-i] = byte(n >> (8 * i))
	}
}

// Port gives the port.
func (a Address) Port() uint16 { return a.port }

// Compare orders addresses: IPv4 before IPv6, then by address, then by port.
func (a Address) Compare(b Address) int {
	switch {
	case a == b:
		return 0
	case a.family != b.family:
		return sign(a.family < b.family)
	case a.high != b.high:
		return sign(a.high < b.high)
	case a.low != b.low:
		return sign(a.low < b.low)
	}
	return sign(a.port < b.port)
}

func sign(less bool) int {
	if less {
		return -1
	}
	return 1
}

// String gives "127.0.0.1:80", "[::1]:80", and "" for no address.
func (a Address) String() string { return string(a.AppendTo(nil)) }

// AppendTo appends what String gives.
func (a Address) AppendTo(b []byte) []byte {
	switch a.family {
	case noFamily:
		return b
	case sixFamily:
		return a.AddrPort().AppendTo(b)
	}
	for shift := 24; shift >= 0; shift -= 8 {
		b = strconv.AppendUint(b, a.low>>shift&0xff, 10)
		b = append(b, '.')
	}
	b[len(b)-1] = ':'
	return strconv.AppendUint(b, uint64(a.port), 10)
}

// Spread gives a number that tells most pairs of ends apart, all of its bits but the
// lowest evenly spread. It is the same whichever of the two comes first.
func Spread(a, b Address) uint64 {
	x := a.low ^ a.high ^ uint64(a.port)<<32
	y := b.low ^ b.high ^ uint64(b.port)<<32
	n := (x + y) * 0x9e3779b97f4a7c15 // 2^64 divided by the golden ratio
	return n ^ n>>32
}

// pair is two ends without a direction: the lesser comes first.
type pair [2]Address

// fourPair is a pair of IPv4 ends, each packed into one number. It is looked up
// faster than a pair.
type fourPair [2]uint64

// pairOf gives the key of two ends.
func pairOf(a, b Address) pair {
	if b.Compare(a) < 0 {
		a, b = b, a
	}
	return pair{a, b}
}

// fourPairOf gives the key of two ends when both are IPv4.
func fourPairOf(a, b Address) (key fourPair, ok bool) {
	if a.family != fourFamily || b.family != fourFamily {
		return key, false
	}
	x, y := a.low<<16|uint64(a.port), b.low<<16|uint64(b.port)
	return fourPair{min(x, y), max(x, y)}, true
}
