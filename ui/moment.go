package ui

import (
	"time"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// moment is what the screen shows: a position in a story. Everything that is
// drawn is a function of it and of the screen's size.
type moment struct {
	story *story.Story
	view  story.View // of the selected connection; its rows are steps
	marks []mark     // what had happened by each row
	at    int        // index into view.Rows of the newest row that has happened; -1: before the first
	// flight is how far the segment that was sent at row `at` has come: 0 at its
	// sender, 1 at the other side, its arrival still to be told. It is 1 whenever
	// nothing moves.
	flight float64
	// waited is the real time that has passed since row `at` while the playback
	// waits for the next row; 0 when it does not wait. A blocked call's bar may show it.
	waited time.Duration
	// pass is the real time between row `at` and the next one when it is so long
	// that the playback shortens it, else 0.
	pass    time.Duration
	lang    lang.Language
	playing bool
	live    bool   // the story still grows
	secret  bool   // what comes next is not to be told: it is going to be asked
	score   string // of what was asked: "3/5"; "" when nothing was yet
}

// row gives the newest row that has happened, if any has.
func (m moment) row() (story.Row, bool) {
	if m.at < 0 || m.at >= len(m.view.Rows) {
		return story.Row{}, false
	}
	return m.view.Rows[m.at], true
}

// step gives the newest step that has happened, nil before the first.
func (m moment) step() *story.Step { return m.stepAt(m.at) }

// stepAt gives the step of row i, nil when there is none.
func (m moment) stepAt(i int) *story.Step {
	if m.story == nil || i < 0 || i >= len(m.view.Rows) {
		return nil
	}
	return m.story.At(m.view.Rows[i].Step)
}

// states gives the state of each side now.
func (m moment) states() [2]fsm.State {
	row, _ := m.row()
	return row.State
}
