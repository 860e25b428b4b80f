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

// Connections writes a table of the story's connections, a line each, and what
// was read. An error is the writer's.
func Connections(w io.Writer, s *story.Story, o TextOptions) error {
	out := newPage(w, o)
	if len(s.Conns) > 0 {
		widths := columnWidths(s.Conns)
		out.line(tableLine(columns, widths))
		for i := range s.Conns {
			out.line(tableLine(connectionRow(&s.Conns[i]), widths))
		}
	}
	if len(s.Conns) > 0 {
		out.line("")
	}
	if slices.ContainsFunc(s.Conns, assumesState) {
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

func connectionRow(c *story.Connection) row {
	return row{
		fmt.Sprint(c.ID), address(c.Ends[fsm.Client]), address(c.Ends[fsm.Server]),
		markedState(c, fsm.Client), markedState(c, fsm.Server), c.Outcome,
		fmt.Sprintf("%d+%d", c.Segments[fsm.Client], c.Segments[fsm.Server]),
		fmt.Sprintf("%d+%d", c.Bytes[fsm.Client], c.Bytes[fsm.Server]),
		fmt.Sprint(c.Completeness), anomalyList(c.Anomalies),
	}
}

func markedState(c *story.Connection, side fsm.Side) string {
	if c.Basis[side] == fsm.Assumed {
		return c.State[side].String() + "?"
	}
	return c.State[side].String()
}

func assumesState(c story.Connection) bool {
	return c.Basis[fsm.Client] == fsm.Assumed || c.Basis[fsm.Server] == fsm.Assumed
}

// anomalyList names the anomalies, each with its number.
func anomalyList(anomalies map[string]int) string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(anomalies)) {
		list = append(list, fmt.Sprintf("%d %s", anomalies[name], name))
	}
	return strings.Join(list, ", ")
}

// columnWidths measures the table without holding it: there may be a million rows.
func columnWidths(conns []story.Connection) (widths [len(columns)]int) {
	measure := func(r row) {
		for i, cell := range r {
			widths[i] = max(widths[i], width(cell))
		}
	}
	measure(columns)
	for i := range conns {
		measure(connectionRow(&conns[i]))
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
