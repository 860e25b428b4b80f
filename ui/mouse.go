package ui

import (
	"slices"
	"unicode"

	"github.com/gdamore/tcell/v2"

	"tcpviz/fsm"
)

// setMouse tells the terminal whether to tell of the mouse, when that has changed.
// While it does not, the mouse selects text, as it does elsewhere.
func (a *App) setMouse(screen tcell.Screen) {
	on := !a.dashboard.options.NoMouse
	if on == a.mousing {
		return
	}
	a.mousing = on
	if on {
		screen.EnableMouse(tcell.MouseButtonEvents)
	} else {
		screen.DisableMouse()
	}
}

// switchMouse leaves the mouse to the terminal, or takes it back.
func (d *dashboard) switchMouse() {
	d.options.NoMouse = !d.options.NoMouse
	l := d.options.Lang
	if d.options.NoMouse {
		d.hint = l.Text("the mouse is off: it selects text now; M switches it on")
	} else {
		d.hint = l.Text("the mouse is on: click a segment, a state or a call; the wheel steps")
	}
}

// spot is a label in the footer: its columns, and the key that it stands for.
type spot struct {
	from, to int
	press    press
}

// clickFooter does what a key does whose label was clicked.
func (d *dashboard) clickFooter(x, y int) bool {
	if y != d.size.h-1 {
		return false
	}
	for _, s := range d.footer.spots {
		if x >= s.from && x < s.to {
			d.press(s.press)
			return true
		}
	}
	return false
}

// clicked gives the row of the view that a click on the ladder means: a segment's, a
// state's or a call's. The same click again means the next of its steps.
func (d *dashboard) clicked(x, y int) (row int, ok bool) {
	lay, l := &d.lay, d.ladder
	if row, ok = lay.rowAt(y); !ok || l == nil {
		return row, ok
	}
	r := &lay.rows[lay.top+y-lay.body]
	if x > lay.left && x < lay.right {
		return d.among(row, r.sent, r.impaired, r.arrived), true
	}
	side, lifeline := fsm.Client, lay.left
	if x >= lay.right {
		side, lifeline = fsm.Server, lay.right
	}
	if change := r.change[side]; change >= 0 && int(change) <= d.play.at {
		p := painter{ladder: l, lay: lay, theme: &d.theme}
		now := d.view.Rows[change]
		name := textWidth(p.passed(change, side) + asKnown(now.State[side].String(), now.Basis[side]))
		if away := max(x-lifeline, lifeline-x); away <= name+1 {
			return d.stopAfter(d.entries(side, now.State[side]), int(change)), true
		}
	}
	return d.call(r, side, row), true
}

// clickLarge goes to what was clicked where few things are shown, and large.
func (d *dashboard) clickLarge(x, y int) {
	lay := newLargeLayout(d.size.w, d.size.h, d.options.ASCII, d.predict.on)
	for _, line := range d.largeRows {
		if y < line.y || y >= line.y+line.h {
			continue
		}
		r := &d.ladder.rows[line.row]
		row := min(int(r.last), d.play.at)
		side := fsm.Client
		if x > d.size.w/2 {
			side = fsm.Server
		}
		away := max(x-lay.lifeline[side], lay.lifeline[side]-x)
		change := r.change[side]
		switch {
		case change >= 0 && int(change) <= d.play.at && away <= len(d.view.Rows[change].State[side].String())/2+2:
			row = d.stopAfter(d.entries(side, d.view.Rows[change].State[side]), int(change))
		case x > lay.lifeline[0] && x < lay.lifeline[1]:
			row = d.among(row, r.sent, r.impaired, r.arrived)
		default:
			row = d.call(r, side, row)
		}
		d.send(playEvent{signal: jump, n: row})
		return
	}
}

// among gives the first of the rows that have happened; the one after it when that is
// where the story stands already. Without any of them it is the row that is given first.
func (d *dashboard) among(otherwise int, rows ...int32) int {
	var stops []int
	for _, r := range rows {
		if r >= 0 && (int(r) <= d.play.at || len(stops) > 0) {
			stops = append(stops, int(r))
		}
	}
	if len(stops) == 0 {
		return otherwise
	}
	return d.stopAfter(stops, stops[0])
}

