package export

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// course is the way of a segment through a picture: it leaves a lifeline, may be held
// up half-way, and reaches the other lifeline, or does not.
type course struct {
	from, turn, on, to [2]float64
	held               bool // it stands still between turn and on
	far                bool // its end is far from its beginning: the label is said again
}

// straight is how deep an arrow may go without standing still half-way.
const straight = 420.0

// courseOf gives the way of the segment sent at a row to the row of its arrival or
// loss, never while that is not known.
func (l *ladder) courseOf(sent, end int) course {
	step := l.story.At(l.view.Rows[sent].Step)
	side := step.Side
	x0, x1 := l.life[side], l.life[side.Other()]
	inward := -outward(side)
	x0, x1 = x0+inward*7, x1-inward*7
	y0 := l.y(sent)
	c := course{from: [2]float64{x0, y0}}
	if end == never {
		c.to = [2]float64{x0 + inward*0.55*(channel-14), y0 + slope*0.55}
		c.turn, c.on = c.to, c.to
		return c
	}
	y1 := l.y(end)
	c.to = [2]float64{x1, y1}
	if !l.delayed(step) && y1-y0 <= straight {
		c.turn = [2]float64{(x0 + x1) / 2, (y0 + y1) / 2}
		c.on = c.turn
		return c
	}
	turn := x0 + inward*(0.78*(channel-14)-14*float64(l.alongside(sent)))
	part := (turn - x0) / (x1 - x0)
	c.turn = [2]float64{turn, y0 + slope*part}
	c.on = [2]float64{turn, y1 - slope*(1-part)}
	c.held, c.far = true, l.at[end]-l.at[sent] > 2
	if c.on[1] < c.turn[1] {
		c.on[1] = c.turn[1]
	}
	return c
}

// delayed tells that something was done to a segment that makes it wait.
func (l *ladder) delayed(sending *story.Step) bool {
	i := l.row(sending.N)
	for _, row := range l.view.Rows[i+1 : min(i+64, len(l.view.Rows))] {
		step := l.story.At(row.Step)
		if step != nil && step.Kind == story.SegmentImpaired && step.Peer == sending.N && step.Impairment.What != story.Dropped {
			return true
		}
	}
	return false
}

// alongside counts the segments of the same side that are held up when this one is sent.
func (l *ladder) alongside(sent int) int {
	n := 0
	now := l.story.At(l.view.Rows[sent].Step)
	for i := sent - 1; i >= max(0, sent-64); i-- {
		step := l.story.At(l.view.Rows[i].Step)
		if step != nil && step.Kind == story.SegmentSent && step.Side == now.Side && (step.Peer == 0 || step.Peer > now.N) {
			n++
		}
	}
	return n % 4
}

// leaves draws the first half of an arrow and its label.
func (l *ladder) leaves(i int, step *story.Step) {
	end := l.row(step.Peer)
	c := l.courseOf(i, end)
	class := l.arrowClass(step)
	l.line(class, c.from[0], c.from[1], c.turn[0], c.turn[1])
	if c.held && c.on[1] > c.turn[1] {
		l.line(class+" waits", c.turn[0], c.turn[1], c.on[0], c.on[1])
	}
	if end == never {
		l.text("m dim", c.to[0]-4*outward(step.Side), c.to[1]+4, 0, outside(step.Side.Other()), span{"", plain("…")})
	}
	l.label(step, c)
}

// arrowClass is the look of a segment's arrow.
func (l *ladder) arrowClass(step *story.Step) string {
	if step.Frame.Segment.Flags.Has(fsm.RST) {
		return "a warn"
	}
	return "a " + sideClass(step.Sender())
}

// label writes what a segment says along the first half of its arrow.
func (l *ladder) label(step *story.Step, c course) {
	dx, dy := c.turn[0]-c.from[0], c.turn[1]-c.from[1]
	turned := math.Atan2(dy*sign(dx), math.Abs(dx)) * 180 / math.Pi
	room := channel - 34
	crossed := l.crossed(step)
	switch {
	case c.held:
		room = math.Abs(dx) - 12
	case l.story.FateOf(step) == story.FateLost:
		room *= 0.6 // up to its cross
	case crossed:
		room *= 0.72
	}
	spans, columns := l.labelSpans(step, int(room/advance))
	at, x := begins, c.from[0]+10*sign(dx)
	if sign(dx) < 0 {
		at = ends
	}
	if !c.held && !crossed { // in the middle, where that leaves the arrow's head free
		middle := (channel - 14 - advance*float64(columns)) / 2
		x = c.from[0] + sign(dx)*max(10, middle)
	}
	y := c.from[1] + dy*(x-c.from[0])/dx - 5
	l.text("m label", x, y, turned, at, spans...)
}

