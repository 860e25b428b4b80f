package fsm

import (
	"iter"
	"net/netip"
)

// Flow is one connection as a [Tracker] keeps it.
type Flow struct {
	ID           int               // 1, 2, 3 in the order of the first segment
	Ends         [2]netip.AddrPort // indexed by Side
	Conn         Conn
	Completeness Completeness
	Outcome      Outcome
	Segments     [2]int    // sent by each side
	Bytes        [2]uint64 // payload octets sent by each side, repeated ones too
	Analysis     Analysis
	Anomalies    AnomalyCounts
	reuses       bool // there was a connection with the same ends before
}

// Count counts a segment that sender sent, captured at a time, and gives what is
// unusual about it: once for each frame, however many events the caller makes of it.
func (f *Flow) Count(at Nanos, sender Side, s Segment) Anomaly {
	sender &= 1
	found := f.Analysis.Add(at, sender, s)
	if f.reuses && f.Segments == [2]int{} {
		found |= ReusedPorts
	}
	f.Anomalies.Add(found)
	f.Completeness.Add(s)
	f.Outcome.Add(sender, s)
	f.Segments[sender]++
	f.Bytes[sender] += uint64(s.Len)
	return found
}

// Tracker tells to which connection a segment belongs. The zero value is ready
// to use. It is not safe for use by several goroutines at once.
type Tracker struct {
	four      map[fourPair]*Flow // the newest connection between two IPv4 ends
	other     map[pair]*Flow     // the same for all other ends
	blocks    [][]Flow           // all of them, in order; a Flow never moves
	count     int
	listening map[netip.AddrPort]bool
}

// fourPair is two IPv4 ends without a direction, each an address and a port: the
// lesser end comes first. It is looked up faster than a pair.
type fourPair [2]uint64

// pair is two ends without a direction: the lesser end comes first.
type pair struct {
	addr [2][16]byte
	port [2]uint16
	four [2]bool // an IPv4 address, not an IPv6 address that holds one
}

// Listening tells the tracker that a program listens at addr (a successful
// listen call was seen), so that a connection to it starts with its server in
// LISTEN. An unspecified address (0.0.0.0, ::) stands for any.
func (t *Tracker) Listening(addr netip.AddrPort) {
	if t.listening == nil {
		t.listening = make(map[netip.AddrPort]bool)
	}
	t.listening[plain(addr)] = true
}

// NotListening takes Listening back: the listening socket was closed.
func (t *Tracker) NotListening(addr netip.AddrPort) { delete(t.listening, plain(addr)) }

// plain drops what does not tell one port from another: the zone, and the IPv6
// form of an IPv4 address.
func plain(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap().WithZone(""), a.Port())
}

// listens reports whether a program is known to listen at addr.
func (t *Tracker) listens(addr netip.AddrPort) bool {
	if len(t.listening) == 0 {
		return false
	}
	addr = plain(addr)
	any6 := netip.AddrPortFrom(netip.IPv6Unspecified(), addr.Port())
	if t.listening[addr] || t.listening[any6] { // :: takes IPv4 too
		return true
	}
	return addr.Addr().Is4() && t.listening[netip.AddrPortFrom(netip.IPv4Unspecified(), addr.Port())]
}

// Find gives the connection to which a segment from src to dst belongs and the
// side that sent it, and whether the segment is the first of a new connection.
// The caller applies the segment's events to Flow.Conn, and counts it. A new
// connection does not always begin with both ends in CLOSED: the server may be
// known to listen, or still be in TIME-WAIT from the connection before.
func (t *Tracker) Find(src, dst netip.AddrPort, s Segment) (f *Flow, sender Side, fresh bool) {
	var left Endpoint // what the connection before has left behind at dst
	before := t.newest(src, dst)
	if f := before; f != nil {
		sender := f.side(src, dst)
		if !opensAnother(&f.Conn, sender, s) {
			return f, sender, false
		}
		left = f.Conn.Ends[sender.Other()]
	}
	sender = t.role(src, dst, s)
	f = t.add()
	f.reuses = before != nil
	f.Ends[sender], f.Ends[sender.Other()] = src, dst
	switch {
	case left.State != Closed && left.State != Listen:
		f.Conn.Ends[sender.Other()] = left // TIME-WAIT, say: it decides over the new SYN
	case s.Flags&(SYN|ACK|RST) == SYN && t.listens(dst):
		f.Conn.Ends[Server] = Endpoint{State: Listen, Facts: Passive}
	}
	t.setNewest(src, dst, f)
	return f, sender, true
}

