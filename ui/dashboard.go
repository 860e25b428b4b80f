package ui

import (
	"tcpviz/internal/lang"
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
	conns   connList
	help    bool
	scroll  int         // first line of the help that is shown
	status  lang.Phrase // what is going on elsewhere: "running the lesson…"
	hint    string      // why the last key did nothing
	failure error       // shown until it is dismissed
	// awaiting tells that a lesson was asked for: the next story is another one.
	awaiting bool
	opening  int  // the connection whose steps were asked for; 0: none
	fromList bool // the list is what the connection was opened from: esc goes back to it
	unbegun  bool // the story waits for the list to be left
	progress Progress
	stopping bool // the reading was told to stop

	wire  WireState
	let   int  // the frame that the screen has let go on last
	held  int  // the step of the held segment that was gone to last
	again bool // the wire was taken in hand, and for that the lesson is performed again
	chase bool // up to where it was seen before without a pause

	predict  predict
	greeting bool // the greeting is on the screen, and the story waits
	colours  int  // how many the terminal has

	onlyASCII bool // the terminal shows no other letters either

	clickOpened bool // the last click chose an item of a list
	touched     bool // the user has pressed a key
	quit        bool

	mainTable, listTable, connTable, filterTable, helpTable []action
	predictTable, referenceTable                            []action
	pressed                                                 press // the newest key
	largeRows                                               []largeRow

	size      rect
	ladder    *ladder
	lay       ladderLayout // of the ladder drawn last, for the mouse
	listLay   listLayout   // of the list drawn last
	connLay   connListLayout
	diagram   *diagram
	explainer explainer
	header    headerView
	sequence  *timeSequence
	stack     stackView
	reference referenceView
	code      codeView
	bar       titleBar
	footer    footer
}

func newDashboard(o Options) *dashboard {
	if o.Speed <= 0 {
		o.Speed = 1
	}
	d := &dashboard{
		options: o, colours: allColours, theme: themeOf(o.Preferences.Theme, allColours, o.ASCII, o.NoColor), open: noPanel, diagram: newDiagram(),
		play:      playback{at: -1, speed: min(max(o.Speed, slowest), fastest)},
		mainTable: mainActions(), listTable: listActions(), helpTable: helpActions(),
		connTable: append(listActions(), connectionActions()...), filterTable: filterActions(),
		conns: newConnList(o.Filter), predictTable: predictActions(), referenceTable: referenceActions(),
		predict: predict{on: o.Predict}, greeting: o.Remember != nil && !o.Preferences.Greeted,
	}
	return d
}

// useASCII is for terminals that cannot show more.
func (d *dashboard) useASCII() {
	d.options.ASCII, d.onlyASCII = true, true
	d.useLanguage(lang.English) // nothing else can be shown
	d.restyle()
}

