package ui

import (
	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// stackView is the picture of the two hosts' protocol stacks: which layer is at work
// at this step, how the newest segment is wrapped, and which sockets there are. It
// keeps what depends on the step alone; from frame to frame only the segment moves.
type stackView struct {
	story   *story.Story
	sockets *story.Sockets
	key     stackKey
	now     stackMoment
}

// stackKey is all that the words depend on.
type stackKey struct {
	conn, at, rows, inner int
	lang                  lang.Language
	ascii                 bool
}

// Heights of the parts.
const (
	columnsHeight  = 9  // of the layers with their frame
	roomyColumns   = 13 // with lines between the layers
	plainWrapping  = 4  // of the encapsulation as bare lines
	boxedWrapping  = 9
	byteLines      = 6 // of all headers in hexadecimal
	leastSockets   = 3
	leastListed    = 9 // from which on the sockets stand in one list
	widestColumns  = 64
	narrowestSplit = 13 // between the columns
)

// draw draws the panel's content.
func (v *stackView) draw(c canvas, m moment, t *theme) {
	if m.story == nil {
		return
	}
	gap := min(max(c.w/8+1, narrowestSplit), 28)
	width := min((c.w-gap)/2, widestColumns)
	v.fit(m, width-2, t)
	c = c.sub((c.w-2*width-gap)/2, 0, 2*width+gap, c.h)
	y := v.drawColumns(c, m, width, t)
	left := c.h - y
	switch {
	case left >= boxedWrapping+byteLines+leastListed:
		y += v.drawWrapping(c.sub(0, y, c.w, left), boxedWrapping, m.lang, t)
		y += v.drawBytes(c.sub(0, y, c.w, c.h-y), m.lang, t)
	case left >= boxedWrapping+leastSockets+2:
		y += v.drawWrapping(c.sub(0, y, c.w, left), boxedWrapping, m.lang, t)
	case left >= plainWrapping:
		y += v.drawWrapping(c.sub(0, y, c.w, left), plainWrapping, m.lang, t)
	}
	v.drawSockets(c.sub(0, y, c.w, c.h-y), m, width, t)
}

// fit brings the words up to date.
func (v *stackView) fit(m moment, inner int, t *theme) {
	key := stackKey{conn: m.view.Conn, at: m.at, rows: len(m.view.Rows), inner: inner, lang: m.lang, ascii: t.ascii()}
	fresh := v.story != m.story
	if fresh {
		v.story, v.sockets = m.story, story.NewSockets(m.story)
	}
	if fresh || v.key != key {
		v.key, v.now = key, v.read(m, inner, t)
	}
}

// drawStack draws the panel in its rectangle of the screen.
func (d *dashboard) drawStack(c canvas, r rect, m moment) {
	d.heading(c, r, m.lang.Text("the stack"))
	d.stack.draw(part(c, rect{r.x + 1, r.y + 1, r.w - 2, r.h - 1}), m, &d.theme)
}
