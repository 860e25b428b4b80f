package verify

import (
	"context"
	"errors"
	"net/netip"

	"tcpviz/fsm"
	"tcpviz/internal/lab"
	"tcpviz/internal/lang"
	"tcpviz/internal/lesson"
	"tcpviz/internal/story"
)

// Disagreement is a check in which the model and the stack differ.
type Disagreement struct {
	Step          int         // of the story
	Event         lang.Phrase // what happened in that step: "segment 4 received", "client: close(3)"
	Rules         []string
	Side          fsm.Side
	Local, Remote netip.AddrPort // of the socket; Remote is the zero value for a listening one
	Model, Stack  fsm.State
}

// Phrase says who says what: "step 31 (segment 4 received): client: the model says CLOSED, the stack TIME-WAIT".
func (d Disagreement) Phrase() lang.Phrase {
	return lang.Phrasef("step %d (%s): %s: the model says %s, the stack %s", d.Step, d.Event, d.Side, d.Model, d.Stack)
}

// end is how a performance ended.
type end uint8

const (
	reached   end = iota // at the lesson's end, as the lesson states it
	endless              // a call waited for ever
	otherwise            // at the lesson's end, but otherwise than the lesson states
	broken               // it could not be performed
	cancelled            // it was ended from outside: nothing is counted
)

// outcome is what came of one performance.
type outcome struct {
	end        end
	problem    error // what the end was, nil when it is reached
	frames     int
	missed     bool // the segment that was to be disturbed was never sent
	checks     int
	agreements int
	differ     int          // checks in which the two differ
	first      Disagreement // of them
	observer   Observer
}

type performer func(context.Context, lesson.Lesson, lab.Options) (lab.Result, error)

// perform performs one run and compares.
func perform(ctx context.Context, play performer, l lesson.Lesson, r Run) outcome {
	var batches [][]story.Event
	came := false
	result, err := play(ctx, l, lab.Options{
		Stage:   r.Stage,
		Verdict: r.verdict(&came),
		Emit:    func(events []story.Event) { batches = append(batches, events) },
	})
	o := outcome{frames: result.Frames, missed: r.Part != Plain && !came}
	if o.end, o.problem = endOf(ctx, result, err); o.end != cancelled {
		o.compare(story.Meta{Lesson: l.ID, Stage: result.Stage, Ordered: result.Ordered}, batches)
	}
	return o
}

// compare makes the story of a performance, and the observer's, and compares both
// with what the stacks have said.
func (o *outcome) compare(meta story.Meta, batches [][]story.Event) {
	b := story.NewBuilder(meta)
	var frames []story.Frame
	last := make(map[ends]fsm.State)
	over := make(map[ends]bool) // its TIME-WAIT has ended by itself
	for _, events := range batches {
		b.Add(events...)
		for _, e := range events {
			switch e := e.(type) {
			case story.Frame:
				frames = append(frames, e)
			case story.Expiry:
				over[ends{e.Local, e.Remote}] = e.Timer == fsm.TimeWaitTimer
			case story.Truth:
				at := ends{e.Local, e.Remote}
				if over[at] = over[at] && e.State == fsm.Closed; !over[at] && e.Remote.IsValid() {
					last[at] = e.State
				}
			}
		}
	}
	s := b.Story()
	o.checks, o.agreements = s.Totals.Checked, s.Totals.Agree
	o.differ, o.first = differences(s)
	o.observer = observe(frames, last)
}

// endOf tells how a performance ended.
func endOf(ctx context.Context, result lab.Result, err error) (end, error) {
	switch {
	case ctx.Err() != nil:
		return cancelled, nil
	case errors.Is(err, lab.ErrStuck):
		return endless, err
	case errors.Is(err, lab.ErrNotReached):
		return otherwise, err
	case err != nil:
		return broken, err
	case len(result.Unmet) > 0:
		return otherwise, lang.Errorf("%s", result.Otherwise())
	}
	return reached, nil
}

// differences counts the checks in which model and stack differ, and gives the first.
func differences(s *story.Story) (count int, first Disagreement) {
	for i := range s.Steps {
		step := &s.Steps[i]
		for _, c := range step.Truths {
			if c.Agree {
				continue
			}
			if count++; count == 1 {
				first = Disagreement{
					Step: step.N, Event: eventOf(step), Side: c.Truth.Side,
					Local: c.Truth.Local, Remote: c.Truth.Remote, Model: c.Model, Stack: c.Truth.State,
				}
				for _, t := range step.Transitions {
					first.Rules = append(first.Rules, t.Rule.ID)
				}
			}
		}
	}
	return count, first
}

// eventOf says in a few words what a step is.
func eventOf(step *story.Step) lang.Phrase {
	switch step.Kind {
	case story.CallEnter, story.CallReturn:
		return lang.Phrasef("%s: %s", step.Side, step.Call.Text())
	case story.SegmentSent:
		return lang.Phrasef("segment %d sent", step.Frame.Number)
	case story.SegmentReceived:
		return lang.Phrasef("segment %d received", step.Frame.Number)
	case story.SegmentLost:
		return lang.Phrasef("segment %d lost", step.Frame.Number)
	case story.SegmentImpaired:
		return lang.Phrasef("segment %d %s", step.Frame.Number, step.Impairment.What)
	case story.TimerExpired:
		return lang.Phrasef("%s: %s", step.Side, lang.Term(story.TimerWords(step.Timer, lang.English)))
	case story.HostRebooted:
		return lang.Phrasef("%s: host rebooted", step.Side)
	case story.ListenerClosed:
		return lang.Phrasef("%s: listening socket closed", step.Side)
	case story.Narrated:
		return lang.Phrasef("narration")
	}
	return lang.Phrasef("another event")
}
