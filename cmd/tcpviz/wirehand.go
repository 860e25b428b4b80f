package main

import (
	"context"
	"slices"
	"sync"
	"time"

	"tcpviz/internal/lab"
	"tcpviz/internal/lang"
	"tcpviz/internal/lesson"
	"tcpviz/internal/story"
	"tcpviz/ui"
)

// verdict decides what becomes of a segment on the wire: lab.Options.Verdict.
type verdict func(context.Context, lab.Packet) lab.Verdict

const (
	// delayByHand is longer than any stack's first retransmission timer, so that
	// what is delayed is sent again: its sender cannot tell it from a lost one.
	delayByHand = 1500 * time.Millisecond
	// toNextTimer is how long a segment may wait on for something to happen.
	toNextTimer = 1000 * time.Hour
	// timersAtMost is how many timers may run out, of which nothing is seen to come,
	// before the user is asked again.
	timersAtMost = 64
)

// wireHand is the user's hand on the wire of a lesson in the dashboard. Each
// performance begins with begin; its segments come to verdict.
type wireHand struct {
	play func(lessonWish) // plays a lesson

	mu       sync.Mutex
	tell     func(ui.WireState) // nil: nobody wants to know
	changed  chan struct{}      // closed when something below has changed
	wish     lessonWish         // what is being performed
	asked    bool               // each segment is
	going    bool               // a lesson is being performed
	still    bool               // its clock stands still while somebody thinks
	hold     int                // the wire is held from this frame on; 0: it is not
	hurry    bool               // not to wait for the screen
	shown    int                // the newest frame that the screen has shown
	next     int                // the frame that waits for the screen; 0: none
	calls    int                // that are still to be made before the step that sends the first segment
	sent     bool               // a segment was sent
	until    time.Time          // what happened up to then waits for the screen
	seen     time.Time          // up to when everything was seen
	waiting  []heldFrame
	act      *act // what is to be done to the first of them
	touched  bool
	note     lang.Phrase
	happened int // events so far
}

// heldFrame is a frame that waits for the user.
type heldFrame struct {
	number int
	said   lab.Verdict // what becomes of it where the user only lets it go
}

// act is what the user wants done to a frame.
type act struct {
	frame    int
	what     ui.WireAct
	happened int // of PassTime: the events before
	timers   int // of PassTime: how often time was let pass
}

// newWireHand gives a hand that is on no wire yet. play plays a lesson.
func newWireHand(play func(lessonWish)) *wireHand {
	return &wireHand{play: play, changed: make(chan struct{})}
}

// begin is the beginning of a performance.
func (h *wireHand) begin(tell func(ui.WireState), wish lessonWish) {
	h.change(func() {
		h.tell, h.wish, h.hold = tell, wish, wish.hold
		h.going, h.still, h.asked = true, false, false
		h.sent, h.until, h.seen = false, time.Time{}, time.Time{}
		h.hurry, h.shown, h.next, h.waiting, h.act, h.touched, h.note, h.happened = false, 0, 0, nil, nil, false, lang.Phrase{}, 0
	})
}

// on tells the stage of the performance. There may be no hand.
func (h *wireHand) on(stage string) {
	if h == nil {
		return
	}
	h.change(func() { h.still = stage == lab.Sim && h.asked })
}

// end is the end of a performance.
func (h *wireHand) end() {
	h.change(func() { h.going, h.next, h.waiting, h.act = false, 0, nil, nil })
}

// saw takes in what has happened, once the story has it. On a stage whose clock runs
// it waits for the screen before the step that sends the first segment: a wire that is
// held from the beginning would otherwise be held long before it is looked at, while
// the timers run. There may be no hand.
func (h *wireHand) saw(ctx context.Context, events []story.Event) {
	if h == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	var last time.Time
	for _, e := range events {
		switch e := e.(type) {
		case story.Truth:
			continue
		case story.Frame:
			h.sent = true
		case story.Call:
			last = e.Time
			if e.Phase == story.Enter {
				h.calls--
			}
		}
		h.happened++
	}
	if h.sent || last.IsZero() || h.calls != 0 {
		return
	}
	for h.hold == 1 && h.asked && !h.still && !h.hurry && h.seen.Before(last) {
		if !h.until.Equal(last) {
			h.until = last
			h.announce()
		}
		if !h.wait(ctx) {
			break
		}
	}
	h.until = time.Time{}
}

