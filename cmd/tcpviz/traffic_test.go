package main

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/rogpeppe/go-internal/testscript"

	"tcpviz/internal/traffic"
)

// writeTraffic writes a capture that was made up. The name's endings say in which
// format and how it is compressed: flood.pcapng.zst.
func writeTraffic(name string, s traffic.Shape) (err error) {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	var w io.WriteCloser = f
	plain := name
	switch filepath.Ext(name) {
	case ".gz":
		w, plain = gzip.NewWriter(f), name[:len(name)-len(".gz")]
	case ".zst":
		if w, err = zstd.NewWriter(f); err != nil {
			return err
		}
		plain = name[:len(name)-len(".zst")]
	}
	format := traffic.Pcap
	if filepath.Ext(plain) == ".pcapng" {
		format = traffic.PcapNG
	}
	_, err = traffic.Write(w, s, format)
	if w != f {
		err = errors.Join(err, w.Close())
	}
	return err
}

// trafficCommand writes a capture that was made up: traffic short|flood|lossy N file
func trafficCommand(ts *testscript.TestScript, neg bool, args []string) {
	var n int
	if neg || len(args) != 3 {
		ts.Fatalf("usage: traffic kind connections file")
	}
	_, err := fmt.Sscan(args[1], &n)
	ts.Check(err)
	shapes := map[string]func(int) traffic.Shape{"short": traffic.Short, "flood": traffic.Flood, "lossy": traffic.Lossy}
	shape, ok := shapes[args[0]]
	if !ok {
		ts.Fatalf("no traffic of the kind %s", args[0])
	}
	ts.Check(writeTraffic(ts.MkAbs(args[2]), shape(n)))
}

// largeCapture writes a capture that is browsed, not held.
func largeCapture(t testing.TB, s traffic.Shape) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "large.pcap")
	if err := writeTraffic(name, s); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(name); err != nil || info.Size() < largeFile {
		t.Fatal("the capture is not large: ", info.Size(), err)
	}
	return name
}

// lastLinesCommand wants standard output to end with the lines of a file: lastlines file
func lastLinesCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: lastlines file")
	}
	want := ts.ReadFile(args[0])
	if got := ts.ReadFile("stdout"); want == "" || !strings.HasSuffix(got, "\n"+want) {
		ts.Fatalf("standard output does not end with %s", args[0])
	}
}
