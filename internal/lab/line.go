package lab

import (
	"slices"
	"time"

	"tcpviz/fsm"
	"tcpviz/internal/story"
)

// flight is a segment on the wire.
type flight struct {
	packet
	cleared bool      // it was judged: it arrives when it is its turn
	due     time.Time // before then it is not its turn
}

// line are the segments on the wire, each in the order in which they were sent.
type line struct {
	underWay []*flight // the oldest is next
	delayed  []*flight
	swapped  []*flight // each waits until the next one of its direction has passed
	held     []*flight // by the lesson
	onHold   []*flight // by the one who gives the verdicts
}

// next takes the segment whose turn it is: a delayed one that is due, or the oldest,
// when it has been on its way for long enough.
func (l *line) next(now time.Time) *flight {
	for i, f := range l.delayed {
		if !f.due.After(now) {
			l.delayed = slices.Delete(l.delayed, i, i+1)
			return f
		}
	}
	if len(l.underWay) == 0 || l.underWay[0].due.After(now) {
		return nil
	}
	f := l.underWay[0]
	l.underWay = l.underWay[1:]
	return f
}

// nextDue tells when it is the turn of the next segment.
func (l *line) nextDue() (due time.Time, ok bool) {
	if len(l.underWay) > 0 {
		due, ok = l.underWay[0].due, true
	}
	for _, f := range l.delayed {
		if !ok || f.due.Before(due) {
			due, ok = f.due, true
		}
	}
	return due, ok
}

// asked takes the oldest of those on hold by the one who gives the verdicts.
func (l *line) asked() *flight {
	if len(l.onHold) == 0 {
		return nil
	}
	f := l.onHold[0]
	l.onHold = l.onHold[1:]
	return f
}

// first puts segments before all others, to arrive.
func (l *line) first(flights ...*flight) {
	for _, f := range flights {
		f.cleared, f.due = true, time.Time{}
	}
	l.underWay = append(slices.Clone(flights), l.underWay...)
}

// passed lets those go that have waited for a segment of this direction.
func (l *line) passed(from fsm.Side) {
	var freed []*flight
	l.swapped = slices.DeleteFunc(l.swapped, func(f *flight) bool {
		if f.from == from {
			freed = append(freed, f)
		}
		return f.from == from
	})
	l.first(freed...)
}

// releaseSwapped lets those go that wait for a segment that does not come. It
// gives false when there are none.
func (l *line) releaseSwapped() bool {
	if len(l.swapped) == 0 {
		return false
	}
	l.first(l.swapped...)
	l.swapped = nil
	return true
}

// releaseHeld lets so many of those go that the lesson holds, the oldest first; 0: all.
func (l *line) releaseHeld(count int) {
	if count <= 0 || count > len(l.held) {
		count = len(l.held)
	}
	l.first(l.held[:count]...)
	l.held = l.held[count:]
}

// anyHeld reports whether anything is kept from arriving.
func (l *line) anyHeld() bool { return len(l.delayed)+len(l.swapped)+len(l.held)+len(l.onHold) > 0 }

// impairment is the event of what was done to a segment.
func (f *flight) impairment(at time.Time, what story.Impaired, v Verdict) story.Impairment {
	i := story.Impairment{Time: at, Frame: f.frame.Number, What: what, ByUser: v.ByUser}
	if v.Act == Delay {
		i.For = v.For
	}
	return i
}

func (f *flight) arrival(at time.Time, fate story.Fate) story.Arrival {
	return story.Arrival{Time: at, Frame: f.frame.Number, Fate: fate}
}
