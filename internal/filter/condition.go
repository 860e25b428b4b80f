package filter

import (
	"cmp"

	"tcpviz/fsm"
)

// condition is one thing that a filter asks. Which fields count depends on what it
// is about.
type condition struct {
	about subject

	// aboutEnds
	ends    direction
	network network
	ports   portRange

	flags fsm.FlagSet // aboutFlags: any of these

	set   uint16 // aboutStates, aboutOutcomes: any of these, by bits
	sides [2]bool

	// aboutMeasure
	measure measure
	anomaly uint8 // its bit's number
	compare comparison
	number  int64
}

type subject uint8

const (
	aboutEnds subject = iota
	aboutFlags
	aboutStates
	aboutOutcomes
	aboutMeasure
)

// direction says which end of a segment, or of its connection, is meant.
type direction uint8

const (
	either direction = iota
	both
	source
	destination
	client
	server
)

// portRange holds the ports from first to last.
type portRange struct{ first, last uint16 }

var anyPort = portRange{0, 65535}

// measure is a number that belongs to a connection.
type measure uint8

const (
	connectionNumber measure = iota
	segments
	payload // octets
	duration
	anomalies
	oneAnomaly
	completeness
	wholeness // 1 from the handshake to an end, else 0
)

// comparison is a set of the results of cmp.Compare that are wanted.
type comparison uint8

const (
	less comparison = 1 << iota
	equal
	more
)

// comparisons are the operators, as tcpdump writes them. Nothing writes to this map,
// nor to any other of the package.
var comparisons = map[string]comparison{
	"=": equal, "==": equal, "!=": less | more,
	"<": less, "<=": less | equal, ">": more, ">=": more | equal,
}

func (c comparison) holds(a, b int64) bool { return c>>(1+cmp.Compare(a, b))&1 != 0 }

// holds reports whether the condition holds for a segment of the connection.
func (c *condition) holds(s *fsm.Summary, sender fsm.Side, flags fsm.Flags) bool {
	switch c.about {
	case aboutEnds:
		return c.endsHold(s, sender)
	case aboutFlags:
		return c.flags[flags>>6]>>(flags&63)&1 != 0
	case aboutStates:
		return c.sides[fsm.Client] && c.set>>s.State[fsm.Client]&1 != 0 ||
			c.sides[fsm.Server] && c.set>>s.State[fsm.Server]&1 != 0
	case aboutOutcomes:
		return c.set>>s.Outcome&1 != 0
	case aboutMeasure:
		n, known := c.measured(s)
		return known && c.compare.holds(n, c.number)
	}
	return false
}

func (c *condition) endsHold(s *fsm.Summary, sender fsm.Side) bool {
	switch c.ends {
	case either:
		return c.endHolds(&s.Ends[0]) || c.endHolds(&s.Ends[1])
	case both:
		return c.endHolds(&s.Ends[0]) && c.endHolds(&s.Ends[1])
	case source:
		return c.endHolds(&s.Ends[sender])
	case destination:
		return c.endHolds(&s.Ends[sender.Other()])
	case client:
		return c.endHolds(&s.Ends[fsm.Client])
	case server:
		return c.endHolds(&s.Ends[fsm.Server])
	}
	return false
}

func (c *condition) endHolds(a *fsm.Address) bool {
	port := a.Port()
	return c.ports.first <= port && port <= c.ports.last && c.network.holds(a)
}

// measured gives a number of the connection, and whether it is known.
func (c *condition) measured(s *fsm.Summary) (n int64, known bool) {
	switch c.measure {
	case connectionNumber:
		return int64(s.ID), true
	case segments:
		return int64(s.Segments[0]) + int64(s.Segments[1]), true
	case payload:
		return int64(s.Bytes[0] + s.Bytes[1]), true
	case duration:
		return int64(s.End - s.Start), s.Start != 0 && s.End != 0
	case anomalies:
		for _, count := range s.Anomalies {
			n += int64(count)
		}
		return n, true
	case oneAnomaly:
		return int64(s.Anomalies[c.anomaly]), true
	case completeness:
		return int64(s.Completeness), true
	case wholeness:
		const handshake, end = 1 | 2 | 4, 16 | 32
		if s.Completeness&handshake == handshake && s.Completeness&end != 0 {
			n = 1
		}
		return n, true
	}
	return 0, false
}

// asksSender reports whether the answer depends on who sent the segment.
func (c *condition) asksSender() bool {
	return c.about == aboutEnds && (c.ends == source || c.ends == destination)
}

// changes reports whether the answer may change as the connection goes on.
func (c *condition) changes() bool {
	switch c.about {
	case aboutEnds:
		return c.asksSender() // the other side may send something yet
	case aboutMeasure:
		return c.measure != connectionNumber
	case aboutFlags, aboutStates, aboutOutcomes:
	}
	return true
}
