package ui

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tcpviz/fsm"
	"tcpviz/internal/story"
)

var byFields = cmp.AllowUnexported(plotMark{}, tally{})

// TestPictureKnowsNoFuture compares, at every row, what a picture draws and tells with
// what it draws and tells of a story that ends there: only the frame may differ.
func TestPictureKnowsNoFuture(t *testing.T) {
	for name, s := range plotStories() {
		whole := newTimeSequence(s, s.View(1))
		for _, side := range []fsm.Side{cl, sv} {
			all := whole.read(side)
			for at := range whole.view.Rows {
				cut := *s
				cut.Steps = s.Steps[:whole.view.Rows[at].Step]
				part := newTimeSequence(&cut, cut.View(1)).read(side)
				if happened := all.marks[:all.upTo(at)]; !slices.Equal(part.marks, happened) {
					t.Fatalf("%s, row %d: it draws what comes later (-cut +whole):\n%s", name, at, cmp.Diff(part.marks, happened, byFields))
				}
				if part.tally(at) != all.tally(at) {
					t.Fatalf("%s, row %d: it tells what comes later (-cut +whole):\n%s", name, at, cmp.Diff(part.tally(at), all.tally(at), byFields))
				}
			}
		}
	}
}

// TestRasterIsTheSameEitherWay holds that going forward, back and far draws what
// drawing from the beginning does.
func TestRasterIsTheSameEitherWay(t *testing.T) {
	s := longTransfer(6000)
	q := newTimeSequence(s, s.View(1))
	stream := q.stream()
	p := q.plotOf(stream, 70, 12)
	var moving raster
	random := rand.New(rand.NewPCG(1, 2))
	n := 0
	for range 300 {
		switch random.IntN(3) {
		case 0:
			n++
		case 1:
			n--
		default:
			n = random.IntN(len(stream.marks) + 1)
		}
		n = min(max(n, 0), len(stream.marks))
		var fresh raster
		if !slices.Equal(moving.upTo(stream, p, n), fresh.upTo(stream, p, n)) {
			t.Fatalf("the picture of %d marks depends on the way to it", n)
		}
	}
	if len(moving.kept) < 2 {
		t.Errorf("%d states were kept: the test tries nothing", len(moving.kept))
	}
}

// TestCursorMovesOn holds that the cursor never goes back while times do not.
func TestCursorMovesOn(t *testing.T) {
	for name, s := range plotStories() {
		v := s.View(1)
		q, look := newTimeSequence(s, v), newTheme(false, true)
		before := -1
		for at := range v.Rows {
			m := moment{story: s, view: v, at: at, flight: 1}
			got := panelPicture(80, 15, func(c canvas) { q.draw(c, m, &look) })
			x := -1
			for line := range strings.Lines(got) {
				if strings.Contains(line, "└") && strings.Contains(line, "▲") {
					x = len([]rune(line[:strings.Index(line, "▲")]))
				}
			}
			if x < before {
				t.Fatalf("%s: the cursor goes back from column %d to %d at row %d", name, before, x, at)
			}
			before = x
		}
		if before < 0 && name != "no-times" {
			t.Errorf("%s: there was no cursor at all", name)
		}
	}
}

// hostileStory is a story of segments that make no sense: wild numbers and windows,
// times that jump, are missing, or lie thousands of years apart.
func hostileStory(seed uint64, n int) *story.Story {
	random := rand.New(rand.NewPCG(seed, 7))
	w := newWire()
	number := func() int {
		switch random.IntN(4) {
		case 0:
			return int(random.Uint32())
		case 1:
			return 1<<31 + random.IntN(3) - 1
		}
		return random.IntN(100_000)
	}
	at := time.Duration(0)
	for range n {
		flags := fsm.Flags(random.Uint32())
		if random.IntN(3) > 0 {
			flags = ack
		}
		at += time.Duration(random.Int64N(int64(time.Second))) - 300*ms
		w.seg(at, fsm.Side(random.IntN(2)), flags, number(), number(), number()%70_000, number())
		f := &w.frames[len(w.frames)-1]
		switch random.IntN(12) {
		case 0:
			f.Time = time.Time{}
		case 1:
			f.Time = time.Date(random.IntN(9999)+1, 1, 1, 0, 0, 0, random.IntN(1e9), time.UTC)
		case 2:
			f.Time = time.Unix(0, 0)
		case 3:
			f.Fate = story.FateLost
		case 4:
			f.Segment.Len = random.Uint32()
		}
	}
	return w.unsorted()
}