// crossed tells that a segment of the other side is under way at the same time: the
// arrows cross in the middle, and the labels leave that free.
func (l *ladder) crossed(sending *story.Step) bool {
	const far = 64
	sent, end := l.row(sending.N), l.row(sending.Peer)
	for i := max(0, sent-far); i < min(max(end, sent+1), len(l.view.Rows)); i++ {
		other := l.story.At(l.view.Rows[i].Step)
		if other == nil || other.Kind != story.SegmentSent || other.Side == sending.Side {
			continue
		}
		if i > sent || other.Peer > sending.N {
			return true
		}
	}
	return false
}

func sign(x float64) float64 {
	if x < 0 {
		return -1
	}
	return 1
}

// labelSpans are the parts of a segment's label, in about so many columns: flags,
// relative numbers, what is unusual, and as much of the payload as there is room for.
func (l *ladder) labelSpans(step *story.Step, columns int) ([]span, int) {
	segment := &step.Frame.Segment
	names := segment.Flags.Names(false)
	numbers := l.numbers(step, true)
	unusual := unusualWords(step.Anomalies)
	taken := func() int { return width(names) + width(numbers) + widest(unusual) }
	if segment.Window == 0 && !segment.Flags.Has(fsm.RST) {
		numbers += " win=0"
	}
	if taken() > columns && len(step.Anomalies) > 1 {
		unusual = unusualWords(step.Anomalies[:1])
	}
	if taken() > columns {
		numbers = l.numbers(step, false)
	}
	used := taken()
	spans := []span{{"b " + strings.TrimPrefix(l.arrowClass(step), "a "), lang.Term(names).In}, {"", plain(numbers)}}
	if payload := literal(payloadOf(step.Frame), int(segment.Len), columns-used-1); payload != "" {
		spans = append(spans, span{"dim", plain(" " + payload)})
		used += 1 + width(payload)
	}
	if len(step.Anomalies) > 0 {
		spans = append(spans, span{"b warn", unusual})
	}
	return spans, used
}

// numbers writes the relative numbers of a segment; in short, those that matter most.
func (l *ladder) numbers(step *story.Step, all bool) string {
	segment := &step.Frame.Segment
	sending := step.N
	if step.Kind != story.SegmentSent && step.Peer > 0 {
		sending = step.Peer
	}
	seq, ack := l.story.Relative(sending)
	var b strings.Builder
	bare := segment.SeqLen() == 0 && segment.Flags.Has(fsm.ACK)
	if all || !bare {
		fmt.Fprintf(&b, " seq=%d", seq)
	}
	if segment.Flags.Has(fsm.ACK) && (all || bare) {
		fmt.Fprintf(&b, " ack=%d", ack)
	}
	if segment.Len > 0 {
		fmt.Fprintf(&b, " len=%d", segment.Len)
	}
	return b.String()
}

// unusualWords names anomalies. What a special kind of retransmission says, the plain
// one need not repeat.
func unusualWords(anomalies []string) words {
	return func(in lang.Language) string {
		var b strings.Builder
		special := false
		for _, name := range anomalies {
			if name == "retransmission" && special {
				continue
			}
			special = special || strings.HasSuffix(name, "_retransmission")
			b.WriteString(" · " + strip(story.AnomalyWords(name, in)))
		}
		return b.String()
	}
}

// literal writes the beginning of a payload, as it would stand in a program, in at most
// so many columns; "" where there is no room for it, or no text in it.
func literal(payload []byte, whole, columns int) string {
	const least = 5
	if len(payload) == 0 || columns < least || !isText(payload) {
		return ""
	}
	shown := payload[:min(len(payload), columns)]
	for {
		text := strconv.QuoteToASCII(string(shown))
		if len(shown) < whole {
			text += "…"
		}
		if width(text) <= columns {
			return text
		}
		if len(shown) == 0 {
			return ""
		}
		shown = shown[:len(shown)-1]
	}
}

// isText tells that a payload begins like a text.
func isText(payload []byte) bool {
	begin := payload[:min(len(payload), 32)]
	for len(begin) > 0 {
		r, size := utf8.DecodeRune(begin)
		if r == utf8.RuneError && size == 1 && len(begin) >= utf8.UTFMax || r < ' ' && r != '\n' && r != '\r' && r != '\t' {
			return false
		}
		begin = begin[size:]
	}
	return true
}

