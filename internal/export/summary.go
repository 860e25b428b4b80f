package export

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"tcpviz/fsm"
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
		for _, line := range connectionText(c) {
			out.line(line)
		}
	}
	if rows < s.Conns.Len() {
		out.line(selected(rows, s.Conns.Len()))
	}
	if n := s.Totals.Unshown; n > 0 {
		out.line(fmt.Sprintf("%s counted but not shown: the story is at its limit", counted(n, "segment")))
	}
	out.totals(s)
	return out.flush()
}

// totals writes what was read, and whether the model agreed with the stack.
func (p *page) totals(s *story.Story) {
	t := s.Totals
	if t.Checked > 0 {
		p.line(truthText(t))
	}
	p.line(totalsText(s))
	if t.Dropped > 0 {
		p.line(fmt.Sprintf("%s dropped by the kernel: what was in them is not shown", counted(t.Dropped, "frame")))
	}
	if t.Early > 0 {
		p.line(fmt.Sprintf("%s finished early, to stay within memory: what came later counts as another connection", counted(t.Early, "connection")))
	}
	if t.Error != "" {
		p.line("reading ended early: " + strip(t.Error))
	}
}

func connectionText(c *fsm.Summary) []string {
	both := fmt.Sprintf("connection %d at the end: the client (%s) is in %s, the server (%s) in %s", c.ID,
		c.Ends[fsm.Client].String(), stateText(c, fsm.Client), c.Ends[fsm.Server].String(), stateText(c, fsm.Server))
	counts := fmt.Sprintf("client sent %s with %s, server %s with %s",
		counted(c.Segments[fsm.Client], "segment"), counted(int(c.Bytes[fsm.Client]), "byte"),
		counted(c.Segments[fsm.Server], "segment"), counted(int(c.Bytes[fsm.Server]), "byte"))
	counts += "; outcome " + c.Outcome.String()
	for _, a := range anomaliesOf(c) {
		counts += fmt.Sprintf("; %s: %d", a.name, a.count)
	}
	lines := wrap(both, arrowEnd)
	for _, line := range wrap(counts, arrowEnd-2) {
		lines = append(lines, "  "+line)
	}
	return lines
}

// stateText is a state, and how it is known where it was not observed.
func stateText(c *fsm.Summary, side fsm.Side) string {
	if basis := c.Basis[side]; basis != fsm.Observed {
		return fmt.Sprintf("%s (%s)", c.State[side], basis)
	}
	return c.State[side].String()
}

func truthText(t story.Totals) string {
	if t.Agree == t.Checked {
		return fmt.Sprintf("truth: the stack was asked %s what state a socket is in; the model was right each time",
			times(t.Checked))
	}
	return fmt.Sprintf("truth: the stack was asked %s what state a socket is in; the model was right %s",
		times(t.Checked), times(t.Agree))
}

func totalsText(s *story.Story) string {
	t := s.Totals
	line := fmt.Sprintf("%s, %s, %s", counted(t.Frames, "frame"), counted(t.Segments, "segment"),
		counted(s.Conns.Len(), "connection"))
	if len(t.Skipped) == 0 {
		return line
	}
	var skipped []string
	for _, reason := range slices.Sorted(maps.Keys(t.Skipped)) {
		skipped = append(skipped, fmt.Sprintf("%s %d", strip(reason), t.Skipped[reason]))
	}
	return line + "; without a TCP segment: " + strings.Join(skipped, ", ")
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func times(n int) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return fmt.Sprintf("%d times", n)
}
