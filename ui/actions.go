package ui

import (
	"cmp"
	"slices"

	"github.com/gdamore/tcell/v2"
)

// press is a key as it comes from the terminal: a special key, or a character.
type press struct {
	key tcell.Key
	r   rune
}

func char(r rune) press         { return press{tcell.KeyRune, r} }
func special(k tcell.Key) press { return press{k, 0} }
func pressed(e *tcell.EventKey) press {
	if e.Key() == tcell.KeyRune {
		return char(e.Rune())
	}
	return special(e.Key())
}

// action is one thing that the user can do. The table of them feeds the dispatch
// of keys, the footer, the help and the list of keys in the documentation.
type action struct {
	presses []press
	keys    string // as they are written: "space"
	label   string // one or two words, for the footer; "" keeps it out
	rank    int    // the footer drops the highest first; one below 0 is there only while it can be done
	help    string // a sentence without its period
	// reason says why it cannot be done now, "" when it can; nil: it always can.
	reason func(d *dashboard) string
	do     func(d *dashboard)
}

// KeyHelp is a line of the list of keys.
type KeyHelp struct{ Keys, Help string }

// Keys gives the dashboard's keys, most important first.
func Keys() []KeyHelp {
	var all []KeyHelp
	for _, table := range [][]action{mainActions(), listActions(), connectionActions(), filterActions(), predictActions(), referenceActions(), helpActions()} {
		for _, a := range table {
			if line := (KeyHelp{a.keys, a.help}); !slices.Contains(all, line) {
				all = append(all, line)
			}
		}
	}
	return all
}

// mainActions are the actions while the story is on the screen.
func mainActions() []action {
	return slices.Concat(playActions(), wireActions(), panelActions(), codeActions(), []action{referenceAction()}, presentationActions())
}

// playActions move through the story.
func playActions() []action {
	signal := func(s signal) func(d *dashboard) {
		return func(d *dashboard) { d.send(playEvent{signal: s}) }
	}
	return []action{
		{[]press{char(' ')}, "space", "play", 1, "play or pause", needsSteps, signal(toggle)},
		{[]press{special(tcell.KeyRight), char('n'), special(tcell.KeyDown)}, "→", "step", 2, "one step forward (also n and ↓)", hasNext, signal(forward)},
		{[]press{special(tcell.KeyLeft), char('p'), special(tcell.KeyUp)}, "←", "back", 3, "one step back (also p and ↑)", hasPrevious, signal(back)},
		{[]press{char('s')}, "s", "state", 12, "to the next change of a state", hasNext,
			func(d *dashboard) { d.forth(d.moment().nextChange(false)) }},
		{[]press{char('S')}, "S", "", 0, "to the change of a state before", hasPrevious,
			func(d *dashboard) { d.send(playEvent{signal: jump, n: d.moment().nextChange(true)}) }},
		{[]press{special(tcell.KeyHome), char('g')}, "home", "", 0, "to the beginning (also g)", hasPrevious, signal(first)},
		{[]press{special(tcell.KeyEnd), char('G')}, "end", "", 0, "to the end (also G); in what grows: follow it", needsSteps, (*dashboard).toEnd},
		{[]press{special(tcell.KeyPgDn)}, "page down", "", 0, "ten steps forward", hasNext,
			func(d *dashboard) { d.forth(d.play.at + 10) }},
		{[]press{special(tcell.KeyPgUp)}, "page up", "", 0, "ten steps back", hasPrevious,
			func(d *dashboard) { d.send(playEvent{signal: jump, n: d.play.at - 10}) }},
		{[]press{char('+'), char('=')}, "+", "faster", 20, "play twice as fast (up to 8×)", func(d *dashboard) string {
			return unless(d.play.speed < fastest, "this is the fastest")
		}, signal(faster)},
		{[]press{char('-')}, "-", "slower", 21, "play half as fast (down to ¼×)", func(d *dashboard) string {
			return unless(d.play.speed > slowest, "this is the slowest")
		}, signal(slower)},
	}
}

