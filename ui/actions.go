package ui

import (
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
	rank    int    // the footer drops the highest first
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
	for _, table := range [][]action{mainActions(), listActions(), helpActions()} {
		for _, a := range table {
			all = append(all, KeyHelp{a.keys, a.help})
		}
	}
	return all
}

// mainActions are the actions while the story is on the screen.
func mainActions() []action {
	signal := func(s signal) func(d *dashboard) {
		return func(d *dashboard) { d.send(playEvent{signal: s}) }
	}
	return []action{
		{[]press{char(' ')}, "space", "play", 1, "play or pause", needsSteps, signal(toggle)},
		{[]press{special(tcell.KeyRight), char('n'), special(tcell.KeyDown)}, "→", "step", 2, "one step forward (also n and ↓)", hasNext, signal(forward)},
		{[]press{special(tcell.KeyLeft), char('p'), special(tcell.KeyUp)}, "←", "back", 3, "one step back (also p and ↑)", hasPrevious, signal(back)},
		{[]press{char('s')}, "s", "state", 6, "to the next change of a state", hasNext,
			func(d *dashboard) { d.send(playEvent{signal: jump, n: d.moment().nextChange(false)}) }},
		{[]press{char('S')}, "S", "", 0, "to the change of a state before", hasPrevious,
			func(d *dashboard) { d.send(playEvent{signal: jump, n: d.moment().nextChange(true)}) }},
		{[]press{special(tcell.KeyHome), char('g')}, "home", "", 0, "to the beginning (also g)", hasPrevious, signal(first)},
		{[]press{special(tcell.KeyEnd), char('G')}, "end", "", 0, "to the end (also G); in a live capture: follow it", needsSteps, signal(last)},
		{[]press{special(tcell.KeyPgDn)}, "page down", "", 0, "ten steps forward", hasNext,
			func(d *dashboard) { d.send(playEvent{signal: jump, n: d.play.at + 10}) }},
		{[]press{special(tcell.KeyPgUp)}, "page up", "", 0, "ten steps back", hasPrevious,
			func(d *dashboard) { d.send(playEvent{signal: jump, n: d.play.at - 10}) }},
		{[]press{char('+'), char('=')}, "+", "faster", 12, "play twice as fast (up to 8×)", func(d *dashboard) string {
			return unless(d.play.speed < fastest, "this is the fastest")
		}, signal(faster)},
		{[]press{char('-')}, "-", "slower", 13, "play half as fast (down to ¼×)", func(d *dashboard) string {
			return unless(d.play.speed > slowest, "this is the slowest")
		}, signal(slower)},
		{[]press{char('d')}, "d", "diagram", 7, "the state diagram, large; the same key closes it", opens, func(d *dashboard) { d.toggle(diagramPanel) }},
		{[]press{char('h')}, "h", "header", 8, "the header of the newest segment, bit by bit; the same key closes it", opens, func(d *dashboard) { d.toggle(headerPanel) }},
		{[]press{char('w')}, "w", "why", 10, "what happened and why, in full; the same key closes it", opens, func(d *dashboard) { d.toggle(explainPanel) }},
		{[]press{special(tcell.KeyTab)}, "tab", "", 0, "the next connection; with only one, the next panel", nil, func(d *dashboard) { d.tab(1) }},
		{[]press{special(tcell.KeyBacktab)}, "shift-tab", "", 0, "the connection before; with only one, the panel before", nil, func(d *dashboard) { d.tab(-1) }},
		{[]press{char('c')}, "c", "connections", 11, "the list of connections", func(d *dashboard) string {
			return unless(d.story != nil && d.story.Conns.Len() > 0, "there is no connection yet")
		}, func(d *dashboard) { d.openList(connectionList) }},
		{[]press{char('l')}, "l", "lessons", 9, "the list of lessons", func(d *dashboard) string {
			return unless(len(d.options.Lessons) > 0 && d.options.Play != nil, "there are no lessons to run here")
		}, func(d *dashboard) { d.openList(lessonList) }},
		{[]press{special(tcell.KeyEscape)}, "esc", "", 0, "close what is open", nil, func(d *dashboard) { d.open = noPanel }},
		{[]press{char('?'), special(tcell.KeyF1)}, "?", "help", 4, "this help", nil, func(d *dashboard) { d.help, d.scroll = true, 0 }},
		{[]press{char('q'), special(tcell.KeyCtrlC)}, "q", "quit", 5, "quit (also ctrl-C)", nil, func(d *dashboard) { d.quit = true }},
	}
}

