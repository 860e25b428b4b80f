package ui

import (
	"strings"
	"unicode/utf8"

	"github.com/gdamore/tcell/v2"

	"tcpviz/internal/lang"
	"tcpviz/internal/reference"
)

// referenceView is the reference that is opened over the story: what is at hand at this
// step, the most telling first, then all that there is; or what was typed may mean.
type referenceView struct {
	open    bool
	resumes bool   // the story was playing, and plays on when the reference is closed
	hand    []hand // what was at hand when it was opened
	typed   []rune
	rows    []referenceRow
	cursor  int // the row that is chosen, always one with an entry where there is any
	top     int // the first row that is shown
	// The keys go to the lessons of the chosen entry; lesson is one of them.
	inLessons bool
	lesson    int

	box     rect // where it was drawn last, for the mouse
	list    listLayout
	lessons listLayout
}

// hand is something that is at hand: what it is, and whose.
type hand struct {
	entry reference.Entry
	sides [2]bool // indexed by fsm.Side: it is the state, or the call, of that side
}

// referenceRow is a row of the list: an entry, or the heading of those below it.
type referenceRow struct {
	heading string // in English; "" for an entry
	hand
}

// longestName is the most that can be typed: no name is longer.
const longestName = 60

// openReference opens the reference on what is at hand.
func (d *dashboard) openReference() {
	d.reference = referenceView{open: true, resumes: d.play.playing, hand: d.atHand()}
	if d.play.playing {
		d.send(playEvent{signal: toggle})
	}
	d.reference.list.lines = 1
	d.reference.retype()
}

// closeReference goes back to the story, which plays on if it did.
func (d *dashboard) closeReference() {
	resumes := d.reference.resumes && !d.play.playing
	d.reference = referenceView{}
	if resumes {
		d.send(playEvent{signal: toggle})
	}
}

// retype makes the rows of what was typed: with nothing typed what is at hand, and all
// entries by their kinds.
func (r *referenceView) retype() {
	r.rows, r.cursor, r.top, r.inLessons, r.lesson = nil, 0, 0, false, 0
	if typed := strings.TrimSpace(string(r.typed)); typed != "" {
		for _, e := range reference.Search(typed) {
			r.rows = append(r.rows, referenceRow{hand: hand{entry: e}})
		}
		return
	}
	if len(r.hand) > 0 {
		r.rows = append(r.rows, referenceRow{heading: "at hand"})
		for _, h := range r.hand {
			r.rows = append(r.rows, referenceRow{hand: h})
		}
	}
	for _, k := range reference.Kinds() {
		r.rows = append(r.rows, referenceRow{heading: k.Heading()})
		for _, e := range reference.Of(k) {
			r.rows = append(r.rows, referenceRow{hand: hand{entry: e}})
		}
	}
	r.cursor = 1
}

// typing puts text behind what was typed.
func (r *referenceView) typing(text string) {
	for _, c := range text {
		if !control(c) && c != utf8.RuneError && len(r.typed) < longestName {
			r.typed = append(r.typed, c)
		}
	}
	r.retype()
}

// untype takes away the last n characters of what was typed.
func (r *referenceView) untype(n int) {
	r.typed = r.typed[:max(len(r.typed)-n, 0)]
	r.retype()
}

// chosen gives the entry under the cursor; false when nothing is like what was typed.
func (r *referenceView) chosen() (*reference.Entry, bool) {
	if r.cursor >= len(r.rows) || r.rows[r.cursor].heading != "" {
		return nil, false
	}
	return &r.rows[r.cursor].entry, true
}

// move moves the cursor by n entries; headings do not count.
func (r *referenceView) move(n int) {
	if r.inLessons {
		if e, ok := r.chosen(); ok {
			r.lesson = max(min(r.lesson+n, len(e.Lessons)-1), 0)
		}
		return
	}
	step := 1
	if n < 0 {
		step, n = -1, -n
	}
	for at := r.cursor + step; n > 0 && at >= 0 && at < len(r.rows); at += step {
		if r.rows[at].heading == "" {
			r.cursor, r.lesson = at, 0
			n--
		}
	}
}

// window moves the part of the list that is shown so that the cursor is in it, with the
// heading above it where that is the row before.
func (r *referenceView) window(lines int) {
	first := r.cursor
	if first > 0 && r.rows[first-1].heading != "" {
		first--
	}
	r.top = max(min(r.top, first), r.cursor-lines+1, 0)
}

// toLessons goes to the lessons of the entry, or plays the one that is chosen there.
func (d *dashboard) toLessons() {
	r := &d.reference
	e, _ := r.chosen()
	if !r.inLessons {
		r.inLessons, r.lesson = true, 0
		return
	}
	id := e.Lessons[r.lesson]
	d.reference = referenceView{}
	d.playLesson(id)
}

