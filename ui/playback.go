package ui

import "time"

// How fast a story may be played; 1 is a human pace.
const (
	slowest = 0.25
	fastest = 8.0
)

// longestTick is the most that one tick may bring the playback on: a program that
// was stopped for a minute goes on where it was.
const longestTick = 100 * time.Millisecond

// beat says how long a row is shown when it is played at speed 1.
type beat struct {
	flight time.Duration // how long its segment glides; 0: nothing glides
	dwell  time.Duration // until the next row, the flight included
	real   time.Duration // what the time until the next row was when it happened
	long   bool          // real is so long that the dwell is much shorter
}

// playback is the position in a story and how it moves: a value that only [playback.on] changes.
type playback struct {
	at      int           // the newest row that has happened; -1: before the first
	rows    int           // how many there are
	elapsed time.Duration // how long row at has been shown, in played time
	playing bool
	waiting bool // played to the last row: goes on when there are more
	follow  bool // stay at the newest row (a live capture)
	open    bool // more rows come: what is shown is being performed
	owed    bool // one row on as soon as there is one
	speed   float64
}

// signal is what can happen to a playback.
type signal int

// The signals.
const (
	tick    signal = iota // time has passed
	toggle                // play or pause
	forward               // one row on
	back                  // one row back
	first                 // before the first row
	last                  // the last row
	jump                  // to row n
	grown                 // there are n rows now
	resume                // play on from the last row, as soon as there is a next one
	faster
	slower
)

// playEvent is a signal with what belongs to it.
type playEvent struct {
	signal signal
	passed time.Duration // of tick
	n      int           // of jump and grown
}

// on gives the playback after the event:
//
//	           paused             playing               waiting           following
//	tick       -                  on by the beats; at   -                 -
//	                              the last row: waiting
//	toggle     playing (from the  paused                playing, from     paused
//	           start at the end;                        the start
//	           open: waiting)                           (open: paused)
//	forward    +1                 +1, paused            paused            paused
//	           (at the last row of what is open: one row on when there is one)
//	back       -1                 -1, paused            -1, paused        -1, paused
//	first      before the first row, paused, whatever it was
//	last       the last row, paused; following when the story is live
//	jump       row n, paused, whatever it was
//	grown      -                  -                     playing           the last row
//	resume     waiting at the last row, whatever it was
//	faster, slower: another speed, nothing else
func (p playback) on(e playEvent, beats func(row int) beat, live bool) playback {
	end := p.rows - 1
	stop := func(at int) playback {
		p.at, p.elapsed = min(max(at, -1), end), 0
		p.playing, p.waiting, p.follow, p.owed = false, false, false, false
		return p
	}
	switch e.signal {
	case tick:
		return p.tick(e.passed, beats)
	case toggle:
		switch {
		case p.playing || p.follow:
			// elapsed is kept: a segment stops half-way and goes on from there.
			p.playing, p.follow = false, false
			return p
		case p.waiting && p.open:
			p.waiting = false
			return p
		case p.at >= end && p.open:
			p.waiting = true
			return p
		case p.at >= end:
			p.at, p.elapsed = -1, 0
		}
		p.playing, p.waiting = true, false
	case forward:
		owed := p.at >= end && p.open
		p = stop(p.at + 1)
		p.owed = owed
	case back:
		return stop(p.at - 1)
	case first:
		return stop(-1)
	case last:
		p = stop(end)
		p.follow = live || p.open
	case jump:
		return stop(e.n)
	case grown:
		p.rows = e.n
		switch {
		case p.follow:
			p.at, p.elapsed = p.rows-1, 0
		case p.waiting && p.at < p.rows-1:
			p.playing, p.waiting = true, false
		case p.owed && p.at < p.rows-1:
			p.at, p.owed, p.elapsed = p.at+1, false, 0
		}
		p.at = min(p.at, p.rows-1)
	case resume:
		p = stop(end)
		p.waiting, p.elapsed = true, beats(end).flight
	case faster:
		p.speed = min(p.speed*2, fastest)
	case slower:
		p.speed = max(p.speed/2, slowest)
	}
	return p
}

// tick lets time pass.
func (p playback) tick(passed time.Duration, beats func(row int) beat) playback {
	if !p.playing {
		return p
	}
	p.elapsed += time.Duration(float64(min(passed, longestTick)) * p.speed)
	for {
		b := beats(p.at)
		if p.at >= p.rows-1 {
			if p.elapsed >= b.flight {
				p.playing, p.waiting, p.elapsed = false, true, b.flight
			}
			return p
		}
		if p.elapsed < b.dwell {
			return p
		}
		p.at, p.elapsed = p.at+1, p.elapsed-b.dwell
	}
}

// moment gives how far the segment in flight has come, and how much of the real
// time until the next row has passed.
func (p playback) moment(b beat) (flight float64, waited time.Duration) {
	if !p.playing && p.elapsed == 0 {
		return 1, 0
	}
	flight = 1
	if b.flight > 0 {
		flight = min(float64(p.elapsed)/float64(b.flight), 1)
	}
	if b.dwell > 0 {
		waited = time.Duration(float64(b.real) * min(float64(p.elapsed)/float64(b.dwell), 1))
	}
	return flight, waited
}
