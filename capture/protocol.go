package capture

import "encoding/binary"

// protocol is what a header, or what follows it, is.
type protocol uint8

// The protocols that are followed on the way to TCP.
const (
	protoOther protocol = iota // everything else
	protoTCP
	protoIPv4
	protoIPv6
	protoUDP
	protoEthernet
	// Those below are plain headers: see plainHeader.
	protoIP // IPv4 or IPv6, told apart by its version
	protoAH
	protoLoopback
	protoSLL
	protoSLL2
	protoVLAN
	protoPBB
	protoFabricPath
	protoTRILL
	protoVNTag
	protoETag
	protoCMD
	protoMACsec
	protoLLC
	protoTokenRing
	protoFDDI
	protoSunATM
	protoFireWire
	protoPPP
	protoPPPoE
	protoCiscoHDLC
	protoFrameRelay
	protoMPLS
	protoNSH
	protoPFLog
	protoJuniperEther
	protoNFLog
	protoPrism
	protoRadiotap
	protoDot11
	protoDot11Padded // its header is filled up to a multiple of four bytes
	protoGRE
	protoERSPAN2
	protoERSPAN3
	protoWCCP
	protoEtherIP
	protoVXLAN
	protoVXLANGPE
	protoGeneve
	protoGTP
	protoTeredo
	protoL2TP
	protoAYIYA
	protoLISP
	protoTZSP
	protocols // their number
)

const (
	etherTypeIPv4 = 0x0800
	etherTypeIPv6 = 0x86dd
	etherTypeVLAN = 0x8100
)

// etherType gives the protocol that an Ethernet type (the IEEE's registry)
// stands for; numbers below 1536 are lengths, and LLC follows.
func etherType(n uint16) protocol {
	switch n {
	case etherTypeIPv4:
		return protoIPv4
	case etherTypeIPv6:
		return protoIPv6
	case etherTypeVLAN, 0x88a8, 0x9100, 0x9200, 0x9300:
		return protoVLAN
	case 0x8847, 0x8848:
		return protoMPLS
	case 0x8864:
		return protoPPPoE
	case 0x880b:
		return protoPPP
	case 0x6558: // transparent Ethernet bridging
		return protoEthernet
	case 0x88e7:
		return protoPBB
	case 0x88e5:
		return protoMACsec
	case 0x8903:
		return protoFabricPath
	case 0x22f3:
		return protoTRILL
	case 0x8926:
		return protoVNTag
	case 0x893f:
		return protoETag
	case 0x8909:
		return protoCMD
	case 0x894f:
		return protoNSH
	case 0x88be:
		return protoERSPAN2
	case 0x22eb:
		return protoERSPAN3
	}
	if n < 0x0600 {
		return protoLLC
	}
	return protoOther
}

// ipProtocol gives the protocol that an IP protocol number (IANA's registry)
// stands for. ICMP is not followed: the headers that it quotes are of other packets.
func ipProtocol(n uint8) protocol {
	switch n {
	case 6:
		return protoTCP
	case 17:
		return protoUDP
	case 4:
		return protoIPv4
	case 41:
		return protoIPv6
	case 47:
		return protoGRE
	case headerAH:
		return protoAH
	case 97:
		return protoEtherIP
	case 137:
		return protoMPLS
	case 143:
		return protoEthernet
	}
	return protoOther
}

// udpTunnel gives the protocol of a tunnel that uses the UDP port.
func udpTunnel(port uint16) protocol {
	switch port {
	case 2152, 3386:
		return protoGTP
	case 4789, 8472:
		return protoVXLAN
	case 4790:
		return protoVXLANGPE
	case 6081:
		return protoGeneve
	case 3544:
		return protoTeredo
	case 1701:
		return protoL2TP
	case 4754:
		return protoGRE
	case 6635:
		return protoMPLS
	case 5072:
		return protoAYIYA
	case 4341:
		return protoLISP
	case 37008:
		return protoTZSP
	}
	return protoOther
}

// plainHeader reads a header of which only its size and what follows it matter.
// A size larger than b says that the header is cut off.
type plainHeader func(b []byte) (size int, next protocol)

