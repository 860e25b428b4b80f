package capture_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tcpviz/capture"
)

// kuznetsov and ixia are the magic numbers of variants of pcap.
const kuznetsov, ixia = 0xa1b2cd34, 0x1c0001ab

// pcapVersion gives a pcap file header of another version.
func (o order) pcapVersion(magic uint32, major, minor uint16, snapLen, linkType uint32) []byte {
	b := o.words(magic)
	b = o.AppendUint16(o.AppendUint16(b, major), minor)
	return append(b, o.words(0, 0, snapLen, linkType)...)
}

// variantFrame gives a frame whose header is longer than usual.
func (o order) variantFrame(extra int, seconds, fraction uint32, data string, length uint32) []byte {
	noise := bytes.Repeat([]byte{0xfe}, extra)
	return join(o.words(seconds, fraction, uint32(len(data)), length), noise, []byte(data))
}

// variants are capture files of every format that this package reads, each with what is in it.
func variants() map[string]struct {
	content []byte
	want    []capture.Packet
} {
	type file = struct {
		content []byte
		want    []capture.Packet
	}
	all := map[string]file{}
	three := func(link capture.LinkType, unit int64) (want []capture.Packet) {
		for i, data := range []string{"abcdefgh", "ijklmnopq", "rst"} {
			want = append(want, capture.Packet{
				Number: i + 1, Time: at(int64(1000+i), int64(i)*unit), LinkType: link, Data: []byte(data), Length: 60,
			})
		}
		return want
	}
	for name, o := range map[string]order{"little-endian": little, "big-endian": big} {
		frames := func(extra int) (b []byte) {
			for _, p := range three(0, 1) {
				b = append(b, o.variantFrame(extra, uint32(p.Time.Unix()), uint32(p.Time.Nanosecond()), string(p.Data), 60)...)
			}
			return b
		}
		swapped := func() (b []byte) {
			for _, p := range three(0, 1) {
				b = append(b, o.words(uint32(p.Time.Unix()), uint32(p.Time.Nanosecond()), 60, uint32(len(p.Data)))...)
				b = append(b, p.Data...)
			}
			return b
		}
		header := func(magic uint32) []byte { return o.pcapHeader(magic, 65535, 1) }
		all["microseconds, "+name] = file{join(header(micro), frames(0)), three(1, 1000)}
		all["nanoseconds, "+name] = file{join(header(nano), frames(0)), three(1, 1)}
		all["Kuznetsov's patch, "+name] = file{join(header(kuznetsov), frames(8)), three(1, 1000)}
		all["Kuznetsov's patch with the usual magic number, "+name] = file{join(header(micro), frames(8)), three(1, 1000)}
		all["SuSE's patch, "+name] = file{join(header(kuznetsov), frames(12)), three(1, 1000)}
		all["Nokia, "+name] = file{join(header(micro), frames(4)), three(1, 1000)}
		all["Ixia, "+name] = file{join(header(ixia), o.words(99), frames(0)), three(1, 1000)}
		all["AIX, "+name] = file{join(o.pcapVersion(micro, 2, 2, 65535, 6), swapped()), three(1, 1)}
		all["AIX's loopback, "+name] = file{join(o.pcapVersion(micro, 2, 2, 65535, 24), swapped()), three(0, 1)}
		all["version 2.2, "+name] = file{join(o.pcapVersion(micro, 2, 2, 65535, 1), swapped()), three(1, 1000)}
		all["version 2.3, "+name] = file{join(o.pcapVersion(micro, 2, 3, 65535, 1), frames(0)), three(1, 1000)}
		all["version 2.3 with the lengths of 2.2, "+name] = file{join(o.pcapVersion(micro, 2, 3, 65535, 1), swapped()), three(1, 1000)}
		all["version 543.0, "+name] = file{join(o.pcapVersion(micro, 543, 0, 65535, 1), swapped()), three(1, 1000)}
		all["pcapng, "+name] = file{ngOfAllKinds(o), ngPackets()}
	}
	all["pcapng, both byte orders"] = file{join(ngOfAllKinds(big), ngOfAllKinds(little)), renumbered(append(ngPackets(), ngPackets()...))}
	return all
}

