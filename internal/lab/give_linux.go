package lab

import (
	"cmp"
	"slices"

	"tcpviz/internal/story"
)

// sniff takes in the frames that have come.
func (p *play) sniff() error {
	frames, err := p.wire.read()
	p.frames = append(p.frames, frames...)
	return err
}

// give emits what has happened up to a look that showed everything at rest.
func (p *play) give(l look) {
	type ranked struct {
		rank  int
		event story.Event
		at    int64
	}
	var all []ranked
	for _, r := range p.records {
		for _, e := range r.events() {
			c := e.(story.Call)
			rank := 0
			if c.Phase == story.Return {
				rank = 2
			}
			all = append(all, ranked{rank, c, c.Time.UnixNano()})
		}
	}
	for _, f := range p.frames {
		if !p.mine(endpoint{f.Src, f.Dst}) {
			continue
		}
		p.given++
		f.Number = p.given
		p.saw(f)
		all = append(all, ranked{1, f, f.Time.UnixNano()})
	}
	p.frames = nil
	if len(all) == 0 && slices.Equal(l.sockets, p.lastGiven) {
		return
	}
	slices.SortStableFunc(all, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.rank, b.rank))
	})
	events := make([]story.Event, 0, len(all))
	at := l.at.UnixNano()
	for _, r := range all {
		events = append(events, r.event)
		at = max(at, r.at)
	}
	p.lastGiven = l.sockets
	for _, t := range p.truths(l.sockets, moment(at)) {
		events = append(events, t)
	}
	if p.emit != nil {
		p.emit(events)
	}
}
