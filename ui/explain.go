package ui

import (
	"fmt"
	"strings"

	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// explainer is the "what happened" panel. It keeps the wrapped words of the last
// moment, which most frames show again.
type explainer struct {
	story *story.Story
	conn  int
	at    int
	size  rect
	lang  lang.Language
	lines []wrapped
}

// few is the number of lines below which the panel says only the most important things.
const few = 6

// draw draws the panel's content.
func (e *explainer) draw(c canvas, m moment, t *theme) {
	size := rect{0, 0, c.w, c.h}
	if e.lines == nil || e.story != m.story || e.conn != m.view.Conn || e.at != m.at || e.size != size || e.lang != m.lang {
		*e = explainer{story: m.story, conn: m.view.Conn, at: m.at, size: size, lang: m.lang}
		if c.h < few {
			e.lines = shortWords(m, t, c.w, c.h)
		} else {
			e.lines = cutLines(lines(words(m, t), c.w), c.h, c.w)
		}
	}
	drawLines(c, e.lines)
}

// words explains the moment in full.
func words(m moment, t *theme) []paragraph {
	step := m.step()
	if step == nil {
		return openingWords(m, t)
	}
	var all []paragraph
	if said := m.mark().said; said >= 0 && !m.secret {
		style := t.accent
		if int(said) != m.at {
			style = t.dim // said before, and still to be read
		}
		all = append(all, paragraph{text: m.stepAt(int(said)).Say.In(m.lang), style: style})
	}
	l := m.lang
	e := m.story.Explain(step.N, l)
	all = append(all, paragraph{lead: l.Text("what"), leadStyle: t.dim, text: e.What, style: t.bold})
	if e.Why != "" {
		why := e.Why
		if e.RFC != "" {
			why = l.Say("%s (%s)", why, cited(l, e.RFC))
		}
		all = append(all, paragraph{lead: l.Text("why"), leadStyle: t.dim, text: why, style: t.base})
	}
	if changes := changeWords(step, l, t); changes != "" && !strings.ContainsRune(e.What, '→') {
		all = append(all, paragraph{lead: l.Text("state"), leadStyle: t.dim, text: changes, style: t.base})
	}
	if e.Now != "" && !m.secret {
		all = append(all, paragraph{lead: l.Text("now"), leadStyle: t.dim, text: e.Now, style: t.base})
	}
	all = append(all, warnings(m, step, t)...)
	if m.at == len(m.view.Rows)-1 {
		all = append(all, ending(m, t)...)
	}
	return all
}

// openingWords is what is said before the first step.
func openingWords(m moment, t *theme) []paragraph {
	if m.story == nil {
		return nil
	}
	meta, l := &m.story.Meta, m.lang
	var all []paragraph
	if title := meta.Title.In(l); title != "" {
		all = append(all, paragraph{text: title, style: t.bold})
	}
	if why := meta.StageWhy.In(l); why != "" {
		all = append(all, paragraph{lead: l.Text("stage"), leadStyle: t.dim, text: why, style: t.base})
	}
	if meta.Recorded {
		all = append(all, paragraph{lead: string(t.recorded), leadStyle: t.warn, text: l.Text("This is a recording: it ran before and is shown again now."), style: t.base})
	}
	if n := len(m.view.Rows); n > 0 && m.secret {
		all = append(all, paragraph{lead: l.Text("now"), leadStyle: t.dim, text: l.Text("Nothing has happened yet. Space plays until there is something to predict."), style: t.base})
	} else if n > 0 {
		all = append(all, paragraph{lead: l.Text("now"), leadStyle: t.dim, text: l.Say("Nothing has happened yet; %d steps follow. Space plays them, the right arrow key goes one on.", n), style: t.base})
	} else {
		all = append(all, paragraph{text: l.Text(nothing(m)), style: t.base})
		all = append(all, ending(m, t)...)
	}
	return all
}

// nothing says why there is not one step to be shown.
func nothing(m moment) string {
	if m.story.Totals.Unshown > 0 && m.view.Conn > 0 {
		return "This connection came after all the steps that a stream's story has room for. Save the capture in a file and replay that: there every connection can be opened."
	}
	return "There is nothing to show yet."
}

// shortWords says what matters most in n lines: the narration when it begins now,
// what happened, and at last the state change with its source.
func shortWords(m moment, t *theme, width, n int) []wrapped {
	step := m.step()
	if step == nil {
		all := openingWords(m, t)
		return fitted(all[:1], all[max(len(all)-1, 1):], width, n)
	}
	l := m.lang
	e := m.story.Explain(step.N, l)
	var last []paragraph
	if warn := warnings(m, step, t); len(warn) > 0 {
		last = warn[:1]
	} else if tell := ending(m, t); m.at == len(m.view.Rows)-1 && len(tell) > 0 {
		last = tell[:1]
	} else if changes := changeWords(step, l, t); changes != "" {
		last = []paragraph{{text: strings.TrimSpace(changes + "  " + cited(l, e.RFC)), style: t.accent}}
	} else if e.Why != "" {
		last = []paragraph{{text: l.Sentences(e.Why, cited(l, e.RFC)), style: t.dim}}
	} else if e.Now != "" && !m.secret {
		last = []paragraph{{lead: l.Text("now"), leadStyle: t.dim, text: e.Now, style: t.base}}
	}
	text := []paragraph{{text: e.What, style: t.bold}}
	if said := m.mark().said; int(said) == m.at && !m.secret {
		text = []paragraph{{text: step.Say.In(l), style: t.accent}}
		last = []paragraph{{text: e.What, style: t.bold}}
	}
	return fitted(text, last, width, n)
}

// fitted wraps two groups of paragraphs to n lines in all; the second one gets
// what the first leaves, one line at the least.
func fitted(text, last []paragraph, width, n int) []wrapped {
	head, tail := lines(text, width), lines(last, width)
	if len(tail) > 0 {
		head = cutLines(head, max(n-1, 0), width)
	}
	head = cutLines(head, n, width)
	return append(head, cutLines(tail, n-len(head), width)...)
}

// changeWords tells the state changes of a step: "client CLOSED → SYN-SENT".
func changeWords(step *story.Step, l lang.Language, t *theme) string {
	var all []string
	for _, change := range step.Transitions {
		if !change.Changed() {
			continue
		}
		who := string(t.token(change.Side)) + " " + sideName(l, change.Side)
		if step.Listener {
			who = string(t.listening) + " " + l.Text("listening socket")
		}
		text := fmt.Sprintf("%s %v %c %v", who, change.From, t.becomes, change.To)
		if change.Basis != 0 {
			text = l.Say("%s (%s)", text, change.Basis)
		}
		all = append(all, text)
	}
	return clauses(l, all...)
}

// warnings tells what is unusual about a step: anomalies, and where the stack
// says something else than the model.
func warnings(m moment, step *story.Step, t *theme) []paragraph {
	var all []paragraph
	l := m.lang
	warn := func(text string) {
		all = append(all, paragraph{lead: string(t.glyphs.warn), leadStyle: t.warn, text: text, style: t.warn})
	}
	for _, truth := range step.Truths {
		if truth.Agree || truth.Conn != 0 && truth.Conn != m.view.Conn {
			continue
		}
		warn(l.Say("The %s's stack says %v, the model says %v.", truth.Truth.Side, truth.Truth.State, truth.Model))
	}
	for _, notice := range m.story.Explain(step.N, l).Unusual {
		text := story.AnomalyWords(notice.Name, l)
		if notice.Text != "" {
			text = l.Say("%s: %s %s", text, notice.Text, cited(l, notice.RFC))
		}
		warn(strings.TrimSpace(text))
	}
	return all
}

// ending tells how the story ends: what was left out, and why it ends early.
func ending(m moment, t *theme) []paragraph {
	var all []paragraph
	totals, l := &m.story.Totals, m.lang
	warn := func(text string) {
		all = append(all, paragraph{lead: string(t.glyphs.warn), leadStyle: t.warn, text: text, style: t.warn})
	}
	if totals.Error != nil {
		warn(l.Say("It ends here: %v", totals.Error))
	}
	if totals.Unshown > 0 {
		warn(l.Say("%d more segments were counted but are not shown.", totals.Unshown))
	}
	if totals.Dropped > 0 {
		warn(l.Say("%d frames were lost by the capture itself.", totals.Dropped))
	}
	return all
}