// hasTouched reports whether the user has done something to the wire in the
// performance. There may be no hand.
func (h *wireHand) hasTouched() bool {
	if h == nil {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.touched
}

// change changes the hand, and lets everybody know.
func (h *wireHand) change(do func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	do()
	h.announce()
}

// announce lets everybody know of a change. The mutex is held.
func (h *wireHand) announce() {
	close(h.changed)
	h.changed = make(chan struct{})
	if h.tell == nil {
		return
	}
	s := ui.WireState{
		Performing: h.going, Still: h.still, Next: h.next, Until: h.until,
		Holding: h.going && h.hold > 0, Touched: h.touched, Note: h.note,
	}
	for _, f := range h.waiting {
		s.Waiting = append(s.Waiting, f.number)
	}
	if len(h.waiting) > 0 {
		s.Lesson = lessonWords(h.waiting[0].said)
	}
	h.tell(s)
}

// lessonWords says what becomes of a segment that is released.
func lessonWords(v lab.Verdict) lang.Phrase {
	who := lang.Phrasef("the lesson")
	if v.ByUser {
		who = lang.Phrasef("the command line")
	}
	switch v.Act {
	case lab.Drop:
		return lang.Phrasef("%s drops it", who)
	case lab.Delay:
		return lang.Phrasef("%s delays it", who)
	case lab.Duplicate:
		return lang.Phrasef("%s duplicates it", who)
	case lab.Swap:
		return lang.Phrasef("%s swaps it with the next", who)
	case lab.Deliver, lab.Hold:
	}
	return lang.Phrase{}
}

// wait waits for a change, or for the end of the context, with the mutex held, and
// reports whether there was a change.
func (h *wireHand) wait(ctx context.Context) bool {
	changed := h.changed
	h.mu.Unlock()
	defer h.mu.Lock()
	select {
	case <-changed:
		return true
	case <-ctx.Done():
		return false
	}
}

// verdict gives the verdicts on the segments of a lesson: the user's, and where there
// is none those of otherwise, or, when that is nil, the lesson's. There may be no hand.
func (h *wireHand) verdict(l lesson.Lesson, otherwise verdict) verdict {
	if h == nil {
		return otherwise
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if l.Retry > 1 && h.hold == 0 {
		return otherwise // a lesson that needs luck has more than one attempt only while nobody decides
	}
	h.asked, h.calls = true, callsBeforeConnect(l)
	return func(ctx context.Context, p lab.Packet) lab.Verdict {
		if p.Held {
			return h.decide(ctx, p.Frame.Number)
		}
		said := p.Lesson
		if otherwise != nil {
			said = otherwise(ctx, p)
		}
		return h.judge(ctx, p.Frame.Number, said)
	}
}

// callsBeforeConnect counts the calls of the steps before the first one that connects.
func callsBeforeConnect(l lesson.Lesson) int {
	n := 0
	for _, s := range l.Steps {
		calls := 0
		for _, a := range s.Acts {
			if slices.ContainsFunc(a.Calls, func(c lesson.Call) bool { return c.Op == lesson.Connect }) {
				return n
			}
			calls += len(a.Calls)
		}
		n += calls
	}
	return n
}

// judge decides on a segment whose turn it is. Where the clock stands still it first
// waits until the screen has shown the segment leave.
func (h *wireHand) judge(ctx context.Context, frame int, said lab.Verdict) lab.Verdict {
	h.mu.Lock()
	defer h.mu.Unlock()
	holds := func() bool { return h.hold > 0 && frame >= h.hold }
	early := func() bool { return h.hold > 0 && frame < h.hold } // seen in the performance before
	for h.still && !holds() && !early() && !h.hurry && h.shown < frame {
		if h.next != frame {
			h.next = frame
			h.announce()
		}
		if !h.wait(ctx) {
			break
		}
	}
	h.next = 0
	if ctx.Err() != nil || !holds() || said.Act == lab.Hold {
		return said
	}
	h.waiting = append(h.waiting, heldFrame{frame, said})
	h.touched = true
	h.announce()
	return lab.Verdict{Act: lab.Hold, ByUser: true}
}

// decide waits for the user to say what becomes of a segment that is held. It gives
// Hold when it is not the turn of this one, and when its context ends.
func (h *wireHand) decide(ctx context.Context, frame int) lab.Verdict {
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		i := slices.IndexFunc(h.waiting, func(f heldFrame) bool { return f.number == frame })
		switch {
		case i < 0:
			return lab.Verdict{}
		case h.hold == 0:
			return h.letGo(i)
		case i > 0 || ctx.Err() != nil:
			return lab.Verdict{Act: lab.Hold}
		case h.act != nil && h.act.frame != frame:
			h.act = nil
		case h.act != nil:
			if v, decided := h.grant(); decided {
				return v
			}
		}
		if !h.wait(ctx) {
			return lab.Verdict{Act: lab.Hold}
		}
	}
}

// letGo ends the waiting of a segment.
func (h *wireHand) letGo(i int) lab.Verdict {
	said := h.waiting[i].said
	h.waiting = slices.Delete(h.waiting, i, i+1)
	h.announce()
	return said
}

// grant does what the user wishes for the segment that waits longest. It gives false
// when it goes on waiting.
func (h *wireHand) grant() (lab.Verdict, bool) {
	w := h.act
	if w.what == ui.PassTime {
		switch {
		case w.timers > 0 && h.happened > w.happened:
			h.act = nil
			return lab.Verdict{}, false
		case w.timers == timersAtMost:
			h.act, h.note = nil, lang.Phrasef("no timer runs: time changes nothing")
			h.announce()
			return lab.Verdict{}, false
		}
		w.timers++
		return lab.Verdict{Act: lab.Hold, For: toNextTimer}, true
	}
	h.act = nil
	said := h.letGo(0)
	switch w.what {
	case ui.Drop:
		return lab.Verdict{Act: lab.Drop, ByUser: true}, true
	case ui.Duplicate:
		return lab.Verdict{Act: lab.Duplicate, ByUser: true}, true
	case ui.Delay:
		return lab.Verdict{Act: lab.Delay, For: delayByHand, ByUser: true}, true
	case ui.Swap:
		return lab.Verdict{Act: lab.Swap, ByUser: true}, true
	case ui.Release, ui.PassTime:
	}
	return said, true
}

// Hold implements ui.Wire.
func (h *wireHand) Hold() {
	h.change(func() { h.hold, h.hurry, h.note = 1, false, lang.Phrase{} })
}

// LetGo implements ui.Wire.
func (h *wireHand) LetGo() { h.change(func() { h.hold, h.note = 0, lang.Phrase{} }) }

// Act implements ui.Wire.
func (h *wireHand) Act(frame int, what ui.WireAct) {
	h.change(func() {
		h.note = lang.Phrase{}
		free := h.act == nil || h.act.what == ui.PassTime
		if free && len(h.waiting) > 0 && h.waiting[0].number == frame {
			h.act = &act{frame: frame, what: what, happened: h.happened}
		}
	})
}

// Again implements ui.Wire.
func (h *wireHand) Again(frame int) {
	h.mu.Lock()
	id := h.wish.id
	h.mu.Unlock()
	h.play(lessonWish{id: id, hold: max(frame, 1)})
}

// Shown implements ui.Wire.
func (h *wireHand) Shown(frame int) { h.change(func() { h.shown = max(h.shown, frame) }) }

// Hurry implements ui.Wire.
func (h *wireHand) Hurry() { h.change(func() { h.hurry = true }) }

// CaughtUp implements ui.Wire.
func (h *wireHand) CaughtUp(until time.Time) { h.change(func() { h.seen = until }) }
