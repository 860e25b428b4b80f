package ui

import (
	"sort"

	"tcpviz/fsm"
)

// markKind says what a mark of the picture stands for.
type markKind uint8

// The kinds of marks. Where several fall into one cell the last of this list wins:
// what says most of the connection hides what says less.
const (
	windowMark         markKind = iota // the right edge of the receiver's window moves
	ackMark                            // the receiver's ACK moves
	duplicateMark                      // a duplicate ACK
	segmentMark                        // octets are sent
	outOfOrderMark                     // octets come after later ones
	probeMark                          // a keep-alive, or a probe of a window that is closed
	zeroWindowMark                     // the receiver has no room
	finMark                            // FIN
	synMark                            // SYN
	rstMark                            // RST, by either side
	lostMark                           // the segment did not arrive
	retransmissionMark                 // octets, a SYN or a FIN are sent again
	markKinds
)

// plotMark is something that the picture shows: octets between two numbers at a
// time, or a step of a staircase that was at one number and is at another since.
type plotMark struct {
	row      int32 // of the view: it is drawn once this row has happened
	kind     markKind
	from, to int64 // numbers as numbering counts them
	since    int64 // of a staircase: when it came to from
	at       int64 // when
}

// tally is what had happened in a direction by a row.
type tally struct {
	row             int32
	again           int32  // segments of the sender that were sent again
	stray           int32  // segments whose numbers belong to something else
	untimed         int32  // segments without a time
	unscaled        bool   // a window was announced whose scale is not known
	fresh, repeated uint64 // payload octets, and those that were sent again
	first, last     int64  // the earliest and the latest time, noTime when there is none
	// Where the staircases are and since when, when acked and windowed say that they are.
	ack, ackSince   int64
	edge, edgeSince int64
	acked, windowed bool
}

// stream is one direction of the connection: what its picture is made of.
type stream struct {
	sender    fsm.Side
	marks     []plotMark // by row
	tallies   []tally    // one for each segment of either side, by row
	low, high int64      // the numbers of octets and ACKs
	numbered  bool       // there are numbers at all
	// The nearest and the farthest edge of the window, when framed says that there is one.
	nearest, farthest int64
	framed            bool
}

// upTo gives the number of marks that have happened once row at has.
func (s *stream) upTo(at int) int {
	return sort.Search(len(s.marks), func(i int) bool { return int(s.marks[i].row) > at })
}

// tally gives what had happened once row at has.
func (s *stream) tally(at int) tally {
	i := sort.Search(len(s.tallies), func(i int) bool { return int(s.tallies[i].row) > at })
	if i == 0 {
		return tally{row: -1, first: noTime, last: noTime}
	}
	return s.tallies[i-1]
}

// syn is what a side's SYN said of window scaling.
type syn struct {
	seen, scales, answers bool // answers: it is a SYN-ACK
	shift                 uint8
}

// streamReader makes a stream of what was seen.
type streamReader struct {
	*stream
	numbers numbering
	syns    [2]syn
	now     tally
	at      int64 // when the segment that is read was sent
}

// read reads one direction: the octets of sender and the other side's word on them.
func (q *timeSequence) read(sender fsm.Side) *stream {
	r := streamReader{
		stream: &stream{sender: sender, marks: make([]plotMark, 0, 2*q.sent), tallies: make([]tally, 0, q.sent)},
		now:    tally{first: noTime, last: noTime},
	}
	if q.sent > 0 {
		r.numbers = newNumbering(q.story.Conns.At(q.view.Conn).ISN[sender])
	}
	for i := range q.seen {
		s := &q.seen[i]
		r.now.row, r.at = s.row, s.at
		if s.lost {
			r.lose(s)
			continue
		}
		switch {
		case r.at == noTime:
			r.now.untimed++
		case r.now.first == noTime:
			r.now.first, r.now.last = r.at, r.at
		default:
			r.now.first, r.now.last = min(r.now.first, r.at), max(r.now.last, r.at)
		}
		if s.flags.Has(fsm.SYN) {
			r.opens(s)
		}
		if s.sender == sender {
			r.send(s)
		} else {
			r.answer(s)
		}
		r.tallies = append(r.tallies, r.now)
	}
	return r.stream
}

// mark adds a mark, when it has a time.
func (r *streamReader) mark(kind markKind, from, to int64) {
	if r.at != noTime {
		r.marks = append(r.marks, plotMark{row: r.now.row, kind: kind, from: from, to: to, at: r.at})
	}
}

// span makes room for the numbers.
func (r *streamReader) span(from, to int64) {
	if r.at == noTime {
		return
	}
	if !r.numbered {
		r.low, r.high, r.numbered = from, to, true
	}
	r.low, r.high = min(r.low, from), max(r.high, to)
}

