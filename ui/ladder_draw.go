package ui

import (
	"cmp"

	"github.com/gdamore/tcell/v2"

	"tcpviz/fsm"
	"tcpviz/internal/story"
)

// draw draws the moment: its newest row and as many before it as there is room
// for. Nothing that happens later is drawn.
func (l *ladder) draw(c canvas, m moment, t *theme) ladderLayout {
	at := min(m.at, len(l.rowOf)-1)
	lay := layLadder(c.w, c.h)
	if l.stack != "" {
		lay.body++ // for what the stacks say
	}
	lay = lay.show(l.rows, l.bottom(at), at)
	p := painter{ladder: l, lay: &lay, canvas: c, theme: t, moment: m, at: int32(at)}
	if at >= 0 {
		p.current = int(l.rowOf[at])
	}
	p.header()
	p.truth()
	if lay.folded {
		p.fold()
	}
	for r := lay.top; r <= lay.bottom && r < len(l.rows); r++ {
		p.row(r)
	}
	return lay
}

// painter draws one moment of a ladder.
type painter struct {
	ladder  *ladder
	lay     *ladderLayout
	canvas  canvas
	theme   *theme
	moment  moment
	at      int32 // the newest row of the view that has happened
	current int   // the row of the ladder that shows it
}

// happened tells that row i of the view has happened.
func (p *painter) happened(i int32) bool { return i >= 0 && i <= p.at }

// row draws one row of the ladder.
func (p *painter) row(r int) {
	row, y, lay := &p.ladder.rows[r], p.lay.line(r), p.lay
	if r == p.current {
		p.canvas.set(lay.lane-p.margin(), y, p.theme.cursor, p.theme.accent)
	}
	if lay.timed && row.kind == stepsRow {
		if step := p.ladder.stepAt(int(row.first)); step != nil {
			p.time(y, step)
		}
	}
	vertical := p.theme.vertical
	if row.kind == gapRow {
		vertical = p.theme.blocked
	}
	p.canvas.set(lay.left, y, vertical, p.theme.line)
	p.canvas.set(lay.right, y, vertical, p.theme.line)
	room := [2]int{lay.left - 1, lay.right + 2} // where the lanes end
	if row.kind == noteRow {
		p.bars(r, y)
		p.note(row, y)
		p.flights(r, y)
		return
	}
	for _, side := range [...]fsm.Side{fsm.Client, fsm.Server} {
		room[side] = p.state(row, y, side, room[side])
	}
	p.bars(r, y)
	for _, side := range [...]fsm.Side{fsm.Client, fsm.Server} {
		p.lane(r, y, side, room[side])
	}
	if row.kind == gapRow {
		p.gap(row, y)
	}
	p.said(row, y)
	p.segment(r, y)
	p.flights(r, y)
}

// margin is the number of columns left of the client's lane.
func (p *painter) margin() int {
	if p.lay.timed {
		return 2 + timeWidth
	}
	return 2
}

func (p *painter) time(y int, step *story.Step) {
	first := p.ladder.stepAt(0)
	if first == nil {
		return
	}
	s := clockText(step.Time.Sub(first.Time))
	p.canvas.text(p.lay.lane-1-textWidth(s), y, s, p.theme.dim)
}

// state draws the side's state where it changed and gives where the room for its
// lane ends now.
func (p *painter) state(row *ladderRow, y int, side fsm.Side, room int) int {
	x := p.column(side)
	disagrees := p.disagrees(row, side)
	switch {
	case row.kind == openingRow:
		name := fsm.Closed.String()
		if !p.ladder.opening[side] {
			name = "?"
		}
		p.canvas.set(x, y, p.theme.hollow, p.theme.line)
		return p.stateName(y, side, name, p.theme.dim)
	case p.happened(row.change[side]):
		now := p.ladder.view.Rows[row.change[side]]
		name, style, glyph := p.passed(row.change[side], side)+now.State[side].String(), p.theme.side(side), p.theme.state
		if now.Basis[side] != fsm.Observed {
			name, style, glyph = asKnown(name, now.Basis[side]), p.theme.dim, p.theme.hollow
		}
		if disagrees {
			style, glyph = p.theme.warn, p.theme.glyphs.warn
		}
		p.canvas.set(x, y, glyph, style)
		return p.stateName(y, side, name, style)
	case disagrees:
		p.canvas.set(x, y, p.theme.glyphs.warn, p.theme.warn)
	case p.happened(row.timer) && p.ladder.stepAt(int(row.timer)).Side == side:
		p.canvas.set(x, y, p.theme.timer, p.theme.accent)
	}
	return room
}

// asKnown writes a state's name as it is known: in parentheses when it is
// inferred, with a question mark when it is assumed.
func asKnown(name string, basis fsm.Basis) string {
	switch basis {
	case fsm.Inferred:
		return "(" + name + ")"
	case fsm.Assumed:
		return name + "?"
	case fsm.Observed:
	}
	return name
}

// passed gives the states that the side went through within one step before the
// one that it ended in: "FIN-WAIT-2→".
func (p *painter) passed(i int32, side fsm.Side) string {
	step := p.ladder.stepAt(int(i))
	if step == nil || step.Listener {
		return ""
	}
	names := ""
	end := p.ladder.view.Rows[i].State[side]
	for _, t := range step.Transitions {
		if t.Side == side && t.Changed() && t.To != end {
			names += t.To.String() + string(p.theme.becomes)
		}
	}
	return names
}

