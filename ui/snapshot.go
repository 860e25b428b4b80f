package ui

import (
	"time"

	"github.com/gdamore/tcell/v2"

	"tcpviz/internal/story"
)

// Screen is what the dashboard shows at one moment, as a value.
type Screen struct {
	Width, Height int
	Cells         []Cell // row by row
}

// Cell is one cell of a screen. The second cell of a wide character has no text; all
// others have one, which may be a space.
type Cell struct {
	Text  string
	Style Style
}

// Style is the look of a cell. The zero value is the terminal's own.
type Style struct {
	Foreground, Background   Colour
	Bold, Dim, Reverse       bool
	Italic, Underline, Blink bool
}

// Colour is a colour of a cell; the zero value is the terminal's own.
type Colour struct{ of tcell.Color }

// RGB gives the colour's red, green and blue, of 255 each; false for the terminal's own.
func (c Colour) RGB() (r, g, b uint8, ok bool) {
	if c.of == tcell.ColorDefault {
		return 0, 0, 0, false
	}
	n := c.of.TrueColor().Hex()
	return uint8(n >> 16), uint8(n >> 8), uint8(n), n >= 0
}

// Palette gives the colour's number among the 256 that terminals have; false when it
// is none of them.
func (c Colour) Palette() (n int, ok bool) {
	if !c.of.Valid() || c.of.IsRGB() {
		return 0, false
	}
	n = int(c.of &^ tcell.ColorValid)
	return n, n < 256
}

// Row gives the cells of row y.
func (s Screen) Row(y int) []Cell { return s.Cells[y*s.Width : (y+1)*s.Width] }

// Text gives row y as text, without the spaces at its end.
func (s Screen) Text(y int) string {
	var text []byte
	end := 0
	for _, c := range s.Row(y) {
		text = append(text, c.Text...)
		if c.Text != " " {
			end = len(text)
		}
	}
	return string(text[:end])
}

// Film draws one connection of a story moment by moment, as a dashboard of that size
// that is paused shows it. It is for one goroutine at a time, and a screen of it is good
// until the next one is asked for.
type Film struct {
	dashboard *dashboard
	frame     frame
	w, h      int
	drawn     []cell // what the screen was made of
	screen    Screen
}

// NewFilm gives the film of a connection (0: of the story's first). What the options
// have beside the look and the language is not used.
func NewFilm(o Options, s *story.Story, conn, width, height int) *Film {
	o.Paused, o.Live, o.List, o.Remember, o.Wire = true, false, false, nil, nil
	o.Preferences.Greeted, o.Predict = true, false
	f := &Film{dashboard: newDashboard(o), w: width, h: height}
	f.dashboard.show(s)
	if conn > 0 {
		f.dashboard.choose(conn)
	}
	return f
}

// Steps gives how many steps the connection has.
func (f *Film) Steps() int { return f.dashboard.play.rows }

// At gives the screen on which so many steps have happened: 0 is before the first.
func (f *Film) At(steps int) Screen {
	f.dashboard.send(playEvent{signal: jump, n: steps - 1})
	return f.take()
}

// Pace gives how long the screen of so many steps is shown when the story is played at
// a human pace, and for how long of that a segment glides on it.
func (f *Film) Pace(steps int) (shown, glides time.Duration) {
	b := f.dashboard.moment().beat(steps - 1)
	return b.dwell, b.flight
}

// During gives the screen of so many steps as it is that long after it has come, with
// its segment under way.
func (f *Film) During(steps int, passed time.Duration) Screen {
	f.dashboard.send(playEvent{signal: jump, n: steps - 1})
	f.dashboard.play.elapsed = max(passed, 1)
	return f.take()
}

// Press presses keys, each a character, as a user would; the screens that follow show
// what came of it.
func (f *Film) Press(keys string) {
	for _, r := range keys {
		f.dashboard.press(char(r))
	}
}

// take draws the screen.
func (f *Film) take() Screen {
	f.frame.ascii, f.frame.letters, f.frame.blank = f.dashboard.options.ASCII, true, f.dashboard.theme.base
	f.dashboard.draw(f.frame.begin(f.w, f.h))
	if f.drawn == nil {
		f.drawn = make([]cell, len(f.frame.cells))
		f.screen = Screen{Width: f.w, Height: f.h, Cells: make([]Cell, len(f.frame.cells))}
	}
	var of tcell.Style
	var look Style
	for i, c := range f.frame.cells {
		if c == f.drawn[i] {
			continue
		}
		f.drawn[i] = c
		if c.style != of {
			of, look = c.style, styleOf(c.style)
		}
		f.screen.Cells[i] = Cell{Text: c.text(), Style: look}
	}
	return f.screen
}

// text gives what stands in a cell, "" in the second one of a wide character.
func (c cell) text() string {
	switch {
	case c.r == 0:
		return ""
	case c.rest == "" && c.r < 0x80:
		return asciiTexts[c.r : c.r+1]
	}
	return string(c.r) + c.rest
}

// asciiTexts has each ASCII character at its own place.
const asciiTexts = "                                " +
	" !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~ "

// styleOf gives a tcell style as a value of this package.
func styleOf(s tcell.Style) Style {
	fg, bg, attr := s.Decompose()
	return Style{
		Foreground: Colour{fg}, Background: Colour{bg},
		Bold: attr&tcell.AttrBold != 0, Dim: attr&tcell.AttrDim != 0, Reverse: attr&tcell.AttrReverse != 0,
		Italic: attr&tcell.AttrItalic != 0, Underline: s.GetUnderlineStyle() != tcell.UnderlineStyleNone, Blink: attr&tcell.AttrBlink != 0,
	}
}
