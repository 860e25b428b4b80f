package screens

import (
	"testing"

	"github.com/rivo/uniseg"

	"tcpviz/ui"
)

// firstWide is the first character of those that may be wide and are no drawing: what
// comes before it takes one cell.
const firstWide = "\u2e80"

// check holds what every screen must hold: the cells of each row add up to exactly the
// screen's width, and no wide character is cut in half or covered.
func check(t *testing.T, name string, s ui.Screen) {
	t.Helper()
	for y := range s.Height {
		row := s.Row(y)
		for x := 0; x < len(row); {
			width := 1
			if text := row[x].Text; text == "" {
				t.Errorf("%s: line %d: the second half of a wide character stands alone in column %d: %q", name, y+1, x+1, s.Text(y))
			} else if text >= firstWide {
				width = max(uniseg.StringWidth(text), 1)
			}
			if x+width > len(row) {
				t.Errorf("%s: line %d: %q is cut in half by the screen's edge", name, y+1, row[x].Text)
				break
			}
			for i := 1; i < width; i++ {
				if row[x+i].Text != "" {
					t.Errorf("%s: line %d: %q is covered by %q: %q", name, y+1, row[x].Text, row[x+i].Text, s.Text(y))
				}
			}
			x += width
		}
	}
}