// stateName writes a state's name outside its lifeline, and gives where the lane ends then.
func (p *painter) stateName(y int, side fsm.Side, name string, style tcell.Style) int {
	lay := p.lay
	if side == fsm.Server {
		name = cutTo(name, lay.width-lay.right-2, p.theme.ellipsis)
		return p.canvas.text(lay.right+2, y, name, style) + 1
	}
	name = cutTo(name, lay.left-1-lay.lane, p.theme.ellipsis)
	x := lay.left - 1 - textWidth(name)
	p.canvas.text(x, y, name, style)
	return x - 1
}

func (p *painter) column(side fsm.Side) int {
	if side == fsm.Client {
		return p.lay.left
	}
	return p.lay.right
}

// disagrees tells that the stack said something else than the model of that side
// after one of the row's steps.
func (p *painter) disagrees(row *ladderRow, side fsm.Side) bool {
	if row.kind != stepsRow {
		return false
	}
	for i := row.first; i <= min(row.last, p.at); i++ {
		step := p.ladder.stepAt(int(i))
		if step == nil {
			continue
		}
		for k := range step.Truths {
			check := &step.Truths[k]
			if !check.Agree && check.Truth.Side == side && (check.Conn == 0 || check.Conn == p.ladder.view.Conn) {
				return true
			}
		}
	}
	return false
}

// note draws what the stack says of a side's state where the model has another one.
func (p *painter) note(row *ladderRow, y int) {
	step := p.ladder.stepAt(int(row.first))
	if step == nil || int(row.note) >= len(step.Truths) {
		return
	}
	check := &step.Truths[row.note]
	side := check.Truth.Side
	l := p.moment.lang
	who := l.Text(cmp.Or(p.ladder.stack, "kernel"))
	x := p.column(side)
	from, to := p.room(side, x)
	model, truth := l.Say("model %s", check.Model), who+" "+check.Truth.State.String()
	if check.Conn == 0 {
		truth = l.Say("%s (listener)", truth)
	}
	style := p.theme.warn
	p.canvas.set(x, y, p.theme.glyphs.warn, style)
	if whole := clauses(l, model, truth); textWidth(whole) <= to-from {
		if side == fsm.Client {
			from = to - textWidth(whole)
		}
		p.canvas.text(from, y, whole, style)
		return
	}
	// Where the lane is too narrow for both, the model's word stands on the other
	// side of the lifeline, between the two ends.
	truth = cutTo(truth, to-from, p.theme.ellipsis)
	model = cutTo(model, p.lay.channel()-2, p.theme.ellipsis)
	if side == fsm.Client {
		p.canvas.text(to-textWidth(truth), y, truth, style)
		p.canvas.text(x+2, y, model, style)
		return
	}
	p.canvas.text(from, y, truth, style)
	p.canvas.text(x-1-textWidth(model), y, model, style)
}

// gap draws a row in which nothing happens for long.
func (p *painter) gap(row *ladderRow, y int) {
	words := p.moment.lang.Say("%s later", durationText(row.gap))
	s := string(p.theme.ellipsis) + " " + words + " " + string(p.theme.ellipsis)
	from, to := 0, p.lay.channel()
	if row.flights != noFlights {
		from, to = p.clear(row)
		if textWidth(s) > to-from {
			s = words
		}
	}
	s = cutTo(s, to-from, p.theme.ellipsis)
	p.canvas.text(p.lay.left+1+from+(to-from-textWidth(s))/2, y, s, p.theme.dim)
}

// clear gives the columns between the lifelines that no segment on its way stands in,
// in the middle of the row.
func (p *painter) clear(row *ladderRow) (from, to int) {
	n := p.lay.channel()
	from, to = 0, n
	for slot, sent := range row.flights {
		step := p.flight(row, slot, sent)
		if step == nil {
			continue
		}
		column := (&arrow{n: n}).turn(slot)
		if step.Side == fsm.Server {
			column = n - 1 - column
		}
		if column < n/2 {
			from = max(from, column+2)
		} else {
			to = min(to, column-1)
		}
	}
	return from, max(to, from)
}

// fold draws the line above the first row that is seen: what is hidden above,
// and the states that hold there.
func (p *painter) fold() {
	lay, y := p.lay, p.lay.body-1
	p.canvas.set(lay.left, y, p.theme.vertical, p.theme.line)
	p.canvas.set(lay.right, y, p.theme.vertical, p.theme.line)
	s := string(p.theme.up) + " " + p.moment.lang.Say("%d rows above", lay.top)
	n := lay.channel()
	p.canvas.text(lay.left+1+max(n-textWidth(s), 0)/2, y, cutTo(s, n, p.theme.ellipsis), p.theme.dim)
	if lay.top >= len(p.ladder.rows) {
		return
	}
	first := &p.ladder.rows[lay.top]
	for _, side := range [...]fsm.Side{fsm.Client, fsm.Server} {
		name := fsm.Closed.String()
		if !p.ladder.opening[side] {
			name = "?"
		}
		if first.first > 0 {
			before := p.ladder.view.Rows[first.first-1]
			name = asKnown(before.State[side].String(), before.Basis[side])
		}
		p.stateName(y, side, name, p.theme.dim)
		for slot, call := range first.bars[side] {
			if call >= 0 {
				p.canvas.set(p.barColumn(side, slot), y, p.theme.blocked, p.theme.dim)
			}
		}
	}
}