// ends draws the second half of an arrow, to its head or to where it is lost.
func (l *ladder) ends(i int, step *story.Step) {
	sent := l.row(step.Peer)
	if sent == never {
		return
	}
	sending := l.story.At(step.Peer)
	c := l.courseOf(sent, i)
	class := l.arrowClass(sending)
	if step.Again || sending.Peer != step.N { // a copy goes its own way
		l.line(class+" waits", c.turn[0], c.turn[1], c.on[0], c.on[1])
	}
	if step.Kind == story.SegmentLost {
		l.lost(step, c, class)
		return
	}
	if step.Frame.Fate == story.FateAssumed {
		proof := l.proof(sent, sending)
		if proof == never || proof > i {
			l.when(i, proof)
			l.line(class+" assumed", c.on[0], c.on[1], c.to[0], c.to[1])
			l.text("m b dim", c.to[0]+12*outward(step.Side)*-1, c.to[1]-5, 0, centred, span{"", plain("?")})
		}
		if proof != never {
			l.when(max(proof, i), never)
			l.line(class, c.on[0], c.on[1], c.to[0], c.to[1])
		}
		l.when(i, never)
	} else {
		l.line(class, c.on[0], c.on[1], c.to[0], c.to[1])
	}
	l.head(class, c)
	if c.far || step.Again {
		l.again(step, c)
	}
}

// head draws the head of an arrow.
func (l *ladder) head(class string, c course) {
	dx, dy := c.to[0]-c.on[0], c.to[1]-c.on[1]
	n := math.Hypot(dx, dy)
	if n == 0 {
		return
	}
	dx, dy = dx/n, dy/n
	const long, wide = 10, 4.5
	back := [2]float64{c.to[0] - long*dx, c.to[1] - long*dy}
	l.path(strokes, strings.Replace(class, "a ", "h ", 1), true, c.to,
		[2]float64{back[0] - wide*dy, back[1] + wide*dx}, [2]float64{back[0] + wide*dy, back[1] - wide*dx})
}

// lost draws the cross where a segment is lost.
func (l *ladder) lost(step *story.Step, c course, class string) {
	x, y := c.on[0], c.on[1]
	if !c.held { // a little further than half-way
		x, y = x+(c.to[0]-x)*0.2, y+(c.to[1]-y)*0.2
		l.line(class, c.on[0], c.on[1], x, y)
	}
	const r = 6
	l.path(strokes, "x", false, [2]float64{x - r, y - r}, [2]float64{x + r, y + r})
	l.path(strokes, "x", false, [2]float64{x - r, y + r}, [2]float64{x + r, y - r})
	inward := sign(c.to[0] - c.from[0])
	at := begins
	if inward < 0 {
		at = ends
	}
	w := lang.Phrasef("lost").In
	if cause := l.story.At(step.Cause); cause != nil && cause.Kind == story.SegmentImpaired {
		w = lang.Phrasef("%v", story.Dropped).In
	}
	l.text("m b warn", x+inward*8, y+17, 0, at, span{"", w})
}

// name is a short name of a segment.
func (l *ladder) name(step *story.Step) words {
	return func(in lang.Language) string {
		return in.Text(step.Frame.Segment.Flags.Names(false)) + l.numbers(step, false)
	}
}

// again names a segment a second time, where it arrives far from where it was sent.
func (l *ladder) again(step *story.Step, c course) {
	at, x := ends, c.on[0]-6
	if c.to[0] < c.from[0] {
		at, x = begins, c.on[0]+6
	}
	w := l.name(step)
	if step.Again {
		name := w
		w = func(in lang.Language) string { return in.Say("%s (a copy)", name(in)) }
	}
	y := c.on[1] + 4
	if step.Again {
		y += 12 // beside it an answer to the first may leave
	}
	l.text("m dim label", x, y, 0, at, span{"", w})
}

// impaired writes what was done to a segment on the wire.
func (l *ladder) impaired(i int, step *story.Step) {
	sent := l.row(step.Peer)
	if sent == never {
		return
	}
	sending := l.story.At(step.Peer)
	c := l.courseOf(sent, l.row(sending.Peer))
	x, y := c.turn[0], c.turn[1]
	if step.Impairment.What == story.Dropped {
		return // its cross says so
	}
	if l.at[i] != l.at[sent] {
		y = max(y, l.y(i))
	}
	at := begins
	inward := sign(c.to[0] - c.from[0])
	if l.at[i] != l.at[sent] {
		inward = -inward
	}
	if inward < 0 {
		at = ends
	}
	l.circle(strokes, "stop", x, y, 4)
	l.text("m b accent label", x+inward*10, y+4, 0, at, span{"", l.impairedWords(step)})
}

// impairedWords says what was done to a segment.
func (l *ladder) impairedWords(step *story.Step) words {
	return func(in lang.Language) string {
		text := in.Say("%v", step.Impairment.What)
		if step.Impairment.For > 0 {
			text = in.Say("%s for %s", text, clock(step.Impairment.For))
		}
		if step.Impairment.ByUser {
			text = in.Say("%s by hand", text)
		}
		return text
	}
}
