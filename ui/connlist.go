package ui

import (
	"slices"
	"time"

	"tcpviz/fsm"
	"tcpviz/internal/filter"
	"tcpviz/internal/story"
)

// connList is the list of a capture's connections: which of them are in it, in which
// order, and where the cursor is. Scrolling looks only at the rows that are seen; to
// order and to filter happens once for each change.
type connList struct {
	conns   story.Connections
	by      order
	down    bool // the greatest first
	input   filterInput
	filter  filter.Filter // the newest text of the input that could be read
	matched string        // that text

	// rows are the numbers of the connections in the list, in its order. It is nil
	// while all of them are in it by their numbers.
	rows []uint32

	cursor, top int // rows: of the cursor, and the first that is shown
	at          int // connection under the cursor; 0: the list is empty
	// chosen is the connection that the user brought the cursor to: it goes back
	// there as soon as a filter lets it.
	chosen int

	// stale tells that the capture has grown since rows were made, in a way that may
	// concern rows which were there before.
	stale bool
	due   time.Time // when rows may be made again: the rest of the time is the user's
	clock func() time.Time
}

// newConnList gives an empty list with a filter, which need not be right yet.
func newConnList(text string) connList {
	l := connList{clock: time.Now}
	l.input.insert(text)
	l.retype()
	l.input.open = l.input.mistake != nil
	return l
}

// whole reports whether all connections are in the list, by their numbers.
func (l *connList) whole() bool { return l.by == byNumber && l.filter.Empty() }

// len is the number of rows.
func (l *connList) len() int {
	if l.whole() {
		return l.conns.Len()
	}
	return len(l.rows)
}

// id gives the connection of a row.
func (l *connList) id(row int) int {
	switch {
	case !l.whole():
		return int(l.rows[row])
	case l.down:
		return l.conns.Len() - row
	}
	return row + 1
}

// row gives the row of a connection, -1 when it is not in the list.
func (l *connList) row(id int) int {
	switch {
	case id < 1 || id > l.conns.Len():
		return -1
	case !l.whole():
		return slices.Index(l.rows, uint32(id))
	case l.down:
		return l.conns.Len() - id
	}
	return id - 1
}

// move moves the cursor by n rows.
func (l *connList) move(n int) { l.put(l.cursor + n) }

// put puts the cursor on a row, as the user wants it.
func (l *connList) put(row int) {
	l.cursor = max(min(row, l.len()-1), 0)
	l.at = 0
	if l.len() > 0 {
		l.at = l.id(l.cursor)
	}
	l.chosen = l.at
}

// find puts the cursor on a connection if it is in the list.
func (l *connList) find(id int) {
	if row := l.row(id); row >= 0 {
		l.put(row)
	}
}

// place puts the cursor back on its connection after the rows have become others,
// at the same height of the screen.
func (l *connList) place() {
	height := l.cursor - l.top
	row := -1
	for _, id := range [...]int{l.chosen, l.at} {
		if row = l.row(id); row >= 0 {
			break
		}
	}
	switch {
	case row < 0 && l.at == 0:
		row = 0
	case row < 0:
		row = max(min(l.cursor, l.len()-1), 0)
	}
	l.cursor, l.top = row, max(row-height, 0)
	l.at = 0
	if l.len() > 0 {
		l.at = l.id(row)
	}
}

// window moves the part that is shown so that the cursor is in it and no row is wasted.
func (l *connList) window(lines int) {
	l.top = min(l.top, l.cursor, max(l.len()-lines, 0))
	l.top = max(l.top, l.cursor-lines+1, 0)
}

// orderBy orders the list; again by the same turns it round. The cursor goes to the
// first row: what comes first is what was asked for.
func (l *connList) orderBy(by order) {
	if l.by == by {
		l.down = !l.down
	} else {
		l.by, l.down = by, by.greatestFirst()
	}
	if l.stale {
		l.make()
	} else {
		l.sort()
	}
	l.top = 0
	l.put(0)
	l.chosen = 0
}

// make makes the rows from the beginning: it filters and sorts.
func (l *connList) make() {
	begun := l.clock()
	l.rows, l.stale = nil, false
	if l.filter.Empty() {
		l.sort()
	} else {
		l.rows = []uint32{}
		for id := 1; id <= l.conns.Len(); id++ {
			if l.filter.Match(l.conns.At(id)) {
				l.rows = append(l.rows, uint32(id))
			}
		}
		if l.by != byNumber || l.down {
			l.sort()
		}
	}
	ended := l.clock()
	l.due = ended.Add(restFactor * ended.Sub(begun))
	l.place()
}

// restFactor is how much longer than making the rows took they stay as they are
// while the capture is read, so that nine tenths of the time are for other things.
const restFactor = 9

// refresh makes the rows again when they are stale and it may be done; now tells
// that it must be.
func (l *connList) refresh(now bool) {
	if l.stale && (now || !l.clock().Before(l.due)) {
		l.make()
	}
}

// grow takes over the connections as they are now: those that were there before, at
// the least. New ones come into the list at once where they do not stand between
// others; the rest waits for refresh.
func (l *connList) grow(conns story.Connections) {
	before := l.conns.Len()
	l.conns = conns
	switch {
	case conns.Len() < before: // another capture
		l.make()
		return
	case l.whole():
		if l.down || l.at == 0 {
			l.place()
		}
		return
	}
	// What is known of a connection changes as long as it is read, but not its number
	// and its beginning.
	l.stale = l.stale || !l.filter.Fixed() || l.by > byTime
	if l.by > byTime {
		return
	}
	var more []uint32
	for id := before + 1; id <= conns.Len(); id++ {
		if l.filter.Match(conns.At(id)) {
			more = append(more, uint32(id))
		}
	}
	if len(more) == 0 {
		return
	}
	more = sorted(conns, more, l.by, l.down)
	key := func(id uint32) uint64 { return l.by.key(conns.At(int(id))) }
	switch {
	case len(l.rows) == 0:
		l.rows = more
	case !l.down && key(l.rows[len(l.rows)-1]) <= key(more[0]):
		l.rows = append(l.rows, more...)
	case l.down && key(l.rows[0]) < key(more[len(more)-1]):
		l.rows = append(more, l.rows...)
	default: // the clock of the capture went back
		l.stale = true
		return
	}
	if l.down || l.at == 0 {
		l.place()
	}
}

// selected gives the summary of the connection under the cursor, nil when there is none.
func (l *connList) selected() *fsm.Summary {
	if l.at == 0 {
		return nil
	}
	return l.conns.At(l.at)
}
