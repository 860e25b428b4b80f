package survey

import (
	"cmp"
	"slices"
	"sort"

	"tcpviz/capture"
	"tcpviz/fsm"
)

// shard follows a part of the connections: those whose ends fall to it. No two shards
// touch the same value, so that each can be served by a goroutine of its own.
type shard struct {
	tracker  fsm.Tracker
	first    []int // the first frame of each of its connections, in their order
	segments int
	early    int           // connections that were released early
	finished []fsm.Summary // released, and not given on yet
	changed  []*fsm.Flow   // connections that are not in the list as they are
	list     bool          // whether changed is wanted
	left     []*fsm.Flow   // at the end: the connections that were never released
}

// add takes those of the frames that fall to shard number k of n.
func (s *shard) add(batch []capture.Observed, k, n int) {
	for i := range batch {
		o := &batch[i]
		if o.Skipped != "" {
			continue
		}
		src, dst := o.Src, o.Dst
		if n > 1 && int(fsm.Spread(src, dst)>>8&0xffff)%n != k {
			continue
		}
		s.segments++
		f, sender, fresh := s.tracker.Find(o.Time, src, dst, &o.Segment)
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
	for f := range s.tracker.Flows() {
		s.left = append(s.left, f)
	}
	slices.SortFunc(s.left, func(a, b *fsm.Flow) int { return cmp.Compare(a.ID(), b.ID()) })
}

// before counts the shard's connections that began before a frame.
func (s *shard) before(frame int) int { return sort.SearchInts(s.first, frame) }
