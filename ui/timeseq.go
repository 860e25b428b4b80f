package ui

import (
	"slices"
	"time"

	"tcpviz/fsm"
	"tcpviz/internal/story"
)

// timeSequence is the time-sequence picture of one connection, as W. Richard Stevens
// draws it in TCP/IP Illustrated and tcptrace for xplot: the sequence numbers that
// one side sends over time, the other side's ACKs as a staircase below them, and the
// edge of its window as another above them. What is drawn was seen on the wire at the
// time that is drawn; the picture's frame is that of all the story, and what has not
// happened yet is left out.
//
// It is read once for a story and view; a frame costs what has changed since the
// frame before.
type timeSequence struct {
	story *story.Story
	view  story.View
	clock []int64 // by row: ns since the first segment whose time is known, or noTime
	// What was sent, by row, and how many of it are segments and how many of those
	// have a time; the earliest and the latest of these.
	seen        []sighting
	sent, timed int
	start, end  int64
	bytes       [2]uint64 // payload by sender, repeated octets too
	handshake   handshake
	streams     [2]*stream // by the sender of the octets; nil until it is asked for
	// turned tells that the direction that carries less is shown.
	turned bool

	raster raster // of the picture drawn last
	scene  scene  // where it was drawn
	cells  []plotCell
	words  sequenceWords
}

// noTime is the clock of a row whose time is not known.
const noTime = -1 << 63

// longestTime bounds times that lie absurdly far apart, so that no difference overflows.
const longestTime = 1 << 61

// fit gives the picture for the moment: this one when it was read from the same
// story and view, else a new one. The receiver may be nil.
func (q *timeSequence) fit(m moment) *timeSequence {
	if q != nil && q.story == m.story && q.view.Conn == m.view.Conn && len(q.view.Rows) == len(m.view.Rows) {
		return q
	}
	fresh := newTimeSequence(m.story, m.view)
	fresh.turned = q != nil && q.turned && q.view.Conn == m.view.Conn
	return fresh
}

// newTimeSequence reads the times of a view.
func newTimeSequence(s *story.Story, v story.View) *timeSequence {
	q := &timeSequence{story: s, view: v}
	if s == nil || v.Conn < 1 || v.Conn > s.Conns.Len() {
		q.view.Rows = nil
	}
	q.clock = make([]int64, len(q.view.Rows))
	for i := range q.clock {
		q.clock[i] = noTime
	}
	var origin time.Time // of the first segment with a time
	for i := range q.clock {
		if step := q.segmentAt(i); step != nil && !step.Time.IsZero() {
			origin = step.Time
			break
		}
	}
	var open handshakeReader
	q.seen = make([]sighting, 0, len(q.clock)/2+1)
	for i, row := range q.view.Rows {
		step := s.At(row.Step)
		if step == nil {
			continue
		}
		if !step.Time.IsZero() && !origin.IsZero() {
			q.clock[i] = min(max(int64(step.Time.Sub(origin)), -longestTime), longestTime)
		}
		if step.Frame == nil || step.Kind != story.SegmentSent && step.Kind != story.SegmentLost || step.Again {
			continue // of a lost copy another one may have arrived
		}
		q.seen = append(q.seen, newSighting(i, q.clock[i], step))
		if step.Kind == story.SegmentLost {
			continue
		}
		q.sent++
		q.bytes[step.Side] += uint64(step.Frame.Segment.Len)
		if at := q.clock[i]; at != noTime {
			q.start, q.end = min(q.start, at), max(q.end, at)
			q.timed++
		}
		open.read(i, q.clock[i], step)
	}
	q.handshake = open.found
	if q.start == q.end && origin.Equal(time.Unix(0, 0)) {
		q.timed = 0 // all are 0, as in a file whose writer knew no times
	}
	return q
}

// sighting is what the picture needs to know of a segment that was seen.
type sighting struct {
	at       int64 // by the clock
	row      int32
	seq, ack fsm.Seq
	length   uint32 // payload octets
	window   uint16 // as on the wire
	flags    fsm.Flags
	shift    uint8 // of the window scale option, when it scales
	scales   bool
	sender   fsm.Side
	lost     bool // this row tells that it was lost, not that it was sent
	// What is unusual about it, as far as the picture shows it.
	again, keepAlive, probe, outOfOrder, duplicate bool
}

