package main

import (
	"iter"
	"slices"
	"time"

	"tcpviz/internal/export"
	"tcpviz/ui"
)

// screenOf gives a screen of the dashboard as the export knows one, in the cells that
// are given where they are enough.
func screenOf(s ui.Screen, cells []export.Cell) export.Screen {
	out := export.Screen{Width: s.Width, Height: s.Height, Cells: slices.Grow(cells[:0], len(s.Cells))[:len(s.Cells)]}
	var style ui.Style
	var look export.Look // of that style: cells side by side look alike, as a rule
	for i, c := range s.Cells {
		if c.Style != style {
			style, look = c.Style, lookOf(c.Style)
		}
		if now := (export.Cell{Text: c.Text, Look: look}); out.Cells[i] != now { // most stay as they are
			out.Cells[i] = now
		}
	}
	return out
}

func lookOf(s ui.Style) export.Look {
	return export.Look{
		Foreground: colourOf(s.Foreground), Background: colourOf(s.Background),
		Bold: s.Bold, Dim: s.Dim, Reverse: s.Reverse, Italic: s.Italic, Underline: s.Underline,
	}
}

func colourOf(c ui.Colour) export.Colour {
	r, g, b, ok := c.RGB()
	n, palette := c.Palette()
	if !ok && !palette {
		return export.Colour{}
	}
	return export.Colour{Set: true, R: r, G: g, B: b, Palette: palette, Number: uint8(n)}
}

// shots plays a film at its own pace: each step as long as the dashboard shows it, and a
// segment in some pictures a second while it glides. A screen is good until the next
// but one is asked for.
func shots(f *ui.Film) iter.Seq[export.Shot] {
	const (
		frame = 240 * time.Millisecond
		rest  = 3 * time.Second // on the last screen
	)
	return func(yield func(export.Shot) bool) {
		var cells [2][]export.Cell
		shot := func(at time.Duration, s ui.Screen) bool {
			screen := screenOf(s, cells[0])
			cells[0], cells[1] = cells[1], screen.Cells
			return yield(export.Shot{At: at, Screen: screen})
		}
		at := time.Duration(0)
		for step := range f.Steps() + 1 {
			shown, glides := f.Pace(step)
			for passed := time.Duration(0); passed < glides; passed += frame {
				if !shot(at+passed, f.During(step, passed)) {
					return
				}
			}
			if !shot(at+glides, f.At(step)) {
				return
			}
			at += max(shown, glides)
		}
		shot(at+rest, f.At(f.Steps()))
	}
}
