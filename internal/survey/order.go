package survey

import (
	"maps"
	"slices"
)

// mostWaiting is how many finished connections wait for one that began before them.
const mostWaiting = 1 << 14

// order gives the lines of connections on in the order of their numbers, as far as
// that can be done with little memory. The zero value expects connection 1.
type order struct {
	given   int // all up to this one were given, or are given as soon as they come
	waiting map[int][]byte
}

// give gives the line of connection id on, and those that have waited for it; or
// lets it wait.
func (o *order) give(id int, line []byte, to func(line []byte)) {
	if id > o.given+1 {
		if o.waiting == nil {
			o.waiting = make(map[int][]byte)
		}
		o.waiting[id] = slices.Clone(line)
		if len(o.waiting) > mostWaiting {
			o.flush(to)
		}
		return
	}
	to(line)
	o.given = max(o.given, id)
	for len(o.waiting) > 0 {
		next, ok := o.waiting[o.given+1]
		if !ok {
			break
		}
		o.given++
		delete(o.waiting, o.given)
		to(next)
	}
}

// flush gives on all that wait.
func (o *order) flush(to func(line []byte)) {
	for _, id := range slices.Sorted(maps.Keys(o.waiting)) {
		to(o.waiting[id])
		o.given = id
	}
	clear(o.waiting)
}
