package traffic

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tcpviz/fsm"
)

// shark gives what tshark says of each frame of a capture: a line of fields.
func shark(t *testing.T, s Shape, f Format, fields ...string) [][]string {
	t.Helper()
	program, err := exec.LookPath("tshark")
	if err != nil {
		t.Skip("tshark is not installed")
	}
	name := filepath.Join(t.TempDir(), "synthetic")
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := Write(file, s, f)
	if err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	args := []string{"-2", "-n", "-r", name, "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-T", "fields"}
	for _, field := range fields {
		args = append(args, "-e", field)
	}
	out, err := exec.Command(program, args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	var lines [][]string
	for line := range strings.Lines(string(out)) {
		lines = append(lines, strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
	}
	if int64(len(lines)) != sum.Frames {
		t.Fatalf("tshark says %d lines of %d frames", len(lines), sum.Frames)
	}
	return lines
}

// Headers and checksums are good, no dissector claims the text, and nothing but
// TCP is there; where nothing goes wrong tshark finds nothing wrong.
func TestTsharkFindsNothingWrong(t *testing.T) {
	const good = "1"
	shapes := []Shape{Short(300), Flood(300), Bulk(2_000_000), Lossy(2 * len(scenarios))}
	for format, shapes := range map[Format][]Shape{Pcap: shapes, PcapNG: shapes[:1]} {
		for _, shape := range shapes {
			t.Run(shape.Kind.String()+"/"+format.String(), func(t *testing.T) {
				t.Parallel()
				shape.IPv6Percent = 30
				for i, line := range shark(t, shape, format, "frame.protocols", "tcp.checksum.status", "ip.checksum.status", "_ws.malformed", "tcp.analysis.flags", "tcp.completeness") {
					protocols, tcpSum, ipSum, malformed, flags, completeness := line[0], line[1], line[2], line[3], line[4], line[5]
					switch strings.TrimSuffix(protocols, ":data") {
					case "eth:ethertype:ip:tcp":
						if ipSum != good {
							t.Errorf("frame %d: IPv4 checksum status %q", i+1, ipSum)
						}
					case "eth:ethertype:ipv6:tcp":
					default:
						t.Errorf("frame %d is taken for %s", i+1, protocols)
					}
					if tcpSum != good || malformed != "" {
						t.Errorf("frame %d: TCP checksum status %q, malformed %q", i+1, tcpSum, malformed)
					}
					if shape.Kind != LossyKind && flags != "" {
						t.Errorf("frame %d has something unusual", i+1)
					}
					if shape.Kind == ShortKind && completeness != "31" {
						t.Errorf("frame %d: completeness %s, want 31", i+1, completeness)
					}
				}
			})
		}
	}
}

// tshark finds in each scenario what is said of it, and nothing else.
func TestTsharkFindsWhatScenariosSay(t *testing.T) {
	t.Parallel()
	names := slices.Collect((^fsm.Anomaly(0)).Names())
	fields := []string{"ip.addr", "tcp.port"}
	for _, name := range names {
		fields = append(fields, "tcp.analysis."+name)
	}
	found := make(map[string]map[string]bool) // by the client's address and port
	for _, line := range shark(t, Lossy(len(scenarios)), Pcap, fields...) {
		for i, addr := range strings.Split(line[0], ",") {
			end := addr + ":" + strings.Split(line[1], ",")[i]
			if found[end] == nil {
				found[end] = make(map[string]bool)
			}
			for n, name := range names {
				if line[2+n] != "" {
					found[end][name] = true
				}
			}
		}
	}
	for i, s := range scenarios {
		said := make(map[string]bool)
		for name := range s.Anomalies.Names() {
			said[name] = true
		}
		if diff := cmp.Diff(said, found[clientAt(uint32(i), false).String()]); diff != "" {
			t.Errorf("%s (-said +found by tshark):\n%s", s.Name, diff)
		}
	}
}
