package fsm

import (
	"iter"
	"net/netip"
)

// Tracker tells to which connection a segment belongs. The zero value is ready
// to use, and keeps every connection (see [Tracker.Retain]). It is not safe for use by
// several goroutines at once.
type Tracker struct {
	four   map[fourPair]place // the newest connection between two IPv4 ends
	other  map[pair]place     // the same for all other ends
	blocks [][]Flow           // a Flow never moves
	// recent remembers, by the upper bits of Spread, where a connection was found last: most segments
	// belong to one that was busy just now, and it need not be looked up again.
	recent    [1 << recentBits]place
	used      place   // places that were ever used
	free      []place // of them, those that are free again
	count     int     // connections so far
	hand      place   // where the search for what may be released goes on
	retention Retention
	listening map[Address]bool
	stack     Stack
}

// place is the number of a Flow's place in the blocks, from 0.
type place uint32

const (
	blockSize  = 128 // of them fit well into whole pages
	recentBits = 13
)

// Listening tells the tracker that a program listens at addr (a successful
// listen call was seen), so that a connection to it starts with its server in
// LISTEN. An unspecified address (0.0.0.0, ::) stands for any.
func (t *Tracker) Listening(addr netip.AddrPort) {
	if t.listening == nil {
		t.listening = make(map[Address]bool)
	}
	t.listening[plain(addr)] = true
}

// Runs tells the tracker which stack both ends of the connections to come run.
func (t *Tracker) Runs(s Stack) { t.stack = s }

// NotListening takes Listening back: the listening socket was closed.
func (t *Tracker) NotListening(addr netip.AddrPort) { delete(t.listening, plain(addr)) }

// plain drops what does not tell one port from another: the zone, and the IPv6
// form of an IPv4 address.
func plain(a netip.AddrPort) Address {
	return AddressOf(netip.AddrPortFrom(a.Addr().Unmap(), a.Port()))
}

// listens reports whether a program is known to listen at addr.
func (t *Tracker) listens(addr Address) bool {
	if len(t.listening) == 0 {
		return false
	}
	a := plain(addr.AddrPort())
	any4, any6 := a, Address{port: a.port, family: sixFamily}
	any4.low = 0
	if t.listening[a] || t.listening[any6] { // :: takes IPv4 too
		return true
	}
	return a.family == fourFamily && t.listening[any4]
}

// Find gives the connection to which a segment from src to dst belongs and the
// side that sent it, and whether the segment is the first of a new connection. at is when it
// was captured: 2MSL after the last segment of a connection that is over, none of its
// segments can come any more (RFC 9293 section 3.6.1). The caller counts the segment and gives its events to Flow.Conn. A new
// connection does not always begin with both ends in CLOSED: the server may be
// known to listen, or still be in TIME-WAIT from the connection before.
func (t *Tracker) Find(at Nanos, src, dst Address, s *Segment) (f *Flow, sender Side, fresh bool) {
	before := t.newest(src, dst)
	if before != nil && before.gone(at) {
		before = nil
	}
	if f := before; f != nil {
		sender := f.side(src)
		if !opensAnother(&f.Conn, sender, s) {
			return f, sender, false
		}
	}
	sender = t.role(src, dst, s)
	begun := Summary{Start: at}
	begun.Ends[sender], begun.Ends[sender.Other()] = src, dst
	var left Endpoint // what the connection before has left behind at dst
	if before != nil {
		begun.Before = before.summary.ID
		left = before.Conn.Ends[before.side(dst)]
	}
	// The place of the connection before may be given away from here on.
	f = t.add(at)
	begun.ID = t.count
	f.summary = begun
	switch {
	case left.State != Closed && left.State != Listen:
		f.Conn.Ends[sender.Other()] = left // TIME-WAIT, say: it decides over the new SYN
		f.summary.Inherits = true
	case s.Flags&(SYN|ACK|RST) == SYN && t.listens(dst):
		f.Conn.Ends[Server] = Endpoint{State: Listen, Facts: Passive}
	}
	f.Conn.Ends[Client].Stack, f.Conn.Ends[Server].Stack = t.stack, t.stack
	t.setNewest(src, dst, f.place)
	return f, sender, true
}

// newest gives the newest connection between two ends, nil for none.
func (t *Tracker) newest(a, b Address) *Flow {
	slot := &t.recent[Spread(a, b)>>(64-recentBits)]
	if *slot < t.used {
		if f := t.at(*slot); f.between(a, b) {
			return f
		}
	}
	var p place
	var ok bool
	if key, four := fourPairOf(a, b); four {
		p, ok = t.four[key]
	} else {
		p, ok = t.other[pairOf(a, b)]
	}
	if !ok {
		return nil
	}
	*slot = p
	return t.at(p)
}

func (t *Tracker) setNewest(a, b Address, p place) {
	t.recent[Spread(a, b)>>(64-recentBits)] = p
	if key, ok := fourPairOf(a, b); ok {
		if t.four == nil {
			t.four = make(map[fourPair]place)
		}
		t.four[key] = p
		return
	}
	if t.other == nil {
		t.other = make(map[pair]place)
	}
	t.other[pairOf(a, b)] = p
}

// Flows gives all connections that the tracker remembers, in the order of their
// first segments when none was released.
func (t *Tracker) Flows() iter.Seq[*Flow] {
	return func(yield func(*Flow) bool) {
		for p := range t.used {
			if f := t.at(p); f.summary.ID > 0 && !yield(f) {
				return
			}
		}
	}
}

// Len is the number of connections so far, those that were released included.
func (t *Tracker) Len() int { return t.count }

func (t *Tracker) at(p place) *Flow { return &t.blocks[p/blockSize][p%blockSize] }

// add gives a place for one more connection.
func (t *Tracker) add(at Nanos) *Flow {
	t.release(at)
	t.count++
	if n := len(t.free); n > 0 {
		f := t.at(t.free[n-1])
		*f = Flow{place: t.free[n-1]}
		t.free = t.free[:n-1]
		return f
	}
	if t.used%blockSize == 0 {
		t.blocks = append(t.blocks, make([]Flow, blockSize))
	}
	f := t.at(t.used)
	f.place = t.used
	t.used++
	return f
}

// role tells what the sender of a connection's first segment is: a SYN is the
// client's, a SYN-ACK the server's. In the middle of a connection the server is
// the side that is known to listen, or else has the smaller port number.
func (t *Tracker) role(src, dst Address, s *Segment) Side {
	switch s.Flags & (SYN | ACK) {
	case SYN:
		return Client
	case SYN | ACK:
		return Server
	}
	from, to := t.listens(src), t.listens(dst)
	if from == to {
		from = src.port < dst.port
	}
	if from {
		return Server
	}
	return Client
}

// opensAnother reports whether the segment cannot belong to the connection any
// more: it is a SYN with a new number, and the connection is over.
func opensAnother(c *Conn, sender Side, s *Segment) bool {
	if s.Flags&(SYN|ACK|RST) != SYN {
		return false
	}
	e := &c.Ends[sender]
	return c.Over() && !(e.Facts.Has(KnowsISS) && e.ISS == s.Seq)
}
