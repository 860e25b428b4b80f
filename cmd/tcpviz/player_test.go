package main

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

// One lesson is played at a time; a new wish ends the one before it, and of
// several wishes the newest counts.
func TestPlayer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlayer[string]()
		ctx, cancel := context.WithCancel(t.Context())
		var played, ended []string
		var now atomic.Int32
		done := make(chan struct{})
		go func() {
			defer close(done)
			p.run(ctx, func(ctx context.Context, id string) {
				if now.Add(1) != 1 {
					t.Errorf("%s is played beside another lesson", id)
				}
				defer now.Add(-1)
				played = append(played, id)
				if id != "short" {
					<-ctx.Done()
				}
				ended = append(ended, id)
			})
		}()
		for _, wishes := range [][]string{{"long"}, {"another"}, {"passed over", "short"}, {"last"}} {
			for _, id := range wishes {
				p.play(id)
			}
			synctest.Wait()
		}
		cancel()
		<-done
		want := []string{"long", "another", "short", "last"}
		// Of two wishes made at once the first may have been taken up.
		played = slices.DeleteFunc(played, func(id string) bool { return id == "passed over" })
		ended = slices.DeleteFunc(ended, func(id string) bool { return id == "passed over" })
		if !slices.Equal(played, want) || !slices.Equal(ended, want) {
			t.Errorf("played %q, ended %q; want %q", played, ended, want)
		}
	})
}

// A wish never waits, even when nobody plays.
func TestPlayerTakesWishesWithoutWaiting(t *testing.T) {
	p := newPlayer[string]()
	for _, id := range []string{"one", "two", "three"} {
		p.play(id)
	}
	if got := <-p.wishes; got != "three" {
		t.Errorf("the wish is %s, want the newest", got)
	}
}
