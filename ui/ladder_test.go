package ui

import (
	"flag"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/gdamore/tcell/v2"

	"tcpviz/fsm"
	"tcpviz/internal/story"
)

var update = flag.Bool("update", false, "rewrite the pictures under testdata")

// grid is the smallest screen that a canvas can draw on.
type grid struct {
	tcell.Screen // nil: a canvas calls nothing but SetContent
	w, h         int
	text         []string
}

func newGrid(w, h int) *grid { return &grid{w: w, h: h, text: make([]string, w*h)} }

func (g *grid) canvas() canvas { return canvas{g, 0, 0, g.w, g.h} }

func (g *grid) SetContent(x, y int, r rune, rest []rune, _ tcell.Style) {
	g.text[y*g.w+x] = string(r) + string(rest)
}

// String gives the lines without trailing blanks.
func (g *grid) String() string {
	var all strings.Builder
	for y := range g.h {
		var line strings.Builder
		for x := 0; x < g.w; x++ {
			s := g.text[y*g.w+x]
			if s == "" {
				s = " "
			}
			line.WriteString(s)
			if textWidth(s) == 2 {
				x++
			}
		}
		all.WriteString(strings.TrimRight(line.String(), " "))
		all.WriteByte('\n')
	}
	return strings.TrimRight(all.String(), "\n") + "\n"
}

// drawLadder lays out and draws the moment.
func drawLadder(c canvas, m moment, t theme) ladderLayout {
	return newLadder(m.story, m.view).draw(c, m, &t)
}

// ladderPicture draws the moment and gives the screen as text.
func ladderPicture(m moment, w, h int, look theme) string {
	g := newGrid(w, h)
	drawLadder(g.canvas(), m, look)
	return g.String()
}

func compareLadder(t *testing.T, name, got string) {
	t.Helper()
	comparePicture(t, filepath.Join("testdata", "ladder", name+".txt"), got)
}

// TestLadderGolden draws the end of every tale at three widths.
func TestLadderGolden(t *testing.T) {
	for name, a := range tales() {
		for _, w := range []int{80, 120, 200} {
			height := 40
			got := ladderPicture(a.moment(len(a.rows)-1, 1), w, height, newTheme(false, true))
			compareLadder(t, name+"-"+strconv.Itoa(w), got)
		}
	}
}

// rowOfStep finds the first row of the view that the condition holds for.
func (a *tale) find(t *testing.T, holds func(*story.Step) bool) int {
	t.Helper()
	for i := range a.rows {
		if holds(a.story.At(a.rows[i].Step)) {
			return i
		}
	}
	t.Fatal("no such step")
	return 0
}

// TestLadderMidFlight draws segments that have come part of their way.
func TestLadderMidFlight(t *testing.T) {
	sent := func(flags fsm.Flags, side fsm.Side) func(*story.Step) bool {
		return func(s *story.Step) bool {
			return s.Kind == story.SegmentSent && s.Side == side && s.Frame.Segment.Flags == flags
		}
	}
	for _, test := range []struct {
		name   string
		tale   string
		sent   func(*story.Step) bool
		flight float64
	}{
		{"flight-syn-start", "connection", sent(fsm.SYN, cl), 0},
		{"flight-synack-half", "connection", sent(fsm.SYN|fsm.ACK, sv), 0.5},
		{"flight-ack-most", "connection", sent(fsm.ACK, cl), 0.8},
		{"flight-data-end", "connection", sent(fsm.PSH|fsm.ACK, cl), 1},
		{"flight-lost-half", "lost-syn", sent(fsm.SYN, cl), 0.5},
	} {
		a := tales()[test.tale]
		m := a.moment(a.find(t, test.sent), test.flight)
		for _, w := range []int{80, 120} {
			compareLadder(t, test.name+"-"+strconv.Itoa(w), ladderPicture(m, w, 22, newTheme(false, true)))
		}
	}
	overtaken := tales()["reordered"]
	at := overtaken.find(t, func(s *story.Step) bool {
		return s.Kind == story.SegmentReceived && s.Frame.Segment.Len > 0
	})
	compareLadder(t, "flight-overtaken-80", ladderPicture(overtaken.moment(at-1, 1), 80, 22, newTheme(false, true)))
}

// TestLadderScrolled draws a screen that is too low for all rows.
func TestLadderScrolled(t *testing.T) {
	a := connectionTale()
	compareLadder(t, "scrolled-80x12", ladderPicture(a.moment(len(a.rows)-1, 1), 80, 12, newTheme(false, true)))
	blocked := a.find(t, func(s *story.Step) bool { return s.Kind == story.SegmentSent && s.Side == sv })
	compareLadder(t, "scrolled-blocked-80x8", ladderPicture(a.moment(blocked, 0.5), 80, 8, newTheme(false, true)))
}

func TestLadderASCII(t *testing.T) {
	for _, name := range []string{"connection", "foreign", "hostile", "disagree", "reordered", "lost-syn"} {
		a := tales()[name]
		got := ladderPicture(a.moment(len(a.rows)-1, 1), 80, 40, newTheme(true, true))
		for _, r := range got {
			if r > '~' || r < ' ' && r != '\n' {
				t.Errorf("%s: %q is on the screen", name, r)
			}
		}
		compareLadder(t, "ascii-"+name+"-80", got)
	}
}

// screenText gives the cells of a screen as lines without trailing blanks.
func screenText(screen tcell.SimulationScreen) string {
	content, w, h := screen.GetContents()
	g := newGrid(w, h)
	for i := range content {
		g.text[i] = string(content[i].Runes)
	}
	return g.String()
}
