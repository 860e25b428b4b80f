package ui

import (
	"slices"

	"github.com/gdamore/tcell/v2"
)

// The themes. The first one leaves the terminal's own background and text alone.
const (
	terminalTheme     = "terminal"
	darkTheme         = "dark"
	lightTheme        = "light"
	highContrastTheme = "high-contrast"
)

// ThemeNames gives the names of the themes, in the order in which the key goes through them.
func ThemeNames() []string {
	return []string{terminalTheme, darkTheme, lightTheme, highContrastTheme}
}

// palette is the colours of a theme that paints its own background.
type palette struct {
	background, text, dim, client, server, accent, good, warn tcell.Color
}

// paletteOf gives the colours of a theme for a terminal of so many colours (1<<24 where
// it has all of them); false for the theme that paints no background.
//
// Where there are 256 colours or more they come from the palette of Okabe and Ito
// ("Color Universal Design", 2008), which all kinds of colour vision tell apart: the
// client is its sky blue or blue, the server its orange, what is lit and what is good its
// bluish green, a warning its reddish purple, each made lighter or darker until it
// can be read on the background. (WCAG 2.2 section 1.4.3 wants a contrast of 4.5,
// section 1.4.6 one of 7: a test computes them.)
//
// Terminals of 8 and of 16 colours have no such colours, and the nearest ones may be
// those of the background: they get colours of their own.
func paletteOf(theme string, colours int) (palette, bool) {
	switch {
	case colours >= 256:
		return fullPalette(theme)
	case colours >= 16:
		return smallPalette(theme, 15, 8)
	}
	return smallPalette(theme, 7, 0)
}

func fullPalette(theme string) (palette, bool) {
	hex := tcell.NewHexColor
	switch theme {
	case darkTheme:
		return palette{
			background: hex(0x101418), text: hex(0xe6e6e6), dim: hex(0x9a9fa6), client: hex(0x56b4e9), server: hex(0xe69f00),
			accent: hex(0x3cc79a), good: hex(0x3cc79a), warn: hex(0xcc79a7),
		}, true
	case lightTheme:
		return palette{
			background: hex(0xffffff), text: hex(0x1a1a1a), dim: hex(0x5c5f66), client: hex(0x005faf), server: hex(0x9a5b00),
			accent: hex(0x00664b), good: hex(0x00664b), warn: hex(0xa0185a),
		}, true
	case highContrastTheme:
		return palette{
			background: hex(0x000000), text: hex(0xffffff), dim: hex(0xd0d0d0), client: hex(0x6bc5ff), server: hex(0xffb52e),
			accent: hex(0x55ffbb), good: hex(0x55ffbb), warn: hex(0xffa6d6),
		}, true
	}
	return palette{}, false
}

// smallPalette gives colours out of the terminal's first 8 or 16: white is the number of its
// white, bright what lies between a colour and its bright one, 0 where there are none.
func smallPalette(theme string, white, bright int) (palette, bool) {
	index := tcell.PaletteColor
	const black, maroon, green, olive, navy, purple, teal, silver = 0, 1, 2, 3, 4, 5, 6, 7
	p := palette{background: index(black), text: index(white), dim: index(silver), warn: index(white)}
	switch {
	case theme == darkTheme || theme == highContrastTheme && bright > 0:
		p.client, p.server = index(teal+bright), index(olive+bright)
		p.accent, p.good = index(green+bright), index(green+bright)
		if bright > 0 && theme == darkTheme {
			p.warn = index(purple + bright)
		}
		return p, true
	case theme == highContrastTheme: // of 8 colours only white is bright enough
		p.client, p.server, p.accent, p.good = p.text, p.text, p.text, p.text
		return p, true
	case theme == lightTheme:
		p = palette{
			background: index(white), text: index(black), dim: index(black), client: index(navy), server: index(maroon),
			accent: index(purple), good: index(black), warn: index(purple),
		}
		if bright > 0 { // white is white, and not grey
			p.accent, p.good = index(teal), index(green)
		}
		return p, true
	}
	return palette{}, false
}

// themeOf gives a look by its name (an unknown one is the terminal's own) for a terminal
// of so many colours. Without colour there is no other than the terminal's.
func themeOf(name string, colours int, ascii, noColor bool) theme {
	t := newTheme(ascii, noColor || colours == 0)
	if noColor || colours == 0 {
		return t
	}
	p, painted := paletteOf(name, colours)
	if !painted {
		if colours < 256 {
			t.fewColours(colours)
		}
		return t
	}
	base := tcell.StyleDefault.Background(p.background).Foreground(p.text)
	t.base, t.bold, t.selected = base, base.Bold(true), base.Reverse(true)
	t.dim, t.line = base.Foreground(p.dim), base.Foreground(p.dim)
	t.client, t.server = base.Foreground(p.client).Bold(true), base.Foreground(p.server).Bold(true)
	t.accent, t.good = base.Foreground(p.accent).Bold(true), base.Foreground(p.good)
	t.warn, t.key = base.Foreground(p.warn).Bold(true), base.Foreground(p.accent)
	return t
}

// fewColours gives the terminal's own theme colours out of 8 or 16 that can be seen on
// black as well as on white; the nearest to those of 256 would be navy and maroon.
func (t *theme) fewColours(colours int) {
	index := func(n int) tcell.Style { return t.base.Foreground(tcell.PaletteColor(n)) }
	t.client, t.server = index(6).Bold(true), index(3).Bold(true)
	t.accent, t.good, t.key = index(2).Bold(true), index(2), index(2)
	t.dim, t.line, t.warn = t.base, t.base, t.base.Bold(true)
	if colours >= 16 {
		t.dim, t.line, t.warn = index(8), index(8), index(9).Bold(true)
	}
}

// nextTheme goes to the theme after the one that is shown, and remembers it.
func (d *dashboard) nextTheme() {
	names := ThemeNames()
	i := slices.Index(names, d.options.Preferences.Theme) // -1: as if it were the first
	next := names[(max(i, 0)+1)%len(names)]
	d.prefer(func(p *Preferences) { p.Theme = next })
	d.restyle()
	d.hint = d.options.Lang.Say("theme: %s", d.options.Lang.Text(next))
}

// restyle makes the look anew, and forgets the words that were made with the old one.
func (d *dashboard) restyle() {
	d.theme = themeOf(d.options.Preferences.Theme, d.colours, d.options.ASCII, d.options.NoColor)
	d.explainer = explainer{}
}

// cannotColour says why there is no other theme.
func cannotColour(d *dashboard) string {
	return unless(!d.options.NoColor && d.colours > 0, "there are no colours here (NO_COLOR, or a terminal without them)")
}
