package survey

import (
	"cmp"
	"slices"
	"sort"

	"tcpviz/capture"
	"tcpviz/fsm"
)

// shard follows a part of the connections: those whose ends fall to it. No two shards
// touch the same value, so that each can be fed by a goroutine of its own.
type shard struct {
	tracker  fsm.Tracker
	first    []int // the first frame of each of its connections, in their order
	segments int
	early    int           // connections that were released early
	finished []fsm.Summary // released, and not given on yet
	changed  []*fsm.Flow   // connections that are not in the list as they are
	list     bool          // whether changed is wanted
	left     []following   // at the end: the connections that were never released
}

// add takes what a frame holds.
func (s *shard) add(o *capture.Observed) {
	s.segments++
	f, sender, fresh := s.tracker.Find(o.Time, o.Src, o.Dst, &o.Segment)
	if fresh {
		s.first = append(s.first, o.Number)
	}
	f.Count(o.Number, o.Time, sender, &o.Segment)
	f.Conn.Pass(sender, &o.Segment)
	if s.list && !f.Touched {
		f.Touched = true
		s.changed = append(s.changed, f)
	}
}

// release is told of each connection that the tracker forgets.
func (s *shard) release(f *fsm.Flow, early bool) {
	if early {
		s.early++
	}
	f.Touched = false
	s.finished = append(s.finished, f.Summary())
}

// end gathers the connections that are left, in their order.
func (s *shard) end() {
	s.left = make([]following, 0, s.tracker.Len())
	for f := range s.tracker.Flows() {
		s.left = append(s.left, following{f.ID(), s, f})
	}
	slices.SortFunc(s.left, func(a, b following) int { return cmp.Compare(a.id, b.id) })
}

// before counts the shard's connections that began before a frame.
func (s *shard) before(frame int) int { return sort.SearchInts(s.first, frame) }
