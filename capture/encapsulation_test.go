package capture_test

import (
	"bytes"
	"testing"

	"tcpviz/capture"
)

// encapsulated is a frame that holds, however deep, a segment from port 40000 to
// port 80 with the octets "hello".
type encapsulated struct {
	name string
	link capture.LinkType
	data []byte
	// alone tells that tshark needs to be told, or has no such decoder.
	alone bool
}

// udpPacket gives an IPv4 packet with a datagram to the port.
func udpPacket(port int, content []byte) []byte {
	return ipv4Packet(17, join(be16(50000), be16(port), be16(8+len(content)), be16(0), content))
}

// snap gives an 802.2 header with SNAP.
func snap(kind int, content []byte) []byte {
	return join([]byte{0xaa, 0xaa, 3, 0, 0, 0}, be16(kind), content)
}

// wireless gives an 802.11 frame; more stands between header and LLC.
func wireless(control, flags byte, more, packet []byte) []byte {
	return join([]byte{control, flags, 0, 0}, make([]byte, 20), more, snap(0x0800, packet))
}

// nested gives IPv4 packets in IPv4 packets.
func nested(depth int) []byte {
	packet := ipv4Packet(6, tcpHeader("A", nil))
	for range depth {
		packet = ipv4Packet(4, packet)
	}
	return packet
}