// send reads a segment of the sender.
func (r *streamReader) send(s *sighting) {
	from, ok := r.numbers.place(s.seq)
	if s.flags.Has(fsm.RST) {
		if !ok { // it is seen, but its number says nothing here
			from = r.numbers.top
		}
		r.span(from, from)
		r.mark(rstMark, from, from)
		return
	}
	if !ok {
		if from, ok = r.numbers.wander(s.seq); !ok {
			r.now.stray++
			return
		}
	}
	to := from + s.span()
	r.numbers.met(to)
	if s.again || s.keepAlive {
		r.now.repeated += uint64(s.length)
	} else {
		r.now.fresh += uint64(s.length)
	}
	if to == from && !s.probe {
		return // a bare ACK is the other direction's
	}
	r.span(from, to)
	switch {
	case s.probe:
		r.mark(probeMark, from, to)
		return
	case s.again:
		r.now.again++
		r.mark(retransmissionMark, from, to)
		return
	case s.length == 0:
	case s.outOfOrder:
		r.mark(outOfOrderMark, from, to)
	default:
		r.mark(segmentMark, from, to)
	}
	if s.flags.Has(fsm.SYN) {
		r.mark(synMark, from, from)
	}
	if s.flags.Has(fsm.FIN) {
		r.mark(finMark, to, to)
	}
}

// answer reads a segment of the receiver: its ACK and its window.
func (r *streamReader) answer(s *sighting) {
	ack, ok := r.numbers.place(s.ack)
	if s.flags.Has(fsm.RST) {
		if !ok || !s.flags.Has(fsm.ACK) {
			ack = r.numbers.top
			if r.now.acked {
				ack = r.now.ack
			}
		}
		r.span(ack, ack)
		r.mark(rstMark, ack, ack)
		return
	}
	if !s.flags.Has(fsm.ACK) {
		return
	}
	if !ok {
		if ack, ok = r.numbers.wander(s.ack); !ok {
			r.now.stray++
			return
		}
	}
	r.numbers.met(ack)
	if r.now.acked && ack < r.now.ack {
		return // overtaken by a later one: it says nothing new
	}
	if r.at == noTime {
		return
	}
	r.span(ack, ack)
	before, since := r.now.ack, r.now.ackSince
	if !r.now.acked {
		before, since = ack, r.at
	}
	if !r.now.acked || ack != before {
		r.stair(ackMark, before, ack, since)
		r.now.ack, r.now.ackSince, r.now.acked = ack, r.at, true
	}
	if s.duplicate {
		r.mark(duplicateMark, ack, ack)
	}
	r.window(s, ack)
}

// window reads the window that comes with an ACK.
func (r *streamReader) window(s *sighting, ack int64) {
	if s.window == 0 && s.flags&(fsm.SYN|fsm.FIN) == 0 {
		r.mark(zeroWindowMark, ack, ack)
	}
	shift, ok := r.scale(s)
	if !ok {
		r.now.unscaled = true
		return
	}
	size := int64(s.window) << shift
	r.numbers.narrow(size)
	edge := ack + size
	before, since := r.now.edge, r.now.edgeSince
	if !r.now.windowed {
		before, since = edge, r.at
	} else if edge == before {
		return
	}
	r.stair(windowMark, before, edge, since)
	r.now.edge, r.now.edgeSince, r.now.windowed = edge, r.at, true
	if !r.framed {
		r.nearest, r.farthest, r.framed = edge, edge, true
	}
	r.nearest, r.farthest = min(r.nearest, edge), max(r.farthest, edge)
}

// stair adds a step of a staircase. Where the clock went back there is no line
// between the two: it would tell of a time that neither belongs to.
func (r *streamReader) stair(kind markKind, from, to, since int64) {
	if since > r.at {
		since, from = r.at, to
	}
	r.marks = append(r.marks, plotMark{row: r.now.row, kind: kind, from: from, to: to, since: since, at: r.at})
}

// opens notes what a SYN says of window scaling.
func (r *streamReader) opens(s *sighting) {
	r.syns[s.sender] = syn{
		seen: true, scales: s.scales, answers: s.flags.Has(fsm.ACK),
		shift: s.shift,
	}
}

// scale gives the shift of the receiver's windows, and whether it is known. It
// holds when both SYNs have the option (RFC 7323 section 2.2): a SYN-ACK that has it
// proves that the SYN had. A SYN's own window is never scaled, and a window of 0 is 0.
func (r *streamReader) scale(s *sighting) (uint8, bool) {
	mine, other := r.syns[r.sender.Other()], r.syns[r.sender]
	switch {
	case s.flags.Has(fsm.SYN) || s.window == 0:
		return 0, true
	case mine.seen && !mine.scales || other.seen && !other.scales:
		return 0, true
	case mine.scales && (other.scales || mine.answers):
		return mine.shift, true
	}
	return 0, false
}

// lose reads that a segment was lost; it was sent before.
func (r *streamReader) lose(s *sighting) {
	number, ok := r.numbers.place(s.seq)
	if s.sender != r.sender {
		number, ok = r.numbers.place(s.ack)
		ok = ok && s.flags.Has(fsm.ACK)
	}
	if ok && number >= r.low && number <= r.high {
		r.mark(lostMark, number, number)
	}
}
