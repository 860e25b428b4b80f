package ui

import "strconv"

// plot is where a picture's times and numbers lie in its cells. A cell is two dots
// wide and four high, as Braille has them; lines are counted downwards.
type plot struct {
	w, h       int   // cells
	start, end int64 // the times of the first and the last column
	low, high  int64 // the numbers of the lowest and the highest line
	perColumn  float64
	perLine    float64
}

// The dots of a cell.
const (
	dotColumns = 2
	dotLines   = 4
)

// newPlot lays out a picture. Times or numbers that are all the same get some room,
// so that they are told apart from nothing at all.
func newPlot(w, h int, start, end, low, high int64) plot {
	end, high = max(end, start+1), max(high, low+1)
	return plot{
		w: w, h: h, start: start, end: end, low: low, high: high,
		perColumn: float64(dotColumns*w-1) / float64(end-start),
		perLine:   float64(dotLines*h-1) / float64(high-low),
	}
}

// plotOf lays out a direction in w times h cells.
func (q *timeSequence) plotOf(s *stream, w, h int) plot {
	return newPlot(w, h, q.start, q.end, s.low, s.top())
}

// top gives the number at the upper border of a direction's picture. The window's
// edge may lie so far above everything that the octets would be a flat line below it:
// it gets no more than a part of the picture, and none when all of it lies above that.
func (s *stream) top() int64 {
	const most = 0.6 // of the room that octets and ACKs take
	room := max(int64(float64(s.high-s.low)*most), 1)
	if !s.framed || s.nearest > s.high+room {
		return s.high
	}
	return max(s.high, min(s.farthest, s.high+room))
}

// column gives the column of dots of a time, one at the border for what lies outside.
func (p *plot) column(at int64) int {
	return int(min(max(float64(at-p.start)*p.perColumn+0.5, 0), float64(dotColumns*p.w-1)))
}

// line gives the line of dots of a number, one outside the picture for what lies outside.
func (p *plot) line(number int64) int {
	last := dotLines*p.h - 1
	return int(min(max(float64(last)-float64(number-p.low)*p.perLine+0.5, -1), float64(last+1)))
}

// axisTick is a mark of an axis: where it is, and what it says.
type axisTick struct {
	at   int64
	text string
}

// numberTicks gives about n ticks for the numbers of the picture.
func (p *plot) numberTicks(n int) []axisTick {
	step := roundStep(p.high-p.low, n)
	unit, name := int64(1), ""
	switch top := max(p.high, -p.low); {
	case top >= 2_000_000_000:
		unit, name = 1_000_000_000, "G"
	case top >= 2_000_000:
		unit, name = 1_000_000, "M"
	case top >= 5000:
		unit, name = 1000, "k"
	}
	var all []axisTick
	for at := firstMultiple(p.low, step); at <= p.high; at += step {
		text := decimal(at, unit, step)
		if at != 0 {
			text += name
		}
		all = append(all, axisTick{at, text})
	}
	return all
}

// timeUnits are the units of the axis of times, each with the length from which on it is used.
var timeUnits = [...]struct {
	least, ns int64
	name      string
}{
	{3 * 3600e9, 3600e9, " h"}, {3 * 60e9, 60e9, " min"}, {1e9, 1e9, " s"},
	{1e6, 1e6, " ms"}, {1e3, 1e3, " µs"}, {0, 1, " ns"},
}

// timeTicks gives about n ticks for the times of the picture, counted from its start.
func (p *plot) timeTicks(n int) []axisTick {
	span := p.end - p.start
	i := 0
	for span < timeUnits[i].least {
		i++
	}
	unit := timeUnits[i]
	step := roundStep(span, n)
	if unit.ns > 1e9 { // 1-2-5 of minutes or hours, not of nanoseconds
		step = roundStep(span/unit.ns, n) * unit.ns
	}
	var all []axisTick
	for at := int64(0); at <= span; at += step {
		text := "0"
		if at != 0 {
			text = decimal(at, unit.ns, step) + unit.name
		}
		all = append(all, axisTick{p.start + at, text})
	}
	return all
}

// roundStep gives the least of 1, 2, 5, 10, 20, 50, … of which no more than n steps go
// into span.
func roundStep(span int64, n int) int64 {
	for step := int64(1); ; step *= 10 {
		for _, m := range [...]int64{1, 2, 5} {
			if span/(m*step) <= int64(max(n, 1)) || step >= 1e18 {
				return m * step
			}
		}
	}
}

// firstMultiple gives the least multiple of step that is not below n.
func firstMultiple(n, step int64) int64 {
	m := n / step * step
	if m < n {
		m += step
	}
	return m
}

// decimal writes n in units with as many decimals as steps of that size need.
func decimal(n, unit, step int64) string {
	decimals := 0
	for digit := unit; step%digit != 0 && digit > 1; digit /= 10 {
		decimals++
	}
	return strconv.FormatFloat(float64(n)/float64(unit), 'f', decimals, 64)
}
