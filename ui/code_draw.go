package ui

import (
	"strings"

	"tcpviz/fsm"
	"tcpviz/internal/code"
)

// Sizes of the source's columns.
const (
	leastCodeWidth  = 56 // of one program beside another
	leastCodeHeight = 7  // of one program above another, its name included
)

// drawCode draws the panel in its rectangle of the screen.
func (d *dashboard) drawCode(c canvas, r rect, m moment) {
	t := &d.theme
	d.heading(c, r, m.lang.Say("the programs in %s, as they run on one machine", d.codeLanguage().Name()))
	if other := m.lang.Say("V: %s", d.codeLanguage().Next().Name()); r.w > 60 {
		x := r.x + r.w - textWidth(other) - 3
		c.set(x-1, r.y, ' ', t.base)
		x = c.text(x, r.y, other, t.dim)
		c.set(x, r.y, ' ', t.base)
	}
	inside := part(c, rect{r.x, r.y + 1, r.w, r.h - 1})
	if !d.readCode() {
		c := inside.sub(2, 0, inside.w-4, inside.h)
		for y, line := range wrap(m.lang.Text("There is no source: these calls are not those of a lesson that is known here."), c.w) {
			c.text(0, y, line, t.base)
		}
		return
	}
	d.code.draw(inside, m, t)
}

// draw draws the programs of both sides, the client's at the left as in the ladder:
// beside each other or above each other where there is room for both, else the one
// that acted last.
func (v *codeView) draw(c canvas, m moment, t *theme) {
	row, _ := m.row()
	now := row.Step
	var shown []int
	last := -1
	for _, side := range []fsm.Side{fsm.Client, fsm.Server} {
		i := v.programOf(side, m.view, now)
		if i < 0 {
			continue
		}
		shown = append(shown, i)
		if last < 0 || v.made[i].latest(m.view, now) > v.made[last].latest(m.view, now) || v.made[last].latest(m.view, now) == 0 && v.first(i) {
			last = i
		}
	}
	switch {
	case len(shown) == 0:
	case len(shown) == 1:
		v.drawProgram(c, shown[0], m, now, true, t)
	case c.w >= 2*leastCodeWidth+1:
		half := (c.w - 1) / 2
		for i, p := range shown {
			v.drawProgram(c.sub(i*(half+1), 0, half, c.h), p, m, now, p == last, t)
		}
		for y := range c.h {
			c.set(half, y, t.vertical, t.line)
		}
	case c.h >= 2*leastCodeHeight:
		half := c.h / 2
		v.drawProgram(c.sub(0, 0, c.w, half), shown[0], m, now, shown[0] == last, t)
		v.drawProgram(c.sub(0, half, c.w, c.h-half), shown[1], m, now, shown[1] == last, t)
	default:
		v.drawProgram(c, last, m, now, true, t)
	}
}

// first reports whether the lesson begins with the program's call.
func (v *codeView) first(listing int) bool {
	for _, l := range v.listings {
		if len(l.Calls) > 0 && l.Calls[0].Step < v.listings[listing].Calls[0].Step {
			return false
		}
	}
	return true
}

// drawProgram draws the name of a program and the part of its source that it is in.
// lit tells that it acted last.
func (v *codeView) drawProgram(c canvas, i int, m moment, now int, lit bool, t *theme) {
	l, p := &v.listings[i], &v.made[i]
	side := t.side(l.Program.Side)
	c.set(1, 0, t.token(l.Program.Side), side)
	name := l.Program.Name
	if name == l.Program.Side.String() {
		name = sideName(m.lang, l.Program.Side)
	}
	x := c.text(3, 0, name, side) + 2
	current := p.current(now)
	switch {
	case p.otherwise && current == len(p.enters)-1:
		c.text(x, 0, cutTo(m.lang.Text("the story goes on otherwise than this"), c.w-x-3, t.ellipsis), t.warn)
	case current < 0:
		c.text(x, 0, cutTo(m.lang.Text("has not begun"), c.w-x-3, t.ellipsis), t.dim)
	}
	area := c.sub(0, 1, c.w, c.h-1)
	focus := 0
	if current >= 0 {
		focus = l.Calls[current].Line
	}
	top := max(min(focus-area.h/2, len(l.Lines)-area.h), 0)
	end := top
	for y := 0; y < area.h && end < len(l.Lines); end++ {
		here := end == focus && current >= 0
		y += v.drawLine(area.sub(0, y, area.w, area.h-y), i, l.Lines[end], m, now, here, here && lit, current, t)
	}
	if top > 0 {
		c.set(c.w-2, 0, t.up, t.dim)
	}
	if end < len(l.Lines) {
		c.set(c.w-1, 0, t.down, t.dim)
	}
}

// drawLine draws one line: its mark, the source, and what the call gave. It gives how
// many rows that takes: the line that the program is in is written out.
func (v *codeView) drawLine(c canvas, i int, line code.Line, m moment, now int, here, lit bool, current int, t *theme) int {
	style := lineStyle(line, current, t)
	if here {
		style = t.side(v.listings[i].Program.Side)
	}
	if lit {
		style = style.Reverse(true)
	}
	given, givenStyle := "", style
	if line.Makes && line.Call <= current {
		value, failed := v.value(i, line.Call, now)
		switch {
		case value != "":
			given = string(t.becomes) + " " + value
		case here && v.blocks(i, line.Call, now):
			given = string(t.blocked) + " " + m.lang.Text("blocked")
		}
		if failed {
			givenStyle = t.warn
			if lit {
				givenStyle = givenStyle.Reverse(true)
			}
		} else if !here {
			givenStyle = t.good
		}
	}
	const margin, gap = 2, 2
	text := narrow(line.Text)
	room := c.w - margin
	if given != "" {
		given = cutTo(given, room/2, t.ellipsis)
		room -= textWidth(given) + gap
	}
	rows := []string{cutTo(text, room, t.ellipsis)}
	if here && textWidth(text) > room && c.h > 1 {
		head, rest := fold(text, c.w-margin)
		rows = []string{head, cutTo(rest, room, t.ellipsis)}
	}
	x := 0
	for y, row := range rows {
		if lit {
			c.fill(0, y, c.w, ' ', style)
		}
		x = c.text(margin, y, row, style)
	}
	if given != "" {
		c.text(x+gap, len(rows)-1, given, givenStyle)
	}
	switch {
	case here && v.blocks(i, line.Call, now):
		c.set(0, 0, t.blocked, style)
	case here:
		c.set(0, 0, t.cursor, style)
	}
	return len(rows)
}

// fold breaks a line behind a comma or an opening parenthesis so that its beginning
// takes at most that many columns; the rest is indented below it.
func fold(text string, width int) (head, rest string) {
	head = prefix(text, width)
	indent := len(text) - len(strings.TrimLeft(text, " "))
	if at := strings.LastIndexAny(head, ",("); at > indent && len(head) < len(text) {
		head = head[:at+1]
	}
	return head, strings.Repeat(" ", indent+4) + strings.TrimLeft(text[len(head):], " ")
}

// narrow halves the indentation of a line: a panel is not wide.
func narrow(text string) string {
	text = strings.ReplaceAll(text, "\t", "    ")
	rest := strings.TrimLeft(text, " ")
	return strings.Repeat(" ", (len(text)-len(rest))/2) + rest
}
