package ui

import (
	"strings"

	"github.com/gdamore/tcell/v2"

	"tcpviz/fsm"
	"tcpviz/internal/reference"
)

// How large the reference is where there is more room than it needs.
const (
	referenceWidth  = 108
	referenceHeight = 28
	widestEntry     = 76 // columns of its text
)

// referenceLayout says where the parts of the reference are.
type referenceLayout struct {
	box   rect // all of it
	boxed bool // it has a frame, and the story is seen around it
	names rect
	entry rect
}

// newReferenceLayout lays the reference out on what is between title and footer: all of
// it where there is little room, else a box in its middle.
func newReferenceLayout(w, h int) referenceLayout {
	l := referenceLayout{box: rect{0, 0, w, h}, boxed: w >= 100 && h >= 30}
	inside := rect{0, 1, w, h - 1}
	if l.boxed {
		l.box.w, l.box.h = min(w-4, referenceWidth), referenceHeight
		l.box.x, l.box.y = (w-l.box.w)/2, (h-l.box.h)/2
		inside = rect{l.box.x + 1, l.box.y + 1, l.box.w - 2, l.box.h - 2}
	}
	l.names = rect{inside.x, inside.y, min(max(inside.w*34/100, 20), 36), inside.h}
	x := l.names.x + l.names.w + 2
	l.entry = rect{x, inside.y, min(inside.x+inside.w-1-x, widestEntry), inside.h}
	return l
}

// drawReference draws the reference: over everything between title and footer where
// there is little room, else in a box with the story around it.
func (d *dashboard) drawReference(body canvas) {
	t := &d.theme
	lay := newReferenceLayout(body.w, body.h)
	c := part(body, lay.box)
	c.clear(t.base)
	d.reference.box = rect{c.x, c.y, c.w, c.h}
	title, head := d.options.Lang.Text("reference"), c
	if lay.boxed {
		drawBorder(c, t, t.line)
		head = c.sub(1, 0, c.w-2, 1)
	}
	heading(head, 0, head.w, title, t)
	seam := lay.names.x + lay.names.w
	for y := range lay.names.h {
		body.set(seam, lay.names.y+y, t.vertical, t.line)
	}
	body.set(seam, lay.box.y, t.teeDown, t.line)
	if lay.boxed {
		body.set(seam, lay.box.y+lay.box.h-1, t.teeUp, t.line)
	}
	d.drawNames(part(body, lay.names))
	d.drawEntry(part(body, lay.entry))
}

// drawBorder draws a frame around the canvas.
func drawBorder(c canvas, t *theme, style tcell.Style) {
	for x := range c.w {
		c.set(x, 0, t.horizontal, style)
		c.set(x, c.h-1, t.horizontal, style)
	}
	for y := range c.h {
		c.set(0, y, t.vertical, style)
		c.set(c.w-1, y, t.vertical, style)
	}
	c.set(0, 0, t.topLeft, style)
	c.set(c.w-1, 0, t.topRight, style)
	c.set(0, c.h-1, t.bottomLeft, style)
	c.set(c.w-1, c.h-1, t.bottomRight, style)
}

// drawNames draws what was typed, and below it the list of names.
func (d *dashboard) drawNames(c canvas) {
	t, r, l := &d.theme, &d.reference, d.options.Lang
	if len(r.typed) == 0 {
		c.text(1, 0, cutTo(l.Text("type to find a name"), c.w-2, t.ellipsis), t.dim)
	} else {
		typed := string(r.typed)
		for textWidth(typed) > c.w-4 {
			_, typed, _ = strings.Cut(typed, string([]rune(typed)[:1]))
		}
		c.set(c.text(1, 0, typed, t.bold), 0, ' ', t.selected)
	}
	lines := max(c.h-1, 1)
	r.window(lines)
	r.list = listLayout{area: rect{c.x, c.y + 1, c.w, lines}, lines: lines, top: r.top}
	if len(r.rows) == 0 {
		for i, line := range wrap(l.Text("nothing is like what was typed"), c.w-2) {
			c.text(1, 2+i, line, t.dim)
		}
	}
	for y := range lines {
		if i := r.top + y; i < len(r.rows) {
			d.drawName(c, y+1, &r.rows[i], i == r.cursor)
		}
	}
	if r.top > 0 {
		c.set(c.w-1, 1, t.up, t.accent)
	}
	if r.top+lines < len(r.rows) {
		c.set(c.w-1, lines, t.down, t.accent)
	}
}

