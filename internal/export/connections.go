package export

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"tcpviz/fsm"
	"tcpviz/internal/story"
)

// Connections writes a table of the story's connections, a line each, and what
// was read. An error is the writer's.
func Connections(w io.Writer, s *story.Story, o TextOptions) error {
	out := newPage(w, o)
	if s.Conns.Len() > 0 {
		widths := columnWidths(s.Conns)
		out.line(tableLine(columns, widths))
		for c := range s.Conns.All() {
			out.line(tableLine(connectionRow(c), widths))
		}
	}
	if s.Conns.Len() > 0 {
		out.line("")
	}
	if assumesState(s.Conns) {
		out.line("? the state is assumed: expected after what was seen, not proven by it")
	}
	out.totals(s)
	return out.flush()
}

// row is one line of the table.
type row [10]string

var columns = row{
	"#", "client", "server", "client state", "server state", "outcome", "segments", "bytes", "completeness", "anomalies",
}

// numeric are the columns that stand to the right.
var numeric = [len(columns)]bool{0: true, 6: true, 7: true, 8: true}

func connectionRow(c *fsm.Summary) row {
	return row{
		fmt.Sprint(c.ID), c.Ends[fsm.Client].String(), c.Ends[fsm.Server].String(),
		markedState(c, fsm.Client), markedState(c, fsm.Server), c.Outcome.String(),
		fmt.Sprintf("%d+%d", c.Segments[fsm.Client], c.Segments[fsm.Server]),
		fmt.Sprintf("%d+%d", c.Bytes[fsm.Client], c.Bytes[fsm.Server]),
		fmt.Sprint(c.Completeness), anomalyList(c),
	}
}

func markedState(c *fsm.Summary, side fsm.Side) string {
	if c.Basis[side] == fsm.Assumed {
		return c.State[side].String() + "?"
	}
	return c.State[side].String()
}

func assumesState(conns story.Connections) bool {
	for c := range conns.All() {
		if c.Basis[fsm.Client] == fsm.Assumed || c.Basis[fsm.Server] == fsm.Assumed {
			return true
		}
	}
	return false
}

// anomaly is how many segments of a connection have an anomaly.
type anomaly struct {
	name  string
	count int
}

// anomaliesOf gives what is unusual about a connection, by name.
func anomaliesOf(c *fsm.Summary) []anomaly {
	var list []anomaly
	for name, count := range c.Anomalies.All() {
		list = append(list, anomaly{name, count})
	}
	slices.SortFunc(list, func(a, b anomaly) int { return cmp.Compare(a.name, b.name) })
	return list
}

// anomalyList names the anomalies, each with its number.
func anomalyList(c *fsm.Summary) string {
	var list []string
	for _, a := range anomaliesOf(c) {
		list = append(list, fmt.Sprintf("%d %s", a.count, a.name))
	}
	return strings.Join(list, ", ")
}

// columnWidths measures the table without holding it: there may be a million rows.
func columnWidths(conns story.Connections) (widths [len(columns)]int) {
	measure := func(r row) {
		for i, cell := range r {
			widths[i] = max(widths[i], width(cell))
		}
	}
	measure(columns)
	for c := range conns.All() {
		measure(connectionRow(c))
	}
	return widths
}

func tableLine(r row, widths [len(columns)]int) string {
	var b strings.Builder
	for i, cell := range r {
		if i > 0 {
			b.WriteString("  ")
		}
		blanks := strings.Repeat(" ", widths[i]-width(cell))
		if numeric[i] {
			b.WriteString(blanks + cell)
		} else {
			b.WriteString(cell + blanks)
		}
	}
	return b.String()
}
