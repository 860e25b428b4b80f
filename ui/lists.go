package ui

import (
	"fmt"

	"github.com/gdamore/tcell/v2"

	"tcpviz/fsm"
)

// listKind says which list is open.
type listKind int

// The lists.
const (
	noList listKind = iota
	lessonList
	connectionList
)

// list is an open list: only the lines that are seen are drawn, so that a million
// connections cost no more than ten.
type list struct {
	kind   listKind
	cursor int
	top    int // first item that is shown
}

// listLayout says where a list's items were drawn.
type listLayout struct {
	area  rect
	lines int
	top   int
}

// rowAt gives the item at x, y of the screen.
func (l listLayout) rowAt(x, y, length int) (int, bool) {
	i := l.top + y - l.area.y
	return i, l.area.has(x, y) && i < length
}

// move moves the cursor by n items.
func (l *list) move(n, length int) {
	l.cursor += n
	l.fit(length)
}

// fit keeps the cursor in the list.
func (l *list) fit(length int) { l.cursor = max(min(l.cursor, length-1), 0) }

// window moves the part that is shown so that the cursor is in it.
func (l *list) window(lines int) {
	l.top = max(min(l.top, l.cursor), l.cursor-lines+1, 0)
}

func (d *dashboard) openList(kind listKind) {
	d.list = list{kind: kind}
	switch kind {
	case connectionList:
		d.list.cursor = max(d.view.Conn-1, 0)
	case lessonList:
		for i, lesson := range d.options.Lessons {
			if d.story != nil && lesson.ID == d.story.Meta.Lesson {
				d.list.cursor = i
			}
		}
	}
	d.list.fit(d.listLength())
}

// listLength is the number of items of the open list.
func (d *dashboard) listLength() int {
	switch {
	case d.list.kind == lessonList:
		return len(d.options.Lessons)
	case d.list.kind == connectionList && d.story != nil:
		return d.story.Conns.Len()
	}
	return 0
}

// pick chooses the item under the cursor.
func (d *dashboard) pick() {
	kind, i := d.list.kind, d.list.cursor
	if i >= d.listLength() {
		return
	}
	d.list.kind = noList
	if kind == connectionList {
		d.choose(i + 1)
		return
	}
	d.awaiting, d.play.playing = true, false
	d.status = "starting the lesson " + d.options.Lessons[i].ID
	d.options.Play(d.options.Lessons[i].ID)
}

// drawList draws the open list over everything between title and footer.
func (d *dashboard) drawList(c canvas) {
	t := &d.theme
	if d.list.kind == lessonList {
		d.drawLessons(c, t)
	} else {
		d.drawConnections(c, t)
	}
}

// drawLessons draws the lessons, and what the one under the cursor is about.
func (d *dashboard) drawLessons(c canvas, t *theme) {
	heading(c, 0, c.w, "lessons", t)
	about := 4
	lines := max(c.h-2-about, 1)
	d.list.window(lines)
	d.listLay = listLayout{area: rect{c.x, c.y + 1, c.w, lines}, lines: lines, top: d.list.top}
	idWidth := 0
	for _, lesson := range d.options.Lessons {
		idWidth = max(idWidth, textWidth(lesson.ID))
	}
	for y := range lines {
		i := d.list.top + y
		if i >= len(d.options.Lessons) {
			break
		}
		lesson := &d.options.Lessons[i]
		title, id := t.base, t.dim
		if i == d.list.cursor {
			title, id = t.selected, t.selected
			c.fill(0, y+1, c.w, ' ', t.selected)
			c.set(1, y+1, t.cursor, t.selected)
		}
		c.text(3, y+1, lesson.ID, id)
		c.text(3+idWidth+2, y+1, lesson.Title.In(d.options.Lang), title)
	}
	d.drawMore(c, lines, t)
	rule(c, 0, c.h-about-1, c.w, t)
	if d.list.cursor < len(d.options.Lessons) {
		summary := wrap(d.options.Lessons[d.list.cursor].Summary.In(d.options.Lang), c.w-2)
		for i, line := range summary {
			if i < about {
				c.text(1, c.h-about+i, line, t.base)
			}
		}
	}
}

// drawMore marks that a list goes on above or below.
func (d *dashboard) drawMore(c canvas, lines int, t *theme) {
	if d.list.top > 0 {
		c.set(c.w-1, 1, t.up, t.accent)
	}
	if d.list.top+lines < d.listLength() {
		c.set(c.w-1, lines, t.down, t.accent)
	}
}