func encapsulations() []encapsulated {
	hello := tcpHeader("PA", nil, []byte("hello")...)
	in4, in6 := ipv4Packet(6, hello), ipv6Packet(6, hello)
	frame := ethernet(0x0800, in4)
	gre := func(flags, kind int, more, content []byte) []byte {
		return ipv4Packet(47, join(be16(flags), be16(kind), more, content))
	}
	inEthernet := func(kind int, more, content []byte) []byte { return ethernet(kind, join(more, content)) }
	return []encapsulated{
		{name: "QinQ, PPPoE", link: 1, data: inEthernet(0x88a8, join(be16(7), be16(0x8100), be16(8), be16(0x8864), []byte{0x11, 0}, be16(1), be16(len(in4)+2), be16(0x21)), in4)},
		{name: "MPLS, two labels", link: 1, data: inEthernet(0x8847, []byte{0, 1, 0, 9, 0, 2, 1, 9}, in6)},
		{name: "MPLS, pseudowire", link: 1, data: inEthernet(0x8847, []byte{0, 1, 1, 9, 0, 0, 0, 0}, frame), alone: true},
		{name: "MPLS, pseudowire without control word", link: 1, data: inEthernet(0x8847, []byte{0, 1, 1, 9}, frame), alone: true},
		{name: "802.1ah", link: 1, data: inEthernet(0x88e7, []byte{0, 0, 0, 9}, frame)},
		{name: "FabricPath", link: 1, data: inEthernet(0x8903, be16(0x0060), join(frame, make([]byte, 4)))},
		{name: "TRILL", link: 1, data: inEthernet(0x22f3, []byte{0, 0x10, 0, 1, 0, 2}, frame)},
		{name: "VN-Tag", link: 1, data: inEthernet(0x8926, join(make([]byte, 4), be16(0x0800)), in4)},
		{name: "E-Tag", link: 1, data: inEthernet(0x893f, join(make([]byte, 6), be16(0x0800)), in4)},
		{name: "Cisco metadata", link: 1, data: inEthernet(0x8909, join([]byte{1, 1, 0, 1, 0, 9}, be16(0x0800)), in4)},
		{name: "MACsec, integrity only", link: 1, data: inEthernet(0x88e5, join([]byte{0x20, 0, 0, 0, 0, 1}, make([]byte, 8), be16(0x0800)), join(in4, make([]byte, 16)))},
		{name: "LLC and SNAP", link: 1, data: ethernet(8+len(in4), join(snap(0x0800, in4), make([]byte, 6)))},
		{name: "LLC and IP", link: 1, data: ethernet(3+len(in4), join([]byte{6, 6, 3}, in4))},
		{name: "SNAP in 802.1Q", link: 1, data: inEthernet(0x8100, join(be16(7), be16(8+len(in4))), snap(0x0800, in4))},
		{name: "NSH", link: 1, data: inEthernet(0x894f, []byte{0, 2, 2, 1, 0, 0, 0, 9}, in4)},
		{name: "Token ring", link: 6, data: join([]byte{0x10, 0x40, 2, 0, 0, 0, 0, 2, 0x82, 0, 0, 0, 0, 1, 2, 0}, snap(0x0800, in4)), alone: true},
		{name: "FDDI", link: 10, data: join([]byte{0x50}, make([]byte, 12), snap(0x0800, in4)), alone: true},
		{name: "ATM", link: 11, data: snap(0x86dd, in6)},
		{name: "SunATM", link: 123, data: join([]byte{2, 0, 0, 5}, snap(0x0800, in4)), alone: true},
		{name: "PPP", link: 9, data: join([]byte{0xff, 3, 0, 0x21}, in4)},
		{name: "PPP, compressed protocol", link: 9, data: join([]byte{0x57}, in6)},
		{name: "PPP multilink, whole", link: 9, data: join([]byte{0, 0x3d, 0xc0, 0, 0, 1, 0, 0x21}, in4), alone: true},
		{name: "PPP serial, Cisco", link: 50, data: join([]byte{0x0f, 0, 8, 0}, in4)},
		{name: "PPPoE alone", link: 51, data: join([]byte{0x11, 0}, be16(1), be16(len(in4)+2), be16(0x21), in4), alone: true},
		{name: "PPP with direction", link: 204, data: join([]byte{1, 0xff, 3, 0, 0x21}, in4)},
		{name: "Cisco HDLC", link: 104, data: join([]byte{0x0f, 0, 0x86, 0xdd}, in6)},
		{name: "Cisco HDLC with direction", link: 205, data: join([]byte{0, 0x0f, 0, 8, 0}, in4), alone: true},
		{name: "frame relay", link: 107, data: join([]byte{0x18, 0x41, 3, 0xcc}, in4)},
		{name: "frame relay, SNAP", link: 107, data: join([]byte{0x18, 0x41, 3, 0, 0x80, 0, 0, 0, 8, 0}, in4)},
		{name: "frame relay, Cisco", link: 206, data: join([]byte{1, 0x18, 0x41, 8, 0}, in4), alone: true},
		{name: "FireWire", link: 138, data: join(make([]byte, 16), be16(0x0800), in4)},
		{name: "OpenBSD enc", link: 109, data: join(little.words(2, 9, 0), in4)},
		{name: "PF log", link: 117, data: join([]byte{61, 2}, make([]byte, 62), in4)},
		{name: "Juniper Ethernet", link: 178, data: join([]byte("MGC\x80"), be16(6), make([]byte, 6), frame)},
		{name: "NFLOG", link: 239, data: join([]byte{2, 0, 0, 0, 5, 0, 10, 0, 1, 0, 0, 0}, []byte{byte(4 + len(in4)), 0, 9, 0}, in4)},
		{name: "NFLOG, big-endian", link: 239, data: join([]byte{10, 0, 0, 0, 0, 5, 0, 10, 1, 0, 0, 0}, be16(4+len(in6)), be16(9), in6), alone: true},
		{name: "802.11", link: 105, data: wireless(0x08, 0x01, nil, in4)},
		{name: "802.11, QoS, four addresses", link: 105, data: wireless(0x88, 0x03, make([]byte, 8), in4)},
		{name: "802.11, aggregated", link: 105, data: wireless(0x88, 0x02, join([]byte{0x80, 0}, make([]byte, 12), be16(8+len(in4))), in4)},
		{name: "radiotap", link: 127, data: join([]byte{0, 0, 9, 0}, little.words(2), []byte{0}, wireless(0x08, 0x02, nil, in4))},
		{name: "radiotap, padded header, two bitmaps", link: 127, data: join([]byte{0, 0, 25, 0}, little.words(1<<31|3, 0, 0), make([]byte, 8), []byte{0x20}, wireless(0x88, 0x02, make([]byte, 4), in4)), alone: true},
		{name: "Prism", link: 119, data: join(little.words(0x44, 144), make([]byte, 136), wireless(0x08, 0x01, nil, in4))},
		{name: "AVS", link: 163, data: join(big.words(0x80211001, 64), make([]byte, 56), wireless(0x08, 0x01, nil, in4))},
		{name: "PPI", link: 192, data: join([]byte{0, 0, 8, 0}, little.words(1), frame)},
		{name: "PKTAP", link: 258, data: join(little.words(108, 1, 1), make([]byte, 96), frame)},
		{name: "IPv4 in IPv4", link: 228, data: nested4(in4)},
		{name: "6in4", link: 228, data: ipv4Packet(41, in6)},
		{name: "IPv4 in AH", link: 228, data: ipv4Packet(51, join([]byte{6, 4}, make([]byte, 22), hello))},
		{name: "EtherIP", link: 228, data: ipv4Packet(97, join([]byte{0x30, 0}, frame))},
		{name: "MPLS in IP", link: 228, data: ipv4Packet(137, join([]byte{0, 1, 1, 9}, in4))},
		{name: "Ethernet in IPv6", link: 229, data: ipv6Packet(143, frame)},
		{name: "GRE", link: 228, data: gre(0, 0x0800, nil, in4)},
		{name: "GRE, all options", link: 228, data: gre(0xf000, 0x86dd, join(make([]byte, 12), []byte{8, 0, 0, 4, 1, 2, 3, 4, 0, 0, 0, 0}), in6)},
		{name: "GRE, PPTP", link: 228, data: gre(0x3081, 0x880b, join(be16(len(in4)+4), be16(7), make([]byte, 8)), join([]byte{0xff, 3, 0, 0x21}, in4))},
		{name: "GRE, bridged", link: 228, data: gre(0x2000, 0x6558, make([]byte, 4), frame)},
		{name: "GRE, WCCP", link: 228, data: gre(0, 0x883e, []byte{0, 0, 0, 1}, in4)},
		{name: "GRE, Aruba", link: 228, data: gre(0, 0x8240, nil, wireless(0x08, 0x02, nil, in4))},
		{name: "ERSPAN, first version", link: 228, data: gre(0, 0x88be, nil, frame), alone: true},
		{name: "ERSPAN, second version", link: 228, data: gre(0x1000, 0x88be, join(make([]byte, 4), []byte{0x10, 7, 0, 1, 0, 0, 0, 0}), frame)},
		{name: "ERSPAN, third version", link: 228, data: gre(0x1000, 0x22eb, join(make([]byte, 4), []byte{0x20, 7, 0, 1}, make([]byte, 7), []byte{1}, make([]byte, 8)), frame)},
		{name: "VXLAN", link: 228, data: udpPacket(4789, join([]byte{8, 0, 0, 0, 0, 0, 9, 0}, frame))},
		{name: "VXLAN-GPE", link: 228, data: udpPacket(4790, join([]byte{0x0c, 0, 0, 2, 0, 0, 9, 0}, in6))},
		{name: "Geneve", link: 228, data: udpPacket(6081, join([]byte{1, 0, 0x65, 0x58, 0, 0, 9, 0, 0, 1, 0, 0}, frame))},
		{name: "Geneve, IP", link: 228, data: udpPacket(6081, join([]byte{0, 0, 8, 0, 0, 0, 9, 0}, in4))},
		{name: "GTP", link: 228, data: udpPacket(2152, join([]byte{0x30, 255}, be16(len(in4)), big.words(9), in4))},
		{name: "GTP with an extension", link: 228, data: udpPacket(2152, join([]byte{0x36, 255}, be16(len(in4)+8), big.words(9), []byte{0, 1, 0, 0x85, 1, 0x10, 9, 0}, in4))},
		{name: "GTP, version 0", link: 228, data: udpPacket(3386, join([]byte{0x1e, 255}, be16(len(in4)), make([]byte, 16), in4))},
		{name: "Teredo", link: 228, data: udpPacket(3544, in6)},
		{name: "Teredo, authentication and origin", link: 228, data: udpPacket(3544, join([]byte{0, 1, 0, 0}, make([]byte, 9), make([]byte, 8), in6))},
		{name: "AYIYA", link: 228, data: udpPacket(5072, join([]byte{0x41, 0x52, 0x11, 41}, make([]byte, 40), in6))},
		{name: "L2TP", link: 228, data: udpPacket(1701, join([]byte{0x4a, 2}, be16(18+len(in4)), be16(1), be16(2), make([]byte, 4), be16(0), []byte{0xff, 3, 0, 0x21}, in4))},
		{name: "GRE in UDP", link: 228, data: udpPacket(4754, join(be16(0), be16(0x0800), in4))},
		{name: "MPLS in UDP", link: 228, data: udpPacket(6635, join([]byte{0, 1, 1, 9}, in4))},
		{name: "LISP", link: 228, data: udpPacket(4341, join(make([]byte, 8), in6))},
		{name: "TZSP", link: 228, data: udpPacket(37008, join([]byte{1, 0, 0, 1, 0, 10, 1, 9, 1}, frame))},
		{name: "VXLAN in VXLAN", link: 228, data: udpPacket(4789, join([]byte{8, 0, 0, 0, 0, 0, 9, 0}, ethernet(0x0800, udpPacket(4789, join([]byte{8, 0, 0, 0, 0, 0, 9, 0}, frame)))))},
	}
}

