package ui

import (
	"tcpviz/fsm"
	"tcpviz/internal/lang"
)

// draw draws the whole screen.
func (d *dashboard) draw(c canvas) {
	d.size = rect{0, 0, c.w, c.h}
	t := &d.theme
	l, line := d.layout(c.w, c.h)
	if l.tooSmall {
		drawTooSmall(c, d.options.Lang, t)
		return
	}
	m := d.moment()
	if d.showsLarge() && !d.reference.open {
		d.drawLarge(c, line, m)
		return
	}
	d.bar.draw(part(c, l.rects[titlePanel]), m, d.play, d.progress.short(m.lang), d.list.kind == connectionList, t)
	d.drawFooter(part(c, l.rects[footerPanel]))
	if line.shown() {
		d.drawWire(part(c, line), m)
	}
	body := c.sub(0, 1, c.w, c.h-2)
	switch {
	case d.help:
		d.drawHelp(body)
	case d.list.kind != noList:
		d.drawList(body)
	case d.story == nil:
		d.drawWaiting(body)
	case d.nothing():
		drawMiddle(body, d.nothingWords(), t)
	default:
		d.drawPanels(c, l, m)
	}
	d.drawOver(c, body)
	if d.reference.open && !d.help && d.failure == nil {
		d.drawReference(body)
	}
}

// drawPanels draws the story.
func (d *dashboard) drawPanels(c canvas, l layout, m moment) {
	t := &d.theme
	d.ladder = d.ladder.fit(m)
	d.lay = d.ladder.draw(part(c, l.rects[ladderPanel]), m, t)
	for p := diagramPanel; p <= sequencePanel; p++ {
		r := l.rects[p]
		if !r.shown() {
			continue
		}
		if r.x > 0 {
			drawSeam(c, r, l, t)
		}
		inside := part(c, rect{r.x, r.y + 1, r.w, r.h - 1})
		switch p {
		case diagramPanel:
			d.heading(c, r, m.lang.Text("state machine"))
			d.drawLegend(c, r)
			d.diagram.draw(inside, m, t)
		case explainPanel:
			d.heading(c, r, m.lang.Text("what happened"))
			d.explainer.draw(inside.sub(1, 0, inside.w-2, inside.h), m, t)
		case headerPanel:
			d.heading(c, r, d.header.title(m))
			d.header.draw(inside, m, t)
		case stackPanel:
			d.drawStack(c, r, m)
		case codePanel:
			d.drawCode(c, r, m)
		case sequencePanel:
			d.drawSequence(c, r, m)
		}
	}
}

func part(c canvas, r rect) canvas { return c.sub(r.x, r.y, r.w, r.h) }

// heading draws the first line of a panel, with its name in it.
func (d *dashboard) heading(c canvas, r rect, name string) {
	heading(c.sub(r.x, r.y, r.w, 1), 0, r.w, name, &d.theme)
}

func heading(c canvas, y, w int, name string, t *theme) {
	rule(c, 0, y, w, t)
	name = cutTo(name, w-5, t.ellipsis)
	c.set(1, y, ' ', t.base)
	x := c.text(2, y, name, t.bold)
	c.set(x, y, ' ', t.base)
}

func rule(c canvas, x, y, w int, t *theme) { c.fill(x, y, w, t.horizontal, t.line) }

// drawSeam draws the line at the left of a panel, joined to the headings beside it.
func drawSeam(c canvas, r rect, l layout, t *theme) {
	for y := range r.h {
		c.set(r.x-1, r.y+y, t.vertical, t.line)
	}
	joint := t.teeRight
	for p := diagramPanel; p <= sequencePanel; p++ {
		if o := l.rects[p]; o.shown() && o.y == r.y && o.x+o.w == r.x-1 {
			joint = t.teeDown
		}
	}
	c.set(r.x-1, r.y, joint, t.line)
}

// drawLegend tells in the diagram's heading what its tokens mean.
func (d *dashboard) drawLegend(c canvas, r rect) {
	t := &d.theme
	c = c.sub(r.x, r.y, r.w, 1)
	l := d.options.Lang
	listening := l.Text("listening")
	const glyphs = 14 // and the spaces around them
	x := c.w - glyphs - textWidth(sideName(l, fsm.Client)) - textWidth(sideName(l, fsm.Server)) - textWidth(listening)
	if x < 18 {
		return
	}
	c.set(x-1, 0, ' ', t.base)
	for _, side := range []fsm.Side{fsm.Client, fsm.Server} {
		c.set(x, 0, t.token(side), t.side(side))
		c.set(x+1, 0, ' ', t.base)
		x = c.text(x+2, 0, sideName(l, side), t.side(side))
		x = c.text(x, 0, "  ", t.base)
	}
	c.set(x, 0, t.listening, t.server)
	c.set(x+1, 0, ' ', t.base)
	x = c.text(x+2, 0, listening, t.server)
	c.set(x, 0, ' ', t.base)
}

// drawTooSmall tells what the dashboard needs.
func drawTooSmall(c canvas, l lang.Language, t *theme) {
	all := []string{
		l.Text("This terminal is too small."),
		l.Say("It has %d columns and %d lines;", c.w, c.h),
		l.Say("tcpviz needs %d and %d.", minWidth, minHeight),
		l.Text("Make it larger, or press q to quit."),
	}
	y := max((c.h-len(all))/2, 0)
	for i, line := range all {
		style := t.base
		if i == 0 {
			style = t.bold
		}
		c.text(max((c.w-textWidth(line))/2, 0), y+i, line, style)
	}
}

// drawWaiting tells what is going on while there is no story.
func (d *dashboard) drawWaiting(c canvas) {
	text := d.status.In(d.options.Lang)
	if text == "" {
		text = d.options.Lang.Text("waiting for something to show")
	}
	text = cutTo(text, c.w-2, d.theme.ellipsis)
	c.text((c.w-textWidth(text))/2, c.h/2, text, d.theme.bold)
}

// drawFailure shows an error in a box over the middle of the screen.
func (d *dashboard) drawFailure(c canvas) {
	t, l := &d.theme, d.options.Lang
	w := min(c.w-4, 76)
	all := wrap(harmless(l.Error(d.failure), d.onlyASCII), w-4)
	all = all[:min(len(all), c.h-6)]
	h := len(all) + 4
	box := c.sub((c.w-w)/2, max((c.h-h)/2, 0), w, h)
	box.clear(t.base)
	drawBox(box, t)
	box.set(2, 0, ' ', t.base)
	box.set(3, 0, t.glyphs.warn, t.warn)
	box.set(4, 0, ' ', t.base)
	x := box.text(5, 0, l.Text("it did not work"), t.warn)
	box.set(x, 0, ' ', t.base)
	for i, line := range all {
		box.text(2, i+1, line, t.base)
	}
	box.text(2, h-2, l.Text("any key goes on, q quits"), t.dim)
}

// drawBox draws a frame around the canvas.
func drawBox(c canvas, t *theme) {
	c.fill(0, 0, c.w, t.horizontal, t.warn)
	c.fill(0, c.h-1, c.w, t.horizontal, t.warn)
	for y := range c.h {
		c.set(0, y, t.vertical, t.warn)
		c.set(c.w-1, y, t.vertical, t.warn)
	}
	c.set(0, 0, t.topLeft, t.warn)
	c.set(c.w-1, 0, t.topRight, t.warn)
	c.set(0, c.h-1, t.bottomLeft, t.warn)
	c.set(c.w-1, c.h-1, t.bottomRight, t.warn)
}
