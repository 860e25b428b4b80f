package capture_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tcpviz/capture"
	"tcpviz/fsm"
)

// source is a Source made of a function that gives frame n, from 1.
type source struct {
	n    int
	next func(n int) (capture.Packet, error)
}

func (s *source) Next() (capture.Packet, error) {
	p, err := s.next(s.n + 1)
	if err == nil {
		s.n++
		p.Number = s.n
	}
	return p, err
}

func (*source) Close() error { return nil }

// endless gives frames whose SEQ is their number, for ever.
func endless() *source {
	data := ethernet(0x0800, ipv4Packet(6, tcpHeader("A", nil)))
	return &source{next: func(n int) (capture.Packet, error) {
		binary.BigEndian.PutUint32(data[38:], uint32(n))
		return capture.Packet{LinkType: 1, Data: data, Length: len(data), Time: at(int64(n), 0)}, nil
	}}
}

// observed gives all that a gives, and how it ended.
func observed(a *capture.Ahead) (all []capture.Observed, err error) {
	for {
		batch, err := a.Next()
		if err != nil {
			return all, err
		}
		all = append(all, batch...)
	}
}

// one by one, without a goroutine.
func oneByOne(src capture.Source) (all []capture.Observed, err error) {
	decoder := capture.NewDecoder()
	for {
		p, err := src.Next()
		if err != nil {
			return all, err
		}
		d, err := decoder.Decode(p)
		o := capture.Observed{Number: p.Number, Src: fsm.AddressOf(d.Src), Dst: fsm.AddressOf(d.Dst), Segment: d.Segment}
		if !p.Time.IsZero() {
			o.Time = fsm.Nanos(p.Time.UnixNano())
		}
		if err != nil {
			o.Skipped = err.(capture.SkipReason)
		}
		all = append(all, o)
	}
}

var sameObserved = cmpopts.EquateComparable(netip.AddrPort{})

