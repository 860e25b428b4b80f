package export

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strings"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// PictureOptions says how a picture of a story is drawn.
type PictureOptions struct {
	Lang lang.Language
	Conn int  // the connection that is shown; 0: the story's first
	Dark bool // light on dark
}

// MostRows is how many steps of a connection a picture shows. A picture of more could
// be opened by nobody; it says how many it leaves out.
const MostRows = 4000

// Columns that a call takes at most.
const svgColumns = 27

// The notes stand beside the ladder.
const (
	noteWidth   = 246.0
	noteLine    = 15.0
	noteColumns = 35
)

// SVG draws the ladder of one connection as a picture that stands alone: no script, no
// font and no file besides it. The same story gives the same picture. An error is the
// writer's.
func SVG(w io.Writer, s *story.Story, o PictureOptions) error {
	s, left := shortened(s, connOf(s, o.Conn))
	out := bufio.NewWriterSize(w, flushSize)
	d := newDrawing(s, connOf(s, o.Conn), o.Lang, svgColumns, true)
	d.draw(svgColumns)
	d.notes()
	top := d.heading(s, left)
	total := d.width
	if d.noted {
		total += noteWidth + edge
	}
	legend := d.legend(total)
	total = math.Ceil(total)
	height := math.Ceil(top + d.height + legend)
	fmt.Fprintf(out, `<svg xmlns="http://www.w3.org/2000/svg" xml:lang="%s" xml:space="preserve" width="%s" height="%s" viewBox="0 0 %s %s" role="img" aria-labelledby="title desc">`+"\n",
		languageTag(o.Lang), number(total), number(height), number(total), number(height))
	fmt.Fprintf(out, "<title id=\"title\">%s</title>\n<desc id=\"desc\">%s</desc>\n", escape(titleOf(s, o.Lang)), escape(d.describe(s)))
	fmt.Fprintf(out, "<style>\n%s</style>\n", svgStyle(o.Dark))
	fmt.Fprintf(out, "<rect class=\"page\" width=\"%s\" height=\"%s\"/>\n", number(total), number(height))
	out.WriteString(d.head.String())
	fmt.Fprintf(out, "<g transform=\"translate(0 %s)\">\n", number(top))
	d.write(out)
	out.WriteString("</g>\n")
	fmt.Fprintf(out, "<g transform=\"translate(0 %s)\">\n%s</g>\n</svg>\n", number(top+d.height), d.foot.String())
	return out.Flush()
}

// connOf gives the connection that a picture shows: the one asked for, else the first;
// 0 where there is none.
func connOf(s *story.Story, asked int) int {
	if asked > 0 && asked <= s.Conns.Len() {
		return asked
	}
	return min(s.Conns.Len(), 1)
}

// shortened gives the story as far as a picture shows it, and how many steps of the
// connection that leaves out.
func shortened(s *story.Story, conn int) (*story.Story, int) {
	rows := s.View(conn).Rows
	if len(rows) <= MostRows {
		return s, 0
	}
	short := *s
	short.Steps = s.Steps[:rows[MostRows-1].Step-s.First]
	return &short, len(rows) - MostRows
}

// drawing is a ladder with what stands around it.
type drawing struct {
	ladder
	noted bool // the lesson says something
	head  strings.Builder
	foot  strings.Builder
}

// newDrawing plans the ladder of a connection. noted gives room to what the lesson says.
func newDrawing(s *story.Story, conn int, l lang.Language, columns int, noted bool) *drawing {
	d := &drawing{}
	var room func(int) float64
	if noted {
		view := s.View(conn)
		room = func(row int) float64 {
			step := s.At(view.Rows[row].Step)
			if step == nil {
				return 0
			}
			n := len(noteLines(step.Say, l))
			d.noted = d.noted || n > 0
			return noteLine * float64(n)
		}
	}
	p := newPlan(s, conn, room)
	d.ladder = ladder{plan: p, picture: newPicture(l), sheet: newSheet(p, columns)}
	return d
}

// write writes the ladder's elements, what is behind first.
func (d *drawing) write(out *bufio.Writer) {
	for i := range d.layers {
		out.WriteString(d.layers[i].String())
	}
}

func noteLines(say story.Text, l lang.Language) []string {
	return wrap(strip(say.In(l)), noteColumns)
}

// notes writes what the lesson says, each beside the step at which it says it.
func (d *drawing) notes() {
	x := d.width + edge
	for i, row := range d.view.Rows {
		step := d.story.At(row.Step)
		if step == nil {
			continue
		}
		lines := noteLines(step.Say, d.lang)
		if len(lines) == 0 {
			continue
		}
		y := d.y(i)
		d.path(strokes, "guide", false, [2]float64{d.outer[fsm.Server] + 4, y}, [2]float64{x - 8, y})
		d.line("note", x-6, y-noteLine/2, x-6, y-noteLine/2+noteLine*float64(len(lines)))
		for k, line := range lines {
			d.text("p", x, y+4+noteLine*float64(k), 0, begins, span{"", plain(line)})
		}
	}
}

// titleOf is what a picture of a story is called.
func titleOf(s *story.Story, l lang.Language) string {
	m := s.Meta
	switch {
	case m.Title.In(l) != "":
		return strip(m.Title.In(l))
	case m.Lesson != "":
		return strip(m.Lesson)
	case m.Source != "":
		return strip(m.Source)
	}
	return "tcpviz"
}

// subtitle says where the story comes from.
func subtitle(s *story.Story, conn int, l lang.Language) []string {
	m := s.Meta
	var parts []string
	if m.Lesson != "" {
		parts = append(parts, l.Say("lesson %s", strip(m.Lesson)))
	}
	if m.Recorded {
		parts = append(parts, l.Text("a recording"))
	}
	if m.Stage != "" {
		parts = append(parts, l.Say("stage %s", strip(m.Stage)))
	}
	if s.Conns.Len() > 1 {
		parts = append(parts, l.Say("connection %d of %d", conn, s.Conns.Len()))
	}
	return parts
}