// newest gives the newest connection between two ends, nil for none.
func (t *Tracker) newest(a, b netip.AddrPort) *Flow {
	if key, ok := betweenFour(a, b); ok {
		return t.four[key]
	}
	return t.other[between(a, b)]
}

func (t *Tracker) setNewest(a, b netip.AddrPort, f *Flow) {
	if key, ok := betweenFour(a, b); ok {
		if t.four == nil {
			t.four = make(map[fourPair]*Flow)
		}
		t.four[key] = f
		return
	}
	if t.other == nil {
		t.other = make(map[pair]*Flow)
	}
	t.other[between(a, b)] = f
}

// Flows gives all connections, in the order of their first segment.
func (t *Tracker) Flows() iter.Seq[*Flow] {
	return func(yield func(*Flow) bool) {
		for _, block := range t.blocks {
			for i := range block {
				if !yield(&block[i]) {
					return
				}
			}
		}
	}
}

// Len is the number of connections.
func (t *Tracker) Len() int { return t.count }

// add makes room for one more connection. Blocks grow with their number, up to a
// limit, so that both few and many connections are kept cheaply.
func (t *Tracker) add() *Flow {
	n := len(t.blocks)
	if n == 0 || len(t.blocks[n-1]) == cap(t.blocks[n-1]) {
		t.blocks = append(t.blocks, make([]Flow, 0, 8<<min(n, 7)))
		n++
	}
	block := &t.blocks[n-1]
	t.count++
	*block = append(*block, Flow{ID: t.count})
	return &(*block)[len(*block)-1]
}

// side tells which side of the connection sends from src to dst.
func (f *Flow) side(src, dst netip.AddrPort) Side {
	if src == f.Ends[Client] && dst == f.Ends[Server] {
		return Client
	}
	return Server
}

// role tells what the sender of a connection's first segment is: a SYN is the
// client's, a SYN-ACK the server's. In the middle of a connection the server is
// the side that is known to listen, or else has the smaller port number.
func (t *Tracker) role(src, dst netip.AddrPort, s Segment) Side {
	switch s.Flags & (SYN | ACK) {
	case SYN:
		return Client
	case SYN | ACK:
		return Server
	}
	from, to := t.listens(src), t.listens(dst)
	if from == to {
		from = src.Port() < dst.Port()
	}
	if from {
		return Server
	}
	return Client
}

// opensAnother reports whether the segment cannot belong to the connection any
// more: it is a SYN with a new number, and the connection is over.
func opensAnother(c *Conn, sender Side, s Segment) bool {
	if s.Flags&(SYN|ACK|RST) != SYN {
		return false
	}
	e := &c.Ends[sender]
	return c.Over() && !(e.Facts.Has(KnowsISS) && e.ISS == s.Seq)
}

// betweenFour gives the key of two ends when both are IPv4.
func betweenFour(a, b netip.AddrPort) (key fourPair, ok bool) {
	if !a.Addr().Is4() || !b.Addr().Is4() {
		return key, false
	}
	x, y := fourEnd(a), fourEnd(b)
	return fourPair{min(x, y), max(x, y)}, true
}

// fourEnd packs an IPv4 address and a port.
func fourEnd(a netip.AddrPort) uint64 {
	o := a.Addr().As4()
	return uint64(o[0])<<40 | uint64(o[1])<<32 | uint64(o[2])<<24 | uint64(o[3])<<16 | uint64(a.Port())
}

// between gives the key of two ends.
func between(a, b netip.AddrPort) pair {
	if b.Addr().Compare(a.Addr()) < 0 || a.Addr() == b.Addr() && b.Port() < a.Port() {
		a, b = b, a
	}
	return pair{
		addr: [2][16]byte{a.Addr().As16(), b.Addr().As16()},
		port: [2]uint16{a.Port(), b.Port()},
		four: [2]bool{a.Addr().Is4(), b.Addr().Is4()},
	}
}
