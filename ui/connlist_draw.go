package ui

import (
	"slices"
	"strings"
	"time"

	"github.com/gdamore/tcell/v2"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// connListLayout says where the parts of the list were drawn, for the mouse.
type connListLayout struct {
	rows   rect
	names  rect // of the columns
	filter rect
	cells  []nameCell
}

// nameCell is where the name of a column is.
type nameCell struct {
	x, w int
	by   order
}

// detailLines are the lines about the connection under the cursor.
const detailLines = 3

// drawConnections draws the list of connections: from above its title, the filter,
// the names of the columns and the rows; from below how far the file was read, what
// was left out, and the connection under the cursor in full.
func (d *dashboard) drawConnections(c canvas) {
	t, l := &d.theme, &d.conns
	heading(c, 0, c.w, l.title(d.options.Lang), t)
	d.connLay = connListLayout{}
	top, bottom := 1, c.h
	if p := d.progress; p.Reading || p.Stopped {
		bottom--
		drawProgress(c.sub(1, bottom, c.w-2, 1), p, d.options.Lang, t)
	}
	told := d.notes(c.w - 2)
	bottom -= len(told)
	drawLines(c.sub(1, bottom, c.w-2, len(told)), told)
	if s := l.selected(); s != nil && bottom-top >= 4+detailLines+3 {
		bottom -= detailLines
		d.drawDetail(c.sub(1, bottom, c.w-2, detailLines), s)
		bottom--
		rule(c, 0, bottom, c.w, t)
	} else if bottom < c.h {
		bottom--
		rule(c, 0, bottom, c.w, t)
	}
	if l.input.open || len(l.input.text) > 0 {
		n := d.drawFilter(c.sub(0, top, c.w, 2+problemLines))
		d.connLay.filter = rect{c.x, c.y + top, c.w, n}
		top += n
	}
	if l.len() == 0 {
		d.drawEmpty(c.sub(0, top, c.w, bottom-top))
		return
	}
	d.drawRows(c.sub(0, top, c.w, bottom-top))
}

// title says how many connections there are, and how many are in the list.
func (l *connList) title(in lang.Language) string {
	all, some := uint64(l.conns.Len()), countText(uint64(l.len()))
	switch whole := l.filter.Empty(); {
	case whole && all == 1:
		return in.Text("1 connection")
	case whole:
		return in.Say("%s connections", countText(all))
	case all == 1:
		return in.Say("%s of 1 connection", some)
	}
	return in.Say("%s of %s connections", some, countText(all))
}

// drawRows draws the names of the columns and the rows that are seen.
func (d *dashboard) drawRows(c canvas) {
	t, l := &d.theme, &d.conns
	lines := max(c.h-1, 1)
	l.window(lines)
	d.connLay.names = rect{c.x, c.y, c.w, 1}
	d.connLay.rows = rect{c.x, c.y + 1, c.w, lines}
	columns := l.columns(c.w-1, d.options.Lang, &t.glyphs) // the last column is for the marks that there is more
	x := 2
	for _, col := range columns {
		style := t.bold
		name := d.options.Lang.Text(col.name)
		if col.by == l.by {
			style = t.accent
			name += string(l.arrow(t))
		}
		drawCell(c, x, 0, col, name, style, t)
		d.connLay.cells = append(d.connLay.cells, nameCell{c.x + x, col.width, col.by})
		x += col.width + 1
	}
	for y := range min(lines, l.len()-l.top) {
		row := l.top + y
		style := t.base
		if row == l.cursor {
			style = t.selected
			c.fill(0, y+1, c.w, ' ', style)
			c.set(0, y+1, t.cursor, style)
		}
		s := l.conns.At(l.id(row))
		x := 2
		for _, col := range columns {
			drawCell(c, x, y+1, col, col.text(s), style, t)
			x += col.width + 1
		}
	}
	if l.top > 0 {
		c.set(c.w-1, 1, t.up, t.accent)
	}
	if l.top+lines < l.len() {
		c.set(c.w-1, lines, t.down, t.accent)
	}
}

// arrow points up when the least comes first.
func (l *connList) arrow(t *theme) rune {
	if l.down {
		return t.down
	}
	return t.up
}

func drawCell(c canvas, x, y int, col column, text string, style tcell.Style, t *theme) {
	text = cutMiddle(text, col.width, t.ellipsis)
	if col.right {
		x += col.width - textWidth(text)
	}
	c.text(x, y, text, style)
}

// cutMiddle cuts s to width columns so that its end stays: an address's port.
func cutMiddle(s string, width int, ellipsis rune) string {
	n := textWidth(s)
	if n <= width || width < 8 {
		return cutTo(s, width, ellipsis)
	}
	end := suffix(s, width/2)
	return prefix(s, width-textWidth(end)-1) + string(ellipsis) + end
}

// problemLines is how many lines more a mistake in the filter may take.
const problemLines = 2

// drawFilter draws the filter, and below it while it is typed what is wrong with it,
// or what may be typed. It gives the number of lines.
func (d *dashboard) drawFilter(c canvas) int {
	t, in := &d.theme, &d.conns.input
	c.text(1, 0, "/", t.key)
	const lead = 3
	room := c.w - lead - 1
	text := string(in.text)
	before := string(in.text[:in.caret])
	skip := max(textWidth(before)-room+1, 0) // a long text moves to the left
	line := c.sub(lead, 0, room, 1)
	bad := len(text)
	if in.mistake != nil {
		bad = max(min(in.mistake.At, len(text)), 0)
	}
	style := t.bold
	if !in.open {
		style = t.accent
	}
	x := line.text(-skip, 0, text[:bad], style)
	line.text(x, 0, text[bad:], t.warn)
	if !in.open {
		return 1
	}
	under := " "
	if in.caret < len(in.text) {
		under = string(in.text[in.caret])
	}
	line.text(textWidth(before)-skip, 0, under, t.selected)
	if in.mistake == nil {
		c.text(lead, 1, cutTo(d.options.Lang.Text(filterHint), room, t.ellipsis), t.dim)
		return 2
	}
	at := lead + max(min(textWidth(text[:bad])-skip, room-1), 0)
	c.set(at, 1, t.arrowUp, t.warn)
	problem := harmless(in.mistake.Problem.In(d.options.Lang), d.onlyASCII)
	switch n := textWidth(problem); {
	case at+2+n < c.w:
		c.text(at+2, 1, problem, t.warn)
	case n+2 <= at:
		c.text(at-1-n, 1, problem, t.warn)
	default: // no room beside the mark
		told := cutLines(lines([]paragraph{{text: problem, style: t.warn}}, room), problemLines, room)
		drawLines(c.sub(lead, 2, room, len(told)), told)
		return 2 + len(told)
	}
	return 2
}

// filterHint gives examples of what may be typed.
const filterHint = "syn-sent  port 80  outcome:REJ  retransmission  10.0.0.1  and more: F1"

// drawDetail tells everything of the connection under the cursor.
func (d *dashboard) drawDetail(c canvas, s *fsm.Summary) {
	t, l := &d.theme, d.options.Lang
	is := l.Text(" is ")
	x := c.text(0, 0, "#"+countText(uint64(s.ID)), t.bold) + 2
	room, need := c.w-x-2, 0
	for side := range s.Ends {
		room -= len("* ") + textWidth(is) + len(stateText(s, fsm.Side(side)))
		need += len(s.Ends[side].String())
	}
	named := need+textWidth(sideName(l, fsm.Client))+textWidth(sideName(l, fsm.Server))+2 <= room // else its token alone tells the side
	for side, end := range s.Ends {
		side := fsm.Side(side)
		c.set(x, 0, t.token(side), t.side(side))
		x += 2
		if named {
			x = c.text(x, 0, sideName(l, side), t.side(side)) + 1
		}
		x = c.text(x, 0, cutMiddle(end.String(), max(room/2, len(end.String())-(need-room), 8), t.ellipsis), t.base)
		x = c.text(x, 0, is, t.dim)
		x = c.text(x, 0, stateText(s, side), t.side(side)) + 2
	}
	how := l.Say("%s: %s (%s)", s.Outcome.String(), l.Text(outcomeWords(s.Outcome)), l.Text(completeness(int(s.Completeness))))
	var unusual []string
	for name, n := range s.Anomalies.All() {
		text := story.AnomalyWords(name, l)
		if n > 1 {
			text += " " + string(t.times) + countText(uint64(n))
		}
		unusual = append(unusual, text)
	}
	x = c.text(0, 1, how, t.base)
	if len(unusual) > 0 {
		c.set(x+2, 1, t.glyphs.warn, t.warn)
		c.text(x+4, 1, cutTo(l.List(unusual), c.w-x-4, t.ellipsis), t.warn)
	}
	figures := amounts(s, "2006-01-02 15:04:05.000000", l)
	if textWidth(figures) > c.w {
		figures = amounts(s, "2006-01-02 15:04:05", l)
	}
	c.text(0, 2, cutTo(figures, c.w, t.ellipsis), t.base)
}

// amounts says when a connection was and how much went over it.
func amounts(s *fsm.Summary, clock string, l lang.Language) string {
	var all []string
	if s.Start != 0 {
		all = append(all, story.Moment(s.Start).Format(clock)+" UTC")
	}
	if n := duration(s); n > 0 {
		all = append(all, l.Say("for %s", durationText(time.Duration(n))))
	}
	all = append(all,
		l.Say("%s + %s segments", countText(uint64(s.Segments[fsm.Client])), countText(uint64(s.Segments[fsm.Server]))),
		l.Say("%s + %s bytes", countText(s.Bytes[fsm.Client]), countText(s.Bytes[fsm.Server])))
	return clauses(l, all...)
}

// drawEmpty says why the list is empty.
func (d *dashboard) drawEmpty(c canvas) {
	t, l, in := &d.theme, &d.conns, d.options.Lang
	var all []string
	switch {
	case l.conns.Len() == 0:
		all = d.nothingWords()
	case l.input.open:
		all = []string{in.Text("no connection matches"), in.Text("esc clears the filter")}
	default:
		all = []string{in.Text("no connection matches"), in.Text("/ changes the filter, and esc clears it there")}
	}
	drawMiddle(c, all, t)
}

// nothingWords says that a capture holds no connection, and what it holds.
func (d *dashboard) nothingWords() []string {
	totals, l := &d.story.Totals, d.options.Lang
	if d.options.Live && totals.Error == nil {
		return []string{l.Text("no TCP connection yet")}
	}
	none := l.Text("no TCP connection so far")
	if totals.Error != nil || d.progress != (Progress{}) && !d.progress.Reading {
		none = l.Say("no TCP connection in %s", harmless(d.story.Meta.Source, d.onlyASCII))
	}
	var read string
	switch totals.Frames {
	case 0:
		read = l.Text("no frame was read")
	case 1:
		read = l.Text("1 frame was read")
	default:
		read = l.Say("%s frames were read", countText(uint64(totals.Frames)))
	}
	all := []string{l.Say("%s: %s", none, read)}
	if skipped := skippedWords(totals, l); skipped != "" {
		all = append(all, l.Say("without a TCP segment: %s", skipped))
	}
	if totals.Error != nil {
		all = append(all, d.endedEarly())
	}
	return all
}

// drawMiddle draws sentences in the middle, the first one bold.
func drawMiddle(c canvas, all []string, t *theme) {
	var out []paragraph
	for i, text := range all {
		style := t.base
		if i == 0 {
			style = t.bold
		}
		out = append(out, paragraph{text: text, style: style})
	}
	wrapped := lines(out, c.w-4)
	y := max((c.h-len(wrapped))/2, 0)
	for i, line := range wrapped {
		c.text(max((c.w-textWidth(line.text))/2, 0), y+i, line.text, line.style)
	}
}

// notes tells in lines of that width what was left out of the list, and why.
func (d *dashboard) notes(width int) []wrapped {
	t, totals, l := &d.theme, &d.story.Totals, d.options.Lang
	var all []wrapped
	if d.conns.conns.Len() == 0 { // the middle of the screen says it
		return nil
	}
	warn := func(text string, most int) {
		all = append(all, cutLines(lines([]paragraph{{lead: string(t.glyphs.warn), leadStyle: t.warn, text: text, style: t.warn}}, width), most, width)...)
	}
	if totals.Error != nil {
		warn(d.endedEarly(), 2)
	}
	if n := totals.Early; n > 0 {
		warn(l.Say("%s connections set aside early to save memory; later segments count anew", countText(uint64(n))), 1)
	}
	if n := totals.Dropped; n > 0 {
		warn(l.Say("%s frames were lost by the capture itself", countText(uint64(n))), 1)
	}
	if skipped := skippedWords(totals, l); skipped != "" {
		all = append(all, wrapped{text: cutTo(l.Say("without a TCP segment: %s", skipped), width, t.ellipsis), style: t.dim})
	}
	return all
}

// endedEarly says why the capture was not read to its end.
func (d *dashboard) endedEarly() string {
	return harmless(d.options.Lang.Say("reading ended early: %v", d.story.Totals.Error), d.onlyASCII)
}

// skippedWords tells the frames without a TCP segment by reason, the most frequent first.
func skippedWords(totals *story.Totals, l lang.Language) string {
	type reason struct {
		name string
		n    int
	}
	var all []reason
	for name, n := range totals.Skipped {
		all = append(all, reason{name, n})
	}
	slices.SortFunc(all, func(a, b reason) int {
		if a.n != b.n {
			return b.n - a.n
		}
		return strings.Compare(a.name, b.name)
	})
	var words []string
	for _, r := range all {
		words = append(words, l.Text(r.name)+" "+countText(uint64(r.n)))
	}
	return l.List(words)
}
