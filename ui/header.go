package ui

import (
	"strings"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// headerView is the segment header panel. It keeps the words of the last segment.
type headerView struct {
	frame  *story.Frame
	step   int
	lang   lang.Language
	fields headerFields
	// The options and the bytes that follow them, wrapped for a width and a form.
	width          int
	grid           bool
	options, bytes []string
}

// The width of the header in its standard form: 32 bits of two columns each.
const (
	bits      = 32
	gridWidth = 2*bits + 1
)

// update takes over the newest segment of the moment and reports whether there is one.
func (v *headerView) update(m moment) bool {
	step := m.stepAt(int(m.mark().segment))
	if step == nil || step.Frame == nil {
		*v = headerView{}
		return false
	}
	if v.frame != step.Frame || v.step != step.N || v.lang != m.lang {
		*v = headerView{frame: step.Frame, step: step.N, lang: m.lang, fields: newHeaderFields(m, step)}
	}
	return true
}

// title is the panel's name.
func (v *headerView) title(m moment) string {
	if !v.update(m) {
		return m.lang.Text("segment")
	}
	return v.fields.title
}

// draw draws the panel's content: in the form of RFC 9293 figure 1 where there is
// room for it, else as a list.
func (v *headerView) draw(c canvas, m moment, t *theme) {
	if !v.update(m) {
		c.text(1, 0, m.lang.Text("no segment has been sent yet"), t.dim)
		return
	}
	width := c.w - 2
	grid := c.w >= gridWidth+1 && c.h >= 9
	if v.width != width || v.grid != grid {
		v.width, v.grid = width, grid
		lead, rest := v.listLead(), v.fields.bytes
		if grid {
			lead, rest = gridLead, rest[min(len(rest), len(v.fields.words)):]
		}
		v.options = wrap(v.fields.options, width-lead)
		v.bytes = wrap(strings.Join(rest, "  "), width-lead)
	}
	if grid {
		v.drawGrid(c, t)
		return
	}
	v.drawList(c.sub(1, 0, width, c.h), t)
}

// gridLead is the number of columns before the options below the grid.
const gridLead = 9

// listLead is the number of columns before the values of a list: its names are as
// long as the longest of those at its left.
func (v *headerView) listLead() int {
	n := 0
	for _, name := range [...]string{"source port", "sequence number", "acknowledgment", "flags", "window", "checksum", "options", "bytes"} {
		n = max(n, textWidth(v.lang.Text(name)))
	}
	return n + 2
}

// drawRest writes the options and the bytes, as far as there is room.
func (v *headerView) drawRest(c canvas, x, y, lead int, t *theme) {
	c.text(x, y, v.lang.Text("options"), t.dim)
	for i, line := range v.options {
		c.text(x+lead, y+i, line, t.base)
	}
	y += max(len(v.options), 1)
	if len(v.bytes) > 0 {
		c.text(x, y, v.lang.Text("bytes"), t.dim)
	}
	for i, line := range v.bytes {
		c.text(x+lead, y+i, line, t.dim)
	}
}

// field is a part of a word of the header: what it is called and says.
type field struct {
	bits        int
	name, value string
}

// drawGrid draws the header word by word. With enough lines every word has its
// bits below it; each has its bytes beside it.
func (v *headerView) drawGrid(c canvas, t *theme) {
	h := &v.fields
	y, left := 0, 1
	full := c.h >= 17+1
	ruler := full || c.h >= 9+len(v.options)
	if ruler {
		for i := range bits {
			if i%10 == 0 {
				c.set(left+1+2*i, y, rune('0'+i/10), t.dim)
			}
			c.set(left+1+2*i, y+1, rune('0'+i%10), t.dim)
		}
		y += 2
	}
	rows := [5][]field{
		{{16, "source port", h.source}, {16, "destination port", h.destination}},
		{{32, "sequence number", h.sequence}},
		{{32, "acknowledgment number", h.ack}},
		{{4, "offset", h.offset}, {4, "rsrvd", ""}, {8, "flags", ""}, {16, "window", h.window}},
		{{16, "checksum", h.checksum}, {16, "urgent pointer", h.urgent}},
	}
	v.edge(c, left, y, nil, rows[0], t)
	y++
	for i, row := range rows {
		if i == 3 {
			y = v.flagRow(c, left, y, row, full, t)
		} else {
			v.fieldRow(c, left, y, row, t)
			y++
		}
		if i < len(h.bytes) && left+gridWidth+2+len(h.bytes[i]) <= c.w {
			c.text(left+gridWidth+2, y-1, h.bytes[i], t.dim)
		}
		if full {
			v.bitRow(c, left, y, i, row, t)
			y++
		}
	}
	v.edge(c, left, y, rows[4], nil, t)
	v.drawRest(c, left, y+1, gridLead, t)
}

// edge draws the upper or lower edge of the grid with a tee for each border of the words beside it.
func (v *headerView) edge(c canvas, x, y int, above, below []field, t *theme) {
	c.fill(x, y, gridWidth, t.horizontal, t.line)
	row, left, tee, right := below, t.topLeft, t.teeDown, t.topRight
	if below == nil {
		row, left, tee, right = above, t.bottomLeft, t.teeUp, t.bottomRight
	}
	at := x
	for _, f := range row {
		at += 2 * f.bits
		c.set(at, y, tee, t.line)
	}
	c.set(x, y, left, t.line)
	c.set(x+gridWidth-1, y, right, t.line)
}

// fieldRow writes names and values of a word's fields.
func (v *headerView) fieldRow(c canvas, x, y int, row []field, t *theme) {
	c.set(x, y, t.vertical, t.line)
	for _, f := range row {
		width := 2*f.bits - 1
		name := v.lang.Text(f.name)
		n := textWidth(name) + 1 + textWidth(f.value)
		at := c.text(x+1+max((width-n)/2, 0), y, name, t.dim)
		c.text(at+1, y, f.value, t.bold)
		x += 2 * f.bits
		c.set(x, y, t.vertical, t.line)
	}
}

// flagNames are the control bits from left to right as the header has them.
var flagNames = [8]string{"CWR", "ECE", "URG", "ACK", "PSH", "RST", "SYN", "FIN"}

// flagRow draws the word with the control bits: their names downward where there
// is room, else their first letters; those that are set are lit.
func (v *headerView) flagRow(c canvas, x, y int, row []field, full bool, t *theme) int {
	h := &v.fields
	n := 1
	if full {
		n = 3
	}
	middle, end := y+n/2, y+n
	for i := range n {
		for _, at := range []int{0, 8, 16, 32, 64} {
			c.set(x+at, y+i, t.vertical, t.line)
		}
	}
	if full {
		c.text(x+1, y, v.lang.Text("offset"), t.dim)
		c.text(x+2, y+1, h.offset, t.bold)
	} else {
		at := c.text(x+1, y, v.lang.Text("off"), t.dim)
		c.text(at+1, y, h.offset, t.bold)
	}
	c.text(x+9, y, v.lang.Text("rsrvd"), t.dim)
	for bit, name := range flagNames {
		set := h.flags.Has(fsm.CWR >> bit)
		style := t.dim
		if set {
			style = t.side(h.sender)
		}
		for i := range n {
			r := rune(name[i])
			if !set && !full {
				r = t.middot
			}
			c.set(x+17+2*bit, y+i, r, style)
			if bit > 0 {
				c.set(x+16+2*bit, y+i, t.vertical, t.line)
			}
		}
	}
	width := 2*16 - 1
	words := row[3]
	name := v.lang.Text(words.name)
	n = textWidth(name) + 1 + textWidth(words.value)
	at := c.text(x+33+max((width-n)/2, 0), middle, name, t.dim)
	c.text(at+1, middle, words.value, t.bold)
	return end
}

// bitRow writes the bits of word i.
func (v *headerView) bitRow(c canvas, x, y, i int, row []field, t *theme) {
	word, known := v.fields.words[i], v.fields.raw || i < 3
	c.set(x, y, t.vertical, t.line)
	at, next := 0, row[0].bits
	for bit := range bits {
		r, style := '0', t.dim
		if word&(1<<(bits-1-bit)) != 0 {
			r, style = '1', t.base
		}
		if !known {
			r, style = '?', t.dim
		}
		c.set(x+1+2*bit, y, r, style)
		if bit+1 == next {
			c.set(x+2+2*bit, y, t.vertical, t.line)
			if at++; at < len(row) {
				next += row[at].bits
			}
		}
	}
}

// drawList writes the fields below each other.
func (v *headerView) drawList(c canvas, t *theme) {
	h, l, lead := &v.fields, v.lang, v.listLead()
	y := 0
	left := func(name, value string) int {
		c.text(0, y, l.Text(name), t.dim)
		return c.text(lead, y, value, t.bold)
	}
	right := func(x int, name, value string) {
		c.text(c.text(x, y, l.Text(name), t.dim)+1, y, value, t.bold)
	}
	half := max(c.w/2, 24)
	left("source port", h.source)
	right(half, "destination port", h.destination)
	y++
	left("sequence number", h.sequence)
	y++
	left("acknowledgment", h.ack)
	y++
	x := left("flags", "")
	for bit, name := range flagNames {
		if h.flags.Has(fsm.CWR >> bit) {
			x = c.text(x, y, name, t.side(h.sender)) + 1
		} else {
			c.set(x, y, t.middot, t.dim)
			x += 2
		}
	}
	y++
	x = left("window", h.window)
	right(max(x+2, half), "data offset", l.Say("%s words", h.offset))
	y++
	left("checksum", h.checksum)
	right(half, "urgent pointer", h.urgent)
	y++
	v.drawRest(c, 0, y, lead, t)
}
