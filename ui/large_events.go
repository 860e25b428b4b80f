package ui

import (
	"strconv"

	"github.com/gdamore/tcell/v2"

	"tcpviz/fsm"
	"tcpviz/internal/story"
)

// largeRow says which lines of the screen show which row of the ladder, for the mouse.
type largeRow struct {
	y, h, row int
}

// events draws the newest rows of the ladder, each with much room, and gives where they stand.
func (p *largePainter) events() []largeRow {
	lay, t := &p.lay, p.theme
	for _, x := range lay.lifeline {
		for y := range lay.body.h {
			p.canvas.set(x, lay.body.y+y, t.heavyVertical, t.line)
		}
	}
	at := min(p.moment.at, len(p.ladder.rowOf)-1)
	if at < 0 {
		return nil
	}
	e := largeEvent{largePainter: p, at: int32(at), current: int(p.ladder.rowOf[at])}
	bottom := min(p.ladder.bottom(at), len(p.ladder.rows)-1)
	top, room := bottom+1, lay.body.h
	for top > 1 { // row 0 is what was before
		h, _ := e.height(top - 1)
		if h > room && top <= bottom {
			break
		}
		top, room = top-1, room-h
	}
	var shown []largeRow
	y := lay.body.y
	for r := top; r <= bottom; r++ {
		h, line := e.height(r)
		e.draw(r, y+line)
		shown = append(shown, largeRow{y, h, r})
		y += h
	}
	return shown
}

// height is how many lines a row of the ladder takes, and in which of them its arrow
// stands: what has not happened yet takes none.
func (e *largeEvent) height(r int) (h, line int) {
	row := &e.ladder.rows[r]
	switch {
	case !e.lay.big():
		return e.lay.event, 1
	case e.happened(row.sent) || e.happened(row.arrived) || e.happened(row.impaired):
		return e.lay.event, e.lay.event - 3
	case e.happened(row.change[fsm.Client]) || e.happened(row.change[fsm.Server]):
		return 5, 2
	}
	return 3, 1
}

// largeEvent draws a row of the ladder.
type largeEvent struct {
	*largePainter
	at      int32
	current int
}

func (e *largeEvent) happened(i int32) bool { return i >= 0 && i <= e.at }

// draw draws a row, with its arrow in that line.
func (e *largeEvent) draw(r, line int) {
	row := &e.ladder.rows[r]
	switch row.kind {
	case gapRow:
		e.between(line, string(e.theme.ellipsis)+" "+e.moment.lang.Say("%s later", durationText(row.gap))+" "+string(e.theme.ellipsis), e.theme.dim)
		return
	case noteRow:
		e.disagreement(row, line)
		return
	case openingRow, stepsRow:
	}
	edge := [2]int{e.lay.lifeline[0] + 1, e.lay.lifeline[1]} // between which the arrow may stand
	for _, side := range [...]fsm.Side{fsm.Client, fsm.Server} {
		e.call(row, side, line)
		if e.happened(row.change[side]) {
			e.banner(row, side, line, &edge)
		}
	}
	switch {
	case e.happened(row.sent):
		e.arrow(r, row, e.ladder.stepAt(int(row.sent)), line, edge)
	case e.happened(row.impaired):
		e.arrow(r, row, e.ladder.stepAt(int(row.impaired)), line, edge)
	case e.happened(row.arrived):
		e.arrow(r, row, e.ladder.stepAt(int(row.arrived)), line, edge)
	case e.happened(row.timer):
		e.timer(row, line)
	case e.happened(row.said):
		e.between(line, saidWords(e.ladder.stepAt(int(row.said)), e.moment.lang), e.theme.accent)
	}
}

// between writes a text in the middle between the lifelines.
func (e *largeEvent) between(y int, text string, style tcell.Style) {
	from, to := e.lay.lifeline[0]+2, e.lay.lifeline[1]-2
	text = cutTo(text, to-from, e.theme.ellipsis)
	e.canvas.text(from+(to-from-textWidth(text))/2, y, text, style)
}

// banner draws a state that a lifeline comes into: in a box where there is room for it,
// else in reverse.
func (e *largeEvent) banner(row *ladderRow, side fsm.Side, y int, edge *[2]int) {
	now := e.ladder.view.Rows[row.change[side]]
	name, style := asKnown(now.State[side].String(), now.Basis[side]), e.theme.side(side)
	if now.Basis[side] != fsm.Observed {
		style = e.theme.dim
	}
	w := textWidth(name) + 4
	x := e.lay.lifeline[side] - w/2
	if x < 0 || x+w > e.lay.w {
		x = min(max(x, 0), e.lay.w-w)
	}
	if side == fsm.Client {
		edge[0] = x + w
	} else {
		edge[1] = x
	}
	if !e.lay.big() {
		reversed := style.Reverse(true)
		e.canvas.fill(x+1, y, w-2, ' ', reversed)
		e.canvas.text(x+2, y, name, reversed)
		e.canvas.set(x, y, e.theme.pillLeft, style)
		e.canvas.set(x+w-1, y, e.theme.pillRight, style)
		return
	}
	box := e.canvas.sub(x, y-1, w, 3)
	box.clear(e.theme.base)
	drawHeavyBox(box, style, e.theme)
	box.text(2, 1, name, style)
}

