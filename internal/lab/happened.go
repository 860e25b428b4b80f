package lab

import (
	"cmp"
	"context"
	"slices"
	"time"

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
	inOrder(events)
	h.give(slices.Insert(events, h.before(first, events), first...), sockets)
	return nil
}

// before counts the events, ordered by time, that have happened before the first ones
// and are only seen now: a timer of a real kernel does not wait until it is looked at.
func (h *held) before(first, events []story.Event) int {
	if len(first) == 0 || !timeOf(first[0]).After(h.last) { // or the clock was set back
		return 0
	}
	n := slices.IndexFunc(events, func(e story.Event) bool { return !timeOf(e).Before(timeOf(first[0])) })
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
		events[i] = notBefore(e, h.last)
		h.last = timeOf(events[i])
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

// inOrder orders events by time, and those that share one by rank.
func inOrder(events []story.Event) {
	slices.SortStableFunc(events, func(a, b story.Event) int {
		return cmp.Or(timeOf(a).Compare(timeOf(b)), cmp.Compare(rankOf(a), rankOf(b)))
	})
}

// rankOf orders events that share a time.
func rankOf(e story.Event) int {
	if c, ok := e.(story.Call); ok {
		if c.Phase == story.Enter {
			return 0
		}
		return 2
	}
	return 1
}

// timeOf gives an event's time.
func timeOf(e story.Event) time.Time {
	switch e := e.(type) {
	case story.Call:
		return e.Time
	case story.Frame:
		return e.Time
	case story.Truth:
		return e.Time
	case story.Arrival:
		return e.Time
	case story.Expiry:
		return e.Time
	case story.Impairment:
		return e.Time
	case story.Narration:
		return e.Time
	case story.Reboot:
		return e.Time
	}
	return time.Time{}
}

// notBefore gives the event with a time that is not before t: the machine's clock
// may have been set back.
func notBefore(e story.Event, t time.Time) story.Event {
	if !timeOf(e).Before(t) {
		return e
	}
	switch e := e.(type) {
	case story.Call:
		e.Time = t
		return e
	case story.Frame:
		e.Time = t
		return e
	case story.Truth:
		e.Time = t
		return e
	case story.Arrival:
		e.Time = t
		return e
	case story.Expiry:
		e.Time = t
		return e
	case story.Impairment:
		e.Time = t
		return e
	case story.Narration:
		e.Time = t
		return e
	case story.Reboot:
		e.Time = t
		return e
	}
	return e
}
