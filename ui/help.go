package ui

import (
	"slices"

	"github.com/gdamore/tcell/v2"

	"tcpviz/fsm"
	"tcpviz/internal/filter"
	"tcpviz/internal/story"
)

// helpLines are the lines of the help: the keys, then what the glyphs mean.
func (d *dashboard) helpLines() []paragraph {
	t, l := &d.theme, d.options.Lang
	var all []paragraph
	title := func(s string) {
		if len(all) > 0 {
			all = append(all, paragraph{})
		}
		all = append(all, paragraph{text: l.Text(s), style: t.bold})
	}
	item := func(lead, text string, style tcell.Style) {
		all = append(all, paragraph{lead: lead, leadStyle: style, text: d.arrows(l.Text(text)), style: t.base})
	}
	told := map[string]bool{}
	inList := d.list.kind == connectionList
	table := func(actions []action, now bool) {
		for _, a := range actions {
			text := l.Text(a.help)
			if told[text] {
				continue
			}
			told[text] = true
			if a.reason != nil && now {
				if why := a.reason(d); why != "" {
					text = l.Say("%s [not now: %s]", text, l.Text(why))
				}
			}
			item(d.keyName(a.keys), text, t.key)
		}
	}
	list := func() {
		title("keys in the list of connections")
		table(d.connTable, inList)
		item(l.Text("mouse"), "in the list of connections: click a row to go to it, again to open it; click the name of a column to order by it, again to turn the order round", t.key)
		title("while a filter is typed")
		table(d.filterTable, d.conns.input.open && inList)
		title("the words of the filter")
		for _, w := range filter.Words() {
			item(w.Form.In(d.options.Lang), w.Help.In(d.options.Lang), t.key)
		}
	}
	if inList {
		list()
	}
	if d.reference.open {
		title("keys in the reference")
		table(d.referenceTable, true)
	}
	// The keys of the wire come first while it is held; else they are for nothing, and come
	// after those that open panels.
	wire := wireActions()
	hold := func() {
		title("keys for the wire")
		table(wire, !inList)
	}
	if d.wire.Holding {
		hold()
	}
	title("keys")
	table(slices.DeleteFunc(slices.Clone(d.mainTable), func(a action) bool {
		return slices.ContainsFunc(wire, func(w action) bool { return w.keys == a.keys })
	}), !inList)
	item(l.Text("mouse"), "click a segment, a call or a state (on its lifeline or in the diagram) to go to it, again for its next step; click into the time-sequence picture, or on a key in the last line; the wheel steps; M gives the mouse to the terminal", t.key)
	if !d.wire.Holding {
		hold()
	}
	title("what is drawn")
	item(string(t.token(fsm.Client)), "the client and the state that it is in", t.client)
	item(string(t.token(fsm.Server)), "the server and the state that it is in", t.server)
	item(string(t.listening), "a listening socket stays in LISTEN while its child moves on", t.server)
	item("?", "beside a state: it is only assumed, nothing that was seen proves it yet", t.base)
	item(string(t.visited), "a state that the side was in before", t.base)
	item(string(t.state), "a state that a lifeline enters", t.base)
	item(string(t.flight), "a segment that is under way", t.base)
	item(string(t.lost), "a segment that was lost", t.warn)
	item(string(t.blocked), "a call that blocks", t.base)
	item(string(t.glyphs.good), "the model agrees with what the TCP stack itself said, so many times of so many", t.good)
	item(string(t.glyphs.good)+" "+string(t.lost), "between a state and the word kernel or netstack: the state that the model has, and the one that the stack itself says", t.good)
	item(string(t.pause), "a segment that is held on the wire", t.base)
	item(string(t.glyphs.warn), "they differ, or something unusual was seen", t.warn)
	if d.story != nil && d.story.Meta.StageWhy != (story.Text{}) {
		title("stage")
		all = append(all, paragraph{text: d.story.Meta.StageWhy.In(d.options.Lang), style: t.base})
	}
	if !inList {
		list()
	}
	return all
}

// drawHelp draws the help over everything between title and footer, in two columns where there is room.
func (d *dashboard) drawHelp(c canvas) {
	t := &d.theme
	heading(c, 0, c.w, d.options.Lang.Text("help"), t)
	width := c.w - 4
	if c.w >= 150 {
		width = c.w/2 - 4
	}
	var all []wrapped
	paragraphs := d.helpLines()
	indent := 0
	for i, p := range paragraphs {
		if p.text == "" {
			all = append(all, wrapped{})
			continue
		}
		if p.lead == "" { // a title: what follows stands in a column
			indent = 11
			for _, next := range paragraphs[i+1:] {
				if next.lead == "" {
					break
				}
				indent = max(indent, textWidth(next.lead)+2)
			}
		}
		for i, text := range wrap(p.text, width-indent) {
			l := wrapped{text: text, indent: indent, style: p.style, leadStyle: p.leadStyle}
			if i == 0 {
				l.lead = p.lead
			}
			all = append(all, l)
		}
	}
	lines := c.h - 2
	columns := 1
	if c.w >= 150 {
		columns = 2
	}
	d.scroll = max(min(d.scroll, len(all)-lines*columns), 0)
	for i, l := range all[min(d.scroll, len(all)):] {
		if i >= lines*columns {
			c.set(c.w-1, c.h-1, t.down, t.accent)
			break
		}
		x, y := 2+i/lines*(c.w/2), 2+i%lines
		c.text(x, y, l.lead, l.leadStyle)
		if l.lead == "" && l.style == t.bold {
			c.text(x, y, l.text, l.style)
		} else {
			c.text(x+l.indent, y, l.text, l.style)
		}
	}
	if d.scroll > 0 {
		c.set(c.w-1, 1, t.up, t.accent)
	}
}

// scrollHelp moves the help by n lines; drawing keeps it inside.
func (d *dashboard) scrollHelp(n int) { d.scroll = max(d.scroll+n, 0) }

// helpActions are the actions while the help is open.
func helpActions() []action {
	scroll := func(n int) func(d *dashboard) { return func(d *dashboard) { d.scrollHelp(n) } }
	page := func(n int) func(d *dashboard) { return func(d *dashboard) { d.scrollHelp(n * max(d.size.h-4, 1)) } }
	return []action{
		{[]press{special(tcell.KeyDown), char('j')}, "↓", "down", 2, "in the help: down", nil, scroll(1)},
		{[]press{special(tcell.KeyUp), char('k')}, "↑", "up", 3, "in the help: up", nil, scroll(-1)},
		{[]press{special(tcell.KeyPgDn), char(' ')}, "page down", "", 0, "in the help: a page down", nil, page(1)},
		{[]press{special(tcell.KeyPgUp)}, "page up", "", 0, "in the help: a page up", nil, page(-1)},
		{[]press{special(tcell.KeyEscape), char('?'), special(tcell.KeyF1), special(tcell.KeyEnter)}, "esc", "back", 1,
			"in the help: back to the story", nil, func(d *dashboard) { d.help = false }},
		{[]press{char('q')}, "q", "quit", 4, "in the help: quit", nil, func(d *dashboard) { d.quit = true }},
	}
}
