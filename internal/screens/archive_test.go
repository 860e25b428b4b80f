package screens

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// Pictures are kept one after the other, each below a line with its name.
const (
	before = "== "
	after  = " ==\n"
)

func joined(all []picture) string {
	var b strings.Builder
	for _, p := range all {
		b.WriteString(before + p.name + after + p.text)
	}
	return b.String()
}

// compareAll compares pictures with a compressed file, or rewrites it.
func compareAll(t *testing.T, file string, all []picture) {
	t.Helper()
	got := joined(all)
	if *update {
		write(t, file, compress(t, got))
		return
	}
	kept, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := extract(t, file, kept)
	if want == got {
		return
	}
	t.Errorf("%s differs; to keep what is drawn now: go test ./internal/screens -update", file)
	report(t, split(want), all)
}

// compress gives the same bytes for the same text, always: one thread, one block after
// the other. Its window reaches back over a few hundred screens, which differ in a few
// lines from each other.
func compress(t *testing.T, text string) []byte {
	t.Helper()
	var packed bytes.Buffer
	w, err := zstd.NewWriter(&packed, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedBetterCompression), zstd.WithWindowSize(4<<20))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

func extract(t *testing.T, file string, packed []byte) string {
	t.Helper()
	r, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	text, err := r.DecodeAll(packed, nil)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return string(text)
}

// split takes pictures apart that were joined.
func split(text string) []picture {
	var all []picture
	for _, part := range strings.Split("\n"+text, "\n"+before)[1:] {
		name, rest, _ := strings.Cut(part, after)
		all = append(all, picture{name, rest + "\n"})
	}
	if n := len(all); n > 0 { // the last one is not cut before a name
		all[n-1].text = strings.TrimSuffix(all[n-1].text, "\n")
	}
	return all
}

// shown is how many different screens a failure shows.
const shown = 3

// report shows the first screens that are not as they were, line by line.
func report(t *testing.T, want, got []picture) {
	t.Helper()
	kept := make(map[string]string, len(want))
	for _, p := range want {
		kept[p.name] = p.text
	}
	differing := 0
	for _, p := range got {
		text, known := kept[p.name]
		delete(kept, p.name)
		if known && text == p.text {
			continue
		}
		if differing++; differing > shown {
			continue
		}
		if !known {
			t.Errorf("%s: a new screen", p.name)
			continue
		}
		t.Errorf("%s:\n%s", p.name, lineDiff(text, p.text))
	}
	for _, p := range want {
		if _, gone := kept[p.name]; gone {
			t.Errorf("%s and perhaps others: no such screen any more", p.name)
			break
		}
	}
	if differing > shown {
		t.Errorf("and %d more", differing-shown)
	}
}

// lineDiff gives the lines that differ: as they were, and as they are.
func lineDiff(want, got string) string {
	var b strings.Builder
	a, c := strings.Split(want, "\n"), strings.Split(got, "\n")
	for y := range max(len(a), len(c)) {
		was, is := "", ""
		if y < len(a) {
			was = a[y]
		}
		if y < len(c) {
			is = c[y]
		}
		if was != is {
			fmt.Fprintf(&b, "line %2d -%s\n        +%s\n", y+1, was, is)
		}
	}
	return b.String()
}
