package verify

import (
	"net/netip"

	"tcpviz/fsm"
	"tcpviz/internal/story"
)

// Observer is what came of comparing the observer's model with the truth: the states
// in which a capture at one point would leave both ends of each connection, and the
// states that the stacks gave last.
//
// The capture holds every frame as it was sent, in that order, and nothing else: no
// call, no timer, no word on what arrived. Compared is each end of each connection
// that the capture shows; where the same two ends had several connections one after
// the other, the last of them, for the stack's word is about a socket's addresses.
// Where TIME-WAIT has ended by itself, the state before is the one compared: after so much
// silence an observer would say CLOSED as well.
//
// Some ends are not decided by a capture. They are counted apart, whatever
// the stack said, by what the observer's model knows alone:
//
//   - it has sent nothing: no segment is its own word;
//   - its basis is assumed: nothing that the end sent later proves that the last
//     segment reached it;
//   - it is in TIME-WAIT, FIN-WAIT-2, SYN-SENT or SYN-RECEIVED: states which a TCP
//     leaves by a timer without a segment (2MSL, the wait for a FIN whose program is
//     gone, a handshake that is given up);
//   - it is in LISTEN: whether a socket is there at all, no segment has told.
//
// What is decided and yet differs is what else a capture cannot see: a close that
// sends nothing, a host that failed, a connection that was given up.
type Observer struct {
	Compared  int // ends of connections
	Decided   int // of them: the capture decides on the state
	Agree     int // of those decided: the stack says the same
	Undecided int // the others
	AgreeToo  int // of those: the stack says the same as the model expected
}

func (o *Observer) add(more Observer) {
	o.Compared += more.Compared
	o.Decided += more.Decided
	o.Agree += more.Agree
	o.Undecided += more.Undecided
	o.AgreeToo += more.AgreeToo
}

// ends are a socket's addresses.
type ends struct{ local, remote netip.AddrPort }

// observe compares what a capture of the frames lets one conclude with the states
// that the stacks gave last.
func observe(frames []story.Frame, last map[ends]fsm.State) (o Observer) {
	b := story.NewBuilder(story.Meta{})
	for _, f := range frames {
		f.Fate = story.FateAssumed
		b.Add(f)
	}
	conns := b.Story().Conns
	seen := make(map[ends]bool)
	for id := conns.Len(); id > 0; id-- {
		c := conns.At(id)
		for side := range c.Ends {
			e := ends{c.Ends[side].AddrPort(), c.Ends[1-side].AddrPort()}
			if seen[e] {
				continue
			}
			seen[e] = true
			model := c.State[side]
			if model == fsm.Listen {
				model = fsm.Closed // the listening socket's state, not this one's
			}
			same := model == last[e] // of an end that no stack ever listed: CLOSED
			o.Compared++
			switch {
			case c.Segments[side] == 0 || !decided(c.State[side], c.Basis[side]):
				o.Undecided++
				if same {
					o.AgreeToo++
				}
			default:
				o.Decided++
				if same {
					o.Agree++
				}
			}
		}
	}
	return o
}

// decided tells whether a capture decides on the state of an end that has sent
// something: see [Observer].
func decided(s fsm.State, b fsm.Basis) bool {
	switch s {
	case fsm.TimeWait, fsm.FinWait2, fsm.SynSent, fsm.SynReceived, fsm.Listen:
		return false
	case fsm.Closed, fsm.Established, fsm.FinWait1, fsm.CloseWait, fsm.Closing, fsm.LastAck:
	}
	return b != fsm.Assumed
}
