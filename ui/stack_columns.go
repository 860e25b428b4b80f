package ui

import (
	"github.com/gdamore/tcell/v2"

	"tcpviz/fsm"
	"tcpviz/internal/story"
)

// drawColumns draws both hosts, with the names of the layers and the wire between
// them, and gives how many lines it took.
func (v *stackView) drawColumns(c canvas, m moment, width int, t *theme) int {
	roomy := c.h >= roomyColumns+boxedWrapping+byteLines+leastListed
	height := columnsHeight
	if roomy {
		height = roomyColumns
	}
	right := c.w - width
	v.drawColumn(c.sub(0, 0, width, height), fsm.Client, roomy, t)
	v.drawColumn(c.sub(right, 0, width, height), fsm.Server, roomy, t)
	y := 1
	for layer, name := range namesOf(right-width-2, m.lang, t) {
		boxes := [2]*stackBox{&v.now.columns[fsm.Client].boxes[layer], &v.now.columns[fsm.Server].boxes[layer]}
		style := t.dim
		if boxes[0].lit || boxes[1].lit {
			style = t.bold
		}
		at := y + (layerLines[layer]-1)/2
		c.text(width+(right-width-textWidth(name))/2, at, name, style)
		for side, x := range [2]int{width, right - 1} {
			if boxes[side].lit {
				c.set(x, at, t.pointer(boxes[side].up), t.side(fsm.Side(side)))
			}
		}
		y += layerLines[layer]
		if roomy {
			y++
		}
	}
	v.drawWireBetween(c.sub(width, height-1, right-width, 1), m, t)
	// The wire begins at the one host's last line, and ends at the other's, unless what
	// was sent does not come that far.
	f := v.now.focus
	lost := f != nil && lostOnTheWire(f)
	if !lost || f.Sender() == fsm.Client {
		c.set(width-1, height-1, t.teeUp, t.line)
	}
	if !lost || f.Sender() == fsm.Server {
		c.set(right, height-1, t.teeUp, t.line)
	}
	return height
}

// pointer is the arrow up or down.
func (t *theme) pointer(up bool) rune {
	if up {
		return t.arrowUp
	}
	return t.arrowDown
}

// drawColumn draws the layers of one host.
func (v *stackView) drawColumn(c canvas, side fsm.Side, roomy bool, t *theme) {
	column := &v.now.columns[side]
	drawEdge(c, 0, t.topLeft, t.topRight, t)
	drawEdge(c, c.h-1, t.bottomLeft, t.bottomRight, t)
	c.set(2, 0, ' ', t.base)
	c.set(3, 0, t.token(side), t.side(side))
	c.set(4, 0, ' ', t.base)
	x := c.text(5, 0, cutTo(column.title, c.w-8, t.ellipsis), t.side(side))
	c.set(x, 0, ' ', t.base)
	y := 1
	for layer := range column.boxes {
		box := &column.boxes[layer]
		if roomy && layer > 0 {
			drawEdge(c, y, t.teeRight, t.teeLeft, t)
			y++
		}
		for i := range layerLines[layer] {
			drawStackLine(c.sub(0, y, c.w, 1), &box.lines[i], box.lit, side, t)
			y++
		}
	}
}

// drawEdge draws a line across a column with these ends.
func drawEdge(c canvas, y int, left, right rune, t *theme) {
	c.fill(0, y, c.w, t.horizontal, t.line)
	c.set(0, y, left, t.line)
	c.set(c.w-1, y, right, t.line)
}

// drawStackLine draws a line of a layer between its borders.
func drawStackLine(c canvas, line *stackLine, lit bool, side fsm.Side, t *theme) {
	border, style, frame := t.vertical, t.base, t.line
	switch {
	case lit:
		border, frame = t.heavyVertical, t.side(side)
		style = t.bold
	case line.faint:
		style = t.dim
	}
	if line.strong && !line.faint {
		style = t.side(side)
	}
	c.set(0, 0, border, frame)
	c.set(c.w-1, 0, border, frame)
	inside := c.sub(1, 0, c.w-2, 1)
	if c.w >= roomyColumn {
		inside = c.sub(2, 0, c.w-4, 1)
	}
	note := textWidth(line.note)
	if room := inside.w - textWidth(line.text); note > 0 && note+1 > room {
		if !line.keep || note+1 > inside.w/3 {
			note = 0
		}
	}
	room := inside.w
	if note > 0 {
		room -= note + 1
		x := inside.w - note
		if textWidth(line.text)+2 <= x && c.w < roomyColumn {
			x-- // off the border
		}
		inside.text(x, 0, line.note, noteStyle(lit, t))
	}
	inside.text(0, 0, cutMiddle(line.text, room, t.ellipsis), style)
}

func noteStyle(lit bool, t *theme) tcell.Style {
	if lit {
		return t.bold
	}
	return t.dim
}

// lostOnTheWire tells that a segment never arrives.
func lostOnTheWire(f *story.Step) bool {
	return f.Kind == story.SegmentLost || f.Kind == story.SegmentImpaired && f.Impairment.What == story.Dropped
}

// drawWireBetween draws the wire from one host to the other, and the newest segment
// while it is on it.
func (v *stackView) drawWireBetween(c canvas, m moment, t *theme) {
	f := v.now.focus
	under := f != nil && f.Kind != story.SegmentReceived
	style, line := t.line, t.horizontal
	if f != nil && v.now.current {
		style, line = t.side(f.Sender()), t.heavyHorizontal
	}
	c.fill(0, 0, c.w, line, style)
	if f == nil {
		return
	}
	forward := f.Sender() == fsm.Client
	gone := lostOnTheWire(f)
	switch {
	case gone:
		style = t.warn
	case v.now.current && forward, under && forward:
		c.set(c.w-1, 0, t.arrowRight, style)
	case v.now.current, under:
		c.set(0, 0, t.arrowLeft, style)
	}
	if !under {
		return
	}
	part, glyph := 1.0, t.flight
	switch {
	case gone:
		part, glyph = 0.8, t.lost
	case f.Kind == story.SegmentImpaired:
		part, glyph = 0.2, t.pause
	case v.now.current:
		part = m.flight
	}
	at := 1 + int(part*float64(c.w-4)+0.5)
	if !forward {
		at = c.w - 1 - at
	}
	c.set(at, 0, glyph, style)
	if gone && forward {
		c.fill(at+1, 0, c.w-at-1, ' ', t.base)
	} else if gone {
		c.fill(0, 0, at, ' ', t.base)
	}
	n := textWidth(v.now.label) // behind it, or before it while there is no room
	behind, before := at-n-1, at+2
	if !forward {
		behind, before = before, behind
	}
	for _, x := range [2]int{behind, before} {
		if x >= 1 && x+n <= c.w-2 {
			c.set(x-1, 0, ' ', t.base)
			c.text(x, 0, v.now.label, t.bold)
			break
		}
	}
}
