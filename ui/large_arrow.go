package ui

import (
	"github.com/gdamore/tcell/v2"

	"tcpviz/fsm"
	"tcpviz/internal/story"
)

// fate is how far a segment has come that is drawn.
type largeFate struct {
	to     float64 // 0 at its sender, 1 at its receiver
	mark   rune    // at its end; 0: an arrow's head
	broken bool    // what is beyond is only assumed
}

// fateOf tells how far the segment of a row has come by now.
func (e *largeEvent) fateOf(r int, row *ladderRow, step *story.Step) largeFate {
	t, flight := e.theme, e.moment.flight
	half := func(mark rune) largeFate { return largeFate{to: 0.5, mark: mark} }
	if e.happened(row.arrived) && e.ladder.stepAt(int(row.arrived)).Kind == story.SegmentLost {
		return half(t.lost)
	}
	if e.happened(row.arrived) {
		moving := r == e.current && row.arrived == e.at && flight < 1 && told(step)
		if moving {
			return largeFate{to: (1 + flight) / 2, mark: t.flight}
		}
		return largeFate{to: 1, broken: e.unproven(row, step)}
	}
	switch {
	case e.happened(row.impaired):
		p := painter{theme: t}
		return half(p.impairedGlyph(e.ladder.stepAt(int(row.impaired))))
	case r == e.current && step.Frame.Fate == story.FateLost:
		return largeFate{to: flight / 2, mark: t.flight}
	case r == e.current && told(step):
		return largeFate{to: flight / 2, mark: t.flight}
	case r == e.current && flight < 1:
		return largeFate{to: flight, mark: t.flight}
	case r == e.current:
		return largeFate{to: 1, mark: t.flight}
	}
	return half(t.ellipsis) // it arrives in another row
}

// unproven tells that the arrival of the segment is only assumed.
func (e *largeEvent) unproven(row *ladderRow, step *story.Step) bool {
	return step.Frame.Fate == story.FateAssumed && !e.happened(row.proven)
}

// arrow draws a segment: its name, as large as there is room, and a wide arrow below it.
func (e *largeEvent) arrow(r int, row *ladderRow, step *story.Step, y int, edge [2]int) {
	style := e.theme.side(step.Sender())
	if step.Frame.Segment.Flags.Has(fsm.RST) {
		style = e.theme.warn
	}
	reverse := step.Sender() == fsm.Server
	from, to := edge[0]+1, edge[1]-2 // first and last column
	n := to - from + 1
	if n < 4 {
		return
	}
	fate := e.fateOf(r, row, step)
	end := min(max(int(fate.to*float64(n-1)+0.5), 0), n-1)
	column := func(i int) int {
		if reverse {
			return to - i
		}
		return from + i
	}
	for i := range end {
		line := e.theme.heavyHorizontal
		if fate.broken && i > n*2/3 {
			line = e.theme.assumed
		}
		e.canvas.set(column(i), y, line, style)
	}
	switch {
	case fate.mark != 0:
		mark := style
		if fate.mark == e.theme.lost {
			mark = e.theme.warn
		}
		e.canvas.set(column(end), y, fate.mark, mark)
	case reverse:
		e.head(column(end), y, e.theme.arrowLeft, 1, style)
	default:
		e.head(column(end), y, e.theme.arrowRight, -1, style)
	}
	if fate.broken {
		e.canvas.set(column(n-2), y, '?', style)
	}
	e.name(step, y, style)
}

// head draws the head of an arrow, of which back is the direction that it comes from;
// where there is room it is three lines high.
func (e *largeEvent) head(x, y int, point rune, back int, style tcell.Style) {
	e.canvas.set(x, y, point, style)
	if !e.lay.big() {
		return
	}
	if !e.lay.letters { // no half blocks
		up, down := '\\', '/'
		if back > 0 {
			up, down = down, up
		}
		e.canvas.set(x+back, y-1, up, style)
		e.canvas.set(x+back, y+1, down, style)
		return
	}
	e.canvas.set(x+back, y, '█', style)
	e.canvas.set(x+back, y-1, '▄', style)
	e.canvas.set(x+back, y+1, '▀', style)
	for i := 2; i <= 3; i++ {
		e.canvas.set(x+i*back, y-1, '█', style)
		e.canvas.set(x+i*back, y, '█', style)
		e.canvas.set(x+i*back, y+1, '█', style)
	}
}

// name writes what the segment is called above its arrow, and its numbers below.
func (e *largeEvent) name(step *story.Step, y int, style tcell.Style) {
	lay, t := &e.lay, e.theme
	l := e.moment.lang
	name := segmentName(&step.Frame.Segment)
	numbers := e.numbersOf(step)
	if n := step.Frame.Segment.Len; n > 0 {
		bytes := l.Say("%d bytes", n)
		if n == 1 {
			bytes = l.Text("1 byte")
		}
		numbers = joinWords(numbers, string(t.middot)+" "+bytes)
	}
	for _, anomaly := range step.Anomalies {
		if anomaly == "retransmission" {
			numbers = joinWords(numbers, string(t.middot)+" "+l.Text("again"))
		}
	}
	from, to := lay.lifeline[0]+1, lay.lifeline[1]-1
	middle := (from + to + 1) / 2
	below := func(text string) {
		text = cutTo(text, to-from-16, t.ellipsis)
		e.canvas.text(middle-textWidth(text)/2, y+1, text, t.base)
	}
	if lay.letters {
		if b, ok := letteringOf(largeName(name), false); ok {
			if w, h := b.size(); w <= to-from-20 {
				b.draw(e.canvas, middle-w/2, y-h, style)
				below(numbers)
				return
			}
		}
	}
	text := spaced(l.Text(name))
	if lay.big() {
		e.canvas.text(middle-textWidth(text)/2, y-1, text, style)
		below(numbers)
		return
	}
	// In three lines the name stands on the arrow, and the numbers below it.
	text = " " + text + " "
	e.canvas.text(middle-textWidth(text)/2, y, text, style)
	below(numbers)
}

// largeName is the name of a segment in letters that the font has.
func largeName(name string) string {
	if name == "data" {
		return "DATA"
	}
	return name
}
