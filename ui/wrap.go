package ui

import (
	"strings"

	"github.com/gdamore/tcell/v2"
	"github.com/rivo/uniseg"
)

// paragraph is text that is wrapped to the room there is. Its lead stands before
// the first line; the lines stand below each other.
type paragraph struct {
	lead      string
	leadStyle tcell.Style
	text      string
	style     tcell.Style
}

// wrapped is a line of a paragraph; its text begins at the indent.
type wrapped struct {
	lead, text       string
	indent           int
	leadStyle, style tcell.Style
}

// longestText is how much of a text is wrapped, in bytes: no screen shows more.
const longestText = 8192

// wrap breaks the text into lines of at most width columns, where Unicode allows
// a line to break, else anywhere.
func wrap(text string, width int) []string {
	if width < 2 { // not even one wide character fits
		return nil
	}
	text = text[:min(len(text), longestText)]
	var lines []string
	var line strings.Builder
	used, state := 0, -1
	end := func() {
		lines = append(lines, strings.TrimRight(line.String(), " "))
		line.Reset()
		used = 0
	}
	for text != "" {
		var segment string
		var must bool
		segment, text, must, state = uniseg.FirstLineSegmentInString(text, state)
		for strings.HasSuffix(segment, "-") && text != "" && !must { // TIME-WAIT stays together
			var more string
			more, text, must, state = uniseg.FirstLineSegmentInString(text, state)
			segment += more
		}
		segment = strings.TrimRight(segment, "\r\n\u2028\u2029")
		n := textWidth(strings.TrimRight(segment, " "))
		if used > 0 && used+n > width {
			end()
		}
		for n > width { // a word longer than the line
			head := prefix(segment, width)
			if head == "" {
				break // a cluster wider than any line: it is cut when drawn
			}
			line.WriteString(head)
			end()
			segment = segment[len(head):]
			n = textWidth(strings.TrimRight(segment, " "))
		}
		line.WriteString(segment)
		used += textWidth(segment)
		if must && text != "" {
			end()
		}
	}
	if used > 0 {
		end()
	}
	return lines
}

// lines wraps paragraphs to width columns; the leads have a column of their own,
// which a paragraph without one uses too.
func lines(paragraphs []paragraph, width int) []wrapped {
	lead := 0
	for _, p := range paragraphs {
		lead = max(lead, textWidth(p.lead))
	}
	if lead > 0 {
		lead++
	}
	var out []wrapped
	for _, p := range paragraphs {
		indent := lead
		if p.lead == "" {
			indent = 0
		}
		for i, text := range wrap(p.text, width-indent) {
			l := wrapped{text: text, indent: indent, style: p.style, leadStyle: p.leadStyle}
			if i == 0 {
				l.lead = p.lead
			}
			out = append(out, l)
		}
	}
	return out
}

// cutLines keeps the first n lines; where some are left out the last one says so.
func cutLines(all []wrapped, n, width int) []wrapped {
	if len(all) <= n || n == 0 {
		return all[:min(len(all), n)]
	}
	end := &all[n-1]
	end.text = prefix(end.text, width-end.indent-2) + " …"
	return all[:n]
}

// drawLines draws wrapped lines.
func drawLines(c canvas, all []wrapped) {
	for y, l := range all {
		c.text(0, y, l.lead, l.leadStyle)
		c.text(l.indent, y, l.text, l.style)
	}
}
