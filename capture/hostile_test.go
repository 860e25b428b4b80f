package capture_test

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"tcpviz/capture"
)

// repeated gives its bytes again and again.
type repeated struct {
	piece []byte
	times int
	rest  []byte
}

func (r *repeated) Read(b []byte) (int, error) {
	if len(r.rest) == 0 {
		if r.times == 0 {
			return 0, io.EOF
		}
		r.times--
		r.rest = r.piece
	}
	n := copy(b, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// A small file that becomes a large one takes no memory but for one frame.
func TestBombs(t *testing.T) {
	const megabytes = 20
	frame := string(make([]byte, 1<<20-1<<10))
	header := func(o order) []byte { return join(o.section(), o.device(1, 0)) }
	for name, c := range map[string]struct {
		start, piece []byte
		frames       int
		want         string
	}{
		"unknown blocks":       {header(little), bytes.Repeat(little.block(77), 1<<20/12), 0, ""},
		"large unknown ones":   {header(little), little.block(77, []byte(frame)), 0, ""},
		"frames without data":  {little.pcapHeader(micro, 0, 1), bytes.Repeat(little.pcapFrame(0, 0, "", 0), 1<<16), megabytes << 16, ""},
		"empty sections":       {nil, bytes.Repeat(big.section(), 1<<20/28), 0, ""},
		"one large block":      {header(little), bytes.Repeat(little.enhanced(0, 0, frame[:200000], 200000), 5), 5 * megabytes, ""},
		"interfaces":           {little.section(), bytes.Repeat(little.device(1, 0), 1<<20/20), 0, "a section with more than 65536 interfaces"},
		"comments of sections": {nil, big.section(bytes.Repeat(big.option(1, frame[:60000]), 16)), 0, "section headers with more than 16777216 bytes of comments"},
	} {
		for how, compressor := range flushers {
			if how != "gzip" && how != "zstd" {
				continue
			}
			var squeezed bytes.Buffer
			w := compressor(&squeezed)
			if _, err := w.Write(c.start); err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(w, &repeated{piece: c.piece, times: megabytes}); err != nil {
				t.Fatal(err)
			}
			if err := w.(io.Closer).Close(); err != nil {
				t.Fatal(err)
			}
			before := allocated()
			f, err := capture.NewReader(bytes.NewReader(squeezed.Bytes()), "bomb")
			frames := 0
			for err == nil {
				if _, err = f.Next(); err == nil {
					frames++
				}
			}
			if spent := allocated() - before; spent > 40<<20 { // interfaces and comments up to their bounds
				t.Errorf("%s, %s: %d bytes become %d MB, and %d MB were allocated", name, how, squeezed.Len(), megabytes, spent>>20)
			}
			if frames != c.frames || err != io.EOF && (c.want == "" || !strings.HasSuffix(err.Error(), c.want)) || err == io.EOF && c.want != "" {
				t.Errorf("%s, %s: %d frames, then %v", name, how, frames, err)
			}
		}
	}
}

func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

// Reading makes nothing for the garbage collector but comments.
func TestReadingAllocatesNothing(t *testing.T) {
	pcap, ng := sameFrames(3000, 92)
	for name, content := range map[string][]byte{"pcap": pcap, "pcapng": ng} {
		f, err := capture.NewReader(bytes.NewReader(content), name)
		if err != nil {
			t.Fatal(err)
		}
		if n := testing.AllocsPerRun(2000, func() {
			if _, err := f.Next(); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations a frame", name, n)
		}
	}
}

// A window that is claimed is refused when no good file has one so large.
func TestZstdWindow(t *testing.T) {
	claim := join(little.words(0xfd2fb528), []byte{0, 0xf8, 0, 0, 0}) // 2^41 bytes
	if _, _, err := readAll(t, claim); err == nil || !strings.Contains(err.Error(), "damaged at byte 0") {
		t.Errorf("%v", err)
	}
}

// There is no goroutine that would have to be ended, even when a file is never closed.
func TestNoGoroutineIsLeft(t *testing.T) {
	pcap, _ := sameFrames(3000, 92)
	before := runtime.NumGoroutine()
	for _, content := range [][]byte{pcap, squeezed(pcap), zipped(pcap)} {
		if f, err := capture.NewReader(bytes.NewReader(content), "file"); err != nil {
			t.Error(err)
		} else if _, err := f.Next(); err != nil {
			t.Error(err)
		}
	}
	for deadline := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines, and %d before", runtime.NumGoroutine(), before)
		}
	}
}

// stuck gives neither bytes nor an error, as no reader should.
type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

func TestReaderWithoutProgress(t *testing.T) {
	pcap, _ := sameFrames(1, 92)
	for name, r := range map[string]io.Reader{
		"at once": stuck{}, "after a frame": io.MultiReader(bytes.NewReader(pcap), stuck{}), "in gzip": io.MultiReader(bytes.NewReader(zipped(pcap)[:20]), stuck{}),
	} {
		f, err := capture.NewReader(r, "stuck")
		if err == nil {
			_, err = drain(f)
		}
		if !errors.Is(err, io.ErrNoProgress) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
