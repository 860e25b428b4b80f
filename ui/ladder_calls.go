package ui

import (
	"strings"

	"tcpviz/internal/lang"
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
func (l *ladder) wordsOf(call *story.Call, in lang.Language, t *theme) callWords {
	ascii := t.ellipsis < 0x80
	w := callWords{op: harmless(call.Op, ascii), args: harmless(call.Args, ascii), inferred: call.Inferred}
	if l.several[call.Side] {
		w.program = programName(in, harmless(call.Program, ascii)) + " "
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
	args := story.SplitArguments(w.args)
	for i, a := range args {
		args[i] = story.ShortAddress(a, dots)
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
func (w callWords) fitReturn(filled, far bool, after string, width int, l lang.Language, ellipsis rune) string {
	result := strings.TrimPrefix(w.result, " ")
	if result == "" {
		result = l.Text("returned")
	}
	forms := make([]string, 0, 6)
	if filled {
		dots := string(ellipsis)
		args := story.SplitArguments(w.args)
		literal := ""
		for i, a := range args {
			args[i] = story.ShortAddress(a, dots)
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
		if after != "" && n+len(after) < width {
			if whole := l.Say("%s after %s", s, after); textWidth(whole) <= width {
				return whole
			}
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
