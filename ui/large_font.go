package ui

import (
	"strings"

	"github.com/gdamore/tcell/v2"
)

// fontHeight is the height of the letters, in dots.
const fontHeight = 5

// font has the letters of which the names of states and segments are made; a dot that is
// set is a '#'. A letter is as wide as it needs to be.
func font(r rune) (rows [fontHeight]string, ok bool) {
	drawn, ok := map[rune]string{
		'A': ".##. #..# #### #..# #..#",
		'B': "###. #..# ###. #..# ###.",
		'C': ".### #... #... #... .###",
		'D': "###. #..# #..# #..# ###.",
		'E': "### #.. ##. #.. ###",
		'F': "### #.. ##. #.. #..",
		'G': ".### #... #.## #..# .###",
		'H': "#..# #..# #### #..# #..#",
		'I': "# # # # #",
		'J': "..# ..# ..# #.# .#.",
		'K': "#..# #.#. ##.. #.#. #..#",
		'L': "#.. #.. #.. #.. ###",
		'M': "#...# ##.## #.#.# #...# #...#",
		'N': "#..# ##.# #.## #..# #..#",
		'O': ".##. #..# #..# #..# .##.",
		'P': "###. #..# ###. #... #...",
		'Q': ".##. #..# #..# #.#. .#.#",
		'R': "###. #..# ###. #.#. #..#",
		'S': ".### #... .##. ...# ###.",
		'T': "### .#. .#. .#. .#.",
		'U': "#..# #..# #..# #..# .##.",
		'V': "#...# #...# .#.#. .#.#. ..#..",
		'W': "#...# #...# #.#.# ##.## #...#",
		'X': "#..# #..# .##. #..# #..#",
		'Y': "#.# #.# .#. .#. .#.",
		'Z': "#### ..#. .#.. #... ####",
		'0': ".##. #..# #..# #..# .##.",
		'1': ".# ## .# .# .#",
		'2': "###. ...# .##. #... ####",
		'3': "###. ...# .##. ...# ###.",
		'4': "#..# #..# #### ...# ...#",
		'5': "#### #... ###. ...# ###.",
		'6': ".##. #... ###. #..# .##.",
		'7': "#### ...# ..#. .#.. .#..",
		'8': ".##. #..# .##. #..# .##.",
		'9': ".##. #..# .### ...# .##.",
		'-': "... ... ### ... ...",
		'+': "... .#. ### .#. ...",
		'?': "##. ..# .#. ... .#.",
		'(': ".# #. #. #. .#",
		')': "#. .# .# .# #.",
		' ': ".. .. .. .. ..",
	}[r]
	copy(rows[:], strings.Fields(drawn))
	return rows, ok
}

// lettering is a text in block letters. A dot is one cell wide and half a cell high, or,
// twice as large, two cells wide and one high: in both it is about square.
type lettering struct {
	rows   [fontHeight]string
	double bool
}

// between stands in the rows of a lettering for a column between two letters: as the only
// one it is no wider when all else is twice as large.
const between = ','

// letteringOf writes the text; false where a letter of it is lacking.
func letteringOf(text string, double bool) (lettering, bool) {
	b := lettering{double: double}
	for i, r := range text {
		rows, ok := font(r)
		if !ok {
			return b, false
		}
		for y := range b.rows {
			if i > 0 {
				b.rows[y] += string(between)
			}
			b.rows[y] += rows[y]
		}
	}
	return b, text != ""
}

// size is how many columns and lines the lettering takes.
func (b lettering) size() (w, h int) {
	for i := range len(b.rows[0]) {
		w += b.width(i)
	}
	if b.double {
		return w, fontHeight
	}
	return w, (fontHeight + 1) / 2
}

// width is how many columns a column of dots takes.
func (b lettering) width(i int) int {
	if b.double && b.rows[0][i] != between {
		return 2
	}
	return 1
}

// dot tells whether a dot is set; outside of the letters none is.
func (b lettering) dot(x, y int) bool { return y < fontHeight && b.rows[y][x] == '#' }

// draw draws the lettering.
func (b lettering) draw(c canvas, x, y int, style tcell.Style) {
	for i := range len(b.rows[0]) {
		at := x
		x += b.width(i)
		if b.double {
			for j := range fontHeight {
				if b.dot(i, j) {
					c.fill(at, y+j, 2, '█', style)
				}
			}
			continue
		}
		for j := range (fontHeight + 1) / 2 {
			switch top, bottom := b.dot(i, 2*j), b.dot(i, 2*j+1); {
			case top && bottom:
				c.set(at, y+j, '█', style)
			case top:
				c.set(at, y+j, '▀', style)
			case bottom:
				c.set(at, y+j, '▄', style)
			}
		}
	}
}

// spaced writes a text with room between its letters: "S Y N".
func spaced(text string) string {
	return strings.Join(strings.Split(text, ""), " ")
}
