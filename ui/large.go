package ui

import (
	"strings"

	"github.com/gdamore/tcell/v2"

	"tcpviz/fsm"
	"tcpviz/internal/story"
)

// switchLarge shows few things and large, or all of them again, and remembers it.
func (d *dashboard) switchLarge() {
	d.prefer(func(p *Preferences) { p.Large = !p.Large })
	d.open = noPanel
	d.hint = ""
}

// showsLarge tells that the story is shown large now: whatever is opened beside it is
// shown as always.
func (d *dashboard) showsLarge() bool {
	return d.options.Preferences.Large && d.open == noPanel && d.list.kind == noList && !d.help &&
		d.story != nil && !d.nothing()
}

// drawLarge draws the story for those who sit far away: the two states, the newest
// events with their arrows, one sentence, three keys.
func (d *dashboard) drawLarge(c canvas, line rect, m moment) {
	t := &d.theme
	h := c.h
	if line.shown() {
		h-- // the line of the held wire
	}
	d.ladder = d.ladder.fit(m)
	p := largePainter{
		canvas: c, theme: t, moment: m, ladder: d.ladder,
		lay: newLargeLayout(c.w, h, d.options.ASCII, d.predict.on),
	}
	p.title(d)
	p.states()
	d.largeRows = p.events()
	if line.shown() {
		d.drawWire(part(c, line), m)
	}
	p.footer(d)
	if d.predicts() {
		d.drawPredictBox(part(c, p.lay.said), m.lang)
	} else {
		p.sentence()
	}
	d.drawOver(c, c.sub(0, 1, c.w, c.h-2))
}

// largePainter draws one moment of a story, large.
type largePainter struct {
	canvas canvas
	theme  *theme
	moment moment
	ladder *ladder
	lay    largeLayout
}

// title draws the lesson's title in the middle of the first line, and where the story stands.
func (p *largePainter) title(d *dashboard) {
	t, m := p.theme, p.moment
	title := m.story.Meta.Title.In(m.lang)
	if title == "" {
		title = harmless(m.story.Meta.Source, false)
	}
	room := p.lay.w - 40
	if n := m.story.Conns.Len(); n > 1 { // which of them it is matters more than a long name
		which := func(title string) string {
			return m.lang.Say("%s   connection %s of %s", title, countText(uint64(max(m.view.Conn, 0))), countText(uint64(n)))
		}
		title = which(cutTo(title, max(room-textWidth(which("")), 8), t.ellipsis))
	}
	p.canvas.fill(0, 0, p.lay.w, ' ', t.selected)
	sign := t.glyphs.pause
	if d.play.playing || d.play.follow || d.play.waiting && d.play.open {
		sign = t.play
	}
	right := string(sign)
	if right, all := d.predict.total(); d.predict.on && all > 0 {
		score := m.lang.Say("%d of %d right", right, all)
		p.canvas.text(p.lay.w-4-textWidth(score), 0, score, t.selected)
	}
	if m.story.Meta.Recorded {
		p.canvas.text(2, 0, string(t.recorded)+" "+m.lang.Text("recording"), t.selected)
	}
	p.canvas.text(p.lay.w-2, 0, right, t.selected)
	title = cutTo(title, room, t.ellipsis)
	p.canvas.text((p.lay.w-textWidth(title))/2, 0, title, t.selected.Bold(true))
}

// states draws who the two sides are, and the state of each as large as there is room.
func (p *largePainter) states() {
	t, l := p.theme, p.moment.lang
	row, begun := p.moment.row()
	for _, side := range [...]fsm.Side{fsm.Client, fsm.Server} {
		style := t.side(side)
		who := string(t.token(side)) + " " + strings.ToUpper(sideName(l, side))
		p.centred(side, p.lay.states-1, who, style)
		state := row.State[side].String()
		switch {
		case !begun && !p.ladder.opening[side]:
			state = "?"
		case begun:
			state = asKnown(state, row.Basis[side])
		}
		if begun && row.Basis[side] != fsm.Observed || !begun {
			style = t.dim
		}
		p.state(side, state, style)
	}
}

// state draws a state in block letters, or in a box.
func (p *largePainter) state(side fsm.Side, name string, style tcell.Style) {
	room := p.lay.room()
	for _, double := range []bool{true, false} {
		if !p.lay.letters || double && !p.lay.double {
			continue
		}
		if b, ok := letteringOf(name, double); ok {
			if w, h := b.size(); w <= room {
				b.draw(p.canvas, p.lay.middle(side)-w/2, p.lay.states+(p.lay.tall-h)/2, style)
				return
			}
		}
	}
	if p.lay.tall < 3 {
		p.centred(side, p.lay.states, name, style)
		return
	}
	text := spaced(name)
	if textWidth(text)+4 > room {
		text = name
	}
	w := textWidth(text) + 4
	box := p.canvas.sub(p.lay.middle(side)-w/2, p.lay.states, w, 3)
	drawHeavyBox(box, style, p.theme)
	box.text(2, 1, text, style)
}

// centred writes a text around the middle of a side.
func (p *largePainter) centred(side fsm.Side, y int, text string, style tcell.Style) {
	p.canvas.text(max(p.lay.middle(side)-textWidth(text)/2, 0), y, text, style)
}

// sentence says what happened: the lesson's words where they begin here, else what the
// step is.
func (p *largePainter) sentence() {
	m, t := p.moment, p.theme
	text, style := "", t.bold
	switch step := m.step(); {
	case step == nil:
		if why := openingWords(m, t); len(why) > 0 {
			text = why[len(why)-1].text
		}
	case step.Say != (story.Text{}) && !m.secret:
		text, style = step.Say.In(m.lang), t.accent
	default:
		text = m.story.Explain(step.N, m.lang).What
	}
	box := part(p.canvas, p.lay.said)
	all := cutLines(lines([]paragraph{{text: text, style: style}}, box.w), box.h, box.w)
	drawLines(box, all)
}

// footer draws the three keys that matter, and the answer to the newest key.
func (p *largePainter) footer(d *dashboard) {
	l, t := p.moment.lang, p.theme
	d.footer.spots = d.footer.spots[:0]
	y, x := p.canvas.h-1, 2
	play := l.Text("play")
	if d.play.playing || d.play.waiting && d.play.open {
		play = l.Text("pause")
	}
	keys := []struct {
		press press
		key   string
		label string
	}{
		{char(' '), d.keyName("space"), play},
		{special(tcell.KeyRight), d.keyName("→"), l.Text("step")},
		{char('?'), "?", l.Text("help")},
	}
	if d.predict.asking {
		keys = keys[2:]
		x = p.canvas.text(x, y, "1 2 3 4", t.key.Bold(true))
		x = p.canvas.text(x+1, y, l.Text("answer"), t.base) + 4
	}
	tell, end := d.hint, p.canvas.w
	if tell == "" {
		tell = d.activity()
	}
	if d.wireLine() {
		tell = ""
	}
	if tell == d.hint { // the answer to a key goes before the keys
		end = p.canvas.w - 2 - textWidth(tell)
	}
	for _, k := range keys {
		if x+textWidth(k.key)+1+textWidth(k.label) > end {
			break
		}
		begin := x
		x = p.canvas.text(x, y, k.key, t.key.Bold(true))
		x = p.canvas.text(x+1, y, k.label, t.base)
		d.footer.spots = append(d.footer.spots, spot{begin, x, k.press})
		x += 4
	}
	if tell = cutTo(tell, p.canvas.w-x-2, t.ellipsis); tell != "" {
		p.canvas.text(p.canvas.w-1-textWidth(tell), y, tell, t.accent)
	}
}
