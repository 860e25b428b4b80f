package filter

import (
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"

	"tcpviz/internal/lang"
)

// token is a word, a symbol, or the end of the text.
type token struct {
	kind tokenKind
	text string // as it was typed
	word string // of a word: in lower case
	at   int
}

type tokenKind uint8

const (
	endOfText tokenKind = iota
	word
	symbol
)

func (t token) is(symbols ...string) bool {
	for _, s := range symbols {
		if t.kind == symbol && t.text == s {
			return true
		}
	}
	return false
}

func (t token) says(words ...string) bool {
	for _, w := range words {
		if t.kind == word && t.word == w {
			return true
		}
	}
	return false
}

// symbols are in the order in which they are tried: the longer ones first.
var symbols = [...]string{
	"&&", "||", "==", "!=", ">=", "<=", "<<", ">>",
	"(", ")", "[", "]", "!", "=", "<", ">", "&", "|", "+", "-", "*", "/", "%", "^", ":",
}

// lex cuts a text into tokens; the last one is its end.
func lex(text string) ([]token, *SyntaxError) {
	var tokens []token
	brackets := 0 // open ones, in which a colon stands between two numbers
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRuneInString(text[at:])
		if unicode.IsSpace(r) {
			at += size
			continue
		}
		t := token{kind: symbol, text: symbolAt(text[at:]), at: at}
		if n := wordLength(text[at:], brackets == 0); n > 0 {
			t = token{word, text[at : at+n], lower(text[at : at+n]), at}
		}
		switch {
		case t.text == "":
			return nil, &SyntaxError{text, at, lang.Phrasef("this character has no meaning here")}
		case t.is("["):
			brackets++
		case t.is("]"):
			brackets = max(brackets-1, 0)
		}
		tokens = append(tokens, t)
		at += len(t.text)
	}
	return append(tokens, token{at: len(text)}), nil
}

func symbolAt(text string) string {
	for _, s := range symbols {
		if strings.HasPrefix(text, s) {
			return s
		}
	}
	return ""
}

// wordLength gives the length of the word at the beginning of the text, 0 for none.
// An address is one word, in brackets too, and colons is false where one ends a word.
func wordLength(text string, colons bool) int {
	if n := bracketLength(text); n > 0 {
		return n
	}
	n := 0
	for n < len(text) {
		r, size := utf8.DecodeRuneInString(text[n:])
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r):
		case r == '#', r == '\\':
			if n > 0 {
				return n
			}
		case r == ':':
			if !colons || n == 0 && !strings.HasPrefix(text, "::") {
				return n
			}
			if after := bracketLength(text[n+1:]); after > 0 { // client:[::1]:80
				return n + 1 + after
			}
		case n > 0 && strings.ContainsRune("-_.,", r):
		default:
			return n
		}
		n += size
	}
	return n
}

// bracketLength gives the length of an IPv6 address in brackets at the beginning
// of the text, with its port.
func bracketLength(text string) int {
	const most = 48 // bytes; the longest address has 45
	if !strings.HasPrefix(text, "[") {
		return 0
	}
	end := strings.IndexByte(text[:min(len(text), most)], ']')
	if end < 0 {
		return 0
	}
	if a, err := netip.ParseAddr(text[1:end]); err != nil || !a.Is6() {
		return 0
	}
	end++
	if end < len(text) && text[end] == ':' {
		for end++; end < len(text) && (text[end] == '-' || isAlphanumeric(text[end])); end++ {
		}
	}
	return end
}

func isAlphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// wordAt gives the word or the symbol at a place of the text.
func wordAt(text string, at int) string {
	rest := text[at:]
	if n := wordLength(rest, true); n > 0 {
		return rest[:n]
	}
	if s := symbolAt(rest); s != "" {
		return s
	}
	_, size := utf8.DecodeRuneInString(rest)
	return rest[:size]
}

// lower gives the text with small letters for A to Z. It has the same length.
func lower(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, text)
}
