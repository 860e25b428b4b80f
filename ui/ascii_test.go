package ui

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gdamore/tcell/v2"

	"tcpviz/internal/lang"
)

// skinned draws every screen of every panel at every size and gives each to look.
// letters: the terminal shows other letters too.
func skinned(t *testing.T, o Options, letters bool, look func(name string, f *frame, d *dashboard)) {
	t.Helper()
	escape := special(tcell.KeyEscape)
	for _, screen := range []struct {
		name string
		keys []press
	}{
		{"story", nil}, {"diagram", []press{char('d')}}, {"header", []press{char('b')}}, {"sequence", []press{char('t')}},
		{"why", []press{char('w')}}, {"help", []press{char('?')}}, {"lessons", []press{char('l')}}, {"connections", []press{char('c')}},
		{"filter", []press{char('c'), char('/'), char('x')}}, {"large", []press{char('m')}}, {"predict", []press{char('e'), special(tcell.KeyHome), char(' ')}},
		{"told", []press{char('e'), special(tcell.KeyHome), special(tcell.KeyEnd), char('1')}},
		{"large predict", []press{char('m'), char('e'), special(tcell.KeyHome), special(tcell.KeyEnd), char('1'), special(tcell.KeyEnd)}},
		{"greeting", nil}, {"code", []press{char('v')}}, {"stack", []press{char('k')}}, {"reference", []press{char('r')}},
	} {
		for _, size := range screenSizes {
			for _, at := range []int{14, 1 << 20} {
				if screen.name == "greeting" {
					o.Remember = func(Preferences) {}
				}
				d := newDashboard(o)
				if !letters {
					d.useASCII()
				}
				d.show(connectionStory(t))
				if screen.name != "greeting" {
					d.greeting = false
				}
				d.size = rect{0, 0, size.w, size.h}
				d.send(playEvent{signal: jump, n: at})
				for _, key := range screen.keys {
					d.press(key)
				}
				d.press(press{}) // a key that is for nothing
				if screen.name == "story" {
					d.press(escape)
				}
				f := frame{ascii: d.options.ASCII, letters: letters, blank: d.theme.base}
				d.draw(f.begin(size.w, size.h))
				look(fmt.Sprintf("%s %dx%d at %d", screen.name, size.w, size.h, at), &f, d)
			}
		}
	}
}

// In the ASCII skin there is nothing but ASCII on any screen, and no question mark that
// stands for a sign which was forgotten.
func TestASCIISkin(t *testing.T) {
	o := Options{Paused: true, ASCII: true, Lessons: lessonItems(), Play: func(string) {}}
	marks := map[string]int{}
	skinned(t, o, false, func(name string, f *frame, _ *dashboard) {
		for i, c := range f.cells {
			if c.r > 126 || c.rest != "" {
				t.Errorf("%s: %q at %d,%d", name, string(c.r)+c.rest, i%f.w, i/f.w)
			}
		}
		marks[name] = strings.Count(f.text(), "?")
	})
	o.ASCII = false
	skinned(t, o, true, func(name string, f *frame, _ *dashboard) {
		// The help names the other language in its own letters: two marks.
		if want := strings.Count(f.text(), "?"); marks[name] > want && !strings.HasPrefix(name, "help") {
			t.Errorf("%s: %d question marks, %d in Unicode", name, marks[name], want)
		}
	})
}

// Texts in Chinese are what they are in the ASCII skin too: only lines and signs are not.
func TestASCIISkinKeepsTheLanguage(t *testing.T) {
	o := Options{Paused: true, ASCII: true, Lang: lang.Chinese, Lessons: lessonItems(), Play: func(string) {}}
	chinese := 0
	skinned(t, o, true, func(name string, f *frame, _ *dashboard) {
		for _, c := range f.cells {
			switch {
			case written(c.r):
				chinese++
			case c.r > 126:
				t.Errorf("%s: %q", name, c.r)
			}
		}
	})
	if chinese < 4000 {
		t.Errorf("%d Chinese characters on all screens", chinese)
	}
}

// Where no arrows can be shown the arrow keys have names: > and v are other keys.
func TestASCIIArrowKeys(t *testing.T) {
	for _, c := range []struct {
		name string
		keys []press
		want string
	}{
		{"footer", nil, "-> step"},
		{"help", []press{char('?')}, "->         one step forward (also n and down arrow)"},
		{"large", []press{char('m')}, "-> step"},
		{"hint", []press{special(tcell.KeyEnd), special(tcell.KeyRight)}, "->: this is the last step"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDashboard(Options{Paused: true, ASCII: true})
			d.show(connectionStory(t))
			for _, key := range c.keys {
				d.press(key)
			}
			if text := picture(t, d, 120, 40); !strings.Contains(text, c.want) {
				t.Errorf("no %q in\n%s", c.want, text)
			}
		})
	}
}
