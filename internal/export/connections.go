package export

import (
	"bufio"
	"cmp"
	"io"
	"slices"
	"strconv"
	"strings"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// Connections writes a table of connections, a line each: all of the story's, or
// those that shown selects when it is not nil; then what was read. An error is the writer's.
func Connections(w io.Writer, s *story.Story, shown func(*fsm.Summary) bool, o TextOptions) error {
	if shown == nil {
		shown = func(*fsm.Summary) bool { return true }
	}
	// Measured first, written then, and never held: there may be a million rows.
	t := newTable(o.language())
	rows, assumed := 0, false
	for c := range s.Conns.All() {
		if shown(c) {
			t.row(c)
			t.measure()
			rows++
			assumed = assumed || assumesState(c)
		}
	}
	if rows > 0 {
		lines := bufio.NewWriterSize(w, flushSize)
		lines.WriteString(t.head())
		for c := range s.Conns.All() {
			if shown(c) {
				t.row(c)
				lines.Write(t.line())
			}
		}
		lines.WriteByte('\n')
		if err := lines.Flush(); err != nil { // the first error sticks
			return err
		}
	}
	out := newPage(w, o)
	if assumed {
		out.line(out.l.Text("? the state is assumed: expected after what was seen, not proven by it"))
	}
	if rows < s.Conns.Len() {
		out.line(selected(rows, s.Conns.Len(), out.l))
	}
	out.totals(s)
	return out.flush()
}

// selected says how many connections a filter has let through.
func selected(shown, all int, l lang.Language) string {
	return l.Say("%s of %d selected", connections(shown, l), all)
}

var columns = [...]string{
	"#", "client", "server", "client state", "server state", "outcome", "segments", "bytes", "completeness", "anomalies",
}

// numeric are the columns that stand to the right.
var numeric = [len(columns)]bool{0: true, 6: true, 7: true, 8: true}

// table makes the lines of a table. All that it holds is ASCII, but for the heads and
// the last column.
type table struct {
	l      lang.Language
	heads  [len(columns)]string
	widths [len(columns)]int
	cells  []byte // those of the present row, one behind the other
	ends   [len(columns)]int
	text   []byte // of the present line
}

func newTable(l lang.Language) *table {
	t := &table{l: l}
	for i, name := range columns {
		t.heads[i] = l.Text(name)
		t.widths[i] = width(t.heads[i])
	}
	return t
}

// head gives the heads as a line.
func (t *table) head() string {
	line := ""
	for i, head := range t.heads {
		blanks := strings.Repeat(" ", t.widths[i]-width(head))
		if numeric[i] {
			head = blanks + head
		} else {
			head += blanks
		}
		line += head + "  "
	}
	return strings.TrimRight(line, " ") + "\n"
}

func (t *table) row(c *fsm.Summary) {
	b, column := t.cells[:0], 0
	next := func() {
		t.ends[column] = len(b)
		column++
	}
	b = strconv.AppendInt(b, int64(c.ID), 10)
	next()
	for _, end := range c.Ends {
		b = end.AppendTo(b)
		next()
	}
	for side, state := range c.State {
		b = append(b, state.String()...)
		if c.Basis[side] == fsm.Assumed {
			b = append(b, '?')
		}
		next()
	}
	b = append(b, c.Outcome.String()...)
	next()
	b = strconv.AppendInt(b, int64(c.Segments[fsm.Client]), 10)
	b = strconv.AppendInt(append(b, '+'), int64(c.Segments[fsm.Server]), 10)
	next()
	b = strconv.AppendUint(b, c.Bytes[fsm.Client], 10)
	b = strconv.AppendUint(append(b, '+'), c.Bytes[fsm.Server], 10)
	next()
	b = strconv.AppendInt(b, int64(c.Completeness), 10)
	next()
	if c.Anomalies != (fsm.AnomalyCounts{}) {
		b = appendAnomalies(b, c, t.l)
	}
	next()
	t.cells = b
}

// measure widens the columns for the present row.
func (t *table) measure() {
	begin := 0
	for i, end := range t.ends {
		t.widths[i] = max(t.widths[i], end-begin)
		begin = end
	}
}

// line gives the present row as a line; it is valid until the next call.
func (t *table) line() []byte {
	const gap = "  "
	begin := 0
	t.text = t.text[:0]
	for i, end := range t.ends {
		if i > 0 {
			t.text = append(t.text, gap...)
		}
		blanks := t.widths[i] - (end - begin)
		if numeric[i] {
			t.text = appendBlanks(t.text, blanks)
		}
		t.text = append(t.text, t.cells[begin:end]...)
		if !numeric[i] && i < len(t.ends)-1 {
			t.text = appendBlanks(t.text, blanks)
		}
		begin = end
	}
	for len(t.text) > 0 && t.text[len(t.text)-1] == ' ' {
		t.text = t.text[:len(t.text)-1]
	}
	return append(t.text, '\n')
}

func appendBlanks(b []byte, n int) []byte {
	for range n {
		b = append(b, ' ')
	}
	return b
}

func assumesState(c *fsm.Summary) bool {
	return c.Basis[fsm.Client] == fsm.Assumed || c.Basis[fsm.Server] == fsm.Assumed
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

// appendAnomalies names the anomalies, each with its number.
func appendAnomalies(b []byte, c *fsm.Summary, l lang.Language) []byte {
	for i, a := range anomaliesOf(c) {
		if i > 0 {
			b = append(b, l.Text(", ")...)
		}
		b = strconv.AppendInt(b, int64(a.count), 10)
		b = append(append(b, ' '), l.Text(a.name)...)
	}
	return b
}
