package lab

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
	"tcpviz/internal/lesson"
	"tcpviz/internal/story"
)

// held is one performance of a lesson on two hosts whose wire the lab holds. One
// thing happens at a time: a call begins, a packet arrives, time passes. Then all
// comes to rest, and what came of it is told.
type held struct {
	lesson  lesson.Lesson
	verdict func(context.Context, Packet) Verdict
	emit    func([]story.Event)
	hosts   hosts
	over    atomic.Bool // no further call is to be made

	programsAndCalls
	queues  map[string]*queue // by program
	line    line
	given   int            // frames so far
	skipped map[string]int // packets that hold no TCP segment, by reason

	last    time.Time             // of the newest event
	sockets [2][]socketState      // what the stacks have said last
	sides   map[endpoint]fsm.Side // whose socket it is
	senders map[endpoint]*sender
	timers  [2]firedTimers // that have run out so far
	rules   []rule
	quiet   bool          // nothing was kept from arriving since the step began
	thought time.Duration // that somebody has taken over verdicts and events, in the hosts' time
	observed
}

// queue are the calls of a program that it has not been given yet.
type queue struct {
	waiting []*record
	current *record // the last of those that it was given
}

func (q *queue) free() bool { return q.current == nil || q.current.returned.Load() != 0 }

// Bounds of what may happen without end.
const (
	maxHappenings = 100_000          // in one step: two hosts that answer each other for ever
	endPatience   = 10 * time.Second // for what is still under way at the end, where time is real
	endVirtual    = 30 * time.Minute // the same, where it costs nothing

	longestTimeWait = 4 * time.Minute // 2MSL, RFC 9293 section 3.4.2
)

// runHeld performs the lesson once on a stage whose wire the lab holds.
func runHeld(ctx context.Context, l lesson.Lesson, o Options, stage string, emit func([]story.Event)) (result Result, err error) {
	open := openWireHosts
	if stage == Sim {
		open = openSimHosts
	}
	both, err := open(needsIPv6(l))
	if err != nil {
		return Result{}, &notOpen{stage, Nowhere, err}
	}
	h := &held{
		lesson: l, verdict: o.Verdict, emit: emit, hosts: both,
		queues: make(map[string]*queue), skipped: make(map[string]int),
		sides: make(map[endpoint]fsm.Side), senders: make(map[endpoint]*sender),
	}
	err = h.startPrograms()
	if err == nil {
		err = h.perform(ctx)
	}
	if err == nil {
		result.Unmet = h.unmet(l, h.records, h.sideOf)
		err = h.runOut(ctx)
	}
	h.over.Store(true)
	failed := both.close(h.programsAndCalls)
	result.Frames = h.given
	if len(h.skipped) > 0 {
		result.Skipped = h.skipped
	}
	if err == nil && failed != nil {
		err = lang.Errorf("lab: lesson %s: clean up: %w", l.ID, failed)
	}
	return result, err
}

func (h *held) startPrograms() error {
	for _, who := range h.lesson.Programs {
		p := &program{Program: who}
		if err := h.hosts.start(p, &h.over); err != nil {
			return lang.Errorf("lab: start %s: %w", who.Name, err)
		}
		h.programs = append(h.programs, p)
		h.queues[who.Name] = new(queue)
	}
	return nil
}

// perform plays the lesson from its first step to its last.
func (h *held) perform(ctx context.Context) error {
	for _, s := range h.lesson.Steps {
		if s.SpeaksApart() {
			h.narrate(s)
		}
		for _, side := range s.Reboot {
			if err := h.reboot(ctx, side); err != nil {
				return err
			}
		}
		for _, a := range s.Acts {
			if err := h.awaitIdle(ctx, programNamed(h.programs, a.Program), s.Line); err != nil {
				return err
			}
		}
		h.quiet = !h.line.anyHeld()
		if err := h.actOnWire(ctx, s.Wire); err != nil {
			return err
		}
		issued := h.issue(s)
		if err := h.settle(ctx); err != nil {
			return err
		}
		for _, r := range issued {
			if waitsForLimit(r) {
				if err := h.awaitIdle(ctx, programNamed(h.programs, r.program.Name), s.Line); err != nil {
					return err
				}
			}
		}
	}
	// A call with a limit is part of the lesson until the limit is over.
	for _, p := range h.programs {
		if r := currentOf(h.records, p); r != nil && r.blocked() && r.limited {
			if err := h.awaitIdle(ctx, p, r.call.Line); err != nil {
				return err
			}
		}
	}
	return h.finish(ctx)
}

