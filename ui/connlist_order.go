package ui

import (
	"cmp"
	"slices"

	"tcpviz/fsm"
	"tcpviz/internal/story"
)

// order is what a list of connections is ordered by.
type order uint8

// The orders, as a key goes through them.
const (
	byNumber order = iota
	byTime
	byDuration
	bySegments
	byBytes
	byOutcome
	byAnomalies
	orderCount
	noOrder order = 0xff // of a column that the list cannot be ordered by
)

// String says what comes first or last: "by duration".
func (o order) String() string {
	return [...]string{"number", "time", "duration", "segments", "bytes", "outcome", "anomalies"}[o%orderCount]
}

// greatestFirst tells which way round the order begins: what is large is looked for first.
func (o order) greatestFirst() bool { return o >= byDuration && o != byOutcome }

// key gives a number by which a connection is put in the order.
func (o order) key(s *fsm.Summary) uint64 {
	switch o {
	case byTime:
		return ordered(s.Start)
	case byDuration:
		return ordered(duration(s))
	case bySegments:
		return uint64(s.Segments[fsm.Client]) + uint64(s.Segments[fsm.Server])
	case byBytes:
		return s.Bytes[fsm.Client] + s.Bytes[fsm.Server]
	case byOutcome:
		return outcomeKey(s.Outcome)
	case byAnomalies:
		total, _, _ := anomalies(s)
		return uint64(total)
	}
	return uint64(s.ID)
}

// ordered maps a number with a sign to one without, in the same order.
func ordered(n fsm.Nanos) uint64 { return uint64(n) ^ 1<<63 }

// duration is the time from a connection's first frame to its last; 0 where a time
// is not known, or the capture's clock went back.
func duration(s *fsm.Summary) fsm.Nanos {
	if s.Start == 0 || s.End <= s.Start {
		return 0
	}
	return s.End - s.Start
}

// outcomeKey is an outcome's code as a number: they are ordered as they are read.
func outcomeKey(o fsm.Outcome) (key uint64) {
	code := o.String()
	for i := range 8 {
		key <<= 8
		if i < len(code) {
			key |= uint64(code[i])
		}
	}
	return key
}

// sortKey is what is sorted: the summaries themselves are too large to be moved about.
type sortKey struct {
	key uint64
	id  uint32
}

// sorted puts the connections with these numbers in order, those that are equal in
// the order of their numbers whichever way round. nil: all connections.
func sorted(conns story.Connections, ids []uint32, by order, down bool) []uint32 {
	var turn uint64
	if down {
		turn = ^turn
	}
	n := len(ids)
	if ids == nil {
		n = conns.Len()
		ids = make([]uint32, n)
		for i := range ids {
			ids[i] = uint32(i + 1)
		}
	}
	keys := make([]sortKey, n)
	for i, id := range ids {
		keys[i] = sortKey{by.key(conns.At(int(id))) ^ turn, id}
	}
	slices.SortFunc(keys, func(a, b sortKey) int {
		if a.key != b.key {
			return cmp.Compare(a.key, b.key)
		}
		return cmp.Compare(a.id, b.id)
	})
	for i, k := range keys {
		ids[i] = k.id
	}
	return ids
}

// sort puts the rows in the list's order.
func (l *connList) sort() {
	if l.whole() {
		l.rows = nil
		return
	}
	l.rows = sorted(l.conns, l.rows, l.by, l.down)
}
