package ui

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gdamore/tcell/v2"

	"tcpviz/fsm"
	"tcpviz/internal/filter"
	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// TestConnectionListScreens shows the list in each of its conditions.
func TestConnectionListScreens(t *testing.T) {
	list := func(o Options, n int, do func(d *dashboard)) func() *dashboard {
		return func() *dashboard {
			d := newDashboard(o)
			d.show(officeCapture(n))
			do(d)
			return d
		}
	}
	reading := Progress{Reading: true, Read: 412_345_678, Size: 920_000_000, PerSecond: 231.4e6, Left: 2194 * time.Millisecond}
	for _, c := range []struct {
		name string
		make func() *dashboard
	}{
		{"plain", list(Options{}, 300, func(d *dashboard) { d.moveList(4) })},
		{"by-bytes", list(Options{}, 300, func(d *dashboard) { d.conns.orderBy(byBytes) })},
		{"by-anomalies", list(Options{}, 300, func(d *dashboard) { d.conns.orderBy(byAnomalies); d.moveList(3) })},
		{"filtered", list(Options{Filter: "port 80 outcome:S0"}, 300, func(*dashboard) {})},
		{"typing", list(Options{}, 300, func(d *dashboard) { d.press(char('/')); typed(d, "port 443") })},
		{"mistake", list(Options{}, 300, func(d *dashboard) { d.press(char('/')); typed(d, "port 80 outcome:SO") })},
		{"no-match", list(Options{Filter: "port 81"}, 300, func(*dashboard) {})},
		{"reading", list(Options{StopReading: func() {}}, 12_000, func(d *dashboard) { d.takeProgress(reading); d.moveList(11_500) })},
		{"stopped", list(Options{}, 1000, func(d *dashboard) { d.takeProgress(Progress{Stopped: true, Read: 41, Size: 90}) })},
		{"empty", list(Options{}, 0, func(d *dashboard) {
			d.story.Totals.Frames = 1300
			d.takeProgress(Progress{Read: 99_000, Size: 99_000})
		})},
		{"opening", list(Options{Open: func(int) {}}, 300, func(d *dashboard) { d.press(special(tcell.KeyEnter)) })},
		{"damaged", list(Options{ASCII: true}, 300, func(d *dashboard) {
			d.story.Totals.Error, d.story.Totals.Early = errors.New("capture: read office.pcapng: frame 1301: block at offset 92017: its length is 4294967292"), 12_000
			d.takeProgress(reading)
		})},
	} {
		for _, size := range screenSizes {
			name := fmt.Sprintf("list-%s-%dx%d", c.name, size.w, size.h)
			t.Run(name, func(t *testing.T) { golden(t, name, picture(t, c.make(), size.w, size.h)) })
		}
	}
}

// TestProgressWords looks at what is said of the reading of a file.
func TestProgressWords(t *testing.T) {
	for _, c := range []struct {
		p            Progress
		short, words string
	}{
		{Progress{}, "", ""},
		{Progress{Reading: true}, "reading 0 bytes", "0 bytes"},
		{Progress{Reading: true, Read: 5 << 30, PerSecond: 9999}, "reading 5.37 GB", "5.37 GB  9,999 bytes/s"},
		{Progress{Reading: true, Read: 999, Size: 1000, PerSecond: 100, Left: time.Millisecond}, "reading 99 %", "999 bytes of 1,000 bytes  100 bytes/s  1 s left"},
		{Progress{Reading: true, Read: 2000, Size: 1000, Left: 200 * time.Second}, "reading 100 %", "2,000 bytes of 1,000 bytes  3:20 min left"},
		{Progress{Reading: true, Read: -1, Size: 10, Left: 5 * time.Hour}, "reading 0 %", "0 bytes of 10 bytes  5:00 h left"},
		{Progress{Stopped: true, Read: 1000, Size: 3000}, "stopped at 33 %", "stopped at 33 %: what was read is shown"},
		{Progress{Stopped: true, Read: 1234567}, "stopped at 1.23 MB", "stopped at 1.23 MB: what was read is shown"},
	} {
		if got := c.p.short(lang.English); got != c.short {
			t.Errorf("%+v: %q, want %q", c.p, got, c.short)
		}
		if c.p == (Progress{}) {
			continue
		}
		if got := c.p.words(lang.English); got != c.words {
			t.Errorf("%+v: %q, want %q", c.p, got, c.words)
		}
	}
}

