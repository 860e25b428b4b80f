package lab

import (
	"context"
	"os"

	"tcpviz/capture"
	"tcpviz/internal/kernel"
	"tcpviz/internal/lang"
	"tcpviz/internal/lesson"
	"tcpviz/internal/story"
)

// Probe tells whose lo the stage Loopback would use in this process, and, when it
// is nobody's, why: the error is ErrNoStage. shared is Options.Shared.
func Probe(shared bool) (Place, error) {
	var reasons []error
	if !shared {
		private := kernel.OnThread(tryNamespace)
		if private == nil {
			return privatePlace(), nil
		}
		reasons = append(reasons, &notOpen{Loopback, privatePlace(), private})
	}
	live, err := capture.OpenLive(capture.LiveConfig{Interface: loopbackName})
	if err != nil {
		return Nowhere, noStage(append(reasons, &notOpen{Loopback, Shared, err}))
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

// runLoopback performs the lesson once on lo, on a thread of its own. emit is
// called on the caller's goroutine.
func runLoopback(ctx context.Context, l lesson.Lesson, place Place, emit func([]story.Event)) (result Result, err error) {
	batches, taken := make(chan []story.Event), make(chan struct{})
	kernel.GoOnThread(func() {
		defer close(batches)
		p := &play{lesson: l, place: place, emit: func(events []story.Event) {
			batches <- events
			<-taken
		}}
		result, err = p.run(ctx)
	})
	for events := range batches {
		emit(events)
		taken <- struct{}{}
	}
	return result, err
}

// run opens the place, performs, and closes it again.
func (p *play) run(ctx context.Context) (Result, error) {
	var result Result
	err := ctx.Err()
	if err == nil {
		if failed := p.open(); failed != nil {
			err = &notOpen{Loopback, p.place, failed}
		}
	}
	if err == nil {
		err = p.startPrograms()
	}
	if err == nil {
		err = p.perform(ctx)
	}
	if err == nil {
		result.Unmet = p.unmet(p.lesson, p.records, p.sideOf)
	}
	dropped, failed := p.close()
	result.Frames, result.Dropped = p.given, dropped
	if p.sniffer != nil && p.place != Shared {
		result.Skipped = p.sniffer.skipped
	}
	if err == nil && failed != nil {
		err = lang.Errorf("lab: lesson %s: clean up: %w", p.lesson.ID, failed)
	}
	return result, err
}
