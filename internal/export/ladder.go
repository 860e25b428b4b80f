package export

import (
	"math"
	"strconv"
	"time"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// ladder draws a plan into a picture.
type ladder struct {
	*plan
	*picture
	sheet
}

// sheet says where the columns of a ladder stand.
type sheet struct {
	lane  [2]float64 // where the side's calls begin (the client's end) at its bars
	outer [2]float64 // where its lane ends on the outside
	life  [2]float64 // its lifeline
	state [2]float64 // where the names of its states stand, next to the lifeline
	times float64    // where the times end
	width float64
}

// Widths, in the picture's units.
const (
	advance    = 7.25 // of one column of the fixed-width letters
	timeRoom   = 66.0
	channel    = 350.0
	slotWidth  = 9.0
	edge       = 12.0
	leastLane  = 90.0
	leastState = 98.0
)

// newSheet gives the columns of a plan whose calls take at most so many columns.
func newSheet(p *plan, columns int) sheet {
	var lane, state [2]float64
	l := ladder{plan: p}
	for side := range lane {
		lane[side], state[side] = leastLane, leastState
	}
	for i, row := range p.view.Rows {
		step := p.story.At(row.Step)
		if step == nil {
			continue
		}
		var w words
		switch {
		case step.Call != nil:
			w = l.callLine(i, columns)
		case p.lines[p.at[i]].lane[step.Side] == i:
			w = laneWords(step)
		}
		if w != nil {
			lane[step.Side] = max(lane[step.Side], advance*float64(min(widest(w), columns)))
		}
		for side := range state {
			if p.lines[p.at[i]].state[side] == i {
				state[side] = max(state[side], advance*float64(width(l.stateName(i, fsm.Side(side))))+16)
			}
		}
	}
	wide := max(lane[0], lane[1]) // the same on both sides: the channel stands in the middle
	var s sheet
	s.times = timeRoom
	s.outer[fsm.Client] = timeRoom + edge
	wide += 4
	s.lane[fsm.Client] = s.outer[fsm.Client] + wide
	s.life[fsm.Client] = s.lane[fsm.Client] + 6 + slotWidth*float64(p.slots(fsm.Client)) + state[fsm.Client]
	s.life[fsm.Server] = s.life[fsm.Client] + channel
	s.lane[fsm.Server] = s.life[fsm.Server] + state[fsm.Server] + slotWidth*float64(p.slots(fsm.Server)) + 6
	s.outer[fsm.Server] = s.lane[fsm.Server] + wide
	s.width = s.outer[fsm.Server] + edge
	s.state[fsm.Client], s.state[fsm.Server] = s.life[fsm.Client]-12, s.life[fsm.Server]+12
	return s
}

// outward is the direction away from the other side.
func outward(side fsm.Side) float64 {
	if side == fsm.Client {
		return -1
	}
	return 1
}

// sideClass names a side in the style sheet.
func sideClass(side fsm.Side) string {
	if side == fsm.Client {
		return "c"
	}
	return "s"
}

// outside is the anchor of what stands outside a side's lifeline.
func outside(side fsm.Side) anchor {
	if side == fsm.Client {
		return ends
	}
	return begins
}

// draw draws all of it.
func (l *ladder) draw(columns int) {
	l.lifelines()
	l.openings()
	for i := range l.bars {
		l.blocked(&l.bars[i])
	}
	shown := ""
	for i, row := range l.view.Rows {
		step := l.story.At(row.Step)
		if step == nil {
			continue
		}
		l.when(i, never)
		if line := &l.lines[l.at[i]]; line.first == i {
			if t := clock(step.Time.Sub(l.begun())); t != shown {
				l.text("t", l.times, line.y+4, 0, ends, span{"", plain(t)})
				shown = t
			}
		}
		l.states(i)
		l.moment(i, step, columns)
		l.disagreement(i, step)
	}
	for _, g := range l.gaps {
		l.when(g.row, never)
		l.text("t label", (l.life[0]+l.life[1])/2, (g.top+g.bottom)/2+4, 0, centred,
			span{"", lang.Phrasef("%s later", clock(g.lasts)).In})
	}
}

func (l *ladder) begun() time.Time {
	if first := l.story.At(l.view.Rows[0].Step); first != nil {
		return first.Time
	}
	return time.Time{}
}

// lifelines draws both, broken where time passes.
func (l *ladder) lifelines() {
	l.when(never, never)
	for _, x := range l.life {
		y := planTop - lineStep/2
		for _, g := range l.gaps {
			l.path(behind, "life", false, [2]float64{x, y}, [2]float64{x, g.top})
			l.path(behind, "life passes", false, [2]float64{x, g.top}, [2]float64{x, g.bottom})
			y = g.bottom
		}
		l.path(behind, "life", false, [2]float64{x, y}, [2]float64{x, l.height - planMargin/3})
	}
}

// openings writes what is known of the sides before the first step.
func (l *ladder) openings() {
	for _, side := range []fsm.Side{fsm.Client, fsm.Server} {
		name := fsm.Closed.String()
		if !l.opening[side] {
			name = "?"
		}
		l.mark(side, planTop, "dim", true)
		l.text("m dim", l.state[side], planTop+4, 0, outside(side), span{"", plain(name)})
	}
}

// mark draws the sign of a side on its lifeline: the client's is round, the server's is
// square; hollow where the state is not proven.
func (l *ladder) mark(side fsm.Side, y float64, class string, hollow bool) {
	if hollow {
		class += " hollow"
	}
	x := l.life[side]
	if side == fsm.Client {
		l.circle(strokes, "k "+class, x, y, 5)
		return
	}
	const r = 6
	l.path(strokes, "k "+class, true, [2]float64{x, y - r}, [2]float64{x + r, y}, [2]float64{x, y + r}, [2]float64{x - r, y})
}

// states draws the changes of state that a row brings.
func (l *ladder) states(i int) {
	line := &l.lines[l.at[i]]
	for _, side := range []fsm.Side{fsm.Client, fsm.Server} {
		if line.state[side] != i {
			continue
		}
		proven := l.view.Rows[i].Basis[side] == fsm.Observed
		class := sideClass(side)
		if !proven {
			class += " unsure"
		}
		l.mark(side, line.y, class, !proven)
		l.text("m b "+class, l.state[side], line.y+4, 0, outside(side), span{"", plain(l.stateName(i, side))})
	}
}

// stateName gives the state of a side after a row, with those that it passed in the
// same step: in parentheses when it is inferred, with a question mark when assumed.
func (l *ladder) stateName(i int, side fsm.Side) string {
	row := l.view.Rows[i]
	names := ""
	if step := l.story.At(row.Step); step != nil && !step.Listener {
		for _, t := range step.Transitions {
			if t.Side == side && t.Changed() && t.To != row.State[side] {
				names += t.To.String() + "→"
			}
		}
	}
	names += row.State[side].String()
	switch row.Basis[side] {
	case fsm.Inferred:
		return "(" + names + ")"
	case fsm.Assumed:
		return names + "?"
	case fsm.Observed:
	}
	return names
}

// blocked draws the bar of a call that does not return where it is made.
func (l *ladder) blocked(b *bar) {
	if b.end-b.top < 1 {
		return
	}
	class := "bar " + sideClass(b.side)
	if b.call.Inferred {
		class += " unsure"
	}
	x := l.lane[b.side] - outward(b.side)*(6+slotWidth*float64(b.slot))
	l.when(b.from, never)
	l.rect(behind, class, x-3, b.top, 6, b.end-b.top, 3)
}

// moment draws what a row is.
func (l *ladder) moment(i int, step *story.Step, columns int) {
	y := l.y(i)
	side := step.Side
	switch step.Kind {
	case story.CallEnter, story.CallReturn:
		l.call(i, step, columns)
	case story.SegmentSent:
		l.leaves(i, step)
	case story.SegmentReceived, story.SegmentLost:
		l.ends(i, step)
	case story.SegmentImpaired:
		l.impaired(i, step)
	case story.TimerExpired, story.ListenerClosed, story.HostRebooted:
		if w := laneWords(step); w != nil {
			l.said(side, y, "m call warn", w)
		}
	case story.Narrated:
		if step.Does != "" {
			l.text("does", (l.life[0]+l.life[1])/2, y+4, 0, centred,
				span{"", func(in lang.Language) string { return cut(story.Doing(step.Does, in), 48) }})
		}
	}
}

// laneWords are the words for what happens to a side without a call; nil for nothing.
func laneWords(step *story.Step) words {
	switch {
	case step.Kind == story.TimerExpired:
		return func(in lang.Language) string { return "◷ " + story.TimerWords(step.Timer, in) }
	case step.Kind == story.ListenerClosed:
		return lang.Phrasef("the listener is closed").In
	case step.Kind == story.HostRebooted && step.Conn == 0:
		return lang.Phrasef("the host starts again").In
	}
	return nil
}

// said writes words into the lane of a side.
func (l *ladder) said(side fsm.Side, y float64, class string, w words) {
	l.text(class, l.lane[side]+4*outward(side), y+4, 0, outside(side), span{"", w})
}

// disagreement writes what the stack says where the model says something else.
func (l *ladder) disagreement(i int, step *story.Step) {
	for _, c := range step.Truths {
		if !c.Agree && (c.Conn == 0 || c.Conn == l.view.Conn) {
			side := c.Truth.Side
			l.text("m b warn", l.state[side], l.y(i)+lineStep+4, 0, outside(side),
				span{"", lang.Phrasef("✗ the stack says %s, the model %s", c.Truth.State, c.Model).In})
		}
	}
}

// clock writes a time or how long something took: "12.345 ms", "3.2 s".
func clock(d time.Duration) string {
	switch seconds := d.Seconds(); {
	case d >= 100*time.Second:
		return strconv.FormatFloat(seconds, 'f', 0, 64) + " s"
	case d >= time.Second:
		return strconv.FormatFloat(math.Trunc(seconds*1000)/1000, 'f', 2, 64) + " s"
	case d >= 100*time.Millisecond:
		return strconv.FormatFloat(seconds*1000, 'f', 0, 64) + " ms"
	case d < 0:
		return "-" + clock(-d)
	}
	return strconv.FormatFloat(d.Seconds()*1000, 'f', 2, 64) + " ms"
}