// A capture read ahead gives what it gives when it is read frame by frame.
func TestReadAhead(t *testing.T) {
	contents := map[string][]byte{"long": manyConnections(500)}
	files, err := filepath.Glob("../testdata/*/*.pcap*")
	if err != nil || len(files) == 0 {
		t.Fatal("no captures", err)
	}
	for _, name := range files {
		if contents[filepath.Base(name)], err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	contents["cut off"] = contents["long"][:len(contents["long"])-10]
	read := 0
	for name, content := range contents {
		t.Run(name, func(t *testing.T) {
			file, err := capture.NewReader(bytes.NewReader(content), name)
			if err != nil {
				t.Fatal(err)
			}
			want, wantErr := oneByOne(file)
			if file, err = capture.NewReader(bytes.NewReader(content), name); err != nil {
				t.Fatal(err)
			}
			a := capture.ReadAhead(file)
			got, gotErr := observed(a)
			if !slices.Equal(want, got) {
				t.Error(cmp.Diff(want, got, sameObserved))
			}
			if gotErr.Error() != wantErr.Error() {
				t.Errorf("it ended with %v, not %v", gotErr, wantErr)
			}
			if _, again := a.Next(); again != gotErr {
				t.Errorf("then with %v", again)
			}
			if err := a.Close(); err != nil {
				t.Error(err)
			}
			read += len(got)
		})
	}
	if read < 5000 {
		t.Errorf("only %d frames", read)
	}
}

// Of a capture that grows each frame is given before more of it is there, whatever
// the size of the pieces in which it comes.
func TestReadAheadFollows(t *testing.T) {
	for name, open := range map[string]func(r io.Reader) (capture.Source, error){
		"file": func(r io.Reader) (capture.Source, error) { return capture.NewReader(r, "pipe") },
		"other": func(r io.Reader) (capture.Source, error) {
			f, err := capture.NewReader(r, "pipe")
			return struct{ capture.Source }{f}, err
		},
	} {
		t.Run(name, func(t *testing.T) {
			r, w := io.Pipe()
			frame := little.pcapFrame(1, 0, string(ethernet(0x0800, ipv4Packet(6, tcpHeader("A", nil)))), 54)
			written := make(chan error, 1)
			write := func(b []byte) { go func() { _, err := w.Write(b); written <- err }() }
			write(little.pcapHeader(micro, 65535, 1))
			src, err := open(r)
			if err != nil {
				t.Fatal(err)
			}
			<-written
			a := capture.ReadAhead(src)
			got := 0
			for _, frames := range []int{1, 3, 700, 1} {
				write(bytes.Repeat(frame, frames))
				for want := got + frames; got < want; {
					batch, err := a.Next()
					if err != nil {
						t.Fatal(err)
					}
					got += len(batch)
				}
				if err := <-written; err != nil {
					t.Fatal(err)
				}
			}
			// Half a frame, and the end.
			write(frame[:30])
			<-written
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			_, err = a.Next()
			var damage *capture.DamagedError
			if !errors.As(err, &damage) || damage.Frame != got+1 {
				t.Errorf("%v", err)
			}
			if err := a.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// A panic is an error that names the frame, after all frames before it.
func TestReadAheadPanic(t *testing.T) {
	good := endless()
	a := capture.ReadAhead(&source{next: func(n int) (capture.Packet, error) {
		if n == 1000 {
			panic("a fault")
		}
		return good.next(n)
	}})
	got, err := observed(a)
	if len(got) != 999 || err == nil || !strings.Contains(err.Error(), "frame 1000: panic: a fault") {
		t.Errorf("%d frames, %v", len(got), err)
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
}

// How far it reads ahead is bounded, and Close ends it there.
func TestReadAheadIsBounded(t *testing.T) {
	src := endless()
	a := capture.ReadAhead(src)
	batch, err := a.Next()
	if err != nil || len(batch) == 0 || batch[0].Segment.Seq != 1 || batch[0].Time != 1e9 {
		t.Fatal(batch, err)
	}
	if err := a.Close(); err != nil { // from here on src is ours
		t.Fatal(err)
	}
	if src.n > 16384 {
		t.Errorf("%d frames were read for one batch", src.n)
	}
	rest, err := observed(a)
	if len(batch)+len(rest) != src.n || !errors.Is(err, os.ErrClosed) {
		t.Errorf("%d and %d frames of %d, %v", len(batch), len(rest), src.n, err)
	}
	if err := a.Close(); err != nil { // a second time does no harm
		t.Error(err)
	}
}

// Stop wakes the consumer although the source waits; closing what the source reads
// from wakes the goroutine.
func TestReadAheadStops(t *testing.T) {
	r, w := io.Pipe()
	reading := make(chan struct{})
	a := capture.ReadAhead(&source{next: func(int) (capture.Packet, error) {
		close(reading)
		_, err := r.Read(make([]byte, 1))
		return capture.Packet{}, err
	}})
	<-reading
	stopped := make(chan error)
	go func() { _, err := a.Next(); stopped <- err }()
	a.Stop()
	if err := <-stopped; !errors.Is(err, os.ErrClosed) {
		t.Error(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
}

func TestReadAheadAllocatesNothing(t *testing.T) {
	a := capture.ReadAhead(endless())
	defer a.Close()
	seq := fsm.Seq(0)
	read := func() {
		for range 100 {
			batch, err := a.Next()
			if err != nil {
				t.Fatal(err)
			}
			for i := range batch {
				if seq++; batch[i].Segment.Seq != seq {
					t.Fatalf("frame %d after %d", batch[i].Segment.Seq, seq-1)
				}
			}
		}
	}
	if n := testing.AllocsPerRun(20, read); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// Times that nanoseconds cannot count are not known.
func TestObservedTime(t *testing.T) {
	for when, want := range map[time.Time]fsm.Nanos{
		{}: 0, at(-1, 5): -1e9 + 5, at(1<<40, 0): 0, at(-1<<40, 0): 0, at(9e9, 0): 9e18, at(-9e9, 0): -9e18,
	} {
		good := endless()
		a := capture.ReadAhead(&source{next: func(n int) (capture.Packet, error) {
			if n > 1 {
				return capture.Packet{}, io.EOF
			}
			p, err := good.next(n)
			p.Time = when
			return p, err
		}})
		got, err := observed(a)
		if err != io.EOF || len(got) != 1 || got[0].Time != want {
			t.Errorf("%v: %v, %v", when, got, err)
		}
	}
}

// From the mark behind each batch the file can be read on.
func TestReadAheadMarks(t *testing.T) {
	content := manyConnections(300)
	file, packets, err := readAll(t, content)
	if err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"pcap": content, "pcapng": writeNg(t, packets), "pcap.gz": zipped(content)} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), name)
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			file, err := capture.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			a := capture.ReadAhead(file)
			if a.Mark() != (capture.Mark{}) {
				t.Error("a mark before the first frame")
			}
			read := 0
			for {
				batch, err := a.Next()
				if err != nil {
					if err != io.EOF {
						t.Error(err)
					}
					break
				}
				read += len(batch)
				mark := a.Mark()
				if mark == (capture.Mark{}) && read == len(packets) {
					continue // there is nothing to go on with
				}
				if mark.Number != read {
					t.Fatalf("a mark behind frame %d, not %d", mark.Number, read)
				}
				again, err := capture.OpenAt(path, mark)
				if err != nil {
					t.Fatal(err)
				}
				p, err := again.Next()
				switch {
				case read == len(packets):
					if err != io.EOF {
						t.Errorf("behind the end: %+v, %v", p, err)
					}
				case err != nil || p.Number != read+1 || !p.Time.Equal(packets[read].Time) || !bytes.Equal(p.Data, packets[read].Data):
					t.Errorf("behind frame %d: %+v, %v", read, p, err)
				}
				if err := again.Close(); err != nil {
					t.Error(err)
				}
			}
			if read != len(packets) {
				t.Errorf("%d frames of %d", read, len(packets))
			}
			if err := errors.Join(a.Close(), file.Close()); err != nil {
				t.Error(err)
			}
		})
	}
}
