package export

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// ScreenOptions says how the picture of a screen is drawn.
type ScreenOptions struct {
	Title string // for those who do not see it
	Dark  bool   // a terminal that is light on dark
}

// The size of a cell, in the picture's units.
const (
	cellWidth, cellHeight = 8.0, 17.0
	screenEdge            = 10.0
	screenFont            = 13.2
)

// ScreenSVG draws a screen as a picture, each cell in its place. Lines and blocks are
// drawn and not written, so that they join whatever the font is. An error is the writer's.
func ScreenSVG(w io.Writer, s Screen, o ScreenOptions) error {
	out := bufio.NewWriterSize(w, flushSize)
	ground, ink := "#ffffff", "#24292f"
	if o.Dark {
		ground, ink = "#14181d", "#d5dae0"
	}
	width, height := 2*screenEdge+cellWidth*float64(s.Width), 2*screenEdge+cellHeight*float64(s.Height)
	fmt.Fprintf(out, `<svg xmlns="http://www.w3.org/2000/svg" width="%s" height="%s" viewBox="0 0 %s %s" role="img" aria-labelledby="title" xml:space="preserve">`+"\n",
		number(width), number(height), number(width), number(height))
	fmt.Fprintf(out, "<title id=\"title\">%s</title>\n", escape(o.Title))
	fmt.Fprintf(out, `<rect width="%s" height="%s" rx="8" fill="%s" stroke="#8b949e"/>`+"\n", number(width), number(height), ground)
	fmt.Fprintf(out, `<g font-family="&quot;DejaVu Sans Mono&quot;, &quot;Noto Sans Mono&quot;, &quot;Noto Sans Mono CJK SC&quot;, Menlo, Consolas, monospace" font-size="%s" transform="translate(%s %s)">`+"\n",
		number(screenFont), number(screenEdge), number(screenEdge))
	for y := range s.Height {
		d := screenRow{out: out, y: float64(y) * cellHeight, ground: ground, ink: ink}
		d.draw(s.row(y))
	}
	out.WriteString("</g>\n</svg>\n")
	return out.Flush()
}

// screenRow draws a row of a screen.
type screenRow struct {
	out         *bufio.Writer
	y           float64
	ground, ink string
}

// draw draws the cells, those that look alike and stand side by side as one text.
func (d *screenRow) draw(cells []Cell) {
	for x := 0; x < len(cells); {
		look := cells[x].Look
		end := x + 1
		for end < len(cells) && cells[end].Look == look {
			end++
		}
		d.background(x, end, look)
		d.run(x, cells[x:end], look)
		x = end
	}
}

// hex gives a colour for markup, or the terminal's own.
func hex(c Colour, own string) string {
	if !c.Set {
		return own
	}
	return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B)
}

// colours gives what a look is drawn with.
func (d *screenRow) colours(l Look) (ink, ground string) {
	ink, ground = hex(l.Foreground, d.ink), hex(l.Background, d.ground)
	if l.Reverse {
		ink, ground = ground, ink
	}
	return ink, ground
}

func (d *screenRow) background(from, to int, l Look) {
	if _, ground := d.colours(l); ground != d.ground {
		fmt.Fprintf(d.out, `<rect x="%s" y="%s" width="%s" height="%s" fill="%s"/>`+"\n",
			number(float64(from)*cellWidth), number(d.y), number(float64(to-from)*cellWidth), number(cellHeight), ground)
	}
}

