package ui

import (
	"github.com/gdamore/tcell/v2"

	"tcpviz/fsm"
	"tcpviz/internal/story"
)

// diagram is the state diagram panel: the drawings, ready to be drawn.
type diagram struct {
	figures []figure
	strokes [][][]stroke // by figure and edge
}

func newDiagram() *diagram {
	d := &diagram{figures: figures()}
	for i := range d.figures {
		f := &d.figures[i]
		var edges [][]stroke
		for j := range f.edges {
			edges = append(edges, f.strokes(&f.edges[j]))
		}
		d.strokes = append(d.strokes, edges)
	}
	return d
}

// fitting gives the largest figure that fits, -1 when none does.
func (d *diagram) fitting(w, h int) int {
	for i, f := range d.figures {
		if f.w <= w && f.h <= h {
			return i
		}
	}
	return -1
}

// lit is the newest change of a state: the edge that was taken last.
type lit struct {
	fsm.Transition
	listener bool // a listening socket's
	drawn    bool // it is an arrow of the figure, taken for the arrow's reason
	ok       bool // there is one
}

func (m moment) lit() lit {
	step := m.stepAt(int(m.mark().last))
	if step == nil {
		return lit{}
	}
	l := lit{listener: step.Listener}
	for _, change := range step.Transitions {
		if change.Changed() {
			l.Transition, l.ok = change, true
		}
	}
	l.drawn = l.ok && onArrow(step, l.Transition)
	return l
}

// onArrow reports whether a change happened for the reason that stands on the
// figure's arrow. Other reasons lead to CLOSED as well (a RST, a time limit), and
// for those the figure has no arrow.
func onArrow(step *story.Step, change fsm.Transition) bool {
	reset := step.Frame != nil && step.Frame.Segment.Flags.Has(fsm.RST)
	switch {
	case change.From == fsm.SynReceived && change.To == fsm.Listen:
		return reset
	case change.To != fsm.Closed:
		return true
	case change.From == fsm.TimeWait:
		return step.Kind == story.TimerExpired
	case change.From == fsm.LastAck:
		return step.Frame != nil && !reset
	}
	return step.Call != nil && step.Call.Op == "close"
}

// draw draws the panel's content: the figure and, below it, the last change in words.
func (d *diagram) draw(c canvas, m moment, t *theme) {
	i, x, y := d.place(c.w, c.h)
	if i < 0 {
		d.drawStates(c, m, t)
		return
	}
	f := &d.figures[i]
	d.drawFigure(c.sub(x, y, f.w, f.h), i, m, t)
	if c.h > f.h {
		d.drawChange(c.sub(1, c.h-1, c.w-2, 1), m, t)
	}
}

// drawFigure draws figure i, the edge that was taken last on top.
func (d *diagram) drawFigure(c canvas, i int, m moment, t *theme) {
	f, mark := &d.figures[i], m.mark()
	newest := m.lit()
	for n := range f.nodes {
		d.drawNode(c, &f.nodes[n], m, mark, t)
	}
	for _, taken := range []bool{false, true} {
		for e := range f.edges {
			edge := &f.edges[e]
			if taken != (newest.drawn && edge.from == newest.From && edge.to == newest.To) {
				continue
			}
			line, label := t.line, t.dim
			if taken {
				line, label = t.side(newest.Side), t.side(newest.Side)
			}
			for _, s := range d.strokes[i][e] {
				c.set(s.x, s.y, t.rune(s, taken), line)
			}
			drawLabel(c, edge, m.lang.Text(edge.label), label, t)
		}
	}
}

// drawLabel writes what an edge means; inside a line it leaves a space at both ends.
func drawLabel(c canvas, e *edge, text string, style tcell.Style, t *theme) {
	x, w := e.at.x, textWidth(text)
	for i := 1; i < len(e.path); i++ {
		a, b := e.path[i-1], e.path[i]
		if a.y == b.y && a.y == e.at.y && min(a.x, b.x) < e.at.x && e.at.x < max(a.x, b.x) {
			x += (len(e.label) - w) / 2 // in the middle of where the English label stands
			c.set(x-1, e.at.y, ' ', t.base)
			c.set(x+w, e.at.y, ' ', t.base)
		}
	}
	c.text(x, e.at.y, text, style)
}

// standing tells whether the side stands on this box now, and whether it passed it.
func (m moment) standing(n *node, side fsm.Side, mark mark) (now, passed bool) {
	states := m.states()
	if m.at < 0 {
		return false, false
	}
	if n.state != fsm.Closed {
		return states[side] == n.state, mark.visited[side].has(n.state)
	}
	// CLOSED is drawn twice: as the beginning, and as the end that LAST-ACK and
	// TIME-WAIT lead to.
	change, changed := m.changeOf(side)
	atEnd := changed && change.To == fsm.Closed && (change.From == fsm.LastAck || change.From == fsm.TimeWait)
	if n.again {
		return states[side] == fsm.Closed && atEnd, false
	}
	return states[side] == fsm.Closed && !atEnd, mark.visited[side].has(fsm.Closed)
}

