package lab

import (
	"runtime"
	"sync/atomic"
	"time"
)

// barrier lets several threads go at the same moment, closer together than a
// segment needs on lo. Waking a sleeping thread takes far longer than that, so
// they spin; and since each can be off its processor at any time, they go
// only when all were seen running just now.
type barrier struct {
	beats []beat
	at    atomic.Int64 // the moment to go, in nanoseconds of the clock; 0: not decided
	begun time.Time
}

// beat is when a thread was last running, alone in its cache line.
type beat struct {
	at atomic.Int64
	_  [56]byte
}

const (
	freshBeat = time.Microsecond      // a thread whose beat is not older runs now
	headStart = 3 * time.Microsecond  // from the decision to the moment to go: all must have read it
	spinLimit = 20 * time.Millisecond // then it must go without: there may be one processor only
)

func newBarrier(seats int) *barrier {
	return &barrier{beats: make([]beat, seats), begun: time.Now()}
}

// wait returns at the moment to go, which it gives as nanoseconds of the clock.
// Each thread has a seat of its own; seat 0 decides.
func (b *barrier) wait(seat int) int64 {
	for spins := 1; ; spins++ {
		now := time.Now().UnixNano()
		at := b.at.Load()
		if at != 0 && now >= at {
			return now
		}
		b.beats[seat].at.Store(now)
		if seat == 0 && at == 0 {
			b.decide(now)
		}
		if at == 0 && spins%10_000 == 0 {
			runtime.Gosched() // the others may have no processor
		}
	}
}

// decide sets the moment to go when all are running, or have had their chance.
func (b *barrier) decide(now int64) {
	running, here := true, true
	for i := range b.beats {
		last := b.beats[i].at.Load()
		running = running && now-last < int64(freshBeat)
		here = here && last != 0
	}
	if running || here && time.Since(b.begun) > spinLimit {
		b.at.Store(now + int64(headStart))
	}
}