// reboot lets a side's host fail and start again. A call that was blocked there
// never returns: its program is gone.
func (h *held) reboot(ctx context.Context, side fsm.Side) error {
	l := h.programsAndCalls
	for _, r := range h.records {
		if r.program.Side == side && r.returned.Load() == 0 {
			r.returnGiven = true
		}
	}
	if err := h.hosts.reboot(ctx, side, l); err != nil {
		return lang.Errorf("lab: lesson %s: %w", h.lesson.ID, err)
	}
	for _, r := range h.records {
		r.gone = r.gone || r.program.Side == side && r.returned.Load() == 0
	}
	for _, p := range h.programs {
		if p.Side == side {
			p.last, h.queues[p.Name] = nil, new(queue)
		}
	}
	return h.happened(ctx, false, story.Reboot{Time: h.now(), Side: side})
}

// narrate tells what the lesson says and does at a step where no call begins.
func (h *held) narrate(s lesson.Step) {
	if s.Say == (story.Text{}) {
		return
	}
	h.give([]story.Event{story.Narration{Time: h.now(), Say: s.Say, Does: s.Does()}}, h.sockets)
}

// issue queues a step's calls for its programs.
func (h *held) issue(s lesson.Step) []*record {
	var issued []*record
	for _, a := range s.Acts {
		p := programNamed(h.programs, a.Program)
		for _, c := range a.Calls {
			r := &record{id: len(h.records) + 1, program: p.Program, call: h.meant(p.Side, c)}
			if len(issued) == 0 && !s.SpeaksApart() {
				r.say = s.Say
			}
			issued = append(issued, r)
			h.records = append(h.records, r)
			q := h.queues[p.Name]
			q.waiting = append(q.waiting, r)
			p.last = r
		}
	}
	return issued
}

// pump gives each program that is free its next call, in turn, and tells what came
// of it. It gives false when no program could be given any.
func (h *held) pump(ctx context.Context) (bool, error) {
	given := false
	for _, p := range h.programs {
		q := h.queues[p.Name]
		if len(q.waiting) == 0 || !q.free() {
			continue
		}
		n := len(q.waiting)
		if h.hosts.oneByOne() {
			n = 1
		}
		records := q.waiting[:n:n]
		q.waiting, q.current = q.waiting[n:], records[n-1]
		for _, r := range records {
			r.handed = true
		}
		h.hosts.give(p, records)
		given = true
		if err := h.happened(ctx, false); err != nil {
			return given, err
		}
	}
	return given, nil
}

// settle lets everything happen that needs neither the next step nor a timer.
func (h *held) settle(ctx context.Context) error {
	for range maxHappenings {
		if err := ctx.Err(); err != nil {
			return err
		}
		more, err := h.proceed(ctx)
		if err != nil || !more {
			return err
		}
	}
	return lang.Errorf("lab: lesson %s: the hosts do not come to rest after %d events", h.lesson.ID, maxHappenings)
}

// proceed lets the next thing happen, and gives false when there is none.
func (h *held) proceed(ctx context.Context) (bool, error) {
	if any, err := h.pump(ctx); any || err != nil {
		return true, err
	}
	if f := h.line.next(h.now()); f != nil {
		return true, h.judge(ctx, f)
	}
	if due, ok := h.line.nextDue(); ok {
		_, err := h.pass(ctx, due.Sub(h.now()))
		return true, err
	}
	if f := h.line.asked(); f != nil {
		return true, h.ask(ctx, f)
	}
	if limit := h.hosts.ackPatience(); limit > 0 && h.quiet && h.moving() {
		// A host keeps an ACK back, perhaps.
		before := h.given
		for deadline := h.now().Add(limit); h.now().Before(deadline) && h.moving(); {
			if _, err := h.pass(ctx, deadline.Sub(h.now())); err != nil {
				return false, err
			}
			if h.given > before {
				return true, nil
			}
		}
	}
	return false, nil
}

