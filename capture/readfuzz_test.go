package capture_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"tcpviz/capture"
)

// FuzzPcap reads any bytes as a pcap file.
func FuzzPcap(f *testing.F) { fuzzFormat(f, "pcap") }

// FuzzPcapng reads any bytes as a pcapng file.
func FuzzPcapng(f *testing.F) { fuzzFormat(f, "pcapng") }

// FuzzGzip reads any bytes as a file compressed by gzip.
func FuzzGzip(f *testing.F) { fuzzCompressed(f, zipped) }

// FuzzZstd reads any bytes as a file compressed by zstd.
func FuzzZstd(f *testing.F) {
	w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		f.Fatal(err)
	}
	fuzzCompressed(f, func(b []byte) []byte { return w.EncodeAll(b, nil) })
}

// fuzzFormat reads any bytes, at once and piece by piece, and starts with files of one format.
func fuzzFormat(f *testing.F, format string) {
	for _, seed := range seeds(f) {
		if file, err := capture.NewReader(bytes.NewReader(seed), "seed"); err == nil && file.Format() == format {
			f.Add(seed)
			f.Add(seed[:len(seed)-min(len(seed), 10)])
		}
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		// Neither can seek: what is ahead must not matter.
		whole, wholeErr := readAny(t, io.MultiReader(bytes.NewReader(content)))
		pieces, err := readAny(t, iotest.HalfReader(&short{bytes.NewReader(content)}))
		if !slices.EqualFunc(whole, pieces, samePacket) || message(err) != message(wholeErr) {
			t.Fatalf("at once %v, piece by piece %v: %s", wholeErr, err, cmp.Diff(whole, pieces))
		}
		readAny(t, bytes.NewReader(content))
	})
}

// short gives at most 40 bytes at a time.
type short struct{ r io.Reader }

func (s *short) Read(b []byte) (int, error) { return s.r.Read(b[:min(len(b), 40)]) }

// fuzzCompressed reads any bytes as they are; and compressed, when it must
// make no difference that they are.
func fuzzCompressed(f *testing.F, compress func([]byte) []byte) {
	for _, seed := range seeds(f) {
		f.Add(compress(seed), 0)
		f.Add(seed, len(seed)/2)
	}
	f.Fuzz(func(t *testing.T, content []byte, cut int) {
		plain, plainErr := readAny(t, bytes.NewReader(content))
		cut = max(0, min(cut, len(content)))
		packets, err := readAny(t, bytes.NewReader(join(compress(content[:cut]), compress(content[cut:]))))
		if strings.Contains(message(err), "compressed twice") || len(content) < 4 {
			return
		}
		if !slices.EqualFunc(plain, packets, samePacket) || message(err) != message(plainErr) {
			t.Fatalf("plain %v, compressed %v: %s", plainErr, err, cmp.Diff(plain, packets))
		}
	})
}

// samePacket tells quickly whether two packets are the same.
func samePacket(a, b capture.Packet) bool {
	return a.Number == b.Number && a.Time.Equal(b.Time) && a.LinkType == b.LinkType && a.Length == b.Length &&
		bytes.Equal(a.Data, b.Data) && slices.Equal(a.Comments, b.Comments)
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// readAny reads what may be a capture: that must end, without a panic, and must not
// give more than there can be.
func readAny(t *testing.T, r io.Reader) (packets []capture.Packet, err error) {
	file, err := capture.NewReader(r, "fuzz")
	if err != nil {
		return nil, err
	}
	decoder := capture.NewDecoder()
	for frames := 1; ; frames++ {
		p, err := file.Next()
		if err != nil {
			var damage *capture.DamagedError
			if !errors.Is(err, io.EOF) && !errors.As(err, &damage) {
				t.Fatalf("%T: %v", err, err)
			}
			return packets, err
		}
		if p.Number != frames || len(p.Data) > 262144 || p.Length < 0 {
			t.Fatalf("frame %d: %+v", frames, p)
		}
		if year := p.Time.Year(); year < 0 || year > 9999 {
			t.Fatalf("year %d", year)
		}
		checkDecoded(t, decoder, p)
		if frames <= 1000 {
			packets = append(packets, p.Clone())
		}
	}
}

// seeds are the captures and recordings of this project that are not large, and files of every format.
func seeds(f *testing.F) (all [][]byte) {
	const large = 20 << 10
	names, err := filepath.Glob("../testdata/*/*.pcap*")
	if err != nil || len(names) == 0 {
		f.Fatalf("no captures: %v", err)
	}
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		all = append(all, content[:min(len(content), large)])
	}
	for _, v := range variants() {
		all = append(all, v.content)
	}
	return append(all, nil)
}
