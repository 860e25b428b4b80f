package capture_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tcpviz/capture"
)

// save writes a file in a folder of its own.
func save(t testing.TB, content []byte) (name string) {
	t.Helper()
	name = filepath.Join(t.TempDir(), "capture")
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// From each mark of each format reading goes on as if it had not been interrupted.
func TestMarks(t *testing.T) {
	for name, c := range variants() {
		for how, compress := range compressions() {
			path := save(t, compress(c.content))
			f, err := capture.Open(path)
			if err != nil {
				t.Fatalf("%s%s: %v", name, how, err)
			}
			marks, comments := []capture.Mark{{}, f.Mark()}, [][]string{f.Comments(), f.Comments()}
			for range c.want {
				if _, err := f.Next(); err != nil {
					t.Fatalf("%s%s: %v", name, how, err)
				}
				marks, comments = append(marks, f.Mark()), append(comments, f.Comments())
			}
			if _, err := f.Next(); err != io.EOF {
				t.Errorf("%s%s ends with %v", name, how, err)
			}
			if f.Mark() != (capture.Mark{}) {
				t.Errorf("%s%s has the mark %+v at its end", name, how, f.Mark())
			}
			for i, m := range marks {
				if m.Number != max(0, i-1) {
					t.Errorf("%s%s: mark %d has the number %d", name, how, i, m.Number)
				}
				again, err := capture.OpenAt(path, m)
				if err != nil {
					t.Fatalf("%s%s, mark %d: %v", name, how, i, err)
				}
				if diff := cmp.Diff(comments[i], again.Comments()); diff != "" {
					t.Errorf("%s%s, mark %d: comments: %s", name, how, i, diff)
				}
				if again.Mark() != m && i > 0 {
					t.Errorf("%s%s: mark %d is %+v, and then %+v", name, how, i, m, again.Mark())
				}
				got, err := drain(again)
				if err != nil {
					t.Errorf("%s%s, mark %d: %v", name, how, i, err)
				}
				if diff := cmp.Diff(c.want[m.Number:], got, cmpopts.EquateEmpty(), sameBytes); diff != "" {
					t.Errorf("%s%s, mark %d: %s", name, how, i, diff)
				}
				if err := again.Close(); err != nil {
					t.Error(err)
				}
			}
			if err := f.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// Marks far apart in a file that is much larger than the buffers.
func TestMarksFarApart(t *testing.T) {
	pcap, ng := sameFrames(20000, 92)
	for name, content := range map[string][]byte{"pcap": pcap, "pcapng": ng, "zstd": squeezed(pcap), "gzip": zipped(ng)} {
		path := save(t, content)
		f, err := capture.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		var marks []capture.Mark
		for i := range 20000 {
			if i%3001 == 0 {
				marks = append(marks, f.Mark())
			}
			if _, err := f.Next(); err != nil {
				t.Fatal(err)
			}
		}
		for _, m := range marks {
			again, err := capture.OpenAt(path, m)
			if err != nil {
				t.Fatal(err)
			}
			p, err := again.Next()
			if err != nil || p.Number != m.Number+1 || p.Time.Unix() != int64(m.Number) {
				t.Errorf("%s: after mark %d: frame %d, second %d, %v", name, m.Number, p.Number, p.Time.Unix(), err)
			}
			if rest, err := drain(again); err != nil || len(rest) != 20000-m.Number-1 {
				t.Errorf("%s: after mark %d: %d more frames, %v", name, m.Number, len(rest), err)
			}
			if err := again.Close(); err != nil {
				t.Error(err)
			}
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestMarksOfChangedFiles(t *testing.T) {
	pcap, _ := sameFrames(10, 92)
	for name, change := range map[string]func(path string) error{
		"shorter": func(path string) error { return os.Truncate(path, 500) },
		"longer":  func(path string) error { return os.WriteFile(path, join(pcap, pcap), 0o600) },
		"touched": func(path string) error { return os.Chtimes(path, time.Time{}, time.Unix(1, 0)) },
		"replaced": func(path string) error {
			info, err := os.Stat(path)
			other := path + ".other"
			return errors.Join(err, os.WriteFile(other, pcap, 0o600), os.Chtimes(other, time.Time{}, info.ModTime()), os.Rename(other, path))
		},
	} {
		path := save(t, pcap)
		m := markAfter(t, path, 3)
		if err := change(path); err != nil {
			t.Fatal(err)
		}
		_, err := capture.OpenAt(path, m)
		if !errors.Is(err, capture.ErrChanged) || !strings.HasSuffix(err.Error(), "at frame 4: the file has changed meanwhile") {
			t.Errorf("%s: %v", name, err)
		}
	}
	path := save(t, pcap)
	m := markAfter(t, path, 3)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := capture.OpenAt(path, m); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("removed: %v", err)
	}
	f, err := capture.NewReader(bytes.NewReader(pcap), "stream")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := capture.OpenAt(save(t, pcap), f.Mark()); err == nil || errors.Is(err, capture.ErrChanged) {
		t.Errorf("the mark of a stream: %v", err)
	}
}

// markAfter gives the mark behind so many frames of a file.
func markAfter(t *testing.T, path string, frames int) capture.Mark {
	t.Helper()
	f, err := capture.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for range frames {
		if _, err := f.Next(); err != nil {
			t.Fatal(err)
		}
	}
	return f.Mark()
}

// Closing a file ends what its reader does, be it passing over a compressed file's beginning.
func TestCloseEndsReading(t *testing.T) {
	pcap, _ := sameFrames(200000, 92)
	path := save(t, squeezed(pcap))
	m := markAfter(t, path, 199999)
	f, err := capture.OpenAt(path, m)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Errorf("the second time: %v", err)
	}
	_, err = f.Next()
	if !errors.Is(err, os.ErrClosed) || !strings.HasSuffix(err.Error(), "capture: frame 200000: file already closed") {
		t.Errorf("the frame behind the mark: %v", err)
	}

	f, err = capture.Open(save(t, pcap))
	if err != nil {
		t.Fatal(err)
	}
	first := make(chan bool)
	ended := make(chan error)
	go func() {
		_, err := f.Next()
		close(first)
		for err == nil {
			_, err = f.Next()
		}
		ended <- err
	}()
	<-first
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended; err != io.EOF && !errors.Is(err, os.ErrClosed) {
		t.Errorf("closed while reading: %v", err)
	}
}

// A mark is good also when it is set in the middle of a read, between the parts of a block.
func TestMarksBeforeReads(t *testing.T) {
	large := strings.Repeat("x", 250000)
	content := join(little.section(), little.device(1, 0))
	for i := range uint64(8) {
		content = join(content, little.enhanced(0, i, "a", 1), little.block(77, []byte(large+large+large)),
			little.enhanced(0, i, large, 250000), big.section(big.option(1, large[:60000])), big.device(1, 0), little.section(), little.device(1, 0))
	}
	for name, content := range map[string][]byte{"plain": content, "gzip": zipped(content), "zstd": squeezed(content)} {
		path := save(t, content)
		f, err := capture.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		var marks []capture.Mark
		f.BeforeRead(func() { marks = append(marks, f.Mark()) })
		all, err := drain(f)
		if err != nil || len(all) != 16 || len(marks) < 5 && name == "plain" {
			t.Fatalf("%s: %d frames, %d marks, %v", name, len(all), len(marks), err)
		}
		for _, m := range marks {
			again, err := capture.OpenAt(path, m)
			if err != nil {
				t.Fatal(err)
			}
			got, err := drain(again)
			if diff := cmp.Diff(all[m.Number:], got, cmpopts.EquateEmpty(), sameBytes); err != nil || diff != "" {
				t.Errorf("%s: after frame %d: %v: %.300s", name, m.Number, err, diff)
			}
			if diff := cmp.Diff(f.Comments(), again.Comments()); diff != "" {
				t.Errorf("%s: after frame %d: comments differ: %.300s", name, m.Number, diff)
			}
			if err := again.Close(); err != nil {
				t.Error(err)
			}
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}