// drawName draws a row of the list.
func (d *dashboard) drawName(c canvas, y int, row *referenceRow, chosen bool) {
	t, l := &d.theme, d.options.Lang
	if row.heading != "" {
		c.text(1, y, l.Text(row.heading), t.dim)
		return
	}
	style := t.base
	if chosen {
		style = t.bold
		if !d.reference.inLessons {
			style = t.selected
			c.fill(0, y, c.w-1, ' ', style)
		}
		c.set(1, y, t.cursor, style)
	}
	tokens := 0
	for _, side := range []fsm.Side{fsm.Server, fsm.Client} { // from the right
		if row.sides[side] {
			tokens++
			token := t.side(side)
			if style == t.selected {
				token = style
			}
			c.set(c.w-1-2*tokens, y, t.token(side), token)
		}
	}
	c.text(3, y, cutTo(row.entry.Name.In(l), c.w-5-2*tokens, t.ellipsis), style)
}

// drawEntry draws what the reference says of the chosen entry.
func (d *dashboard) drawEntry(c canvas) {
	t, r, l := &d.theme, &d.reference, d.options.Lang
	r.lessons = listLayout{}
	e, ok := r.chosen()
	if !ok {
		return
	}
	kind := l.Text(e.Kind.Heading())
	c.text(c.w-textWidth(kind), 0, kind, t.dim)
	c.text(0, 0, cutTo(e.Name.In(l), c.w-textWidth(kind)-2, t.ellipsis), t.accent)
	p := d.entryPage(e, c.w)
	p.fit(c.h - 1)
	y := 1
	for _, part := range [][]styled{p.title, p.text, p.sources} {
		for _, line := range part {
			c.text(0, y, line.text, line.style)
			y++
		}
	}
	if len(e.Lessons) == 0 {
		return
	}
	if p.gaps {
		y++
	}
	c.text(0, y, l.Text("lessons that show it:"), t.dim)
	r.lessons = listLayout{area: rect{c.x, c.y + y + 1, c.w, min(len(e.Lessons), c.h-y-1)}}
	for i, id := range e.Lessons {
		style, title := t.bold, t.base
		y++
		if r.inLessons && i == r.lesson {
			style, title = t.selected, t.selected
			c.fill(0, y, c.w, ' ', style)
			c.set(0, y, t.cursor, style)
		}
		x := c.text(2, y, id, style)
		c.text(x+2, y, cutTo(d.lessonItem(id).Title.In(l), c.w-x-3, t.ellipsis), title)
	}
	if r.inLessons {
		summary := wrap(d.lessonItem(e.Lessons[r.lesson]).Summary.In(l), c.w)
		for i, line := range summary {
			if len(summary)+y+1 < c.h {
				c.text(0, y+2+i, line, t.base)
			}
		}
	}
}

// lessonItem gives a lesson of the dashboard's list, or one that is known though none can
// be played here; one without words where it is not known.
func (d *dashboard) lessonItem(id string) LessonItem {
	for _, lesson := range d.options.Lessons {
		if lesson.ID == id {
			return lesson
		}
	}
	if d.options.Lesson != nil {
		if l, known := d.options.Lesson(id); known {
			return LessonItem{ID: l.ID, Title: l.Title, Summary: l.Summary}
		}
	}
	return LessonItem{}
}

// styled is a line of text with its style.
type styled struct {
	text  string
	style tcell.Style
}

// entryPage is an entry as lines, as many as there is room for.
type entryPage struct {
	title, text, sources []styled
	lessons              int  // lines, their heading among them
	gaps                 bool // between the parts
	also                 int  // of the sources' lines, those of the other names
}

// entryPage wraps an entry to a width.
func (d *dashboard) entryPage(e *reference.Entry, width int) entryPage {
	t, l := &d.theme, d.options.Lang
	lines := func(text string, style tcell.Style) []styled {
		var all []styled
		for _, line := range wrap(text, width) {
			all = append(all, styled{line, style})
		}
		return all
	}
	p := entryPage{
		title: lines(e.Title.In(l), t.bold), text: lines(e.Text.In(l), t.base),
		sources: lines(l.List(e.Sources), t.dim), gaps: true,
	}
	if also := e.AlsoIn(l); len(also) > 0 {
		names := lines(l.Say("also called: %s", l.List(also)), t.dim)
		p.also, p.sources = len(names), append(p.sources, names...)
	}
	if len(e.Lessons) > 0 {
		p.lessons = 1 + len(e.Lessons)
	}
	return p
}

// height is how many lines the page takes.
func (p *entryPage) height() int {
	n := len(p.title) + len(p.text) + len(p.sources) + p.lessons
	if p.gaps && p.lessons > 0 {
		n++
	}
	return n
}

// fit puts blank lines between the parts, and leaves out what there is no room for: the
// other names first, then the blank lines, at last the end of the text.
func (p *entryPage) fit(lines int) {
	blank := []styled{{}}
	p.text = append(append(blank, p.text...), blank...)
	if p.height() > lines {
		p.sources = p.sources[:len(p.sources)-p.also]
	}
	if p.height() > lines {
		p.text, p.gaps = p.text[1:len(p.text)-1], false
	}
	if over := p.height() - lines; over > 0 && over < len(p.text) {
		p.text = p.text[:len(p.text)-over]
		last := &p.text[len(p.text)-1]
		last.text += " …"
	}
}
