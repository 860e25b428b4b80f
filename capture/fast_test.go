package capture_test

import (
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"tcpviz/capture"
	"tcpviz/fsm"
)

// comparison decodes frames in all ways, each with a decoder of its own, so that
// fragments meet again in each.
type comparison struct {
	decoder, walker *capture.Decoder
	frames, fast    int // seen; and accepted by the fast path
	byGopacket      int // of those, what gopacket's layers could be asked about
}

func newComparison() *comparison {
	return &comparison{decoder: capture.NewDecoder(), walker: capture.NewDecoder()}
}

// check fails when the fast path, or Decode, says anything else of p than the walk.
func (c *comparison) check(t testing.TB, p capture.Packet) {
	t.Helper()
	var walked, fast capture.Decoded
	walkedErr := c.walker.Walk(&p, &walked)
	decoded, err := c.decoder.Decode(p)
	if err != walkedErr || !sameDecoded(&decoded, &walked) {
		t.Fatalf("link type %d, %d bytes of %d: %x\ndecoded: %v, walked: %v\n%s",
			p.LinkType, len(p.Data), p.Length, p.Data, err, walkedErr, cmp.Diff(walked, decoded, cmpopts.EquateComparable(netip.AddrPort{})))
	}
	// What was there before must not show through.
	fast = capture.Decoded{Reassembled: true, NetOffset: -1, Payload: []byte("x"), Segment: fsm.Segment{Options: fsm.Options{MSS: 1, SACKCount: 4, FastOpen: true}}}
	c.frames++
	if !c.decoder.Fast(&p, &fast) {
		return
	}
	c.fast++
	if walkedErr != nil || !sameDecoded(&fast, &walked) {
		t.Fatalf("link type %d, %d bytes of %d: %x\nwalked: %v\n%s",
			p.LinkType, len(p.Data), p.Length, p.Data, walkedErr, cmp.Diff(walked, fast, cmpopts.EquateComparable(netip.AddrPort{})))
	}
	c.askGopacket(t, p, &fast)
}

// sameDecoded compares all fields; slices must be the same piece of the same bytes.
func sameDecoded(a, b *capture.Decoded) bool {
	return a.Src == b.Src && a.Dst == b.Dst && a.Segment == b.Segment && a.Reassembled == b.Reassembled &&
		a.NetOffset == b.NetOffset && a.TCPOffset == b.TCPOffset && a.PayloadOffset == b.PayloadOffset &&
		(samePiece(a.Data, b.Data) && samePiece(a.Payload, b.Payload) ||
			a.Reassembled && string(a.Data) == string(b.Data) && string(a.Payload) == string(b.Payload))
}

func samePiece(a, b []byte) bool {
	return len(a) == len(b) && cap(a) == cap(b) && (cap(a) == 0 || &a[:1][0] == &b[:1][0])
}

