package ui

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gdamore/tcell/v2"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// sequencePicture draws the panel's content alone.
func sequencePicture(s *story.Story, at, w, h int, turned bool, t theme) string {
	v := s.View(1)
	if at < -1 {
		at += len(v.Rows) + 1
	}
	q := newTimeSequence(s, v)
	q.turned = turned
	m := moment{story: s, view: v, at: min(at, len(v.Rows)-1), flight: 1, lang: lang.English}
	return panelPicture(w, h, func(c canvas) { q.draw(c, m, &t) })
}

// TestTimeSequencePictures shows every story in the room that the three screens give.
func TestTimeSequencePictures(t *testing.T) {
	const end = -2
	file := func(name string) string { return filepath.Join("testdata", "timeseq", name+".txt") }
	unicode, ascii := newTheme(false, false), newTheme(true, true)
	for name, s := range plotStories() {
		t.Run(name, func(t *testing.T) {
			for _, size := range []rect{{w: 80, h: 15}, {w: 120, h: 24}, {w: 88, h: 24}} {
				comparePicture(t, file(fmt.Sprintf("%s-%dx%d", name, size.w, size.h)), sequencePicture(s, end, size.w, size.h, false, unicode))
			}
			comparePicture(t, file(name+"-ascii-80x15"), sequencePicture(s, end, 80, 15, false, ascii))
		})
	}
	loss := plotStories()["loss"]
	comparePicture(t, file("loss-turned-80x15"), sequencePicture(loss, end, 80, 15, true, unicode))
	for _, at := range []int{-1, 4, 60, 130} {
		comparePicture(t, file(fmt.Sprintf("loss-row-%d-80x15", at)), sequencePicture(loss, at, 80, 15, false, unicode))
	}
}

// TestTimeSequenceScreens shows the panel on the whole screen.
func TestTimeSequenceScreens(t *testing.T) {
	s := plotStories()["loss"]
	for _, size := range screenSizes {
		d := newDashboard(Options{Paused: true})
		d.show(s)
		d.size = rect{0, 0, size.w, size.h}
		d.press(char('t'))
		d.send(playEvent{signal: jump, n: 181})
		golden(t, fmt.Sprintf("sequence-%dx%d", size.w, size.h), picture(t, d, size.w, size.h))
	}
}

// TestTimeSequenceKeys opens, turns and closes the picture on each screen.
func TestTimeSequenceKeys(t *testing.T) {
	const name = "sequence numbers over time"
	for _, size := range screenSizes {
		d := newDashboard(Options{Paused: true})
		d.show(plotStories()["loss"])
		seen := func(text string) bool { return strings.Contains(picture(t, d, size.w, size.h), text) }
		if seen(name) {
			t.Fatalf("%v: it is open at the beginning", size)
		}
		d.press(char('T'))
		if d.hint == "" {
			t.Errorf("%v: T does not say that there is nothing to turn", size)
		}
		d.press(char('t'))
		if !seen(name) || !seen("client → ◆ server") {
			t.Errorf("%v: t does not open it", size)
		}
		if seen("state machine") {
			t.Errorf("%v: the diagram is beside it", size)
		}
		d.press(char('T'))
		if !seen("server → ● client") {
			t.Errorf("%v: T does not turn it", size)
		}
		d.show(d.story) // grown or not, it stays turned
		if !seen("server → ● client") {
			t.Errorf("%v: it has turned back", size)
		}
		d.press(char('T'))
		if !seen("client → ◆ server") {
			t.Errorf("%v: T does not turn it back", size)
		}
		d.press(char('t'))
		if seen(name) {
			t.Errorf("%v: t does not close it", size)
		}
		d.press(char('t'))
		d.press(special(tcell.KeyEscape))
		if seen(name) {
			t.Errorf("%v: esc does not close it", size)
		}
	}
}

// TestTimeSequenceWithoutColour holds that the picture is the same without colours,
// and that no style has any.
func TestTimeSequenceWithoutColour(t *testing.T) {
	for name, s := range plotStories() {
		with := sequencePicture(s, -2, 80, 15, false, newTheme(false, false))
		v := s.View(1)
		q, look := newTimeSequence(s, v), newTheme(false, true)
		var f frame
		q.draw(f.begin(80, 15), moment{story: s, view: v, at: len(v.Rows) - 1, flight: 1}, &look)
		if got := f.text(); got != with {
			t.Errorf("%s differs without colours:\n%s", name, got)
		}
		for _, c := range f.cells {
			if fg, bg, _ := c.style.Decompose(); fg != tcell.ColorDefault || bg != tcell.ColorDefault {
				t.Fatalf("%s: %q has a colour", name, c.r)
			}
		}
	}
}

