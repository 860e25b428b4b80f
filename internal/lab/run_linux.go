package lab

import (
	"context"
	"errors"
	"fmt"
	"os"

	"tcpviz/capture"
	"tcpviz/internal/lesson"
	"tcpviz/internal/story"
)

// Run performs a lesson. Its errors: ErrNoStage, ErrPortTaken, ErrStuck, ErrNotReached, ctx.Err()
// when it was cancelled, an invalid lesson, or trouble with the kernel's interfaces.
// Whatever happens, no thread, socket or namespace is left behind. What was
// emitted before an error is true, and so is the Result beside it.
func Run(ctx context.Context, l lesson.Lesson, o Options) (Result, error) {
	if err := l.Validate(); err != nil {
		return Result{}, fmt.Errorf("lab: %w", err)
	}
	places := []Place{privatePlace(), Shared}
	if o.Shared {
		places = places[1:]
	}
	var reasons []error
	for _, place := range places {
		result, err := runAt(ctx, l, o, place)
		var closed *notOpen
		if !errors.As(err, &closed) {
			return result, err
		}
		reasons = append(reasons, closed)
	}
	return Result{}, noStage(append(reasons, o.Reexec))
}

// Probe tells where a lesson would be performed by this process, and, when it is
// nowhere, why: the error is ErrNoStage. shared is Options.Shared.
func Probe(shared bool) (Place, error) {
	var reasons []error
	if !shared {
		private := onThread(tryNamespace)
		if private == nil {
			return privatePlace(), nil
		}
		reasons = append(reasons, &notOpen{privatePlace(), private})
	}
	live, err := capture.OpenLive(capture.LiveConfig{Interface: loopbackName})
	if err != nil {
		return Nowhere, noStage(append(reasons, &notOpen{Shared, err}))
	}
	return Shared, live.Close()
}

// privatePlace is Private, or Nested in a program that Reexec has run again.
func privatePlace() Place {
	if os.Getenv(nestedVariable) != "" {
		return Nested
	}
	return Private
}

// notOpen means that a place cannot be used here.
type notOpen struct {
	place Place
	err   error
}

func (e *notOpen) Error() string {
	if e.place == Shared {
		return "this machine's own lo: " + e.err.Error()
	}
	return "a private network namespace: " + e.err.Error()
}

func (e *notOpen) Unwrap() error { return e.err }

// noStage puts the reasons into one line.
func noStage(reasons []error) error {
	text := ""
	for _, r := range reasons {
		if r != nil {
			text += "; " + r.Error()
		}
	}
	return fmt.Errorf("lab: %w for live lessons%s", ErrNoStage, text)
}

// runAt performs the lesson at one place, as often as it says.
func runAt(ctx context.Context, l lesson.Lesson, o Options, place Place) (Result, error) {
	for attempt := 1; ; attempt++ {
		emit := o.Emit
		var kept [][]story.Event
		if l.Retry > 1 { // only the attempt that succeeds is shown
			emit = func(events []story.Event) { kept = append(kept, events) }
		}
		result, err := runOnce(ctx, l, place, emit)
		result.Attempts = attempt
		if err != nil || l.Retry <= 1 {
			return result, err
		}
		if len(result.Unmet) == 0 {
			for _, events := range kept {
				if o.Emit != nil {
					o.Emit(events)
				}
			}
			return result, nil
		}
		if attempt == l.Retry {
			return result, fmt.Errorf("lab: lesson %s: %w in %d attempts: %s", l.ID, ErrNotReached, attempt, result.Unmet[0])
		}
		if o.Progress != nil {
			o.Progress(fmt.Sprintf("attempt %d of %d: %s", attempt, l.Retry, result.Unmet[0]))
		}
	}
}

// runOnce performs the lesson once, on a thread of its own. emit is called on
// the caller's goroutine.
func runOnce(ctx context.Context, l lesson.Lesson, place Place, emit func([]story.Event)) (result Result, err error) {
	batches, taken := make(chan []story.Event), make(chan struct{})
	goOnThread(func() {
		defer close(batches)
		p := &play{lesson: l, place: place, emit: func(events []story.Event) {
			batches <- events
			<-taken
		}}
		result, err = p.run(ctx)
	})
	for events := range batches {
		if emit != nil {
			emit(events)
		}
		taken <- struct{}{}
	}
	return result, err
}

// run opens the place, performs, and closes it again.
func (p *play) run(ctx context.Context) (Result, error) {
	result := Result{Place: p.place}
	err := ctx.Err()
	if err == nil {
		if failed := p.open(); failed != nil {
			err = &notOpen{p.place, failed}
		}
	}
	if err == nil {
		err = p.startPrograms()
	}
	if err == nil {
		err = p.perform(ctx)
	}
	if err == nil {
		result.Unmet = p.unmet()
	}
	dropped, failed := p.close()
	result.Frames, result.Dropped = p.given, dropped
	if p.wire != nil && p.place != Shared {
		result.Skipped = p.wire.skipped
	}
	if err == nil && failed != nil {
		err = fmt.Errorf("lab: lesson %s: clean up: %w", p.lesson.ID, failed)
	}
	return result, err
}
