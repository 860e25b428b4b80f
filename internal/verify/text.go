package verify

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/rivo/uniseg"

	"tcpviz/internal/lang"
)

// mostShown is how many findings of a row the text shows; JSON shows all.
const mostShown = 5

// WriteText writes the report in the language as tables, and below them what went wrong.
func (r Report) WriteText(w io.Writer, l lang.Language) error {
	var b strings.Builder
	r.table(&b, l)
	r.observerTable(&b, l)
	for i := range r.Rows {
		r.Rows[i].findings(&b, l)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// table writes what was compared after each event.
func (r Report) table(b *strings.Builder, l lang.Language) {
	t := table{{
		l.Text("stage"), l.Text("part"), l.Text("runs"), l.Text("endless"), l.Text("otherwise"),
		l.Text("checks"), l.Text("agreements"), l.Text("percent"), l.Text("first disagreement"),
	}}
	for i := range r.Rows {
		row := &r.Rows[i]
		if row.Why != nil {
			t = append(t, []string{row.Stage, oneLine(l.Say("nothing was performed: %v", row.Why))})
			continue
		}
		first := l.Text("none")
		if f := row.First(); f != nil {
			first = f.Command()
		} else if row.Checks == 0 {
			first = l.Text("nothing was compared")
		}
		runs := strconv.Itoa(row.Runs)
		if row.Runs < row.Planned {
			runs = l.Say("%d of %d", row.Runs, row.Planned)
		}
		t = append(t, []string{
			row.Stage, string(row.Part), runs, strconv.Itoa(row.Endless), strconv.Itoa(row.Otherwise),
			strconv.Itoa(row.Checks), strconv.Itoa(row.Agreements), percent(row.Agreements, row.Checks), first,
		})
	}
	t.write(b)
}

// observerTable writes what was compared after each run's end.
func (r Report) observerTable(b *strings.Builder, l lang.Language) {
	if r.Runs() == 0 {
		return
	}
	b.WriteString("\n" + l.Text("What a capture at one point would let one conclude, after each run's end:") + "\n\n")
	t := table{{
		l.Text("stage"), l.Text("part"), l.Text("ends"), l.Text("agreements"), l.Text("percent"),
		l.Text("decided"), l.Text("agreements"), l.Text("percent"),
	}}
	for i := range r.Rows {
		row := &r.Rows[i]
		if o := row.Observer; row.Why == nil {
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
				widths[i] = max(widths[i], uniseg.StringWidth(cell))
			}
		}
	}
	for _, row := range t {
		var line strings.Builder
		for i, cell := range row {
			blanks := strings.Repeat(" ", max(widths[i]-uniseg.StringWidth(cell), 0))
			switch {
			case i < 2:
				line.WriteString(cell + blanks + "  ")
			case i < len(row)-1 || cell == "" || cell == "-" || cell[0] >= '0' && cell[0] <= '9':
				line.WriteString(blanks + cell + "  ")
			default:
				line.WriteString(cell)
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
}

// findings writes the runs of a row that failed.
func (r *Row) findings(b *strings.Builder, l lang.Language) {
	for i, f := range r.Findings {
		if i == 0 {
			fmt.Fprintf(b, "\n%s\n", l.Say("%s, %s:", r.Stage, r.Part))
		}
		if i == mostShown {
			fmt.Fprintf(b, "  %s\n", l.Say("and %d more (--output json lists all)", len(r.Findings)-i))
			break
		}
		fmt.Fprintf(b, "  %s\n", f.Command())
		if f.Differ > 0 {
			fmt.Fprintf(b, "    %s\n", f.disagreement(l))
		}
		if f.Problem != nil {
			fmt.Fprintf(b, "    %s\n", oneLine(l.Error(f.Problem)))
		}
	}
	switch r.Missed {
	case 0:
	case 1:
		fmt.Fprintf(b, "\n%s\n", l.Say("%s, %s: in 1 run the segment that was to be disturbed was never sent.", r.Stage, r.Part))
	default:
		fmt.Fprintf(b, "\n%s\n", l.Say("%s, %s: in %d runs the segment that was to be disturbed was never sent.", r.Stage, r.Part, r.Missed))
	}
}

// disagreement says in one line where model and stack differ first, by which rules,
// and how often else.
func (f *Finding) disagreement(l lang.Language) string {
	text := oneLine(f.Disagreement.Phrase().In(l))
	if rules := f.Disagreement.Rules; len(rules) > 0 {
		text = l.Say("%s (%s)", text, l.List(rules))
	}
	if more := f.Differ - 1; more > 0 {
		text = l.Say("%s; and %d more", text, more)
	}
	return text
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
