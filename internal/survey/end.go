package survey

import "tcpviz/fsm"

// End finishes the connections that are left, in the order of their numbers: the
// capture holds no more.
func (s *Survey) End() {
	if s.ended {
		return
	}
	s.Settle()
	s.ended = true
	s.options.Each(len(s.shards), func(k int) { s.shards[k].end() })
	if s.options.Out == nil {
		for i := range s.shards {
			s.keep(&s.shards[i])
		}
		return
	}
	pages := make([]page, len(s.shards))
	for all := s.left(); len(all) > 0; {
		n := min(len(all), len(pages)*rendered)
		s.give(all[:n], pages)
		all = all[n:]
	}
	s.order.flush(s.options.Out.AddLine)
	for i := range s.shards {
		s.shards[i].tracker, s.shards[i].left = fsm.Tracker{}, nil
	}
}

// keep puts the connections that are left of a shard into the list, and lets the shard
// go: there may be no room for all of them twice.
func (s *Survey) keep(in *shard) {
	before := make([]int, len(s.shards)) // how many of each shard's connections began before the present one
	for _, f := range in.left {
		c := f.flow.Summary()
		for i := range s.shards {
			if shard := &s.shards[i]; shard != in {
				for before[i] < len(shard.first) && shard.first[before[i]] < in.first[f.id-1] {
					before[i]++
				}
				c.ID += before[i]
			}
		}
		if c.Before > 0 {
			c.Before = s.number(in, c.Before)
		}
		s.list.Set(c)
	}
	in.left, in.changed, in.tracker = nil, nil, fsm.Tracker{}
}

// rendered is how many connections each worker makes lines of before they are written.
const rendered = 1 << 11

// following is a connection that was not finished by anything but the capture's end.
type following struct {
	id   int // its number
	in   *shard
	flow *fsm.Flow
}

// summary gives what is to be said of it.
func (s *Survey) summary(f following) fsm.Summary {
	c := f.flow.Summary()
	c.ID = f.id
	if c.Before > 0 {
		c.Before = s.number(f.in, c.Before)
	}
	return c
}

// left gives the connections that are followed, in the order of their numbers.
func (s *Survey) left() (all []following) {
	id := 0
	begun := make([]int, len(s.shards)) // how many of each shard's connections were counted
	left := make([]int, len(s.shards))  // how many of those that are left were found
	n := 0
	for i := range s.shards {
		n += len(s.shards[i].left)
	}
	all = make([]following, 0, n)
	for {
		next := -1
		for i := range s.shards {
			if first := s.shards[i].first; begun[i] < len(first) && (next < 0 || first[begun[i]] < s.shards[next].first[begun[next]]) {
				next = i
			}
		}
		if next < 0 {
			return all
		}
		id++
		begun[next]++
		shard := &s.shards[next]
		if n := left[next]; n < len(shard.left) && shard.left[n].id == begun[next] {
			all = append(all, following{id, shard, shard.left[n].flow})
			left[next]++
		}
	}
}

// page is what one worker makes of its part of them.
type page struct {
	lines   []line
	text    []byte
	summary fsm.Summary // the one that is made a line of
}

// line is the line of connection id, which ends there in the text.
type line struct{ id, end int }

// give gives on some of the connections that are left; the workers share the work.
func (s *Survey) give(some []following, pages []page) {
	s.options.Each(len(pages), func(k int) {
		page := &pages[k]
		page.lines, page.text = page.lines[:0], page.text[:0]
		for _, f := range some[k*len(some)/len(pages) : (k+1)*len(some)/len(pages)] {
			page.summary = s.summary(f)
			page.text = s.options.Out.Line(page.text, &page.summary)
			page.lines = append(page.lines, line{f.id, len(page.text)})
		}
	})
	for _, page := range pages {
		begin := 0
		for _, l := range page.lines {
			s.order.give(l.id, page.text[begin:l.end], s.options.Out.AddLine)
			begin = l.end
		}
	}
}
