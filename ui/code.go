package ui

import (
	"slices"
	"strings"
	"time"

	"github.com/gdamore/tcell/v2"

	"tcpviz/fsm"
	"tcpviz/internal/code"
	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// codeView is the source of the lesson's programs, with what their calls have come to.
// What was read of a lesson and of a story is kept; where each program is at a moment
// follows from the story and the moment alone.
type codeView struct {
	lesson   string
	language code.Language
	in       lang.Language
	listings []code.Listing

	story *story.Story
	made  []performed // by listing
}

// performed are the calls of one program that the story holds.
type performed struct {
	enters, returns []int // their steps, by call; 0 for a return that has not come
	// otherwise tells that the story's program makes other calls than the lesson's: it
	// was recorded from another version of the lesson.
	otherwise bool
}

// codeActions are the keys of the programs' source.
func codeActions() []action {
	return []action{
		{[]press{char('v')}, "v", "source", 7, "the source of the programs: the line that each of them is in; the same key closes it", noCode,
			func(d *dashboard) { d.toggle(codePanel) }},
		{[]press{char('V')}, "V", "", 0, "the source in the next language: C, Python, Go, PHP", func(d *dashboard) string {
			return unless(d.open == codePanel, "the programs' source is not open: v opens it")
		}, (*dashboard).nextCode},
	}
}

// codeLanguage is the programming language that the user has chosen.
func (d *dashboard) codeLanguage() code.Language {
	l, _ := code.Parse(d.options.Preferences.Code)
	return l
}

// nextCode shows the source in the next programming language, from now on.
func (d *dashboard) nextCode() {
	next := d.codeLanguage().Next()
	d.prefer(func(p *Preferences) { p.Code = next.String() })
}

// noCode says why there is no source to be shown; it can always be closed.
func noCode(d *dashboard) string {
	switch {
	case d.open == codePanel:
		return ""
	case d.story == nil:
		return "there is nothing to play yet"
	case d.story.Meta.Lesson == "":
		return "a capture holds no program; a lesson has one"
	}
	if !d.readCode() {
		return "the programs of this lesson are not known here: it is not one of the built-in lessons"
	}
	return ""
}

// readCode brings the listings and what the story says of them up to date. It gives
// false where the lesson is not known.
func (d *dashboard) readCode() bool {
	v, s := &d.code, d.story
	language, in := d.codeLanguage(), d.options.Lang
	if s == nil || s.Meta.Lesson == "" || d.options.Lesson == nil {
		*v = codeView{}
		return false
	}
	if v.lesson != s.Meta.Lesson || v.language != language || v.in != in || v.listings == nil {
		l, known := d.options.Lesson(s.Meta.Lesson)
		if !known {
			*v = codeView{}
			return false
		}
		*v = codeView{lesson: s.Meta.Lesson, language: language, in: in, listings: code.Programs(l, language, in)}
	}
	if v.story != s {
		v.story, v.made = s, readCalls(s, v.listings)
	}
	return true
}

// readCalls finds each program's calls in the story: its n-th call is the lesson's n-th.
func readCalls(s *story.Story, listings []code.Listing) []performed {
	made := make([]performed, len(listings))
	for i := range s.Steps {
		step := &s.Steps[i]
		if step.Kind != story.CallEnter || step.Call.Inferred {
			continue
		}
		at := slices.IndexFunc(listings, func(l code.Listing) bool { return l.Program.Name == step.Call.Program })
		if at < 0 {
			continue
		}
		p, calls := &made[at], listings[at].Calls
		if n := len(p.enters); n >= len(calls) || string(calls[n].Op) != step.Call.Op {
			p.otherwise = true
		}
		if !p.otherwise {
			p.enters, p.returns = append(p.enters, step.N), append(p.returns, step.Peer)
		}
	}
	return made
}

// current gives the newest call that a program has begun by step now, -1 for none.
func (p *performed) current(now int) int {
	n, found := slices.BinarySearch(p.enters, now)
	if !found {
		n--
	}
	return n
}

// latest gives the newest step by now, among those that the ladder shows, in which the
// program began a call or one returned; 0 for none.
func (p *performed) latest(v story.View, now int) int {
	shown := func(step int) bool {
		i := v.Index(step)
		return i >= 0 && v.Rows[i].Step == step
	}
	for n := p.current(now); n >= 0; n-- {
		switch {
		case p.returned(n, now) && shown(p.returns[n]):
			return p.returns[n]
		case shown(p.enters[n]):
			return p.enters[n]
		}
	}
	return 0
}

// returned reports whether a call has returned by step now.
func (p *performed) returned(call, now int) bool {
	return call < len(p.returns) && p.returns[call] > 0 && p.returns[call] <= now
}

// blocks reports whether the program waits in a call at step now. A call that returned
// before anything else happened has not waited.
func (v *codeView) blocks(listing, call, now int) bool {
	p := &v.made[listing]
	if p.returned(call, now) {
		return false
	}
	enter, back := p.enters[call], p.returns[call]
	switch op := v.listings[listing].Calls[call].Op; op {
	case "accept", "connect", "recv":
		return back == 0 && now > enter || back > enter+1
	}
	const noticeable = 10 * time.Millisecond // a send that has room takes microseconds
	from, to := v.story.At(enter), v.story.At(back)
	if from == nil {
		return false
	}
	if to == nil {
		to = v.story.At(now)
	}
	return to != nil && to.Time.Sub(from.Time) > noticeable
}

// value is what a call has given by step now; "" while it has not returned.
func (v *codeView) value(listing, call, now int) (text string, failed bool) {
	p := &v.made[listing]
	if !p.returned(call, now) {
		return "", false
	}
	step := v.story.At(p.returns[call])
	if step == nil || step.Call == nil {
		return "", false
	}
	c := step.Call
	text = c.ResultText()
	first := strings.Index(c.Args, ", ")
	switch {
	case c.Errno != "" || first < 0:
	case c.Op == "recv":
		if last := strings.LastIndex(c.Args, ", "); last > first && c.Result > 0 {
			text += " " + c.Args[first+2:last]
		}
	case c.Op == "getsockname", c.Op == "getpeername":
		text = c.Args[first+2:]
	}
	return harmless(text, false), c.Errno != ""
}

// programOf gives the listing of a side that is to be shown: that of the program
// which, as the ladder shows it, acted last; -1 where the side has none.
func (v *codeView) programOf(side fsm.Side, view story.View, now int) int {
	best := -1
	for i, l := range v.listings {
		if l.Program.Side == side && (best < 0 || v.made[i].latest(view, now) > v.made[best].latest(view, now)) {
			best = i
		}
	}
	return best
}

// lineStyle is how a line of a listing is written.
func lineStyle(line code.Line, current int, t *theme) tcell.Style {
	if line.Call > current && line.Call >= 0 {
		return t.dim
	}
	return t.base
}
