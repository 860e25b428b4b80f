package ui

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// plain tells that s is printable ASCII and nothing else.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// harmless gives s without what could disturb the screen: control characters and
// those that reverse or hide text. With ascii set, other characters become '?'.
func harmless(s string, ascii bool) string {
	if plain(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r < 0x7f && r >= ' ':
			return r
		case control(r) || !unicode.IsGraphic(r):
			return -1
		case ascii:
			return '?'
		}
		return r
	}, s)
}

// cutTo cuts s to a number of columns; the last one then shows the ellipsis.
func cutTo(s string, width int, ellipsis rune) string {
	if textWidth(s) <= width {
		return s
	}
	if width <= 0 {
		return ""
	}
	return prefix(s, width-1) + string(ellipsis)
}

// quoted writes payload bytes as a string literal of at most that many columns;
// "" when they are no text or there is no room.
func quoted(payload []byte, whole bool, width int, ascii bool, ellipsis rune) string {
	const least = 6
	if width < least || len(payload) == 0 {
		return ""
	}
	if len(payload) > width {
		payload, whole = payload[:width], false
	}
	for cut := 0; !whole && cut < utf8.UTFMax-1 && len(payload) > 1 && !utf8.Valid(payload); cut++ {
		payload = payload[:len(payload)-1] // perhaps a character cut in two
	}
	odd := 0
	for _, c := range payload {
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' {
			odd++
		}
	}
	if odd*3 > len(payload) {
		return ""
	}
	literal := string(payload)
	if ascii {
		literal = strconv.QuoteToASCII(literal)
	} else {
		literal = strconv.QuoteToGraphic(literal)
	}
	if n := textWidth(literal); n > width || !whole {
		literal = cutLiteral(literal, min(width, n+1), ellipsis)
	}
	return literal
}

// cutLiteral cuts a string literal to a number of columns and closes it again:
// `"hello…"`. No escape is cut in two.
func cutLiteral(literal string, width int, ellipsis rune) string {
	inner := strings.TrimSuffix(strings.TrimPrefix(literal, `"`), `"`)
	kept := prefix(inner, max(width-3, 0))
	for end := 0; end < len(kept); {
		n := escapeLength(inner[end:])
		if end+n > len(kept) {
			kept = kept[:end]
		}
		end += n
	}
	return `"` + kept + string(ellipsis) + `"`
}

// escapeLength is the length of the escape or the byte that s begins with.
func escapeLength(s string) int {
	if s[0] != '\\' || len(s) < 2 {
		return 1
	}
	n := 2
	switch s[1] {
	case 'x':
		n = 4
	case 'u':
		n = 6
	case 'U':
		n = 10
	}
	return min(n, len(s))
}

// durationText writes how long something took, in at most 8 columns.
func durationText(d time.Duration) string {
	ms := float64(d) / float64(time.Millisecond)
	switch {
	case d <= 0:
		return "0 ms"
	case ms < 10:
		return strconv.FormatFloat(ms, 'f', 3, 64) + " ms"
	case ms < 100:
		return strconv.FormatFloat(ms, 'f', 1, 64) + " ms"
	case ms < 999.5: // what is nearer to a second is written as one
		return strconv.FormatFloat(ms, 'f', 0, 64) + " ms"
	case ms < 100_000:
		return strconv.FormatFloat(ms/1000, 'f', 1, 64) + " s"
	}
	return strconv.FormatFloat(ms/1000, 'f', 0, 64) + " s"
}

// clockText writes a time since the beginning, in at most 8 columns.
func clockText(d time.Duration) string {
	ms := float64(d) / float64(time.Millisecond)
	decimals, unit := 3, " ms"
	if ms >= 1000 {
		ms, decimals, unit = ms/1000, 4, " s"
	}
	for limit := 10.0; ms >= limit && decimals > 0; limit *= 10 {
		decimals--
	}
	var room [24]byte
	return string(append(strconv.AppendFloat(room[:0], ms, 'f', decimals, 64), unit...))
}
