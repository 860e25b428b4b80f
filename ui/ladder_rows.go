package ui

import (
	"slices"
	"time"

	"tcpviz/fsm"
	"tcpviz/internal/story"
)

// rowKind is what a row of the ladder is for.
type rowKind uint8

const (
	openingRow rowKind = iota // the first row: before anything happened
	stepsRow                  // one step, or several that belong together
	gapRow                    // time passes
	noteRow                   // the stack says something else than the model
)

const (
	maxBars    = 4                      // bars side by side on one side
	maxFlights = 3                      // segments under way at a time that are followed
	longGap    = 100 * time.Millisecond // a pause that gets a row of its own
)

// ladderRow is one row of the ladder. It holds indexes of rows of the view, -1
// for none, and no text: the text is made for the rows that are seen.
//
// Steps share a row when one follows from the other and nothing lies between: a
// call, the segment that it sends, that segment's arrival, and the call's return
// or the return of the call that waited for it. How the first n steps are laid
// out does not depend on what comes after them.
type ladderRow struct {
	kind        rowKind
	fly         int8          // which of the flights this row's segment is, once other rows follow before it arrives; -1: none
	slot        [2]int8       // where the bar of the call in enter or back stands; -1: nowhere
	first, last int32         // the steps of this row; for a gap the step that ends it
	gap         time.Duration // of a gap row
	enter, back [2]int32      // the call that begins here, the return that is here, by side
	enterRow    [2]int32      // the row of the ladder at which the call in back began
	change      [2]int32      // the step that changed the side's state
	sent        int32         // the segment that leaves here
	arrived     int32         // the segment that arrives here or is lost
	impaired    int32         // what is done here to a segment on the wire
	before      int32         // what was done last to the segment that arrives here
	overtaken   bool          // a later segment has arrived before the one that arrives here
	copied      bool          // of the segment that arrives here there is one more on its way
	proven      int32         // the segment of the other side that proves the arrival of the one sent here
	timer       int32         // the timer that expires here
	said        int32         // what stands here in words (see said)
	note        int32         // of a note row: which of the step's truths
	bars        [2][maxBars]int32
	flights     [maxFlights]int32
	waiting     uint8 // of the flights, a bit for each that is held up on the wire
}

// has tells that step i is one of the row's.
func (r *ladderRow) has(i int32) bool { return i >= 0 && r.first <= i && i <= r.last }

// ladderRows lays out the view of a story: what stands in which row, and for each
// row of the view the row of the ladder that shows it.
func ladderRows(v story.View, s *story.Story) (rows []ladderRow, rowOf []int32) {
	b := rowBuilder{view: v, story: s, main: -1}
	b.rows = make([]ladderRow, 0, len(v.Rows)+1)
	b.rowOf = make([]int32, len(v.Rows))
	b.open = [2][maxBars]int32{noBars, noBars}
	b.flying = noFlights
	b.add(openingRow, -1)
	b.main = -1
	for i := range v.Rows {
		if step := s.At(v.Rows[i].Step); step != nil {
			b.place(int32(i), step)
		}
		b.rowOf[i] = max(b.main, 0)
	}
	return b.rows, b.rowOf
}

var (
	noBars    = [maxBars]int32{-1, -1, -1, -1}
	noFlights = [maxFlights]int32{-1, -1, -1}
)

// rowBuilder lays out one row of the view after the other.
type rowBuilder struct {
	view   story.View
	story  *story.Story
	rows   []ladderRow
	rowOf  []int32
	main   int32 // the newest row that a step may join; -1: none
	open   [2][maxBars]int32
	flying [maxFlights]int32
	// unproven are, by sender, the segments whose arrival nothing has proven yet.
	unproven [2][]unproven
	before   time.Time // of the step before
	wire     wireRows
	noted    [2]story.Check
}

// unproven is a segment that was sent at a row and must be acknowledged up to end.
type unproven struct {
	row int32
	end fsm.Seq
}

// maxUnproven is how many unacknowledged segments of a side are remembered.
const maxUnproven = 64

// prove notes what the segment sent at step i proves: that what it acknowledges
// has arrived. What it asks for itself is to be proven by the other side.
func (b *rowBuilder) prove(i int32, step *story.Step) {
	segment := &step.Frame.Segment
	if segment.Flags.Has(fsm.ACK) {
		waiting := &b.unproven[step.Side.Other()]
		*waiting = slices.DeleteFunc(*waiting, func(u unproven) bool {
			covered := u.end.LessEq(segment.Ack)
			if covered {
				b.rows[u.row].proven = i
			}
			return covered
		})
	}
	if step.Frame.Fate == story.FateAssumed && segment.SeqLen() > 0 {
		mine := &b.unproven[step.Side]
		if len(*mine) == maxUnproven {
			*mine = slices.Delete(*mine, 0, 1)
		}
		*mine = append(*mine, unproven{b.main, segment.End()})
	}
}

// add begins a new row with step i.
func (b *rowBuilder) add(kind rowKind, i int32) *ladderRow {
	if kind != noteRow {
		b.takeOff()
	}
	b.rows = append(b.rows, ladderRow{
		kind: kind, first: i, last: i, fly: -1, slot: [2]int8{-1, -1},
		enter: [2]int32{-1, -1}, back: [2]int32{-1, -1}, enterRow: [2]int32{-1, -1}, change: [2]int32{-1, -1},
		sent: -1, arrived: -1, impaired: -1, before: -1, proven: -1, timer: -1, said: -1, note: -1,
		bars: b.open, flights: b.flying, waiting: b.wire.waiting(&b.flying, b.view, b.story),
	})
	if kind == stepsRow {
		b.main = int32(len(b.rows) - 1)
	}
	return &b.rows[len(b.rows)-1]
}

