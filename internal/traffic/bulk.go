package traffic

import (
	"math"

	"tcpviz/fsm"
)

const (
	firstCongestionWindow = 10  // segments (RFC 6928)
	maxCongestionWindow   = 128 // segments
	windowStep            = 24  // how much the receiver's window grows with each ACK, scaled: 3,072 octets
	maxWindow             = 24576
	writeSize             = 1 << 16 // the sending program's: its last segment is pushed
	delayedAck            = 40 * millisecond
)

// transfer is a dialog of which one side sends many full segments, clocked by the
// ACKs that it gets: it begins with ten segments and has one more in flight for
// each that is acknowledged, up to 128. Nothing is lost.
type transfer struct {
	dialog
	sender fsm.Side
	left   int64 // segments still to send
	closed bool

	inFlight, window int   // segments: sent and not acknowledged, and how many may be
	sendAt           int64 // when the observer meets the next segment, if the window lets it go
	written          uint32
	received         int // segments that the receiver has not acknowledged yet

	ackAfter, releaseAfter int64 // from a segment to its ACK, from an ACK to what it lets go

	acks     ring // on their way to the observer
	releases ring // the same ACKs again, on their way from the observer to what they cause
}

// due is an ACK of so many segments, and when it matters.
type due struct {
	at       int64
	segments int
	ack      fsm.Segment
}

// ring is a queue of ACKs. No more than one for every two segments in flight is in it.
type ring struct {
	slots       [maxCongestionWindow]due
	first, many int
}

func (r *ring) push(d due) {
	r.slots[(r.first+r.many)%len(r.slots)] = d
	r.many++
}

// at gives the time of the first in the queue.
func (r *ring) at() int64 {
	if r.many == 0 {
		return math.MaxInt64
	}
	return r.slots[r.first].at
}

func (r *ring) pop() due {
	d := r.slots[r.first]
	r.first = (r.first + 1) % len(r.slots)
	r.many--
	return d
}

// begin says the handshake, and the request where the server is the one to send.
func (t *transfer) begin(sender fsm.Side, segments int64) {
	t.sender, t.left, t.closed = sender, segments, false
	t.window, t.inFlight, t.written, t.received = firstCongestionWindow, 0, 0, 0
	t.acks.many, t.releases.many = 0, 0
	const atOnce = 15 // microseconds: how long the client's own answers take
	t.open()
	if sender == fsm.Server {
		t.exchange(fsm.Client, maxRequest)
		t.ackAfter, t.releaseAfter = atOnce, t.trip
	} else {
		t.ackAfter, t.releaseAfter = t.trip, atOnce
	}
	t.sendAt = t.now + 50
}

// take gives the next segment, as long as there is one.
func (t *transfer) take() (captured, bool) {
	for {
		if c, ok := t.dialog.take(); ok {
			return c, true
		}
		if t.closed {
			return captured{}, false
		}
		t.said, t.taken = t.said[:0], 0
		if t.left > 0 || t.acks.many > 0 {
			t.step()
			continue
		}
		t.closed = true
		t.finish(t.sender)
	}
}

// step is what comes next: a segment, an ACK, or what an ACK causes.
func (t *transfer) step() {
	sendAt := int64(math.MaxInt64)
	if t.left > 0 && t.inFlight < t.window {
		sendAt = t.sendAt
	}
	switch ack, release := t.acks.at(), t.releases.at(); {
	case ack <= sendAt && ack <= release:
		t.acknowledge()
	case release <= sendAt:
		t.release()
	default:
		t.transmit()
	}
}

// transmit has the sender send a segment, and the receiver acknowledge every
// second one, and the last.
func (t *transfer) transmit() {
	t.now = t.sendAt
	flags := fsm.ACK
	if t.written += t.payload(); t.written >= writeSize || t.left == 1 {
		flags, t.written = flags|fsm.PSH, 0
	}
	t.arrive(t.sender, t.put(t.sender, t.form(t.sender, flags, t.payload())))
	t.left--
	t.inFlight++
	t.received++
	t.sendAt = t.now + 12 + t.rng.Int64N(16)
	if t.received < 2 && t.left > 0 {
		return
	}
	at := t.now + t.ackAfter
	if t.received < 2 {
		at += delayedAck
	}
	receiver := t.sender.Other()
	e := &t.ends[receiver]
	e.window = min(e.window+windowStep, maxWindow)
	t.acks.push(due{at, t.received, t.form(receiver, fsm.ACK, 0)})
	t.received = 0
}

// acknowledge has the observer meet an ACK.
func (t *transfer) acknowledge() {
	d := t.acks.pop()
	t.now = d.at
	d.ack = t.put(t.sender.Other(), d.ack)
	d.at += t.releaseAfter
	t.releases.push(d)
}

// release has the sender take an ACK.
func (t *transfer) release() {
	d := t.releases.pop()
	t.arrive(t.sender.Other(), d.ack)
	t.inFlight -= d.segments
	t.window = min(t.window+d.segments, maxCongestionWindow)
	t.sendAt = max(t.sendAt, d.at)
}
