package capture_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tcpviz/capture"
)

// publicCaptures is a folder of captures that others made, where there is one.
var publicCaptures = filepath.Join("..", "..", "shared", "captures", "files")

// outlines gives a line for each frame: number, length, captured length, time.
func outlines(t testing.TB, path string) []string {
	t.Helper()
	f, err := capture.Open(path)
	if err != nil {
		return []string{err.Error()}
	}
	defer f.Close()
	packets, err := drain(f)
	var lines []string
	for _, p := range packets {
		lines = append(lines, outline(p))
	}
	if err != nil && !errors.Is(err, capture.ErrCutOff) { // of which tshark complains in its own way
		lines = append(lines, err.Error())
	}
	return lines
}

func outline(p capture.Packet) string {
	stamp := "" // tshark's word for no time
	if !p.Time.IsZero() {
		stamp = fmt.Sprintf("%d.%09d", p.Time.Unix(), p.Time.Nanosecond())
	}
	return fmt.Sprintf("%d\t%d\t%d\t%s", p.Number, p.Length, len(p.Data), stamp)
}

// tsharkOutlines is what tshark says of a file, in the same form.
func tsharkOutlines(t *testing.T, path string) []string {
	t.Helper()
	out := run(t, "tshark", "-n", "-r", path, "-T", "fields", "-e", "frame.number", "-e", "frame.len", "-e", "frame.cap_len", "-e", "frame.time_epoch")
	return slices.DeleteFunc(strings.Split(out, "\n"), func(line string) bool { return line == "" })
}

// copied is what Wireshark's reader of files gives of one that has a single link type:
// its frames, out of a copy in the plainest of formats.
func copied(t *testing.T, path string) (lines, data []string) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "copy")
	run(t, "editcap", "-F", "nsecpcap", path, out)
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	order := binary.NativeEndian
	for b = b[24:]; len(b) >= 16; {
		p := capture.Packet{
			Number: len(lines) + 1, Time: at(int64(order.Uint32(b)), int64(order.Uint32(b[4:]))),
			Length: int(order.Uint32(b[12:])), Data: b[16:][:order.Uint32(b[8:])],
		}
		lines, data = append(lines, outline(p)), append(data, string(p.Data))
		b = b[16+len(p.Data):]
	}
	return lines, data
}

// Every variant of pcap, however compressed, has the frames that Wireshark finds in it.
func TestVariantsLikeWireshark(t *testing.T) {
	for name, v := range variants() {
		if strings.HasPrefix(name, "pcapng") {
			continue
		}
		for how, compress := range compressions() {
			if strings.Contains(how, " of two ") { // tested against the plain file elsewhere
				continue
			}
			path := save(t, compress(v.content))
			lines, data := copied(t, path)
			if diff := cmp.Diff(lines, outlines(t, path)); diff != "" {
				t.Errorf("%s%s: -Wireshark +tcpviz\n%s", name, how, diff)
			}
			for i, p := range v.want {
				if i < len(data) && data[i] != string(p.Data) {
					t.Errorf("%s%s, frame %d: Wireshark reads %q, tcpviz %q", name, how, i+1, data[i], p.Data)
				}
			}
		}
	}
}

// So does every kind of block of pcapng, in both byte orders.
func TestBlocksLikeTshark(t *testing.T) {
	path := save(t, variants()["pcapng, both byte orders"].content)
	if diff := cmp.Diff(tsharkOutlines(t, path), outlines(t, path)); diff != "" {
		t.Errorf("-tshark +tcpviz\n%s", diff)
	}
}

// Captures that others made have the frames that tshark finds in them; of the many a few are taken.
func TestPublicCapturesLikeTshark(t *testing.T) {
	const some = 5
	names, err := filepath.Glob(filepath.Join(publicCaptures, "*"))
	if err != nil || len(names) == 0 {
		t.Skipf("no captures in %s", publicCaptures)
	}
	for i := range some {
		name := names[i*len(names)/some]
		if diff := cmp.Diff(tsharkOutlines(t, name), outlines(t, name)); diff != "" {
			t.Errorf("%s: -tshark +tcpviz\n%s", filepath.Base(name), diff)
		}
	}
}
