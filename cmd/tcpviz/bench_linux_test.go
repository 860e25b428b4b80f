package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"tcpviz/internal/traffic"
	"testing"

	"github.com/creack/pty"
)

// BenchmarkFirstFrame measures the whole process in a terminal of its own, from
// its start until the footer of the first frame has been drawn; peak-MB is what
// the process and its child in the user namespace, if any, needed at most.
func BenchmarkFirstFrame(b *testing.B) {
	binary := buildProgram(b)
	recording, err := filepath.Abs("../../testdata/recordings/close.pcapng")
	if err != nil {
		b.Fatal(err)
	}
	for name, args := range map[string][]string{"demo": nil, "replay": {"replay", recording}} {
		b.Run(name, func(b *testing.B) {
			var peak int64
			for b.Loop() {
				peak = max(peak, untilDrawn(b, binary, args, "quit")) // in the footer, which is drawn last
			}
			b.ReportMetric(float64(peak)/1024, "peak-MB")
		})
	}
}

// BenchmarkLarge measures the whole process with 1,000,000 packets of 100,000
// connections: conns in both forms, and replay in a terminal, until the list is on the
// screen and until it is complete.
func BenchmarkLarge(b *testing.B) {
	binary := buildProgram(b)
	capture := filepath.Join(b.TempDir(), "short.pcap")
	if err := writeTraffic(capture, traffic.Short(100_000)); err != nil {
		b.Fatal(err)
	}
	for _, form := range []string{"json", "text"} {
		b.Run("conns "+form, func(b *testing.B) {
			var peak int64
			for b.Loop() {
				cmd := exec.Command(binary, "conns", capture, "--output", form)
				if err := cmd.Run(); err != nil {
					b.Fatal(err)
				}
				peak = max(peak, cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss)
			}
			b.ReportMetric(float64(peak)/1024, "peak-MB")
		})
	}
	for name, text := range map[string]string{"list on the screen": "192.0.2.", "list complete": "100,000"} {
		b.Run(name, func(b *testing.B) {
			var peak int64
			for b.Loop() {
				peak = max(peak, untilDrawn(b, binary, []string{"replay", capture}, text))
			}
			b.ReportMetric(float64(peak)/1024, "peak-MB")
		})
	}
}

func buildProgram(b *testing.B) string {
	binary := filepath.Join(b.TempDir(), "tcpviz")
	build := exec.Command("go", "build", "-o", binary, ".")
	build.Env = developer
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("go build: %v\n%s", err, out)
	}
	return binary
}

// untilDrawn runs the program in a terminal until it has drawn the text, ends it, and
// gives the most memory that it had, in KiB.
func untilDrawn(b *testing.B, binary string, args []string, text string) int64 {
	cmd := exec.Command(binary, args...)
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "LC_ALL=C.UTF-8")
	terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 40, Cols: 120})
	if err != nil {
		b.Fatal(err)
	}
	defer terminal.Close()
	var drawn []byte
	buffer := make([]byte, 64<<10)
	for !bytes.Contains(drawn, []byte(text)) {
		n, err := terminal.Read(buffer)
		if err != nil {
			b.Fatalf("before it has drawn that: %v\n%q", err, drawn)
		}
		drawn = append(drawn, buffer[:n]...)
	}
	b.StopTimer()
	defer b.StartTimer()
	if _, err := terminal.WriteString("q"); err != nil {
		b.Fatal(err)
	}
	for { // it draws on until it ends
		if _, err := terminal.Read(buffer); err != nil {
			break
		}
	}
	if err := cmd.Wait(); err != nil {
		b.Fatal(err)
	}
	return cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
}
