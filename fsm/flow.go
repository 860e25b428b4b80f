package fsm

// Flow is one connection as a [Tracker] keeps it: its model, and what its summary
// is made of.
type Flow struct {
	Conn     Conn
	Touched  bool    // for the caller's own use
	summary  Summary // without what follows from the other fields
	analysis Analysis
	course   course
	seen     completeness
	place    place
}

// ID is the connection's number: 1, 2, 3 in the order of the first segment.
func (f *Flow) ID() int { return f.summary.ID }

// Summary gives what is to be said of the connection so far.
func (f *Flow) Summary() Summary {
	s := f.summary
	for side := range s.State {
		s.State[side], s.Basis[side] = f.Conn.Ends[side].State, f.Conn.Ends[side].Basis
	}
	s.Outcome, s.Completeness = f.course.outcome(), f.seen.value()
	return s
}

// Count counts a segment that sender sent, captured in a frame at a time, and gives
// what is unusual about it: once for each frame, however many events the caller makes of it.
func (f *Flow) Count(frame int, at Nanos, sender Side, s *Segment) Anomaly {
	sender &= 1
	sum := &f.summary
	found := f.analysis.Add(at, sender, s)
	if sum.First == 0 {
		sum.First, sum.Start = frame, at
		if sum.Before > 0 {
			found |= ReusedPorts
		}
	}
	sum.Last, sum.End = frame, at
	if found != 0 {
		sum.Anomalies.Add(found)
	}
	f.seen.add(s)
	f.course.add(sender, s)
	sum.Segments[sender]++
	sum.Bytes[sender] += uint64(s.Len)
	sum.Flags[sender].Add(s.Flags)
	sum.numberFrom(sender, s.Seq, s.Flags)
	if s.Flags.Has(ACK) {
		sum.numberFrom(sender.Other(), s.Ack, 0)
	}
	return found
}

// between reports whether the connection is one between these two ends.
func (f *Flow) between(a, b Address) bool {
	s := &f.summary
	return s.ID > 0 && (s.Ends[0] == a && s.Ends[1] == b || s.Ends[0] == b && s.Ends[1] == a)
}

// side tells which side of the connection has that address.
func (f *Flow) side(addr Address) Side {
	if addr == f.summary.Ends[Client] {
		return Client
	}
	return Server
}