// heading draws what stands above the ladder, and gives how high it is.
func (d *drawing) heading(s *story.Story, left int) float64 {
	p := newPicture(d.lang)
	p.text("title", edge, 30, 0, begins, span{"", plain(titleOf(s, d.lang))})
	y := 50.0
	p.text("p dim", edge, y, 0, begins, span{"", plain(strings.Join(subtitle(s, d.view.Conn, d.lang), " · "))})
	columns := int((d.width - 2*edge) / 6.4)
	var lines []string
	if why := s.Meta.StageWhy.In(d.lang); why != "" {
		lines = wrap(strip(why), columns)
	}
	if left > 0 {
		lines = append(lines, d.lang.Say("%d more steps are not in this picture", left))
	}
	for _, line := range lines {
		y += noteLine
		p.text("p dim", edge, y, 0, begins, span{"", plain(line)})
	}
	y += 34
	d.sides(p, s, y)
	for i := range p.layers {
		d.head.WriteString(p.layers[i].String())
	}
	return y + 8
}

// sides writes who the two sides are, above their lifelines.
func (d *drawing) sides(p *picture, s *story.Story, y float64) {
	var c *fsm.Summary
	if d.view.Conn > 0 {
		c = s.Conns.At(d.view.Conn)
	}
	for _, side := range []fsm.Side{fsm.Client, fsm.Server} {
		x := d.life[side]
		p.text("big b "+sideClass(side), x, y-14, 0, centred, span{"", lang.Phrasef("%s", side).In})
		if d.view.Conn > 0 {
			p.text("m "+sideClass(side), x, y+1, 0, centred, span{"", plain(c.Ends[side].String())})
		}
	}
	if d.view.Conn > 0 {
		p.text("m dim", (d.life[0]+d.life[1])/2, y-14, 0, centred, span{"", plain("TCP")})
	}
	p.text("t", d.times, y-14, 0, ends, span{"", lang.Phrasef("time").In})
}

// describe says in a sentence what the picture shows, for those who do not see it.
func (d *drawing) describe(s *story.Story) string {
	text := d.lang.Say("A ladder diagram of a TCP connection: the client on the left, the server on the right, time downward, segments as arrows.")
	if d.view.Conn == 0 {
		return text
	}
	c := s.Conns.At(d.view.Conn)
	return d.lang.Sentences(text, d.lang.Say("At the end the client is in %s and the server in %s.", c.State[fsm.Client], c.State[fsm.Server]))
}

// legend explains the signs, and gives how high it is.
func (d *drawing) legend(total float64) float64 {
	p := newPicture(d.lang)
	x, y := edge, 24.0
	next := func(room float64, w words) {
		if x+room+6.6*float64(width(w(d.lang))) > total-edge {
			x, y = edge, y+22
		}
	}
	item := func(room float64, w words, sign func(x, y float64)) {
		next(room, w)
		sign(x, y-4)
		p.text("p", x+room, y, 0, begins, span{"", w})
		x += room + 6.6*float64(width(w(d.lang))) + 22
	}
	stub := ladder{plan: d.plan, picture: p}
	at := func(side fsm.Side, class string, hollow bool) func(x, y float64) {
		return func(x, y float64) {
			stub.life[side] = x + 6
			stub.mark(side, y, class, hollow)
		}
	}
	p.line("rule", edge, 2, total-edge, 2)
	item(18, lang.Phrasef("the client's new state").In, at(fsm.Client, "c", false))
	item(18, lang.Phrasef("the server's").In, at(fsm.Server, "s", false))
	item(18, lang.Phrasef("not proven: NAME? is assumed, (NAME) inferred").In, at(fsm.Client, "c unsure", true))
	item(14, lang.Phrasef("a call that blocks").In, func(x, y float64) { p.rect(behind, "bar c", x, y-8, 6, 16, 3) })
	item(34, lang.Phrasef("a segment that arrives").In, func(x, y float64) {
		p.line("a c", x, y, x+22, y)
		p.path(strokes, "h c", true, [2]float64{x + 28, y}, [2]float64{x + 18, y - 4.5}, [2]float64{x + 18, y + 4.5})
	})
	if d.shows(func(step *story.Step) bool { return step.Kind == story.SegmentLost }) {
		item(34, lang.Phrasef("a segment that is lost").In, func(x, y float64) {
			p.line("a c", x, y, x+20, y)
			p.path(strokes, "x", false, [2]float64{x + 15, y - 6}, [2]float64{x + 27, y + 6})
			p.path(strokes, "x", false, [2]float64{x + 15, y + 6}, [2]float64{x + 27, y - 6})
		})
	}
	if d.shows(func(step *story.Step) bool { return step.Frame != nil && step.Frame.Fate == story.FateAssumed }) {
		item(34, lang.Phrasef("its arrival is only assumed").In, func(x, y float64) { p.line("a c assumed", x, y, x+28, y) })
	}
	for i := range p.layers {
		d.foot.WriteString(p.layers[i].String())
	}
	return y + 18
}

// shows tells whether any step is such a one.
func (d *drawing) shows(is func(*story.Step) bool) bool {
	for _, row := range d.view.Rows {
		if step := d.story.At(row.Step); step != nil && is(step) {
			return true
		}
	}
	return false
}

// languageTag is the language's name for markup.
func languageTag(l lang.Language) string {
	if l == lang.Chinese {
		return "zh-Hans"
	}
	return l.String()
}
