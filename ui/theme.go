package ui

import (
	"github.com/gdamore/tcell/v2"

	"tcpviz/fsm"
)

// theme is the look of the screen: styles and glyphs. It sets no background and
// uses the terminal's own foreground for text, so that it is readable on dark and
// on light terminals. No meaning rests on colour alone: each side has its glyph,
// what is lit is bold as well, what is selected is reversed.
type theme struct {
	base     tcell.Style // text
	bold     tcell.Style // headings
	dim      tcell.Style // what is inferred, past or minor
	line     tcell.Style // frames and lifelines
	client   tcell.Style // the client's calls, states and token
	server   tcell.Style // the server's
	accent   tcell.Style // what has just happened
	good     tcell.Style // model and stack agree
	warn     tcell.Style // errors, anomalies, disagreement; always with glyphs.warn or a word
	selected tcell.Style // the row or item under the cursor
	key      tcell.Style // a key's name in the footer
	glyphs
}

// glyphs are the runes that pictures are made of; each is one cell wide.
type glyphs struct {
	horizontal, vertical                       rune    // thin lines
	topLeft, topRight, bottomLeft, bottomRight rune    // corners: ┌ ┐ └ ┘
	teeRight, teeLeft, teeDown, teeUp, cross   rune    // ├ ┤ ┬ ┴ ┼
	heavyHorizontal, heavyVertical             rune    // lines that are lit
	heavyCorner                                [4]rune // ┏ ┓ ┗ ┛
	pillLeft, pillRight                        rune    // the ends of a state drawn in one row
	arrowLeft, arrowRight, arrowUp, arrowDown  rune    // heads of arrows
	flight                                     rune    // a segment under way
	state                                      rune    // a state on a lifeline: ◉
	hollow                                     rune    // a state that is supposed, or has not begun: ○
	client, server, listening                  rune    // tokens: ● ◆ ○
	blocked                                    rune    // a call that waits: ┊
	cursor                                     rune    // the selected row: ▸
	lost                                       rune    // a segment that will not arrive: ✗
	timer                                      rune    // a timer that ran out: ◷
	assumed                                    rune    // a line that is only assumed: ┄
	visited                                    rune    // a state that was passed: ·
	good, warn                                 rune    // ✓ ⚠
	play, pause                                rune    // ▶ ⏸
	ellipsis                                   rune    // …
	times, between, becomes                    rune    // × ⇄ →
	middot                                     rune    // ·
	recorded                                   rune    // ◎
	up, down                                   rune    // more above, more below: ▲ ▼
	section                                    rune    // §
	barLeft, barRight                          rune    // the ends of a bar that fills
	bar                                        [9]rune // a cell of it, filled by eighths
	plot                                       plotGlyphs
}

// side gives the style of a side.
func (t *theme) side(s fsm.Side) tcell.Style {
	if s == fsm.Client {
		return t.client
	}
	return t.server
}

// token gives the glyph of a side.
func (g *glyphs) token(s fsm.Side) rune {
	if s == fsm.Client {
		return g.client
	}
	return g.server
}

var unicodeGlyphs = glyphs{
	horizontal: '─', vertical: '│',
	topLeft: '┌', topRight: '┐', bottomLeft: '└', bottomRight: '┘',
	teeRight: '├', teeLeft: '┤', teeDown: '┬', teeUp: '┴', cross: '┼',
	heavyHorizontal: '━', heavyVertical: '┃', heavyCorner: [4]rune{'┏', '┓', '┗', '┛'},
	pillLeft: '[', pillRight: ']',
	arrowLeft: '◀', arrowRight: '▶', arrowUp: '▲', arrowDown: '▼',
	flight: '●', state: '◉', hollow: '○', client: '●', server: '◆', listening: '○',
	blocked: '┊', cursor: '▸', lost: '✗', timer: '◷', assumed: '┄', visited: '•',
	good: '✓', warn: '⚠', play: '▶', pause: '‖', ellipsis: '…',
	times: '×', between: '⇄', becomes: '→', middot: '·', recorded: '◎',
	barLeft: '▕', barRight: '▏', bar: [9]rune{' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'},
	up: '▲', down: '▼', section: '§', plot: unicodePlot,
}

var asciiGlyphs = glyphs{
	horizontal: '-', vertical: '|',
	topLeft: '+', topRight: '+', bottomLeft: '+', bottomRight: '+',
	teeRight: '+', teeLeft: '+', teeDown: '+', teeUp: '+', cross: '+',
	heavyHorizontal: '=', heavyVertical: '#', heavyCorner: [4]rune{'#', '#', '#', '#'},
	pillLeft: '[', pillRight: ']',
	arrowLeft: '<', arrowRight: '>', arrowUp: '^', arrowDown: 'v',
	flight: 'o', state: '@', hollow: 'o', client: 'C', server: 'S', listening: 'L',
	blocked: ':', cursor: '>', lost: 'X', timer: 'T', assumed: '.', visited: '*',
	good: '+', warn: '!', play: '>', pause: '|', ellipsis: '~',
	times: 'x', between: '-', becomes: '>', middot: '.', recorded: 'R',
	barLeft: '[', barRight: ']', bar: [9]rune{' ', ' ', ' ', ' ', '-', '-', '-', '-', '#'},
	up: '^', down: 'v', section: 'S', plot: asciiPlot,
}

// newTheme gives the look. Without colour the sides still differ by glyph, and
// what is lit is bold.
func newTheme(ascii, noColor bool) theme {
	base := tcell.StyleDefault
	t := theme{
		base: base, bold: base.Bold(true), dim: base.Dim(true), line: base.Dim(true),
		client: base.Bold(true), server: base.Bold(true),
		accent: base.Bold(true), good: base, warn: base.Bold(true),
		selected: base.Reverse(true), key: base.Bold(true),
		glyphs: unicodeGlyphs,
	}
	if ascii {
		t.glyphs = asciiGlyphs
	}
	if noColor {
		return t
	}
	// Blue and orange are told apart by every kind of colour vision; all of these
	// are of middling brightness, to be seen on black and on white.
	colour := func(n int) tcell.Style { return base.Foreground(tcell.PaletteColor(n)) }
	t.client = colour(33).Bold(true)
	t.server = colour(172).Bold(true)
	t.accent = colour(36).Bold(true)
	t.good = colour(35)
	t.warn = colour(167).Bold(true)
	t.dim = colour(244)
	t.line = colour(244)
	t.key = colour(36)
	return t
}