// plainHeaders are the readers, and the bytes that each needs to see.
var plainHeaders = [protocols]struct {
	least int
	read  plainHeader
}{
	protoIP:           {1, anyIP},
	protoAH:           {12, authenticationHeader},
	protoLoopback:     {4, loopback},
	protoSLL:          {16, func(b []byte) (int, protocol) { return 16, etherType(binary.BigEndian.Uint16(b[14:])) }},
	protoSLL2:         {20, func(b []byte) (int, protocol) { return 20, etherType(binary.BigEndian.Uint16(b)) }},
	protoVLAN:         {4, func(b []byte) (int, protocol) { return 4, etherType(binary.BigEndian.Uint16(b[2:])) }},
	protoPBB:          {4, func([]byte) (int, protocol) { return 4, protoEthernet }},
	protoFabricPath:   {2, func([]byte) (int, protocol) { return 2, protoEthernet }},
	protoTRILL:        {6, func(b []byte) (int, protocol) { return 6 + 4*int(binary.BigEndian.Uint16(b)>>6&31), protoEthernet }},
	protoVNTag:        {6, func(b []byte) (int, protocol) { return 6, etherType(binary.BigEndian.Uint16(b[4:])) }},
	protoETag:         {8, func(b []byte) (int, protocol) { return 8, etherType(binary.BigEndian.Uint16(b[6:])) }},
	protoCMD:          {8, func(b []byte) (int, protocol) { return 8, etherType(binary.BigEndian.Uint16(b[6:])) }},
	protoMACsec:       {8, macsec},
	protoLLC:          {3, llc},
	protoTokenRing:    {15, tokenRing},
	protoFDDI:         {13, func([]byte) (int, protocol) { return 13, protoLLC }},
	protoSunATM:       {4, sunATM},
	protoFireWire:     {18, func(b []byte) (int, protocol) { return 18, etherType(binary.BigEndian.Uint16(b[16:])) }},
	protoPPP:          {1, ppp},
	protoPPPoE:        {6, pppoe},
	protoCiscoHDLC:    {4, func(b []byte) (int, protocol) { return 4, etherType(binary.BigEndian.Uint16(b[2:])) }},
	protoFrameRelay:   {4, frameRelay},
	protoMPLS:         {5, mpls},
	protoNSH:          {8, nsh},
	protoPFLog:        {1, func(b []byte) (int, protocol) { return (int(b[0]) + 3) &^ 3, protoIP }},
	protoJuniperEther: {4, juniperEther},
	protoNFLog:        {4, nflog},
	protoPrism:        {8, prism},
	protoRadiotap:     {8, radiotap},
	protoDot11:        {24, func(b []byte) (int, protocol) { return dot11(b, 1) }},
	protoDot11Padded:  {24, func(b []byte) (int, protocol) { return dot11(b, 4) }},
	protoGRE:          {4, gre},
	protoERSPAN2:      {8, func([]byte) (int, protocol) { return 8, protoEthernet }},
	protoERSPAN3:      {12, erspan3},
	protoWCCP:         {1, wccp},
	protoEtherIP:      {2, func([]byte) (int, protocol) { return 2, protoEthernet }},
	protoVXLAN:        {8, func([]byte) (int, protocol) { return 8, protoEthernet }},
	protoVXLANGPE:     {8, vxlanGPE},
	protoGeneve:       {8, geneve},
	protoGTP:          {8, gtp},
	protoTeredo:       {2, teredo},
	protoL2TP:         {2, l2tp},
	protoAYIYA:        {8, ayiya},
	protoLISP:         {8, func([]byte) (int, protocol) { return 8, protoIP }},
	protoTZSP:         {5, tzsp},
}

func anyIP(b []byte) (int, protocol) { return 0, byVersion(b[0]) }

// byVersion tells IPv4 from IPv6 by the first byte of the packet.
func byVersion(first byte) protocol {
	switch first >> 4 {
	case 4:
		return protoIPv4
	case 6:
		return protoIPv6
	}
	return protoOther
}

// authenticationHeader is IPsec's (RFC 4302) behind an IPv4 header.
func authenticationHeader(b []byte) (int, protocol) { return 4 * (int(b[1]) + 2), ipProtocol(b[0]) }
