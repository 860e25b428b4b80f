package lab

import (
	"context"
	"slices"

	"tcpviz/fsm"
	"tcpviz/internal/lesson"
	"tcpviz/internal/story"
)

// happened waits until nothing more comes of what was just done, and gives it all:
// what was done itself (first), the calls, the segments that are on the wire now,
// the timers, and what both stacks say. passed tells that nothing was done but
// that time has passed.
func (h *held) happened(ctx context.Context, passed bool, first ...story.Event) error {
	sockets, packets, err := h.hosts.rest(ctx, h.programsAndCalls)
	if err != nil {
		return err
	}
	events, entered := h.callEvents()
	now := endsOf(sockets)
	if passed && !entered {
		events = append(events, h.vanished(now, packets, events)...)
	}
	before, err := h.beforeTimers(len(packets) > 0)
	if err != nil {
		return err
	}
	for _, p := range packets {
		if p.skipped != "" {
			// A segment alone waits for a verdict; the rest is none of the lesson's.
			h.skipped[p.skipped]++
			if err := p.deliver(); err != nil {
				return err
			}
			continue
		}
		h.given++
		p.frame.Number = h.given
		e := endpoint{p.frame.Src, p.frame.Dst}
		h.sides[e], h.sides[e.peer()] = p.from, p.from.Other()
		timer := h.timerBehind(e, p, before, now[e], passed)
		if timer != fsm.NoTimer {
			events = append(events, story.Expiry{
				Time: p.frame.Time, Side: p.from, Local: e.local, Remote: e.remote, Timer: timer,
			})
			before.told[e] = true
		}
		h.sends(e, p.frame.Segment, timer)
		h.saw(p.frame)
		h.line.underWay = append(h.line.underWay, &flight{packet: p, due: p.frame.Time.Add(h.hosts.hop())})
		events = append(events, p.frame)
	}
	slices.SortStableFunc(events, story.Compare)
	h.give(slices.Insert(events, h.before(first, events), first...), sockets)
	return nil
}

// before counts the events, ordered by time, that have happened before the first ones
// and are only seen now: a timer of a real kernel does not wait until it is looked at.
func (h *held) before(first, events []story.Event) int {
	if len(first) == 0 || !first[0].When().After(h.last) { // or the clock was set back
		return 0
	}
	n := slices.IndexFunc(events, func(e story.Event) bool { return !e.When().Before(first[0].When()) })
	if n < 0 {
		return len(events)
	}
	return n
}

// give emits events, each not before the one before it, and what the stacks say.
func (h *held) give(events []story.Event, sockets [2][]socketState) {
	same := slices.Equal(sockets[0], h.sockets[0]) && slices.Equal(sockets[1], h.sockets[1])
	h.sockets = sockets
	if len(events) == 0 && same {
		return
	}
	for i, e := range events {
		if e.When().Before(h.last) { // the machine's clock may have been set back
			events[i] = e.At(h.last)
		}
		h.last = events[i].When()
	}
	var all []socketState
	for side, list := range sockets {
		for _, s := range list {
			h.sides[s.endpoint] = fsm.Side(side)
			all = append(all, s)
		}
	}
	at := h.now()
	for _, t := range h.truths(all, at, h.sideOf) {
		events = append(events, t)
	}
	h.last = at
	if len(events) > 0 {
		h.thinks(func() { h.emit(events) })
	}
}

func (h *held) sideOf(e endpoint) fsm.Side { return h.sides[e] }

// callEvents gives what programs have done since the last time, and whether any of
// it is the beginning of a call.
func (h *held) callEvents() (events []story.Event, entered bool) {
	for _, r := range h.records {
		if r.returnGiven {
			continue
		}
		if r.call.Op == lesson.Connect && r.blocked() && !r.chosen.IsValid() {
			r.chosen = programNamed(h.programs, r.program.Name).calls.name(r.fd)
		}
		for _, e := range r.events() {
			entered = entered || e.(story.Call).Phase == story.Enter
			events = append(events, e)
		}
	}
	return events, entered
}