// call writes the call that begins or returns here, outside the lifelines.
func (e *largeEvent) call(row *ladderRow, side fsm.Side, y int) {
	text, result, style := "", "", e.theme.side(side)
	enter, back := row.enter[side], row.back[side]
	switch {
	case e.happened(back):
		call := e.ladder.stepAt(int(back)).Call
		text, result = call.Op+"()", "= "+call.ResultText()
		if call.ResultText() == "" {
			result = ""
		}
		if call.Errno != "" {
			result, style = call.Errno, e.theme.warn
		}
	case e.happened(enter):
		text = e.ladder.stepAt(int(enter)).Call.Op + "()"
	case e.waits(row, side):
		result, style = string(e.theme.blocked)+" "+e.moment.lang.Text("blocked"), e.theme.dim
	default:
		return
	}
	step := e.ladder.stepAt(int(max(enter, back)))
	if step != nil && step.Call != nil && step.Call.Inferred {
		text, style = "("+text+")", e.theme.dim
	}
	text, result = harmless(text, e.theme.ellipsis < 0x80), harmless(result, e.theme.ellipsis < 0x80)
	// A state on the lifeline needs the line itself: the call stands above it.
	const gap = 2
	top := y
	if e.happened(row.change[side]) {
		top = y - 1
		if e.lay.big() {
			top = y - 2
		}
	}
	if e.happened(row.change[side]) && e.lay.big() { // the state has the lines below
		text, result = joinWords(text, result), ""
	}
	if text == "" {
		top--
	}
	e.outside(side, top, text, gap, style)
	if result != "" && e.happened(row.change[side]) && !e.lay.big() {
		top++ // below the state
	}
	e.outside(side, top+1, result, gap, style)
}

// waits tells that the side's newest call blocks in this row, which is the newest.
func (e *largeEvent) waits(row *ladderRow, side fsm.Side) bool {
	return row == &e.ladder.rows[e.current] && !e.happened(row.change[side]) && row.bars[side] != noBars && e.happened(newestBar(row, side))
}

func newestBar(row *ladderRow, side fsm.Side) int32 {
	newest := int32(-1)
	for _, call := range row.bars[side] {
		newest = max(newest, call)
	}
	return newest
}

// outside writes a text beside a lifeline, on its outer side.
func (e *largeEvent) outside(side fsm.Side, y int, text string, gap int, style tcell.Style) {
	if side == fsm.Client {
		room := e.lay.lifeline[0] - gap
		text = cutTo(text, room, e.theme.ellipsis)
		e.canvas.text(e.lay.lifeline[0]-gap-textWidth(text)+1, y, text, style)
		return
	}
	text = cutTo(text, e.lay.w-e.lay.lifeline[1]-gap, e.theme.ellipsis)
	e.canvas.text(e.lay.lifeline[1]+gap, y, text, style)
}

// timer names the timer that ran out, beside its side's lifeline.
func (e *largeEvent) timer(row *ladderRow, y int) {
	step := e.ladder.stepAt(int(row.timer))
	text := string(e.theme.glyphs.timer) + " " + story.TimerWords(step.Timer, e.moment.lang)
	room := e.lay.lifeline[1] - e.lay.lifeline[0] - 12
	text = cutTo(text, room, e.theme.ellipsis)
	x := e.lay.lifeline[0] + 10
	if step.Side == fsm.Server {
		x = e.lay.lifeline[1] - 10 - textWidth(text)
	}
	e.canvas.text(x, y, text, e.theme.accent)
}

// disagreement says what the stack says of a state, where that is not what the model says.
func (e *largeEvent) disagreement(row *ladderRow, y int) {
	step := e.ladder.stepAt(int(row.first))
	if step == nil || int(row.note) >= len(step.Truths) {
		return
	}
	check := &step.Truths[row.note]
	l := e.moment.lang
	text := l.Say("The %s's stack says %v, the model says %v.", check.Truth.Side, check.Truth.State, check.Model)
	e.between(y, string(e.theme.glyphs.warn)+" "+text, e.theme.warn)
}

// numbersOf gives the numbers of a segment that matter: where its own begin, and what it
// acknowledges.
func (e *largeEvent) numbersOf(step *story.Step) string {
	segment := &step.Frame.Segment
	seq, ack := e.ladder.story.Relative(step.N)
	text := ""
	if segment.SeqLen() > 0 || !segment.Flags.Has(fsm.ACK) {
		text = "seq=" + strconv.FormatUint(uint64(seq), 10)
	}
	if segment.Flags.Has(fsm.ACK) && (segment.SeqLen() == 0 || segment.Flags&(fsm.SYN|fsm.FIN) != 0) {
		text = joinWords(text, "ack="+strconv.FormatUint(uint64(ack), 10))
	}
	return text
}
