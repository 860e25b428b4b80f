package ui

import "tcpviz/internal/lang"

// predictLines is the room that a question with its answers needs.
const predictLines = 9

// drawPredict draws the question, or the answer to it, or the score at the end: in the
// place of the panel that explains, or else as a box that leaves the newest row free.
func (d *dashboard) drawPredict(c canvas, m moment) {
	t, l := &d.theme, m.lang
	lay, line := d.layout(c.w, c.h)
	if r := lay.rects[explainPanel]; r.h > predictLines {
		box := part(c, r)
		box.clear(t.base)
		heading(box, 0, box.w, d.predictName(l), t)
		d.drawQuestion(box.sub(1, 1, box.w-2, box.h-1), l)
		return
	}
	w, h := min(c.w-8, 64), predictLines+3
	y := c.h - 1 - h - line.h
	if current := lay.rects[ladderPanel].y + d.newestLine(); current >= y && current > h {
		y = 1
	}
	d.drawPredictBox(c.sub((c.w-w)/2, y, w, h), l)
}

// drawPredictBox draws what the game says in a box of its own.
func (d *dashboard) drawPredictBox(box canvas, l lang.Language) {
	t := &d.theme
	box.clear(t.base)
	drawHeavyBox(box, t.accent, t)
	box.set(2, 0, ' ', t.base)
	x := box.text(3, 0, cutTo(d.predictName(l), box.w-6, t.ellipsis), t.accent)
	box.set(x, 0, ' ', t.base)
	d.drawQuestion(box.sub(2, 1, box.w-4, box.h-2), l)
}

// predictName is what stands above a question: the score.
func (d *dashboard) predictName(l lang.Language) string {
	right, all := d.predict.total()
	if all == 0 {
		return l.Text("predict")
	}
	return l.Say("predict: %d of %d right", right, all)
}

// newestLine is the line of the ladder that shows what has happened last.
func (d *dashboard) newestLine() int {
	if d.ladder == nil || d.play.at < 0 || d.play.at >= len(d.ladder.rowOf) {
		return 0
	}
	return d.lay.line(int(d.ladder.rowOf[d.play.at]))
}

// drawQuestion draws what the game says now.
func (d *dashboard) drawQuestion(c canvas, l lang.Language) {
	d.predict.answers = d.predict.answers[:0]
	switch {
	case d.predict.asking:
		d.drawAsking(c, l)
	case d.told():
		d.drawTold(c, l)
	default:
		d.drawScore(c, 0, l)
	}
}

// drawAsking draws the question with its answers.
func (d *dashboard) drawAsking(c canvas, l lang.Language) {
	t, q := &d.theme, &d.predict.newest
	y := 0
	for _, text := range wrap(q.words(l), c.w) {
		c.text(0, y, text, t.bold)
		y++
	}
	if c.h > y+len(q.answers)+1 {
		y++
	}
	for i, text := range q.answers {
		c.set(2, y, rune('1'+i), t.key.Bold(true))
		c.text(5, y, l.Text(text), t.base)
		d.predict.answers = append(d.predict.answers, rect{c.x, c.y + y, c.w, 1})
		y++
	}
	if y < c.h-1 {
		c.text(0, c.h-1, cutTo(l.Text("a number answers; e ends the questions"), c.w, t.ellipsis), t.dim)
	}
}

// drawTold says whether the answer was right, and why it is what it is.
func (d *dashboard) drawTold(c canvas, l lang.Language) {
	t, q := &d.theme, &d.predict.newest
	answer := l.Text(q.answers[q.right])
	if q.chosen == q.right {
		c.set(0, 0, t.glyphs.good, t.good.Bold(true))
		c.text(2, 0, l.Say("Right: %s.", answer), t.good.Bold(true))
	} else {
		c.set(0, 0, t.lost, t.warn)
		c.text(2, 0, l.Say("No: not %s, but %s.", l.Text(q.answers[q.chosen]), answer), t.warn)
	}
	e := d.story.Explain(q.step, l)
	why := e.Why
	if why == "" || q.kind == segmentQuestion {
		why = l.Sentences(e.What, e.Why)
	}
	if e.RFC != "" {
		why = l.Say("%s (%s)", why, e.RFC)
	}
	last := c.h - 2
	if d.scored() {
		last -= scoreLines
	}
	all := cutLines(lines([]paragraph{{text: why, style: t.base}}, c.w), max(last-1, 1), c.w)
	drawLines(c.sub(0, 2, c.w, c.h), all)
	if d.scored() {
		d.drawScore(c, min(len(all)+3, c.h-scoreLines), l)
		return
	}
	c.text(0, c.h-1, cutTo(d.arrows(l.Text("space plays on, → goes one step on")), c.w, t.ellipsis), t.dim)
}

// scoreLines is the room that the score takes.
const scoreLines = 3

// drawScore draws the score, by the kinds of question.
func (d *dashboard) drawScore(c canvas, y int, l lang.Language) {
	t, p := &d.theme, &d.predict
	right, all := p.total()
	c.text(0, y, l.Say("The end: %d of %d right.", right, all), t.bold)
	for _, k := range []struct {
		kind questionKind
		name string
	}{{stateQuestion, l.Text("states")}, {segmentQuestion, l.Text("segments")}} {
		right, all := p.score(k.kind)
		if all == 0 {
			continue
		}
		y++
		x := c.text(2, y, l.Say("%s: %d of %d", k.name, right, all), t.base)
		x = max(x+2, 24)
		c.fill(x, y, right, t.glyphs.client, t.good)
		c.fill(x+right, y, all-right, t.hollow, t.dim)
	}
}

// clickAnswer takes the answer that was clicked.
func (d *dashboard) clickAnswer(x, y int) bool {
	if !d.predict.asking {
		return false
	}
	for i, r := range d.predict.answers {
		if r.has(x, y) {
			d.answer(i)
			return true
		}
	}
	return false
}

// drawOver draws what lies over everything else.
func (d *dashboard) drawOver(c, body canvas) {
	if d.predicts() && !d.showsLarge() && !d.help && d.list.kind == noList && d.story != nil {
		d.drawPredict(c, d.moment())
	}
	if d.greets() {
		d.drawGreeting(body)
	}
	if d.failure != nil {
		d.drawFailure(body)
	}
}
