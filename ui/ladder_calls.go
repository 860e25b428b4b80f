package ui

import (
	"strings"

	"tcpviz/internal/story"
)

// callWords are the parts of a call as it is written in a lane. A call that
// nobody recorded, but that must have happened, stands in parentheses.
type callWords struct {
	program  string // "C1 " where it must be said, else ""
	op       string
	args     string
	result   string // " = 0", " = -1 ECONNREFUSED"; "" before it has returned
	inferred bool
}

// wordsOf gives the parts of a call, free of anything harmful.
func (l *ladder) wordsOf(call *story.Call, t *theme) callWords {
	ascii := t.ellipsis < 0x80
	w := callWords{op: harmless(call.Op, ascii), args: harmless(call.Args, ascii), inferred: call.Inferred}
	if l.several[call.Side] {
		w.program = harmless(call.Program, ascii) + " "
	}
	if r := call.ResultText(); r != "" {
		w.result = " = " + harmless(r, ascii)
	}
	return w
}

// whole writes the call out.
func (w callWords) whole() string {
	if w.inferred {
		return w.bracket(w.program + strings.TrimSpace(w.op+" "+w.args) + w.result)
	}
	return w.program + w.op + "(" + w.args + ")" + w.result
}

// bracket puts what is said of an inferred call in parentheses.
func (w callWords) bracket(s string) string {
	if w.inferred {
		return "(" + s + ")"
	}
	return s
}

// fit writes the call in at most that many columns. What is said first goes
// last: the operation, its descriptor, the port, and always the result.
func (w callWords) fit(width int, ellipsis rune) string {
	if s := w.whole(); textWidth(s) <= width {
		return s
	}
	dots := string(ellipsis)
	short := w
	args := splitArguments(w.args)
	for i, a := range args {
		args[i] = shortAddress(a, dots)
	}
	short.args = strings.Join(args, ", ")
	if s := short.whole(); textWidth(s) <= width {
		return s
	}
	short.args = strings.Join(args, ",")
	if s := short.whole(); textWidth(s) <= width {
		return s
	}
	if s, ok := short.withCutLiteral(args, width, ellipsis); ok {
		return s
	}
	if len(args) > 1 {
		short.args = args[0] + "," + dots
		if s := short.whole(); textWidth(s) <= width {
			return s
		}
	}
	if w.args != "" {
		short.args = dots
		if s := short.whole(); textWidth(s) <= width {
			return s
		}
	}
	return w.bare(width, ellipsis)
}

// withCutLiteral shortens the string literal among the arguments until the call fits.
func (w callWords) withCutLiteral(args []string, width int, ellipsis rune) (string, bool) {
	const least = 5 // `"ab…"`
	for i, a := range args {
		if !strings.HasPrefix(a, `"`) {
			continue
		}
		room := textWidth(a) - (textWidth(w.whole()) - width)
		if room < least {
			return "", false
		}
		args[i] = cutLiteral(a, room, ellipsis)
		w.args = strings.Join(args, ",")
		args[i] = a
		return w.whole(), true
	}
	return "", false
}

// bare writes the operation without its arguments, or the result alone.
func (w callWords) bare(width int, ellipsis rune) string {
	result := strings.TrimPrefix(w.result, " ")
	for _, s := range [...]string{w.program + w.op + w.result, w.op + w.result, result} {
		if s = w.bracket(s); s != w.bracket("") && textWidth(s) <= width {
			return s
		}
	}
	if _, errno, failed := strings.Cut(w.result, " -1 "); failed {
		return cutTo(errno, width, ellipsis)
	}
	if result != "" {
		return cutTo(result, width, ellipsis)
	}
	return cutTo(w.op, width, ellipsis)
}

// fitReturn writes the end of a call that began on an earlier row. filled tells
// that the return says more than the enter did (the bytes received, the peer's
// address), far that the enter is some rows away; after is how long it blocked, "" for unknown.
func (w callWords) fitReturn(filled, far bool, after string, width int, ellipsis rune) string {
	result := strings.TrimPrefix(w.result, " ")
	if result == "" {
		result = "returned"
	}
	forms := make([]string, 0, 6)
	if filled {
		dots := string(ellipsis)
		args := splitArguments(w.args)
		literal := ""
		for i, a := range args {
			args[i] = shortAddress(a, dots)
			if strings.HasPrefix(a, `"`) {
				literal = a
			}
		}
		short := w
		short.args = strings.Join(args, ", ")
		dense := w
		dense.args = strings.Join(args, ",")
		forms = append(forms, w.whole(), short.whole(), dense.whole())
		if literal != "" {
			room := width - textWidth(w.program) - textWidth(result) - 1
			if textWidth(literal) > room && room >= 5 {
				literal = cutLiteral(literal, room, ellipsis)
			}
			forms = append(forms, w.bracket(w.program+literal+" "+result))
		}
	}
	if far || filled || w.program != "" {
		forms = append(forms, w.bracket(w.program+w.op+" "+result))
	}
	forms = append(forms, w.bracket(w.program+result))
	for _, s := range forms {
		n := textWidth(s)
		if after != "" && n+len(" after ")+len(after) <= width {
			return s + " after " + after
		}
		if n <= width {
			return s
		}
	}
	return w.bare(width, ellipsis)
}

// firstArgument gives the descriptor that the call works on, as a rule.
func (w callWords) firstArgument() string {
	first, _, _ := strings.Cut(w.args, ",")
	return first
}

// splitArguments splits arguments at the commas that stand in no literal.
func splitArguments(args string) []string {
	var parts []string
	start, inside := 0, false
	for i := 0; i < len(args); i++ {
		switch c := args[i]; {
		case c == '\\' && inside:
			i++
		case c == '"':
			inside = !inside
		case c == ',' && !inside:
			parts = append(parts, strings.TrimSpace(args[start:i]))
			start = i + 1
		}
	}
	if rest := strings.TrimSpace(args[start:]); rest != "" || len(parts) > 0 {
		parts = append(parts, rest)
	}
	return parts
}

// shortAddress writes an address and port as "…:10008"; anything else stays as it is.
func shortAddress(s, dots string) string {
	colon := strings.LastIndexByte(s, ':')
	if colon < 2 || colon == len(s)-1 || strings.ContainsAny(s, `"`) {
		return s
	}
	for _, c := range s[colon+1:] {
		if c < '0' || c > '9' {
			return s
		}
	}
	host := s[:colon]
	if strings.HasPrefix(host, "[") == strings.HasSuffix(host, "]") && strings.ContainsAny(host, ".:") {
		return dots + s[colon:]
	}
	return s
}
