package ui

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/gdamore/tcell/v2"
	"github.com/google/go-cmp/cmp"

	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// scenes are dashboards in every condition that has words of its own.
func scenes(t testing.TB) map[string]func(lang.Language) *dashboard {
	told := func(s *story.Story, at int, presses ...press) func(lang.Language) *dashboard {
		return func(l lang.Language) *dashboard {
			d := newDashboard(Options{Paused: true, Lang: l, Lessons: lessonItems(), Play: func(string) {}})
			d.show(s)
			d.size = rect{0, 0, 80, 24}
			d.send(playEvent{signal: jump, n: at})
			for _, p := range presses {
				d.press(p)
			}
			return d
		}
	}
	list := func(o Options, n int, do func(d *dashboard)) func(lang.Language) *dashboard {
		return func(l lang.Language) *dashboard {
			o.Lang = l
			d := newDashboard(o)
			d.show(officeCapture(n))
			do(d)
			return d
		}
	}
	connection := connectionStory(t)
	all := map[string]func(lang.Language) *dashboard{
		"diagram":     told(connection, 12, char('d')),
		"header":      told(connection, 12, char('b')),
		"why":         told(connection, 12, char('w')),
		"sequence":    told(plotStories()["loss"], 100, char('t')),
		"lessons":     told(connection, 12, char('l')),
		"connections": told(connection, 12, char('c')),
		"help":        told(connection, 12, char('?')),
		"list help":   told(connection, 12, char('c'), char('?')),
		"failed": func(l lang.Language) *dashboard {
			d := told(connection, 12)(l)
			d.fail(lang.Errorf("ui: open the terminal: %w", errors.New("no such device or address")))
			return d
		},
		"waiting": func(l lang.Language) *dashboard { return newDashboard(Options{Lang: l}) },
		"going on": func(l lang.Language) *dashboard {
			d := newDashboard(Options{Lang: l})
			d.status = lang.Phrasef("starting the lesson %s", "close")
			return d
		},
		"held": func(l lang.Language) *dashboard {
			d := told(heldScript().story(), 11)(l)
			d.options.Wire = &handled{}
			d.takeWire(WireState{Performing: true, Still: true, Holding: true, Waiting: []int{1, 2}, Lesson: lang.Phrasef("let go")})
			return d
		},
		"nothing held": func(l lang.Language) *dashboard {
			d := told(connection, 12)(l)
			d.takeWire(WireState{Performing: true, Holding: true})
			return d
		},
		"list":          list(Options{}, 300, func(d *dashboard) { d.conns.orderBy(byAnomalies); d.moveList(3) }),
		"list filtered": list(Options{Filter: "port 80 outcome:S0"}, 300, func(*dashboard) {}),
		"list typing":   list(Options{}, 300, func(d *dashboard) { d.press(char('/')); typed(d, "port 443") }),
		"list no match": list(Options{Filter: "port 81"}, 300, func(*dashboard) {}),
		"list reading": list(Options{StopReading: func() {}}, 300, func(d *dashboard) {
			d.takeProgress(Progress{Reading: true, Read: 412, Size: 920, PerSecond: 231.4e6, Left: 2194 * time.Millisecond})
		}),
		"list stopped": list(Options{}, 300, func(d *dashboard) { d.takeProgress(Progress{Stopped: true, Read: 41, Size: 90}) }),
		"list empty":   list(Options{}, 0, func(d *dashboard) { d.story.Totals.Frames = 1300 }),
		"list damaged": list(Options{}, 300, func(d *dashboard) {
			d.story.Totals.Error, d.story.Totals.Early = errors.New("cut off"), 12_000
			d.story.Totals.Skipped = map[string]int{"not-tcp": 3, "fragment": 1}
		}),
	}
	for _, key := range "kvrme" { // what other panels show is whole, too
		all["panel "+string(key)] = told(connection, 12, char(key))
	}
	all["panel v"] = func(l lang.Language) *dashboard {
		d := withCode(t, connection, playedLesson, Options{Lang: l})
		d.send(playEvent{signal: jump, n: 12})
		return d
	}
	for name, a := range tales() {
		for _, at := range []int{len(a.rows) / 2, len(a.rows) - 1} {
			all[fmt.Sprintf("%s %d", name, at)] = told(&a.story, at)
		}
	}
	for at := -1; at < len(connection.View(1).Rows); at += 7 {
		all[fmt.Sprintf("connection %d", at)] = told(connection, at)
	}
	return all
}

// languageSizes are the sizes that are laid out on purpose and some between them.
var languageSizes = []struct{ w, h int }{{40, 12}, {60, 18}, {80, 24}, {97, 31}, {120, 40}, {151, 45}, {200, 60}}

// The key switches everything that is on the screen: the screen is then that of a
// dashboard which has spoken the other language from the beginning.
func TestLanguageIsSwitchedAtOnce(t *testing.T) {
	for name, scene := range scenes(t) {
		for _, size := range languageSizes {
			d := scene(lang.English)
			english := picture(t, d, size.w, size.h)
			languageAction().do(d)
			if d.failure == nil && languageAction().reason(d) == "" {
				want := picture(t, scene(lang.Chinese), size.w, size.h)
				if diff := cmp.Diff(want, picture(t, d, size.w, size.h)); diff != "" {
					t.Errorf("%s at %dx%d is not all Chinese (-want +got):\n%s", name, size.w, size.h, diff)
				}
			}
			languageAction().do(d)
			if diff := cmp.Diff(english, picture(t, d, size.w, size.h)); diff != "" {
				t.Errorf("%s at %dx%d is not all English again (-want +got):\n%s", name, size.w, size.h, diff)
			}
		}
	}
}

