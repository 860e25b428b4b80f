package ui

import "tcpviz/fsm"

// widestWindow is the largest window there can be, in octets: 65,535 shifted by 14
// (RFC 7323 section 2.3).
const widestWindow = 65535 << 14

// numbering counts the sequence numbers of one side's octets from its initial
// sequence number on, past 2³²: they keep growing where the header's numbers begin
// again at 0.
type numbering struct {
	isn fsm.Seq
	top int64 // the highest number met: sent, or acknowledged
	// reach is how far from the top a number may lie. What lies farther off belongs
	// to something else (an old duplicate, a stray RST) until a second one says the same.
	reach int64
	stray fsm.Seq // the newest number that lay farther off
	lone  bool    // there is one
}

func newNumbering(isn fsm.Seq) numbering { return numbering{isn: isn, reach: widestWindow} }

// place gives the number as it is counted here, and whether it belongs here.
func (n *numbering) place(s fsm.Seq) (int64, bool) {
	off := int64(s.Sub(n.isn + fsm.Seq(uint32(n.top)))) // modulo 2³²: n.top's low half is enough
	return n.top + off, max(off, -off) <= n.reach
}

// narrow bounds the reach once the other side's window is known.
func (n *numbering) narrow(window int64) {
	const least = 1 << 17
	if n.reach == widestWindow {
		n.reach = least
	}
	n.reach = min(max(n.reach, 2*window), widestWindow)
}

// met notes that the number was used.
func (n *numbering) met(number int64) {
	n.top, n.lone = max(n.top, number), false
}

// wander takes a number that lies too far off. When another one near it came just
// before, the capture has a gap: counting goes on there, and wander gives the number.
func (n *numbering) wander(s fsm.Seq) (int64, bool) {
	off := int64(s.Sub(n.stray))
	joins := n.lone && off != 0 && max(off, -off) <= n.reach
	n.stray, n.lone = s, true
	if !joins {
		return 0, false
	}
	number, _ := n.place(s)
	n.top, n.lone = number, false
	return number, true
}
