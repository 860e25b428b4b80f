package export

import (
	"cmp"
	"strings"
	"unicode"

	"github.com/rivo/uniseg"
)

// width is how many columns of a terminal the text takes.
func width(s string) int {
	n := 0
	for _, r := range s {
		// ASCII, and the arrows and lines of this package, are narrow; the rest needs
		// the slow way.
		if (r < ' ' || r > '~') && (r < '\u2190' || r > '\u25ff') && r != '…' {
			return uniseg.StringWidth(s)
		}
		n++
	}
	return n
}

// pad fills the text with blanks up to the column; a text that already passes it
// gets one blank.
func pad(s string, column int) string {
	if s == "" {
		return strings.Repeat(" ", column)
	}
	return s + strings.Repeat(" ", max(column-width(s), 1))
}

// strip replaces what could steer a terminal (control characters, and the marks
// that turn the direction of text) by a visible character.
func strip(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == '\u2028', r == '\u2029':
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// onlyASCII replaces every other character by a question mark.
func onlyASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII {
			return '?'
		}
		return r
	}, s)
}

// wrap breaks the text into lines of at most columns columns, where the rules of
// its script allow it.
func wrap(s string, columns int) []string {
	var lines []string
	line, state := "", -1
	for s != "" {
		var piece string
		piece, s, _, state = uniseg.FirstLineSegmentInString(s, state)
		for strings.HasSuffix(piece, "-") && s != "" { // TIME-WAIT stays together
			var more string
			more, s, _, state = uniseg.FirstLineSegmentInString(s, state)
			piece += more
		}
		if line != "" && width(line)+width(strings.TrimRight(piece, " ")) > columns {
			lines = append(lines, strings.TrimRight(line, " "))
			line = ""
		}
		line += piece
	}
	if line = strings.TrimRight(line, " "); line != "" {
		lines = append(lines, line)
	}
	return lines
}

// cut shortens a text to so many columns.
func cut(s string, columns int) string {
	s = strip(s)
	if width(s) <= columns {
		return s
	}
	kept, n := 0, 0
	for i, r := range s {
		if n += cmp.Or(width(string(r)), 1); n > columns-1 {
			break
		}
		kept = i + len(string(r))
	}
	return s[:kept] + "…"
}
