package filter

import (
	"math/bits"

	"tcpviz/fsm"
)

// Filter selects connections. It is a value that nothing changes; the zero Filter
// selects all of them.
type Filter struct {
	text       string
	steps      []step
	conditions []condition
	// What the answer depends on besides the connection as a whole.
	asksSender, asksFlags bool
	changes               bool // the answer may change as the connection goes on
}

// A Filter is a program for a machine that holds one truth value. No stack is
// needed, since "and" and "or" need their second operand only where the first one
// has left the answer open, and it is then the answer.
type step struct {
	do action
	n  int // of test: which condition; of skips: how many steps
}

type action uint8

const (
	test action = iota
	negate
	skipIfTrue
	skipIfFalse
)

// Match reports whether the connection is selected. It allocates nothing.
func (f Filter) Match(s *fsm.Summary) bool {
	switch {
	case len(f.steps) == 0:
		return true
	case !f.asksSender && !f.asksFlags: // the same for each segment
		return f.holds(s, fsm.Client, 0)
	}
	for side := range s.Flags {
		if f.holdsForSide(s, fsm.Side(side)) {
			return true
		}
	}
	return false
}

// holdsForSide reports whether the filter holds for a segment that the side sent.
func (f *Filter) holdsForSide(s *fsm.Summary, sender fsm.Side) bool {
	sent := &s.Flags[sender]
	if !f.asksFlags {
		return *sent != (fsm.FlagSet{}) && f.holds(s, sender, 0)
	}
	for i, word := range sent { // as FlagSet.All does, at half the time
		for ; word != 0; word &= word - 1 {
			if f.holds(s, sender, fsm.Flags(i<<6|bits.TrailingZeros64(word))) {
				return true
			}
		}
	}
	return false
}

// holds reports whether the filter holds for a segment with these flags.
func (f *Filter) holds(s *fsm.Summary, sender fsm.Side, flags fsm.Flags) (truth bool) {
	for i := 0; i < len(f.steps); i++ {
		switch step := f.steps[i]; step.do {
		case test:
			truth = f.conditions[step.n].holds(s, sender, flags)
		case negate:
			truth = !truth
		case skipIfTrue:
			if truth {
				i += step.n
			}
		case skipIfFalse:
			if !truth {
				i += step.n
			}
		}
	}
	return truth
}

// Fixed reports whether the answer for a connection is the same from its first
// segment on: the filter asks for its number, addresses and ports alone, and not
// for what sent from them.
func (f Filter) Fixed() bool { return !f.changes }

// Empty reports whether the filter selects everything because it says nothing.
func (f Filter) Empty() bool { return len(f.steps) == 0 }

// String gives the text that the filter was parsed from.
func (f Filter) String() string { return f.text }
