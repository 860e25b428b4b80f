package survey

import (
	"maps"

	"tcpviz/capture"
	"tcpviz/fsm"
	"tcpviz/internal/story"
)

// How many connections are followed at once unless the options say otherwise; together
// they take some 700 megabytes. Fewer are when the survey must keep all of them as well.
const (
	mostFollowed = 1 << 20
	mostKept     = 1 << 19
)

// Options say how the connections are followed, and what becomes of them. The zero
// value is ready to use.
type Options struct {
	// Most is how many connections are followed at once; when there are more, one of
	// those that have been idle longest is finished early. 0: what memory has room for.
	Most int
	// Out is given each connection of which nothing more is expected, in the order of
	// their numbers unless thousands would have to wait for one that goes on. nil: the
	// survey keeps them all.
	Out Lines
	// Shards is into how many parts the work is divided, and Each does what is left of it
	// at the end: it calls do(0) to do(n-1), at the same time or one after the other, and
	// returns when all have. nil: there is one.
	Shards int
	Each   func(n int, do func(k int))
}

// Lines takes connections, each as a line. Line appends one to b, and may be called for
// several at once; AddLine takes the lines in order. They are valid during the call only.
type Lines interface {
	Line(b []byte, c *fsm.Summary) []byte
	AddLine(line []byte)
}

// Survey follows the connections of one capture.
type Survey struct {
	options Options
	shards  []shard
	frames  int
	skipped map[string]int
	failure error
	order   order
	page    page                 // for the connections that were released
	list    story.ConnectionList // of those that were finished, and of the others as they were given out
	ended   bool
}

// New gives a survey that has seen nothing.
func New(o Options) *Survey {
	if o.Most <= 0 {
		o.Most = mostFollowed
		if o.Out == nil {
			o.Most = mostKept
		}
	}
	if o.Each == nil || o.Shards < 1 {
		o.Shards = 1
		o.Each = func(_ int, do func(k int)) { do(0) }
	}
	s := &Survey{options: o, shards: make([]shard, o.Shards)}
	for i := range s.shards {
		shard := &s.shards[i]
		shard.list = o.Out == nil
		shard.tracker.Retain(fsm.Retention{Most: max(o.Most/o.Shards, 1), Release: shard.release})
	}
	return s
}

// Shards is the number of shards.
func (s *Survey) Shards() int { return len(s.shards) }

// Add takes what the next frame holds. Where there are several shards each must be given
// every frame; it takes those that fall to it, and a goroutine of its own may do so.
func (s *Survey) Add(k int, o *capture.Observed) {
	if k == 0 {
		s.frames++
		if o.Skipped != "" {
			s.skip(string(o.Skipped))
		}
	}
	if n := len(s.shards); o.Skipped == "" && (n == 1 || int(fsm.Spread(o.Src, o.Dst)>>8&0xffff)%n == k) {
		s.shards[k].add(o)
	}
}

func (s *Survey) skip(reason string) {
	if s.skipped == nil {
		s.skipped = make(map[string]int)
	}
	s.skipped[reason]++
}

// Settle gives on the connections of which nothing more is expected. All shards must have
// been given the same frames, and no goroutine may add any meanwhile.
func (s *Survey) Settle() {
	for i := range s.shards {
		shard := &s.shards[i]
		for _, c := range shard.finished {
			s.page.summary = s.numbered(shard, c)
			if s.options.Out == nil {
				s.list.Set(s.page.summary)
				continue
			}
			s.page.text = s.options.Out.Line(s.page.text[:0], &s.page.summary)
			s.order.give(s.page.summary.ID, s.page.text, s.options.Out.AddLine)
		}
		shard.finished = shard.finished[:0]
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
func (s *Survey) Fail(err error) { s.failure = err }
