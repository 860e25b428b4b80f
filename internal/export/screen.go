package export

// Screen is a screen of a terminal, as a value.
type Screen struct {
	Width, Height int
	Cells         []Cell // row by row
}

// Cell is one cell of a screen. The second cell of a wide character has no text; all
// others have one, which may be a space.
type Cell struct {
	Text string
	Look Look
}

// Look is how a cell looks. The zero value is the terminal's own.
type Look struct {
	Foreground, Background                Colour
	Bold, Dim, Reverse, Italic, Underline bool
}

// Colour is a colour of a cell: one of the 256 of a terminal where Palette is true, with
// what that looks like; the zero value is the terminal's own.
type Colour struct {
	Set     bool
	R, G, B uint8
	Palette bool
	Number  uint8
}

func (s Screen) row(y int) []Cell { return s.Cells[y*s.Width : (y+1)*s.Width] }
