package filter_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tcpviz/capture"
	"tcpviz/fsm"
	"tcpviz/internal/filter"
)

// accepted are filters of tcpdump's language, which must select the same here.
var accepted = []string{
	"",
	"tcp", "ip", "ip6", "not ip6", "ip or ip6",
	"host 10.0.0.1", "src host 10.0.0.1", "dst host 10.0.0.1", "src or dst host 10.0.0.1", "dst or src host 10.0.0.1",
	"src and dst host 10.0.0.1", "dst and src host 10.0.0.1", "src 10.0.0.1", "dst 10.1.2.3", "host 10.0.0.01",
	"ip host 10.0.0.1", "ip src 10.0.0.1", "ip6 host 2001:db8::1", "host 2001:db8::1", "host 2001:db8::1/128",
	"src host fe80::1", "host ::ffff:10.0.0.1", "host 2001:db8:0:0:0:0:0:1", "host 10.1", "host 10.0.0",
	"host 10.0.0.1 or 10.1.2.3", "host 10.0.0.1 and 10.1.2.3", "host 10.0.0.1 and not 10.1.2.3",
	"host 10.0.0.1 and (10.1.2.3 or 192.168.1.5)", "host (10.0.0.1 or 10.1.2.3)", "host not 10.0.0.1",
	"net 10", "net 10.1", "net 10.0.0", "net 10.0.0.1", "net 10.0.0.0/8", "net 10.0.0.0/24", "net 10.1.0.0/16", "net 10.1/16",
	"net 2560", "net 2561", "net 256", "net 0", "net 0.0.0.0/0", "net 10.0.0.0/010", "net 10.0.0.0 / 8", "net ::/0",
	"net 10.0.0.0 mask 255.0.0.0", "net 10.0 mask 255.255", "net 10.0.0.1 mask 255.0.0.255", "src net 10.1", "dst net 10.0.0.0/24",
	"src and dst net 10", "net 2001:db8::/32", "net 2001:db8::/64", "net 2001:db8::1", "src net fe80::/10", "ip6 net 2001::/16",
	"net 192.168 or 10.1", "net 10 or 192", "src net 10 or 192.168",
	"port 80", "src port 80", "dst port 80", "src or dst port 80", "src and dst port 80", "port 0x50", "port 0120", "port 0", "port 65535",
	"tcp port 80", "tcp src port 80", "tcp dst port 443", "tcp src or dst port 80", "port http", "tcp port http or ssh", "dst port https",
	"port 80 or 443", "port 80 and 443", "port 80 or port 443", "port 80 and port 443", "port 80 or not 443", "not port 80",
	"not (port 80 or port 443)", "not port 80 and not port 443", "! port 80 && ! port 443", "!(port 80||port 443)", "!!port 80", "not not not port 80",
	"port (80 or 443)", "port (80)", "port (not 80)", "port not 80", "port 80 or (443)", "port (80 or (443 and 22))", "port 80 or (443 or 22)",
	"portrange 80-443", "portrange 443-80", "src portrange 1000-60000", "tcp dst portrange 22-80", "portrange 80", "portrange http-https",
	"portrange 010-080", "portrange 0-65535", "portrange 80-90 or 20-30", "tcp src or dst portrange 80-90",
	"src host 10.0.0.1 and dst port 80", "src host 10.0.0.1 and port 80 or dst host 10.1.2.3",
	"port 80 or port 443 and host 10.0.0.1", "port 80 and host 10.0.0.1 or port 22", "port 80 or (port 443 and host 10.0.0.1)",
	"port 80 or (host 10.0.0.1) or 443", "(port 80)", "((port 80))", "host 10.0.0.1 and (port 80 or port 443)", "ip and port 80", "ip6 and not port 80",
	"tcp[tcpflags] & (tcp-syn|tcp-fin) != 0", "tcp[13] & 2 != 0", "tcp[13]&2!=0", "tcp[tcpflags] == tcp-syn", "tcp[tcpflags] = tcp-syn",
	"tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn", "tcp[tcpflags] & (tcp-syn|tcp-ack) == (tcp-syn|tcp-ack)", "tcp[tcpflags]=tcp-syn|tcp-ack",
	"tcp[tcpflags] & tcp-rst != 0", "tcp[tcpflags] & tcp-push != 0", "tcp[tcpflags] & tcp-urg != 0", "tcp[tcpflags] & tcp-ece != 0", "tcp[tcpflags] & tcp-cwr != 0",
	"tcp[tcpflags] & tcp-ack == 0", "tcp[13] == 0x12", "tcp[13] == 022", "tcp[13] == 18", "tcp[0xd] > 16", "tcp[13] >= 24", "tcp[13] < 3", "tcp[13] <= 2", "tcp[13] != 16",
	"(tcp[13] & 2) != 0", "tcp[(13)] = 2", "tcp[12+1] = 2", "tcp[13:1] = 2", "tcp [ 13 ] = 2", "2 = tcp[13]", "2 | 16 = tcp[13]", "(2|16) = tcp[13]", "tcp[13] + 1 > 3", "tcp[13] - 20 > 0",
	"tcp[13] - 20 = 4294967294", "tcp[13] & 1 + 1 != 0", "tcp[13] & 1 | 4 != 4", "tcp[13] - 2 - 2 = 12", "tcp[13] & 2 = tcp[13] & 16",
	"not tcp[13] & 2 != 0", "not (tcp[13] & 2 != 0)", "tcp[tcpflags] & tcp-rst != 0 and port 80", "tcp[13]=2&&src port 80||dst port 443", "tcp[tcpflags] & tcp-fin != 0 and src host 10.0.0.1",
	"tcp[tcpflags] & (tcp-syn|tcp-fin) != 0 and not src and dst net 10", "1 = 1", "tcp[13] = 2 or tcp[13] = 4 and not src port 80",
}

