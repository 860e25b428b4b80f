package ui

import "slices"

// scene is where a picture was drawn, for the mouse.
type scene struct {
	area rect // of the picture's cells in the panel
	plot plot
}

// draw draws the panel's content: a line of figures, the picture with its axes, and
// what its glyphs mean.
func (q *timeSequence) draw(c canvas, m moment, t *theme) {
	q.scene = scene{}
	if why := q.nothing(); why != nil {
		for i, line := range why {
			for j, part := range wrap(m.lang.Text(line), c.w-4) {
				c.text(2, 1+i*2+j, part, t.base)
			}
		}
		return
	}
	s := q.stream()
	words := q.write(s, m, c.w >= widePicture, t)
	q.drawSummary(c, words, s, t)
	legend, y := layLegend(t.legend(s, m.lang), words.notes, c.w-2), c.h-1
	legend = legend[:min(len(legend), max(c.h-9, 1), 2)]
	y -= len(legend)
	for i, line := range legend {
		drawLegendLine(c.sub(1, y+1+i, c.w-2, 1), line, t)
	}
	area := rect{0, 1, c.w, y - 2} // two lines for the axis of times
	p := q.plotOf(s, 1, max(area.h, 1))
	left := p.labelWidth() + 2
	area.x, area.w = left, c.w-left-1
	if area.w < 4 || area.h < 1 {
		return
	}
	p = q.plotOf(s, area.w, area.h)
	q.scene = scene{area, p}
	q.drawAxes(c, t)
	q.drawPicture(c.sub(area.x, area.y, area.w, area.h), s, m, t)
}

// nothing says why there is no picture, nil when there is one.
func (q *timeSequence) nothing() []string {
	switch {
	case q.sent == 0 && q.view.Conn == 0:
		return []string{"There is no connection yet."}
	case q.sent == 0:
		return []string{"There is no segment of this connection to draw."}
	case q.timed == 0:
		return []string{
			"The segments of this connection have no time stamps: when they were sent is not known, so they cannot be drawn over time.",
			"The ladder shows the order in which they were captured.",
		}
	}
	return nil
}

// widePicture is the width of a panel from which on its figures are told in full.
const widePicture = 100

// drawSummary writes whose octets are drawn and the figures, as many as there is room for.
func (q *timeSequence) drawSummary(c canvas, words *sequenceWords, s *stream, t *theme) {
	c.set(1, 0, t.token(s.sender), t.side(s.sender))
	x := c.text(3, 0, sideName(words.lang, s.sender), t.side(s.sender))
	c.set(x+1, 0, t.becomes, t.base)
	c.set(x+3, 0, t.token(s.sender.Other()), t.side(s.sender.Other()))
	x = c.text(x+5, 0, sideName(words.lang, s.sender.Other()), t.side(s.sender.Other()))
	gap := 2
	if words.wide {
		gap = 3
	}
	for _, text := range words.summary {
		if x+gap+textWidth(text) > c.w {
			break
		}
		x = c.text(x+gap, 0, text, t.base)
	}
}

// labelWidth gives the columns that the labels of the axis of numbers take.
func (p *plot) labelWidth() int {
	w := 1
	for _, tick := range p.numberTicks(p.h / linesPerTick) {
		w = max(w, textWidth(tick.text))
	}
	return w
}

// How far apart ticks are, in cells.
const (
	linesPerTick   = 3
	columnsPerTick = 13
)

// drawAxes draws the axis of numbers at the left and that of times below.
func (q *timeSequence) drawAxes(c canvas, t *theme) {
	a, p := q.scene.area, &q.scene.plot
	x, bottom := a.x-1, a.y+a.h
	for y := a.y; y < bottom; y++ {
		c.set(x, y, t.vertical, t.line)
	}
	for _, tick := range p.numberTicks(a.h / linesPerTick) {
		y := a.y + p.line(tick.at)/dotLines
		c.set(x, y, t.teeLeft, t.line)
		c.text(x-textWidth(tick.text), y, tick.text, t.dim)
	}
	c.set(x, bottom, t.bottomLeft, t.line)
	c.fill(a.x, bottom, a.w, t.horizontal, t.line)
	free := 0
	for _, tick := range p.timeTicks(a.w / columnsPerTick) {
		at := a.x + p.column(tick.at)/dotColumns
		c.set(at, bottom, t.teeDown, t.line)
		w := textWidth(tick.text)
		from := min(max(at-w/2, 0), c.w-w)
		if from >= free {
			c.text(from, bottom+1, tick.text, t.dim)
			free = from + w + 1
		}
	}
}

// drawPicture draws what has happened: the cells of all marks up to now, the
// staircases up to the present time, the cursor, and the newest segment lit.
func (q *timeSequence) drawPicture(c canvas, s *stream, m moment, t *theme) {
	p := &q.scene.plot
	n := s.upTo(m.at)
	q.cells = append(q.cells[:0], q.raster.upTo(s, *p, n)...)
	cursor := q.cursor(m.at)
	if now, ok := q.now(m.at); ok && cursor >= 0 {
		state := s.tally(m.at)
		if state.windowed && now >= state.edgeSince {
			p.add(q.cells, &plotMark{kind: windowMark, from: state.edge, to: state.edge, since: state.edgeSince, at: now})
		}
		if state.acked && now >= state.ackSince {
			p.add(q.cells, &plotMark{kind: ackMark, from: state.ack, to: state.ack, since: state.ackSince, at: now})
		}
	}
	lit := q.lit(s, m.at)
	for i, cell := range q.cells {
		x, y := i%p.w, i/p.w
		kind, ok := cell.kind()
		switch {
		case ok:
			style := t.markStyle(kind, s)
			if slices.Contains(lit, i) {
				style = style.Reverse(true)
			}
			c.set(x, y, q.glyph(cell, kind, t), style)
		case x == cursor:
			c.set(x, y, t.plot.cursor, t.accent)
		}
	}
	if cursor >= 0 { // below the picture, on the axis
		outer := canvas{c.screen, c.x, c.y, c.w, c.h + 1}
		outer.set(cursor, c.h, t.arrowUp, t.accent)
	}
}

