package ui

import (
	"net/netip"

	"tcpviz/fsm"
	"tcpviz/internal/story"
)

// ladder is the ladder diagram of one connection of one story: two lifelines,
// time downward. It is laid out once, and then draws any moment of the story;
// only the rows that are seen cost anything.
type ladder struct {
	story *story.Story
	view  story.View
	rows  []ladderRow
	rowOf []int32 // for each row of the view, the row of the ladder that shows it
	// bars is how many bars of blocked calls stand side by side at most, by side.
	bars [2]int
	// several tells that more than one program plays the side in the story, so
	// that calls are shown with their program's name.
	several [2]bool
	program [2]string // the program whose socket the connection is; "" when not known
	// A side's address is known from a call's return on, or from the first
	// segment on: named and begun are the indexes of those rows of the view, -1 for none.
	named   [2]int
	address [2]netip.AddrPort // by calls
	begun   int
	ends    [2]netip.AddrPort // by segments
	// opening is what is known of each side before the first row: its state, or nothing.
	opening [2]bool
	// stack is what the TCP is called whose own word stands beside the model's states,
	// and words what it said, by row of the view; "" where it was not asked all along.
	stack string
	words []said
	flags [512]string // names of flags, as far as they were needed: see flagNames
}

// newLadder lays out the view of a story.
func newLadder(s *story.Story, v story.View) *ladder {
	l := &ladder{story: s, view: v, named: [2]int{-1, -1}, begun: -1}
	if s == nil {
		l.view.Rows = nil
	}
	l.rows, l.rowOf = ladderRows(l.view, s)
	for i := range l.rows {
		for side, bars := range &l.rows[i].bars {
			for slot, call := range bars {
				if call >= 0 {
					l.bars[side] = max(l.bars[side], slot+1)
				}
			}
			l.bars[side] = max(l.bars[side], int(l.rows[i].slot[side])+1, 1)
		}
	}
	l.readPrograms()
	l.readAddresses()
	if s != nil {
		if l.stack = stackName(s.Meta.Stage); l.stack != "" {
			l.words = stackWords(s, v)
		}
	}
	return l
}

// fit gives a ladder for the moment: this one when it was laid out for the same
// story and view, else a new one. The receiver may be nil.
func (l *ladder) fit(m moment) *ladder {
	if l != nil && l.story == m.story && l.view.Conn == m.view.Conn && len(l.view.Rows) == len(m.view.Rows) {
		return l
	}
	return newLadder(m.story, m.view)
}

// stepAt gives the step of row i of the view, nil when there is none.
func (l *ladder) stepAt(i int) *story.Step {
	if i < 0 || i >= len(l.view.Rows) {
		return nil
	}
	return l.story.At(l.view.Rows[i].Step)
}

// bottom gives the last row of the ladder that is drawn when row at of the view
// is the newest that has happened.
func (l *ladder) bottom(at int) int {
	if at < 0 || len(l.rowOf) == 0 {
		return 0
	}
	r := int(l.rowOf[min(at, len(l.rowOf)-1)])
	for r+1 < len(l.rows) && l.rows[r+1].kind == noteRow && int(l.rows[r+1].first) <= at {
		r++
	}
	return r
}

// readPrograms finds out who plays the two sides.
func (l *ladder) readPrograms() {
	if l.story == nil {
		return
	}
	var first [2]string
	for i := range l.story.Steps {
		step := &l.story.Steps[i]
		if step.Call == nil {
			continue
		}
		side, name := step.Call.Side, step.Call.Program
		if first[side] == "" {
			first[side] = name
		}
		if name != first[side] {
			l.several[side] = true
		}
		if step.Conn == l.view.Conn && step.Conn > 0 {
			l.program[side] = name
		}
	}
	for side, name := range first {
		if !l.several[side] {
			l.program[side] = name
		}
	}
}

// readAddresses finds out what each side's address is and from when on it is
// known: a client has none before its connection begins.
func (l *ladder) readAddresses() {
	recorded, opened := false, false
	for i := range l.view.Rows {
		step := l.stepAt(i)
		switch {
		case step == nil:
		case step.Frame != nil:
			if l.begun < 0 {
				l.begun = i
				opened = opened || step.Frame.Segment.Flags&(fsm.SYN|fsm.ACK) == fsm.SYN
				sender := step.Sender()
				l.ends[sender], l.ends[sender.Other()] = step.Frame.Src, step.Frame.Dst
			}
		case step.Call != nil:
			recorded = recorded || !step.Call.Inferred
			opened = opened || step.Call.Op == "connect" && step.Side == fsm.Client
			a := step.Call.Local
			if step.Kind == story.CallReturn && a.IsValid() && a.Port() != 0 && l.named[step.Side] < 0 {
				l.named[step.Side], l.address[step.Side] = i, a
			}
		}
	}
	// Whoever sends the first SYN was CLOSED before. What the other side was
	// before can only be known when its program was watched.
	l.opening = [2]bool{recorded || opened, recorded}
}

// addressAt gives the side's address as far as it is known once row at of the
// view has happened.
func (l *ladder) addressAt(side fsm.Side, at int) netip.AddrPort {
	switch {
	case l.begun >= 0 && l.begun <= at:
		return l.ends[side]
	case l.named[side] >= 0 && l.named[side] <= at:
		return l.address[side]
	}
	return netip.AddrPort{}
}