func TestSelectsWhatTcpdumpSelects(t *testing.T) {
	tool := tcpdump(t)
	trace, frames := manySegments()
	name := filepath.Join(t.TempDir(), "trace.pcap")
	if err := os.WriteFile(name, trace, 0o600); err != nil {
		t.Fatal(err)
	}
	connections, flowOf := summaries(t, trace)
	if len(connections) < 50 || len(flowOf) != frames {
		t.Fatalf("%d connections, %d of %d segments: too few to compare", len(connections), len(flowOf), frames)
	}
	for _, text := range accepted {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			f, err := filter.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			out, err := exec.Command(tool, "-n", "-r", name, "-w", "-", text).Output()
			if err != nil {
				t.Fatalf("tcpdump: %v", err)
			}
			want := make(map[int]bool)
			for _, frame := range frameNumbers(t, out) {
				want[flowOf[frame]] = true
			}
			got := make(map[int]bool)
			for _, s := range connections {
				if strings.Contains(strings.ReplaceAll(text, " ", ""), "tcp[") && s.Ends[0].Addr().Is6() {
					delete(want, s.ID) // tcpdump's tcp[...] sees IPv4 only
					continue
				}
				if f.Match(&s) {
					got[s.ID] = true
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("connections (-tcpdump +tcpviz):\n%s", diff)
			}
		})
	}
}

