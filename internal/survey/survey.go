package survey

import (
	"maps"

	"tcpviz/capture"
	"tcpviz/fsm"
	"tcpviz/internal/story"
)

// MostFollowed is how many connections are followed at once unless the options say
// otherwise; together they take some 650 megabytes.
const MostFollowed = 1 << 20

// Options say how the connections are followed, and what becomes of them. The zero
// value is ready to use.
type Options struct {
	// Most is how many connections are followed at once; when there are more, one of
	// those that have been idle longest is finished early. 0: MostFollowed.
	Most int
	// Finished is called with each connection of which nothing more is expected, in the
	// order of their numbers unless thousands would have to wait for one that goes on. The
	// summary is valid during the call only. nil: the survey keeps them all.
	Finished func(s *fsm.Summary)
	// Shards is into how many parts the work is divided, and Each does it: it calls
	// do(0) to do(n-1), at the same time or one after the other, and returns when all
	// have. nil: there is one.
	Shards int
	Each   func(n int, do func(k int))
}

// Survey follows the connections of one capture.
type Survey struct {
	options Options
	shards  []shard
	frames  int
	skipped map[string]int
	failure string
	order   order
	list    story.ConnectionList // of those that were finished, and of the others as they were given out
	ended   bool
}

// New gives a survey that has seen nothing.
func New(o Options) *Survey {
	if o.Most <= 0 {
		o.Most = MostFollowed
	}
	if o.Each == nil || o.Shards < 1 {
		o.Shards = 1
		o.Each = func(_ int, do func(k int)) { do(0) }
	}
	s := &Survey{options: o, shards: make([]shard, o.Shards)}
	for i := range s.shards {
		shard := &s.shards[i]
		shard.list = o.Finished == nil
		shard.tracker.Retain(fsm.Retention{Most: max(o.Most/o.Shards, 1), Release: shard.release})
	}
	return s
}

// Add takes what the next frames hold.
func (s *Survey) Add(batch []capture.Observed) {
	s.frames += len(batch)
	for i := range batch {
		if reason := batch[i].Skipped; reason != "" {
			if s.skipped == nil {
				s.skipped = make(map[string]int)
			}
			s.skipped[string(reason)]++
		}
	}
	n := len(s.shards)
	s.options.Each(n, func(k int) { s.shards[k].add(batch, k, n) })
	s.finish()
}

// End finishes the connections that are left, in the order of their numbers: the
// capture holds no more.
func (s *Survey) End() {
	if s.ended {
		return
	}
	s.ended = true
	s.options.Each(len(s.shards), func(k int) { s.shards[k].end() })
	for {
		var next *shard
		for i := range s.shards {
			shard := &s.shards[i]
			if len(shard.left) > 0 && (next == nil || shard.first[shard.left[0].ID()-1] < next.first[next.left[0].ID()-1]) {
				next = shard
			}
		}
		if next == nil {
			break
		}
		s.give(next, next.left[0].Summary())
		next.left = next.left[1:]
	}
	s.order.flush(s.options.Finished)
	for i := range s.shards {
		s.shards[i].tracker, s.shards[i].changed = fsm.Tracker{}, nil
	}
}

// finish gives on the connections that the shards have released.
func (s *Survey) finish() {
	for i := range s.shards {
		shard := &s.shards[i]
		for _, c := range shard.finished {
			s.give(shard, c)
		}
		shard.finished = shard.finished[:0]
	}
}

// give tells that nothing more is expected of a connection.
func (s *Survey) give(in *shard, c fsm.Summary) {
	c = s.numbered(in, c)
	if s.options.Finished != nil {
		s.order.give(&c, s.options.Finished)
	} else {
		s.list.Set(c)
	}
}

// numbered gives the summary with its number among all connections, where the shard
// counted only its own: those of every shard that began before it come before it.
func (s *Survey) numbered(in *shard, c fsm.Summary) fsm.Summary {
	if len(s.shards) == 1 {
		return c
	}
	c.ID = s.number(in, c.ID)
	if c.Before > 0 {
		c.Before = s.number(in, c.Before)
	}
	return c
}

func (s *Survey) number(in *shard, id int) int {
	frame, n := in.first[id-1], id
	for i := range s.shards {
		if shard := &s.shards[i]; shard != in {
			n += shard.before(frame)
		}
	}
	return n
}

// Connections gives all connections as they stand, unless the options say that they
// are not kept.
func (s *Survey) Connections() story.Connections {
	for i := range s.shards {
		shard := &s.shards[i]
		for _, f := range shard.changed {
			if f.Touched { // else it was finished meanwhile
				f.Touched = false
				s.list.Set(s.numbered(shard, f.Summary()))
			}
		}
		shard.changed = shard.changed[:0]
	}
	return s.list.Given()
}

// Totals gives what was counted so far.
func (s *Survey) Totals() story.Totals {
	t := story.Totals{Frames: s.frames, Skipped: maps.Clone(s.skipped), Error: s.failure}
	for i := range s.shards {
		t.Segments += s.shards[i].segments
		t.Early += s.shards[i].early
	}
	return t
}

// Fail says why reading ended early.
func (s *Survey) Fail(err error) { s.failure = err.Error() }
