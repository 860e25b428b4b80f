package main

import "context"

// player performs what the user wishes to see (a lesson, a connection): one thing at a
// time, the newest wish first. A new wish ends the performance before it.
type player[T any] struct{ wishes chan T }

func newPlayer[T any]() player[T] { return player[T]{make(chan T, 1)} }

// play wishes for something. It never waits: an older wish that nobody has taken up
// yet is forgotten.
func (p player[T]) play(wish T) {
	for {
		select {
		case p.wishes <- wish:
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
func (p player[T]) run(ctx context.Context, perform func(ctx context.Context, wish T)) {
	var wish T
	wished := false
	for {
		if !wished {
			select {
			case <-ctx.Done():
				return
			case wish = <-p.wishes:
			}
		}
		wish, wished = p.once(ctx, wish, perform)
	}
}

// once performs one wish; it gives the one that ended it, if one did.
func (p player[T]) once(ctx context.Context, wish T, perform func(ctx context.Context, wish T)) (next T, wished bool) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		perform(ctx, wish)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	case next = <-p.wishes:
		wished = true
	}
	cancel()
	<-done
	return next, wished
}
