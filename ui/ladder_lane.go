package ui

import (
	"strings"
	"time"

	"github.com/gdamore/tcell/v2"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// far is how many rows a call's return may be from its enter before the return
// repeats the call's name.
const far = 3

// barColumn is the column of the bar in that slot: bars stand at the outer edge.
func (p *painter) barColumn(side fsm.Side, slot int) int {
	if side == fsm.Client {
		return p.lay.lane + slot
	}
	return p.end() - 1 - slot
}

// end is the column after the server's lane, which is as wide as the client's.
func (p *painter) end() int {
	return min(p.lay.right+1+p.lay.left-p.lay.lane, p.lay.width)
}

// room gives the columns of a lane in which text may stand, when its inner end is
// bounded by the lifeline.
func (p *painter) room(side fsm.Side, lifeline int) (from, to int) {
	bars := p.ladder.bars[side]
	if side == fsm.Client {
		return p.lay.lane + bars + 1, lifeline - 1
	}
	return lifeline + 2, p.end() - bars - 1
}

// bars draws the calls that block past this row, or end in it.
func (p *painter) bars(r, y int) {
	row := &p.ladder.rows[r]
	for side := range row.bars {
		for slot, call := range row.bars[side] {
			if !p.happened(call) || row.kind == noteRow && p.returnedBefore(call, r) {
				continue
			}
			glyph := p.theme.blocked
			style := p.callStyle(call)
			if p.happened(row.back[side]) && int(row.slot[side]) == slot && row.enter[side] < 0 {
				glyph = p.corner(fsm.Side(side), false)
			}
			p.canvas.set(p.barColumn(fsm.Side(side), slot), y, glyph, style)
		}
		// The call that begins here has a bar once it does not return at once.
		if p.happened(row.enter[side]) && !p.happened(row.back[side]) && row.slot[side] >= 0 {
			p.canvas.set(p.barColumn(fsm.Side(side), int(row.slot[side])), y,
				p.corner(fsm.Side(side), true), p.callStyle(row.enter[side]))
		}
	}
}

// returnedBefore tells that the call of row i of the view has returned in a row of the ladder
// before r: a return may have joined the row above a note.
func (p *painter) returnedBefore(i int32, r int) bool {
	enter := p.ladder.stepAt(int(i))
	if enter == nil || enter.Peer == 0 {
		return false
	}
	back := p.ladder.view.Index(enter.Peer)
	return back > int(i) && back <= int(p.at) && int(p.ladder.rowOf[back]) < r
}

func (p *painter) corner(side fsm.Side, begins bool) rune {
	switch {
	case side == fsm.Client && begins:
		return p.theme.topLeft
	case side == fsm.Client:
		return p.theme.bottomLeft
	case begins:
		return p.theme.topRight
	}
	return p.theme.bottomRight
}

// callStyle is the style of the call of row i of the view.
func (p *painter) callStyle(i int32) tcell.Style {
	step := p.ladder.stepAt(int(i))
	if step == nil || step.Call == nil {
		return p.theme.dim
	}
	switch {
	case step.Call.Inferred:
		return p.theme.dim
	case step.Kind == story.CallReturn && step.Call.Errno != "":
		return p.theme.warn
	case i == p.at:
		return p.theme.accent
	}
	return p.theme.side(step.Side)
}

// lane draws the text of the side's lane: its call, or how long it blocks.
// taken is the column next to the lifeline that is not free any more.
func (p *painter) lane(r, y int, side fsm.Side, taken int) {
	row := &p.ladder.rows[r]
	from, to := p.lay.lane+p.ladder.bars[side]+1, taken
	if side == fsm.Server {
		from, to = taken, p.end()-p.ladder.bars[side]-1
	}
	width := to - from
	if width <= 0 {
		return
	}
	// A call that has returned at once needs no bar: where its own column and the
	// space beside it are free, it may stand there too.
	gutter := p.ladder.bars[side] + 1
	if row.bars[side] != noBars {
		gutter = 0
	}
	var text string
	style := p.theme.dim
	switch {
	case p.happened(row.enter[side]) && p.happened(row.back[side]):
		words := p.wordsAt(row.back[side])
		text = p.fitInto(words, width, width+gutter)
		style = p.callStyle(row.back[side])
		if spill := textWidth(text) - width; spill > 0 {
			from, to = from-spill, to+spill
		}
	case p.happened(row.enter[side]):
		text, style = p.wordsAt(row.enter[side]).fit(width, p.theme.ellipsis), p.callStyle(row.enter[side])
	case p.happened(row.back[side]):
		text, style = p.returned(r, side, width), p.callStyle(row.back[side])
	case p.happened(row.timer) && p.ladder.stepAt(int(row.timer)).Side == side:
		text, style = timerText(p.ladder.stepAt(int(row.timer)).Timer, width, p.moment.lang, p.theme), p.theme.accent
	default:
		if text = p.waiting(r, side); textWidth(text) > width {
			return
		}
	}
	x := from
	if side == fsm.Server {
		x = to - textWidth(text)
	}
	p.canvas.text(x, y, text, style)
}

// fitInto writes a call in the usual columns, or in more where that saves an argument.
func (p *painter) fitInto(words callWords, usual, most int) string {
	dots := string(p.theme.ellipsis)
	cut := func(s string) bool {
		return strings.Contains(strings.ReplaceAll(s, dots+":", ""), dots) // an address may be cut
	}
	text := words.fit(usual, p.theme.ellipsis)
	if strings.Contains(text, "(") && !cut(text) {
		return text
	}
	wide := words.fit(most, p.theme.ellipsis)
	if !cut(wide) || !strings.Contains(text, "("+words.firstArgument()) {
		return wide
	}
	return text
}

func (p *painter) wordsAt(i int32) callWords {
	step := p.ladder.stepAt(int(i))
	if step == nil || step.Call == nil {
		return callWords{}
	}
	return p.ladder.wordsOf(step.Call, p.moment.lang, p.theme)
}

// returned writes the return of a call that began on an earlier row.
func (p *painter) returned(r int, side fsm.Side, width int) string {
	row := &p.ladder.rows[r]
	step := p.ladder.stepAt(int(row.back[side]))
	if step == nil || step.Call == nil {
		return ""
	}
	filled, distant, after := false, true, ""
	if enter := p.ladder.story.At(step.Peer); enter != nil && enter.Call != nil {
		filled = enter.Call.Args != step.Call.Args
		distant = row.slot[side] < 0 || r-int(row.enterRow[side]) > far
		if !step.Call.Inferred {
			after = durationText(step.Time.Sub(enter.Time))
		}
	}
	return p.wordsAt(row.back[side]).fitReturn(filled, distant, after, width, p.moment.lang, p.theme.ellipsis)
}

// waiting writes, beside the bar of the call that began last, that it blocks, and
// on the newest row for how long it has.
func (p *painter) waiting(r int, side fsm.Side) string {
	row := &p.ladder.rows[r]
	newest := int32(-1)
	for _, call := range row.bars[side] {
		if p.happened(call) {
			newest = max(newest, call)
		}
	}
	enter := p.ladder.stepAt(int(newest))
	if enter == nil || enter.Call == nil || enter.Call.Inferred {
		return ""
	}
	if p.ladder.several[side] && (p.happened(row.sent) || p.happened(row.arrived)) {
		return "" // the segment may be another program's
	}
	text := ""
	if int(p.ladder.rowOf[newest]) == r-1 && p.waits(row, enter) {
		text = p.moment.lang.Text("blocked")
	}
	if r == p.current {
		if now := p.moment.step(); now != nil {
			text = joinWords(text, durationText(now.Time.Sub(enter.Time)+p.moment.waited))
		}
	}
	if text != "" && p.ladder.several[side] {
		text = joinWords(programName(p.moment.lang, harmless(enter.Call.Program, p.theme.ellipsis < 0x80)), text)
	}
	return text
}

// waits tells that a call that has not returned in the row after its own waits for
// something: those that send or close come back by themselves in no time.
func (p *painter) waits(row *ladderRow, enter *story.Step) bool {
	switch enter.Call.Op {
	case "accept", "connect", "recv", "read", "select", "poll":
		return true
	}
	here := p.ladder.stepAt(int(row.first))
	return here != nil && here.Time.Sub(enter.Time) >= time.Millisecond
}

func joinWords(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + " " + b
}

// timerText names the timer that has run out, in at most that many columns.
func timerText(timer fsm.Timer, width int, l lang.Language, t *theme) string {
	text := story.TimerWords(timer, l)
	if textWidth(text) > width {
		text = l.Text("timer")
		if msl := l.Text("2MSL timer"); timer == fsm.TimeWaitTimer && width >= textWidth(msl) {
			text = msl
		}
	}
	return cutTo(text, width, t.ellipsis)
}
