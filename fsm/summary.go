package fsm

import (
	"iter"
	"math/bits"
)

// Summary is what is said of one connection when its segments are not at hand: a
// comparable value without a pointer in it, so that a million of them can be kept.
type Summary struct {
	ID          int        // 1, 2, 3 in the order of the first segment
	Ends        [2]Address // indexed by Side, as all pairs here are
	First, Last int        // numbers of the first and the last frame
	Start, End  Nanos      // when they were captured, from 1970 on; 0: not known
	Segments    [2]int     // sent by each side
	Bytes       [2]uint64  // payload octets sent by each side, repeated ones too
	Anomalies   AnomalyCounts
	Flags       [2]FlagSet // what kinds of segments each side sent
	ISN         [2]Seq     // what relative sequence numbers count from
	State       [2]State
	Basis       [2]Basis // how each state is known
	Outcome     Outcome
	// Completeness is Wireshark's tcp.completeness: the sum of 1 (SYN), 2 (SYN-ACK),
	// 4 (ACK), 8 (data), 16 (FIN) and 32 (RST).
	Completeness uint8
	// Before is the number of the connection that had the same ends before, 0 when
	// none is known; Inherits tells that the server began in the state in which that
	// connection had left it (TIME-WAIT, say).
	Before   int
	Inherits bool

	numbered, synSeen [2]bool // ISN is set, and by a SYN
}

// numberFrom fixes what the side's relative sequence numbers count from: its
// initial sequence number, or, where its SYN was not seen, the octet before the
// first number met, so that relative numbers start at 1.
func (s *Summary) numberFrom(side Side, n Seq, flags Flags) {
	switch {
	case flags.Has(SYN) && !s.synSeen[side]:
		s.ISN[side], s.numbered[side], s.synSeen[side] = n, true, true
	case s.numbered[side]:
	case flags.Has(RST): // from no connection: its number is the other side's business
		s.ISN[side] = n
	default:
		s.ISN[side], s.numbered[side] = n-1, true
	}
}

// FlagSet is a set of combinations of control bits: which kinds of segments were
// sent. The zero value is empty.
type FlagSet [4]uint64

// Add puts a combination into the set.
func (f *FlagSet) Add(flags Flags) { f[flags>>6] |= 1 << (flags & 63) }

// All gives the combinations of the set.
func (f *FlagSet) All() iter.Seq[Flags] {
	return func(yield func(Flags) bool) {
		for i, word := range f {
			for ; word != 0; word &= word - 1 {
				if !yield(Flags(i<<6 | bits.TrailingZeros64(word))) {
					return
				}
			}
		}
	}
}
