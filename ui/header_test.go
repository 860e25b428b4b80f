package ui

import (
	"strings"
	"testing"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

func TestOptionWords(t *testing.T) {
	for _, c := range []struct {
		name  string
		bytes []byte
		want  string
	}{
		{"none", nil, ""},
		{"a SYN's", []byte{2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 1, 3, 3, 7}, "MSS 1460, SACK permitted, timestamps 1 2, NOP, window scale 7 (× 128)"},
		{"SACK", []byte{5, 10, 0, 0, 0, 1, 0, 0, 0, 9}, "SACK 1-9"},
		{"fast open", []byte{34, 4, 0xab, 0xcd}, "fast open ab cd"},
		{"unknown", []byte{253, 3, 7}, "kind 253 07"},
		{"unknown without data", []byte{253, 2}, "kind 253"},
		{"of a wrong length", []byte{2, 3, 9}, "kind 2 09"},
		{"end", []byte{1, 0, 9, 9}, "NOP, end"},
		{"no length", []byte{2}, "kind 2 (cut off or damaged)"},
		{"length 0", []byte{2, 0, 1, 1}, "kind 2 (cut off or damaged)"},
		{"too long", []byte{8, 10, 0, 0}, "kind 8 (cut off or damaged)"},
		{"a scale beyond the limit", []byte{3, 3, 255}, "window scale 255 (× 16384)"},
	} {
		if got := optionWords(c.bytes, lang.English); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestHeaderWithoutBytes draws a segment whose bytes were not kept.
func TestHeaderWithoutBytes(t *testing.T) {
	a := newTale()
	a.send(cl, fsm.SYN|fsm.ACK, 5, 7, "", 0)
	a.last().Frame.Segment.Options = fsm.Options{MSS: 1460, HasScale: true, WindowScale: 2, SACKPermitted: true, HasTimestamps: true, TSVal: 1, SACKCount: 9, FastOpen: true}
	a.last().Frame.Raw = nil
	look := newTheme(false, true)
	var v headerView
	got := panelPicture(80, 20, func(c canvas) { v.draw(c, tracked(a, 0), &look) })
	for _, want := range []string{"sequence number 5 (raw 1005)", "acknowledgment number 7 (raw 9007)", "checksum not kept", "offset", "MSS 1460", "window scale 2 (× 4)"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing:\n%s", want, got)
		}
	}
	if strings.Contains(got, "0x0000") {
		t.Errorf("a checksum that nobody saw is shown:\n%s", got)
	}
}

func TestWindowIsScaledOnlyWhenBothSidesAgreed(t *testing.T) {
	segment := &fsm.Segment{Flags: fsm.ACK, Window: 512}
	for _, c := range []struct {
		scale [2]uint8
		flags fsm.Flags
		want  string
	}{
		{[2]uint8{8, 1}, fsm.ACK, "512 × 128 = 65536"},
		{[2]uint8{8, 0}, fsm.ACK, "512"},
		{[2]uint8{0, 8}, fsm.ACK, "512"},
		{[2]uint8{8, 8}, fsm.SYN, "512"},
	} {
		segment.Flags = c.flags
		if got := windowWords(mark{scale: c.scale}, segment, fsm.Client); got != c.want {
			t.Errorf("%v %v: %q, want %q", c.scale, c.flags, got, c.want)
		}
	}
}

// FuzzHeader draws headers that no TCP would send, from offsets that are not there.
func FuzzHeader(f *testing.F) {
	good := connectionScript().events
	for _, e := range good {
		if frame, ok := e.(story.Frame); ok {
			f.Add(frame.Raw, frame.TCPOffset)
		}
	}
	f.Add([]byte{}, 0)
	f.Add(make([]byte, 40), 39)
	f.Add(make([]byte, 40), -5)
	f.Fuzz(func(t *testing.T, raw []byte, offset int) {
		a := newTale()
		a.send(cl, fsm.SYN, 0, 0, "", 0)
		a.last().Frame.Raw, a.last().Frame.TCPOffset = raw, offset
		look := newTheme(false, true)
		for _, size := range [][2]int{{40, 6}, {70, 12}, {90, 20}} {
			var v headerView
			got := panelPicture(size[0], size[1], func(c canvas) { v.draw(c, tracked(a, 0), &look) })
			if strings.ContainsFunc(strings.ReplaceAll(got, "\n", ""), control) {
				t.Errorf("a control character is drawn: %q", got)
			}
		}
	})
}
