package capture_test

import (
	"bytes"
	"crypto/sha512"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"tcpviz/capture"
)

// BenchmarkRead reads captures of a few megabytes, from memory and from a file in the
// system's cache; the unit is one frame.
func BenchmarkRead(b *testing.B) {
	for _, c := range []struct {
		name         string
		frames, size int
	}{{"92 bytes", 50000, 92}, {"1500 bytes", 5000, 1500}, {"60 KB", 100, 60000}} {
		pcap, ng := sameFrames(c.frames, c.size)
		for format, content := range map[string][]byte{"pcap": pcap, "pcapng": ng} {
			b.Run(format+"/"+c.name+"/memory", func(b *testing.B) {
				benchmarkRead(b, c.size, func() (*capture.File, error) { return capture.NewReader(bytes.NewReader(content), format) })
			})
			b.Run(format+"/"+c.name+"/file", func(b *testing.B) {
				name := filepath.Join(b.TempDir(), "capture")
				if err := os.WriteFile(name, content, 0o600); err != nil {
					b.Fatal(err)
				}
				benchmarkRead(b, c.size, func() (*capture.File, error) { return capture.Open(name) })
			})
		}
	}
}

// BenchmarkReadCompressed reads 92-byte frames, of which no two are alike.
func BenchmarkReadCompressed(b *testing.B) {
	pcap, _ := sameFrames(50000, 92)
	for at := 24; at < len(pcap); at += 16 + 92 {
		noise := sha512.Sum512(pcap[at : at+8])
		copy(pcap[at+16:at+16+92], noise[:])
	}
	for name, content := range map[string][]byte{"gzip": zipped(pcap), "zstd": squeezed(pcap)} {
		b.Run(name, func(b *testing.B) {
			benchmarkRead(b, 92, func() (*capture.File, error) { return capture.NewReader(bytes.NewReader(content), name) })
		})
	}
}

// sameFrames gives a pcap and a pcapng file with the same frames.
func sameFrames(frames, size int) (pcap, ng []byte) {
	data := string(make([]byte, size))
	pcap = little.pcapHeader(micro, 262144, 1)
	ng = join(little.section(), little.device(1, 0))
	for i := range uint32(frames) {
		pcap = append(pcap, little.pcapFrame(i, 0, data, uint32(size))...)
		ng = append(ng, little.enhanced(0, uint64(i)*1e6, data, uint32(size))...)
	}
	return pcap, ng
}

func benchmarkRead(b *testing.B, size int, open func() (*capture.File, error)) {
	f, err := open()
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		if _, err = f.Next(); err == nil {
			continue
		}
		if err = errors.Join(again(err), f.Close()); err != nil {
			b.Fatal(err)
		}
		if f, err = open(); err != nil {
			b.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
}

// again forgives the end of a file, which can be read again.
func again(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}
