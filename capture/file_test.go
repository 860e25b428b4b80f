package capture_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tcpviz/capture"
)

const micro, nano = 0xa1b2c3d4, 0xa1b23c4d

func TestReadWellFormed(t *testing.T) {
	resolution := func(o order, value byte) []byte { return o.option(9, string([]byte{value})) }
	one := func(p capture.Packet) []capture.Packet { p.Number = 1; return []capture.Packet{p} }
	eth := capture.LinkTypeEthernet
	cases := map[string]struct {
		content []byte
		format  string
		want    []capture.Packet
	}{
		"pcap, little-endian, microseconds": {
			join(little.pcapHeader(micro, 65535, 1), little.pcapFrame(10, 20, "abc", 3), little.pcapFrame(11, 999999, "defg", 1500)), "pcap",
			[]capture.Packet{
				{Number: 1, Time: at(10, 20000), LinkType: eth, Data: []byte("abc"), Length: 3},
				{Number: 2, Time: at(11, 999999000), LinkType: eth, Data: []byte("defg"), Length: 1500},
			},
		},
		"pcap, big-endian, nanoseconds": {
			join(big.pcapHeader(nano, 65535, 276), big.pcapFrame(10, 20, "abc", 3)), "pcap",
			one(capture.Packet{Time: at(10, 20), LinkType: capture.LinkTypeLinuxSLL2, Data: []byte("abc"), Length: 3}),
		},
		"pcap, snapshot length 0, time after 2038, frame check sequence noted": {
			join(little.pcapHeader(micro, 0, 0x50000001), little.pcapFrame(4e9, 0, "abc", 3)), "pcap",
			one(capture.Packet{Time: at(4e9, 0), LinkType: eth, Data: []byte("abc"), Length: 3}),
		},
		"pcap without frames": {little.pcapHeader(micro, 65535, 1), "pcap", nil},
		"pcap, compressed": {
			zipped(join(little.pcapHeader(micro, 0, 1), little.pcapFrame(1, 0, "abc", 3))), "pcap, gzip",
			one(capture.Packet{Time: at(1, 0), LinkType: eth, Data: []byte("abc"), Length: 3}),
		},
		"pcapng, default time stamps in microseconds": {
			join(little.section(), little.device(1, 0), little.enhanced(0, 1234567, "abc", 60)), "pcapng",
			one(capture.Packet{Time: at(1, 234567000), LinkType: eth, Data: []byte("abc"), Length: 60}),
		},
		"pcapng, compressed, big-endian, nanoseconds, two comments": {
			zipped(join(big.section(), big.device(1, 0, resolution(big, 9)),
				big.enhanced(0, 1_000_000_001, "abc", 3, big.option(1, "first"), big.option(2, "flags"), big.option(1, "second"), big.option(0, "")))), "pcapng, gzip",
			one(capture.Packet{Time: at(1, 1), LinkType: eth, Data: []byte("abc"), Length: 3, Comments: []string{"first", "second"}}),
		},
		"pcapng, units of 2^-32 s and an offset": {
			join(little.section(), little.device(1, 0, resolution(little, 0x80|32), little.option(14, "\x64\x00\x00\x00\x00\x00\x00\x00")),
				little.enhanced(0, 5<<32|1<<31, "abc", 3)), "pcapng",
			one(capture.Packet{Time: at(105, 5e8), LinkType: eth, Data: []byte("abc"), Length: 3}),
		},
		"pcapng, units of 10^-19 s and of whole seconds": {
			join(little.section(), little.device(1, 0, resolution(little, 19)), little.device(1, 0, resolution(little, 0)),
				little.enhanced(0, 12e18, "a", 1), little.enhanced(1, 7, "b", 1)), "pcapng",
			[]capture.Packet{
				{Number: 1, Time: at(1, 2e8), LinkType: eth, Data: []byte("a"), Length: 1},
				{Number: 2, Time: at(7, 0), LinkType: eth, Data: []byte("b"), Length: 1},
			},
		},
		"pcapng, a negative time written as unsigned": {
			join(little.section(), little.device(1, 0), little.enhanced(0, math.MaxUint64-1_500_000+1, "a", 1)), "pcapng",
			one(capture.Packet{Time: at(-2, 5e8), LinkType: eth, Data: []byte("a"), Length: 1}),
		},
		"pcapng, a time that is none": {
			join(little.section(), little.device(1, 0, resolution(little, 0)), little.enhanced(0, 1<<63, "a", 1)), "pcapng",
			one(capture.Packet{LinkType: eth, Data: []byte("a"), Length: 1}),
		},
		"pcapng, simple packet cut to the snapshot length": {
			join(little.section(), little.device(101, 4), little.block(3, little.words(60), []byte("abcdefgh"))), "pcapng",
			one(capture.Packet{LinkType: capture.LinkTypeRaw, Data: []byte("abcd"), Length: 60}),
		},
		"pcapng, obsolete packet block with drops": {
			join(little.section(), little.device(101, 0), little.device(1, 0),
				little.block(2, []byte{1, 0, 9, 9}, little.words(0, 1_000_000, 3, 60), []byte("abc\x00"), little.option(1, "old"))), "pcapng",
			one(capture.Packet{Time: at(1, 0), LinkType: eth, Data: []byte("abc"), Length: 60, Comments: []string{"old"}}),
		},
		"pcapng, sections of both byte orders, unknown blocks between": {
			join(little.section(), little.block(0x0bad, []byte("custom")), little.device(1, 0), little.enhanced(0, 1e6, "a", 1),
				big.section(), big.block(5, make([]byte, 40)), big.device(228, 0), big.enhanced(0, 2e6, "b", 1)), "pcapng",
			[]capture.Packet{
				{Number: 1, Time: at(1, 0), LinkType: eth, Data: []byte("a"), Length: 1},
				{Number: 2, Time: at(2, 0), LinkType: capture.LinkTypeIPv4, Data: []byte("b"), Length: 1},
			},
		},
		"pcapng, broken options do not cost the frame": {
			join(little.section(), little.device(1, 0), little.enhanced(0, 1e6, "abcd", 4, little.option(1, "kept"), []byte{1, 0, 0xff, 0xff})), "pcapng",
			one(capture.Packet{Time: at(1, 0), LinkType: eth, Data: []byte("abcd"), Length: 4, Comments: []string{"kept"}}),
		},
		"pcapng, a frame larger than the buffer": {
			join(little.section(), little.device(1, 0), little.enhanced(0, 1e6, strings.Repeat("x", 262144), 262144)), "pcapng",
			one(capture.Packet{Time: at(1, 0), LinkType: eth, Data: bytes.Repeat([]byte("x"), 262144), Length: 262144}),
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			f, got, err := readAll(t, c.content)
			if err != nil {
				t.Fatal(err)
			}
			if f.Format() != c.format {
				t.Errorf("format %q, not %q", f.Format(), c.format)
			}
			if f.Offset() != int64(len(c.content)) {
				t.Errorf("offset %d after %d bytes", f.Offset(), len(c.content))
			}
			if diff := cmp.Diff(c.want, got, cmpopts.EquateEmpty(), sameBytes); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSectionComments(t *testing.T) {
	f, err := capture.NewReader(bytes.NewReader(join(
		little.section(little.option(1, "one"), little.option(4, "program"), little.option(1, "two")), little.device(1, 0), little.enhanced(0, 0, "a", 1),
		big.section(big.option(1, "three")))), "test")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"one", "two"}, f.Comments()); diff != "" {
		t.Error("before the first frame:", diff)
	}
	if _, err := drain(f); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"one", "two", "three"}, f.Comments()); diff != "" {
		t.Error("at the end:", diff)
	}
}

