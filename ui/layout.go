package ui

// The smallest screen on which something sensible can be drawn.
const (
	minWidth  = 60
	minHeight = 18
)

// panel is a part of the screen.
type panel int

// The panels.
const (
	titlePanel panel = iota
	ladderPanel
	diagramPanel
	explainPanel
	headerPanel
	stackPanel
	codePanel
	sequencePanel
	footerPanel
	panelCount
	noPanel panel = -1
)

// rect is a rectangle of the screen in cells; one without width or height is not shown.
type rect struct{ x, y, w, h int }

func (r rect) shown() bool { return r.w > 0 && r.h > 0 }

func (r rect) has(x, y int) bool {
	return x >= r.x && x < r.x+r.w && y >= r.y && y < r.y+r.h
}

// layout says where each panel is. Every panel but the title, the ladder and the
// footer begins with a line that bears its name.
type layout struct {
	rects    [panelCount]rect
	tooSmall bool
	// large tells that all panels are on the screen, so that none opens but those that
	// take the place of another: the time-sequence picture, the stack, the source.
	large bool
}

// newLayout lays out a screen of w times h cells. The panel that is open takes the
// lower part of a screen that has no room for it otherwise; noPanel: none is open.
//
//	small (80x24)         wide (120x40)          rich (200x60)
//	title                 title                  title
//	ladder                ladder                 ladder | diagram
//	why, or the open      diagram | explain             | explain
//	panel                         | header              | header
//	footer                footer                 footer
//
// A small screen that is tall has the diagram above the why.
func newLayout(w, h int, open panel) layout {
	var l layout
	if w < minWidth || h < minHeight {
		l.tooSmall = true
		return l
	}
	l.rects[titlePanel] = rect{0, 0, w, 1}
	l.rects[footerPanel] = rect{0, h - 1, w, 1}
	body := rect{0, 1, w, h - 2}
	switch {
	case w >= 170 && h >= 50:
		l.large = true
		l.rich(body)
		if open == sequencePanel {
			l.rects[sequencePanel], l.rects[diagramPanel] = l.rects[diagramPanel], rect{}
		}
		if open == stackPanel {
			l.stack()
		}
		if open == codePanel {
			l.rects[codePanel], l.rects[diagramPanel] = l.rects[diagramPanel], rect{}
		}
	case w >= 116 && h >= 36:
		l.wide(body, open)
	default:
		l.small(body, open)
	}
	return l
}

// rich puts the ladder at the left in full height, so that a whole lesson is seen at once.
func (l *layout) rich(b rect) {
	side := min(max(b.w*44/100, 84), 92)
	header := min(19, b.h*35/100) // the whole header with its bits needs 18 lines
	explain := max(min((b.h-header)/4, 14), 8)
	diagram := b.h - header - explain // the large figure needs 29
	x := b.x + b.w - side
	l.rects[ladderPanel] = rect{b.x, b.y, b.w - side - 1, b.h}
	l.rects[diagramPanel] = rect{x, b.y, side, diagram}
	l.rects[explainPanel] = rect{x, b.y + diagram, side, explain}
	l.rects[headerPanel] = rect{x, b.y + diagram + explain, side, header}
}

// stack gives the stack the place of the diagram and of the header.
func (l *layout) stack() {
	diagram, explain, header := &l.rects[diagramPanel], &l.rects[explainPanel], &l.rects[headerPanel]
	const enough = 41 // for three clients' sockets
	h := min(diagram.h+header.h, enough)
	l.rects[stackPanel] = rect{diagram.x, diagram.y, diagram.w, h}
	explain.h += diagram.h + header.h - h
	explain.y = diagram.y + h
	*diagram, *header = rect{}, rect{}
}

// wide puts everything below the ladder, side by side.
func (l *layout) wide(b rect, open panel) {
	lower := min(max(b.h*52/100, 20), 24)
	if open != noPanel {
		if open == diagramPanel { // the ladder makes room for the large figure
			lower = max(lower, min(b.h-6, 32))
		}
		if open == sequencePanel {
			lower = max(lower, b.h*2/3)
		}
		if open == stackPanel {
			lower = max(lower, min(b.h-12, 26))
		}
		l.rects[ladderPanel] = rect{b.x, b.y, b.w, b.h - lower}
		l.rects[open] = rect{b.x, b.y + b.h - lower, b.w, lower}
		return
	}
	y := b.y + b.h - lower
	l.rects[ladderPanel] = rect{b.x, b.y, b.w, b.h - lower}
	l.rects[diagramPanel] = rect{b.x, y, 62, lower}
	x, rest := b.x+63, b.w-63
	if rest >= 120 { // room for three side by side
		header := 69
		if rest >= 136 { // with the bytes beside the words
			header = 81
		}
		l.rects[explainPanel] = rect{x, y, rest - header - 1, lower}
		l.rects[headerPanel] = rect{x + rest - header, y, header, lower}
		return
	}
	explain := lower * 11 / 20
	l.rects[explainPanel] = rect{x, y, rest, explain}
	l.rects[headerPanel] = rect{x, y + explain, rest, lower - explain}
}

// small gives the ladder what there is, and the reason of things a few lines.
func (l *layout) small(b rect, open panel) {
	lower := 4
	switch {
	case open == diagramPanel && b.w < 78: // the figure that is less wide is taller
		lower = min(19, b.h-5)
	case open == diagramPanel:
		lower = min(diagramHeight, b.h-5)
	case open == sequencePanel:
		lower = min(max(16, b.h*2/3), b.h-5)
	case open == stackPanel:
		lower = min(max(17, b.h/2), b.h-5)
	case open == codePanel:
		lower = min(max(14, b.h*3/5), b.h-5)
	case open == headerPanel:
		lower = min(13, b.h-5)
	case open == explainPanel:
		lower = min(max(b.h/2, 11), b.h-5)
	case b.h >= 30:
		lower = 6
	}
	if open == noPanel && b.h >= 42 && b.w >= 78 {
		l.rects[diagramPanel] = rect{b.x, b.y + b.h - lower - diagramHeight, b.w, diagramHeight}
		l.rects[ladderPanel] = rect{b.x, b.y, b.w, b.h - lower - diagramHeight}
		l.rects[explainPanel] = rect{b.x, b.y + b.h - lower, b.w, lower}
		return
	}
	if open == noPanel {
		open = explainPanel
	}
	l.rects[ladderPanel] = rect{b.x, b.y, b.w, b.h - lower}
	l.rects[open] = rect{b.x, b.y + b.h - lower, b.w, lower}
}

// diagramHeight is what the small figure takes with its heading and the line below it.
const diagramHeight = 15