func nested4(packet []byte) []byte { return ipv4Packet(4, ipv4Packet(4, packet)) }

func TestEncapsulations(t *testing.T) {
	decoder := capture.NewDecoder()
	for _, c := range encapsulations() {
		t.Run(c.name, func(t *testing.T) {
			got, err := decoder.Decode(capture.Packet{LinkType: c.link, Data: c.data, Length: len(c.data)})
			if err != nil {
				t.Fatal(err)
			}
			if got.Src.Port() != 40000 || got.Dst.Port() != 80 || string(got.Payload) != "hello" || got.Segment.Len != 5 {
				t.Errorf("%+v", got)
			}
			// However short it is cut, nothing is made up.
			for n := range got.TCPOffset + 20 {
				cut := capture.Packet{LinkType: c.link, Data: c.data[:n:n], Length: len(c.data)}
				if d, err := decoder.Decode(cut); err == nil {
					t.Fatalf("cut to %d bytes: %+v", n, d)
				}
			}
			// Cut behind TCP's header it is the same segment.
			for n := got.TCPOffset + 20; n < len(c.data); n++ {
				cut := capture.Packet{LinkType: c.link, Data: c.data[:n:n], Length: len(c.data)}
				if d, err := decoder.Decode(cut); err != nil || d.Segment != got.Segment || d.Src != got.Src || d.Dst != got.Dst {
					t.Fatalf("cut to %d bytes: %+v, %v", n, d, err)
				}
			}
		})
	}
}

