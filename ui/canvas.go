package ui

import (
	"github.com/gdamore/tcell/v2"
	"github.com/rivo/uniseg"
)

// canvas is a rectangle of the screen; what is drawn outside it is cut off.
// Coordinates are relative to its upper left corner.
type canvas struct {
	screen     tcell.Screen
	x, y, w, h int
}

// sub gives the part of the canvas at x, y of size w, h, cut to what there is.
func (c canvas) sub(x, y, w, h int) canvas {
	x0, y0 := max(x, 0), max(y, 0)
	x1, y1 := min(x+w, c.w), min(y+h, c.h)
	return canvas{c.screen, c.x + x0, c.y + y0, max(x1-x0, 0), max(y1-y0, 0)}
}

// set draws one narrow rune.
func (c canvas) set(x, y int, r rune, style tcell.Style) {
	if x >= 0 && x < c.w && y >= 0 && y < c.h {
		c.screen.SetContent(c.x+x, c.y+y, r, nil, style)
	}
}

// text draws s from x on and gives the column after it. Text that does not fit
// is cut at the canvas's edge. Control characters are not drawn.
func (c canvas) text(x, y int, s string, style tcell.Style) int {
	if y < 0 || y >= c.h {
		return x + textWidth(s)
	}
	state := -1
	for s != "" {
		// Most text is ASCII: a byte is a character unless a combining mark
		// follows, and those begin with 0xCC at the least.
		if b := s[0]; b >= ' ' && b < 0x7f && (len(s) == 1 || s[1] < 0xcc) {
			c.set(x, y, rune(b), style)
			x, s, state = x+1, s[1:], -1
			continue
		}
		var cluster string
		var width int
		cluster, s, width, state = uniseg.FirstGraphemeClusterInString(s, state)
		first, rest := rune(-1), []rune(nil)
		for _, r := range cluster {
			if first < 0 {
				first = r
			} else if !control(r) {
				rest = append(rest, r)
			}
		}
		if control(first) || width == 0 {
			continue
		}
		if x >= 0 && x+width <= c.w {
			c.screen.SetContent(c.x+x, c.y+y, first, rest, style)
		}
		x += width
	}
	return x
}

// fill draws the rune n times from x on.
func (c canvas) fill(x, y, n int, r rune, style tcell.Style) {
	for i := range n {
		c.set(x+i, y, r, style)
	}
}

// clear draws spaces everywhere.
func (c canvas) clear(style tcell.Style) {
	for y := range c.h {
		c.fill(0, y, c.w, ' ', style)
	}
}

// control reports whether r is a control character, which a terminal might obey,
// or one that turns the direction of what follows.
func control(r rune) bool {
	return r < ' ' || r >= 0x7f && r < 0xa0 || r == 0x200e || r == 0x200f ||
		r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

// textWidth is the number of columns that text takes.
func textWidth(s string) int {
	n, state := 0, -1
	for s != "" {
		if b := s[0]; b >= ' ' && b < 0x7f && (len(s) == 1 || s[1] < 0xcc) {
			n, s, state = n+1, s[1:], -1
			continue
		}
		var cluster string
		var width int
		cluster, s, width, state = uniseg.FirstGraphemeClusterInString(s, state)
		for _, r := range cluster {
			if !control(r) {
				n += width
			}
			break
		}
	}
	return n
}

// prefix is the longest beginning of s that takes no more than n columns.
func prefix(s string, n int) string {
	rest, state, used := s, -1, 0
	for rest != "" {
		var width int
		before := rest
		_, rest, width, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if used+width > n {
			return s[:len(s)-len(before)]
		}
		used += width
	}
	return s
}

// suffix is the longest end of s that takes no more than n columns.
func suffix(s string, n int) string {
	rest, state, over := s, -1, textWidth(s)-n
	for rest != "" && over > 0 {
		var width int
		_, rest, width, state = uniseg.FirstGraphemeClusterInString(rest, state)
		over -= width
	}
	return rest
}
