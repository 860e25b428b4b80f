package export

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"tcpviz/internal/lang"
	"tcpviz/internal/reference"
	"tcpviz/internal/story"
)

// ReferenceOptions says how entries of the reference are written as text.
type ReferenceOptions struct {
	Lang  lang.Language
	ASCII bool // in English, and in ASCII
	Width int  // columns of a line; 0: 80
	// Title gives the title of a lesson, "" where there is none.
	Title func(id string) string
}

func (o ReferenceOptions) text() TextOptions { return TextOptions{Lang: o.Lang, ASCII: o.ASCII} }

// longestLine is as far as the eye likes to travel, in columns.
const longestLine = 80

// Reference writes entries as text: each with its name, what it is, who says so, and the
// commands that play the lessons that show it.
func Reference(w io.Writer, entries []reference.Entry, o ReferenceOptions) error {
	columns := o.Width
	if columns <= 0 || columns > longestLine {
		columns = longestLine
	}
	l := o.text().language()
	var b strings.Builder
	for i, e := range entries {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "%s%s%s\n\n", e.Name.In(l), colon(l), e.Title.In(l))
		indented(&b, e.Text.In(l), columns)
		b.WriteString("\n")
		indented(&b, l.List(e.Sources), columns)
		if also := e.AlsoIn(l); len(also) > 0 {
			indented(&b, l.Say("also called: %s", l.List(also)), columns)
		}
		if len(e.Lessons) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n  %s\n", l.Text("lessons that show it:"))
		for _, id := range e.Lessons {
			fmt.Fprintf(&b, "    %s%s\n", pad("tcpviz demo "+id, lessonColumn), o.Title(id))
		}
	}
	return writeReference(w, b.String(), o)
}

// lessonColumn is where lessons' titles stand, behind their commands.
const lessonColumn = len("tcpviz demo simultaneous-close") + 2

// indented writes a paragraph, two columns from the edge.
func indented(b *strings.Builder, text string, columns int) {
	for _, line := range wrap(text, max(columns-2, 20)) {
		b.WriteString("  " + line + "\n")
	}
}

func colon(l lang.Language) string {
	if l == lang.Chinese {
		return "："
	}
	return ": "
}

// ReferenceList writes the names of entries, each with its title, by their kinds.
func ReferenceList(w io.Writer, entries []reference.Entry, o ReferenceOptions) error {
	l := o.text().language()
	column := 0
	for _, e := range entries {
		column = max(column, width(e.Name.In(l))+2)
	}
	var b strings.Builder
	for i, e := range entries {
		if i == 0 || e.Kind != entries[i-1].Kind {
			if i > 0 {
				b.WriteString("\n")
			}
			b.WriteString(l.Text(e.Kind.Heading()) + "\n")
		}
		fmt.Fprintf(&b, "  %s%s\n", pad(e.Name.In(l), column), e.Title.In(l))
	}
	return writeReference(w, b.String(), o)
}

func writeReference(w io.Writer, text string, o ReferenceOptions) error {
	if o.ASCII {
		text = onlyASCII(strings.NewReplacer("§", "section ", "2³²", "2^32").Replace(text))
	}
	if _, err := io.WriteString(w, text); err != nil {
		return lang.Errorf("write the reference: %w", err)
	}
	return nil
}

// ReferenceJSON writes entries as JSON, one line each, in both languages.
func ReferenceJSON(w io.Writer, entries []reference.Entry) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	for _, e := range entries {
		line := struct {
			Kind    string     `json:"kind"`
			Of      string     `json:"of"`
			Name    story.Text `json:"name"`
			Also    []string   `json:"also"`
			Title   story.Text `json:"title"`
			Text    story.Text `json:"text"`
			Sources []string   `json:"sources"`
			Lessons []string   `json:"lessons"`
		}{"entry", e.Kind.String(), e.Name, listed(e.Also), e.Title, e.Text, e.Sources, listed(e.Lessons)}
		if err := encoder.Encode(line); err != nil {
			return lang.Errorf("write the reference: %w", err)
		}
	}
	return nil
}

// listed makes an empty list of none: JSON tells them apart.
func listed(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
