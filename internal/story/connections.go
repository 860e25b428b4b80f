package story

import (
	"iter"
	"math"
	"time"

	"tcpviz/fsm"
)

// Connections are the summaries of a story's connections, in the order of their
// numbers. It never changes, and what it was made from shares all that has not changed
// since: a million of them can be given out ten times a second.
type Connections struct {
	chunks []*chunk
	n      int
}

type chunk [chunkSize]fsm.Summary

const chunkSize = 256

// ConnectionsOf gives connections with these summaries, numbered from 1.
func ConnectionsOf(all ...fsm.Summary) Connections {
	var l ConnectionList
	for i, s := range all {
		s.ID = i + 1
		l.Set(s)
	}
	return l.Given()
}

// Len is the number of connections.
func (c Connections) Len() int { return c.n }

// At gives the summary of connection id, from 1 to Len. It is shared and must not be changed.
func (c Connections) At(id int) *fsm.Summary {
	return &c.chunks[(id-1)/chunkSize][(id-1)%chunkSize]
}

// All gives the summaries; they must not be changed.
func (c Connections) All() iter.Seq[*fsm.Summary] {
	return func(yield func(*fsm.Summary) bool) {
		for id := 1; id <= c.n; id++ {
			if !yield(c.At(id)) {
				return
			}
		}
	}
}

// ConnectionList is what Connections are given out from. The zero value is empty.
type ConnectionList struct {
	chunks []*chunk
	shared []bool // by chunk: it was given out, and is copied before it is changed
	n      int
}

// Set sets the summary of the connection whose number it bears, from 1. Those
// before it that were not set are zero values until they are.
func (l *ConnectionList) Set(s fsm.Summary) {
	i := (s.ID - 1) / chunkSize
	for i >= len(l.chunks) {
		l.chunks, l.shared = append(l.chunks, new(chunk)), append(l.shared, false)
	}
	if l.shared[i] {
		own := *l.chunks[i]
		l.chunks[i], l.shared[i] = &own, false
	}
	l.chunks[i][(s.ID-1)%chunkSize] = s
	l.n = max(l.n, s.ID)
}

// Given gives the list as it is.
func (l *ConnectionList) Given() Connections {
	for i := range l.shared {
		l.shared[i] = true
	}
	return Connections{chunks: append([]*chunk(nil), l.chunks...), n: l.n}
}

// Moment gives the time that a summary names, the zero value when it is not known.
func Moment(n fsm.Nanos) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, int64(n)).UTC()
}

// nanos gives the time as the model counts it, 0 when it is not known or has no place there.
func nanos(t time.Time) fsm.Nanos {
	const limit = math.MaxInt64/int64(time.Second) - 1 // the years 1678 to 2262
	if seconds := t.Unix(); seconds < -limit || seconds > limit {
		return 0
	}
	return fsm.Nanos(t.UnixNano())
}
