package export

import (
	"math"
	"strings"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// call writes a call where it is made, and its result where it returns.
func (l *ladder) call(i int, step *story.Step, columns int) {
	line := &l.lines[l.at[i]]
	if line.lane[step.Side] != i {
		if step.Kind == story.CallEnter { // its return is written here, at once
			l.when(i, line.lane[step.Side])
		}
	}
	class := "m call " + sideClass(step.Side)
	switch {
	case step.Call.Inferred:
		class = "m call dim"
	case step.Kind == story.CallReturn && step.Call.Errno != "":
		class = "m call b warn"
	}
	side := step.Side
	w := l.callLine(i, columns)
	if spare := int((math.Abs(l.life[side]-l.lane[side]) - 20) / advance); l.free(i, side) {
		// It may take the room that its bar and a state's name would have.
		w = l.callLine(i, columns+spare)
		if over := advance*float64(widest(w)) - math.Abs(l.lane[side]-l.outer[side]); over > 0 {
			l.text(class, l.lane[side]-outward(side)*over, line.y+4, 0, outside(side), span{"", w})
			return
		}
	}
	l.said(side, line.y, class, w)
}

// free tells that a call which returns at once has the room beside it for itself.
func (l *ladder) free(i int, side fsm.Side) bool {
	line := &l.lines[l.at[i]]
	if line.state[side] != never {
		return false
	}
	for _, b := range l.bars {
		if b.side == side && b.top <= line.y && line.y <= b.end && b.end > b.top {
			return false
		}
	}
	return true
}

// callLine is what is written of a call at a row, in at most so many columns.
func (l *ladder) callLine(i, columns int) words {
	step := l.story.At(l.view.Rows[i].Step)
	c := step.Call
	program := ""
	if l.several[c.Side] && c.Program != "" {
		program = c.Program + ": "
	}
	enter := l.row(step.Peer)
	here := step.Kind == story.CallReturn && enter != never && l.at[enter] == l.at[i]
	if step.Kind == story.CallEnter || here || enter == never {
		return plain(bracketed(c, cutCall(c, program, columns)))
	}
	result := c.ResultText()
	took := ""
	if began := l.story.At(step.Peer); began != nil && !c.Inferred {
		if c.Args != began.Call.Args {
			result = cutCall(c, program, columns)
			program = ""
		}
		if waited := step.Time.Sub(began.Time); waited > 0 { // a clock in the caller's hand may stand still
			took = clock(waited)
		}
	}
	const far = 4
	if result == c.ResultText() && (l.at[i]-l.at[enter] > far || program != "" || result == "") {
		result = c.Op + " = " + result
		if c.ResultText() == "" {
			return func(in lang.Language) string { return bracketed(c, program+in.Say("%s returns", c.Op)) }
		}
	} else if result == c.ResultText() {
		result = "= " + result
	}
	return func(in lang.Language) string {
		if took != "" && width(program+result) < columns {
			if whole := in.Say("%s after %s", program+result, took); width(whole) <= columns {
				return whole
			}
		}
		return bracketed(c, cut(program+result, columns))
	}
}

// bracketed puts a call that nobody recorded in parentheses.
func bracketed(c *story.Call, text string) string {
	if c.Inferred {
		return "[" + text + "]"
	}
	return text
}

// shortCall is a call as source text, its addresses written as "…:10008": whose they
// are stands above the lifelines.
func shortCall(c *story.Call) string {
	args := story.SplitArguments(strip(c.Args))
	for i, a := range args {
		args[i] = story.ShortAddress(a, "…")
	}
	text := strip(c.Op) + "(" + strings.Join(args, ", ") + ")"
	if result := c.ResultText(); result != "" {
		text += " = " + strip(result)
	}
	return text
}

// cutCall writes a call in at most so many columns: a long literal is cut before the
// result is.
func cutCall(c *story.Call, program string, columns int) string {
	text := program + shortCall(c)
	over := width(text) - columns
	if over <= 0 {
		return text
	}
	const least = 4 // `"a…`
	if from, to := strings.Index(text, `"`), strings.LastIndex(text, `"`); from >= 0 {
		if room := width(text[from:to]) - over; room >= least {
			return text[:from] + cut(text[from:to], room) + text[to:]
		}
	}
	if open, end := strings.Index(text, "("), strings.LastIndex(text, ")"); open >= 0 && end > open && width(text[:open+1]+"…"+text[end:]) <= columns {
		return cut(text[:end], columns-width(text[end:])) + text[end:]
	}
	return cut(text, columns)
}