// stopAfter gives the stop after the one at which the story stands, cyclically; where it stands
// at none of them the one to begin with.
func (d *dashboard) stopAfter(stops []int, begin int) int {
	if i := slices.Index(stops, d.play.at); i >= 0 {
		return stops[(i+1)%len(stops)]
	}
	return begin
}

// call gives the enter of the call that a row of the ladder shows on that side, or its
// return where the story stands at the enter.
func (d *dashboard) call(r *ladderRow, side fsm.Side, otherwise int) int {
	enter := r.enter[side]
	if back := r.back[side]; enter < 0 && back >= 0 && int(back) <= d.play.at {
		if step := d.ladder.stepAt(int(back)); step != nil && step.Peer > 0 {
			enter = int32(d.view.Index(step.Peer))
		}
	}
	for _, bar := range r.bars[side] {
		if enter < 0 && bar >= 0 {
			enter = bar
		}
	}
	back := int32(-1)
	if step := d.ladder.stepAt(int(enter)); step != nil && step.Peer > 0 {
		back = int32(d.view.Index(step.Peer))
	}
	return d.among(otherwise, enter, back)
}

// entries gives the rows of the view at which the side comes into the state.
func (d *dashboard) entries(side fsm.Side, state fsm.State) []int {
	var rows []int
	for i := range d.view.Rows {
		if d.marks[i].last != int32(i) {
			continue
		}
		for _, t := range d.story.At(d.view.Rows[i].Step).Transitions {
			if t.Changed() && t.Side == side && t.To == state && !slices.Contains(rows, i) {
				rows = append(rows, i)
			}
		}
	}
	return rows
}

// clickDiagram goes to where a side comes into the state whose box was clicked: the client
// at the box's left half, the server at its right half, as their tokens stand in it, or the
// other side where that one never does.
func (d *dashboard) clickDiagram(r rect, x, y int) bool {
	if !r.has(x, y) || d.list.kind != noList {
		return false
	}
	n, left := d.diagram.nodeAt(r.w, r.h-1, x-r.x, y-r.y-1)
	if n == nil {
		return true
	}
	sides := []fsm.Side{fsm.Client, fsm.Server}
	if !left {
		slices.Reverse(sides)
	}
	for _, side := range sides {
		if rows := d.entries(side, n.state); len(rows) > 0 {
			d.send(playEvent{signal: jump, n: d.stopAfter(rows, rows[0])})
			return true
		}
	}
	d.hint = d.options.Lang.Say("neither side comes into %s here", n.state.String())
	return true
}

// nodeAt gives the box at x, y of a panel of size w, h, and whether it is its left half;
// nil where there is none.
func (d *diagram) nodeAt(w, h, x, y int) (n *node, left bool) {
	i, dx, dy := d.place(w, h)
	if i < 0 {
		return nil, false
	}
	f := &d.figures[i]
	for k := range f.nodes {
		n := &f.nodes[k]
		box := rect{n.x + dx, n.y + dy, n.w, n.h}
		if box.has(x, y) {
			return n, x < box.x+box.w/2
		}
	}
	return nil, false
}

// place gives the figure that is drawn on a panel of that size, and where; -1 when none is.
func (d *diagram) place(w, h int) (i, x, y int) {
	if i = d.fitting(w, h-1); i < 0 {
		i = d.fitting(w, h)
	}
	if i < 0 {
		return i, 0, 0
	}
	f := &d.figures[i]
	return i, (w - f.w) / 2, max((h-1-f.h)/2, 0)
}

// allColours is how many colours a terminal has that has all of them.
const allColours = 1 << 24

// useColours fits the theme to a terminal of so many colours.
func (d *dashboard) useColours(n int) {
	d.colours = n
	d.restyle()
}

// written tells a letter, or a sign of a text, from the lines and marks of a picture.
func written(r rune) bool {
	return unicode.Is(unicode.Han, r) || r >= 0x3000 && r < 0x3040 || r >= 0xff00 && r < 0xfff0
}