// refused are filters that tcpdump refuses. Those that are read here are marked: they are
// what doc.go lists as more than tcpdump has.
var refused = []struct {
	text     string
	readHere bool
}{
	{"net 10/8", true}, {"10.0.0.1", true}, {"10.0.0.0/8", true}, {"src 10.0.0.0/8", true}, {"10.0.0.1:80", true}, {"[2001:db8::1]:80", true},
	{"tcp host 10.0.0.1", true}, {"ip port 80", true}, {"port 80 host 10.0.0.1", true}, {"port 80 or 10.0.0.1", true}, {"host 10.0.0.1 and (10.1.2.3 or port 80)", true},
	{"port 80 and (443 or host 10.0.0.1)", true}, {"PORT 80", true}, {"port 80 AND port 443", true}, {"established", true}, {"not port 80 port 443", true},
	{"10/8", true}, {"tcp src 10.0.0.1", true}, {"src 10.0.0.1:80", true}, {"ip and ip6", true}, {"1 = 2", true},
	{"ip6 host 10.0.0.1", false}, {"ip host ::1", false}, {"ip6 net 10.0.0.0/8", false}, {"host 10.0.0.0/8", false}, {"net 10.0.0.1/8", false}, {"net ::1/64", false},
	{"net 10.0 mask 255", false}, {"net 10.0.0.1 mask 255.0.0.0", false}, {"net ::1 mask 255.0.0.0", false}, {"net 10.0.0.0/33", false}, {"net ::/129", false}, {"host 1.2.3.256", false}, {"net 256.1", false},
	{"port 080", false}, {"port 70000", false}, {"portrange 0x10-0x20", false}, {"portrange 80-", false}, {"portrange 80-70000", false}, {"portrange 80 - 90", false},
	{"tcp[13] & 2", false}, {"tcp[13]", false}, {"tcp[13] = 2 = 1", false}, {"tcp[13] =", false}, {"tcp[13", false}, {"tcp[] = 2", false}, {"tcp[13] == 4294967296", false},
	{"port 80 or", false}, {"and port 80", false}, {"()", false}, {"(port 80", false}, {"port 80)", false}, {"port", false}, {"src", false}, {"src and host 10.0.0.1", false},
	{"tcp and 80", false}, {"80", false}, {"host fe80::1%lo", false}, {"port 80 & port 443", false}, {"port 80 or or 443", false}, {"port 80 = 80", false}, {"not", false}, {"host", false}, {"net", false},
	{"port 10.0.0.1", false}, {"port 80 port", false}, {"tcp 80", false}, {"host 10.0.0.1:80", false}, {"port (80 or port 443)", false}, {"port 80, 443", false}, {"port ;80", false}, {"port 80 || | 443", false},
	{"src src port 80", false}, {"port -1", false}, {"port 8 0", false},
}

func TestRefusesWhatTcpdumpRefuses(t *testing.T) {
	tool := tcpdump(t)
	for _, r := range refused {
		t.Run(r.text, func(t *testing.T) {
			t.Parallel()
			err := exec.Command(tool, "-n", "-y", "EN10MB", "-d", r.text).Run()
			if exit := new(exec.ExitError); !errors.As(err, &exit) {
				t.Fatalf("tcpdump refuses it no more: %v", err)
			}
			if _, err := filter.Parse(r.text); (err == nil) != r.readHere {
				t.Errorf("Parse: %v, want read: %v", err, r.readHere)
			}
		})
	}
}

func tcpdump(t *testing.T) string {
	t.Helper()
	tool, err := exec.LookPath("tcpdump")
	if err != nil {
		t.Skip("tcpdump is not installed")
	}
	return tool
}

// frameNumbers gives the frames of a capture in which each one's time is its number.
func frameNumbers(t *testing.T, trace []byte) (numbers []int) {
	t.Helper()
	file, err := capture.NewReader(bytes.NewReader(trace), "trace")
	if err != nil {
		t.Fatal(err)
	}
	for {
		packet, err := file.Next()
		if err == io.EOF {
			return numbers
		}
		if err != nil {
			t.Fatal(err)
		}
		numbers = append(numbers, int(packet.Time.UnixMicro()))
	}
}