// TestGlyphsAreTold holds that everything that may be in a picture is in the legend,
// under a glyph of its own.
func TestGlyphsAreTold(t *testing.T) {
	for _, look := range []theme{newTheme(false, true), newTheme(true, true)} {
		told := map[string]bool{}
		for _, item := range look.legend(&stream{}, lang.English) {
			if told[item.glyph] {
				t.Errorf("%q stands for two things", item.glyph)
			}
			told[item.glyph] = true
		}
		for kind := windowMark; kind < markKinds; kind++ {
			if kind != segmentMark && kind != ackMark && !told[string(look.plot.marks[kind])] {
				t.Errorf("mark %d is not in the legend", kind)
			}
		}
	}
}

// TestTimeSequenceLight holds that the newest segment is drawn in reverse, and only it.
func TestTimeSequenceLight(t *testing.T) {
	s := plotStories()["loss"]
	v := s.View(1)
	q, look := newTimeSequence(s, v), newTheme(false, false)
	for i := range v.Rows {
		var f frame
		q.draw(f.begin(120, 24), moment{story: s, view: v, at: i, flight: 1}, &look)
		step, lit := s.At(v.Rows[i].Step), 0
		for _, c := range f.cells {
			if _, _, attributes := c.style.Decompose(); attributes&tcell.AttrReverse != 0 {
				lit++
			}
		}
		carries := step.Frame != nil && step.Sender() == fsm.Client && step.Frame.Segment.SeqLen() > 0
		if carries && lit == 0 || step.Frame == nil && lit > 0 {
			t.Fatalf("row %d (carries octets: %v): %d cells are lit", i, carries, lit)
		}
	}
}

// TestTimeSequenceClick clicks on every segment: the click goes to it, or to another
// one in the same cell, and a click anywhere to the segment nearest in time.
func TestTimeSequenceClick(t *testing.T) {
	d := newDashboard(Options{Paused: true})
	d.show(plotStories()["loss"])
	d.press(char('t'))
	picture(t, d, 120, 40)
	q := d.sequence
	r := newLayout(120, 40, sequencePanel).rects[sequencePanel]
	a, p := q.scene.area, q.scene.plot
	for _, m := range q.stream().marks {
		if m.kind == windowMark || p.line(m.to) < 0 {
			continue
		}
		x, y := p.column(m.at)/dotColumns, p.line(m.to)/dotLines
		d.click(r.x+a.x+x, r.y+1+a.y+y)
		if got := p.column(q.clock[d.play.at]) / dotColumns; got != x {
			t.Fatalf("a click on the mark of row %d in column %d goes to row %d in column %d", m.row, x, d.play.at, got)
		}
	}
	nearest := func(x int) (best float64) {
		best = 1e18
		for i := range q.view.Rows {
			if q.segmentAt(i) != nil {
				off := float64(p.column(q.clock[i])) - float64(dotColumns*x+1)
				best = min(best, max(off, -off))
			}
		}
		return best
	}
	for x := range a.w {
		d.click(r.x+a.x+x, r.y+1+a.y+a.h-1)
		off := float64(p.column(q.clock[d.play.at])) - float64(dotColumns*x+1)
		if off = max(off, -off); off > max(nearest(x), 1) {
			t.Errorf("a click into column %d goes %v dots away, the nearest segment is %v away", x, off, nearest(x))
		}
	}
	before := d.play.at
	for _, at := range [][2]int{{r.x, r.y}, {r.x + a.x - 1, r.y + 3}, {r.x + a.x, r.y + 1 + a.y + a.h}, {0, 0}} {
		d.click(at[0], at[1])
		if d.play.at != before {
			t.Errorf("a click at %v, outside the picture, goes to row %d", at, d.play.at)
		}
	}
}

// TestSequenceWords holds the line of figures.
func TestSequenceWords(t *testing.T) {
	for name, want := range map[string][]string{
		"loss":        {"87.6 kB in 338 ms", "259 kB/s", "2 sent again (2.92 kB)", "handshake RTT 40.2 ms", "window 65.5 kB"},
		"no-data":     {"0 bytes in 102 ms", "0 sent again", "handshake RTT 40.2 ms", "window 65.5 kB, edge above"},
		"one-way":     {"59.9 kB in 249 ms", "⚠ no ACK of these was seen"},
		"reset":       {"43.8 kB in 1.00 s", "43.8 kB/s", "⚠ no window's edge: the window scale was not seen"},
		"no-times":    {"have no time stamps"},
		"zero-window": {"20.4 kB in 2.46 s", "8.30 kB/s"},
		"wrap":        {"131 kB", "0 sent again"},
	} {
		got := sequencePicture(plotStories()[name], -2, 140, 24, false, newTheme(false, true))
		for _, text := range want {
			if !strings.Contains(got, text) {
				t.Errorf("%s: no %q in\n%s", name, text, got)
			}
		}
	}
}

