package survey

import (
	"maps"
	"slices"

	"tcpviz/fsm"
)

// mostWaiting is how many finished connections wait for one that began before them.
const mostWaiting = 1 << 14

// order gives connections on in the order of their numbers, as far as that can be
// done with little memory. The zero value expects connection 1.
type order struct {
	given   int // all up to this one were given, or are given as soon as they come
	waiting map[int]fsm.Summary
}

// give gives the connection on, and those that have waited for it; or lets it wait.
func (o *order) give(c *fsm.Summary, to func(*fsm.Summary)) {
	if c.ID > o.given+1 {
		if o.waiting == nil {
			o.waiting = make(map[int]fsm.Summary)
		}
		o.waiting[c.ID] = *c
		if len(o.waiting) > mostWaiting {
			o.flush(to)
		}
		return
	}
	to(c)
	o.given = max(o.given, c.ID)
	for len(o.waiting) > 0 {
		next, ok := o.waiting[o.given+1]
		if !ok {
			break
		}
		o.given++
		delete(o.waiting, o.given)
		to(&next)
	}
}

// flush gives on all that wait.
func (o *order) flush(to func(*fsm.Summary)) {
	for _, id := range slices.Sorted(maps.Keys(o.waiting)) {
		next := o.waiting[id]
		to(&next)
		o.given = id
	}
	clear(o.waiting)
}