// TestPictureStaysInside draws stories that make no sense, in any size, at any row: it
// neither fails nor draws outside its rectangle, and every mark that has a column has
// one of the picture's.
func TestPictureStaysInside(t *testing.T) {
	for seed := range uint64(60) {
		s := hostileStory(seed, 40)
		random := rand.New(rand.NewPCG(seed, 9))
		for conn := range s.Conns.Len() + 1 {
			v := s.View(conn)
			q, look := newTimeSequence(s, v), newTheme(seed%2 == 0, true)
			for range 12 {
				w, h, at := random.IntN(130), random.IntN(40), random.IntN(len(v.Rows)+2)-1
				q.turned = random.IntN(2) == 0
				m := moment{story: s, view: v, at: at, flight: 1}
				var f frame
				whole := f.begin(w+6, h+4)
				q.draw(whole.sub(3, 2, w, h), m, &look)
				for i, c := range f.cells {
					x, y := i%f.w-3, i/f.w-2
					if c.r != ' ' && (x < 0 || y < 0 || x >= w || y >= h) {
						t.Fatalf("seed %d: %q at %d, %d of %dx%d", seed, c.r, x, y, w, h)
					}
				}
				for x := -1; x <= w; x += 7 {
					if row, ok := q.rowAt(x, h/2); ok && (row < 0 || row >= len(v.Rows)) {
						t.Fatalf("seed %d: a click goes to row %d of %d", seed, row, len(v.Rows))
					}
				}
				for _, m := range q.stream().marks {
					if x := q.scene.plot.column(m.at); q.scene.area.shown() && (x < 0 || x >= dotColumns*q.scene.area.w) {
						t.Fatalf("seed %d: %+v is in column %d", seed, m, x)
					}
					if stair := m.kind == ackMark || m.kind == windowMark; stair && m.at < m.since {
						t.Fatalf("seed %d: %+v goes back in time", seed, m)
					}
				}
			}
		}
	}
}

// TestNumbersKeepGrowing sends 10 GB: the numbers pass 2³² twice.
func TestNumbersKeepGrowing(t *testing.T) {
	w := newWire()
	w.shift = 14
	w.isn[cl] = 4_000_000_000
	at := w.open()
	const step, n = 500_000_000, 20
	for i := range n {
		w.seg(at, cl, ack, 1+i*step, 1, step, 1<<20)
		w.seg(at+40*ms, sv, ack, 1, 1+(i+1)*step, 0, 1<<30-1<<14)
		at += 50 * ms
	}
	s := w.story()
	q := newTimeSequence(s, s.View(1))
	stream := q.stream()
	before := int64(-1)
	for _, m := range stream.marks {
		if m.kind == segmentMark {
			if m.from <= before || m.to != m.from+step {
				t.Fatalf("%d to %d comes after %d", m.from, m.to, before)
			}
			before = m.from
		}
	}
	if want := int64(1 + n*step); stream.high != want || stream.tally(1<<30).ack != want || stream.tally(1<<30).stray != 0 {
		t.Errorf("it ends at %d, acknowledged to %d, want %d", stream.high, stream.tally(1<<30).ack, want)
	}
	if got := sequencePicture(s, -2, 80, 15, false, newTheme(false, true)); !strings.Contains(got, "10G┤") && !strings.Contains(got, " 5G┤") {
		t.Errorf("the axis does not reach 10 G:\n%s", got)
	}
}

// TestStrayNumbers holds that a segment of something else does not spoil the picture,
// and that a capture with a gap goes on behind it.
func TestStrayNumbers(t *testing.T) {
	read := func(w *wire) *stream {
		s := w.story()
		return newTimeSequence(s, s.View(1)).stream()
	}
	w := newWire()
	end := w.transfer(w.open(), 20, 8)
	w.seg(end+ms, cl, ack, 1_000_000_000, 1, 1460, 65536)
	w.seg(end+2*ms, sv, ack, 1, 900_000_000, 0, 65536)
	got := read(w)
	if got.high != 1+20*1460 || got.tally(1<<30).stray != 2 {
		t.Errorf("high %d, %d stray; want %d, 2", got.high, got.tally(1<<30).stray, 1+20*1460)
	}
	w = newWire()
	end = w.transfer(w.open(), 20, 8)
	for i := range 3 {
		w.seg(end+time.Duration(1+i)*ms, cl, ack, 50_000_000+i*1460, 1, 1460, 65536)
	}
	got = read(w)
	if got.high != 50_000_000+3*1460 || got.tally(1<<30).stray != 1 {
		t.Errorf("after a gap: high %d, %d stray; want %d, 1", got.high, got.tally(1<<30).stray, 50_000_000+3*1460)
	}
}

