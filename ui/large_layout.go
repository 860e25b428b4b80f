package ui

import "tcpviz/fsm"

// largeLayout says where things stand when few of them are shown, and large. It is a
// function of the size alone.
//
//	80x24                              120x40 and more
//	title                              title
//	● CLIENT         ◆ SERVER          ● CLIENT         ◆ SERVER
//	[S Y N - S E N T] [L I S T E N]    █▀▀ █ █ (both states in block letters)
//	   ┃ ━━━━ S Y N ━━━━━━━▶ ┃            ┃               ┃
//	   ┃                     ┃            ┃ (few events)  ┃
//	what happened                      what happened
//	three keys                         three keys
type largeLayout struct {
	w, h     int
	lifeline [2]int // columns
	states   int    // first line of the two states
	tall     int    // how many lines they take
	letters  bool   // they are written in block letters, where a terminal shows them
	double   bool   // twice as large
	body     rect   // of the events, which are as many as there is room for
	event    int    // lines of an event in which a segment is sent
	said     rect   // what happened, in a sentence
}

// newLargeLayout lays out a screen of w times h cells, the last line of which is the footer's.
// ascii: there are no block letters. questions: there is to be room for a question.
func newLargeLayout(w, h int, ascii, questions bool) largeLayout {
	l := largeLayout{w: w, h: h, states: 3, tall: 3, event: 3}
	quarter := w / 4
	l.lifeline = [2]int{quarter, w - 1 - quarter}
	if w < 110 { // banners of two states beside each other must fit, and the arrows between
		l.lifeline = [2]int{w * 19 / 100, w - 1 - w*19/100}
	}
	said := 3
	switch {
	case w >= 190 && h >= 54:
		l.letters, l.double, l.tall, l.event, said = !ascii, !ascii, fontHeight, 7, 5
		if ascii {
			l.tall = 3
		}
	case w >= 110 && h >= 36:
		l.letters, l.event, said = !ascii, 6, 4
	}
	if w >= 110 && h >= 36 {
		l.states = 4
	}
	if questions {
		said = predictLines + 3
		if h < 24 { // the states need no boxes
			l.states, l.tall = 2, 1
		}
	}
	margin := max(w/16, 3)
	l.said = rect{margin, h - 1 - said, w - 2*margin, said - 1}
	top := l.states + l.tall
	l.body = rect{0, top, w, l.said.y - top - 1}
	return l
}

// middle is the column in the middle of what is said of a side.
func (l *largeLayout) middle(side fsm.Side) int { return l.lifeline[side] }

// room is how many columns a side has around its lifeline, the same at both sides of it.
func (l *largeLayout) room() int { return 2*min(l.lifeline[0], (l.w-1)/2-l.lifeline[0]) - 1 }

// big tells that there is room for big arrows, and for boxes on the lifelines.
func (l *largeLayout) big() bool { return l.event >= 6 }