// moment gives what is to be shown.
func (d *dashboard) moment() moment {
	m := moment{
		story: d.story, view: d.view, marks: d.marks, at: d.play.at,
		lang: d.options.Lang, playing: d.play.playing, live: d.options.Live, secret: d.predict.on, score: d.predict.short(),
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
	before := d.play
	d.play = d.play.on(e, m.beat, d.options.Live)
	d.guard(before)
}

// animating reports whether the picture changes as time passes.
func (d *dashboard) animating() bool {
	return d.play.playing || d.conns.stale && d.list.kind == connectionList
}

// show takes over a story: a new one from its beginning, one that has grown at
// the position that was shown.
func (d *dashboard) show(s *story.Story) {
	if s == nil {
		return
	}
	fresh := d.story == nil || d.awaiting || d.story.Meta.Lesson != s.Meta.Lesson || d.story.Meta.Source != s.Meta.Source
	if fresh {
		d.showFresh(s)
		return
	}
	s = d.keptSteps(s)
	before := d.story.Conns.Len()
	other := s.Only != d.story.Only
	asked := d.opening != 0 && s.Only == d.opening
	number := 0
	if row, ok := d.moment().row(); ok {
		number = row.Step
	}
	d.story = s
	d.conns.grow(s.Conns)
	if d.list.kind == connectionList {
		d.conns.refresh(false)
	}
	switch {
	case other:
		d.take(firstConnection(s))
		d.begin()
		if d.list.kind == connectionList && !asked {
			d.unbegun, d.play.playing = true, false
		}
	case d.view.Conn == 0:
		d.take(firstConnection(s))
		d.reach(number)
	default:
		d.take(d.view.Conn)
		d.reach(number)
	}
	if asked {
		d.enterLadder()
	}
	d.beginWithList(before)
}

// showFresh takes over a story that is another one.
func (d *dashboard) showFresh(s *story.Story) {
	if d.story != nil { // what was asked of the one before says nothing of this one
		d.conns = newConnList("")
	}
	d.story, d.awaiting, d.opening, d.fromList = s, false, 0, false
	d.predict = predict{on: d.predict.on}
	d.conns.grow(s.Conns)
	d.conns.refresh(true)
	d.take(firstConnection(s))
	d.begin()
	d.beginWithList(0)
}

// firstConnection gives the connection that a story begins with, 0 when it holds none.
func firstConnection(s *story.Story) int {
	switch {
	case s.Only == story.NoSteps, s.Conns.Len() == 0:
		return 0
	case s.Only > 0:
		return s.Only
	}
	return 1
}

// beginWithList opens the list of connections where a story begins with it: one that
// holds no steps, one that the options say so of, and a live one that nobody has
// touched when a second connection comes. There were so many connections before.
func (d *dashboard) beginWithList(before int) {
	s := d.story
	several := s.Conns.Len() > 1 || s.Conns.Len() == 1 && d.conns.len() == 0 // or the filter leaves the only one out
	wanted := (d.options.Live || d.options.List) && !d.touched && before < 2 && several
	if d.list.kind != noList || !wanted && s.Only != story.NoSteps {
		return
	}
	d.openList(connectionList)
	if !d.options.Live {
		d.unbegun, d.fromList = true, true
		d.play.playing = false
	}
}

// take selects a connection of the story.
func (d *dashboard) take(conn int) {
	d.view = d.story.View(conn)
	d.marks = track(d.story, d.view)
}

// begin starts the story from its beginning, or at its newest step when it is live.
func (d *dashboard) begin() {
	d.play = playback{at: -1, rows: len(d.view.Rows), speed: d.play.speed, open: d.play.open}
	again, chase := d.again, d.chase
	d.again, d.chase = false, false
	switch {
	case d.options.Live, chase:
		d.play.follow, d.play.at = true, d.play.rows-1
	case d.options.Paused && !again:
		d.play.at = min(0, d.play.rows-1)
	default:
		d.play.playing = !d.greeting
	}
	d.guard(playback{at: -1})
}

// reach goes on at the step with that number (0: before the first) in a view that
// has become another one.
func (d *dashboard) reach(number int) {
	waited := d.play.waiting
	d.play.at = -1
	if number > 0 {
		d.play.at = d.view.Index(number)
		if d.play.at < 0 && len(d.view.Rows) > 0 && number <= d.story.First {
			d.play.at = 0 // the step was forgotten
		}
	}
	d.send(playEvent{signal: grown, n: len(d.view.Rows)})
	if d.play.playing && d.play.open && waited && !d.wire.Still {
		// The time until the next step has passed while it was waited for.
		d.play.elapsed = d.moment().beat(d.play.at).dwell
	}
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
	d.failure, d.awaiting, d.status, d.opening = err, false, lang.Phrase{}, 0
}

// click selects what is at x, y.
func (d *dashboard) click(x, y int) {
	d.clickOpened = false
	if d.help || d.failure != nil {
		return
	}
	if d.greets() {
		d.greeted()
		return
	}
	if d.clickFooter(x, y) {
		return
	}
	if d.reference.open {
		d.clickReference(x, y)
		return
	}
	if d.clickAnswer(x, y) {
		return
	}
	if kind := d.list.kind; kind != noList {
		d.clickList(x, y)
		d.clickOpened = d.list.kind != kind
		return
	}
	if d.showsLarge() {
		d.clickLarge(x, y)
		return
	}
	l, _ := d.layout(d.size.w, d.size.h)
	rects := l.rects
	if d.clickSequence(rects[sequencePanel], x, y) {
		return
	}
	r := rects[ladderPanel]
	if d.clickDiagram(rects[diagramPanel], x, y) || !r.has(x, y) {
		return
	}
	if row, ok := d.clicked(x-r.x, y-r.y); ok {
		d.send(playEvent{signal: jump, n: row})
	}
}

// wheelRows is how far a turn of the wheel goes in a long list.
const wheelRows = 3

// wheel turns the story, or the open list, by one.
func (d *dashboard) wheel(down bool) {
	switch {
	case d.help && down:
		d.scrollHelp(1)
	case d.help:
		d.scrollHelp(-1)
	case d.reference.open && down:
		d.reference.move(1)
	case d.reference.open:
		d.reference.move(-1)
	case d.list.kind == connectionList && down:
		d.moveList(wheelRows)
	case d.list.kind == connectionList:
		d.moveList(-wheelRows)
	case d.list.kind != noList && down:
		d.moveList(1)
	case d.list.kind != noList:
		d.moveList(-1)
	case down:
		d.send(playEvent{signal: forward})
	default:
		d.send(playEvent{signal: back})
	}
}

// prefer changes what the user chooses once and wants to find again.
func (d *dashboard) prefer(change func(p *Preferences)) {
	change(&d.options.Preferences)
	if d.options.Remember != nil {
		d.options.Remember(d.options.Preferences)
	}
}
