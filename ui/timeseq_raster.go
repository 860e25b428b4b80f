package ui

import mathbits "math/bits" // this package has bits of its own

// plotCell is one cell of a picture before it is drawn: all that fell into it.
type plotCell struct {
	kinds uint16 // a set of markKind
	dots  uint8  // of segments, as Braille numbers its dots
	lines uint8  // of the ACKs' staircase: the directions in which it leaves the cell
}

// kind gives what the cell shows, and whether it shows anything.
func (c plotCell) kind() (markKind, bool) {
	n := mathbits.Len16(c.kinds)
	return markKind(max(n-1, 0)), n > 0
}

// brailleDots are the bits of a Braille cell's dots, by line and column.
var brailleDots = [dotLines][dotColumns]uint8{{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}}

// raster is a picture's cells with the first marks of a stream in them. One mark more
// costs one mark; to take marks away it begins at the nearest of the states that it
// has kept on its way.
type raster struct {
	stream *stream
	plot   plot
	cells  []plotCell
	drawn  int // marks
	every  int // a state is kept every so many marks
	kept   [][]plotCell
}

// keptStates is how many states a raster keeps at most.
const keptStates = 64

// upTo gives the cells with the first n marks in them. They belong to the raster.
func (r *raster) upTo(s *stream, p plot, n int) []plotCell {
	if r.stream != s || r.plot != p {
		*r = raster{stream: s, plot: p, cells: make([]plotCell, p.w*p.h), every: len(s.marks)/keptStates + 512}
	}
	if n < r.drawn {
		i := min(n/r.every, len(r.kept))
		if i == 0 {
			clear(r.cells)
		} else {
			copy(r.cells, r.kept[i-1])
		}
		r.drawn = i * r.every
	}
	for r.drawn < n {
		next := min(n, r.drawn/r.every*r.every+r.every)
		for i := r.drawn; i < next; i++ {
			p.add(r.cells, &s.marks[i])
		}
		r.drawn = next
		if next%r.every == 0 && next/r.every == len(r.kept)+1 {
			r.kept = append(r.kept, append([]plotCell(nil), r.cells...))
		}
	}
	return r.cells
}

// add puts a mark into the cells. What lies outside is not drawn.
func (p *plot) add(cells []plotCell, m *plotMark) {
	switch m.kind {
	case ackMark, windowMark:
		p.stair(cells, m.kind, p.column(m.since), p.column(m.at), p.line(m.from), p.line(m.to))
		return
	}
	x := p.column(m.at)
	top, bottom := max(p.line(m.to), 0), min(p.line(m.from), dotLines*p.h-1)
	if m.kind == segmentMark {
		bit := x % dotColumns
		for y := top; y <= bottom; y++ {
			c := &cells[y/dotLines*p.w+x/dotColumns]
			c.kinds |= 1 << segmentMark
			c.dots |= brailleDots[y%dotLines][bit]
		}
		return
	}
	for y := top / dotLines; y*dotLines <= bottom; y++ {
		cells[y*p.w+x/dotColumns].kinds |= 1 << m.kind
	}
}

// stair puts a step of a staircase into the cells: along the line at y0 from x0 to
// x1, then up or down to the line at y1. All are dots.
func (p *plot) stair(cells []plotCell, kind markKind, x0, x1, y0, y1 int) {
	x0, x1 = x0/dotColumns, x1/dotColumns
	line := func(y int) int { // of cells; -1 above the picture, p.h below it
		if y < 0 {
			return -1
		}
		return min(y/dotLines, p.h)
	}
	y0, y1 = line(y0), line(y1)
	set := func(x, y int, lines uint8) {
		if y >= 0 && y < p.h {
			c := &cells[y*p.w+x]
			c.kinds |= 1 << kind
			if kind == ackMark {
				c.lines |= lines
			}
		}
	}
	if x0 == x1 && y0 == y1 {
		set(x0, y0, 0)
		return
	}
	for x := x0; x < x1; x++ {
		set(x, y0, rightward)
		set(x+1, y0, leftward)
	}
	for y := y0; y > y1; y-- {
		set(x1, y, upward)
		set(x1, y-1, downward)
	}
	for y := y0; y < y1; y++ {
		set(x1, y, downward)
		set(x1, y+1, upward)
	}
}
