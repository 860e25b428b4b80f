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
	// byEnds gives the newest connection between two ends, either way round; it is
	// made when it is asked for first.
	byEnds map[[2]netip.AddrPort]int
	wire   wire
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
	dataArrival [2]int  // newest arrival that carried data, a FIN or a RST
	established [2]int  // step by which the side became ESTABLISHED
	expiry      [2]int  // newest step in which one of its timers ran out
	expired     [2]int  // the same, until it has sent something that may come of it
	asks        [2]bool // that timer only makes TCP send something
	latest      [2]latestCalls
	inferred    [2]inferredCalls
	taken       [2]taken
	queued      queued    // where its server's end stands at the listening socket
	listener    *listener // that it was opened to, until that is closed; nil: none that is known
}

// NewBuilder gives an empty builder for a story about meta.
func NewBuilder(meta Meta) *Builder {
	b := &Builder{calls: newCalls()}
	b.SetMeta(meta)
	return b
}

// Limit makes the builder keep n steps at most: later segments are counted in
// the totals (Totals.Unshown) but make no step.
func (b *Builder) Limit(n int) { b.limit = n }

// full reports whether the builder keeps as many steps as it may.
func (b *Builder) full() bool { return b.limit > 0 && len(b.steps) >= b.limit }

// Select makes the builder ask for each connection, with its summary after the first
// segment, whether it is wanted. The segments of the others make no step; they are
// counted all the same.
func (b *Builder) Select(wanted func(*fsm.Summary) bool) { b.selects = wanted }

// Add takes a batch of events: all that happened up to now. They are ordered by
// time, then rank (a call's enter, what happens on the wire, a return, a truth),
// then the order in which they are given; where the story's Meta says that they are
// Ordered, by time and that order alone. A batch never comes before one that was
// added already. Segments that crossed on the wire are recognised within one batch
// only, unless their arrivals are told (see FateUnderWay).
func (b *Builder) Add(events ...Event) {
	ordered := events
	if len(events) > 1 {
		ordered = slices.Clone(events)
	}
	slices.SortStableFunc(ordered, func(x, y Event) int {
		if b.meta.Ordered {
			return x.When().Compare(y.When())
		}
		return Compare(x, y)
	})
	for i, e := range ordered {
		b.ahead = ordered[i+1:]
		switch e := e.(type) {
		case Call:
			b.addCall(e)
		case Frame:
			b.addFrame(e)
		case Arrival:
			b.addArrival(e)
		case Impairment:
			b.addImpairment(e)
		case Expiry:
			b.addExpiry(e)
		case Reboot:
			b.addReboot(e)
		case Narration:
			b.addNarration(e)
		case Truth:
			b.land(0, e.Time)
			b.addTruth(e)
		}
	}
	b.ahead = nil
	if n := len(ordered); n > 0 {
		b.land(0, ordered[n-1].When())
	}
}

// Compare orders events by time, and those that share one so that no effect precedes
// its cause: a call's enter, what happens on the wire, a return, a truth. It is
// negative when x comes first.
func Compare(x, y Event) int {
	return cmp.Or(x.When().Compare(y.When()), cmp.Compare(rank(x), rank(y)))
}

// rank orders events that share a time, so that no effect precedes its cause.
func rank(e Event) int {
	switch e := e.(type) {
	case Narration:
		return -1
	case Call:
		if e.Phase == Enter {
			return 0
		}
		return 2
	case Frame, Arrival, Impairment, Expiry, Reboot:
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
func (b *Builder) Fail(err error) { b.totals.Error = err }

// SetMeta replaces what the story is about.
func (b *Builder) SetMeta(meta Meta) {
	b.meta = meta
	b.tracker.Runs(stackOn(meta.Stage))
}

// stackOn gives the stack that both ends run on a stage.
func stackOn(stage string) fsm.Stack {
	switch stage {
	case "loopback", "wire":
		return fsm.Linux
	case "sim":
		return fsm.Netstack
	}
	return fsm.AnyStack
}

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
	if b.byEnds == nil {
		b.byEnds = make(map[[2]netip.AddrPort]int)
		for i := range b.conns {
			b.index(&b.conns[i])
		}
	}
	id := b.byEnds[[2]netip.AddrPort{local, remote}]
	if id == 0 {
		return nil, 0, false
	}
	if c = &b.conns[id-1]; c.Ends[fsm.Client] != local {
		side = fsm.Server
	}
	return c, side, true
}

// index notes a connection as the newest one between its ends.
func (b *Builder) index(c *connection) {
	client, server := c.Ends[fsm.Client], c.Ends[fsm.Server]
	b.byEnds[[2]netip.AddrPort{client, server}] = c.ID
	b.byEnds[[2]netip.AddrPort{server, client}] = c.ID
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
