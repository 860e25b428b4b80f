package export

import (
	"fmt"
	"math"
	"strings"

	"tcpviz/fsm"
)

// closedAgain is the lower of the two boxes of CLOSED: the end that LAST-ACK and
// TIME-WAIT lead to.
const closedAgain = "CLOSED-AGAIN"

// The figure of RFC 9293 (figure 5), with all eleven states and all of its arrows.

type box struct {
	name string
	x, y float64 // its middle
}

const (
	boxWidth, boxHeight         = 124.0, 30.0
	diagramWidth, diagramHeight = 524.0, 436.0
)

func boxes() []box {
	return []box{
		{fsm.Closed.String(), 262, 24}, {fsm.Listen.String(), 262, 92},
		{fsm.SynReceived.String(), 72, 152}, {fsm.SynSent.String(), 452, 152},
		{fsm.Established.String(), 262, 212},
		{fsm.FinWait1.String(), 72, 272}, {fsm.CloseWait.String(), 452, 272},
		{fsm.FinWait2.String(), 72, 342}, {fsm.Closing.String(), 262, 342}, {fsm.LastAck.String(), 452, 342},
		{fsm.TimeWait.String(), 262, 412}, {closedAgain, 452, 412},
	}
}

// arrows are the changes of state that the figure has.
func arrows() [][2]string {
	state := fsm.State.String
	return [][2]string{
		{state(fsm.Closed), state(fsm.Listen)}, {state(fsm.Listen), state(fsm.Closed)},
		{state(fsm.Closed), state(fsm.SynSent)}, {state(fsm.SynSent), state(fsm.Closed)},
		{state(fsm.SynReceived), state(fsm.Listen)}, {state(fsm.Listen), state(fsm.SynReceived)},
		{state(fsm.Listen), state(fsm.SynSent)}, {state(fsm.SynSent), state(fsm.SynReceived)},
		{state(fsm.SynReceived), state(fsm.Established)}, {state(fsm.SynSent), state(fsm.Established)},
		{state(fsm.SynReceived), state(fsm.FinWait1)},
		{state(fsm.Established), state(fsm.FinWait1)}, {state(fsm.Established), state(fsm.CloseWait)},
		{state(fsm.FinWait1), state(fsm.FinWait2)}, {state(fsm.FinWait1), state(fsm.Closing)}, {state(fsm.FinWait1), state(fsm.TimeWait)},
		{state(fsm.CloseWait), state(fsm.LastAck)}, {state(fsm.FinWait2), state(fsm.TimeWait)},
		{state(fsm.Closing), state(fsm.TimeWait)},
		{state(fsm.LastAck), closedAgain}, {state(fsm.TimeWait), closedAgain},
	}
}

// diagramSVG draws the figure. Its boxes and arrows have names by which a script finds
// them; nothing in it comes from outside.
func diagramSVG() string {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="diagram" viewBox="0 0 %s %s" role="img" aria-hidden="true">`+"\n", number(diagramWidth), number(diagramHeight))
	places := make(map[string]box)
	for _, n := range boxes() {
		places[n.name] = n
	}
	both := make(map[string]bool)
	for _, e := range arrows() {
		both[edgeName(e[0], e[1])] = true
	}
	for _, e := range arrows() {
		drawArrow(&b, places[e[0]], places[e[1]], both[edgeName(e[1], e[0])])
	}
	for _, n := range boxes() {
		name := strings.TrimSuffix(n.name, "-AGAIN")
		fmt.Fprintf(&b, `<g class="node" data-node="%s" data-x="%s" data-y="%s"><rect x="%s" y="%s" width="%s" height="%s" rx="6"/><text x="%s" y="%s" text-anchor="middle">%s</text></g>`+"\n",
			n.name, number(n.x), number(n.y), number(n.x-boxWidth/2), number(n.y-boxHeight/2), number(boxWidth), number(boxHeight),
			number(n.x), number(n.y+4.5), name)
	}
	b.WriteString(`<circle class="token c" r="7"/><path class="token s" d="M0 -8L8 0L0 8L-8 0Z"/>` + "\n</svg>\n")
	return b.String()
}

// drawArrow draws an arrow from box to box; where there is one back as well, each keeps
// to its right.
func drawArrow(b *strings.Builder, from, to box, back bool) {
	dx, dy := to.x-from.x, to.y-from.y
	n := math.Hypot(dx, dy)
	shift := 0.0
	if back {
		shift = 9
	}
	fx, fy := from.x-dy/n*shift, from.y+dx/n*shift
	tx, ty := to.x-dy/n*shift, to.y+dx/n*shift
	x1, y1 := border(from, fx, fy, dx, dy)
	x2, y2 := border(to, tx, ty, -dx, -dy)
	ux, uy := dx/n, dy/n
	const long, wide = 9, 4
	fmt.Fprintf(b, `<g class="edge" data-edge="%s"><path class="way" d="M%s %sL%s %s"/><path class="tip" d="M%s %sL%s %sL%s %sZ"/></g>`+"\n",
		edgeName(from.name, to.name), number(x1), number(y1), number(x2-ux*long/2), number(y2-uy*long/2),
		number(x2), number(y2), number(x2-ux*long-uy*wide), number(y2-uy*long+ux*wide), number(x2-ux*long+uy*wide), number(y2-uy*long-ux*wide))
}

// border is where a line from inside a box in a direction leaves it.
func border(of box, x, y, dx, dy float64) (bx, by float64) {
	t := math.Inf(1)
	if dx != 0 {
		t = min(t, (of.x+math.Copysign(boxWidth/2, dx)-x)/dx)
	}
	if dy != 0 {
		t = min(t, (of.y+math.Copysign(boxHeight/2, dy)-y)/dy)
	}
	return x + dx*t, y + dy*t
}
