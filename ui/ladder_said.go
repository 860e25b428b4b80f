package ui

import (
	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// What concerns no segment of its own (the lesson does something to the wire, a host
// starts again) stands in words between the lifelines.

// said draws the words of a row at which the lesson speaks, or a host starts again.
func (p *painter) said(row *ladderRow, y int) {
	if !p.happened(row.said) {
		return
	}
	words := saidWords(p.ladder.stepAt(int(row.said)), p.moment.lang)
	from, to := 0, p.lay.channel()
	if row.flights != noFlights {
		from, to = p.clear(row)
	}
	words = cutTo(words, to-from, p.theme.ellipsis)
	p.canvas.text(p.lay.left+1+from+(to-from-textWidth(words))/2, y, words, p.theme.accent)
}

// saidWords says what the step is, in a few words; "" where there is nothing to say.
func saidWords(step *story.Step, l lang.Language) string {
	switch {
	case step.Kind == story.Narrated && step.Does == "":
		return ""
	case step.Kind == story.Narrated:
		return l.Say("lesson: %s", story.Doing(step.Does, l))
	case step.Kind == story.ListenerClosed:
		return l.Text("the listening socket is closed")
	}
	return l.Say("the %s's host starts again", step.Side)
}

// rebootedAt reports whether a host starts again at step i of the view.
func (b *rowBuilder) rebootedAt(i int32) bool {
	if i < 0 {
		return false
	}
	step := b.story.At(b.view.Rows[i].Step)
	return step != nil && step.Kind == story.HostRebooted
}