// panelActions open and close what is beside the ladder, and end the dashboard.
func panelActions() []action {
	return []action{
		{[]press{char('d')}, "d", "diagram", 15, "the state diagram, large; the same key closes it", opens, func(d *dashboard) { d.toggle(diagramPanel) }},
		{[]press{char('b')}, "b", "header", 16, "the header of the newest segment, bit by bit; the same key closes it", opens, func(d *dashboard) { d.toggle(headerPanel) }},
		{[]press{char('t')}, "t", "sequence", 18, "the time-sequence picture; the same key closes it", noSecrets, func(d *dashboard) { d.toggle(sequencePanel) }},
		{[]press{char('T')}, "T", "", 0, "the time-sequence picture of the other direction", func(d *dashboard) string {
			return unless(d.open == sequencePanel && d.sequence != nil, "the time-sequence picture is not open: t opens it")
		}, func(d *dashboard) { d.sequence.turn() }},
		{[]press{char('k')}, "k", "stack", 8, "the protocol stack: layers, encapsulation, sockets and their queues; the same key closes it", nil, func(d *dashboard) { d.toggle(stackPanel) }},
		{[]press{char('w')}, "w", "why", 17, "what happened and why, in full; the same key closes it", opens, func(d *dashboard) { d.toggle(explainPanel) }},
		{[]press{special(tcell.KeyTab)}, "tab", "", 0, "the next connection, as the list of connections stands; with only one, the next panel", nil, func(d *dashboard) { d.tab(1) }},
		{[]press{special(tcell.KeyBacktab)}, "shift-tab", "", 0, "the connection before; with only one, the panel before", nil, func(d *dashboard) { d.tab(-1) }},
		{[]press{char('c')}, "c", "connections", 13, "the list of connections", func(d *dashboard) string {
			return cmp.Or(noSecrets(d), unless(d.story != nil && d.story.Conns.Len() > 0, "there is no connection yet"))
		}, func(d *dashboard) { d.openList(connectionList) }},
		{[]press{char('l')}, "l", "lessons", 6, "the list of lessons", func(d *dashboard) string {
			return unless(len(d.options.Lessons) > 0 && d.options.Play != nil, "there are no lessons to run here")
		}, func(d *dashboard) { d.openList(lessonList) }},
		{[]press{special(tcell.KeyEscape)}, "esc", "", 0, "close what is open; then back to the list that the connection was opened from", nil, (*dashboard).escape},
		{[]press{char('?'), special(tcell.KeyF1)}, "?", "help", 4, "this help", nil, openHelp},
		{[]press{char('q')}, "q", "quit", 5, "quit (also ctrl-C, unless a file is being read)", nil, func(d *dashboard) { d.quit = true }},
		languageAction(),
		stopAction(),
	}
}

// listActions are the actions while a list is open.
func listActions() []action {
	move := func(n int) func(d *dashboard) { return func(d *dashboard) { d.moveList(n) } }
	return []action{
		{[]press{special(tcell.KeyEnter)}, "enter", "choose", 1, "in a list: choose", func(d *dashboard) string {
			return unless(d.listLength() > 0, "the list is empty")
		}, (*dashboard).pick},
		{[]press{special(tcell.KeyDown), char('j'), special(tcell.KeyTab)}, "↓", "down", 2, "in a list: down", nil, move(1)},
		{[]press{special(tcell.KeyUp), char('k'), special(tcell.KeyBacktab)}, "↑", "up", 3, "in a list: up", nil, move(-1)},
		{[]press{special(tcell.KeyPgDn)}, "page down", "", 0, "in a list: a page down", nil, func(d *dashboard) { d.moveList(d.page()) }},
		{[]press{special(tcell.KeyPgUp)}, "page up", "", 0, "in a list: a page up", nil, func(d *dashboard) { d.moveList(-d.page()) }},
		{[]press{special(tcell.KeyHome), char('g')}, "home", "", 0, "in a list: to the first", nil, func(d *dashboard) { d.moveList(-d.listLength()) }},
		{[]press{special(tcell.KeyEnd), char('G')}, "end", "", 0, "in a list: to the last", nil, func(d *dashboard) { d.moveList(d.listLength()) }},
		{[]press{special(tcell.KeyEscape), char('c'), char('l')}, "esc", "back", 3, "in a list: back to the story", noLadder, (*dashboard).leaveList},
		{[]press{char('q')}, "q", "quit", 9, "in a list: quit", nil, func(d *dashboard) { d.quit = true }},
		languageAction(),
	}
}

// connectionActions are the actions that only the list of connections has.
func connectionActions() []action {
	return []action{
		{[]press{char('/')}, "/", "filter", 2, "in the list of connections: type a filter; the list follows each letter", nil,
			func(d *dashboard) { d.conns.input.open = true }},
		{[]press{char('o')}, "o", "order", 3, "in the list of connections: order it by the next of number, time, duration, segments, bytes, outcome, anomalies (also a click on a column's name)", nil,
			func(d *dashboard) { d.conns.orderBy((d.conns.by + 1) % orderCount) }},
		{[]press{char('r'), char('O')}, "r", "reverse", 4, "in the list of connections: turn the order round (also O)", nil,
			func(d *dashboard) { d.conns.orderBy(d.conns.by) }},
		{[]press{char('?'), special(tcell.KeyF1)}, "?", "help", 8, "in the list of connections: help, with the words of the filter", nil, openHelp},
		stopAction(),
	}
}

