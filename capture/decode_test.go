package capture_test

import (
	"bytes"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tcpviz/capture"
	"tcpviz/fsm"
)

// want is what is expected of a frame.
type want struct {
	v6      bool
	net     int // offsets
	tcp     int
	payload int
	length  uint32
	octets  string // captured payload
	flags   fsm.Flags
	options fsm.Options
}

func (w want) decoded(data []byte) capture.Decoded {
	d := capture.Decoded{
		Src: netip.MustParseAddrPort("192.0.2.1:40000"), Dst: netip.MustParseAddrPort("192.0.2.2:80"),
		Data: data, NetOffset: w.net, TCPOffset: w.tcp, PayloadOffset: w.payload, Payload: []byte(w.octets),
		Segment: fsm.Segment{Seq: 1000, Ack: 2000, Flags: w.flags, Window: 512, Len: w.length, Options: w.options},
	}
	if w.v6 {
		d.Src, d.Dst = netip.MustParseAddrPort("[2001:db8::1]:40000"), netip.MustParseAddrPort("[2001:db8::2]:80")
	}
	return d
}

// segmentCase is a frame that holds a segment.
type segmentCase struct {
	link   capture.LinkType
	data   []byte
	length int // on the wire, 0: as captured
	want   want
}

func segmentCases() map[string]segmentCase {
	hello := tcpHeader("PA", nil, []byte("hello")...)
	in4, in6 := ipv4Packet(6, hello), ipv6Packet(6, hello)
	const pa, syn = fsm.PSH | fsm.ACK, fsm.SYN
	options := []byte{
		2, 4, 5, 180, // MSS 1460
		1, 3, 3, 7, // window scale 7
		4, 2, 8, 10, 0, 0, 0, 9, 0, 0, 0, 8, // SACK permitted, timestamps
		34, 2, // fast open
		1, 1,
	}
	sack := append([]byte{1, 1, 5, 18}, big.words(3000, 4000, 5000, 6000)...)
	cut := func(b []byte, n int) []byte { return b[:n] }
	return map[string]segmentCase{
		"Ethernet, IPv4":               {1, ethernet(0x0800, in4), 0, want{net: 14, tcp: 34, payload: 54, length: 5, octets: "hello", flags: pa}},
		"Ethernet, IPv6":               {1, ethernet(0x86dd, in6), 0, want{v6: true, net: 14, tcp: 54, payload: 74, length: 5, octets: "hello", flags: pa}},
		"802.1Q":                       {1, ethernet(0x8100, join(be16(7), be16(0x0800), in4)), 0, want{net: 18, tcp: 38, payload: 58, length: 5, octets: "hello", flags: pa}},
		"802.1ad and 802.1Q":           {1, ethernet(0x88a8, join(be16(7), be16(0x8100), be16(8), be16(0x86dd), in6)), 0, want{v6: true, net: 22, tcp: 62, payload: 82, length: 5, octets: "hello", flags: pa}},
		"NULL, little-endian":          {0, join([]byte{2, 0, 0, 0}, in4), 0, want{net: 4, tcp: 24, payload: 44, length: 5, octets: "hello", flags: pa}},
		"NULL, big-endian":             {0, join([]byte{0, 0, 0, 30}, in6), 0, want{v6: true, net: 4, tcp: 44, payload: 64, length: 5, octets: "hello", flags: pa}},
		"LOOP":                         {108, join([]byte{0, 0, 0, 24}, in6), 0, want{v6: true, net: 4, tcp: 44, payload: 64, length: 5, octets: "hello", flags: pa}},
		"RAW, IPv4":                    {101, in4, 0, want{net: 0, tcp: 20, payload: 40, length: 5, octets: "hello", flags: pa}},
		"RAW, IPv6":                    {101, in6, 0, want{v6: true, net: 0, tcp: 40, payload: 60, length: 5, octets: "hello", flags: pa}},
		"RAW, numbered 12":             {12, in4, 0, want{net: 0, tcp: 20, payload: 40, length: 5, octets: "hello", flags: pa}},
		"RAW, numbered 14":             {14, in6, 0, want{v6: true, net: 0, tcp: 40, payload: 60, length: 5, octets: "hello", flags: pa}},
		"IPV4":                         {228, in4, 0, want{net: 0, tcp: 20, payload: 40, length: 5, octets: "hello", flags: pa}},
		"IPV6":                         {229, in6, 0, want{v6: true, net: 0, tcp: 40, payload: 60, length: 5, octets: "hello", flags: pa}},
		"LINUX_SLL":                    {113, join(make([]byte, 14), be16(0x0800), in4), 0, want{net: 16, tcp: 36, payload: 56, length: 5, octets: "hello", flags: pa}},
		"LINUX_SLL2":                   {276, join(be16(0x86dd), make([]byte, 18), in6), 0, want{v6: true, net: 20, tcp: 60, payload: 80, length: 5, octets: "hello", flags: pa}},
		"padding is not payload":       {1, ethernet(0x0800, join(ipv4Packet(6, tcpHeader("A", nil)), make([]byte, 6))), 0, want{net: 14, tcp: 34, payload: 54, flags: fsm.ACK}},
		"padding behind IPv6":          {1, ethernet(0x86dd, join(in6, make([]byte, 9))), 0, want{v6: true, net: 14, tcp: 54, payload: 74, length: 5, octets: "hello", flags: pa}},
		"cut inside the payload":       {1, cut(ethernet(0x0800, in4), 56), 59, want{net: 14, tcp: 34, payload: 54, length: 5, octets: "he", flags: pa}},
		"cut behind the header":        {1, cut(ethernet(0x0800, in4), 54), 59, want{net: 14, tcp: 34, payload: 54, length: 5, flags: pa}},
		"cut inside the options":       {228, cut(ipv4Packet(6, tcpHeader("S", options, 1, 2, 3)), 46), 67, want{tcp: 20, payload: 46, length: 3, flags: syn, options: fsm.Options{MSS: 1460}}},
		"cut before the options":       {1, cut(ethernet(0x0800, ipv4Packet(6, tcpHeader("S", options, 1, 2, 3))), 54), 81, want{net: 14, tcp: 34, payload: 54, length: 3, flags: syn}},
		"cut before the options, IPv6": {1, cut(ethernet(0x86dd, ipv6Packet(6, tcpHeader("S", options, 1, 2, 3))), 74), 101, want{v6: true, net: 14, tcp: 54, payload: 74, length: 3, flags: syn}},
		"cut inside an option":         {1, cut(ethernet(0x0800, ipv4Packet(6, tcpHeader("S", options, 1, 2, 3))), 65), 81, want{net: 14, tcp: 34, payload: 65, length: 3, flags: syn, options: fsm.Options{MSS: 1460, WindowScale: 7, HasScale: true, SACKPermitted: true}}},
		"IP longer than the wire":      {228, set(in4, 2, 0xff, 0xff), 0, want{tcp: 20, payload: 40, length: 5, octets: "hello", flags: pa}},
		"total length 0 (offload)":     {228, set(in4, 2, 0, 0), 0, want{tcp: 20, payload: 40, length: 5, octets: "hello", flags: pa}},
		"payload length 0 (offload)":   {229, set(in6, 4, 0, 0), 0, want{v6: true, tcp: 40, payload: 60, length: 5, octets: "hello", flags: pa}},
		"offload of 100,000 octets": {228, join(set(ipv4Packet(6, tcpHeader("A", nil)), 2, 0, 0), bytes.Repeat([]byte("x"), 100000)), 0,
			want{tcp: 20, payload: 40, length: 100000, octets: string(bytes.Repeat([]byte("x"), 100000)), flags: fsm.ACK}},
		"jumbogram": {229, set(ipv6Packet(0, extension(6, [6]byte{0xc2, 4, 0, 0, 0, 33}, hello)), 4, 0, 0), 0,
			want{v6: true, tcp: 48, payload: 68, length: 5, octets: "hello", flags: pa}},
		"hop-by-hop, destination, and padding behind": {229, join(ipv6Packet(0, extension(60, [6]byte{1, 4}, extension(6, [6]byte{1, 4}, hello))), make([]byte, 20)), 0,
			want{v6: true, tcp: 56, payload: 76, length: 5, octets: "hello", flags: pa}},
		"authentication header": {229, ipv6Packet(51, extension(6, [6]byte{}, hello)), 0, want{v6: true, tcp: 48, payload: 68, length: 5, octets: "hello", flags: pa}},
		"atomic fragment":       {229, ipv6Packet(44, extension(6, [6]byte{}, hello)), 0, want{v6: true, tcp: 48, payload: 68, length: 5, octets: "hello", flags: pa}},
		"first fragment, cut":   {228, cut(set(in4, 6, 0x20, 0), 44), 45, want{tcp: 20, payload: 40, length: 5, octets: "hell", flags: pa}},
		"first fragment of IPv6, cut": {229, cut(ipv6Packet(44, extension(6, [6]byte{0, 1}, hello)), 70), 73,
			want{v6: true, tcp: 48, payload: 68, length: 5, octets: "he", flags: pa}},
		"IPv4 in IPv6": {229, ipv6Packet(4, in4), 0, want{net: 40, tcp: 60, payload: 80, length: 5, octets: "hello", flags: pa}},
		"IPv4 options": {228, set(join(set(in4, 0, 0x46)[:20], []byte{1, 1, 1, 0}, hello), 2, 0, 49), 0, want{tcp: 24, payload: 44, length: 5, octets: "hello", flags: pa}},
		"all flags": {228, ipv4Packet(6, tcpHeader("FSRPAUEC", nil)), 0, want{tcp: 20, payload: 40,
			flags: fsm.FIN | fsm.SYN | fsm.RST | fsm.PSH | fsm.ACK | fsm.URG | fsm.ECE | fsm.CWR}},
		"options of a SYN": {228, ipv4Packet(6, tcpHeader("S", options)), 0, want{tcp: 20, payload: 64, flags: syn, options: fsm.Options{
			MSS: 1460, WindowScale: 7, HasScale: true, SACKPermitted: true, HasTimestamps: true, TSVal: 9, TSEcr: 8, FastOpen: true,
		}}},
		"SACK blocks": {228, ipv4Packet(6, tcpHeader("A", sack)), 0, want{tcp: 20, payload: 60, flags: fsm.ACK, options: fsm.Options{
			SACKCount: 2, SACK: [4][2]fsm.Seq{{3000, 4000}, {5000, 6000}},
		}}},
		"experimental fast open": {228, ipv4Packet(6, tcpHeader("S", []byte{254, 4, 0xf9, 0x89})), 0, want{tcp: 20, payload: 44, flags: syn, options: fsm.Options{FastOpen: true}}},
		"options behind the end": {228, ipv4Packet(6, tcpHeader("S", []byte{0, 2, 4, 5, 180, 0})), 0, want{tcp: 20, payload: 48, flags: syn}},
		"a broken option":        {228, ipv4Packet(6, tcpHeader("S", []byte{2, 4, 5, 180, 3, 0, 3, 7})), 0, want{tcp: 20, payload: 48, flags: syn, options: fsm.Options{MSS: 1460}}},
		"an option of no length": {228, ipv4Packet(6, tcpHeader("S", []byte{1, 1, 1, 3})), 0, want{tcp: 20, payload: 44, flags: syn}},
		"options of wrong lengths": {228, ipv4Packet(6, tcpHeader("S", []byte{2, 3, 5, 3, 2, 4, 3, 1, 8, 4, 1, 1, 5, 4, 1, 1, 254, 2, 1, 1})), 0,
			want{tcp: 20, payload: 60, flags: syn}},
	}
}

