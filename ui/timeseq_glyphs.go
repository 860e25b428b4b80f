package ui

import (
	"github.com/gdamore/tcell/v2"

	"tcpviz/internal/lang"
)

// plotGlyphs are what the time-sequence picture is drawn with. The ACKs' staircase is
// made of the theme's lines, and in ASCII of glyphs of its own, which are told apart
// from the strokes of segments.
type plotGlyphs struct {
	marks  [markKinds]rune // of those kinds that are one glyph
	data   string          // segments, as the legend shows them
	acks   string          // the staircase, as the legend shows it
	cursor rune            // the line at the newest row's time
	// braille tells that segments are drawn in dots of an eighth of a cell.
	braille bool
}

var unicodePlot = plotGlyphs{
	marks: [markKinds]rune{
		windowMark: '·', duplicateMark: '┬', outOfOrderMark: '□', probeMark: '◇', zeroWindowMark: 'Z',
		finMark: 'F', synMark: 'S', rstMark: 'R', lostMark: '✗', retransmissionMark: '■',
	},
	data: "⢸⡇", acks: "─┘", cursor: '┊', braille: true,
}

var asciiPlot = plotGlyphs{
	marks: [markKinds]rune{
		windowMark: '~', duplicateMark: '^', outOfOrderMark: 'o', probeMark: 'p', zeroWindowMark: 'Z',
		finMark: 'F', synMark: 'S', rstMark: 'R', lostMark: 'X', retransmissionMark: '#',
	},
	data: "|.", acks: "-+", cursor: ':',
}

// segment gives the glyph of a segment's dots: the dots themselves, or where they
// are in the cell.
func (g *plotGlyphs) segment(dots uint8) rune {
	const upper, lower = 0x1b, 0xe4
	switch {
	case g.braille:
		return 0x2800 + rune(dots)
	case dots&upper != 0 && dots&lower != 0:
		return '|'
	case dots&upper != 0:
		return '\''
	}
	return '.'
}

// ackRune gives the glyph of a cell of the ACKs' staircase.
func (t *theme) ackRune(lines uint8) rune {
	along, across := lines&(leftward|rightward) != 0, lines&(upward|downward) != 0
	switch {
	case !across && t.plot.braille:
		return t.horizontal
	case !across:
		return '-'
	case !t.plot.braille:
		return '+'
	case !along:
		return t.vertical
	}
	return t.rune(stroke{lines: int(lines)}, false)
}

// markStyle gives the style of a kind of mark where one side's octets are drawn.
func (t *theme) markStyle(kind markKind, s *stream) tcell.Style {
	switch kind {
	case windowMark:
		return t.dim
	case ackMark, duplicateMark:
		return t.side(s.sender.Other())
	case segmentMark, outOfOrderMark, probeMark:
		return t.side(s.sender)
	case finMark, synMark:
		return t.bold
	}
	return t.warn
}

// legendItem is a glyph of the picture and what it means.
type legendItem struct {
	glyph, text string
	style       tcell.Style
}

// legend explains the picture, what is seen most often first.
func (t *theme) legend(s *stream, l lang.Language) []legendItem {
	all := []legendItem{
		{t.plot.data, l.Text("data"), t.markStyle(segmentMark, s)},
		{t.plot.acks, "ACK", t.markStyle(ackMark, s)},
	}
	for _, item := range []struct {
		kind markKind
		text string
	}{
		{windowMark, "window's edge"}, {retransmissionMark, "sent again"}, {duplicateMark, "duplicate ACK"},
		{outOfOrderMark, "out of order"}, {zeroWindowMark, "zero window"}, {synMark, "SYN"}, {finMark, "FIN"},
		{rstMark, "RST"}, {probeMark, "probe"}, {lostMark, "lost"},
	} {
		all = append(all, legendItem{string(t.plot.marks[item.kind]), l.Text(item.text), t.markStyle(item.kind, s)})
	}
	return all
}
