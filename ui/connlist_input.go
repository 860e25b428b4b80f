package ui

import (
	"errors"
	"slices"
	"strings"

	"github.com/gdamore/tcell/v2"

	"tcpviz/internal/filter"
	"tcpviz/internal/lang"
)

// filterInput is the line in which a filter is typed.
type filterInput struct {
	open    bool // keys go here
	text    []rune
	caret   int                 // index into text
	mistake *filter.SyntaxError // why the text cannot be read; nil: it can
}

// longestFilter is the most that can be typed: no filter is longer.
const longestFilter = 1000

// insert puts text where the caret is. What is not to be seen, a line's end in a
// pasted text for one, becomes a space.
func (in *filterInput) insert(text string) {
	var more []rune
	for _, r := range text {
		if control(r) {
			r = ' '
		}
		more = append(more, r)
	}
	more = more[:min(len(more), longestFilter-len(in.text))]
	in.text = slices.Insert(in.text, in.caret, more...)
	in.caret += len(more)
}

// remove takes away what is between two places.
func (in *filterInput) remove(from, to int) {
	from, to = max(from, 0), min(to, len(in.text))
	if from < to {
		in.text = slices.Delete(in.text, from, to)
		in.caret = from
	}
}

// wordBefore is where the word before the caret begins.
func (in *filterInput) wordBefore() int {
	i := in.caret
	for i > 0 && in.text[i-1] == ' ' {
		i--
	}
	for i > 0 && in.text[i-1] != ' ' {
		i--
	}
	return i
}

// moveCaret moves the caret by n characters.
func (in *filterInput) moveCaret(n int) { in.caret = max(min(in.caret+n, len(in.text)), 0) }

// retype reads the input's text again. While it has a mistake the list stays as it is.
func (l *connList) retype() {
	text := strings.TrimSpace(string(l.input.text))
	l.input.mistake = nil
	if text == l.matched {
		return
	}
	f, err := filter.Parse(string(l.input.text))
	if err != nil {
		if !errors.As(err, &l.input.mistake) {
			l.input.mistake = &filter.SyntaxError{Text: text, At: len(text), Problem: lang.Phrasef("%v", err)}
		}
		return
	}
	l.filter, l.matched = f, text
	l.at = 0 // only what was chosen stays under the cursor; else what comes first is looked at
	l.make()
}

// unfilter takes the filter away.
func (l *connList) unfilter() {
	l.input.remove(0, len(l.input.text))
	l.retype()
}

// filterActions are the actions while a filter is typed; any other character is typed.
func filterActions() []action {
	edit := func(change func(in *filterInput)) func(d *dashboard) {
		return func(d *dashboard) {
			change(&d.conns.input)
			d.conns.retype()
		}
	}
	caret := func(n int) func(d *dashboard) {
		return func(d *dashboard) { d.conns.input.moveCaret(n) }
	}
	move := func(n int) func(d *dashboard) { return func(d *dashboard) { d.moveList(n) } }
	return []action{
		{[]press{special(tcell.KeyEnter)}, "enter", "keep", 1, "in the filter: keep it and go back to the list", func(d *dashboard) string {
			return unless(d.conns.input.mistake == nil, "the filter has a mistake")
		}, func(d *dashboard) { d.conns.input.open = false }},
		{[]press{special(tcell.KeyEscape)}, "esc", "clear", 2, "in the filter: clear it; an empty one is left", nil, func(d *dashboard) {
			if len(d.conns.input.text) == 0 {
				d.conns.input.open = false
			}
			d.conns.unfilter()
		}},
		{[]press{special(tcell.KeyLeft)}, "←", "", 0, "in the filter: one character left", nil, caret(-1)},
		{[]press{special(tcell.KeyRight)}, "→", "", 0, "in the filter: one character right", nil, caret(1)},
		{[]press{special(tcell.KeyHome), special(tcell.KeyCtrlA)}, "home", "", 0, "in the filter: to its beginning (also ctrl-A)", nil, caret(-longestFilter)},
		{[]press{special(tcell.KeyEnd), special(tcell.KeyCtrlE)}, "end", "", 0, "in the filter: to its end (also ctrl-E)", nil, caret(longestFilter)},
		{[]press{special(tcell.KeyBackspace), special(tcell.KeyBackspace2)}, "backspace", "", 0, "in the filter: delete the character before", nil, edit(func(in *filterInput) { in.remove(in.caret-1, in.caret) })},
		{[]press{special(tcell.KeyDelete)}, "delete", "", 0, "in the filter: delete the character after", nil, edit(func(in *filterInput) { in.remove(in.caret, in.caret+1) })},
		{[]press{special(tcell.KeyCtrlW)}, "ctrl-W", "", 0, "in the filter: delete the word before", nil, edit(func(in *filterInput) { in.remove(in.wordBefore(), in.caret) })},
		{[]press{special(tcell.KeyCtrlU)}, "ctrl-U", "", 0, "in the filter: delete what is before", nil, edit(func(in *filterInput) { in.remove(0, in.caret) })},
		{[]press{special(tcell.KeyDown)}, "↓", "down", 4, "in the filter: down in the list", nil, move(1)},
		{[]press{special(tcell.KeyUp)}, "↑", "up", 5, "in the filter: up in the list", nil, move(-1)},
		{[]press{special(tcell.KeyF1)}, "F1", "help", 6, "in the filter: this help, with the words of the filter", nil, openHelp},
	}
}
