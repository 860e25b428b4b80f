package export

import (
	"fmt"
	"strconv"
	"strings"

	"tcpviz/fsm"
	"tcpviz/internal/story"
)

// segment writes a segment as an arrow from its sender's lane to the other one.
func (p *page) segment(s *story.Story, step *story.Step) {
	p.announce(s, step)
	if !inOneLine(step) {
		p.leaves(s, step)
		return
	}
	label := p.label(s, step) + p.onWay(s, step)
	line, right, left := p.glyph("─", "-"), p.glyph("▶", ">"), p.glyph("◀", "<")
	if s.FateOf(step) == story.FateLost {
		right, left = p.glyph("✗", "x"), p.glyph("✗", "x")
	}
	fill := strings.Repeat(line, max(arrowEnd-clientColumn-width(label)-5, 2))
	arrow := strings.Repeat(line, 2) + " " + label + " " + fill + right
	if step.Side == fsm.Server {
		arrow = left + fill + " " + label + " " + strings.Repeat(line, 2)
	}
	p.lanes(p.margin, arrow, "")
	p.margin = ""
}

// announce writes who the two ends are, before a connection's first segment.
func (p *page) announce(s *story.Story, step *story.Step) {
	c := s.Conns.At(step.Conn)
	if step.Frame.Number != c.First {
		return
	}
	p.line(p.l.Say("%s connection %d: client %s %s server %s", p.glyph("──", "--"), c.ID,
		c.Ends[fsm.Client].String(), p.glyph("⇄", "<->"), c.Ends[fsm.Server].String()))
}

// payloadShown is how many octets of a payload are written at most.
const payloadShown = 16

// label is what stands on a segment's arrow.
func (p *page) label(s *story.Story, step *story.Step) string {
	f := step.Frame
	seq, ack := s.Relative(step.N)
	var b strings.Builder
	fmt.Fprintf(&b, "%s seq=%d", p.l.Text(f.Segment.Flags.Names(false)), seq)
	if f.Segment.Flags.Has(fsm.ACK) {
		fmt.Fprintf(&b, " ack=%d", ack)
	}
	fmt.Fprintf(&b, " win=%d", f.Segment.Window)
	if f.Segment.Len > 0 {
		fmt.Fprintf(&b, " len=%d", f.Segment.Len)
		if payload := payloadOf(f); len(payload) > 0 {
			shown := payload[:min(len(payload), payloadShown)]
			b.WriteByte(' ')
			b.WriteString(strconv.QuoteToASCII(string(shown)))
			if int(f.Segment.Len) > len(shown) {
				b.WriteString(p.glyph("…", "..."))
			}
		}
	}
	for _, a := range step.Anomalies {
		b.WriteString(" [" + p.l.Text(a) + "]")
	}
	if inOneLine(step) && s.FateOf(step) == story.FateLost {
		return p.l.Say("%s lost", b.String())
	}
	return b.String()
}

// payloadOf gives the captured octets of the payload, without the padding that a
// link may have added.
func payloadOf(f *story.Frame) []byte {
	if f.PayloadOffset <= 0 || f.PayloadOffset >= len(f.Raw) {
		return nil
	}
	payload := f.Raw[f.PayloadOffset:]
	return payload[:min(len(payload), int(f.Segment.Len))]
}
