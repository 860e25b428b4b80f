package ui

import "github.com/gdamore/tcell/v2"

// greeted takes the greeting away, for good.
func (d *dashboard) greeted() {
	d.greeting = false
	d.prefer(func(p *Preferences) { p.Greeted = true })
}

// greets tells that the greeting is on the screen now: over the beginning of a story,
// which waits for it.
func (d *dashboard) greets() bool {
	return d.greeting && d.story != nil && len(d.view.Rows) > 0 && d.list.kind == noList && !d.help && d.failure == nil
}

// drawGreeting greets somebody who is here for the first time: what this is, and the
// three keys that matter.
func (d *dashboard) drawGreeting(c canvas) {
	t, l := &d.theme, d.options.Lang
	w := min(c.w-8, 64)
	about := wrap(l.Text("tcpviz runs a real server and a real client, and shows what TCP does between them: each socket call, each segment, and the state of both ends."), w-6)
	if d.story.Meta.Lesson == "" {
		about = wrap(l.Text("tcpviz shows what TCP did here: each segment, the socket calls that must have been made, and the state of both ends."), w-6)
	}
	keys := []struct{ key, text string }{
		{d.keyName("space"), l.Text("plays, and pauses")},
		{d.keyName("→"), d.arrows(l.Text("one step forward; ← one back"))},
		{"?", l.Text("help: all the other keys")},
	}
	h := len(about) + len(keys) + 8
	if c.h < h {
		return
	}
	box := c.sub((c.w-w)/2, (c.h-h)/2, w, h)
	box.clear(t.base)
	drawHeavyBox(box, t.accent, t)
	title := l.Text("Welcome")
	box.text((w-textWidth(title))/2, 1, title, t.accent)
	y := 3
	for _, line := range about {
		box.text(3, y, line, t.base)
		y++
	}
	y++
	lead := 0
	for _, k := range keys {
		lead = max(lead, textWidth(k.key))
	}
	for _, k := range keys {
		box.text(6+lead-textWidth(k.key), y, k.key, t.key.Bold(true))
		box.text(6+lead+3, y, k.text, t.base)
		y++
	}
	text := l.Text("press one of them, or any other key, to begin")
	box.text((w-textWidth(text))/2, y+1, text, t.dim)
}

// drawHeavyBox draws a heavy frame around the canvas.
func drawHeavyBox(c canvas, style tcell.Style, t *theme) {
	right, bottom := c.w-1, c.h-1
	c.fill(1, 0, c.w-2, t.heavyHorizontal, style)
	c.fill(1, bottom, c.w-2, t.heavyHorizontal, style)
	for y := 1; y < bottom; y++ {
		c.set(0, y, t.heavyVertical, style)
		c.set(right, y, t.heavyVertical, style)
	}
	c.set(0, 0, t.heavyCorner[0], style)
	c.set(right, 0, t.heavyCorner[1], style)
	c.set(0, bottom, t.heavyCorner[2], style)
	c.set(right, bottom, t.heavyCorner[3], style)
}
