package ui

import (
	"tcpviz/fsm"
	"tcpviz/internal/story"
)

// arrowOf gives the arrow of a segment step on the line of a row.
func (p *painter) arrowOf(row *ladderRow, step *story.Step, y int) arrow {
	a := arrow{
		canvas: p.canvas, theme: p.theme, x0: p.lay.left + 1, n: p.lay.channel(), y: y,
		reverse: step.Sender() == fsm.Server, style: p.theme.side(step.Sender()),
	}
	a.start, a.limit = labelStart, a.n
	if step.Frame.Segment.Flags.Has(fsm.RST) {
		a.style = p.theme.warn
	}
	for slot, sent := range row.flights {
		if other := p.flight(row, slot, sent); other != nil {
			column := a.turn(slot)
			if other.Side != step.Sender() {
				column = a.n - 1 - column
			}
			a.avoid(column)
		}
	}
	return a
}

// flight gives the step that sent the segment which is on its way past the row in
// that slot, nil when there is none.
func (p *painter) flight(row *ladderRow, slot int, sent int32) *story.Step {
	if !p.happened(sent) || slot == int(row.fly) && p.happened(row.arrived) && row.sent < 0 {
		return nil
	}
	if step := p.ladder.stepAt(int(sent)); step != nil && step.Frame != nil {
		return step
	}
	return nil
}

// flights draws the segments that are on their way past this row.
func (p *painter) flights(r, y int) {
	row := &p.ladder.rows[r]
	for slot, sent := range row.flights {
		step := p.flight(row, slot, sent)
		if step == nil {
			continue
		}
		glyph := p.theme.blocked
		switch {
		case slot == int(row.fly) && p.happened(row.impaired):
			continue // its mark is drawn
		case r == p.lay.bottom && row.waiting&(1<<slot) != 0:
			glyph = p.theme.pause
		case r == p.lay.bottom:
			glyph = p.theme.flight
		}
		a := p.arrowOf(row, step, y)
		a.set(a.turn(slot), glyph)
	}
}

// segment draws what is between the lifelines in a row: a segment that leaves,
// arrives, is lost, or is on its way.
func (p *painter) segment(r, y int) {
	row := &p.ladder.rows[r]
	if p.happened(row.sent) {
		p.sent(r, y, p.ladder.stepAt(int(row.sent)))
	} else if p.happened(row.impaired) {
		p.impaired(row, y)
	} else if p.happened(row.arrived) {
		p.arrives(r, y, p.ladder.stepAt(int(row.arrived)))
	}
}

// sent draws a segment in the row in which it leaves.
func (p *painter) sent(r, y int, step *story.Step) {
	row := &p.ladder.rows[r]
	a := p.arrowOf(row, step, y)
	wire := p.remarkOf(row, step)
	label := func(end int) int {
		text, payload := p.ladder.labelOf(step, wire, a.room(end), p.moment.lang, p.theme)
		return a.label(text, payload)
	}
	travel := a.n - leastTravel
	switch {
	case p.happened(row.arrived) && p.ladder.stepAt(int(row.arrived)).Kind == story.SegmentLost:
		from := label(a.n - leastTravel - 2)
		goal := a.lostAt(from)
		a.line(from, goal, p.theme.horizontal)
		a.style = p.theme.warn
		a.set(goal, p.theme.lost)
	case p.happened(row.arrived) && p.lands(r, row.arrived):
		from := label(travel)
		half := p.halfWay(&a, from)
		a.line(from, half, p.theme.horizontal)
		a.under(half, a.n-1, p.moment.flight, p.theme.flight)
	case p.happened(row.arrived):
		from := label(travel)
		a.arrived(from, p.assumed(row, step))
		if fork, _ := a.forks(); row.copied && row.fly >= 0 && a.turn(int(row.fly)) >= from {
			a.set(a.turn(int(row.fly)), fork)
		}
	case r == p.current && step.Frame.Fate == story.FateLost:
		from := label(a.n - leastTravel - 2)
		a.under(from, a.lostAt(from), p.moment.flight, p.theme.flight)
	case r == p.current && told(step):
		mark := p.theme.flight
		if p.happened(row.impaired) {
			mark = p.impairedGlyph(p.ladder.stepAt(int(row.impaired)))
		}
		from := label(travel)
		a.under(from, p.halfWay(&a, from), p.moment.flight, mark)
	case r == p.current:
		a.under(label(travel), a.n-1, p.moment.flight, p.theme.flight)
	case row.fly >= 0:
		turn := a.turn(int(row.fly))
		a.line(label(turn-1), turn, p.theme.horizontal)
		down, _ := a.corners()
		a.set(turn, down)
	default: // more are under way than can be followed
		from := label(travel)
		a.line(from, from+2, p.theme.horizontal)
		a.set(from+2, p.theme.ellipsis)
	}
}

// assumed tells that the arrival of the segment sent in the row is only assumed:
// nothing that has happened by now proves it.
func (p *painter) assumed(row *ladderRow, step *story.Step) bool {
	return step.Frame.Fate == story.FateAssumed && !p.happened(row.proven)
}

// arrives draws the arrival of a segment that left in an earlier row.
func (p *painter) arrives(r, y int, step *story.Step) {
	row := &p.ladder.rows[r]
	a := p.arrowOf(row, step, y)
	turn := a.turn(max(int(row.fly), 0))
	text, _ := p.ladder.labelOf(step, p.remarkOf(row, step), a.room(turn-1), p.moment.lang, p.theme)
	x := a.x0 + a.start
	if a.reverse {
		x = a.x0 + a.n - a.start - textWidth(text)
	}
	p.canvas.text(x, y, text, p.theme.dim)
	if step.Kind == story.SegmentLost {
		a.style = p.theme.warn
		a.set(turn, p.theme.lost)
		return
	}
	_, on := a.corners()
	switch _, fork := a.forks(); {
	case row.fly < 0:
		on = p.theme.ellipsis
	case row.copied:
		on = fork
	}
	a.set(turn, on)
	if p.lands(r, row.arrived) {
		a.under(turn+1, a.n-1, p.moment.flight, p.theme.flight)
		return
	}
	assumed := step.Frame.Fate == story.FateAssumed
	if sent := p.ladder.view.Index(step.Peer); sent >= 0 {
		assumed = p.assumed(&p.ladder.rows[p.ladder.rowOf[sent]], step)
	}
	a.arrived(turn+1, assumed)
}

// lands tells that row i of the view, in row r of the ladder, is the arrival that is
// being told, and that its segment is still seen to come.
func (p *painter) lands(r int, i int32) bool {
	return r == p.current && i == p.at && p.moment.flight < 1 && told(p.ladder.stepAt(int(i)))
}

// halfWay is where a segment stands whose arrival is not told yet.
func (p *painter) halfWay(a *arrow, from int) int { return from + (a.n-1-from)/2 }
