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
		if r == p.lay.bottom {
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
	} else if p.happened(row.arrived) {
		p.arrives(row, y, p.ladder.stepAt(int(row.arrived)))
	}
}

// sent draws a segment in the row in which it leaves.
func (p *painter) sent(r, y int, step *story.Step) {
	row := &p.ladder.rows[r]
	a := p.arrowOf(row, step, y)
	label := func(end int) int { return a.label(p.ladder.labelOf(step, a.room(end), p.theme)) }
	travel := a.n - leastTravel
	switch {
	case p.happened(row.arrived) && p.ladder.stepAt(int(row.arrived)).Kind == story.SegmentLost:
		from := label(a.n - leastTravel - 2)
		goal := a.lostAt(from)
		a.line(from, goal, p.theme.horizontal)
		a.style = p.theme.warn
		a.set(goal, p.theme.lost)
	case p.happened(row.arrived):
		a.arrived(label(travel), p.assumed(row, step))
	case r == p.current && step.Frame.Fate == story.FateLost:
		from := label(a.n - leastTravel - 2)
		a.under(from, a.lostAt(from), p.moment.flight)
	case r == p.current:
		a.under(label(travel), a.n-1, p.moment.flight)
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
func (p *painter) arrives(row *ladderRow, y int, step *story.Step) {
	a := p.arrowOf(row, step, y)
	turn := a.turn(max(int(row.fly), 0))
	text, _ := p.ladder.labelOf(step, a.room(turn-1), p.theme)
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
	if row.fly < 0 {
		on = p.theme.ellipsis
	}
	a.set(turn, on)
	assumed := step.Frame.Fate == story.FateAssumed
	if sent := p.ladder.view.Index(step.Peer); sent >= 0 {
		assumed = p.assumed(&p.ladder.rows[p.ladder.rowOf[sent]], step)
	}
	a.arrived(turn+1, assumed)
}