// askGopacket fails when gopacket's own layers, and nothing of ours, read the frame otherwise.
func (c *comparison) askGopacket(t testing.TB, p capture.Packet, d *capture.Decoded) {
	t.Helper()
	first := layers.LayerTypeIPv4
	if p.Data[d.NetOffset]>>4 == 6 {
		first = layers.LayerTypeIPv6
	}
	var (
		tcp   layers.TCP
		ip4   layers.IPv4
		ip6   layers.IPv6
		found []gopacket.LayerType
	)
	data := p.Data[d.NetOffset:]
	if p.LinkType == capture.LinkTypeEthernet {
		first, data = layers.LayerTypeEthernet, p.Data
	}
	parser := gopacket.NewDecodingLayerParser(first, &layers.Ethernet{}, &layers.Dot1Q{}, &ip4, &ip6, &tcp)
	parser.IgnoreUnsupported = true
	if err := parser.DecodeLayers(data, &found); err != nil {
		return // options that it cannot read
	}
	c.byGopacket++
	var src, dst netip.Addr
	switch found[len(found)-2] {
	case layers.LayerTypeIPv4:
		src, dst = netip.AddrFrom4([4]byte(ip4.SrcIP)), netip.AddrFrom4([4]byte(ip4.DstIP))
	case layers.LayerTypeIPv6:
		src, dst = netip.AddrFrom16([16]byte(ip6.SrcIP)), netip.AddrFrom16([16]byte(ip6.DstIP))
	}
	var flags fsm.Flags
	for i, set := range []bool{tcp.FIN, tcp.SYN, tcp.RST, tcp.PSH, tcp.ACK, tcp.URG, tcp.ECE, tcp.CWR} {
		if set {
			flags |= 1 << i
		}
	}
	if d.Src != netip.AddrPortFrom(src, uint16(tcp.SrcPort)) || d.Dst != netip.AddrPortFrom(dst, uint16(tcp.DstPort)) ||
		uint32(d.Segment.Seq) != tcp.Seq || uint32(d.Segment.Ack) != tcp.Ack || d.Segment.Window != tcp.Window || d.Segment.Flags != flags {
		t.Fatalf("%x\ngopacket: %v to %v, %+v\nhere: %+v", p.Data, src, dst, tcp, d)
	}
	if string(tcp.Payload) != string(d.Payload) {
		t.Fatalf("%x\ngopacket: payload %q, here: %q", p.Data, tcp.Payload, d.Payload)
	}
	for _, o := range tcp.Options {
		agree := true
		switch have := &d.Segment.Options; {
		case o.OptionType == layers.TCPOptionKindTimestamps && len(o.OptionData) == 8:
			agree = have.HasTimestamps
		case o.OptionType == layers.TCPOptionKindMSS && len(o.OptionData) == 2:
			agree = have.MSS != 0 || o.OptionData[0] == 0 && o.OptionData[1] == 0
		case o.OptionType == layers.TCPOptionKindWindowScale && len(o.OptionData) == 1:
			agree = have.HasScale
		case o.OptionType == layers.TCPOptionKindSACKPermitted && len(o.OptionData) == 0:
			agree = have.SACKPermitted
		}
		if !agree {
			t.Fatalf("%x\ngopacket: option %v, here: %+v", p.Data, o, d.Segment.Options)
		}
	}
}

// constructed gives the frames that the tests of this package are made of.
func constructed() (all []capture.Packet) {
	add := func(link capture.LinkType, data []byte, length int) {
		all = append(all, capture.Packet{LinkType: link, Data: data, Length: max(length, len(data))})
	}
	for _, c := range segmentCases() {
		add(c.link, c.data, c.length)
	}
	for _, c := range skipCases() {
		add(c.link, c.data, c.length)
	}
	for _, c := range encapsulations() {
		add(c.link, c.data, 0)
	}
	return all
}

// common gives frames of each make that the fast path is for.
func common() (all []capture.Packet) {
	add := func(link capture.LinkType, data []byte) {
		all = append(all, capture.Packet{LinkType: link, Data: data, Length: len(data)})
	}
	for _, segment := range [][]byte{
		tcpHeader("A", []byte{1, 1, 8, 10, 0, 0, 0, 9, 0, 0, 0, 8}, []byte("hello")...),
		tcpHeader("S", []byte{2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 9, 0, 0, 0, 8, 1, 3, 3, 7}),
		tcpHeader("FA", nil, 1, 2, 3),
		tcpHeader("A", append([]byte{1, 1, 5, 18}, big.words(3000, 4000, 5000, 6000)...)),
	} {
		in4, in6 := ipv4Packet(6, segment), ipv6Packet(6, segment)
		padding := make([]byte, 6)
		add(1, join(ethernet(0x0800, in4), padding))
		add(1, join(ethernet(0x86dd, in6), padding))
		add(1, ethernet(0x8100, join(be16(7), be16(0x0800), in4, padding)))
		add(1, ethernet(0x8100, join(be16(7), be16(0x86dd), in6)))
		for _, raw := range []capture.LinkType{101, 12, 14} {
			add(raw, in4)
			add(raw, in6)
		}
		add(228, in4)
		add(229, in6)
		add(113, join(make([]byte, 14), be16(0x0800), in4))
		add(113, join(make([]byte, 14), be16(0x86dd), in6))
		add(276, join(be16(0x0800), make([]byte, 18), in4))
		add(276, join(be16(0x86dd), make([]byte, 18), in6))
		add(0, join([]byte{2, 0, 0, 0}, in4))
		add(0, join([]byte{0, 0, 0, 30}, in6))
		add(108, join([]byte{0, 0, 0, 2}, in4))
	}
	return all
}

