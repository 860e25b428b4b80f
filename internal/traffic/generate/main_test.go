package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tcpviz/internal/traffic"
)

func TestWrongUsageIsSaid(t *testing.T) {
	tests := []struct{ args, want string }{
		{"", "generate: -shape is missing: short, flood, bulk or lossy (generate -h shows the options)\n"},
		{"-shape long -connections 1 -o f", `generate: -shape "long": must be short, flood, bulk or lossy`},
		{"-shape short -o f", "generate: -shape short needs -connections"},
		{"-shape bulk -o f", "generate: -shape bulk needs -bytes"},
		{"-shape flood -connections 1 -bytes 5 -o f", "generate: -bytes goes with -shape bulk only, -shape flood needs -connections"},
		{"-shape short -connections 1", "generate: -o is missing: the file to write"},
		{"-shape short -connections 1 -format erf -o f", `generate: -format "erf": must be pcap or pcapng`},
		{"-shape short -connections 1 f", `generate: "f" is too much`},
		{"-shape short -connections many -o f", `generate: invalid value "many" for flag -connections`},
		{"-shape short -connections 0 -o f", "generate: traffic: short: 0 connections: must be 1 to 1073741824"},
		{"-shape bulk -bytes 9000000000 -o f", "generate: traffic: bulk: the file could have 9000000000 bytes, and none larger than 4294967296 (4 GiB) is written"},
		{"-shape short -connections 1 -ipv6 101 -o f", "generate: traffic: short: 101% IPv6: must be 0 to 100"},
		{"-speed 3", "generate: flag provided but not defined: -speed"},
	}
	t.Chdir(t.TempDir())
	for _, test := range tests {
		var stdout, stderr bytes.Buffer
		status := run(strings.Fields(test.args), &stdout, &stderr)
		if status != 2 || !strings.HasPrefix(stderr.String(), test.want) || strings.Count(stderr.String(), "\n") != 1 || stdout.Len() > 0 {
			t.Errorf("generate %s: status %d, %q, want 2, %q", test.args, status, stderr.String(), test.want)
		}
	}
	if left, err := os.ReadDir("."); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestFileIsWritten(t *testing.T) {
	for args, shape := range map[string]traffic.Shape{
		"-shape short -connections 3 -seed 4":        {Kind: traffic.ShortKind, Connections: 3, Seed: 4},
		"-shape lossy -connections 30 -ipv6 50":      {Kind: traffic.LossyKind, Connections: 30, IPv6Percent: 50},
		"-shape flood -connections 5":                traffic.Flood(5),
		"-shape bulk -bytes 100000":                  traffic.Bulk(100_000),
		"-shape bulk -bytes 100000 -connections 3":   {Kind: traffic.BulkKind, Connections: 3, Bytes: 100_000},
		"-shape short -connections 3 -format=pcapng": traffic.Short(3),
	} {
		format := traffic.Pcap
		if strings.Contains(args, "pcapng") {
			format = traffic.PcapNG
		}
		var want, stdout, stderr bytes.Buffer
		if _, err := traffic.Write(&want, shape, format); err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(t.TempDir(), "f")
		if status := run(append(strings.Fields(args), "-o", name), &stdout, &stderr); status != 0 || stderr.Len() > 0 {
			t.Fatalf("generate %s: status %d, %s", args, status, stderr.String())
		}
		got, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want.Bytes()) {
			t.Errorf("generate %s: %d bytes, want the %d that Write gives", args, len(got), want.Len())
		}
		if !strings.Contains(stdout.String(), " frames, ") {
			t.Errorf("generate %s: says %q", args, stdout.String())
		}
	}
}

func TestFileThatCannotBeWritten(t *testing.T) {
	var stdout, stderr bytes.Buffer
	name := filepath.Join(t.TempDir(), "no", "such", "folder")
	if status := run([]string{"-shape", "short", "-connections", "1", "-o", name}, &stdout, &stderr); status != 1 || !strings.HasPrefix(stderr.String(), "generate: open ") {
		t.Errorf("status %d, %q", status, stderr.String())
	}
}

func TestHelpAndScenarios(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if status := run([]string{"-h"}, &stdout, &stderr); status != 0 || !strings.Contains(stderr.String(), "-shape lossy") {
		t.Errorf("-h: status %d, %q", status, stderr.String())
	}
	stderr.Reset()
	if status := run([]string{"-scenarios"}, &stdout, &stderr); status != 0 || stderr.Len() > 0 {
		t.Errorf("-scenarios: status %d, %q", status, stderr.String())
	}
	for _, s := range traffic.Scenarios() {
		if !strings.Contains(stdout.String(), s.Name+": "+s.About) {
			t.Errorf("-scenarios does not tell of %s", s.Name)
		}
	}
}