// TestWindowScale holds when the edge of the window is known, and where it is.
func TestWindowScale(t *testing.T) {
	edge := func(add func(w *wire)) (int64, bool) {
		w := newWire()
		add(w)
		s := w.story()
		now := newTimeSequence(s, s.View(1)).read(cl).tally(1 << 30)
		return now.edge, now.windowed
	}
	data := func(w *wire) {
		w.seg(50*ms, cl, ack, 1, 1, 100, 65536)
		w.seg(90*ms, sv, ack, 1, 101, 0, 80_000)
	}
	for _, c := range []struct {
		name string
		add  func(w *wire)
		want int64 // 0: not known
	}{
		{"scaled", func(w *wire) { w.open(); data(w) }, 80_101},
		{"without the option", func(w *wire) { w.shift = -1; w.open(); w.seg(90*ms, sv, ack, 1, 1, 0, 60_000) }, 60_001},
		{"no SYN seen", data, 0},
		{"only the SYN-ACK seen", func(w *wire) { w.seg(0, sv, synAck, 0, 1, 0, 65535); data(w) }, 80_101},
		{"only the SYN seen", func(w *wire) { w.seg(0, cl, fsm.SYN, 0, 0, 0, 65535); data(w) }, 0},
		{"the SYN has no option", func(w *wire) {
			w.open()
			w.frames[0].Segment.Options = fsm.Options{}
			data(w)
		}, 101 + 10_000},
		{"a SYN-ACK's own window", func(w *wire) { w.open() }, 65_536},
		{"a window of 0", func(w *wire) {
			w.seg(50*ms, cl, ack, 1, 1, 100, 65536)
			w.seg(90*ms, sv, ack, 1, 101, 0, 0)
		}, 101},
	} {
		if got, ok := edge(c.add); got != c.want || ok != (c.want != 0) {
			t.Errorf("%s: the edge is %d (%v), want %d", c.name, got, ok, c.want)
		}
	}
}

// TestTellingMarksWin holds which of several things in one cell is shown.
func TestTellingMarksWin(t *testing.T) {
	for _, c := range []struct {
		kinds []markKind
		want  rune
	}{
		{[]markKind{retransmissionMark, synMark, segmentMark}, '■'},
		{[]markKind{finMark, segmentMark, ackMark}, 'F'},
		{[]markKind{segmentMark, ackMark, windowMark}, '⠁'},
		{[]markKind{ackMark, windowMark}, '─'},
		{[]markKind{windowMark}, '·'},
		{[]markKind{zeroWindowMark, segmentMark}, 'Z'},
		{[]markKind{lostMark, segmentMark, ackMark}, '✗'},
	} {
		cell, look := plotCell{dots: 1}, newTheme(false, true)
		for _, kind := range c.kinds {
			cell.kinds |= 1 << kind
		}
		kind, ok := cell.kind()
		if got := (&timeSequence{}).glyph(cell, kind, &look); !ok || got != c.want {
			t.Errorf("%v: %q, want %q", c.kinds, got, c.want)
		}
	}
	if _, ok := (plotCell{}).kind(); ok {
		t.Error("an empty cell shows something")
	}
}

// TestClockThatGoesBack draws segments whose times go back: they stand where their
// times are, and no line leads back.
func TestClockThatGoesBack(t *testing.T) {
	w := newWire()
	w.open()
	for i, at := range []time.Duration{100 * ms, 300 * ms, 200 * ms, 400 * ms} {
		w.seg(at, cl, ack, 1+i*100, 1, 100, 65536)
		w.seg(at+ms, sv, ack, 1, 1+(i+1)*100, 0, 65536)
	}
	s := w.unsorted()
	q := newTimeSequence(s, s.View(1))
	if q.end-q.start != int64(401*ms) {
		t.Errorf("the picture is %v long", time.Duration(q.end-q.start))
	}
	var at []time.Duration
	for _, m := range q.stream().marks {
		if m.kind == segmentMark {
			at = append(at, time.Duration(m.at-q.start))
		}
	}
	if diff := cmp.Diff([]time.Duration{100 * ms, 300 * ms, 200 * ms, 400 * ms}, at); diff != "" {
		t.Errorf("times (-want +got):\n%s", diff)
	}
}

