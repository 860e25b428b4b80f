package ui

import (
	"tcpviz/internal/story"
)

// dashboard is everything that the screen depends on. It belongs to the event
// loop: only [App] touches it, from one goroutine at a time.
type dashboard struct {
	options Options
	theme   theme

	story *story.Story
	view  story.View
	marks []mark
	play  playback

	open    panel // the panel that was opened; noPanel
	list    list  // the list that is open
	help    bool
	scroll  int    // first line of the help that is shown
	status  string // what is going on elsewhere: "running the lesson…"
	hint    string // why the last key did nothing
	failure string // shown until it is dismissed
	// awaiting tells that a lesson was asked for: the next story is another one.
	awaiting bool
	touched  bool // the user has pressed a key
	quit     bool

	mainTable, listTable, helpTable []action

	size      rect
	ladder    *ladder
	lay       ladderLayout // of the ladder drawn last, for the mouse
	listLay   listLayout   // of the list drawn last
	diagram   *diagram
	explainer explainer
	header    headerView
	bar       titleBar
	footer    footer
}

func newDashboard(o Options) *dashboard {
	if o.Speed <= 0 {
		o.Speed = 1
	}
	if o.Lang == "" {
		o.Lang = "en"
	}
	d := &dashboard{
		options: o, theme: newTheme(o.ASCII, o.NoColor), open: noPanel, diagram: newDiagram(),
		play:      playback{at: -1, speed: min(max(o.Speed, slowest), fastest)},
		mainTable: mainActions(), listTable: listActions(), helpTable: helpActions(),
	}
	return d
}

// useASCII is for terminals that cannot show more.
func (d *dashboard) useASCII() {
	d.options.ASCII = true
	d.theme = newTheme(true, d.options.NoColor)
}

// moment gives what is to be shown.
func (d *dashboard) moment() moment {
	m := moment{
		story: d.story, view: d.view, marks: d.marks, at: d.play.at,
		lang: d.options.Lang, playing: d.play.playing, live: d.options.Live,
	}
	b := m.beat(m.at)
	m.flight, m.waited = d.play.moment(b)
	if b.long && d.play.playing {
		m.pass = b.real
	}
	return m
}

// send gives the playback an event.
func (d *dashboard) send(e playEvent) {
	m := moment{story: d.story, view: d.view, lang: d.options.Lang}
	d.play = d.play.on(e, m.beat, d.options.Live)
}

// animating reports whether the picture changes as time passes.
func (d *dashboard) animating() bool { return d.play.playing }

// show takes over a story: a new one from its beginning, one that has grown at
// the position that was shown.
func (d *dashboard) show(s *story.Story) {
	if s == nil {
		return
	}
	fresh := d.story == nil || d.awaiting || d.story.Meta.Lesson != s.Meta.Lesson || d.story.Meta.Source != s.Meta.Source
	before := 0
	if d.story != nil {
		before = d.story.Conns.Len()
	}
	conn := d.view.Conn
	if fresh {
		conn, before = 0, 0
	}
	if conn == 0 && s.Conns.Len() > 0 {
		conn = 1
	}
	number := 0
	if row, ok := d.moment().row(); ok && !fresh {
		number = row.Step
	}
	d.story, d.awaiting = s, false
	d.take(conn)
	d.list.fit(d.listLength())
	if fresh {
		d.begin()
	} else {
		d.reach(number)
	}
	if d.options.Live && !d.touched && before < 2 && s.Conns.Len() > 1 && d.list.kind == noList {
		d.openList(connectionList)
	}
}

// take selects a connection of the story.
func (d *dashboard) take(conn int) {
	d.view = d.story.View(conn)
	d.marks = track(d.story, d.view)
}

// begin starts the story from its beginning, or at its newest step when it is live.
func (d *dashboard) begin() {
	d.play = playback{at: -1, rows: len(d.view.Rows), speed: d.play.speed}
	switch {
	case d.options.Live:
		d.play.follow, d.play.at = true, d.play.rows-1
	case d.options.Paused:
		d.play.at = min(0, d.play.rows-1)
	default:
		d.play.playing = true
	}
}

// reach goes on at the step with that number (0: before the first) in a view that
// has become another one.
func (d *dashboard) reach(number int) {
	d.play.at = -1
	if number > 0 {
		d.play.at = d.view.Index(number)
		if d.play.at < 0 && len(d.view.Rows) > 0 && number <= d.story.First {
			d.play.at = 0 // the step was forgotten
		}
	}
	d.send(playEvent{signal: grown, n: len(d.view.Rows)})
}

// choose shows another connection at the same time of the story.
func (d *dashboard) choose(conn int) {
	if d.story == nil || conn < 1 || conn > d.story.Conns.Len() {
		return
	}
	number := 0
	if row, ok := d.moment().row(); ok {
		number = row.Step
	}
	d.take(conn)
	d.reach(number)
}

// toggle opens a panel, or closes it when it is open.
func (d *dashboard) toggle(p panel) {
	if d.open == p {
		d.open = noPanel
	} else {
		d.open = p
	}
}

// fail shows an error until the user has seen it.
func (d *dashboard) fail(err error) {
	d.failure, d.awaiting, d.status = err.Error(), false, ""
}

// click selects what is at x, y.
func (d *dashboard) click(x, y int) {
	if d.list.kind != noList {
		if i, ok := d.listLay.rowAt(x, y, d.listLength()); ok {
			if d.list.cursor == i {
				d.pick()
			}
			d.list.cursor = i
		}
		return
	}
	r := newLayout(d.size.w, d.size.h, d.open).rects[ladderPanel]
	if !r.has(x, y) || d.help || d.failure != "" {
		return
	}
	if row, ok := d.lay.rowAt(y - r.y); ok {
		d.send(playEvent{signal: jump, n: row})
	}
}

// wheel turns the story, or the open list, by one.
func (d *dashboard) wheel(down bool) {
	switch {
	case d.help && down:
		d.scrollHelp(1)
	case d.help:
		d.scrollHelp(-1)
	case d.list.kind != noList && down:
		d.list.move(1, d.listLength())
	case d.list.kind != noList:
		d.list.move(-1, d.listLength())
	case down:
		d.send(playEvent{signal: forward})
	default:
		d.send(playEvent{signal: back})
	}
}
