package ui

import "slices"

// predictActions are the actions while a question waits for its answer: to answer it, and
// what moves nothing and tells nothing.
func predictActions() []action {
	answer := action{[]press{char('1'), char('2'), char('3'), char('4')}, "1 2 3 4", "answer", 1,
		"while you predict: answer the question with its number (also a click on the answer)", nil,
		func(d *dashboard) { d.answer(int(d.pressed.r - '1')) }}
	wait := action{forwards(), "space", "", 0, "while you predict: nothing goes on before the question is answered", func(*dashboard) string {
		return "answer first, with 1, 2, 3 or 4; e ends the questions"
	}, func(*dashboard) {}}
	return slices.Concat([]action{answer}, slices.DeleteFunc(mainActions(), tells), []action{wait})
}

// forwards are the keys that would show what is asked for.
func forwards() []press {
	var all []press
	for _, a := range mainActions() {
		if tells(a) {
			all = append(all, a.presses...)
		}
	}
	return slices.DeleteFunc(all, func(p press) bool { return p.r >= '1' && p.r <= '4' })
}

// tells tells that an action goes on in the story, or away from it.
func tells(a action) bool {
	switch a.keys {
	case "space", "→", "s", "end", "page down", "t", "T", "tab", "shift-tab", "c", "l", "enter", "x", "2", "z", "o", "a", "h":
		return true
	}
	return false
}

// presentationActions are how it is presented: with what colours, how large, with the
// mouse or without, and with questions.
func presentationActions() []action {
	return []action{
		{[]press{char('m')}, "m", "large", 14, "large, for a projector: few things, seen from the back row; the same key goes back", nil, (*dashboard).switchLarge},
		{[]press{char('e')}, "e", "predict", 9, "predict: you are asked what comes before it is shown, and your right answers are counted; the same key ends it", nil, (*dashboard).switchPredict},
		{[]press{char('C')}, "C", "colours", 19, "the next theme: the terminal's own colours, dark, light, high-contrast", cannotColour, (*dashboard).nextTheme},
		{[]press{char('M')}, "M", "mouse", 22, "leave the mouse to the terminal, which can select text with it, or take it back", nil, (*dashboard).switchMouse},
	}
}
