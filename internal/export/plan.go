package export

import (
	"slices"
	"time"

	"tcpviz/fsm"
	"tcpviz/internal/story"
)

// plan says where each step of one connection stands in a picture of its ladder: time
// goes downward, not to scale. How the first steps stand does not depend on what comes
// after them, but for room that notes beside them take.
type plan struct {
	story *story.Story
	view  story.View
	lines []planLine
	at    []int // for each row of the view, its line
	gaps  []gap
	bars  []bar
	// opening tells of each side whether its state before the first step is known.
	opening [2]bool
	// several tells that more than one program plays the side.
	several [2]bool
	height  float64
}

// planLine is what stands at one height of a ladder.
type planLine struct {
	y           float64
	first, last int    // rows of the view
	lane        [2]int // the row whose call is written in the side's lane; never for none
	state       [2]int // the row that changed the side's state
	sent        int    // the row whose segment leaves here
	arrived     int    // the row whose segment arrives or is lost here
	middle      bool   // words stand between the lifelines
	calm        bool   // whatever comes next gets a line of its own
}

// gap is a long time in which nothing happens.
type gap struct {
	top, bottom float64
	lasts       time.Duration
	row         int // the row that ends it
}

// bar is how long a call blocks.
type bar struct {
	side     fsm.Side
	slot     int
	from, to int // rows; to is never while it has not returned
	top, end float64
	call     *story.Call // as it returned, if it has
}

// Heights, in the picture's units.
const (
	lineStep   = 26.0 // from one line to the next
	slope      = 22.0 // how much deeper a segment arrives
	gapHeight  = 44.0
	longPause  = 100 * time.Millisecond // a pause that is shown as one
	mostSlots  = 4                      // bars side by side
	planTop    = 30.0                   // the line of the opening states
	planMargin = 26.0                   // below the last line
)

// newPlan plans the ladder of a connection. room says how much height the note of a
// row takes, 0 for none; it may be nil.
func newPlan(s *story.Story, conn int, room func(row int) float64) *plan {
	p := &plan{story: s, view: s.View(conn)}
	b := planner{plan: p, room: room, open: [2][mostSlots]int{noneOpen, noneOpen}}
	p.lines = append(p.lines, newPlanLine(planTop, never))
	p.lines[0].calm = true
	for i := range p.view.Rows {
		b.place(i)
	}
	p.height = max(b.newest().y+planMargin, b.noteEnd)
	for i := range p.bars {
		if p.bars[i].to == never {
			p.bars[i].end = p.height - planMargin/2
		}
	}
	p.readOpening()
	return p
}

func newPlanLine(y float64, row int) planLine {
	return planLine{
		y: y, first: row, last: row, lane: [2]int{never, never}, state: [2]int{never, never}, sent: never, arrived: never,
	}
}

// planner makes a plan, one row after the other.
type planner struct {
	*plan
	open    [2][mostSlots]int // the bars that have not ended; never for a free slot
	before  time.Time         // of the step before
	noteEnd float64           // where the notes beside the ladder end
	room    func(row int) float64
}

var noneOpen = [mostSlots]int{never, never, never, never}

func (b *planner) step(i int) *story.Step { return b.story.At(b.view.Rows[i].Step) }

func (b *planner) newest() *planLine { return &b.lines[len(b.lines)-1] }

// row gives the row of the view that shows step n, never when none does.
func (p *plan) row(n int) int {
	if n <= 0 {
		return never
	}
	if i := p.view.Index(n); i >= 0 && p.view.Rows[i].Step == n {
		return i
	}
	return never
}

func (b *planner) place(i int) {
	step := b.step(i)
	if step == nil {
		b.at = append(b.at, len(b.lines)-1)
		return
	}
	if pause := step.Time.Sub(b.before); i > 0 && pause >= longPause {
		b.pause(i, pause)
	}
	b.before = step.Time
	deeper, joins := b.joins(i, step)
	changed := b.view.Changes(i, step)
	for side := range changed {
		joins = joins && (!changed[side] || b.newest().state[side] == never)
	}
	room := 0.0
	if b.room != nil {
		room = b.room(i)
	}
	if joins && room == 0 {
		b.newest().last = i
	} else {
		y := b.newest().y + deeper
		if room > 0 {
			y = max(y, b.noteEnd+lineStep/2)
			b.noteEnd = y + room
		}
		b.lines = append(b.lines, newPlanLine(y, i))
	}
	line := b.newest()
	b.at = append(b.at, len(b.lines)-1)
	for side := range changed {
		if changed[side] {
			line.state[side] = i
		}
	}
	b.note(i, step, line)
}

// pause makes room for a time in which nothing happens.
func (b *planner) pause(i int, lasts time.Duration) {
	line := b.newest()
	top := line.y + lineStep/2
	b.gaps = append(b.gaps, gap{top: top, bottom: top + gapHeight - lineStep/2, lasts: lasts, row: i})
	next := newPlanLine(line.y+gapHeight-lineStep/2, i-1)
	next.calm = true
	b.lines = append(b.lines, next)
}

