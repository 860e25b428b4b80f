package fsm

// Retention bounds what a [Tracker] keeps, so that its memory does not grow with the
// length of a capture.
type Retention struct {
	// Release is called with each connection of which no segment can come any more,
	// before its place is given to another: the Flow must not be used afterwards. nil:
	// all are kept.
	Release func(f *Flow, early bool)
	// Most is how many connections are kept at once: when there are more, one that had
	// no segment for a long time is released early, and a segment that comes for it
	// later begins another connection. 0: any number.
	Most int
}

// MSL is the maximum segment lifetime, two minutes (RFC 9293 section 3.4.2).
const MSL Nanos = 120e9

// Retain sets the bounds; they hold for what is added from now on.
func (t *Tracker) Retain(r Retention) { t.retention = r }

const (
	// A new connection lets so many others be looked at, so that all come around.
	lookedAt = 2
	// Of so many connections that one gives way which had no segment for longest.
	sampled = 64
)

// release makes room before another connection is added.
func (t *Tracker) release(now Nanos) {
	if t.retention.Release == nil {
		return
	}
	for range min(lookedAt, t.used) {
		if f := t.next(); f.summary.ID > 0 && f.gone(now) {
			t.forget(f, false)
		}
	}
	if most := t.retention.Most; most <= 0 || int(t.used)-len(t.free) < most {
		return
	}
	var idle *Flow
	for range min(sampled, t.used) {
		if f := t.next(); f.summary.ID > 0 && (idle == nil || f.summary.Last < idle.summary.Last) {
			idle = f
		}
	}
	if idle != nil {
		t.forget(idle, true)
	}
}

// next gives the places one after the other, round and round.
func (t *Tracker) next() *Flow {
	if t.hand >= t.used {
		t.hand = 0
	}
	t.hand++
	return t.at(t.hand - 1)
}

func (t *Tracker) forget(f *Flow, early bool) {
	t.retention.Release(f, early)
	a, b := f.summary.Ends[0], f.summary.Ends[1]
	if key, ok := fourPairOf(a, b); ok {
		if t.four[key] == f.place {
			delete(t.four, key)
		}
	} else if key := pairOf(a, b); t.other[key] == f.place {
		delete(t.other, key)
	}
	t.free = append(t.free, f.place)
	f.summary.ID = 0
}

// gone reports whether the connection is over at both ends and 2MSL have passed
// since its last segment.
func (f *Flow) gone(now Nanos) bool {
	return f.summary.End != 0 && now-f.summary.End > 2*MSL && f.Conn.finished()
}

// finished reports whether both ends are done with the connection but for 2MSL.
func (c *Conn) finished() bool {
	begun := false
	for i := range c.Ends {
		switch e := &c.Ends[i]; e.State {
		case TimeWait:
			begun = true
		case Closed, Listen:
			begun = begun || !e.unseen()
		case SynSent, SynReceived, Established, FinWait1, FinWait2, CloseWait, Closing, LastAck:
			return false
		}
	}
	return begun
}