// run draws cells of one look: words as text, which is stretched to its cells where the
// font is another one, and lines as lines.
func (d *screenRow) run(x int, cells []Cell, l Look) {
	ink, _ := d.colours(l)
	var word strings.Builder
	begin, columns, drawn := x, 0, strings.Builder{}
	flush := func() {
		if text := strings.TrimRight(word.String(), " "); text != "" {
			columns -= len(word.String()) - len(text)
			d.text(begin, columns, text, ink, l)
		}
		word.Reset()
		columns = 0
	}
	for i, c := range cells {
		at := x + i
		if path, heavy := lineIn(c.Text, float64(at)*cellWidth, d.y); path != "" {
			flush()
			if heavy {
				fmt.Fprintf(d.out, `<path d="%s" stroke="%s" stroke-width="2.4" fill="none"/>`+"\n", path, ink)
			} else {
				drawn.WriteString(path)
			}
			continue
		}
		if c.Text == " " && word.Len() == 0 {
			continue
		}
		if c.Text != "" && c.Text[0] >= 0x80 { // of a width of its own in many fonts
			flush()
			begin, columns = at, 1
			if i+1 < len(cells) && cells[i+1].Text == "" {
				columns = 2
			}
			word.WriteString(c.Text)
			flush()
			continue
		}
		if c.Text == "" {
			continue
		}
		if strings.HasSuffix(word.String(), "  ") && c.Text != " " {
			flush()
		}
		if word.Len() == 0 {
			begin = at
		}
		word.WriteString(c.Text)
		columns++
	}
	flush()
	if drawn.Len() > 0 {
		fmt.Fprintf(d.out, `<path d="%s" stroke="%s" stroke-width="1.1" fill="none"/>`+"\n", drawn.String(), ink)
	}
}

func (d *screenRow) text(x, columns int, text, ink string, l Look) {
	if columns == 0 || strings.TrimSpace(text) == "" {
		return
	}
	look := ""
	if l.Bold {
		look += ` font-weight="bold"`
	}
	if l.Italic {
		look += ` font-style="italic"`
	}
	if l.Underline {
		look += ` text-decoration="underline"`
	}
	if l.Dim {
		look += ` opacity="0.65"`
	}
	fmt.Fprintf(d.out, `<text x="%s" y="%s" textLength="%s" lengthAdjust="spacingAndGlyphs" fill="%s"%s>%s</text>`+"\n",
		number(float64(x)*cellWidth), number(d.y+cellHeight*0.75), number(float64(columns)*cellWidth), ink, look, escape(text))
}

// The arms of the characters that lines are made of: up, right, down, left.
const (
	armUp = 1 << iota
	armRight
	armDown
	armLeft
	armHeavy
)

func arms(r rune) int {
	switch r {
	case '─', '━':
		return armLeft | armRight | heavyIf(r == '━')
	case '│', '┃':
		return armUp | armDown | heavyIf(r == '┃')
	case '┌', '┏':
		return armRight | armDown | heavyIf(r == '┏')
	case '┐', '┓':
		return armLeft | armDown | heavyIf(r == '┓')
	case '└', '┗':
		return armRight | armUp | heavyIf(r == '┗')
	case '┘', '┛':
		return armLeft | armUp | heavyIf(r == '┛')
	case '├':
		return armUp | armDown | armRight
	case '┤':
		return armUp | armDown | armLeft
	case '┬':
		return armLeft | armRight | armDown
	case '┴':
		return armLeft | armRight | armUp
	case '┼':
		return armLeft | armRight | armUp | armDown
	}
	return 0
}

func heavyIf(heavy bool) int {
	if heavy {
		return armHeavy
	}
	return 0
}

// lineIn gives the path of a cell that is part of a line, "" for any other.
func lineIn(text string, x, y float64) (path string, heavy bool) {
	r := []rune(text)
	if len(r) != 1 {
		return "", false
	}
	of := arms(r[0])
	if of == 0 {
		return "", false
	}
	cx, cy := x+cellWidth/2, y+cellHeight/2
	var b strings.Builder
	for _, arm := range []struct {
		bit  int
		x, y float64
	}{{armUp, cx, y}, {armRight, x + cellWidth, cy}, {armDown, cx, y + cellHeight}, {armLeft, x, cy}} {
		if of&arm.bit != 0 {
			fmt.Fprintf(&b, "M%s %sL%s %s", number(cx), number(cy), number(arm.x), number(arm.y))
		}
	}
	return b.String(), of&armHeavy != 0
}
