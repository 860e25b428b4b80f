package ui

import (
	"tcpviz/fsm"
	"tcpviz/internal/story"
)

// mark is what the state diagram and the keys need to know of all that has
// happened up to a row, so that no frame looks back through the story.
type mark struct {
	visited   [2]stateSet // states that each side was in
	changed   [2]int32    // by side, the newest row that changed its endpoint's state; -1: none
	last      int32       // the newest row that changed any state, a listening socket's too; -1: none
	listening bool        // a listening socket of the server is open
	said      int32       // the newest row that begins a narration; -1: none
	segment   int32       // the newest row of a segment; -1: none
	// scale is, by side, 1 more than the shift of the window scale option in its
	// SYN, 0 when its SYN had none or was not seen (RFC 7323 section 2).
	scale [2]uint8
}

// stateSet is a set of states.
type stateSet uint16

func (s stateSet) has(state fsm.State) bool { return s&(1<<state) != 0 }

func (s *stateSet) add(state fsm.State) { *s |= 1 << state }

// track gives the mark of every row of a view.
func track(s *story.Story, v story.View) []mark {
	marks := make([]mark, len(v.Rows))
	now := startMark()
	listeners := 0
	for i, row := range v.Rows {
		step := s.At(row.Step)
		if step == nil {
			marks[i] = now
			continue
		}
		for _, t := range step.Transitions {
			if !t.Changed() {
				continue
			}
			if step.Listener && t.To == fsm.Listen {
				listeners++
			}
			if step.Listener && t.From == fsm.Listen {
				listeners = max(listeners-1, 0)
			}
			now.visited[t.Side].add(t.From)
			now.last = int32(i)
			if !step.Listener {
				now.changed[t.Side] = int32(i)
			}
		}
		for side, state := range row.State {
			now.visited[side].add(state)
		}
		now.listening = listeners > 0
		if step.Say != (story.Text{}) {
			now.said = int32(i)
		}
		if step.Frame != nil {
			now.segment = int32(i)
			if segment := &step.Frame.Segment; segment.Flags.Has(fsm.SYN) {
				now.scale[step.Sender()] = 0
				if segment.Options.HasScale {
					now.scale[step.Sender()] = min(segment.Options.WindowScale, 14) + 1
				}
			}
		}
		marks[i] = now
	}
	return marks
}

// startMark is what is known before the first row.
func startMark() mark {
	return mark{changed: [2]int32{-1, -1}, last: -1, said: -1, segment: -1}
}

// mark gives the mark of the newest row that has happened.
func (m moment) mark() mark {
	if m.at < 0 || m.at >= len(m.marks) {
		return startMark()
	}
	return m.marks[m.at]
}

// changeOf gives the newest change of a side's state, up to now, and whether there is one.
func (m moment) changeOf(side fsm.Side) (fsm.Transition, bool) {
	step := m.stepAt(int(m.mark().changed[side]))
	if step == nil {
		return fsm.Transition{}, false
	}
	for i := len(step.Transitions) - 1; i >= 0; i-- {
		if t := step.Transitions[i]; t.Changed() && t.Side == side {
			return t, true
		}
	}
	return fsm.Transition{}, false
}

// nextChange gives the next row after the moment's that changes a state, or the
// last row; with backward the row before.
func (m moment) nextChange(backward bool) int {
	if backward {
		i := m.at - 1
		if i < 0 {
			return -1
		}
		return int(m.marks[min(i, len(m.marks)-1)].last)
	}
	for i := m.at + 1; i < len(m.marks); i++ {
		if m.marks[i].last == int32(i) {
			return i
		}
	}
	return len(m.marks) - 1
}
