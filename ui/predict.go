package ui

import (
	"fmt"
	"slices"

	"tcpviz/internal/story"
)

// predict is a game for one: what comes next is hidden, and asked for, before it is shown.
// It is a value; the answers are kept for as long as the same story is shown.
type predict struct {
	on      bool
	asking  bool     // the question waits for its answer
	newest  question // the one that was asked last
	given   []answer // what was answered, in order
	answers []rect   // where the answers stand on the screen, for the mouse
}

// answer is what was answered to a question.
type answer struct {
	step  int // the question's
	kind  questionKind
	right bool
}

// score counts the right answers, and all of them, of the kinds that are wanted.
func (p predict) score(kinds ...questionKind) (right, all int) {
	for _, a := range p.given {
		if slices.Contains(kinds, a.kind) {
			all++
			if a.right {
				right++
			}
		}
	}
	return right, all
}

// total counts the right answers, and all of them.
func (p predict) total() (right, all int) { return p.score(stateQuestion, segmentQuestion) }

// short writes the score in a word: "3/5"; "" while there is none.
func (p predict) short() string {
	right, all := p.total()
	if !p.on || all == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", right, all)
}

// asked tells that the question on a step was answered before.
func (p predict) asked(step int) bool {
	return slices.ContainsFunc(p.given, func(a answer) bool { return a.step == step })
}

// next gives the first question on the rows from one to another that was not answered yet.
func (p predict) next(s *story.Story, v story.View, from, to int) (q question, ok bool) {
	for row := max(from, 0); row <= to && row < len(v.Rows); row++ {
		if p.asked(v.Rows[row].Step) {
			continue
		}
		if q, ok := questionAt(s, v, row); ok {
			return q, true
		}
	}
	return question{}, false
}

// answered gives the game after an answer: the number of one of the question's answers, from 0.
func (p predict) answered(n int) predict {
	p.asking = false
	p.newest.chosen = n
	p.given = append(slices.Clip(p.given), answer{p.newest.step, p.newest.kind, n == p.newest.right})
	return p
}

// guard stops the playback, which stood elsewhere before, ahead of the first row that is
// to be predicted.
func (d *dashboard) guard(before playback) {
	p := &d.predict
	if !p.on || d.story == nil {
		return
	}
	if p.asking && (p.newest.conn != d.view.Conn || d.play.at != d.view.Index(p.newest.step)-1) {
		p.asking = false
	}
	if d.play.at <= before.at {
		return
	}
	q, ok := p.next(d.story, d.view, before.at+1, d.play.at)
	if !ok {
		return
	}
	d.play = d.play.on(playEvent{signal: jump, n: d.view.Index(q.step) - 1}, d.moment().beat, d.options.Live)
	p.newest, p.asking = q, true
}

// answer takes an answer, and shows what was asked for.
func (d *dashboard) answer(n int) {
	if !d.predict.asking || n < 0 || n >= len(d.predict.newest.answers) {
		return
	}
	d.predict = d.predict.answered(n)
	d.send(playEvent{signal: jump, n: d.view.Index(d.predict.newest.step)})
}

// switchPredict begins to ask, or stops asking; what was answered is kept.
func (d *dashboard) switchPredict() {
	p, l := &d.predict, d.options.Lang
	p.on, p.asking = !p.on, false
	d.explainer = explainer{}
	if !p.on {
		right, all := p.total()
		d.hint = l.Text("no more questions")
		if all > 0 {
			d.hint = l.Say("no more questions; you had %d of %d", right, all)
		}
		return
	}
	if d.open == sequencePanel {
		d.open = noPanel
	}
}

// told tells that the answer to the newest question is still to be seen: what was asked
// for has happened, and nothing since.
func (d *dashboard) told() bool {
	p := &d.predict
	return p.on && !p.asking && p.asked(p.newest.step) && p.newest.conn == d.view.Conn && d.play.at == d.view.Index(p.newest.step)
}

// scored tells that the story is over, and that there is a score to be shown.
func (d *dashboard) scored() bool {
	return d.predict.on && !d.predict.asking && len(d.predict.given) > 0 && len(d.view.Rows) > 0 &&
		d.play.at == len(d.view.Rows)-1 && !d.play.open && !d.options.Live
}

// predicts tells that the game has something to say.
func (d *dashboard) predicts() bool {
	return d.predict.asking || d.told() || d.scored()
}

// opened gives the panel for which the screen is laid out: where there is little room, the
// questions take that of the words which are not told before they are answered.
func (d *dashboard) opened(w, h int) panel {
	if d.predict.on && d.open == noPanel && newLayout(w, h, noPanel).rects[explainPanel].h < predictLines+1 {
		return explainPanel
	}
	return d.open
}

// noSecrets says why something that tells how the story goes on is not shown.
func noSecrets(d *dashboard) string {
	return unless(!d.predict.on, "it tells what is to be predicted: e ends the questions")
}
