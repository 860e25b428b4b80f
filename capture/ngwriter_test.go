package capture_test

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tcpviz/capture"
)

// handshake gives three frames with comments.
func handshake() []capture.Packet {
	var packets []capture.Packet
	for i, flags := range []string{"S", "SA", "A"} {
		data := ethernet(0x0800, ipv4Packet(6, tcpHeader(flags, nil)))
		packets = append(packets, capture.Packet{
			Number: i + 1, Time: at(1_700_000_000, int64(i)+123456789), LinkType: capture.LinkTypeEthernet, Data: data, Length: len(data),
		})
	}
	packets[0].Comments = []string{"the first", `two "quotes", 三次握手`, ""}
	packets[2].Comments = []string{strings.Repeat("x", 65535)}
	return packets
}

func TestNgWriterRoundTrip(t *testing.T) {
	want := append(handshake(), capture.Packet{
		Number: 4, Time: at(0, 0), LinkType: capture.LinkTypeIPv4, Data: ipv4Packet(6, tcpHeader("R", nil)), Length: 40,
	})
	f, got, err := readAll(t, writeNg(t, want, "about", "more about"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"about", "more about"}, f.Comments()); diff != "" {
		t.Error(diff)
	}
}

func TestNgWriterRefuses(t *testing.T) {
	good := handshake()[0]
	for name, spoil := range map[string]func(*capture.Packet){
		"a comment too long":    func(p *capture.Packet) { p.Comments = []string{strings.Repeat("x", 65536)} },
		"a frame too large":     func(p *capture.Packet) { p.Data = make([]byte, 262145) },
		"comments of 20 MB":     func(p *capture.Packet) { p.Comments = make320(65000) },
		"a time before 1970":    func(p *capture.Packet) { p.Time = at(-1, 0) },
		"no time":               func(p *capture.Packet) { p.Time = time.Time{} },
		"a time after 2262":     func(p *capture.Packet) { p.Time = at(1<<35, 0) },
		"a link type too large": func(p *capture.Packet) { p.LinkType = 1 << 16 },
	} {
		w, err := capture.NewNgWriter(io.Discard, capture.LinkTypeEthernet, nil)
		if err != nil {
			t.Fatal(err)
		}
		p := good
		spoil(&p)
		if err := w.Write(p); err == nil || !strings.HasPrefix(err.Error(), "capture: write frame 1: ") {
			t.Errorf("%s: %v", name, err)
		}
		if w.Write(good) == nil || w.Flush() == nil {
			t.Errorf("%s: the error is forgotten", name)
		}
	}
	if _, err := capture.NewNgWriter(io.Discard, 1<<16, nil); err == nil {
		t.Error("a link type too large: no error")
	}
	if _, err := capture.NewNgWriter(io.Discard, 1, []string{strings.Repeat("x", 65536)}); err == nil {
		t.Error("a section comment too long: no error")
	}
}

// make320 gives 320 comments of n bytes.
func make320(n int) (comments []string) {
	for range 320 {
		comments = append(comments, strings.Repeat("x", n))
	}
	return comments
}

type fullDisk struct{}

var errFull = errors.New("no space left")

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestNgWriterDiskFull(t *testing.T) {
	w, err := capture.NewNgWriter(fullDisk{}, capture.LinkTypeEthernet, nil)
	if err != nil {
		t.Fatal(err) // the header is still held back
	}
	if err := w.Flush(); !errors.Is(err, errFull) {
		t.Error(err)
	}
}

// tshark and tcpdump read the file without complaint and find what was written.
func TestOtherProgramsReadIt(t *testing.T) {
	file := filepath.Join(t.TempDir(), "story.pcapng")
	if err := os.WriteFile(file, writeNg(t, handshake(), "about"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Run("tshark", func(t *testing.T) {
		out := run(t, "tshark", "-o", "tcp.relative_sequence_numbers:FALSE", "-r", file, "-T", "fields", "-E", "occurrence=a", "-E", "aggregator=|",
			"-e", "frame.number", "-e", "frame.time_epoch", "-e", "tcp.flags.str", "-e", "frame.comment")
		lines := strings.Split(out, "\n")
		want := "1\t1700000000.123456789\t··········S·\tthe first|two \\\"quotes\\\", 三次握手"
		if !strings.HasPrefix(lines[0], "1\t1700000000.123456789\t") || !strings.Contains(lines[0], "the first|two ") || !strings.Contains(lines[0], "三次握手") {
			t.Errorf("%q, not like %q", lines[0], want)
		}
		if len(lines) != 4 { // three and the end of the last
			t.Errorf("%d lines", len(lines))
		}
	})
	t.Run("tcpdump", func(t *testing.T) {
		out := run(t, "tcpdump", "-n", "-tt", "--nano", "-r", file)
		want := "1700000000.123456789 IP 192.0.2.1.40000 > 192.0.2.2.80: Flags [S], seq 1000, win 512, length 0\n"
		if !strings.HasPrefix(out, want) {
			t.Errorf("%q does not begin with %q", out, want)
		}
	})
}

// run gives a program's standard output, and fails when it fails or complains.
func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed", name)
	}
	var out, complaints strings.Builder
	command := exec.Command(path, args...)
	command.Stdout, command.Stderr = &out, &complaints
	if err := command.Run(); err != nil {
		t.Fatalf("%v: %s", err, complaints.String())
	}
	for line := range strings.Lines(complaints.String()) {
		if !strings.HasPrefix(line, "Running as user") && !strings.HasPrefix(line, "reading from file") {
			t.Errorf("%s complains: %s", name, line)
		}
	}
	return out.String()
}
