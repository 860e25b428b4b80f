package capture_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tcpviz/capture"
	"tcpviz/fsm"
)

// observeAll gives what all frames of a file hold.
func observeAll(t *testing.T, f *capture.File) (all []capture.Observed) {
	t.Helper()
	observer := capture.NewObserver(f)
	for {
		var o capture.Observed
		err := observer.Next(&o)
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, o)
	}
}

// An observer tells of each frame what reading and decoding one by one do.
func TestObserver(t *testing.T) {
	files, err := filepath.Glob("../testdata/*/*.pcap*")
	if err != nil || len(files) < 10 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		f, err := capture.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		got := observeAll(t, f)
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if f, err = capture.Open(name); err != nil {
			t.Fatal(err)
		}
		want, err := oneByOne(f)
		if err != io.EOF {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateComparable(fsm.Address{})); diff != "" {
			t.Errorf("%s (-one by one +observer):\n%s", name, diff)
		}
	}
}

// What is opened again is read from the beginning, and ends where the file ended
// when it was opened first.
func TestAgain(t *testing.T) {
	content, err := os.ReadFile("../testdata/captures/curl.pcap")
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "grows.pcap")
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := capture.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := os.WriteFile(name, append(bytes.Clone(content), content[24:]...), 0o600); err != nil {
		t.Fatal(err)
	}
	again, err := f.Again()
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	one, two := observeAll(t, f), observeAll(t, again)
	if len(one) != 12 || len(two) != 12 {
		t.Errorf("%d and %d frames, want the 12 that were there at first", len(one), len(two))
	}
	if err := os.WriteFile(name, content[:100], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Again(); !errors.Is(err, capture.ErrChanged) {
		t.Errorf("a file that became shorter: %v", err)
	}
	stream, err := capture.NewReader(bytes.NewReader(content), "stream")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Again(); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("a stream: %v", err)
	}
}