// moving reports whether some socket waits for what needs no program.
func (h *held) moving() bool {
	return slices.ContainsFunc(h.sockets[:], func(s []socketState) bool {
		return slices.ContainsFunc(s, socketState.moving)
	})
}

// timed reports whether time may change something for a program.
func (h *held) timed() bool {
	limited := slices.ContainsFunc(h.programs, func(p *program) bool {
		r := currentOf(h.records, p)
		return r != nil && r.blocked() && r.limited
	})
	ends := endsOf(h.sockets)
	return limited || slices.ContainsFunc(h.sockets[:], func(s []socketState) bool {
		return slices.ContainsFunc(s, func(s socketState) bool {
			// A probe finds out what a lost window update has told: when all was read.
			return s.timer || s.next == fsm.PersistTimer && ends[s.endpoint.peer()].queued == 0
		})
	})
}

// now is the time of the hosts, and never before the newest event.
func (h *held) now() time.Time {
	if now := h.hosts.now().UTC(); now.After(h.last) {
		return now
	}
	return h.last
}

// awaitIdle lets time pass until a program's calls have returned. line is the step
// that needs it.
func (h *held) awaitIdle(ctx context.Context, p *program, line int) error {
	begin, thought := h.hosts.now(), h.thought
	for range maxHappenings {
		if p.idle() {
			return nil
		}
		if err := h.settle(ctx); err != nil || p.idle() {
			return err
		}
		if h.line.releaseSwapped() {
			continue
		}
		left := h.hosts.patience() - h.hosts.now().Sub(begin) + h.thought - thought
		if left <= 0 || !h.timed() {
			break
		}
		may, err := h.pass(ctx, forever)
		if err != nil {
			return err
		}
		if !may {
			break
		}
	}
	return stuck(h.lesson, p, currentOf(h.records, p), line)
}

// thinks counts the time that somebody takes over a verdict or over events: it is not
// the lesson's.
func (h *held) thinks(do func()) {
	begin := h.hosts.now()
	do()
	h.thought += h.hosts.now().Sub(begin)
}

// pass lets time pass, at most so long, until something has happened, and tells it.
func (h *held) pass(ctx context.Context, most time.Duration) (bool, error) {
	may, err := h.hosts.pass(ctx, max(0, most))
	if err != nil || !may {
		return may, err
	}
	return true, h.happened(ctx, true)
}

// finish lets go what the lesson has put behind others that never came, and gives
// the stacks the time that they need to put right what went wrong, where the
// lesson promises an end that is not there yet.
func (h *held) finish(ctx context.Context) error {
	limit := endVirtual
	if !h.hosts.oneByOne() {
		limit = endPatience
	}
	return h.allow(ctx, limit, func() bool {
		return !h.moving() || len(h.unmet(h.lesson, h.records, h.sideOf)) == 0
	})
}

// runOut lets TIME-WAIT end by itself where time costs nothing: the lesson is over
// then, and what it promises of its end was seen before.
func (h *held) runOut(ctx context.Context) error {
	if !h.hosts.oneByOne() {
		return nil
	}
	return h.allow(ctx, longestTimeWait, func() bool {
		return !slices.ContainsFunc(h.sockets[:], func(s []socketState) bool {
			return slices.ContainsFunc(s, func(s socketState) bool { return s.state == fsm.TimeWait })
		})
	})
}

// allow lets time pass, at most so long, until that is done. What waits for another
// segment to pass it does not wait any longer.
func (h *held) allow(ctx context.Context, limit time.Duration, done func() bool) error {
	begin := h.hosts.now()
	for range maxHappenings {
		if h.line.releaseSwapped() {
			if err := h.settle(ctx); err != nil {
				return err
			}
			continue
		}
		left := limit - h.hosts.now().Sub(begin)
		if left <= 0 || done() {
			return nil
		}
		if may, err := h.pass(ctx, left); err != nil || !may {
			return err
		}
		if err := h.settle(ctx); err != nil {
			return err
		}
	}
	return nil
}