// column is a column of the list of connections.
type column struct {
	name  string
	width int
	right bool
	least int // width of the screen from which on it is shown
	text  func(c *fsm.Summary) string
}

// connectionColumns gives the columns for a screen of that width. Addresses get what is left.
func connectionColumns(width int) []column {
	state := func(side fsm.Side) func(c *fsm.Summary) string {
		return func(c *fsm.Summary) string {
			if c.Basis[side] == fsm.Assumed {
				return c.State[side].String() + "?"
			}
			return c.State[side].String()
		}
	}
	end := func(side fsm.Side) func(c *fsm.Summary) string {
		return func(c *fsm.Summary) string { return c.Ends[side].String() }
	}
	all := []column{
		{"#", 5, true, 0, func(c *fsm.Summary) string { return fmt.Sprint(c.ID) }},
		{"client", 0, false, 0, end(fsm.Client)},
		{"server", 0, false, 0, end(fsm.Server)},
		{"client is", 13, false, 0, state(fsm.Client)},
		{"server is", 13, false, 0, state(fsm.Server)},
		{"segments", 11, true, 100, func(c *fsm.Summary) string {
			return fmt.Sprintf("%d + %d", c.Segments[fsm.Client], c.Segments[fsm.Server])
		}},
		{"bytes", 15, true, 116, func(c *fsm.Summary) string {
			return fmt.Sprintf("%d + %d", c.Bytes[fsm.Client], c.Bytes[fsm.Server])
		}},
		{"seen", 22, false, 140, func(c *fsm.Summary) string { return completeness(int(c.Completeness)) }},
		{"outcome", 7, false, 130, func(c *fsm.Summary) string { return c.Outcome.String() }},
	}
	var shown []column
	rest := width - 2
	for _, col := range all {
		if width >= col.least {
			shown = append(shown, col)
			rest -= col.width + 1
		}
	}
	for i := range shown {
		if shown[i].width == 0 {
			shown[i].width = min(max(rest/2, 8), 47)
		}
	}
	return shown
}

// completeness says in words what Wireshark's tcp.completeness number says.
func completeness(n int) string {
	const syn, synAck, ack, data, fin, rst = 1, 2, 4, 8, 16, 32
	opened := n&(syn|synAck|ack) == syn|synAck|ack
	switch {
	case opened && n&(fin|rst) != 0 && n&data != 0:
		return "whole, with data"
	case opened && n&(fin|rst) != 0:
		return "whole, no data"
	case opened && n&data != 0:
		return "open, with data"
	case opened:
		return "open, no data"
	case n == syn:
		return "a SYN only"
	case n&syn != 0:
		return "handshake not complete"
	}
	return "in part"
}

// drawConnections draws the list of connections.
func (d *dashboard) drawConnections(c canvas, t *theme) {
	heading(c, 0, c.w, "connections", t)
	columns := connectionColumns(c.w)
	lines := max(c.h-2, 1)
	d.list.window(lines)
	d.listLay = listLayout{area: rect{c.x, c.y + 2, c.w, lines}, lines: lines, top: d.list.top}
	x := 2
	for _, col := range columns {
		x = drawColumn(c, x, 1, col, col.name, t.bold, t)
	}
	for y := range lines {
		i := d.list.top + y
		if i >= d.story.Conns.Len() {
			break
		}
		style := t.base
		if i == d.list.cursor {
			style = t.selected
			c.fill(0, y+2, c.w, ' ', style)
			c.set(0, y+2, t.cursor, style)
		}
		x := 2
		for _, col := range columns {
			x = drawColumn(c, x, y+2, col, col.text(d.story.Conns.At(i+1)), style, t)
		}
	}
	d.drawMore(c.sub(0, 1, c.w, c.h-1), lines, t)
}

func drawColumn(c canvas, x, y int, col column, text string, style tcell.Style, t *theme) int {
	text = cutMiddle(text, col.width, t.ellipsis)
	if col.right {
		c.text(x+col.width-textWidth(text), y, text, style)
	} else {
		c.text(x, y, text, style)
	}
	return x + col.width + 1
}

// cutMiddle cuts s to width columns so that its end stays: an address's port.
func cutMiddle(s string, width int, ellipsis rune) string {
	n := textWidth(s)
	if n <= width || width < 8 {
		return cutTo(s, width, ellipsis)
	}
	tail := min(width/2, len(s))
	return prefix(s, width-tail-1) + string(ellipsis) + s[len(s)-tail:]
}
