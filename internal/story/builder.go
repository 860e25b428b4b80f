package story

import (
	"cmp"
	"net/netip"
	"slices"

	"tcpviz/fsm"
)

// Builder makes a story out of events. It is used from one goroutine; the
// stories that it gives out may be read from any.
type Builder struct {
	meta    Meta
	limit   int // steps kept at most; 0: no limit
	selects func(*fsm.Summary) bool
	tracker fsm.Tracker
	steps   []Step
	first   int  // number of steps forgotten before steps[0]
	patched bool // steps were copied since a story was given out: none shares them
	given   int  // steps that the newest given-out story holds
	conns   []connection
	list    ConnectionList // of the summaries, as far as they were given out
	changed []int          // the connections whose summaries have changed since
	totals  Totals
	calls   calls
	scratch []fsm.Transition
	ahead   []Event // what follows the current event in its batch
	flying  []int   // steps that sent a segment which has not arrived yet
}

// connection is what the builder keeps of one connection.
type connection struct {
	ID      int
	Ends    [2]netip.AddrPort // indexed by fsm.Side
	flow    *fsm.Flow
	changed bool // it is in Builder.changed
	unasked bool // its segments make no steps: see Builder.Select
	// lastArrival is, for each side, the step of the newest segment that reached
	// it; answered tells that it has sent something since.
	lastArrival [2]int
	answered    [2]bool
	dataArrival [2]int // newest arrival that carried data, a FIN or a RST
	established [2]int // step by which the side became ESTABLISHED
	latest      [2]latestCalls
	inferred    [2]inferredCalls
}

// NewBuilder gives an empty builder for a story about meta.
func NewBuilder(meta Meta) *Builder {
	return &Builder{meta: meta, calls: newCalls()}
}

// Limit makes the builder keep n steps at most: later segments are counted in
// the totals (Totals.Unshown) but make no step.
func (b *Builder) Limit(n int) { b.limit = n }

// Select makes the builder ask for each connection, with its summary after the first
// segment, whether it is wanted. The segments of the others make no step; they are
// counted all the same.
func (b *Builder) Select(wanted func(*fsm.Summary) bool) { b.selects = wanted }

// Add takes a batch of events: all that happened up to now. They are ordered by
// time, then rank (a call's enter, a segment, a return, a truth), then the order
// in which they are given; a batch never comes before one that was added already.
// Segments that crossed on the wire are recognised within one batch only.
func (b *Builder) Add(events ...Event) {
	ordered := events
	if len(events) > 1 {
		ordered = slices.Clone(events)
	}
	slices.SortStableFunc(ordered, func(x, y Event) int {
		return cmp.Or(x.when().Compare(y.when()), cmp.Compare(rank(x), rank(y)))
	})
	for i, e := range ordered {
		b.ahead = ordered[i+1:]
		switch e := e.(type) {
		case Call:
			b.addCall(e)
		case Frame:
			b.addFrame(e)
		case Truth:
			b.land(0, e.Time)
			b.addTruth(e)
		}
	}
	b.ahead = nil
	if n := len(ordered); n > 0 {
		b.land(0, ordered[n-1].when())
	}
}

// rank orders events that share a time, so that no effect precedes its cause.
func rank(e Event) int {
	switch e := e.(type) {
	case Call:
		if e.Phase == Enter {
			return 0
		}
		return 2
	case Frame:
		return 1
	default:
		return 3
	}
}

// Skip counts a frame that holds no TCP segment, by reason.
func (b *Builder) Skip(reason string) {
	b.totals.Frames++
	if b.totals.Skipped == nil {
		b.totals.Skipped = make(map[string]int)
	}
	b.totals.Skipped[reason]++
}

// Dropped sets the number of frames that the kernel dropped before they could be read.
func (b *Builder) Dropped(n int) { b.totals.Dropped = n }

// Fail says why reading ended early.
func (b *Builder) Fail(err error) { b.totals.Error = err.Error() }

// SetMeta replaces what the story is about.
func (b *Builder) SetMeta(meta Meta) { b.meta = meta }

// Story gives the story so far. It is not changed by what is added later.
func (b *Builder) Story() *Story {
	b.patched = false // the steps are shared from now on: see patch
	b.given = len(b.steps)
	for _, id := range b.changed {
		c := &b.conns[id-1]
		b.list.Set(c.flow.Summary())
		c.changed = false
	}
	b.changed = b.changed[:0]
	s := &Story{
		Meta:   b.meta,
		Steps:  b.steps[:len(b.steps):len(b.steps)],
		First:  b.first,
		Conns:  b.list.Given(),
		Totals: b.totals,
	}
	if b.totals.Skipped != nil {
		s.Totals.Skipped = make(map[string]int, len(b.totals.Skipped))
		for reason, n := range b.totals.Skipped {
			s.Totals.Skipped[reason] = n
		}
	}
	return s
}

// Forget drops the steps so far, for output that has been written and will not
// be asked for again. Numbers go on.
func (b *Builder) Forget() {
	b.first += len(b.steps)
	b.steps, b.given, b.patched = nil, 0, false
}

// patch gives step n for a change after the fact (its connection became known,
// its call returned). A story that was given out shares the builder's steps, so
// the first change after it works on a copy. It gives nil for a forgotten step.
func (b *Builder) patch(n int) *Step {
	i := n - 1 - b.first
	if i < 0 {
		return nil
	}
	if i < b.given && !b.patched {
		b.steps = slices.Clone(b.steps)
		b.patched = true
	}
	return &b.steps[i]
}

// push appends a step and gives its number.
func (b *Builder) push(s Step) int {
	s.N = b.first + len(b.steps) + 1
	b.steps = append(b.steps, s)
	return s.N
}

// touch notes that the connection's summary changes.
func (b *Builder) touch(c *connection) {
	if !c.changed {
		c.changed = true
		b.changed = append(b.changed, c.ID)
	}
}

// find gives the connection that has these two ends, either way round, and the
// side whose address local is: the newest one where there were several.
func (b *Builder) find(local, remote netip.AddrPort) (c *connection, side fsm.Side, ok bool) {
	for i := len(b.conns) - 1; i >= 0; i-- {
		c := &b.conns[i]
		for _, side := range []fsm.Side{fsm.Client, fsm.Server} {
			if c.Ends[side] == local && c.Ends[side.Other()] == remote {
				return c, side, true
			}
		}
	}
	return nil, 0, false
}

// addTruth compares what a stack says with the model, and notes it at the newest step.
func (b *Builder) addTruth(t Truth) {
	check := Check{Truth: t}
	if !t.Remote.IsValid() {
		check.Model = b.calls.listenerState(t.Local)
	} else if c, side, ok := b.find(t.Local, t.Remote); ok {
		check.Conn = c.ID
		check.Model = c.flow.Conn.Ends[side].State
		if check.Model == fsm.Listen {
			check.Model = fsm.Closed // what is left in LISTEN is the listening socket, not this one
		}
	} else if t.State == fsm.Closed {
		return // a socket that never had a connection: nothing to compare
	}
	check.Agree = check.Model == t.State
	b.totals.Checked++
	if check.Agree {
		b.totals.Agree++
	}
	if step := b.patch(b.first + len(b.steps)); len(b.steps) > 0 && step != nil {
		step.Truths = append(slices.Clip(step.Truths), check)
	}
}