// TestChineseScreens shows what only the dashboard itself says.
func TestChineseScreens(t *testing.T) {
	for name, scene := range scenes(t) {
		if strings.ContainsAny(name, "0123456789") || strings.HasPrefix(name, "panel ") {
			continue
		}
		for _, size := range screenSizes[:2] {
			golden(t, fmt.Sprintf("zh-%s-%dx%d", strings.ReplaceAll(name, " ", "-"), size.w, size.h), picture(t, scene(lang.Chinese), size.w, size.h))
		}
	}
}

// What cannot be shown is not spoken.
func TestNoChineseInASCII(t *testing.T) {
	d := newDashboard(Options{Lang: lang.Chinese})
	d.show(connectionStory(t))
	d.useASCII()
	if got := picture(t, d, 120, 40); strings.Contains(got, "??") || !strings.Contains(got, "play") {
		t.Errorf("in ASCII:\n%s", got)
	}
	d.press(char('L'))
	if !strings.Contains(d.hint, "ASCII") || d.options.Lang != lang.English {
		t.Errorf("the key says %q", d.hint)
	}
}

// asDrawn is a screen on which nothing mends what was drawn over the half of a wide
// character.
type asDrawn struct {
	tcell.Screen
	w     int
	cells []drawn
}

// drawn is a cell, and for the second half of a wide character whose half it is.
type drawn struct{ r, half rune }

func (a *asDrawn) SetContent(x, y int, r rune, _ []rune, _ tcell.Style) {
	i := y*a.w + x
	a.cells[i] = drawn{r: r}
	if textWidth(string(r)) == 2 {
		a.cells[i+1] = drawn{half: r}
	}
}

// No wide character is cut in half or covered, wherever it stands.
func TestWideCharactersStayWhole(t *testing.T) {
	for name, scene := range scenes(t) {
		if name == "failed" || name == "panel r" { // boxes cover what is below them: see TestFrameMendsWideCharacters
			continue
		}
		for _, size := range languageSizes {
			a := &asDrawn{w: size.w, cells: make([]drawn, size.w*size.h+1)}
			d := scene(lang.Chinese)
			d.draw(canvas{a, 0, 0, size.w, size.h})
			for i, c := range a.cells {
				x, y := i%size.w, i/size.w
				wide := c.r != 0 && textWidth(string(c.r)) == 2
				switch {
				case wide && (x+1 == size.w || a.cells[i+1].half != c.r):
					t.Errorf("%s at %dx%d: %q in column %d of line %d is cut in half", name, size.w, size.h, c.r, x, y)
				case c.half != 0 && (x == 0 || a.cells[i-1].r != c.half):
					t.Errorf("%s at %dx%d: %q in column %d of line %d is covered", name, size.w, size.h, c.half, x-1, y)
				}
			}
		}
	}
}

// What is drawn over a wide character takes the other half of it away, too.
func TestFrameMendsWideCharacters(t *testing.T) {
	for _, c := range []struct {
		name string
		draw func(c canvas)
		want string
	}{
		{"its first half", func(c canvas) { c.text(0, 0, "a报文b", tcell.StyleDefault); c.set(1, 0, '|', tcell.StyleDefault) }, "a| 文b"},
		{"its second half", func(c canvas) { c.text(0, 0, "a报文b", tcell.StyleDefault); c.set(2, 0, '|', tcell.StyleDefault) }, "a |文b"},
		{"by another", func(c canvas) { c.text(0, 0, "报文段", tcell.StyleDefault); c.text(1, 0, "序", tcell.StyleDefault) }, " 序 段"},
		{"at the edge", func(c canvas) { c.screen.SetContent(7, 0, '报', nil, tcell.StyleDefault) }, ""},
	} {
		if got := strings.TrimRight(panelPicture(8, 1, c.draw), "\n"); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// Every word of a table has its Chinese, but those that are names.
func TestTablesAreTranslated(t *testing.T) {
	names := map[string]bool{
		"#": true, "tab": true, "shift-tab": true, "esc": true, "home": true, "end": true, "delete": true,
		"SYN": true, "FIN": true, "RST": true, "ACK": true,
		onListen: true, onConnect: true, onClose: true, onCloseFIN: true, onSend: true, "2MSL": true,
	}
	check := func(where, english string) {
		t.Helper()
		chinese := strings.ContainsFunc(lang.Chinese.Text(english), func(r rune) bool { return unicode.Is(unicode.Han, r) })
		letters := 0
		for _, r := range english {
			if unicode.IsLetter(r) {
				letters++
			}
		}
		if !chinese && letters > 1 && !names[english] && !strings.HasPrefix(english, "ctrl-") && english != "F1" && english != "中文" {
			if text := lang.Chinese.Text(english); text == english {
				t.Errorf("%s: %q has no Chinese", where, english)
			}
		}
	}
	for _, table := range [][]action{mainActions(), listActions(), connectionActions(), filterActions(), helpActions()} {
		for _, a := range table {
			check("label", a.label)
			check("keys", a.keys)
			check("help", a.help)
		}
	}
	var l connList
	for _, width := range []int{80, 200} {
		for _, c := range l.allColumns(width, lang.English, &unicodeGlyphs) {
			check("column", c.name)
		}
	}
	look := newTheme(false, false)
	for _, item := range look.legend(&stream{}, lang.English) {
		check("legend", item.text)
	}
	for _, f := range figures() {
		for _, e := range f.edges {
			check("arrow", e.label)
		}
	}
}
