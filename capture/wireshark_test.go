package capture_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tcpviz/capture"
)

// manyFrames gives frames of many lengths and times, the same each time.
func manyFrames() []capture.Packet {
	random := rand.New(rand.NewPCG(1, 2))
	var packets []capture.Packet
	for i := range 300 {
		data := make([]byte, random.IntN(400))
		for j := range data {
			data[j] = byte(random.Uint32())
		}
		packets = append(packets, capture.Packet{
			Number: i + 1, LinkType: capture.LinkTypeEthernet, Data: data, Length: len(data) + random.IntN(2)*random.IntN(1000),
			Time: at(int64(random.Uint32N(1<<31)), random.Int64N(1e9)),
		})
	}
	packets[7].Comments = []string{"one", "two"}
	return packets
}

// What Wireshark reads from an NgWriter and writes again, in each format, is what was written.
func TestThroughWireshark(t *testing.T) {
	dir := t.TempDir()
	original := filepath.Join(dir, "original.pcapng")
	if err := os.WriteFile(original, writeNg(t, manyFrames()), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		format, read string
		unit         time.Duration
		comments     bool
	}{
		{"pcap", "pcap", time.Microsecond, false},
		{"nsecpcap", "pcap", time.Nanosecond, false},
		{"pcapng", "pcapng", time.Nanosecond, true},
	} {
		t.Run(c.format, func(t *testing.T) {
			copied := filepath.Join(dir, c.format)
			run(t, "editcap", "-F", c.format, original, copied)
			f, err := capture.Open(copied)
			if err != nil {
				t.Fatal(err)
			}
			got, err := drain(f)
			if err != nil {
				t.Fatal(err)
			}
			want := manyFrames()
			for i := range want {
				want[i].Time = want[i].Time.Truncate(c.unit)
				if !c.comments {
					want[i].Comments = nil
				}
			}
			if diff := cmp.Diff(want, got, sameBytes); diff != "" {
				t.Error(diff)
			}
			if f.Format() != c.read {
				t.Errorf("format %q", f.Format())
			}
			if err := f.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}
