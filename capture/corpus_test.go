package capture_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"tcpviz/capture"
)

// The agreement with tshark's numbers that was reached, in percent: what is missing are tunnels,
// link types that are not understood yet, and reassembled fragments.
const (
	enoughFrames   = 99
	enoughSegments = 95
)

// Captures that nobody here wrote all open, and hold what tshark says they hold.
func TestCorpus(t *testing.T) {
	folder := filepath.Join("..", "..", "shared", "captures")
	list, err := os.Open(filepath.Join(folder, "expected.jsonl"))
	if err != nil {
		t.Skip("no folder of foreign captures beside the module")
	}
	defer list.Close()
	decoder := capture.NewDecoder()
	var files, frames, segments int
	lines := bufio.NewScanner(list)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var expected struct {
			File   string
			Tshark *struct {
				Frames    int
				TCPFrames int      `json:"tcp_frames"`
				Stderr    []string `json:"tshark_stderr"`
			}
		}
		if err := json.Unmarshal(lines.Bytes(), &expected); err != nil {
			t.Fatal(err)
		}
		gotFrames, gotSegments, err := count(decoder, filepath.Join(folder, "files", expected.File))
		var damage *capture.DamagedError
		if err != nil && !errors.As(err, &damage) {
			t.Errorf("%s: %v", expected.File, err)
		}
		if expected.Tshark == nil || len(expected.Tshark.Stderr) > 0 {
			continue
		}
		files++
		if gotFrames == expected.Tshark.Frames {
			frames++
		} else {
			t.Logf("%s: %d frames, tshark has %d", expected.File, gotFrames, expected.Tshark.Frames)
		}
		if gotSegments == expected.Tshark.TCPFrames {
			segments++
		} else {
			t.Logf("%s: %d segments, tshark has %d", expected.File, gotSegments, expected.Tshark.TCPFrames)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	t.Logf("of %d files tshark agrees on the frames of %d, on the segments of %d", files, frames, segments)
	if 100*frames < enoughFrames*files || 100*segments < enoughSegments*files {
		t.Errorf("less than %d %% of the frames or %d %% of the segments", enoughFrames, enoughSegments)
	}
}

// count gives the frames of a file, and how many of them hold a segment.
func count(decoder *capture.Decoder, name string) (frames, segments int, err error) {
	f, err := capture.Open(name)
	if err != nil {
		return 0, 0, err
	}
	packets, err := drain(f)
	for _, p := range packets {
		if _, skip := decoder.Decode(p); skip == nil {
			segments++
		}
	}
	return len(packets), segments, errors.Join(err, f.Close())
}
