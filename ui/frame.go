package ui

import "github.com/gdamore/tcell/v2"

// frame is what is to be on the screen, drawn beside it: only the cells that
// differ from the frame before are given to the terminal. (A tcell screen that is
// cleared and drawn again counts every cell as changed.)
//
// It stands in for a tcell.Screen in a canvas; only SetContent may be used.
type frame struct {
	tcell.Screen // nil: everything but SetContent is the real screen's
	w, h         int
	cells, shown []cell // being drawn; on the screen now
	fresh        bool   // nothing of shown is on the screen yet
	ascii        bool   // lines and marks are ASCII, and where letters is not set all else too
	letters      bool   // the terminal shows the letters of every language
	wide         bool   // there is a wide character among what was drawn
	blank        tcell.Style
}

// cell is one cell of a frame. The cell after a wide rune has rune 0.
type cell struct {
	r     rune
	rest  string // combining characters
	style tcell.Style
}

// begin empties the frame and fits it to the size.
func (f *frame) begin(w, h int) canvas {
	if w != f.w || h != f.h {
		f.w, f.h, f.fresh = w, h, true
		f.cells, f.shown = make([]cell, w*h), make([]cell, w*h)
	}
	f.wide = false
	blank := cell{r: ' ', style: f.blank}
	for i := range f.cells {
		f.cells[i] = blank
	}
	return canvas{f, 0, 0, w, h}
}

// SetContent draws one character.
func (f *frame) SetContent(x, y int, r rune, rest []rune, style tcell.Style) {
	if x < 0 || y < 0 || x >= f.w || y >= f.h {
		return
	}
	if f.ascii && r > '~' && !(f.letters && written(r)) {
		r, rest = inASCII(r), nil
	}
	c := cell{r: r, style: style}
	if len(rest) > 0 {
		c.rest = string(rest)
	}
	i := y*f.w + x
	if f.wide {
		f.uncover(i)
	}
	f.cells[i] = c
	// Boxes, bars, tokens, Braille's dots: narrow, and many.
	drawing := r >= 0x2500 && r < 0x25fd || r >= 0x2800 && r < 0x2900
	if r >= 0x1100 && !drawing && textWidth(string(r)) == 2 {
		if x+1 == f.w { // no half of it stands at the edge
			f.cells[i] = cell{r: ' ', style: style}
			return
		}
		f.uncover(i + 1)
		f.cells[i+1], f.wide = cell{style: style}, true
	}
}

// uncover makes room for something else in a cell: of a wide character that stands in
// it the other half goes too.
func (f *frame) uncover(i int) {
	if f.cells[i].r == 0 {
		f.cells[i-1].r, f.cells[i-1].rest = ' ', ""
	} else if i+1 < len(f.cells) && f.cells[i+1].r == 0 {
		f.cells[i+1].r = ' '
	}
}

// show gives the changed cells to the screen and reports whether there were any.
func (f *frame) show(screen tcell.Screen) bool {
	changed := false
	for i, c := range f.cells {
		if c == f.shown[i] && !f.fresh {
			continue
		}
		changed = true
		if c.r != 0 {
			screen.Put(i%f.w, i/f.w, string(c.r)+c.rest, c.style)
		}
	}
	f.cells, f.shown, f.fresh = f.shown, f.cells, false
	return changed
}

// inASCII gives the ASCII character that stands for a character best.
func inASCII(r rune) rune {
	switch r {
	case '→', '▶':
		return '>'
	case '←', '◀':
		return '<'
	case '↑', '▲':
		return '^'
	case '↓', '▼':
		return 'v'
	case '×':
		return 'x'
	case '…':
		return '~'
	case 'µ':
		return 'u'
	case '§':
		return 'S'
	case '’':
		return '\''
	case '“', '”':
		return '"'
	case '–', '—':
		return '-'
	}
	return '?'
}
