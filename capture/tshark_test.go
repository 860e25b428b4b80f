package capture_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tcpviz/capture"
)

// named is a frame with what to call it.
type named struct {
	name string
	capture.Packet
}

// linkLayers put a packet, IPv4 or IPv6 by its Ethernet type, behind a link layer's header.
var linkLayers = []struct {
	name string
	link capture.LinkType
	wrap func(kind int, packet []byte) []byte
}{
	{"Ethernet", 1, ethernet},
	{"802.1Q", 1, func(kind int, b []byte) []byte { return ethernet(0x8100, join(be16(7), be16(kind), b)) }},
	{"QinQ", 1, func(kind int, b []byte) []byte {
		return ethernet(0x88a8, join(be16(7), be16(0x8100), be16(8), be16(kind), b))
	}},
	{"MPLS", 1, func(_ int, b []byte) []byte { return ethernet(0x8847, join([]byte{0, 1, 0, 9, 0, 2, 1, 9}, b)) }},
	{"PPPoE", 1, func(kind int, b []byte) []byte {
		return ethernet(0x8864, join([]byte{0x11, 0}, be16(1), be16(len(b)+2), pppProtocol(kind), b))
	}},
	{"NULL", 0, func(kind int, b []byte) []byte { return join(little.words(family(kind)), b) }},
	{"NULL, big-endian", 0, func(kind int, b []byte) []byte { return join(big.words(family(kind)), b) }},
	{"LOOP", 108, func(kind int, b []byte) []byte { return join(big.words(family(kind)), b) }},
	{"RAW", 101, func(_ int, b []byte) []byte { return b }},
	{"SLL", 113, func(kind int, b []byte) []byte {
		return join([]byte{0, 0, 0, 1, 0, 6}, make([]byte, 8), be16(kind), b)
	}},
	{"SLL2", 276, func(kind int, b []byte) []byte {
		return join(be16(kind), []byte{0, 0, 0, 0, 0, 2, 0, 1, 0, 6}, make([]byte, 8), b)
	}},
	{"PPP", 9, func(kind int, b []byte) []byte { return join([]byte{0xff, 3}, pppProtocol(kind), b) }},
	{"Cisco HDLC", 104, func(kind int, b []byte) []byte { return join([]byte{0x0f, 0}, be16(kind), b) }},
	{"NFLOG", 239, func(kind int, b []byte) []byte {
		return join([]byte{byte(nfFamily(kind)), 0, 0, 0}, little.AppendUint16(nil, uint16(4+len(b))), []byte{9, 0}, b)
	}},
	{"802.11", 105, func(kind int, b []byte) []byte {
		return join([]byte{0x08, 0x01, 0, 0}, make([]byte, 20), snap(kind, b))
	}},
	{"GRE", 228, func(kind int, b []byte) []byte { return ipv4Packet(47, join(be16(0), be16(kind), b)) }},
	{"VXLAN", 1, func(kind int, b []byte) []byte {
		return ethernet(0x0800, udpPacket(4789, join([]byte{8, 0, 0, 0, 0, 0, 9, 0}, ethernet(kind, b))))
	}},
	{"Geneve", 1, func(kind int, b []byte) []byte {
		return ethernet(0x0800, udpPacket(6081, join([]byte{0, 0}, be16(kind), []byte{0, 0, 9, 0}, b)))
	}},
	{"IP in IP", 229, func(kind int, b []byte) []byte {
		return ipv6Packet(map[int]byte{0x0800: 4, 0x86dd: 41}[kind], b)
	}},
}

func pppProtocol(kind int) []byte { return be16(map[int]int{0x0800: 0x21, 0x86dd: 0x57}[kind]) }
func family(kind int) uint32      { return map[int]uint32{0x0800: 2, 0x86dd: 30}[kind] }
func nfFamily(kind int) int       { return map[int]int{0x0800: 2, 0x86dd: 10}[kind] }

// randomSegment gives a TCP header with options and octets, the same each time.
func randomSegment(random *rand.Rand) []byte {
	var options []byte
	for _, o := range [][]byte{
		{2, 4, byte(random.Uint32()), 0xb4}, {3, 3, byte(random.IntN(15))}, {4, 2},
		join([]byte{8, 10}, big.words(random.Uint32(), random.Uint32())), {1},
	} {
		if random.IntN(2) == 0 {
			options = append(options, o...)
		}
	}
	if len(options)%4 != 0 {
		options = append(options, 0)
	}
	segment := tcpHeader("", options, make([]byte, random.IntN(100))...)
	copy(segment, join(be16(40000+random.IntN(100)), be16(50000+random.IntN(100)), big.words(random.Uint32(), random.Uint32())))
	segment[13] = byte(random.Uint32())
	copy(segment[14:], be16(random.IntN(1<<16)))
	return segment
}