func newSighting(row int, at int64, step *story.Step) sighting {
	segment := &step.Frame.Segment
	s := sighting{
		at: at, row: int32(row), seq: segment.Seq, ack: segment.Ack, length: segment.Len, window: segment.Window,
		flags: segment.Flags, shift: min(segment.Options.WindowScale, 14), scales: segment.Options.HasScale,
		sender: step.Side, lost: step.Kind == story.SegmentLost,
	}
	for _, name := range step.Anomalies {
		switch name {
		case "retransmission": // a fast or spurious one is named so too
			s.again = true
		case "keep_alive":
			s.keepAlive, s.probe = true, true
		case "zero_window_probe":
			s.probe = true
		case "out_of_order":
			s.outOfOrder = true
		case "duplicate_ack":
			s.duplicate = true
		}
	}
	return s
}

// span is SEG.LEN of RFC 9293 section 3.4: SYN and FIN count one each.
func (s *sighting) span() int64 {
	n := int64(s.length)
	if s.flags.Has(fsm.SYN) {
		n++
	}
	if s.flags.Has(fsm.FIN) {
		n++
	}
	return n
}

// segmentAt gives the step of row i when it is the sending of a segment, else nil.
func (q *timeSequence) segmentAt(i int) *story.Step {
	step := q.story.At(q.view.Rows[i].Step)
	if step == nil || step.Kind != story.SegmentSent || step.Frame == nil {
		return nil
	}
	return step
}

// sender gives the side whose octets are shown: the one that sent more, the client
// when neither did, unless the user has turned the picture.
func (q *timeSequence) sender() fsm.Side {
	side := fsm.Client
	if q.bytes[fsm.Server] > q.bytes[fsm.Client] {
		side = fsm.Server
	}
	if q.turned {
		return side.Other()
	}
	return side
}

// stream gives the direction that is shown.
func (q *timeSequence) stream() *stream {
	side := q.sender()
	if q.streams[side] == nil {
		q.streams[side] = q.read(side)
	}
	return q.streams[side]
}

// now gives the clock of the newest row up to at whose time is known.
func (q *timeSequence) now(at int) (int64, bool) {
	for i := min(at, len(q.clock)-1); i >= 0; i-- {
		if q.clock[i] != noTime {
			return q.clock[i], true
		}
	}
	return 0, false
}

// segmentOf gives the row in which the segment was sent that row at tells of, -1
// when it tells of none.
func (q *timeSequence) segmentOf(at int) int {
	if at < 0 || at >= len(q.view.Rows) {
		return -1
	}
	step := q.story.At(q.view.Rows[at].Step)
	switch {
	case step == nil || step.Frame == nil:
		return -1
	case step.Kind == story.SegmentSent:
		return at
	}
	// Its sending is before it, most often just before.
	i, found := slices.BinarySearchFunc(q.view.Rows[:at], step.Peer, func(r story.Row, n int) int { return r.Step - n })
	if !found {
		return -1
	}
	return i
}

// handshake is the time that the opening took.
type handshake struct {
	row int   // the row of the ACK that ended it
	rtt int64 // ns from the SYN to the ACK of the SYN-ACK
	ok  bool
}

// handshakeReader finds the round-trip time of the three-way handshake: from the SYN
// to the ACK that answers the SYN-ACK, which is one round trip wherever the capture
// was made. A SYN or SYN-ACK that was sent twice makes it unknown: nobody can tell
// which of the two was answered (Karn's rule, RFC 6298 section 3).
type handshakeReader struct {
	found     handshake
	syn       int64
	opener    fsm.Side
	syns, ans int
	number    fsm.Seq // that the ACK must name
	over      bool
}

func (h *handshakeReader) read(row int, at int64, step *story.Step) {
	segment := &step.Frame.Segment
	switch {
	case h.over:
	case segment.Flags.Has(fsm.RST):
		h.over = true
	case segment.Flags.Has(fsm.SYN | fsm.ACK):
		h.ans++
		h.number = segment.Seq.Add(1)
		h.over = h.syns != 1 || h.ans > 1 || step.Side == h.opener
	case segment.Flags.Has(fsm.SYN):
		h.syns++
		h.opener, h.syn = step.Side, at
		h.over = h.syns > 1 || h.ans > 0
	case h.ans == 1 && step.Side == h.opener && segment.Flags.Has(fsm.ACK):
		h.over = true
		if segment.Ack == h.number && at != noTime && h.syn != noTime && at >= h.syn {
			h.found = handshake{row: row, rtt: at - h.syn, ok: true}
		}
	case h.syns == 0:
		h.over = true // the capture begins later
	}
}
