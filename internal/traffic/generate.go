package traffic

import (
	"container/heap"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"

	"tcpviz/fsm"
)

// epoch is when every capture begins: 2026-01-01 00:00:00 UTC, in microseconds
// since 1970.
const epoch = 1_767_225_600 * second

const (
	maxConnections = 1 << 30 // fewer than there are clients, more than a file can hold
	maxTransfers   = 1000    // all of a bulk's are open at once
)

const (
	serverPort = 9011 // the first of the ports, none of which tshark gives to a dissector
	servers    = 16   // addresses and ports
)

// Written says what a capture holds.
type Written struct {
	Frames int64
	Bytes  int64
}

// Write writes a capture of the shape. It refuses, before it writes anything, a
// shape that makes no sense or whose file might be larger than MaxBytes.
func Write(w io.Writer, s Shape, f Format) (Written, error) {
	if err := s.Check(f); err != nil {
		return Written{}, err
	}
	return write(w, s, scenarios[:], f)
}

// write writes a capture whose shape is known to make sense.
func write(w io.Writer, s Shape, scenarios []Scenario, f Format) (Written, error) {
	r, err := newRecorder(w, f)
	if err != nil {
		return Written{}, fmt.Errorf("traffic: write %v: %w", f, err)
	}
	frames, err := newGenerator(s, scenarios).run(r)
	if err == nil {
		err = r.w.Flush()
	}
	if err != nil {
		return Written{}, fmt.Errorf("traffic: write frame %d of %v: %w", frames+1, f, err)
	}
	return Written{Frames: frames, Bytes: r.written}, nil
}

// generator lets connections begin, and brings their segments into one order.
type generator struct {
	shape     Shape
	scenarios []Scenario // of a lossy capture
	rng       *rand.Rand
	encoder   encoder
	started   int
	startAt   int64 // when the next connection begins
	open      queue
	free      []*connection
}

func newGenerator(s Shape, scenarios []Scenario) *generator {
	return &generator{
		shape: s, scenarios: scenarios,
		rng:     rand.New(rand.NewPCG(s.Seed, uint64(s.Kind))),
		encoder: encoder{text: newText()},
	}
}

// speaker is what a connection's segments come from.
type speaker interface {
	take() (captured, bool)
}

// connection is one that is open: where, and what is seen of it next.
type connection struct {
	number   int
	ends     [2]netip.AddrPort
	ids      [2]uint16 // the next identification of each side's IPv4 header
	next     captured
	source   speaker
	dialog   *dialog
	transfer *transfer // of a bulk: what the dialog is a part of
}

// queue is the open connections, the one to be seen next in front.
type queue []*connection

func (q queue) Len() int      { return len(q) }
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q queue) Less(i, j int) bool {
	if q[i].next.at != q[j].next.at {
		return q[i].next.at < q[j].next.at
	}
	return q[i].number < q[j].number
}

// Push appends a connection, for package heap.
func (q *queue) Push(c any) { *q = append(*q, c.(*connection)) }

// Pop takes the last connection away, for package heap.
func (q *queue) Pop() any {
	last := len(*q) - 1
	c := (*q)[last]
	*q = (*q)[:last]
	return c
}

// run writes the whole capture, and gives the number of frames.
func (g *generator) run(r *recorder) (frames int64, err error) {
	for {
		for g.started < g.shape.Connections && (len(g.open) == 0 || g.startAt <= g.open[0].next.at) {
			g.begin()
		}
		if len(g.open) == 0 {
			return frames, nil
		}
		c := g.open[0]
		frame := g.encoder.frame(&c.ends, c.next.sender, &c.next.segment, c.ids[c.next.sender])
		c.ids[c.next.sender]++
		if err := r.record(epoch+c.next.at, frame); err != nil {
			return frames, err
		}
		frames++
		if next, ok := c.source.take(); ok {
			c.next = next
			heap.Fix(&g.open, 0)
		} else {
			heap.Pop(&g.open)
			g.free = append(g.free, c)
		}
	}
}

// newConnection makes room for a connection of the shape's kind.
func (g *generator) newConnection() *connection {
	if g.shape.Kind == BulkKind {
		t := new(transfer)
		return &connection{source: t, dialog: &t.dialog, transfer: t}
	}
	d := new(dialog)
	return &connection{source: d, dialog: d}
}

// begin lets one more connection begin.
func (g *generator) begin() {
	var c *connection
	if last := len(g.free) - 1; last >= 0 {
		c, g.free = g.free[last], g.free[:last]
	} else {
		c = g.newConnection()
	}
	v6 := g.rng.IntN(100) < g.shape.IPv6Percent
	c.number = g.started
	c.ends = [2]netip.AddrPort{clientAt(uint32(g.started), v6), serverAt(g.rng.IntN(servers), v6)}
	c.ids = [2]uint16{uint16(g.rng.Uint32()), uint16(g.rng.Uint32())}
	d := c.dialog
	d.start(g.rng, g.startAt, v6)
	var pause int64 // until the next one
	switch g.shape.Kind {
	case ShortKind:
		d.complete()
		pause = millisecond
	case FloodKind:
		d.say(fsm.Client, fsm.SYN, 0)
		pause = 10
	case LossyKind:
		g.scenarios[g.started%len(g.scenarios)].play(d)
		pause = 100 * millisecond
	case BulkKind:
		if g.started == 0 {
			d.ends[fsm.Client].next, d.ends[fsm.Server].next = 0xffff_0000, 0xffff_0000
		}
		c.transfer.begin(fsm.Side((g.started+1)%2), g.shape.segmentsEach())
		pause = 3 * millisecond
	}
	g.startAt += pause
	g.started++
	c.next, _ = c.source.take()
	heap.Push(&g.open, c)
}

// clientAt gives the address and port of a connection's client: for each number
// another pair. Its addresses are those that are set aside for measurements (RFC 2544
// and RFC 5180).
func clientAt(number uint32, v6 bool) netip.AddrPort {
	// An odd factor makes this one-to-one modulo 2³².
	n := number * 0x9e3779b1
	port := uint16(n>>17) | 1<<15
	host := n & (1<<17 - 1)
	if v6 {
		return netip.AddrPortFrom(netip.AddrFrom16([16]byte{0x20, 0x01, 0, 2, 13: byte(host >> 16), 14: byte(host >> 8), 15: byte(host)}), port)
	}
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 18 + byte(host>>16), byte(host >> 8), byte(host)}), port)
}

// serverAt gives the address and port of one of the servers, in the networks that
// are set aside for documentation (RFC 5737 and RFC 3849).
func serverAt(number int, v6 bool) netip.AddrPort {
	port := uint16(serverPort + number)
	if v6 {
		return netip.AddrPortFrom(netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, 15: byte(1 + number%4)}), port)
	}
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(1 + number%4)}), port)
}