// The fast path and the walk say the same of the frames of each make, of what
// they become when they are cut anywhere or any byte of their headers is changed, and
// of all other frames of the tests.
func TestFastIsWalk(t *testing.T) {
	c := newComparison()
	for _, p := range common() {
		before := c.fast
		c.check(t, p)
		if c.fast == before {
			t.Errorf("link type %d: not by the fast path: %x", p.LinkType, p.Data)
		}
		for n := range p.Data {
			cut := p
			cut.Data = p.Data[:n:n]
			c.check(t, cut)
			cut.Length = n
			c.check(t, cut)
		}
		for _, length := range []int{len(p.Data) + 1000, 1 << 30, 0} {
			other := p
			other.Length = length
			c.check(t, other)
		}
		for n, was := range p.Data {
			changed := p
			for _, value := range []byte{0, 0xff, was + 1, was - 1, was ^ 0x40, was ^ 0x20, was ^ 0x10, was ^ 0x80, 4, 5, 6, 0x81} {
				changed.Data = set(p.Data, n, value)
				c.check(t, changed)
			}
		}
	}
	if c.byGopacket < c.fast/2 {
		t.Errorf("gopacket could be asked about %d of %d only", c.byGopacket, c.fast)
	}
	for _, p := range constructed() {
		c.check(t, p)
		for n := range min(len(p.Data), 200) {
			cut := p
			cut.Data = p.Data[:n:n]
			c.check(t, cut)
		}
	}
	t.Logf("%d frames, %d by the fast path, %d of those by gopacket", c.frames, c.fast, c.byGopacket)
}

// They say the same of captures: those of the project, and others where they are here.
func TestFastIsWalkInCaptures(t *testing.T) {
	// A bound on what is read of a file. The captures elsewhere are many, and short.
	const most = 2000
	c := newComparison()
	for _, pattern := range []string{"../testdata/captures/*", "../testdata/recordings/*.pcapng", "../../shared/captures/files/*"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		before := *c
		for _, name := range files {
			file, err := capture.Open(name)
			if errors.Is(err, capture.ErrNotCapture) || errors.Is(err, os.ErrPermission) {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			for range most {
				p, err := file.Next()
				if err != nil {
					break // a damaged file is another test's
				}
				c.check(t, p)
			}
			if err := file.Close(); err != nil {
				t.Fatal(err)
			}
		}
		t.Logf("%s: %d files, %d frames, %d by the fast path, %d of those by gopacket",
			pattern, len(files), c.frames-before.frames, c.fast-before.fast, c.byGopacket-before.byGopacket)
	}
	if c.fast < 100 {
		t.Errorf("only %d frames by the fast path", c.fast)
	}
}

// FuzzFastDecode decodes any bytes as a frame by the fast path and by the walk.
func FuzzFastDecode(f *testing.F) {
	for _, p := range append(common(), constructed()...) {
		f.Add(uint32(p.LinkType), p.Data, p.Length)
		f.Add(uint32(p.LinkType), p.Data[:len(p.Data)*3/4], p.Length)
	}
	f.Fuzz(func(t *testing.T, link uint32, data []byte, length int) {
		newComparison().check(t, capture.Packet{LinkType: capture.LinkType(link), Data: data, Length: length})
	})
}
