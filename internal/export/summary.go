package export

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// TextEnd writes the summary: how each connection ended (or each that shown selects,
// when it is not nil), whether the model agreed with the stack, what was read.
func TextEnd(w io.Writer, s *story.Story, shown func(*fsm.Summary) bool, o TextOptions) error {
	out := newPage(w, o)
	out.line("")
	rows := 0
	for c := range s.Conns.All() {
		if shown != nil && !shown(c) {
			continue
		}
		rows++
		for _, line := range connectionText(c, o.language()) {
			out.line(line)
		}
	}
	if rows < s.Conns.Len() {
		out.line(selected(rows, s.Conns.Len(), out.l))
	}
	if n := s.Totals.Unshown; n > 0 {
		out.line(out.l.Say("%s counted but not shown: the story is at its limit", segments(n, out.l)))
	}
	out.totals(s)
	return out.flush()
}

// totals writes what was read, and whether the model agreed with the stack.
func (p *page) totals(s *story.Story) {
	t := s.Totals
	if t.Checked > 0 {
		p.line(truthText(t, p.l))
	}
	p.line(totalsText(s, p.l))
	if t.Dropped > 0 {
		p.line(p.l.Say("%s dropped by the kernel: what was in them is not shown", frames(t.Dropped, p.l)))
	}
	if t.Early > 0 {
		p.line(p.l.Say("%s finished early, to stay within memory: what came later counts as another connection", connections(t.Early, p.l)))
	}
	if t.Error != nil {
		p.line(strip(p.l.Say("reading ended early: %v", t.Error)))
	}
}

func connectionText(c *fsm.Summary, l lang.Language) []string {
	both := l.Say("connection %d at the end: the client (%s) is in %s, the server (%s) in %s", c.ID,
		c.Ends[fsm.Client].String(), stateText(c, fsm.Client, l), c.Ends[fsm.Server].String(), stateText(c, fsm.Server, l))
	counts := l.Say("client sent %s with %s, server %s with %s; outcome %s",
		segments(c.Segments[fsm.Client], l), octets(c.Bytes[fsm.Client], l),
		segments(c.Segments[fsm.Server], l), octets(c.Bytes[fsm.Server], l), c.Outcome)
	for _, a := range anomaliesOf(c) {
		counts += l.Text("; ") + l.Say("%s: %d", l.Text(a.name), a.count)
	}
	lines := wrap(both, arrowEnd)
	for _, line := range wrap(counts, arrowEnd-2) {
		lines = append(lines, "  "+line)
	}
	return lines
}

// stateText is a state, and how it is known where it was not observed.
func stateText(c *fsm.Summary, side fsm.Side, l lang.Language) string {
	if basis := c.Basis[side]; basis != fsm.Observed {
		return l.Say("%s (%s)", c.State[side], basis)
	}
	return c.State[side].String()
}

func truthText(t story.Totals, l lang.Language) string {
	if t.Agree == t.Checked {
		return l.Say("truth: the stack was asked %s what state a socket is in; the model was right each time",
			times(t.Checked, l))
	}
	return l.Say("truth: the stack was asked %s what state a socket is in; the model was right %s",
		times(t.Checked, l), times(t.Agree, l))
}

func totalsText(s *story.Story, l lang.Language) string {
	t := s.Totals
	line := l.Say("%s, %s, %s", frames(t.Frames, l), segments(t.Segments, l), connections(s.Conns.Len(), l))
	if len(t.Skipped) == 0 {
		return line
	}
	var skipped []string
	for _, reason := range slices.Sorted(maps.Keys(t.Skipped)) {
		skipped = append(skipped, fmt.Sprintf("%s %d", strip(l.Text(reason)), t.Skipped[reason]))
	}
	return l.Say("%s; without a TCP segment: %s", line, l.List(skipped))
}

func connections(n int, l lang.Language) string {
	if n == 1 {
		return l.Text("1 connection")
	}
	return l.Say("%d connections", n)
}

func frames(n int, l lang.Language) string {
	if n == 1 {
		return l.Text("1 frame")
	}
	return l.Say("%d frames", n)
}

func segments(n int, l lang.Language) string {
	if n == 1 {
		return l.Text("1 segment")
	}
	return l.Say("%d segments", n)
}

func octets(n uint64, l lang.Language) string {
	if n == 1 {
		return l.Text("1 byte")
	}
	return l.Say("%d bytes", n)
}

func times(n int, l lang.Language) string {
	switch n {
	case 1:
		return l.Text("once")
	case 2:
		return l.Text("twice")
	}
	return l.Say("%d times", n)
}