// joins says whether a step stands at the height of the one before it, and if not how
// much deeper.
func (b *planner) joins(i int, step *story.Step) (deeper float64, joins bool) {
	line := b.newest()
	if line.calm {
		return lineStep, false
	}
	side := step.Side
	switch step.Kind {
	case story.CallEnter:
		return lineStep, false
	case story.CallReturn:
		if line.lane[side] != never {
			enter := b.row(step.Peer)
			return lineStep, enter == i-1 && line.lane[side] == enter
		}
		return lineStep, line.arrived != never && (b.row(step.Cause) == line.arrived || b.sentBy(b.row(step.Peer), line.arrived))
	case story.SegmentSent:
		cause := b.row(step.Cause)
		return lineStep, line.sent == never && line.arrived == never && cause != never &&
			line.first <= cause && cause <= line.last && !line.middle
	case story.SegmentReceived, story.SegmentLost:
		if cause := b.row(step.Cause); step.Kind == story.SegmentLost && line.middle && cause == line.last {
			return 0, true // it is dropped here
		}
		if sent := b.row(step.Peer); sent != never && line.sent == sent {
			return slope, false
		}
	case story.SegmentImpaired:
		sent := b.row(step.Peer)
		return lineStep, sent != never && line.sent == sent && line.last == sent
	case story.HostRebooted:
		if before := b.story.At(b.view.Rows[i].Step - 1); before != nil && before.Kind == story.HostRebooted && i > 0 {
			return lineStep, true
		}
	case story.TimerExpired, story.ListenerClosed, story.Narrated:
	}
	return lineStep, false
}

// sentBy tells that the segment that arrives at a row was sent where the call began.
func (b *planner) sentBy(enter, arrived int) bool {
	sent := b.row(b.step(arrived).Peer)
	return enter != never && sent != never && b.at[enter] == b.at[sent]
}

// note notes in a line what a row brings to it.
func (b *planner) note(i int, step *story.Step, line *planLine) {
	side := step.Side
	switch step.Kind {
	case story.CallEnter:
		line.lane[side] = i
		b.begin(i, step)
	case story.CallReturn:
		line.lane[side] = i
		b.end(i, step)
	case story.SegmentSent:
		line.sent = i
	case story.SegmentReceived, story.SegmentLost:
		line.arrived = i
	case story.SegmentImpaired:
		line.middle = line.sent == never
	case story.TimerExpired, story.ListenerClosed, story.HostRebooted:
		line.lane[side] = i
	case story.Narrated:
		line.middle, line.calm = true, true
	}
	for _, c := range step.Truths {
		if !c.Agree && (c.Conn == 0 || c.Conn == b.view.Conn) {
			extra := newPlanLine(line.y+lineStep, i)
			extra.calm = true
			b.lines = append(b.lines, extra)
			break
		}
	}
}

// begin begins the bar of a call.
func (b *planner) begin(i int, step *story.Step) {
	for slot, open := range b.open[step.Side] {
		if open < 0 {
			b.open[step.Side][slot] = len(b.bars)
			b.bars = append(b.bars, bar{side: step.Side, slot: slot, from: i, to: never, top: b.newest().y, call: step.Call})
			return
		}
	}
}

// end ends the bar of a call.
func (b *planner) end(i int, step *story.Step) {
	enter := b.row(step.Peer)
	for slot, open := range b.open[step.Side] {
		if open >= 0 && enter != never && b.bars[open].from == enter {
			bar := &b.bars[open]
			bar.to, bar.end, bar.call = i, b.newest().y, step.Call
			b.open[step.Side][slot] = never
		}
	}
}

// readOpening finds out what is known of the sides before the first row, and whether
// several programs play one.
func (p *plan) readOpening() {
	recorded, opened, met := false, false, false
	var first [2]string
	for i := range p.view.Rows {
		step := p.story.At(p.view.Rows[i].Step)
		switch {
		case step == nil:
		case step.Frame != nil && !met:
			met = true
			opened = opened || step.Frame.Segment.Flags&(fsm.SYN|fsm.ACK) == fsm.SYN
		case step.Call != nil:
			recorded = recorded || !step.Call.Inferred
			opened = opened || step.Call.Op == "connect" && step.Side == fsm.Client
			if first[step.Side] == "" {
				first[step.Side] = step.Call.Program
			}
			p.several[step.Side] = p.several[step.Side] || step.Call.Program != first[step.Side]
		}
	}
	p.opening = [2]bool{recorded || opened, recorded}
}

// slots is how many bars stand side by side.
func (p *plan) slots(side fsm.Side) int {
	n := 1
	for i := range p.bars {
		if p.bars[i].side == side {
			n = max(n, p.bars[i].slot+1)
		}
	}
	return n
}

// y gives the height of a row.
func (p *plan) y(row int) float64 {
	if row < 0 || row >= len(p.at) {
		return planTop
	}
	return p.lines[p.at[row]].y
}

// proof gives the row at which it is proven that the segment sent at a row has
// arrived: its receiver acknowledges it. never, while nothing has.
func (p *plan) proof(sent int, step *story.Step) int {
	segment := &step.Frame.Segment
	if segment.SeqLen() == 0 {
		return never
	}
	later := p.view.Rows[sent+1:]
	i := slices.IndexFunc(later, func(r story.Row) bool {
		other := p.story.At(r.Step)
		return other != nil && other.Kind == story.SegmentSent && other.Conn == step.Conn && other.Side != step.Side &&
			other.Frame.Segment.Flags.Has(fsm.ACK) && segment.End().LessEq(other.Frame.Segment.Ack)
	})
	if i < 0 {
		return never
	}
	return sent + 1 + i
}