func TestReadDamaged(t *testing.T) {
	twoFrames := join(little.pcapHeader(micro, 65535, 1), little.pcapFrame(1, 0, "abcd", 4), little.pcapFrame(2, 0, "efgh", 4))
	ng := join(little.section(), little.device(1, 0))
	ngFrame := little.enhanced(0, 1e6, "abcd", 4)
	cases := map[string]struct {
		content []byte
		frames  int // delivered before the error
		want    string
		is      error
	}{
		"empty":                          {nil, 0, "capture: test.pcap: empty, not a pcap or pcapng capture", capture.ErrNotCapture},
		"two bytes":                      {[]byte("\xd4\xc3"), 0, "capture: test.pcap: not a pcap or pcapng capture", capture.ErrNotCapture},
		"text":                           {[]byte("hello, world"), 0, "capture: test.pcap: not a pcap or pcapng capture", capture.ErrNotCapture},
		"gzip of text":                   {zipped([]byte("hello, world")), 0, "capture: test.pcap: not a pcap or pcapng capture", capture.ErrNotCapture},
		"gzip of nothing":                {zipped(nil), 0, "capture: test.pcap: empty, not a pcap or pcapng capture", capture.ErrNotCapture},
		"gzip magic alone":               {[]byte{0x1f, 0x8b}, 0, "capture: test.pcap: not a pcap or pcapng capture: unexpected EOF", capture.ErrNotCapture},
		"pcap header cut":                {twoFrames[:20], 0, "capture: test.pcap: cut off at byte 20", capture.ErrCutOff},
		"pcap version":                   {append(little.words(micro, 9), make([]byte, 16)...), 0, "capture: test.pcap: damaged at byte 4: pcap version 9, not 2", nil},
		"pcap frame header cut":          {twoFrames[:50], 1, "capture: test.pcap: cut off in frame 2 at byte 50", capture.ErrCutOff},
		"pcap frame without data":        {twoFrames[:60], 1, "capture: test.pcap: cut off in frame 2 at byte 60", capture.ErrCutOff},
		"pcap data cut":                  {twoFrames[:62], 1, "capture: test.pcap: cut off in frame 2 at byte 62", capture.ErrCutOff},
		"pcap frame of 4 GB":             {join(twoFrames, little.words(3, 0, 0xffffffff, 4)), 2, "capture: test.pcap: damaged in frame 3 at byte 64: it claims 4294967295 captured bytes, more than 262144", nil},
		"pcapng first block cut":         {ng[:10], 0, "capture: test.pcap: cut off at byte 10", capture.ErrCutOff},
		"pcapng no byte-order magic":     {join(little.words(0x0a0d0d0a, 28, 7), make([]byte, 20)), 0, "capture: test.pcap: damaged at byte 0: a section header without byte-order magic", nil},
		"pcapng section too short":       {little.block(0x0a0d0d0a, little.words(0x1a2b3c4d)), 0, "capture: test.pcap: damaged at byte 0: a block that is too short for what it is", nil},
		"pcapng version":                 {little.block(0x0a0d0d0a, little.words(0x1a2b3c4d, 2, 0, 0)), 0, "capture: test.pcap: damaged at byte 0: pcapng version 2, not 1", nil},
		"pcapng frame cut":               {join(ng, ngFrame, ngFrame[:20]), 1, "capture: test.pcap: cut off in frame 2 at byte 104", capture.ErrCutOff},
		"pcapng cut between frames":      {join(ng, ngFrame, ngFrame[:4]), 1, "capture: test.pcap: cut off at byte 88", capture.ErrCutOff},
		"pcapng unknown block of 4 GB":   {join(ng, ngFrame, little.words(99, 0xfffffff0, 1)), 1, "capture: test.pcap: cut off at byte 96", capture.ErrCutOff},
		"pcapng frame block of 4 GB":     {join(ng, ngFrame, little.words(6, 0xfffffff0, 1)), 1, "capture: test.pcap: damaged in frame 2 at byte 84: a block of 4294967280 bytes, more than 16777216", nil},
		"pcapng captured length too big": {join(ng, little.block(6, little.words(0, 0, 0, 100, 100, 1))), 0, "capture: test.pcap: damaged in frame 1 at byte 48: it claims 100 captured bytes in a block that has room for 4", nil},
		"pcapng captured length of 4 GB": {join(ng, little.block(6, little.words(0, 0, 0, 0xffffffff, 100, 1))), 0, "capture: test.pcap: damaged in frame 1 at byte 48: it claims 4294967295 captured bytes, more than 262144", nil},
		"pcapng no such interface":       {join(ng, little.enhanced(1, 0, "a", 1)), 0, "capture: test.pcap: damaged in frame 1 at byte 48: it names interface 1 of 1", nil},
		"pcapng simple, no interface":    {join(little.section(), little.block(3, little.words(1, 1))), 0, "capture: test.pcap: damaged in frame 1 at byte 28: it names interface 0 of 0", nil},
		"pcapng frame block too short":   {join(ng, little.block(6, little.words(0))), 0, "capture: test.pcap: damaged in frame 1 at byte 48: a block that is too short for what it is", nil},
		"pcapng block of 4 bytes":        {join(ng, little.words(6, 4, 4)), 0, "capture: test.pcap: damaged in frame 1 at byte 48: a block of 4 bytes", nil},
		"pcapng lengths disagree":        {join(ng, little.words(6, 36, 0, 0, 0, 4, 4, 1, 40)), 0, "capture: test.pcap: damaged in frame 1 at byte 48: a block of 36 bytes that says 40 at its end", nil},
		"pcapng units of 10^-64 s":       {join(little.section(), little.device(1, 0, little.option(9, "\x40"))), 0, "capture: test.pcap: damaged at byte 28: time stamps in units of 10^-64 s", nil},
		"pcapng units of 2^-64 s":        {join(little.section(), little.device(1, 0, little.option(9, "\xc0"))), 0, "capture: test.pcap: damaged at byte 28: time stamps in units of 2^-64 s", nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			f, got, err := readAll(t, c.content)
			if err == nil {
				t.Fatal("no error")
			}
			if diff := cmp.Diff(c.want, err.Error()); diff != "" {
				t.Error(diff)
			}
			if len(got) != c.frames {
				t.Errorf("%d frames before the error, not %d", len(got), c.frames)
			}
			if c.is != nil && !errors.Is(err, c.is) {
				t.Errorf("%v is not %v", err, c.is)
			}
			if f == nil {
				return
			}
			var damage *capture.DamagedError
			if !errors.As(err, &damage) {
				t.Errorf("%T is not a DamagedError", err)
			}
			if _, again := f.Next(); again != err {
				t.Errorf("the second time it says %v", again)
			}
		})
	}
}