// ngOfAllKinds is a section with all kinds of packet blocks, interfaces and other blocks.
func ngOfAllKinds(o order) []byte {
	return join(
		o.section(o.option(4, "a program")),
		o.device(1, 0), o.device(101, 6, o.option(9, "\x09")), o.block(4, make([]byte, 9)), o.device(228, 0, o.option(9, "\x8a")),
		o.enhanced(0, 1_000_002, "one", 60, o.option(1, "about one"), o.option(2, "\x01\x00\x00\x00"), o.option(1, "more"), o.option(0, "")),
		o.block(0x80000bad, []byte("local use")),
		o.enhanced(1, 2_000_000_003, "second", 6),
		o.block(3, o.words(5), []byte("three")),
		o.enhanced(2, 3<<10|512, "four", 4, o.option(1, "")),
		o.block(2, o.AppendUint16(o.AppendUint16(nil, 1), 7), o.words(0, 5, 4, 44), []byte("five"), o.option(1, "old")),
		o.block(5, make([]byte, 24)),
	)
}

func ngPackets() []capture.Packet {
	return []capture.Packet{
		{Number: 1, Time: at(1, 2000), LinkType: 1, Data: []byte("one"), Length: 60, Comments: []string{"about one", "more"}},
		{Number: 2, Time: at(2, 3), LinkType: 101, Data: []byte("second"), Length: 6},
		{Number: 3, LinkType: 1, Data: []byte("three"), Length: 5},
		{Number: 4, Time: at(3, 5e8), LinkType: 228, Data: []byte("four"), Length: 4, Comments: []string{""}},
		{Number: 5, Time: at(0, 5), LinkType: 101, Data: []byte("five"), Length: 44, Comments: []string{"old"}},
	}
}

func renumbered(packets []capture.Packet) []capture.Packet {
	for i := range packets {
		packets[i].Number = i + 1
	}
	return packets
}

// compressions are ways of compressing a file.
func compressions() map[string]func([]byte) []byte {
	return map[string]func([]byte) []byte{
		"":                                func(b []byte) []byte { return b },
		", gzip":                          zipped,
		", gzip of two members and zeros": func(b []byte) []byte { return join(zipped(b[:30]), zipped(nil), zipped(b[30:]), make([]byte, 700)) },
		", zstd":                          squeezed,
		", zstd of two frames, and one to skip": func(b []byte) []byte {
			return join(little.words(0x184d2a57, 3), []byte("abc"), squeezed(b[:30]), squeezed(b[30:]))
		},
	}
}

// Every format is read in the same way however its bytes arrive, and however they were compressed.
func TestEveryFormat(t *testing.T) {
	for name, c := range variants() {
		for how, compress := range compressions() {
			content := compress(c.content)
			f, got, err := readAll(t, content)
			if err != nil {
				t.Errorf("%s%s: %v", name, how, err)
				continue
			}
			if diff := cmp.Diff(c.want, got, cmpopts.EquateEmpty(), sameBytes); diff != "" {
				t.Errorf("%s%s: %s", name, how, diff)
			}
			if _, suffix, _ := strings.Cut(f.Format(), ", "); !strings.HasPrefix(how, ", "+suffix) && how+suffix != "" {
				t.Errorf("%s%s: format %q", name, how, f.Format())
			}
			if f.Offset() != int64(len(content)) {
				t.Errorf("%s%s: offset %d after %d bytes", name, how, f.Offset(), len(content))
			}
			if guessed(name) {
				continue
			}
			slow, err := capture.NewReader(iotest.OneByteReader(bytes.NewReader(content)), "slow")
			if err != nil {
				t.Errorf("%s%s, byte by byte: %v", name, how, err)
				continue
			}
			again, err := drain(slow)
			if diff := cmp.Diff(got, again, cmpopts.EquateEmpty(), sameBytes); err != nil || diff != "" {
				t.Errorf("%s%s, byte by byte: %v: %s", name, how, err, diff)
			}
		}
	}
}

// guessed reports whether a variant can be told from others only by looking ahead,
// which is not done in a stream.
func guessed(name string) bool {
	for _, start := range []string{"Kuznetsov's patch with", "SuSE's patch", "Nokia"} {
		if strings.HasPrefix(name, start) {
			return true
		}
	}
	return false
}

// What is no variant must not be taken for one, however it is damaged.
func TestDamagedIsNoVariant(t *testing.T) {
	whole := join(little.pcapHeader(micro, 65535, 1), little.pcapFrame(1, 2, "abcdefghijkl", 12), little.pcapFrame(3, 4, "mnopqrstuvwx", 12))
	for cut := 24 + 16 + 12; cut < len(whole); cut++ {
		_, got, err := readAll(t, whole[:cut])
		if len(got) != 1 || string(got[0].Data) != "abcdefghijkl" || cut > 52 && !errors.Is(err, capture.ErrCutOff) {
			t.Errorf("cut to %d bytes: %d frames, %v", cut, len(got), err)
		}
	}
	random := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		damaged := bytes.Clone(whole)
		damaged[52+random.IntN(len(whole)-52)] ^= byte(1 + random.IntN(255))
		if _, got, _ := readAll(t, damaged); len(got) == 0 || string(got[0].Data) != "abcdefghijkl" {
			t.Fatalf("the first frame of %x is %v", damaged, got)
		}
	}
}