// TestAnomalyText tells the anomalies of a connection in few words.
func TestAnomalyText(t *testing.T) {
	of := func(counts map[int]uint32) *fsm.Summary {
		var s fsm.Summary
		for i, n := range counts {
			s.Anomalies[i] = n
		}
		return &s
	}
	const fast, spurious, again, duplicate = 1, 2, 3, 11
	for _, c := range []struct {
		counts map[int]uint32
		width  int
		want   string
		total  int
	}{
		{nil, 20, "", 0},
		{map[int]uint32{again: 1}, 20, "retransmission", 1},
		{map[int]uint32{again: 3}, 20, "retransmission ×3", 3},
		{map[int]uint32{again: 3, duplicate: 4}, 26, "retransmission ×3 +4", 7},
		{map[int]uint32{fast: 2, spurious: 1, again: 5}, 26, "fast retransmission ×2 +3", 5},
		{map[int]uint32{again: 3000, duplicate: 4}, 15, "retra… ×3,000 +4", 3004},
	} {
		s := of(c.counts)
		if total, _, _ := anomalies(s); total != c.total {
			t.Errorf("%v: %d anomalies, want %d", c.counts, total, c.total)
		}
		if got := anomalyText(s, c.width, lang.English, &unicodeGlyphs); got != c.want && textWidth(got) > c.width {
			t.Errorf("%v: %q, want %q", c.counts, got, c.want)
		}
	}
}

// TestSizes writes numbers of bytes.
func TestSizes(t *testing.T) {
	for n, want := range map[uint64]string{
		0: "0", 999: "999", 1000: "1,000", 99_999: "99,999", 100_000: "100 kB", 999_499: "999 kB", 999_500: "1.00 MB",
		9_994_999: "9.99 MB", 9_995_001: "10.0 MB", 123_456_789: "123 MB", 5e12: "5.00 TB", 1<<64 - 1: "18.4 EB",
	} {
		if got := sizeText(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

// TestColumnsFit lays out the columns for each width: they fit, and the one that the
// list is ordered by is there.
func TestColumnsFit(t *testing.T) {
	l := newConnList("")
	for _, n := range []int{1, 1000, 100_000} {
		l.conns = manyOf(n)
		for by := range orderCount {
			l.by = by
			for width := minWidth; width < 260; width++ {
				used, found := 1, false
				for _, col := range l.columns(width, lang.English, &unicodeGlyphs) {
					used += col.width + 1
					found = found || col.by == by
					if len(col.name) > col.width {
						t.Errorf("%s does not fit into %d", col.name, col.width)
					}
				}
				if used > width || !found {
					t.Errorf("%d columns are used of %d, by %v found: %v", used, width, by, found)
				}
			}
		}
	}
}

// TestFilterHint checks that each example in the hint is one.
func TestFilterHint(t *testing.T) {
	for _, example := range strings.Split(strings.TrimSuffix(filterHint, "  and more: F1"), "  ") {
		if f, err := filter.Parse(example); err != nil || f.Empty() {
			t.Errorf("%q: %v", example, err)
		}
	}
}

// TestNothingToShow says what there is where there is no connection.
func TestNothingToShow(t *testing.T) {
	read := Progress{Read: 24, Size: 24}
	for _, c := range []struct {
		name   string
		o      Options
		totals story.Totals
		p      Progress
		want   []string
	}{
		{"not read yet", Options{}, story.Totals{}, Progress{}, []string{"no TCP connection so far: no frame was read"}},
		{"an empty file", Options{}, story.Totals{}, read, []string{"no TCP connection in a.pcap: no frame was read"}},
		{"other frames", Options{}, story.Totals{Frames: 1234, Skipped: map[string]int{"arp": 34, "not-tcp": 1200}}, read,
			[]string{"no TCP connection in a.pcap: 1,234 frames were read", "without a TCP segment: not-tcp 1,200, arp 34"}},
		{"damaged", Options{}, story.Totals{Frames: 1, Error: errors.New("capture: read a.pcap: frame 2: cut\x1b[31m off")}, Progress{},
			[]string{"no TCP connection in a.pcap: 1 frame was read", "reading ended early: capture: read a.pcap: frame 2: cut[31m off"}},
		{"live", Options{Live: true}, story.Totals{}, Progress{}, []string{"no TCP connection yet"}},
	} {
		for _, only := range []int{0, story.NoSteps} {
			if only == 0 && c.o.Live {
				continue
			}
			d := newDashboard(c.o)
			d.show(&story.Story{Meta: story.Meta{Source: "a.pcap"}, Only: only, Totals: c.totals})
			d.takeProgress(c.p)
			got := picture(t, d, 80, 24)
			for _, want := range c.want {
				if !strings.Contains(got, want) {
					t.Errorf("%s: %q is missing:\n%s", c.name, want, got)
				}
			}
		}
	}
}