// TestTimesThatSayNothing holds what is told of a capture whose times are all 0, or missing
// here and there.
func TestTimesThatSayNothing(t *testing.T) {
	for name, zero := range map[string]time.Time{"missing": {}, "1970": time.Unix(0, 0)} {
		w := newWire()
		w.open()
		for i := range w.frames {
			w.frames[i].Time = zero
		}
		if got := sequencePicture(w.unsorted(), -2, 80, 15, false, newTheme(false, true)); !strings.Contains(got, "no time stamps") {
			t.Errorf("%s:\n%s", name, got)
		}
	}
	w := newWire()
	w.transfer(w.open(), 10, 4)
	b := story.NewBuilder(story.Meta{})
	b.Limit(20)
	for _, f := range w.frames {
		b.Add(f)
	}
	if got, want := sequencePicture(b.Story(), -2, 120, 24, false, newTheme(false, true)), "segments beyond those that were kept are not drawn"; !strings.Contains(got, want) {
		t.Errorf("no %q in\n%s", want, got)
	}
	w.frames[5].Time = time.Time{}
	got := sequencePicture(w.unsorted(), -2, 120, 24, false, newTheme(false, true))
	if want := "1 segment without a time stamp is not drawn"; !strings.Contains(got, want) {
		t.Errorf("no %q in\n%s", want, got)
	}
}

// TestTicks holds the axes: ticks are round, grow, lie inside, and are never too many.
func TestTicks(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 3000 {
		span, low := random.Int64N(1<<random.IntN(61))+1, random.Int64N(1<<random.IntN(40)+1)
		w, h := random.IntN(200)+4, random.IntN(60)+1
		p := newPlot(w, h, low, low+span, -low/3, span)
		for what, ticks := range map[string][]axisTick{"times": p.timeTicks(w / columnsPerTick), "numbers": p.numberTicks(h / linesPerTick)} {
			if len(ticks) > w/columnsPerTick+h/linesPerTick+3 {
				t.Fatalf("%s of %+v: %d ticks", what, p, len(ticks))
			}
			for i, tick := range ticks {
				if i > 0 && tick.text == ticks[i-1].text {
					t.Fatalf("%s of %+v: %q twice", what, p, tick.text)
				}
				if what == "times" && (tick.at < p.start || tick.at > p.end) || what == "numbers" && (tick.at < p.low || tick.at > p.high) {
					t.Fatalf("%s of %+v: %+v is outside", what, p, tick)
				}
			}
		}
	}
	texts := func(ticks []axisTick) (all []string) {
		for _, tick := range ticks {
			all = append(all, tick.text)
		}
		return all
	}
	for _, c := range []struct {
		span time.Duration
		want []string
	}{
		{340 * ms, []string{"0", "100 ms", "200 ms", "300 ms"}},
		{1200 * ms, []string{"0", "0.5 s", "1.0 s"}},
		{30 * time.Second, []string{"0", "10 s", "20 s", "30 s"}},
		{4 * time.Minute, []string{"0", "1 min", "2 min", "3 min", "4 min"}},
		{9 * time.Hour, []string{"0", "2 h", "4 h", "6 h", "8 h"}},
		{700 * time.Nanosecond, []string{"0", "200 ns", "400 ns", "600 ns"}},
	} {
		p := newPlot(60, 10, 5, 5+int64(c.span), 0, 1)
		if diff := cmp.Diff(c.want, texts(p.timeTicks(4))); diff != "" {
			t.Errorf("%v (-want +got):\n%s", c.span, diff)
		}
	}
	for high, want := range map[int64][]string{
		2: {"0", "1", "2"}, 700: {"0", "200", "400", "600"}, 90_000: {"0", "50k"}, 3_000_000: {"0", "1M", "2M", "3M"},
		9_000_000_000: {"0", "5G"}, 12_000: {"0", "5k", "10k"},
	} {
		p := newPlot(60, 10, 0, 1, 0, high)
		if diff := cmp.Diff(want, texts(p.numberTicks(3))); diff != "" {
			t.Errorf("%d (-want +got):\n%s", high, diff)
		}
	}
}
