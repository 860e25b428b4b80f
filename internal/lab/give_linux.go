package lab

import (
	"slices"

	"tcpviz/internal/story"
)

// sniff takes in the frames that have come.
func (p *play) sniff() error {
	frames, err := p.sniffer.read()
	p.frames = append(p.frames, frames...)
	return err
}

// give emits what has happened up to a look that showed everything at rest.
func (p *play) give(l look) {
	var events []story.Event
	for _, r := range p.records {
		events = append(events, r.events()...)
	}
	for _, f := range p.frames {
		if !p.mine(endpoint{f.Src, f.Dst}) {
			continue
		}
		p.given++
		f.Number = p.given
		p.saw(f)
		events = append(events, f)
	}
	p.frames = nil
	if len(events) == 0 && slices.Equal(l.sockets, p.lastGiven) {
		return
	}
	slices.SortStableFunc(events, story.Compare)
	at := moment(l.at.UnixNano())
	if n := len(events); n > 0 && events[n-1].When().After(at) {
		at = events[n-1].When()
	}
	p.lastGiven = l.sockets
	for _, t := range p.truths(l.sockets, at, p.sideOf) {
		events = append(events, t)
	}
	if p.emit != nil {
		p.emit(events)
	}
}