func openHelp(d *dashboard) { d.help, d.scroll = true, 0 }

// stopAction is what ctrl-C does while a file is read.
func stopAction() action {
	return action{[]press{special(tcell.KeyCtrlC)}, "ctrl-C", "stop reading", -1,
		"while a file is being read: stop, and keep what was read; the second time quit", cannotStop, (*dashboard).interrupt}
}

func unless(ok bool, reason string) string {
	if ok {
		return ""
	}
	return reason
}

func needsSteps(d *dashboard) string {
	return unless(len(d.view.Rows) > 0, "there is nothing to play yet")
}
func hasNext(d *dashboard) string {
	held := d.play.at >= d.play.rows-1 && d.heldStep() != nil
	return cmp.Or(
		unless(!held, "the segment is held: enter releases it, x drops it"),
		unless(d.play.at < d.play.rows-1 || d.play.open, "this is the last step"))
}
func hasPrevious(d *dashboard) string { return unless(d.play.at >= 0, "this is the beginning") }

// forth goes to a later row; from the last one of what is being performed to the one
// that comes next.
func (d *dashboard) forth(row int) {
	if d.play.at >= d.play.rows-1 {
		d.send(playEvent{signal: forward})
		return
	}
	d.send(playEvent{signal: jump, n: row})
}

// toEnd goes to the newest step; a performance that waits for the screen need not wait
// any more.
func (d *dashboard) toEnd() {
	switch {
	case d.heldStep() != nil:
		d.send(playEvent{signal: resume})
		return
	case d.wire.Performing && d.options.Wire != nil && !d.wire.Holding:
		d.options.Wire.Hurry()
	}
	d.send(playEvent{signal: last})
}

// opens says why no panel opens: on a large screen all of them are there.
func opens(d *dashboard) string {
	return unless(!newLayout(d.size.w, d.size.h, noPanel).large, "it is on the screen already")
}

// press does what a key is for. It reports whether the key was for anything.
func (d *dashboard) press(p press) bool {
	d.touched, d.pressed = true, p
	greeted := d.greets()
	if greeted {
		d.greeted()
	}
	switch {
	case p == special(tcell.KeyCtrlC):
		d.interrupt()
		return true
	case d.failure != nil:
		d.failure = nil
		d.quit = p == char('q')
		return true
	}
	for _, a := range d.actions() {
		for _, q := range a.presses {
			if p != q {
				continue
			}
			if a.reason != nil {
				if why := a.reason(d); why != "" && greeted {
					return true // any key begins
				} else if why != "" {
					l := d.options.Lang
					d.hint = l.Say("%s: %s", d.keyName(a.keys), d.arrows(l.Text(why)))
					return true
				}
			}
			d.hint = ""
			a.do(d)
			return true
		}
	}
	if (d.typing() || d.reference.open) && p.key == tcell.KeyRune {
		d.paste(string(p.r))
		return true
	}
	return false
}

// typing reports whether the keys go into the filter.
func (d *dashboard) typing() bool {
	return d.list.kind == connectionList && d.conns.input.open && !d.help && d.failure == nil
}

// paste types text into the filter, or into the reference; there is nothing else to type in.
func (d *dashboard) paste(text string) {
	if d.reference.open && !d.help && d.failure == nil {
		d.hint = ""
		d.reference.typing(text)
		return
	}
	if !d.typing() {
		return
	}
	d.hint = ""
	d.conns.input.insert(text)
	d.conns.retype()
}

// actions gives the actions that the keys are for now.
func (d *dashboard) actions() []action {
	switch {
	case d.help:
		return d.helpTable
	case d.reference.open:
		return d.referenceTable
	case d.predict.asking && d.list.kind == noList:
		return d.predictTable
	case d.typing():
		return d.filterTable
	case d.list.kind == connectionList:
		return d.connTable
	case d.list.kind != noList:
		return d.listTable
	}
	return d.mainTable
}

// tab goes to the next connection where there are several, else to the next panel.
func (d *dashboard) tab(n int) {
	if d.story != nil && d.story.Conns.Len() > 1 {
		d.neighbour(n)
		return
	}
	if opens(d) != "" {
		return
	}
	ring := []panel{noPanel, explainPanel, diagramPanel, headerPanel, stackPanel, sequencePanel}
	for i, p := range ring {
		if p == d.open {
			d.open = ring[(i+n+len(ring))%len(ring)]
			return
		}
	}
}