func TestCompressedCutOff(t *testing.T) {
	plain := little.pcapHeader(micro, 65535, 1)
	for i := range 5000 {
		plain = append(plain, little.pcapFrame(uint32(i), uint32(i*i), "abcd", 4)...)
	}
	whole := zipped(plain)
	_, got, err := readAll(t, whole[:len(whole)/2])
	if !errors.Is(err, capture.ErrCutOff) {
		t.Errorf("cut in half: %v", err)
	}
	if len(got) == 0 || len(got) >= 5000 {
		t.Errorf("%d frames of half a file", len(got))
	}
	broken := bytes.Clone(whole)
	broken[len(broken)-6] ^= 1 // in the checksum
	_, got, err = readAll(t, broken)
	var damage *capture.DamagedError
	if !errors.As(err, &damage) || errors.Is(err, capture.ErrCutOff) {
		t.Errorf("a wrong checksum: %v", err)
	}
	if len(got) != 5000 {
		t.Errorf("%d frames before the checksum", len(got))
	}
}

// A length is paid for only by bytes that are there.
func TestClaimedLengthsCostNothing(t *testing.T) {
	ng := join(little.section(), little.device(1, 0))
	for name, content := range map[string][]byte{
		"pcap frame":    join(little.pcapHeader(micro, 0xffffffff, 1), little.words(0, 0, 0xffffffff, 0xffffffff)),
		"pcapng block":  join(ng, little.words(6, 0xfffffff0, 0, 0, 0, 0xffffff00, 0)),
		"pcapng 16 MiB": join(ng, little.words(6, 16<<20, 0, 0, 0, 0xffffff00, 0)),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, _, err := readAll(t, content); err == nil {
			t.Errorf("%s: no error", name)
		}
		runtime.ReadMemStats(&after)
		if spent := after.TotalAlloc - before.TotalAlloc; spent > 1<<20 {
			t.Errorf("%s: %d bytes allocated", name, spent)
		}
	}
}

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	content := join(little.pcapHeader(micro, 65535, 1), little.pcapFrame(1, 0, "abcd", 4))
	good := filepath.Join(dir, "good.pcap")
	if err := os.WriteFile(good, content, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := capture.Open(good)
	if err != nil {
		t.Fatal(err)
	}
	if f.Size() != int64(len(content)) {
		t.Errorf("size %d", f.Size())
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	missing := filepath.Join(dir, "missing\x1b[31m.pcap")
	_, err = capture.Open(missing)
	if !errors.Is(err, fs.ErrNotExist) || strings.Contains(err.Error(), "\x1b") || strings.Count(err.Error(), "missing") != 1 {
		t.Errorf("no such file: %q", err)
	}
	if _, err = capture.Open(dir); !errors.Is(err, syscall.EISDIR) {
		t.Errorf("a directory: %v", err)
	}
}

// A stream is read no further than the frame that is asked for.
func TestStreamIsNotAwaited(t *testing.T) {
	r, w := io.Pipe()
	defer w.Close()
	go func() {
		// What fails to be written is missed below.
		w.Write(join(little.pcapHeader(micro, 65535, 1), little.pcapFrame(1, 0, "abcd", 4)))
	}()
	got := make(chan error, 1)
	go func() {
		f, err := capture.NewReader(r, "-")
		if err == nil {
			_, err = f.Next()
		}
		got <- err
	}()
	select {
	case err := <-got:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(5 * time.Second):
		t.Error("the first frame did not come before the second was written")
	}
}

type failing struct{ content io.Reader }

var errDisk = errors.New("disk on fire")

func (f failing) Read(b []byte) (int, error) {
	n, err := f.content.Read(b)
	if err == io.EOF {
		err = errDisk
	}
	return n, err
}

func TestReadError(t *testing.T) {
	content := join(little.pcapHeader(micro, 65535, 1), little.pcapFrame(1, 0, "abcd", 4))
	f, err := capture.NewReader(failing{bytes.NewReader(content)}, "disk.pcap")
	if err != nil {
		t.Fatal(err)
	}
	got, err := drain(f)
	if len(got) != 1 || !errors.Is(err, errDisk) || err.Error() != "capture: read disk.pcap: frame 2: disk on fire" {
		t.Errorf("%d frames, then %v", len(got), err)
	}
}
