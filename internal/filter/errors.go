package filter

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"

	"tcpviz/internal/lang"
)

// SyntaxError tells what is wrong in a filter, and where.
type SyntaxError struct {
	Text    string      // the whole filter
	At      int         // where in Text the mistake begins, in bytes; len(Text) when something is missing
	Problem lang.Phrase // what is wrong: a part of a sentence
}

// Error tells it in one line, in which no control character is left.
func (e *SyntaxError) Error() string { return e.In(lang.English) }

// In tells it in a language.
func (e *SyntaxError) In(l lang.Language) string {
	if e.At >= len(e.Text) {
		return l.Say("filter: at the end: %s", e.Problem)
	}
	return l.Say("filter: at %s (character %d): %s", quoted(wordAt(e.Text, e.At)), utf8.RuneCountInString(e.Text[:e.At])+1, e.Problem)
}

// Caret gives two lines without a line feed at the end: the text, or what of it is
// near the mistake, and a caret below the mistake, followed by what is wrong in a language.
func (e *SyntaxError) Caret(l lang.Language) string {
	const before, after = 40, 30 // characters that are shown
	at := min(e.At, len(e.Text))
	left := []rune(printable(e.Text[:at]))
	right := []rune(printable(e.Text[at:]))
	start, end := "", ""
	if len(left) > before {
		left, start = left[len(left)-before:], "..."
	}
	if len(right) > after {
		right, end = right[:after], "..."
	}
	shown := start + string(left)
	return shown + string(right) + end + "\n" + strings.Repeat(" ", uniseg.StringWidth(shown)) + "^ " + e.Problem.In(l)
}

// printable puts a question mark for each character that a terminal might obey.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			if r == '\t' || r == '\n' {
				return ' '
			}
			return '?'
		}
		return r
	}, text)
}

// quoted shows a piece of the text, shortened.
func quoted(text string) string {
	const most = 40 // characters
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most-3]) + "..."
	}
	return strconv.Quote(text)
}