// TestTextOfFigures holds how figures are written.
func TestTextOfFigures(t *testing.T) {
	for n, want := range map[float64]string{
		0: "0 bytes", 1: "1 byte", 999: "999 bytes", 1000: "1.00 kB", 1234: "1.23 kB", 65536: "65.5 kB",
		999_499: "999 kB", 999_500: "1.00 MB", 4.3e9: "4.30 GB", 5e12: "5.00 TB",
	} {
		if got := octetText(n, lang.English); got != want {
			t.Errorf("%v octets: %q, want %q", n, got, want)
		}
	}
	for d, want := range map[time.Duration]string{
		0: "0 ns", 420: "420 ns", 84 * time.Microsecond: "84.0 µs", 40812 * time.Microsecond: "40.8 ms",
		999_600 * time.Microsecond: "1.00 s", 75 * time.Second: "75.0 s", 700 * time.Second: "11.7 min", 3 * time.Hour: "3.00 h",
	} {
		if got := spanText(int64(d)); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
	for _, c := range []struct {
		octets uint64
		took   time.Duration
		want   string
	}{{6, 40 * ms, "150 bytes/s"}, {1, 30 * time.Second, "0.03 bytes/s"}, {1e6, time.Second, "1.00 MB/s"}} {
		if got := rateText(c.octets, int64(c.took), lang.English); got != c.want {
			t.Errorf("%d octets in %v: %q, want %q", c.octets, c.took, got, c.want)
		}
	}
}

// TestHandshakeTime holds when the round trip of the handshake is known, and what it is.
func TestHandshakeTime(t *testing.T) {
	opened := func(add func(w *wire)) handshake {
		w := newWire()
		add(w)
		s := w.story()
		return newTimeSequence(s, s.View(1)).handshake
	}
	if h := opened(func(w *wire) { w.open() }); !h.ok || time.Duration(h.rtt) != 40*ms+200*time.Microsecond {
		t.Errorf("a handshake: %+v", h)
	}
	for name, add := range map[string]func(w *wire){
		"a SYN alone":            func(w *wire) { w.seg(0, cl, fsm.SYN, 0, 0, 0, 65535) },
		"the SYN was sent twice": func(w *wire) { w.seg(-time.Second, cl, fsm.SYN, 0, 0, 0, 65535); w.open() },
		"the SYN-ACK was sent twice": func(w *wire) {
			w.seg(20*ms, sv, synAck, 0, 1, 0, 65535)
			w.open()
		},
		"no SYN":     func(w *wire) { w.seg(0, cl, ack, 1, 1, 10, 100); w.seg(ms, sv, ack, 1, 11, 0, 100) },
		"no SYN-ACK": func(w *wire) { w.seg(0, cl, fsm.SYN, 0, 0, 0, 65535); w.seg(ms, cl, ack, 1, 1, 0, 100) },
		"refused": func(w *wire) {
			w.seg(0, cl, fsm.SYN, 0, 0, 0, 65535)
			w.seg(ms, sv, fsm.RST|ack, 0, 1, 0, 0)
		},
	} {
		if h := opened(add); h.ok {
			t.Errorf("%s: %v", name, time.Duration(h.rtt))
		}
	}
}

// BenchmarkTimeSequence draws a connection of 200,000 segments: each frame another
// moment, one on, one back, or one far away.
func BenchmarkTimeSequence(b *testing.B) {
	s := longTransfer(200_000)
	v := s.View(1)
	look := newTheme(false, false)
	marks := track(s, v)
	for name, next := range map[string]func(at, i int) int{
		"forward": func(at, _ int) int { return at + 1 },
		"back":    func(at, _ int) int { return at - 1 },
		"far":     func(_, i int) int { return i * 7919 },
	} {
		b.Run(name, func(b *testing.B) {
			q, at := newTimeSequence(s, v), len(v.Rows)/2
			var f frame
			m := moment{story: s, view: v, marks: marks, at: len(v.Rows) - 1, flight: 1}
			q.draw(f.begin(200, 60), m, &look) // once for a story and size: see the others
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				at = (next(at, i) + len(v.Rows)) % len(v.Rows)
				m.at = at
				q.draw(f.begin(200, 60), m, &look)
			}
		})
	}
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			newTimeSequence(s, v).stream()
		}
	})
	b.Run("size", func(b *testing.B) { // a new size: all marks are laid out again
		q := newTimeSequence(s, v)
		var f frame
		m := moment{story: s, view: v, marks: marks, at: len(v.Rows) - 1, flight: 1}
		for i := 0; b.Loop(); i++ {
			q.draw(f.begin(200, 59+i%2), m, &look)
		}
	})
}

// longTransfer has about n segments.
func longTransfer(n int) *story.Story {
	w := newWire()
	w.shift = 7
	all := slices.Collect(maps.Keys(map[int]bool{999: true, 30_000: true, 71_234: true}))
	w.transfer(w.open(), n/2, 700, all...)
	return w.story()
}
