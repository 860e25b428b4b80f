package fsm

// Retention bounds what a [Tracker] remembers, so that its memory does not grow with
// the length of a capture. A segment that comes for a connection which was released
// begins another one.
type Retention struct {
	// TimeWait is how long a connection that is over at both ends is remembered after
	// its last segment: 2MSL (RFC 9293 section 3.6.1) is the time in which segments of
	// it may still come. 0: for ever.
	TimeWait Nanos
	// Most is how many connections are remembered at once; one that had no segment for
	// a long time then gives way. 0: any number.
	Most int
	// Release is called with each connection that is about to be forgotten; early tells
	// that it only gives way to others. The Flow must not be used afterwards.
	Release func(f *Flow, early bool)
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

// release forgets connections before another one is added.
func (t *Tracker) release(now Nanos) {
	r := &t.retention
	if r.TimeWait > 0 {
		for range min(lookedAt, t.used) {
			f := t.next()
			if f.summary.ID > 0 && now-f.summary.End > r.TimeWait && f.Conn.finished() {
				t.forget(f, false)
			}
		}
	}
	if r.Most > 0 && int(t.used)-len(t.free) >= r.Most {
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
	if t.retention.Release != nil {
		t.retention.Release(f, early)
	}
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