func TestDecodeSegments(t *testing.T) {
	decoder := capture.NewDecoder() // one for all: nothing of one frame may get into the next
	for name, c := range segmentCases() {
		t.Run(name, func(t *testing.T) {
			p := capture.Packet{LinkType: c.link, Data: c.data, Length: max(c.length, len(c.data))}
			got, err := decoder.Decode(p)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want.decoded(c.data), got, sameBytes, cmpopts.EquateComparable(netip.AddrPort{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// skipCase is a frame that holds none.
type skipCase struct {
	link   capture.LinkType
	data   []byte
	length int
	want   capture.SkipReason
}

func skipCases() map[string]skipCase {
	hello := tcpHeader("PA", nil, []byte("hello")...)
	in4, in6 := ipv4Packet(6, hello), ipv6Packet(6, hello)
	return map[string]skipCase{
		"unknown link type":            {147, in4, 0, capture.SkipLinkType},
		"link type that ends in 1":     {257, ethernet(0x0800, in4), 0, capture.SkipLinkType},
		"ARP":                          {1, ethernet(0x0806, make([]byte, 28)), 0, capture.SkipNotTCP},
		"LLC":                          {1, ethernet(100, make([]byte, 100)), 0, capture.SkipNotTCP},
		"UDP":                          {228, ipv4Packet(17, make([]byte, 20)), 0, capture.SkipNotTCP},
		"UDP without a header":         {228, ipv4Packet(17, nil), 0, capture.SkipNotTCP},
		"ICMP error about a segment":   {228, ipv4Packet(1, join(make([]byte, 8), in4)), 0, capture.SkipNotTCP},
		"ICMPv6 error about a segment": {229, ipv6Packet(58, join([]byte{1, 4, 0, 0, 0, 0, 0, 0}, in6)), 0, capture.SkipNotTCP},
		"ICMP error in a tunnel":       {228, ipv4Packet(47, join(be16(0), be16(0x0800), ipv4Packet(1, join([]byte{3, 1, 0, 0, 0, 0, 0, 0}, in4)))), 0, capture.SkipNotTCP},
		"ICMP error about a tunnel":    {228, ipv4Packet(1, join([]byte{3, 1, 0, 0, 0, 0, 0, 0}, ipv4Packet(4, in4))), 0, capture.SkipNotTCP},
		"IPv6 without next header":     {229, ipv6Packet(59, nil), 0, capture.SkipNotTCP},
		"later fragment, IPv4":         {228, set(in4, 6, 0x00, 0x10), 0, capture.SkipFragment},
		"later fragment, IPv6":         {229, ipv6Packet(44, extension(6, [6]byte{0, 8}, hello)), 0, capture.SkipFragment},
		"first fragment, no header":    {228, ipv4Packet(6, hello[:8])[:28], 0, capture.SkipMalformed},
		"first fragment, 8 octets":     {228, set(ipv4Packet(6, hello[:8]), 6, 0x20), 0, capture.SkipFragment},
		"empty":                        {1, nil, 0, capture.SkipMalformed},
		"empty, cut":                   {1, nil, 60, capture.SkipTruncated},
		"Ethernet cut":                 {1, make([]byte, 10), 60, capture.SkipTruncated},
		"IP cut":                       {228, in4[:19], 45, capture.SkipTruncated},
		"TCP cut":                      {228, in4[:39], 45, capture.SkipTruncated},
		"no TCP at all, cut":           {228, in4[:20], 45, capture.SkipTruncated},
		"IPv6 extension cut":           {229, ipv6Packet(0, extension(6, [6]byte{}, hello))[:41], 73, capture.SkipTruncated},
		"IPv4 named IPv6":              {1, ethernet(0x86dd, in4), 0, capture.SkipMalformed},
		"IPv6 named IPv4":              {1, ethernet(0x0800, in6), 0, capture.SkipMalformed},
		"RAW of no IP":                 {101, []byte{0x00, 1, 2, 3}, 0, capture.SkipNotTCP},
		"first fragment, IPv4":         {228, set(in4, 6, 0x20, 0), 0, capture.SkipFragment},
		"first fragment, IPv6":         {229, ipv6Packet(44, extension(6, [6]byte{0, 1}, hello)), 0, capture.SkipFragment},
		"later fragment, cut":          {228, set(in4, 6, 0x00, 0x10)[:44], 45, capture.SkipFragment},
		"fragment beyond 65535":        {228, set(in4, 6, 0x1f, 0xff), 0, capture.SkipMalformed},
		"fragment of ICMP":             {228, set(ipv4Packet(1, hello), 6, 0x20, 0), 0, capture.SkipNotTCP},
		"TCP in an Ethernet frame":     {1, ethernet(0x0006, hello), 0, capture.SkipNotTCP},
		"IPv4 in IPv4 without end":     {228, nested(100), 0, capture.SkipNested},
		"VXLAN's port, but not VXLAN":  {228, ipv4Packet(17, join(be16(9), be16(4789), be16(12), be16(0), []byte("soap"))), 0, capture.SkipNotTCP},
		"encrypted 802.11":             {105, set(wireless(0x08, 0x42, nil, in4), 0, 0x08), 0, capture.SkipNotTCP},
		"802.11 beacon":                {105, wireless(0x80, 0, nil, in4), 0, capture.SkipNotTCP},
		"PPPoE discovery":              {1, ethernet(0x8863, make([]byte, 20)), 0, capture.SkipNotTCP},
		"GTP signalling":               {228, udpPacket(2152, []byte{0x30, 1, 0, 4, 0, 0, 0, 9, 0, 0, 0, 0}), 0, capture.SkipNotTCP},
		"wrapped twice":                {192, join([]byte{0, 0, 12, 0, 192, 0, 0, 0}, make([]byte, 20)), 0, capture.SkipLinkType},
		"PPI longer than the frame":    {192, join([]byte{0, 0, 99, 0, 1, 0, 0, 0}, make([]byte, 20)), 0, capture.SkipMalformed},
		"TCP header of 16 octets":      {228, set(in4, 32, 0x40), 0, capture.SkipMalformed},
		"TCP header beyond the packet": {228, join(set(in4, 32, 0xf0), make([]byte, 60)), 0, capture.SkipMalformed},
		"IPv4 header beyond the total": {228, set(in4, 0, 0x4f), 0, capture.SkipMalformed},
		"endless extension headers":    {229, ipv6Packet(0, bytes.Repeat([]byte{0, 0, 1, 4, 0, 0, 0, 0}, 100)), 0, capture.SkipMalformed},
	}
}

func TestDecodeSkips(t *testing.T) {
	for name, c := range skipCases() {
		t.Run(name, func(t *testing.T) {
			_, err := capture.NewDecoder().Decode(capture.Packet{LinkType: c.link, Data: c.data, Length: max(c.length, len(c.data))})
			if err != c.want {
				t.Errorf("%v, not %v", err, c.want)
			}
		})
	}
}

func TestDecodeAllocatesNothing(t *testing.T) {
	decoder := capture.NewDecoder()
	data := ethernet(0x0800, ipv4Packet(6, tcpHeader("S", []byte{2, 4, 5, 180, 1, 1, 1, 1, 3, 3, 7, 1, 1, 1, 1, 1}, []byte("hello")...)))
	p := capture.Packet{LinkType: capture.LinkTypeEthernet, Data: data, Length: len(data)}
	if n := testing.AllocsPerRun(100, func() {
		if _, err := decoder.Decode(p); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
