package ui

import "tcpviz/fsm"

// point is a cell of a drawing.
type point struct{ x, y int }

// node is the box of a state; one of height 1 is a pill without a frame.
type node struct {
	state      fsm.State
	x, y, w, h int
	// again marks the second box of a state: CLOSED at the end of the figure is
	// the CLOSED at its beginning.
	again bool
}

// edge is an arrow from state to state: its corners, the first of them on or at
// the box it leaves, the last one being the arrow's head.
type edge struct {
	from, to fsm.State
	label    string // what happens / what is sent
	at       point  // of the label
	path     []point
	// note marks an arrow that the RFC's figure leaves to a note below it.
	note bool
	// up marks an arrow whose head points up though its line comes from the side.
	up bool
}

// figure is a drawing of the state machine.
type figure struct {
	name  string
	w, h  int
	nodes []node
	edges []edge
}

// direction bits of a line in a cell.
const (
	upward = 1 << iota
	rightward
	downward
	leftward
)

// stroke is one cell of an edge.
type stroke struct {
	point
	lines int // directions in which the line leaves the cell; 0: an arrow's head
	head  int // the direction that the head points to
}

// strokes gives the cells of an edge. A cell on the frame of a box that it leaves
// keeps the frame's own line.
func (f *figure) strokes(e *edge) []stroke {
	var cells []stroke
	came := 0
	for i := 1; i < len(e.path); i++ {
		from, to := e.path[i-1], e.path[i]
		step, out, back := point{}, 0, 0
		switch {
		case to.x > from.x:
			step.x, out, back = 1, rightward, leftward
		case to.x < from.x:
			step.x, out, back = -1, leftward, rightward
		case to.y > from.y:
			step.y, out, back = 1, downward, upward
		default:
			step.y, out, back = -1, upward, downward
		}
		for p := from; p != to; p.x, p.y = p.x+step.x, p.y+step.y {
			lines := came | out
			if came == 0 {
				lines |= f.frameAt(p) | f.beside(p, e.from)
			}
			cells = append(cells, stroke{point: p, lines: lines})
			came = back
		}
		if i == len(e.path)-1 {
			if e.up {
				out = upward
			}
			cells = append(cells, stroke{point: to, head: out})
		}
	}
	if len(e.path) == 1 { // the boxes are one row apart
		cells = append(cells, stroke{point: e.path[0], head: f.beside(e.path[0], e.to)})
	}
	return cells
}

// beside gives the direction from a cell outside all boxes to the box of the
// state that touches it, 0 when none does.
func (f *figure) beside(p point, state fsm.State) int {
	for _, n := range f.nodes {
		if n.state != state {
			continue
		}
		inX, inY := p.x >= n.x && p.x < n.x+n.w, p.y >= n.y && p.y < n.y+n.h
		switch {
		case inX && p.y == n.y+n.h:
			return upward
		case inX && p.y == n.y-1:
			return downward
		case inY && p.x == n.x-1:
			return rightward
		case inY && p.x == n.x+n.w:
			return leftward
		}
	}
	return 0
}

// frameAt gives the lines of a box's frame in a cell.
func (f *figure) frameAt(p point) int {
	for _, n := range f.nodes {
		if n.h == 1 || p.x < n.x || p.x >= n.x+n.w || p.y < n.y || p.y >= n.y+n.h {
			continue
		}
		if p.y == n.y || p.y == n.y+n.h-1 {
			return leftward | rightward
		}
		return upward | downward
	}
	return 0
}

// rune gives the glyph of a stroke, lit ones in heavy lines.
func (g *glyphs) rune(s stroke, lit bool) rune {
	switch s.head {
	case upward:
		return g.arrowUp
	case downward:
		return g.arrowDown
	case leftward:
		return g.arrowLeft
	case rightward:
		return g.arrowRight
	}
	switch s.lines {
	case upward | downward:
		if lit {
			return g.heavyVertical
		}
		return g.vertical
	case leftward | rightward:
		if lit {
			return g.heavyHorizontal
		}
		return g.horizontal
	case rightward | downward:
		return g.corner(g.topLeft, g.heavyCorner[0], lit)
	case leftward | downward:
		return g.corner(g.topRight, g.heavyCorner[1], lit)
	case upward | rightward:
		return g.corner(g.bottomLeft, g.heavyCorner[2], lit)
	case upward | leftward:
		return g.corner(g.bottomRight, g.heavyCorner[3], lit)
	case upward | downward | rightward:
		return g.teeRight
	case upward | downward | leftward:
		return g.teeLeft
	case leftward | rightward | downward:
		return g.teeDown
	case leftward | rightward | upward:
		return g.teeUp
	}
	return g.cross
}

func (g *glyphs) corner(thin, heavy rune, lit bool) rune {
	if lit {
		return heavy
	}
	return thin
}
