package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/creack/pty"
)

// BenchmarkFirstFrame measures the whole process in a terminal of its own, from
// its start until the footer of the first frame has been drawn; peak-MB is what
// the process and its child in the user namespace, if any, needed at most.
func BenchmarkFirstFrame(b *testing.B) {
	binary := filepath.Join(b.TempDir(), "tcpviz")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		b.Fatalf("go build: %v\n%s", err, out)
	}
	recording, err := filepath.Abs("../../testdata/recordings/close.pcapng")
	if err != nil {
		b.Fatal(err)
	}
	for name, args := range map[string][]string{"demo": nil, "replay": {"replay", recording}} {
		b.Run(name, func(b *testing.B) {
			var peak int64
			for b.Loop() {
				peak = max(peak, firstFrame(b, binary, args))
			}
			b.ReportMetric(float64(peak)/1024, "peak-MB")
		})
	}
}

// firstFrame runs the program until its first frame stands, ends it, and gives
// the most memory that it had, in KiB.
func firstFrame(b *testing.B, binary string, args []string) int64 {
	cmd := exec.Command(binary, args...)
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "LC_ALL=C.UTF-8")
	terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 40, Cols: 120})
	if err != nil {
		b.Fatal(err)
	}
	defer terminal.Close()
	var drawn []byte
	buffer := make([]byte, 64<<10)
	for !bytes.Contains(drawn, []byte("quit")) { // the last key of the footer
		n, err := terminal.Read(buffer)
		if err != nil {
			b.Fatalf("before the first frame: %v\n%q", err, drawn)
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
