package lab

import (
	"context"
	"slices"

	"tcpviz/internal/lesson"
	"tcpviz/internal/story"
)

// rule is a wire act of the lesson that waits for its segments.
type rule struct {
	lesson.WireAct
	left int // segments that it is still done to; -1: all
}

// actOnWire does what a step says of the wire, before its calls.
func (h *held) actOnWire(ctx context.Context, acts []lesson.WireAct) error {
	for _, a := range acts {
		switch {
		case a.Let:
			if a.Count == 0 {
				h.rules = slices.DeleteFunc(h.rules, func(r rule) bool { return r.left < 0 })
			}
			h.line.releaseHeld(a.Count)
			if err := h.settle(ctx); err != nil {
				return err
			}
		case a.Pause:
			if err := h.pause(ctx, a); err != nil {
				return err
			}
		default:
			left := a.Count
			if left == 0 {
				left = 1
			}
			h.rules = append(h.rules, rule{a, left})
		}
	}
	return nil
}

// pause lets the time pass that an act states.
func (h *held) pause(ctx context.Context, a lesson.WireAct) error {
	end := h.hosts.now().Add(a.For)
	for {
		if err := h.settle(ctx); err != nil {
			return err
		}
		left := end.Sub(h.hosts.now())
		if left <= 0 {
			return nil
		}
		if _, err := h.pass(ctx, left); err != nil {
			return err
		}
	}
}

// lessonVerdict is what the lesson does to a segment.
func (h *held) lessonVerdict(f *flight) Verdict {
	for i := range h.rules {
		r := &h.rules[i]
		if r.left == 0 || !r.Match.Matches(f.from, f.frame.Segment) {
			continue
		}
		if r.Match.Skip > 0 {
			r.Match.Skip--
			continue
		}
		if r.left > 0 {
			r.left--
		}
		return verdictOf(r.WireAct)
	}
	return Verdict{}
}

func verdictOf(a lesson.WireAct) Verdict {
	switch a.What {
	case story.Held:
		return Verdict{Act: Hold}
	case story.Delayed:
		return Verdict{Act: Delay, For: a.For}
	case story.Duplicated:
		return Verdict{Act: Duplicate}
	case story.Swapped:
		return Verdict{Act: Swap}
	}
	return Verdict{Act: Drop}
}

// judge decides what becomes of the segment whose turn it is, and does it.
func (h *held) judge(ctx context.Context, f *flight) error {
	if f.cleared {
		return h.arrive(ctx, f)
	}
	v := h.lessonVerdict(f)
	byLesson := true
	if h.verdict != nil {
		said := v
		v = h.verdict(ctx, Packet{Frame: f.frame, From: f.from, Lesson: said})
		byLesson = v == said
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	if v.Act == Hold {
		if byLesson {
			h.line.held = append(h.line.held, f)
		} else {
			h.line.onHold = append(h.line.onHold, f)
		}
		h.quiet = false
		return h.happened(ctx, false, f.impairment(h.now(), story.Held, v))
	}
	return h.act(ctx, f, v)
}

// act does to a segment what was decided.
func (h *held) act(ctx context.Context, f *flight, v Verdict) error {
	at := h.now()
	if v.Act != Deliver && v.Act != Duplicate {
		h.quiet = false
	}
	f.cleared = true
	switch v.Act {
	case Drop:
		return h.happened(ctx, false, f.impairment(at, story.Dropped, v), f.arrival(at, story.FateLost))
	case Delay:
		f.due = at.Add(v.For)
		h.line.delayed = append(h.line.delayed, f)
		return h.happened(ctx, false, f.impairment(at, story.Delayed, v))
	case Swap:
		h.line.swapped = append(h.line.swapped, f)
		return h.happened(ctx, false, f.impairment(at, story.Swapped, v))
	case Duplicate:
		again := *f
		h.line.first(f, &again)
		return h.happened(ctx, false, f.impairment(at, story.Duplicated, v))
	}
	return h.arrive(ctx, f)
}

// arrive hands a segment to the host that it was sent to.
func (h *held) arrive(ctx context.Context, f *flight) error {
	at := h.now()
	if err := f.deliver(); err != nil {
		return err
	}
	h.line.passed(f.from)
	h.acknowledged(f)
	return h.happened(ctx, false, f.arrival(at, story.FateDelivered))
}

// ask asks again about a segment on hold, and lets things happen meanwhile.
func (h *held) ask(ctx context.Context, f *flight) error {
	decided := make(chan Verdict, 1)
	watched, stop := context.WithCancel(ctx)
	asking, ended := context.WithCancel(ctx)
	defer stop()
	defer ended()
	go func() {
		decided <- h.verdict(asking, Packet{Frame: f.frame, From: f.from, Held: true})
		stop()
	}()
	asked := h.hosts.now()
	// A clock that stands still does not move while somebody thinks.
	if !h.hosts.oneByOne() {
		if _, err := h.hosts.pass(watched, forever); err != nil && watched.Err() == nil {
			ended()
			<-decided
			return err
		}
		ended()
	}
	v := <-decided
	h.thought += h.hosts.now().Sub(asked)
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := h.happened(ctx, true); err != nil {
		return err
	}
	if v.Act != Hold {
		return h.act(ctx, f, v)
	}
	h.line.onHold = append(h.line.onHold, f)
	if v.For > 0 {
		_, err := h.pass(ctx, v.For)
		return err
	}
	return nil
}
