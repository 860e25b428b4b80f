package ui

import (
	"slices"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// layout lays the screen out, with a line above the footer while the wire is held and
// there is room for one.
func (d *dashboard) layout(w, h int) (l layout, line rect) {
	if !d.wireLine() {
		return newLayout(w, h, d.opened(w, h)), rect{}
	}
	if l = newLayout(w, h-1, d.opened(w, h-1)); l.tooSmall {
		l = newLayout(w, h, d.opened(w, h))
		return l, l.rects[titlePanel]
	}
	line = l.rects[footerPanel]
	l.rects[footerPanel].y++
	return l, line
}

// wireLine tells that there is a line on the held wire.
func (d *dashboard) wireLine() bool { return d.wire.Holding && !d.help && d.list.kind == noList }

// drawWire draws the line that tells how the held wire stands.
func (d *dashboard) drawWire(c canvas, m moment) {
	t := &d.theme
	c.fill(0, 0, c.w, ' ', t.selected)
	x := c.text(1, 0, string(t.pause)+" "+m.lang.Text("WIRE HELD"), t.selected.Bold(true))
	forms := d.wireWords(m)
	text := forms[len(forms)-1]
	for _, form := range forms {
		if textWidth(form) <= c.w-x-1 {
			text = form
			break
		}
	}
	c.text(x, 0, cutTo(text, c.w-x-1, t.ellipsis), t.selected)
}

// wireWords says how the held wire stands, from the longest form to the shortest.
func (d *dashboard) wireWords(m moment) []string {
	held, l := d.heldStep(), m.lang
	switch {
	case d.hint != "":
		return []string{"  " + d.hint}
	case held == nil:
		return []string{l.Text(": no segment waits now; the next one will stop half-way.")}
	case d.play.playing && d.play.at < d.view.Index(held.N):
		return []string{l.Text(": the next segment will stop half-way.")}
	}
	what := segmentWords(held, l)
	if d.play.at < d.view.Index(held.N) || held.Conn != d.view.Conn {
		return []string{
			l.Say(": %s waits half-way, further on than the step that is shown: end goes there.", what),
			l.Say(": %s waits at the newest step (end).", what),
		}
	}
	more := ""
	if n := len(d.wire.Waiting) - 1; n > 0 {
		more = l.Say(", %d more behind it", n)
	}
	if lesson := d.wire.Lesson.In(l); lesson != "" {
		more += l.Say(" (enter: %s)", lesson)
	}
	long, short := l.Say(": %s waits half-way%s.", what, more), l.Say(": %s waits%s.", what, more)
	clock := l.Text(" The kernels' timers run.")
	if d.wire.Still {
		clock = l.Text(" The clock stands still.")
	}
	forms := []string{long + clock, short + clock, short}
	if first, last := m.stepAt(0), m.stepAt(len(m.view.Rows)-1); d.wire.Still {
		at := clockText(last.Time.Sub(first.Time))
		forms = slices.Insert(forms, 0, long+l.Say(" The clock stands still at %s: a lets time pass.", at))
	}
	return forms
}

// segmentWords names the segment of a step: "the client's SYN (#1)", "the client's 6
// bytes (#4)".
func segmentWords(s *story.Step, l lang.Language) string {
	segment := &s.Frame.Segment
	name := segment.Flags.Names(true)
	if n := segment.Len; n > 0 {
		bytes := l.Say("%d bytes", n)
		if n == 1 {
			bytes = l.Text("1 byte")
		}
		if segment.Flags&(fsm.SYN|fsm.FIN|fsm.RST) == 0 {
			name = bytes
		} else {
			name = l.Say("%s with %s", name, bytes)
		}
	}
	return l.Say("the %s's %s (#%d)", s.Sender(), name, s.Frame.Number)
}
