package code

import (
	"fmt"
	"strconv"
	"strings"
)

// repeated gives what data is a repetition of, and how often; "" when that would not
// make it shorter to write.
func repeated(data []byte) (unit []byte, times int) {
	const short, longestUnit = 40, 16
	if len(data) <= short {
		return nil, 0
	}
	for n := 1; n <= longestUnit; n++ {
		if len(data)%n == 0 && repeats(data, n) {
			return data[:n], len(data) / n
		}
	}
	return nil, 0
}

func repeats(data []byte, n int) bool {
	for i := n; i < len(data); i++ {
		if data[i] != data[i-n] {
			return false
		}
	}
	return true
}

// octets writes the octets that are sent. In C what is repeated is in a variable.
func (w *writer) octets(data []byte) string {
	unit, times := repeated(data)
	if times == 0 {
		if w.language == Go {
			return "[]byte(" + w.literal(data) + ")"
		}
		return w.literal(data)
	}
	text := w.literal(unit)
	switch w.language {
	case C:
		return w.filled[string(data)]
	case Python:
		return text + " * " + strconv.Itoa(times)
	case Go:
		return fmt.Sprintf("bytes.Repeat([]byte(%s), %d)", text, times)
	}
	return fmt.Sprintf("str_repeat(%s, %d)", text, times)
}

// literal quotes octets as the language does.
func (w *writer) literal(data []byte) string {
	var b strings.Builder
	if w.language == Python {
		b.WriteByte('b')
	}
	b.WriteByte('"')
	for i, c := range data {
		switch {
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\t':
			b.WriteString(`\t`)
		case c == '"', c == '\\', c == '$' && w.language == PHP, c == '?' && w.language == C && i > 0 && data[i-1] == '?':
			b.WriteByte('\\') // two question marks in a row would begin a trigraph in C
			b.WriteByte(c)
		case ' ' <= c && c < 0x7f:
			b.WriteByte(c)
		case w.language == C: // a hexadecimal number would not end after two digits
			fmt.Fprintf(&b, `\%03o`, c)
		default:
			fmt.Fprintf(&b, `\x%02x`, c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// text quotes a text for people, who must be able to read it.
func (w *writer) text(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range plain(s) {
		if r == '"' || r == '\\' || r == '$' && w.language == PHP {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	b.WriteByte('"')
	return b.String()
}

// plain makes a text one that ends no line and no comment, and begins nothing.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r < ' ' || r >= 0x7f && r < 0xa0 || r == 0xfffd || r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069:
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	return strings.NewReplacer("?>", "? >", "??", "? ?").Replace(s)
}
