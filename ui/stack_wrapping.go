package ui

import (
	"strconv"

	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// The encapsulation is drawn as stairs: each layer puts its header before what the
// layer above gave to it.

// wrapStep is one step of the stairs: a header, and what it was put before.
type wrapStep struct {
	layer  stackLayer
	name   string // of the header, with its length
	header []byte
	unit   string // what header and rest are together
	inside string // what the rest is
	x      int    // where the header begins
}

// steps gives the stairs for so many columns, from the data down; end is where all
// of them end.
func (v *stackView) steps(label, width int, l lang.Language) (steps []wrapStep, end int) {
	p := &v.now.parts
	add := func(layer stackLayer, name string, header []byte, unit, inside string) {
		steps = append(steps, wrapStep{layer: layer, name: name, header: header, unit: total(unit), inside: inside})
	}
	count := func(name string, n int) string { return l.Text(name) + " " + strconv.Itoa(n) }
	data, segment, packet := count("data", p.octets), count("segment", p.segment()), count("packet", p.packet())
	if p.octets == 0 {
		data = l.Text("no data")
	}
	add(applicationLayer, data, p.data, "", "")
	add(tcpLayer, "TCP "+strconv.Itoa(len(p.tcp)), p.tcp, segment, data)
	ip := "IP"
	if p.version != 0 {
		ip += "v" + strconv.Itoa(p.version)
	}
	add(ipLayer, ip+" "+strconv.Itoa(len(p.ip)), p.ip, packet, segment)
	if n := len(p.link) + len(p.tunnel); n > 0 {
		name := l.Text(mediumNames[p.medium])
		if len(p.link) == 0 {
			name = l.Text("tunnel")
		}
		name += " " + strconv.Itoa(n)
		if len(p.tunnel) > 0 && len(p.link) > 0 {
			name = l.Text(mediumNames[p.medium]) + " " + strconv.Itoa(len(p.link)) + " + " + count("tunnel", len(p.tunnel))
		}
		add(linkLayer, name, p.before, count("frame", p.whole), packet)
	}
	unit := 0
	for i := range steps {
		unit = max(unit, textWidth(steps[i].unit))
	}
	end = width - unit - 2
	room := end - label
	for i := range steps { // the header of the outermost layer begins at the left
		share := [...]int{100, 76, 50, 24}[i] * room / 100
		if len(steps) == 3 {
			share = [...]int{100, 70, 36}[i] * room / 100
		}
		steps[len(steps)-1-i].x = label + room - share
	}
	return steps, end
}

// total marks the name of what header and rest are together.
func total(unit string) string {
	if unit == "" {
		return ""
	}
	return "= " + unit
}

// lead is how wide the layers' names are before the stairs.
func (v *stackView) lead(l lang.Language, width int) int {
	n := 0
	for _, name := range layerNames {
		n = max(n, textWidth(l.Text(name)))
	}
	if width < widePicture {
		n = min(n, textWidth(layerNames[applicationLayer]))
	}
	return n + 1
}

// nothingWrapped says why there are no stairs, "" when there are.
func (v *stackView) nothingWrapped(l lang.Language) string {
	switch {
	case v.now.focus == nil:
		return l.Text("encapsulation: no segment has been sent yet")
	case !v.now.parts.known:
		return l.Text("encapsulation: the bytes of this frame were not kept")
	}
	return ""
}

// noLinkWords say why there is no link header.
func (v *stackView) noLinkWords(l lang.Language) string {
	if v.story.Meta.Stage == "sim" {
		return l.Text("no link layer here: the simulated hosts hand IP packets to each other")
	}
	return l.Text("no link layer here: the capture begins with the IP header")
}

// drawWrapping draws the encapsulation in so many lines, or says why there is none.
func (v *stackView) drawWrapping(c canvas, lines int, l lang.Language, t *theme) int {
	if why := v.nothingWrapped(l); why != "" {
		c.text(0, 1, cutTo(why, c.w, t.ellipsis), t.dim)
		return lines
	}
	draw := v.drawPlain
	if lines == boxedWrapping {
		draw = v.drawBoxed
	}
	lead := v.lead(l, c.w)
	steps, end := v.steps(lead, c.w, l)
	draw(c, steps, lead, end, l, t)
	return lines
}

// drawPlain draws the stairs as bare lines.
func (v *stackView) drawPlain(c canvas, steps []wrapStep, lead, end int, l lang.Language, t *theme) {
	names := namesOf(lead-1, l, t)
	title := l.Say("encapsulation of segment %d", v.now.focus.Frame.Number)
	c.text(lead, 0, cutTo(title, steps[0].x-lead-1, t.ellipsis), t.dim)
	for y := range steps {
		s := &steps[y]
		c.text(0, y, names[s.layer], t.dim)
		c.set(s.x, y, t.vertical, t.line)
		c.set(end, y, t.vertical, t.line)
		next := end
		if y > 0 {
			next = steps[y-1].x
			c.set(next, y, t.vertical, t.line)
			v.drawInside(c, next, end, y, s.inside, t)
		}
		v.drawHeader(c, s, next, y, t)
		c.text(end+1, y, s.unit, t.dim)
	}
	v.drawNoLink(c, len(steps), lead, steps, l, t)
}

// drawBoxed draws the stairs with boxes.
func (v *stackView) drawBoxed(c canvas, steps []wrapStep, lead, end int, l lang.Language, t *theme) {
	names := namesOf(lead-1, l, t)
	c.text(0, 0, cutTo(v.wrappedWords(l), steps[0].x-1, t.ellipsis), t.dim)
	for i := range steps {
		s := &steps[i]
		y := 2*i + 1
		next := end
		c.fill(s.x, y-1, end-s.x, t.horizontal, t.line)
		c.set(s.x, y-1, t.topLeft, t.line)
		if i == 0 {
			c.set(end, y-1, t.topRight, t.line)
		} else {
			next = steps[i-1].x
			c.set(end, y-1, t.teeLeft, t.line)
			if i > 1 {
				c.set(steps[i-2].x, y-1, t.teeUp, t.line)
			}
			c.set(next, y-1, t.cross, t.line)
			c.set(next, y, t.vertical, t.line)
			v.drawInside(c, next, end, y, s.inside, t)
		}
		name := cutTo(s.name, next-s.x-3, t.ellipsis)
		c.set(s.x+1, y-1, ' ', t.base)
		x := c.text(s.x+2, y-1, name, t.bold)
		c.set(x, y-1, ' ', t.base)
		c.set(s.x, y, t.vertical, t.line)
		c.set(end, y, t.vertical, t.line)
		c.text(0, y, names[s.layer], t.dim)
		v.drawHeader(c, s, next, y, t)
		c.text(end+1, y, s.unit, t.dim)
	}
	y, last := 2*len(steps), len(steps)-1
	c.fill(steps[last].x, y, end-steps[last].x, t.horizontal, t.line)
	c.set(steps[last].x, y, t.bottomLeft, t.line)
	c.set(steps[last-1].x, y, t.teeUp, t.line)
	c.set(end, y, t.bottomRight, t.line)
	v.drawNoLink(c, y+1, lead, steps, l, t)
}

// drawInside writes in the middle what a header was put before.
func (v *stackView) drawInside(c canvas, from, to, y int, text string, t *theme) {
	text = cutTo(text, to-from-1, t.ellipsis)
	c.text(from+1+(to-from-1-textWidth(text))/2, y, text, t.dim)
}

// drawHeader writes a step's own bytes.
func (v *stackView) drawHeader(c canvas, s *wrapStep, next, y int, t *theme) {
	width := next - s.x - 1
	style := t.base
	if v.now.current {
		style = t.side(v.now.focus.Sender())
	}
	if s.layer == applicationLayer {
		whole := len(s.header) >= v.now.parts.octets
		if text := quoted(s.header, whole, width, t.ascii(), t.ellipsis); text != "" {
			c.text(s.x+1, y, text, style)
			return
		}
	}
	more := s.layer == applicationLayer && len(s.header) < v.now.parts.octets
	c.text(s.x+1, y, hexFit(s.header, more, width, t.ellipsis), style)
}

// drawNoLink says that there is no link layer, where there is none.
func (v *stackView) drawNoLink(c canvas, y, lead int, steps []wrapStep, l lang.Language, t *theme) {
	if steps[len(steps)-1].layer == linkLayer {
		return
	}
	c.text(0, y, namesOf(lead-1, l, t)[linkLayer], t.dim)
	c.text(lead, y, cutTo(v.noLinkWords(l), c.w-lead, t.ellipsis), t.dim)
}

// wrappedWords say which segment is shown.
func (v *stackView) wrappedWords(l lang.Language) string {
	f := v.now.focus
	text := l.Say("encapsulation of segment %d: %s → %s", f.Frame.Number, f.Sender(), f.Sender().Other())
	switch f.Kind {
	case story.SegmentReceived:
		return text
	case story.SegmentLost:
		return l.Say("%s, %s", text, l.Text("lost"))
	}
	return l.Say("%s, %s", text, l.Text("under way"))
}

// drawBytes writes all headers in hexadecimal, and the beginning of the data.
func (v *stackView) drawBytes(c canvas, l lang.Language, t *theme) int {
	if v.nothingWrapped(l) != "" {
		return byteLines
	}
	lead := v.lead(l, c.w)
	steps, _ := v.steps(lead, c.w, l)
	x, y := lead, 0
	for i := len(steps) - 1; i >= 0; i-- {
		s := &steps[i]
		c.text(0, y, cutTo(s.name, x-1, t.ellipsis), t.dim)
		per := max((c.w-x+2)/12*4, 4) // whole words of four bytes
		lines := 1
		if s.layer == tcpLayer || s.layer == ipLayer {
			lines = 2
		}
		rest := s.header
		for n := 0; n < lines && len(rest) > 0 && y < byteLines; n++ {
			more := n == lines-1 && (len(rest) > per || s.layer == applicationLayer && len(s.header) < v.now.parts.octets)
			c.text(x, y, hexFit(rest[:min(per, len(rest))], more, c.w-x, t.ellipsis), t.base)
			rest = rest[min(per, len(rest)):]
			y++
		}
	}
	return byteLines
}