// A frame is there as soon as its bytes are, also those that a compressor has flushed.
func TestFollowed(t *testing.T) {
	pcap, ng := little.pcapHeader(micro, 65535, 1), join(little.section(), little.device(1, 0))
	frame := func(pcap bool, i int) []byte {
		data := strings.Repeat(fmt.Sprint(i), 1+i%100)
		if pcap {
			return little.pcapFrame(uint32(i), 0, data, 100)
		}
		return little.enhanced(0, uint64(i)*1e6, data, 100)
	}
	for how, compressor := range flushers {
		for _, isPcap := range []bool{true, false} {
			t.Run(fmt.Sprint(how, ", pcap ", isPcap), func(t *testing.T) {
				stream := &growing{}
				w := compressor(stream)
				header := ng
				if isPcap {
					header = pcap
				}
				write(t, w, header)
				f, err := capture.NewReader(stream, "stream")
				if err != nil {
					t.Fatal(err)
				}
				for i := range 300 {
					write(t, w, frame(isPcap, i))
					p, err := f.Next()
					if err != nil || p.Number != i+1 {
						t.Fatalf("frame %d after frame %d was written, %v", p.Number, i+1, err)
					}
				}
				if _, err := f.Next(); !errors.Is(err, errNothingYet) {
					t.Errorf("in the end: %v", err)
				}
			})
		}
	}
}

func write(t *testing.T, w flusher, b []byte) {
	t.Helper()
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
}

// growing is a stream of which reading never waits: it fails instead.
type growing struct{ bytes.Buffer }

var errNothingYet = errors.New("nothing there yet")

func (g *growing) Read(b []byte) (int, error) {
	n, err := g.Buffer.Read(b)
	if err == io.EOF {
		err = errNothingYet
	}
	return n, err
}

func TestCompressedDamage(t *testing.T) {
	plain := little.pcapHeader(micro, 65535, 1)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 20000 {
		data := binary.LittleEndian.AppendUint64(nil, random.Uint64())
		plain = append(plain, little.pcapFrame(uint32(i), uint32(i), string(data), 8)...)
	}
	flip := func(b []byte, at int) []byte {
		b = bytes.Clone(b)
		b[at] ^= 0x55
		return b
	}
	squeezedPlain, zippedPlain := squeezed(plain), zipped(plain)
	for name, c := range map[string]struct {
		content []byte
		frames  int // at least
		cut     bool
	}{
		"gzip cut in half":        {zippedPlain[:len(zippedPlain)/2], 1000, true},
		"gzip cut in its trailer": {zippedPlain[:len(zippedPlain)-3], 20000, true},
		"gzip checksum":           {flip(zippedPlain, len(zippedPlain)-7), 20000, false},
		"gzip, then text":         {join(zippedPlain, []byte("hello")), 20000, false},
		"gzip, then half a gzip":  {join(zippedPlain, zipped([]byte("abc"))[:5]), 20000, false},
		"zstd cut in half":        {squeezedPlain[:len(squeezedPlain)/2], 1000, true},
		"zstd cut at its start":   {squeezedPlain[:100], 0, true},
		"gzip cut at its start":   {zippedPlain[:12], 0, true},
		"zstd checksum":           {flip(squeezedPlain, len(squeezedPlain)-1), 20000, false},
		"zstd, then text":         {join(squeezedPlain, []byte("hello")), 20000, false},
	} {
		_, got, err := readAll(t, c.content)
		var damage *capture.DamagedError
		if !errors.As(err, &damage) || errors.Is(err, capture.ErrCutOff) != c.cut {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(got) < c.frames || len(got) > 20000 {
			t.Errorf("%s: %d frames, then %v", name, len(got), err)
		}
		if end := int64(24 + 24*len(got)); len(got) > 0 && damage.Offset < end || damage.Offset > end+24 {
			t.Errorf("%s: %d frames end at byte %d, %v", name, len(got), end, err)
		}
	}
	for name, content := range map[string][]byte{
		"gzip in gzip": zipped(zippedPlain), "zstd in gzip": zipped(squeezedPlain),
		"gzip in zstd": squeezed(zippedPlain), "zstd in zstd": squeezed(squeezedPlain),
	} {
		_, _, err := readAll(t, content)
		if !errors.Is(err, capture.ErrNotCapture) || err.Error() != "capture: test.pcap: not a pcap or pcapng capture: it is compressed twice" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