// summaries gives the connections of a capture, and to which one each frame belongs.
func summaries(t *testing.T, trace []byte) (list []fsm.Summary, flowOf map[int]int) {
	t.Helper()
	file, err := capture.NewReader(bytes.NewReader(trace), "trace")
	if err != nil {
		t.Fatal(err)
	}
	decoder := capture.NewDecoder()
	var tracker fsm.Tracker
	flowOf = make(map[int]int)
	for {
		packet, err := file.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		d, err := decoder.Decode(packet)
		if err != nil {
			t.Fatal(err)
		}
		at := fsm.Nanos(packet.Time.UnixNano())
		flow, sender, _ := tracker.Find(at, fsm.AddressOf(d.Src), fsm.AddressOf(d.Dst), &d.Segment)
		flow.Count(packet.Number, at, sender, &d.Segment)
		flowOf[int(packet.Time.UnixMicro())] = flow.ID()
	}
	for flow := range tracker.Flows() {
		list = append(list, flow.Summary())
	}
	return list, flowOf
}

// manySegments writes a capture of segments with all sorts of ends and flags; the
// time of each frame, in microseconds, is its number.
func manySegments() (trace []byte, frames int) {
	four := []string{"10.0.0.1", "10.0.0.2", "10.1.2.3", "192.168.1.5", "0.0.0.10", "1.0.0.7"}
	six := []string{"2001:db8::1", "2001:db8::2", "2001:db8:1::7", "fe80::1", "::ffff:10.0.0.1"}
	ports := []uint16{80, 443, 22, 25, 8080, 1024, 50000, 0, 65535}
	flags := []fsm.Flags{fsm.SYN, fsm.SYN | fsm.ACK, fsm.ACK, fsm.PSH | fsm.ACK, fsm.FIN | fsm.ACK, fsm.RST, fsm.RST | fsm.ACK, 0, fsm.SYN | fsm.ECE | fsm.CWR, fsm.URG | fsm.ACK, 255}
	random := rand.New(rand.NewPCG(7, 7))
	pick := func(list []string) netip.Addr { return netip.MustParseAddr(list[random.IntN(len(list))]) }

	trace = binary.LittleEndian.AppendUint32(trace, 0xa1b2c3d4)
	trace = append(trace, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	trace = binary.LittleEndian.AppendUint32(trace, 65535)
	trace = binary.LittleEndian.AppendUint32(trace, 1)
	for range 150 {
		addresses := four
		if random.IntN(3) == 0 {
			addresses = six
		}
		ends := [2]netip.AddrPort{
			netip.AddrPortFrom(pick(addresses), ports[random.IntN(len(ports))]),
			netip.AddrPortFrom(pick(addresses), ports[random.IntN(len(ports))]),
		}
		for range 1 + random.IntN(4) {
			frames++
			from := random.IntN(2)
			if random.IntN(2) == 0 {
				from = 0 // so that many have one direction only
			}
			frame := ethernet(ends[from], ends[1-from], flags[random.IntN(len(flags))])
			trace = binary.LittleEndian.AppendUint32(trace, uint32(frames/1e6))
			trace = binary.LittleEndian.AppendUint32(trace, uint32(frames%1e6))
			trace = binary.LittleEndian.AppendUint32(trace, uint32(len(frame)))
			trace = binary.LittleEndian.AppendUint32(trace, uint32(len(frame)))
			trace = append(trace, frame...)
		}
	}
	return trace, frames
}

// ethernet builds a frame with an empty TCP segment. Its checksums are not filled in.
func ethernet(src, dst netip.AddrPort, flags fsm.Flags) []byte {
	frame := make([]byte, 12)
	if src.Addr().Is4() {
		frame = append(frame, 8, 0, 0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0)
	} else {
		frame = append(frame, 0x86, 0xdd, 0x60, 0, 0, 0, 0, 20, 6, 64)
	}
	frame = append(frame, src.Addr().AsSlice()...)
	frame = append(frame, dst.Addr().AsSlice()...)
	frame = binary.BigEndian.AppendUint16(frame, src.Port())
	frame = binary.BigEndian.AppendUint16(frame, dst.Port())
	frame = append(frame, 0, 0, 0, 1, 0, 0, 0, 1, 0x50, byte(flags), 0, 100, 0, 0, 0, 0)
	return frame
}