// listActions are the actions while a list is open.
func listActions() []action {
	move := func(n int) func(d *dashboard) {
		return func(d *dashboard) { d.list.move(n, d.listLength()) }
	}
	return []action{
		{[]press{special(tcell.KeyEnter)}, "enter", "choose", 1, "in a list: choose", func(d *dashboard) string {
			return unless(d.listLength() > 0, "the list is empty")
		}, (*dashboard).pick},
		{[]press{special(tcell.KeyDown), char('j'), special(tcell.KeyTab)}, "↓", "down", 2, "in a list: down", nil, move(1)},
		{[]press{special(tcell.KeyUp), char('k'), special(tcell.KeyBacktab)}, "↑", "up", 3, "in a list: up", nil, move(-1)},
		{[]press{special(tcell.KeyPgDn)}, "page down", "", 0, "in a list: a page down", nil, func(d *dashboard) { d.list.move(d.listLay.lines, d.listLength()) }},
		{[]press{special(tcell.KeyPgUp)}, "page up", "", 0, "in a list: a page up", nil, func(d *dashboard) { d.list.move(-d.listLay.lines, d.listLength()) }},
		{[]press{special(tcell.KeyHome), char('g')}, "home", "", 0, "in a list: to the first", nil, func(d *dashboard) { d.list.move(-d.listLength(), d.listLength()) }},
		{[]press{special(tcell.KeyEnd), char('G')}, "end", "", 0, "in a list: to the last", nil, func(d *dashboard) { d.list.move(d.listLength(), d.listLength()) }},
		{[]press{special(tcell.KeyEscape), char('c'), char('l')}, "esc", "back", 3, "in a list: back to the story", nil, func(d *dashboard) { d.list.kind = noList }},
		{[]press{char('q'), special(tcell.KeyCtrlC)}, "q", "quit", 5, "in a list: quit", nil, func(d *dashboard) { d.quit = true }},
	}
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
	return unless(d.play.at < d.play.rows-1, "this is the last step")
}
func hasPrevious(d *dashboard) string { return unless(d.play.at >= 0, "this is the beginning") }

// opens says why no panel opens: on a large screen all of them are there.
func opens(d *dashboard) string {
	return unless(!newLayout(d.size.w, d.size.h, noPanel).large, "it is on the screen already")
}

// press does what a key is for. It reports whether the key was for anything.
func (d *dashboard) press(p press) bool {
	d.touched = true
	switch {
	case p == special(tcell.KeyCtrlC):
		d.quit = true
		return true
	case d.failure != "":
		d.failure = ""
		d.quit = p == char('q')
		return true
	}
	for _, a := range d.actions() {
		for _, q := range a.presses {
			if p != q {
				continue
			}
			if a.reason != nil {
				if why := a.reason(d); why != "" {
					d.hint = a.keys + ": " + why
					return true
				}
			}
			d.hint = ""
			a.do(d)
			return true
		}
	}
	return false
}

// actions gives the actions that the keys are for now.
func (d *dashboard) actions() []action {
	switch {
	case d.help:
		return d.helpTable
	case d.list.kind != noList:
		return d.listTable
	}
	return d.mainTable
}

// tab goes to the next connection where there are several, else to the next panel.
func (d *dashboard) tab(n int) {
	if d.story != nil && d.story.Conns.Len() > 1 {
		conns := d.story.Conns.Len()
		d.choose((d.view.Conn-1+n+conns)%conns + 1)
		return
	}
	if opens(d) != "" {
		return
	}
	ring := []panel{noPanel, explainPanel, diagramPanel, headerPanel}
	for i, p := range ring {
		if p == d.open {
			d.open = ring[(i+n+len(ring))%len(ring)]
			return
		}
	}
}