func TestEncapsulationsAllocateNothing(t *testing.T) {
	decoder := capture.NewDecoder()
	all := encapsulations()
	if n := testing.AllocsPerRun(10, func() {
		for i := range all {
			if _, err := decoder.Decode(capture.Packet{LinkType: all[i].link, Data: all[i].data, Length: len(all[i].data)}); err != nil {
				t.Fatal(err)
			}
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// What stands behind the length that a link layer states is padding, even where
// the IP packet claims it.
func TestLinkLayerLengths(t *testing.T) {
	ack := join(ipv4Packet(6, tcpHeader("A", nil)), make([]byte, 6))
	claims := set(ack, 2, 0, 46)
	for name, data := range map[string][]byte{
		"PPPoE": ethernet(0x8864, join([]byte{0x11, 0}, be16(1), be16(42), be16(0x21), claims)),
		"802.3": ethernet(48, join(snap(0x0800, claims))),
	} {
		got, err := capture.NewDecoder().Decode(capture.Packet{LinkType: 1, Data: data, Length: len(data)})
		if err != nil || got.Segment.Len != 0 || len(got.Payload) != 0 {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// A source route that was not followed to its end names the true destination.
func TestSourceRoutes(t *testing.T) {
	hello := tcpHeader("PA", nil, []byte("hello")...)
	options := []byte{1, 131, 11, 4, 192, 0, 2, 7, 192, 0, 2, 8}
	plain := ipv4Packet(6, hello)
	routed4 := set(join(set(plain[:20], 0, 0x48), options, hello), 2, 0, byte(32+len(hello)))
	via := func(kind, left byte) []byte {
		return ipv6Packet(43, join([]byte{6, 4, kind, left, 0, 0, 0, 0}, dest6, source6, hello))
	}
	for name, c := range map[string]struct {
		link capture.LinkType
		data []byte
		want string
	}{
		"loose, IPv4": {228, routed4, "192.0.2.8:80"}, "followed, IPv4": {228, set(routed4, 23, 12), "192.0.2.2:80"},
		"IPv6, type 0": {229, via(0, 2), "[2001:db8::1]:80"}, "IPv6, segments": {229, via(4, 1), "[2001:db8::2]:80"}, "IPv6, followed": {229, via(0, 0), "[2001:db8::2]:80"},
	} {
		got, err := capture.NewDecoder().Decode(capture.Packet{LinkType: c.link, Data: c.data, Length: len(c.data)})
		if err != nil || got.Dst.String() != c.want || !bytes.Equal(got.Payload, []byte("hello")) {
			t.Errorf("%s: to %v, %q, %v", name, got.Dst, got.Payload, err)
		}
	}
}
