package verify

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// mostShown is how many findings of a row the text shows; JSON shows all.
const mostShown = 5

// WriteText writes the report as tables, and below them what went wrong.
func (r Report) WriteText(w io.Writer) error {
	var b strings.Builder
	r.table(&b)
	r.observerTable(&b)
	for i := range r.Rows {
		r.Rows[i].findings(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// table writes what was compared after each event.
func (r Report) table(b *strings.Builder) {
	t := table{{"stage", "part", "runs", "endless", "otherwise", "checks", "agreements", "percent", "first disagreement"}}
	for i := range r.Rows {
		row := &r.Rows[i]
		if row.Why != "" {
			t = append(t, []string{row.Stage, "nothing was performed: " + oneLine(row.Why)})
			continue
		}
		first := "none"
		if f := row.First(); f != nil {
			first = f.Command()
		} else if row.Checks == 0 {
			first = "nothing was compared"
		}
		runs := strconv.Itoa(row.Runs)
		if row.Runs < row.Planned {
			runs += " of " + strconv.Itoa(row.Planned)
		}
		t = append(t, []string{
			row.Stage, string(row.Part), runs, strconv.Itoa(row.Endless), strconv.Itoa(row.Otherwise),
			strconv.Itoa(row.Checks), strconv.Itoa(row.Agreements), percent(row.Agreements, row.Checks), first,
		})
	}
	t.write(b)
}

// observerTable writes what was compared after each run's end.
func (r Report) observerTable(b *strings.Builder) {
	if r.Runs() == 0 {
		return
	}
	b.WriteString("\nWhat a capture at one point would let one conclude, after each run's end:\n\n")
	t := table{{"stage", "part", "ends", "agreements", "percent", "decided", "agreements", "percent"}}
	for i := range r.Rows {
		row := &r.Rows[i]
		if o := row.Observer; row.Why == "" {
			t = append(t, []string{
				row.Stage, string(row.Part), strconv.Itoa(o.Compared), strconv.Itoa(o.Agree + o.AgreeToo),
				percent(o.Agree+o.AgreeToo, o.Compared), strconv.Itoa(o.Decided), strconv.Itoa(o.Agree), percent(o.Agree, o.Decided),
			})
		}
	}
	t.write(b)
}

// table is text in columns, the headings first: two columns of words, then numbers.
// A row of two cells has a remark in place of its columns.
type table [][]string

func (t table) write(b *strings.Builder) {
	widths := make([]int, len(t[0]))
	for _, row := range t {
		for i, cell := range row {
			if len(row) == len(widths) || i == 0 {
				widths[i] = max(widths[i], len(cell))
			}
		}
	}
	for _, row := range t {
		var line strings.Builder
		for i, cell := range row {
			switch {
			case i < 2:
				fmt.Fprintf(&line, "%-*s  ", widths[i], cell)
			case i < len(row)-1 || cell == "" || cell == "-" || cell[0] >= '0' && cell[0] <= '9':
				fmt.Fprintf(&line, "%*s  ", widths[i], cell)
			default:
				line.WriteString(cell)
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
}

// findings writes the runs of a row that failed.
func (r *Row) findings(b *strings.Builder) {
	for i, f := range r.Findings {
		if i == 0 {
			fmt.Fprintf(b, "\n%s, %s:\n", r.Stage, r.Part)
		}
		if i == mostShown {
			fmt.Fprintf(b, "  and %d more (--output json lists all)\n", len(r.Findings)-i)
			break
		}
		fmt.Fprintf(b, "  %s\n", f.Command())
		if f.Differ > 0 {
			fmt.Fprintf(b, "    %s", oneLine(f.Disagreement.String()))
			if len(f.Disagreement.Rules) > 0 {
				fmt.Fprintf(b, " (%s)", strings.Join(f.Disagreement.Rules, ", "))
			}
			if more := f.Differ - 1; more > 0 {
				fmt.Fprintf(b, "; and %d more", more)
			}
			b.WriteByte('\n')
		}
		if f.Problem != "" {
			fmt.Fprintf(b, "    %s\n", oneLine(f.Problem))
		}
	}
	if r.Missed > 0 {
		runs := "runs"
		if r.Missed == 1 {
			runs = "run"
		}
		fmt.Fprintf(b, "\n%s, %s: in %d %s the segment that was to be disturbed was never sent.\n", r.Stage, r.Part, r.Missed, runs)
	}
}

// percent gives a share with two decimals, and never 100 where not all agree.
func percent(part, whole int) string {
	if whole == 0 {
		return "-"
	}
	hundredths := part * 10_000 / whole // rounded down
	return fmt.Sprintf("%d.%02d", hundredths/100, hundredths%100)
}

// oneLine gives the text without what would break the line or steer the terminal.
func oneLine(text string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == '\n':
			return ';'
		case c == '\t':
			return ' '
		case c < ' ' || c >= 0x7f && c < 0xa0:
			return -1
		}
		return c
	}, text)
}
