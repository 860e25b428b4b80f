package lab

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"

	"tcpviz/internal/lang"
	"tcpviz/internal/lesson"
	"tcpviz/internal/story"
)

// Run performs a lesson. Its errors: ErrNoStage, ErrPortTaken, ErrStuck, ErrNotReached, ctx.Err()
// when it was cancelled, an invalid lesson, or trouble with the kernel's interfaces.
// Whatever happens, no thread, goroutine, socket or namespace is left behind. What was
// emitted before an error is true, and so is the Result beside it.
func Run(ctx context.Context, l lesson.Lesson, o Options) (Result, error) {
	if err := l.Validate(); err != nil {
		return Result{}, lang.Errorf("lab: %w", err)
	}
	stages, err := choose(l, o)
	if err != nil {
		return Result{}, err
	}
	var reasons []error
	for _, stage := range stages {
		for _, place := range placesOf(stage, o) {
			setting := heldSetting(stage)
			if stage == Loopback {
				setting = Setting{Stage: stage, Place: place, Why: place.Why()}
			}
			result, err := runOn(ctx, l, o, setting.because(l, o, reasons))
			var closed *notOpen
			if !errors.As(err, &closed) {
				return result, err
			}
			reasons = append(reasons, closed)
		}
	}
	return Result{}, noStage(append(reasons, o.Reexec))
}

// Works tells why a stage cannot be used by this process; nil when it can. The
// error is ErrNoStage.
func Works(stage string) error {
	switch stage {
	case Loopback:
		_, err := Probe(false)
		return err
	case Wire:
		both, err := openWireHosts(false)
		if err == nil {
			err = both.close(programsAndCalls{})
		}
		if err != nil {
			return noStage([]error{&notOpen{stage, Nowhere, err}})
		}
		return nil
	case Sim:
		return nil
	}
	return unknownStage(stage)
}

func unknownStage(stage string) error {
	return lang.Errorf("lab: %w: there is no stage %q (there are %s)", ErrNoStage, stage, strings.Join(lesson.StageNames(), ", "))
}

// choose lists the stages to try, the first choice first.
func choose(l lesson.Lesson, o Options) ([]string, error) {
	asked := o.Stage
	if o.Shared && asked == "" {
		asked = Loopback
	}
	able := StagesOf(l)
	switch {
	case asked == "" && len(able) > 0:
		return able, nil
	case asked != "" && !slices.Contains(lesson.StageNames(), asked):
		return nil, unknownStage(asked)
	case slices.Contains(able, asked):
		return []string{asked}, nil
	}
	why := lang.Phrasef("it is made for %s", strings.Join(able, ", "))
	if asked == Loopback && l.TouchesWire() {
		why = lang.Phrasef("it does something to the wire, which lo does not allow")
	}
	return nil, lang.Errorf("lab: %w: lesson %s cannot be played on %s: %s", ErrNoStage, l.ID, asked, why)
}

// placesOf lists where a stage is tried.
func placesOf(stage string, o Options) []Place {
	switch {
	case stage != Loopback, privatePlace() == Nowhere:
		return []Place{Nowhere}
	case o.Shared:
		return []Place{Shared}
	}
	return []Place{privatePlace(), Shared}
}

// callsOf gives the calls of a lesson.
func callsOf(l lesson.Lesson) iter.Seq[lesson.Call] {
	return func(yield func(lesson.Call) bool) {
		for _, s := range l.Steps {
			for _, a := range s.Acts {
				for _, c := range a.Calls {
					if !yield(c) {
						return
					}
				}
			}
		}
	}
}

// needsIPv6 tells whether a lesson cannot be performed where there is only IPv4.
func needsIPv6(l lesson.Lesson) bool {
	for c := range callsOf(l) {
		if c.IPv6 || c.Addr.Addr().Is6() {
			return true
		}
	}
	return false
}

// notOpen means that a stage, or a place for it, cannot be used here.
type notOpen struct {
	stage string
	place Place
	err   error
}

func (e *notOpen) Error() string { return e.In(lang.English) }

// In says it in a language.
func (e *notOpen) In(l lang.Language) string {
	switch {
	case e.stage != Loopback:
		return l.Say("stage %s: %v", e.stage, e.err)
	case e.place == Shared:
		return l.Say("this machine's own lo: %v", e.err)
	case e.place == Nowhere:
		return l.Error(e.err)
	}
	return l.Say("a private network namespace: %v", e.err)
}

func (e *notOpen) Unwrap() error { return e.err }

// noStage puts the reasons into one line.
func noStage(reasons []error) error {
	err := lang.Errorf("lab: %w for live lessons", ErrNoStage)
	for _, r := range reasons {
		if r != nil {
			err = lang.Errorf("%w; %v", err, r)
		}
	}
	return err
}

// runOn performs the lesson in one setting, as often as it says.
func runOn(ctx context.Context, l lesson.Lesson, o Options, setting Setting) (Result, error) {
	begun := false
	give := func(events []story.Event) {
		if !begun && o.Begin != nil {
			o.Begin(setting)
		}
		begun = true
		if o.Emit != nil {
			o.Emit(events)
		}
	}
	luck := l.Retry > 1 && o.Verdict == nil
	for attempt := 1; ; attempt++ {
		emit := give
		var kept [][]story.Event
		if luck { // only the attempt that succeeds is shown
			emit = func(events []story.Event) { kept = append(kept, events) }
		}
		result, err := runOnce(ctx, l, o, setting, emit)
		result.Setting, result.Attempts = setting, attempt
		if err != nil || !luck {
			return result, err
		}
		if len(result.Unmet) == 0 {
			for _, events := range kept {
				give(events)
			}
			return result, nil
		}
		if attempt == l.Retry {
			return result, lang.Errorf("lab: lesson %s: %w in %d attempts: %s", l.ID, ErrNotReached, attempt, result.Unmet[0])
		}
		if o.Progress != nil {
			o.Progress(lang.Phrasef("attempt %d of %d: %s", attempt, l.Retry, result.Unmet[0]))
		}
	}
}

// runOnce performs the lesson once.
func runOnce(ctx context.Context, l lesson.Lesson, o Options, setting Setting, emit func([]story.Event)) (Result, error) {
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	if setting.Stage == Loopback {
		return runLoopback(ctx, l, setting.Place, emit)
	}
	return runHeld(ctx, l, o, setting.Stage, emit)
}