// cannotGoToLessons says why there is no lesson to go to.
func cannotGoToLessons(d *dashboard) string {
	e, ok := d.reference.chosen()
	switch {
	case !ok:
		return "nothing is like what was typed"
	case len(e.Lessons) == 0:
		return "no lesson shows this"
	}
	return unless(d.options.Play != nil, "there are no lessons to run here")
}

// backFromReference leaves the lessons, or clears what was typed, or closes the reference.
func (d *dashboard) backFromReference() {
	switch r := &d.reference; {
	case r.inLessons:
		r.inLessons = false
	case len(r.typed) > 0:
		r.untype(longestName)
	default:
		d.closeReference()
	}
}

// playLesson asks for a lesson.
func (d *dashboard) playLesson(id string) {
	d.list.kind = noList
	d.awaiting, d.play.playing = true, false
	d.status = lang.Phrasef("starting the lesson %s", id)
	d.options.Play(id)
}

// clickReference is a click while the reference is open: on an entry, on a lesson, or
// beside all of it, which closes it.
func (d *dashboard) clickReference(x, y int) {
	r := &d.reference
	if !r.box.has(x, y) {
		d.closeReference()
		return
	}
	if i, ok := r.list.rowAt(x, y, len(r.rows)); ok {
		if r.rows[i].heading == "" {
			r.cursor, r.inLessons, r.lesson = i, false, 0
		}
		return
	}
	e, ok := r.chosen()
	if !ok {
		return
	}
	if i, ok := r.lessons.rowAt(x, y, len(e.Lessons)); ok && cannotGoToLessons(d) == "" {
		again := r.inLessons && r.lesson == i
		r.inLessons, r.lesson = true, i
		if again {
			d.toLessons()
		}
	}
}

// referenceAction opens the reference.
func referenceAction() action {
	return action{[]press{char('r')}, "r", "reference", 10, "the reference: what the states, flags, calls, errors and header fields at hand are, in two or three sentences; esc closes it", nil,
		(*dashboard).openReference}
}

// referenceActions are the actions while the reference is open; any character is typed.
func referenceActions() []action {
	move := func(n int) func(d *dashboard) { return func(d *dashboard) { d.reference.move(n) } }
	page := func(n int) func(d *dashboard) {
		return func(d *dashboard) { d.reference.move(n * max(d.reference.list.lines-1, 1)) }
	}
	untype := func(n int) func(d *dashboard) { return func(d *dashboard) { d.reference.untype(n) } }
	typed := func(d *dashboard) string { return unless(len(d.reference.typed) > 0, "nothing is typed") }
	return []action{
		{[]press{special(tcell.KeyEnter), special(tcell.KeyRight), special(tcell.KeyTab)}, "enter", "lessons", 2, "in the reference: to the lessons that show it (also → and tab); there, play the one that is chosen", cannotGoToLessons, (*dashboard).toLessons},
		{[]press{special(tcell.KeyDown)}, "↓", "down", 3, "in the reference: down", nil, move(1)},
		{[]press{special(tcell.KeyUp)}, "↑", "up", 4, "in the reference: up", nil, move(-1)},
		{[]press{special(tcell.KeyPgDn)}, "page down", "", 0, "in the reference: a page down", nil, page(1)},
		{[]press{special(tcell.KeyPgUp)}, "page up", "", 0, "in the reference: a page up", nil, page(-1)},
		{[]press{special(tcell.KeyHome)}, "home", "", 0, "in the reference: to the first", nil, move(-anyNumber)},
		{[]press{special(tcell.KeyEnd)}, "end", "", 0, "in the reference: to the last", nil, move(anyNumber)},
		{[]press{special(tcell.KeyBackspace), special(tcell.KeyBackspace2)}, "backspace", "", 0, "in the reference: delete the last character that was typed", typed, untype(1)},
		{[]press{special(tcell.KeyCtrlU)}, "ctrl-U", "", 0, "in the reference: delete all that was typed", typed, untype(longestName)},
		{[]press{special(tcell.KeyEscape)}, "esc", "back", 1, "in the reference: back from the lessons, from what was typed, to the story; all other keys are typed, and find a name", nil, (*dashboard).backFromReference},
		{[]press{special(tcell.KeyLeft), special(tcell.KeyBacktab)}, "←", "", 0, "in the reference: back from the lessons (also shift-tab)", func(d *dashboard) string {
			return unless(d.reference.inLessons, "the lessons are not chosen from")
		}, (*dashboard).backFromReference},
		{[]press{special(tcell.KeyF1)}, "F1", "help", 5, "in the reference: this help", nil, openHelp},
	}
}

// anyNumber is more rows than there are.
const anyNumber = 1 << 30