// takeOff notes that the segment sent at the newest row is still under way while
// other rows follow.
func (b *rowBuilder) takeOff() {
	if b.main < 0 {
		return
	}
	r := &b.rows[b.main]
	if r.sent < 0 || r.arrived >= 0 || r.fly >= 0 {
		return
	}
	b.occupy(r)
}

// occupy lets the segment that was sent in the row be followed, if any slot is free.
func (b *rowBuilder) occupy(r *ladderRow) {
	for slot, sent := range b.flying {
		if sent < 0 {
			r.fly, b.flying[slot] = int8(slot), r.sent
			return
		}
	}
}

// index gives the row of the view that shows step n, -1 when none does.
func (b *rowBuilder) index(n int) int32 {
	if n <= 0 {
		return -1
	}
	if i := b.view.Index(n); i >= 0 && b.view.Rows[i].Step == n {
		return int32(i)
	}
	return -1
}

// place puts step i into the newest row where it belongs there, else into a new one.
func (b *rowBuilder) place(i int32, step *story.Step) {
	if gap := step.Time.Sub(b.before); i > 0 && gap >= longGap {
		b.add(gapRow, i).gap = gap
		b.main = -1
	}
	b.before = step.Time
	switch step.Kind {
	case story.CallEnter:
		b.enter(i, step)
	case story.CallReturn:
		b.back(i, step)
	case story.SegmentSent:
		r := b.row(i, step, b.sentJoins(step))
		r.sent = i
		b.prove(i, step)
	case story.SegmentReceived, story.SegmentLost:
		b.arrive(i, step)
	case story.SegmentImpaired:
		b.impair(i, step)
	case story.TimerExpired:
		b.row(i, step, false).timer = i
	case story.Narrated, story.ListenerClosed:
		b.row(i, step, false).said = i
	case story.HostRebooted: // the host itself, and then each of its connections
		joins := b.main >= 0 && b.rebootedAt(b.rows[b.main].said)
		if r := b.row(i, step, joins); r.said < 0 {
			r.said = i
		}
	}
	b.noteTruths(i, step)
}

// row gives the row for step i: the newest one if the step joins it, else a new
// one. A side that changed its state in the row changes it again in the next.
func (b *rowBuilder) row(i int32, step *story.Step, joins bool) *ladderRow {
	changed := b.view.Changes(int(i), step)
	if joins {
		for side := range changed {
			joins = joins && (!changed[side] || b.rows[b.main].change[side] < 0)
		}
	}
	var r *ladderRow
	if joins {
		r = &b.rows[b.main]
		r.last = i
	} else {
		r = b.add(stepsRow, i)
	}
	for side := range changed {
		if changed[side] {
			r.change[side] = i
		}
	}
	return r
}

func (b *rowBuilder) enter(i int32, step *story.Step) {
	r := b.row(i, step, false)
	r.enter[step.Side] = i
	for slot, call := range b.open[step.Side] {
		if call < 0 {
			b.open[step.Side][slot], r.slot[step.Side] = i, int8(slot)
			return
		}
	}
}

func (b *rowBuilder) back(i int32, step *story.Step) {
	side := step.Side
	enter, cause := b.index(step.Peer), b.index(step.Cause)
	joins := false
	if b.main >= 0 {
		r := &b.rows[b.main]
		free := r.enter[side] < 0 && r.back[side] < 0 && r.timer < 0
		if step.Call.Errno != "" && r.change[side] >= 0 {
			free = false // an error needs the room that the state's name takes
		}
		joins = r.enter[side] >= 0 && r.enter[side] == enter && r.back[side] < 0 ||
			free && (r.has(cause) || r.sent >= 0 && r.arrived < 0) // nor does it part an arrow
	}
	r := b.row(i, step, joins)
	r.back[side] = i
	if enter < 0 {
		return
	}
	r.enterRow[side] = b.rowOf[enter]
	for slot, call := range b.open[side] {
		if call == enter {
			b.open[side][slot], r.slot[side] = -1, int8(slot)
		}
	}
}

// sentJoins tells that the segment was sent by what the newest row shows.
func (b *rowBuilder) sentJoins(step *story.Step) bool {
	if b.main < 0 {
		return false
	}
	r := &b.rows[b.main]
	cause := b.index(step.Cause)
	return cause >= 0 && r.sent < 0 && r.arrived < 0 && (cause == r.enter[step.Side] || cause == r.timer)
}

func (b *rowBuilder) arrive(i int32, step *story.Step) {
	sent := b.index(step.Peer)
	joins := b.main >= 0 && sent >= 0 && b.rows[b.main].arrived < 0 && (b.rows[b.main].sent == sent || b.droppedHere(step))
	r := b.row(i, step, joins)
	r.arrived = i
	if told(step) {
		b.wire.ends(r, sent, step)
	}
	for slot, flying := range b.flying {
		if flying == sent && sent >= 0 {
			if !r.copied {
				b.flying[slot] = -1
			}
			if r.sent != sent {
				r.fly = int8(slot)
			}
		}
	}
	if r.copied && r.sent == sent {
		b.occupy(r)
	}
}

// noteTruths adds a row for each truth that disagrees with the model and was not
// told before.
func (b *rowBuilder) noteTruths(i int32, step *story.Step) {
	for k, check := range step.Truths {
		if check.Conn != 0 && check.Conn != b.view.Conn {
			continue
		}
		last := &b.noted[check.Truth.Side]
		if check.Agree {
			if last.Conn == check.Conn {
				*last = story.Check{Agree: true}
			}
			continue
		}
		if !last.Agree && last.Conn == check.Conn && last.Model == check.Model && last.Truth.State == check.Truth.State {
			continue
		}
		*last = check
		b.add(noteRow, i).note = int32(k)
	}
}