// drawNode draws a state with the tokens of the sides that stand on it: the
// client's at the left, the server's at the right.
func (d *diagram) drawNode(c canvas, n *node, m moment, mark mark, t *theme) {
	var now, passed [2]bool
	for _, side := range []fsm.Side{fsm.Client, fsm.Server} {
		now[side], passed[side] = m.standing(n, side, mark)
	}
	frame, name := t.line, t.dim
	switch {
	case now[fsm.Client] && now[fsm.Server]:
		frame, name = t.accent, t.accent
	case now[fsm.Client]:
		frame, name = t.client, t.client
	case now[fsm.Server]:
		frame, name = t.server, t.server
	case passed[fsm.Client] || passed[fsm.Server]:
		frame, name = t.base, t.base
	}
	here := now[fsm.Client] || now[fsm.Server]
	y := n.y + (n.h-1)/2
	if n.h == 1 {
		c.set(n.x, y, t.pillLeft, frame)
		c.set(n.x+n.w-1, y, t.pillRight, frame)
		if here {
			name = name.Reverse(true)
			c.fill(n.x+1, y, n.w-2, ' ', name)
		}
	} else {
		d.drawFrame(c, n, here, frame, t)
	}
	label := n.state.String()
	c.text(n.x+(n.w-len(label))/2, y, label, name)
	for _, side := range []fsm.Side{fsm.Client, fsm.Server} {
		x := n.x + 1
		if side == fsm.Server {
			x = n.x + n.w - 2
		}
		style := t.side(side)
		switch {
		case now[side]:
			if n.h == 1 {
				style = name
			}
			c.set(x, y, t.token(side), style)
			if row, _ := m.row(); row.Basis[side] == fsm.Assumed {
				c.set(x+1-2*int(side), y, '?', style) // towards the name
			}
		case side == fsm.Server && n.state == fsm.Listen && mark.listening:
			c.set(x, y, t.listening, style)
		case passed[side]:
			c.set(x, y, t.visited, style)
		}
	}
}

// drawFrame draws the box of a state, in heavy lines when a token is in it.
func (d *diagram) drawFrame(c canvas, n *node, heavy bool, style tcell.Style, t *theme) {
	horizontal, vertical := t.horizontal, t.vertical
	corners := [4]rune{t.topLeft, t.topRight, t.bottomLeft, t.bottomRight}
	if heavy {
		horizontal, vertical, corners = t.heavyHorizontal, t.heavyVertical, t.heavyCorner
	}
	right, bottom := n.x+n.w-1, n.y+n.h-1
	c.fill(n.x+1, n.y, n.w-2, horizontal, style)
	c.fill(n.x+1, bottom, n.w-2, horizontal, style)
	for y := n.y + 1; y < bottom; y++ {
		c.set(n.x, y, vertical, style)
		c.set(right, y, vertical, style)
	}
	c.set(n.x, n.y, corners[0], style)
	c.set(right, n.y, corners[1], style)
	c.set(n.x, bottom, corners[2], style)
	c.set(right, bottom, corners[3], style)
}

// drawChange writes the last change of a state in words; it may have no line in the figure.
func (d *diagram) drawChange(c canvas, m moment, t *theme) {
	change, l := m.lit(), m.lang
	if !change.ok {
		c.text(0, 0, l.Text("no state has changed yet"), t.dim)
		return
	}
	style := t.side(change.Side)
	x := 0
	if change.listener {
		c.set(x, 0, t.listening, style)
		x = c.text(x+2, 0, l.Text("listening socket"), style)
	} else {
		c.set(x, 0, t.token(change.Side), style)
		x = c.text(x+2, 0, sideName(l, change.Side), style)
	}
	x = c.text(x+2, 0, change.From.String(), t.base)
	c.set(x+1, 0, t.becomes, t.base)
	x = c.text(x+3, 0, change.To.String(), t.bold)
	if change.Basis != fsm.Observed {
		x = c.text(x+2, 0, l.Text(change.Basis.String()), t.dim)
	}
	switch label := d.label(change); {
	case label != "":
		c.text(x+2, 0, l.Text(label), t.dim)
	case change.Rule != nil:
		name := l.Say("not in the RFC's figure: rule %s", change.Rule.ID)
		c.text(x+2, 0, cutTo(name, c.w-x-2, t.ellipsis), t.dim)
	}
}

// label gives what stands on the arrow of a change, "" when it has none.
func (d *diagram) label(change lit) string {
	if !change.drawn {
		return ""
	}
	for i := range d.figures[0].edges {
		if e := &d.figures[0].edges[i]; e.from == change.From && e.to == change.To {
			return e.label
		}
	}
	return ""
}

// drawStates is what is left of the diagram where no figure fits: the two states.
func (d *diagram) drawStates(c canvas, m moment, t *theme) {
	row, ok := m.row()
	if !ok {
		row = story.Row{}
	}
	for _, side := range []fsm.Side{fsm.Client, fsm.Server} {
		y := int(side)
		c.set(1, y, t.token(side), t.side(side))
		c.text(3, y, sideName(m.lang, side), t.side(side))
		c.text(11, y, row.State[side].String(), t.bold)
	}
	d.drawChange(c.sub(1, 2, c.w-2, 1), m, t)
}