// framesForTshark gives random segments behind each link layer, and those of the other tests
// that tshark can be asked about without telling it more.
func framesForTshark() (all []named) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, link := range linkLayers {
		for i := range 20 {
			segment := randomSegment(random)
			packet, kind := ipv4Packet(6, segment), 0x0800
			switch i % 5 {
			case 1, 2:
				packet, kind = ipv6Packet(6, segment), 0x86dd
			case 3:
				packet, kind = ipv6Packet(0, extension(60, [6]byte{1, 4}, extension(6, [6]byte{1, 4}, segment))), 0x86dd
			case 4: // IPv4 options
				packet = set(join(set(packet, 0, 0x46)[:20], []byte{1, 1, 1, 0}, segment), 2, be16(24+len(segment))...)
			}
			data := link.wrap(kind, packet)
			length := len(data)
			// Snapped, somewhere behind TCP's header. tshark gives up an NFLOG attribute that is cut.
			if i >= 15 && link.name != "NFLOG" {
				options := 4*int(segment[12]>>4) - 20
				data = data[:length-len(segment)+20+random.IntN(len(segment)-20-options+1)+options]
			}
			all = append(all, named{fmt.Sprintf("%s %d", link.name, i), capture.Packet{LinkType: link.link, Data: data, Length: length}})
		}
	}
	for _, c := range encapsulations() {
		if !c.alone {
			all = append(all, named{c.name, capture.Packet{LinkType: c.link, Data: c.data, Length: len(c.data)}})
		}
	}
	for name, c := range skipCases() {
		if strings.HasPrefix(name, "ICMP") {
			all = append(all, named{name, capture.Packet{LinkType: c.link, Data: c.data, Length: len(c.data)}})
		}
	}
	return all
}

// tshark finds the same segments in the same frames.
func TestTsharkSeesTheSame(t *testing.T) {
	path, err := exec.LookPath("tshark")
	if err != nil {
		t.Skip("tshark is not installed")
	}
	frames := framesForTshark()
	packets := make([]capture.Packet, len(frames))
	for i, f := range frames {
		f.Time = at(int64(i), 0)
		packets[i] = f.Packet
	}
	file := filepath.Join(t.TempDir(), "all.pcapng")
	if err := os.WriteFile(file, writeNg(t, packets), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"-r", file, "-T", "fields", "-E", "occurrence=l", "-E", "separator=;", "-o", "tcp.desegment_tcp_streams:FALSE"}
	for _, field := range []string{
		"icmp.type", "icmpv6.type", "tcp.srcport", "tcp.dstport", "tcp.seq_raw", "tcp.ack_raw", "tcp.flags", "tcp.window_size_value", "tcp.len",
		"tcp.options.timestamp.tsval", "tcp.options.timestamp.tsecr", "tcp.options.mss_val", "tcp.options.wscale.shift",
	} {
		args = append(args, "-e", field)
	}
	out, err := exec.Command(path, args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimRight(string(out), "\n"), "\n")
	if len(lines) != len(frames) {
		t.Fatalf("%d lines for %d frames", len(lines), len(frames))
	}
	decoder := capture.NewDecoder()
	segments := 0
	for i, line := range lines {
		fields := strings.Split(line, ";")
		want := strings.Join(fields[2:], ";")
		if fields[0]+fields[1] != "" {
			want = string(capture.SkipNotTCP) // the segment is a quotation
		}
		d, err := decoder.Decode(packets[i])
		got := tsharkFields(d)
		if err != nil {
			got = err.Error()
		} else {
			segments++
		}
		if got != want {
			t.Errorf("%s: tshark sees %q, here: %q\n%x", frames[i].name, want, got, packets[i].Data)
		}
	}
	if segments < 400 {
		t.Errorf("%d segments", segments)
	}
}

// tsharkFields gives a segment in tshark's words.
func tsharkFields(d capture.Decoded) string {
	s := d.Segment
	text := fmt.Sprintf("%d;%d;%d;%d;0x%04x;%d;%d", d.Src.Port(), d.Dst.Port(), s.Seq, s.Ack, uint8(s.Flags), s.Window, s.Len)
	option := func(present bool, value any) {
		text += ";"
		if present {
			text += fmt.Sprint(value)
		}
	}
	o := s.Options
	option(o.HasTimestamps, o.TSVal)
	option(o.HasTimestamps, o.TSEcr)
	option(o.MSS != 0, o.MSS)
	option(o.HasScale, o.WindowScale)
	return text
}
