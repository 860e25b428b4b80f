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
	ascii        bool   // the terminal shows nothing else
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
	blank := cell{r: ' '}
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
	if f.ascii && r > '~' {
		r, rest = inASCII(r), nil
	}
	c := cell{r: r, style: style}
	if len(rest) > 0 {
		c.rest = string(rest)
	}
	i := y*f.w + x
	f.cells[i] = c
	// Boxes, bars, tokens, Braille's dots: narrow, and many.
	drawing := r >= 0x2500 && r < 0x25fd || r >= 0x2800 && r < 0x2900
	if r >= 0x1100 && !drawing && x+1 < f.w && textWidth(string(r)) == 2 {
		f.cells[i+1] = cell{style: style}
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
