package export

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"tcpviz/internal/lang"
)

// CastOptions says what stands at the head of a cast.
type CastOptions struct {
	Title         string
	Width, Height int // of the terminal, in cells
}

// Shot is a screen that is shown from a time on, counted from the beginning. Cast looks
// at its cells until it asks for the next shot but one.
type Shot struct {
	At     time.Duration
	Screen Screen
}

// Cast writes screens as a recording that asciinema plays (asciicast v2): of each, what
// differs from the one before it. It holds no date, so that the same screens make the
// same recording. An error is the writer's.
func Cast(w io.Writer, o CastOptions, shots iter.Seq[Shot]) error {
	out := bufio.NewWriterSize(w, flushSize)
	head, err := json.Marshal(struct {
		Version int               `json:"version"`
		Width   int               `json:"width"`
		Height  int               `json:"height"`
		Title   string            `json:"title,omitempty"`
		Env     map[string]string `json:"env"`
	}{2, o.Width, o.Height, strip(o.Title), map[string]string{"TERM": "xterm-256color"}})
	if err != nil {
		return lang.Errorf("export: cast: %w", err)
	}
	out.Write(append(head, '\n'))
	var before Screen
	last := time.Duration(0)
	for shot := range shots {
		text := changes(before, shot.Screen)
		before, last = shot.Screen, max(last, shot.At)
		if text == "" {
			continue
		}
		if err := event(out, shot.At, text); err != nil {
			return err
		}
	}
	if err := event(out, last, "\x1b[0m\x1b[?25h"); err != nil { // the last screen is shown as long as its time says
		return err
	}
	return out.Flush()
}

func event(out *bufio.Writer, at time.Duration, text string) error {
	line, err := json.Marshal([]any{json.Number(fmt.Sprintf("%.3f", at.Seconds())), "o", text})
	if err != nil {
		return lang.Errorf("export: cast: %w", err)
	}
	out.Write(append(line, '\n'))
	return nil
}

// changes is what a terminal must be told so that it shows another screen: all of the
// first, and of the later ones what differs in each row.
func changes(before, now Screen) string {
	var b strings.Builder
	whole := before.Width != now.Width || before.Height != now.Height
	if whole {
		b.WriteString("\x1b[?25l\x1b[0m\x1b[2J")
	}
	for y := range now.Height {
		from, to := 0, now.Width
		if !whole {
			from, to = differing(before.row(y), now.row(y))
		}
		if from == to {
			continue
		}
		fmt.Fprintf(&b, "\x1b[%d;%dH", y+1, from+1)
		writeCells(&b, now.row(y)[from:to])
	}
	return b.String()
}

// differing gives the part of a row that is another one now, with the whole of the wide
// characters at its ends.
func differing(before, now []Cell) (from, to int) {
	for from < len(now) && before[from] == now[from] {
		from++
	}
	if from == len(now) {
		return 0, 0
	}
	to = len(now)
	for before[to-1] == now[to-1] {
		to--
	}
	for from > 0 && now[from].Text == "" {
		from--
	}
	for to < len(now) && now[to].Text == "" {
		to++
	}
	return from, to
}

// writeCells writes cells with their looks.
func writeCells(b *strings.Builder, cells []Cell) {
	var look Look
	b.WriteString("\x1b[0m")
	for _, c := range cells {
		if c.Look != look {
			look = c.Look
			b.WriteString(sgr(look))
		}
		b.WriteString(strip(c.Text)) // nothing in a cell steers the terminal
	}
	b.WriteString("\x1b[0m")
}

// sgr selects a look (ECMA-48's SELECT GRAPHIC RENDITION).
func sgr(l Look) string {
	codes := "0"
	for _, attribute := range []struct {
		on   bool
		code string
	}{{l.Bold, ";1"}, {l.Dim, ";2"}, {l.Italic, ";3"}, {l.Underline, ";4"}, {l.Reverse, ";7"}} {
		if attribute.on {
			codes += attribute.code
		}
	}
	return "\x1b[" + codes + colourCode(38, l.Foreground) + colourCode(48, l.Background) + "m"
}

func colourCode(kind int, c Colour) string {
	switch {
	case !c.Set:
		return ""
	case c.Palette:
		return fmt.Sprintf(";%d;5;%d", kind, c.Number)
	}
	return fmt.Sprintf(";%d;2;%d;%d;%d", kind, c.R, c.G, c.B)
}
