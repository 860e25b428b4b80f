package main

import "context"

// player performs what the user wishes to see: one lesson at a time, the newest
// wish first. A new wish ends the performance before it.
type player struct{ wishes chan string }

func newPlayer() player { return player{make(chan string, 1)} }

// play wishes for a lesson. It never waits: an older wish that nobody has taken up
// yet is forgotten.
func (p player) play(id string) {
	for {
		select {
		case p.wishes <- id:
			return
		default:
		}
		select {
		case <-p.wishes:
		default:
		}
	}
}

// run performs wishes until the context ends, and returns when the last
// performance has.
func (p player) run(ctx context.Context, perform func(ctx context.Context, id string)) {
	for {
		var id string
		select {
		case <-ctx.Done():
			return
		case id = <-p.wishes:
		}
		for id != "" {
			id = p.once(ctx, id, perform)
		}
	}
}

// once performs one lesson; it gives the wish that ended it, if one did.
func (p player) once(ctx context.Context, id string, perform func(ctx context.Context, id string)) (next string) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		perform(ctx, id)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	case next = <-p.wishes:
	}
	cancel()
	<-done
	return next
}
