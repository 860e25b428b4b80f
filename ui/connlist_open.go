package ui

import (
	"tcpviz/internal/story"
)

// openConnection shows the ladder of a connection of the list. Where its segments
// are not at hand they are asked for; until they come everything stays as it is.
func (d *dashboard) openConnection(id int) {
	switch {
	case d.story == nil || id < 1 || id > d.story.Conns.Len():
	case d.story.Only == id:
		d.enterLadder()
	case d.story.Only == 0:
		d.choose(id)
		d.enterLadder()
	case d.options.Open == nil:
		d.hint = d.options.Lang.Text("the segments of this connection are not at hand")
	default:
		d.opening = id
		d.options.Open(id)
	}
}

// enterLadder goes from the list to the connection that was opened.
func (d *dashboard) enterLadder() {
	d.opening = 0
	d.fromList = d.fromList || d.list.kind == connectionList
	d.closeList()
}

// escape closes what is open, the newest first; after that it goes back to the list
// where the connection was opened from.
func (d *dashboard) escape() {
	switch {
	case d.opening != 0:
		d.giveUp()
	case d.open != noPanel:
		d.open = noPanel
	case d.fromList:
		d.openList(connectionList)
	}
}

// leaveList goes back to the story, or only gives up the connection that is being opened.
func (d *dashboard) leaveList() {
	if d.opening != 0 {
		d.giveUp()
		return
	}
	d.closeList()
}

// giveUp no longer waits for the connection that was asked for, but for the one that
// is shown, so that nobody goes on reading the other.
func (d *dashboard) giveUp() {
	d.opening = 0
	if d.story.Only > 0 {
		d.options.Open(d.story.Only)
	}
}

// noLadder says why the list cannot be left.
func noLadder(d *dashboard) string {
	if d.list.kind == connectionList && d.opening == 0 && d.story != nil && d.story.Only == story.NoSteps {
		return "no connection has been opened yet"
	}
	return ""
}

// activity says what is going on elsewhere.
func (d *dashboard) activity() string {
	l := d.options.Lang
	switch {
	case d.opening != 0:
		return l.Say("reading connection %s %c", countText(uint64(d.opening)), d.theme.ellipsis)
	case d.stopping:
		return l.Text("stopping; ctrl-C quits")
	}
	return d.status.In(l)
}

// neighbour opens the connection that stands n rows after the one that is shown.
func (d *dashboard) neighbour(n int) {
	l := &d.conns
	l.refresh(true)
	if l.len() == 0 {
		d.hint = d.options.Lang.Text("no connection matches the filter of the list")
		return
	}
	shown := d.view.Conn
	if d.opening != 0 {
		shown = d.opening
	}
	row := l.row(shown)
	if row < 0 { // the filter has left it out: go on from where the cursor is
		row = l.cursor
		if n > 0 {
			row--
		}
	}
	l.put((row + n + l.len()) % l.len())
	if l.at != shown {
		d.openConnection(l.at)
	}
}

// clickConnections is a click on the list of connections: on a row, on the name of a
// column, or on the filter.
func (d *dashboard) clickConnections(x, y int) {
	l := &d.conns
	lay := &d.connLay
	switch row := l.top + y - lay.rows.y; {
	case lay.rows.has(x, y) && row < l.len():
		if row == l.cursor {
			d.pick()
			return
		}
		l.put(row)
	case lay.names.has(x, y):
		for _, cell := range lay.cells {
			if x >= cell.x && x < cell.x+cell.w && cell.by != noOrder {
				l.orderBy(cell.by)
			}
		}
	case lay.filter.has(x, y):
		l.input.open = true
	}
}

// keptSteps gives the story with the steps that are shown now, when it brings those
// of a connection that nobody waits for any more: what is looked at stays.
func (d *dashboard) keptSteps(s *story.Story) *story.Story {
	if d.story.Only <= 0 || s.Only == 0 || s.Only == d.story.Only || s.Only == d.opening {
		return s
	}
	kept := *s
	kept.Steps, kept.First, kept.Only = d.story.Steps, d.story.First, d.story.Only
	return &kept
}

// nothing reports whether a capture has been read that holds no connection.
func (d *dashboard) nothing() bool {
	return !d.options.Live && d.story.Meta.Lesson == "" && len(d.story.Steps) == 0 && d.story.Conns.Len() == 0
}

// clickAgain is the second click of a double click: the first one may have opened
// what it was on.
func (d *dashboard) clickAgain(x, y int) {
	if d.clickOpened {
		d.clickOpened = false
		return
	}
	d.click(x, y)
}
