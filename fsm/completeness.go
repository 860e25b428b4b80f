package fsm

// completeness tells how much of a connection was seen, as Wireshark's
// tcp.completeness does. The zero value is that of a connection without a segment.
type completeness struct {
	seen  uint8
	begun bool // a segment was added
	whole bool // one that counts by itself: the first is a SYN, or there is a second
}

// The parts of a completeness.
const (
	seenSYN uint8 = 1 << iota
	seenSYNACK
	seenAck
	seenData
	seenFIN
	seenRST
)

// add counts one more segment, whoever sent it.
func (c *completeness) add(s *Segment) {
	switch s.Flags & (SYN | ACK) {
	case SYN | ACK:
		c.seen |= seenSYNACK
	case SYN:
		if !c.begun { // one that comes after the answer does not count
			c.seen |= seenSYN
			c.whole = true
		}
	case ACK:
		if s.Len == 0 {
			c.seen |= seenAck
		}
		if s.Flags.Has(FIN) {
			c.seen |= seenFIN
		}
	}
	if s.Len > 0 && s.Flags&(SYN|ACK) != 0 {
		c.seen |= seenData
	}
	if s.Flags.Has(RST) {
		c.seen |= seenRST
	}
	c.whole = c.whole || c.begun
	c.begun = true
}

// value gives the sum. As Wireshark does, it gives 0 for a connection of which
// one segment was seen that is no SYN.
func (c completeness) value() uint8 {
	if !c.whole {
		return 0
	}
	return c.seen
}