// glyph gives the glyph of a cell.
func (q *timeSequence) glyph(cell plotCell, kind markKind, t *theme) rune {
	switch kind {
	case segmentMark:
		return t.plot.segment(cell.dots)
	case ackMark:
		return t.ackRune(cell.lines)
	}
	return t.plot.marks[kind]
}

// cursor gives the column of cells of the newest row's time, -1 before the first segment.
func (q *timeSequence) cursor(at int) int {
	now, ok := q.now(at)
	if !ok || now < q.start {
		return -1
	}
	return q.scene.plot.column(now) / dotColumns
}

// lit gives the cells of the segment that the newest row tells of.
func (q *timeSequence) lit(s *stream, at int) []int {
	row := q.segmentOf(at)
	if row < 0 {
		return nil
	}
	p := &q.scene.plot
	var all []int
	for i := s.upTo(row); i > 0 && int(s.marks[i-1].row) == row; i-- {
		m := &s.marks[i-1]
		if m.kind == windowMark {
			continue
		}
		top, bottom := p.line(max(m.to, m.from)), p.line(min(m.to, m.from))
		top, bottom = max(top, 0), min(bottom, dotLines*p.h-1)
		for y := top / dotLines; y*dotLines <= bottom; y++ {
			all = append(all, y*p.w+p.column(m.at)/dotColumns)
		}
	}
	return all
}

// rowAt gives the row to go to for a click at x, y of the panel's content: that of
// the mark in this cell, else that of the segment nearest in time.
func (q *timeSequence) rowAt(x, y int) (int, bool) {
	a, p := q.scene.area, &q.scene.plot
	if !a.has(x, y) {
		return 0, false
	}
	s := q.stream()
	column, line := x-a.x, y-a.y
	best, distance := -1, 0
	for i := range s.marks {
		m := &s.marks[i]
		if m.kind == windowMark || p.column(m.at)/dotColumns != column {
			continue
		}
		if top, bottom := p.line(max(m.from, m.to))/dotLines, p.line(min(m.from, m.to))/dotLines; top <= line && line <= bottom {
			return int(m.row), true
		}
	}
	for i := range s.tallies {
		row := int(s.tallies[i].row)
		if q.clock[row] == noTime {
			continue
		}
		d := p.column(q.clock[row]) - (dotColumns*column + 1)
		if d = max(d, -d); best < 0 || d < distance {
			best, distance = row, d
		}
	}
	return best, best >= 0
}

// layLegend lays the legend out in lines of at most w columns, the notes first.
func layLegend(all []legendItem, notes string, w int) [][]legendItem {
	var lines [][]legendItem
	var line []legendItem
	used := 0
	if notes != "" {
		lines = append(lines, []legendItem{{text: notes}})
	}
	for _, item := range all {
		n := item.width()
		if used > 0 && used+n > w {
			lines, line, used = append(lines, line), nil, 0
		}
		line, used = append(line, item), used+n+2
	}
	return append(lines, line)
}

func (i legendItem) width() int { return textWidth(i.glyph) + 1 + textWidth(i.text) }

func drawLegendLine(c canvas, line []legendItem, t *theme) {
	x := 0
	for _, item := range line {
		if item.glyph == "" {
			c.text(x, 0, cutTo(item.text, c.w, t.ellipsis), t.warn)
			return
		}
		x = c.text(x, 0, item.glyph, item.style)
		x = c.text(x+1, 0, item.text, t.dim) + 2
	}
}

// drawReading writes at the right of the panel's heading when the newest row was and
// what its segment says.
func (q *timeSequence) drawReading(c canvas, m moment, t *theme, name string) {
	if q.nothing() != nil {
		return
	}
	text := q.write(q.stream(), m, c.w >= widePicture, t).reading
	x := c.w - textWidth(text) - 5
	if text == "" || x < textWidth(name)+6 {
		return
	}
	c.set(x, 0, ' ', t.base)
	c.set(x+1, 0, t.cursor, t.accent)
	c.text(x+2, 0, " "+text+" ", t.bold)
}

// drawSequence draws the panel in its rectangle of the screen.
func (d *dashboard) drawSequence(c canvas, r rect, m moment) {
	name := m.lang.Text("sequence numbers over time")
	d.sequence = d.sequence.fit(m)
	d.heading(c, r, name)
	d.sequence.drawReading(c.sub(r.x, r.y, r.w, 1), m, &d.theme, name)
	d.sequence.draw(part(c, rect{r.x, r.y + 1, r.w, r.h - 1}), m, &d.theme)
}

// clickSequence goes to what was clicked in the picture in that rectangle of the
// screen, and tells whether the click was in it.
func (d *dashboard) clickSequence(r rect, x, y int) bool {
	if !r.has(x, y) || d.sequence == nil {
		return false
	}
	if row, ok := d.sequence.rowAt(x-r.x, y-r.y-1); ok {
		d.send(playEvent{signal: jump, n: row})
	}
	return true
}

// turn shows the other direction.
func (q *timeSequence) turn() { q.turned = !q.turned }
