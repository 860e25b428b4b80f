package ui

import (
	"cmp"
	"slices"

	"tcpviz/internal/lang"
)

// footer is the last line of the screen: the keys that matter, as many as there
// is room for. It keeps its choice while that holds.
type footer struct {
	width  int
	lang   lang.Language
	of     *action // the first of the table it was chosen from
	urgent uint64  // by bits, the actions that were there which are only shown while they can be done
	chosen []int   // of the actions, in the table's order
	spots  []spot  // where they are drawn
}

const footerGap = 2

// choose takes the actions of the lowest ranks that fit.
func (f *footer) choose(d *dashboard, actions []action, width int) {
	hidden := func(a *action) bool { return a.rank < 0 && a.reason(d) != "" }
	urgent := uint64(0)
	for i := range actions {
		if a := &actions[i]; a.rank < 0 && !hidden(a) {
			urgent |= 1 << i
		}
	}
	l := d.options.Lang
	if f.width == width && f.lang == l && f.of == &actions[0] && f.urgent == urgent {
		return
	}
	*f = footer{width: width, lang: l, of: &actions[0], urgent: urgent}
	var named []int
	for i := range actions {
		if a := &actions[i]; a.label != "" && !hidden(a) && (plain(a.label) || !d.onlyASCII) {
			named = append(named, i)
		}
	}
	slices.SortStableFunc(named, func(a, b int) int { return cmp.Compare(actions[a].rank, actions[b].rank) })
	room := width - 1
	for _, i := range named {
		label := actions[i].label
		switch label { // what it may become
		case "play":
			label = "pause"
		case "hold":
			label = "let go"
		}
		n := textWidth(d.keyName(actions[i].keys)) + 1 + textWidth(l.Text(label)) + footerGap
		if n > room {
			break
		}
		room -= n
		f.chosen = append(f.chosen, i)
	}
	slices.Sort(f.chosen)
}

// drawFooter draws the last line: the keys that matter now, or what is going on elsewhere.
func (d *dashboard) drawFooter(c canvas) {
	t, actions, l := &d.theme, d.actions(), d.options.Lang
	d.footer.choose(d, actions, c.w)
	end := c.w
	tell := d.hint
	if d.wireLine() {
		tell = "" // the line above tells what there is to tell
	} else if tell == "" && d.story != nil { // without a story the status has the middle of the screen
		tell = d.activity()
	}
	if tell != "" {
		room := c.w * 2 / 3
		if tell == d.hint { // the answer to a key is there until the next one
			room = c.w - 2
		}
		text := cutTo(tell, room, t.ellipsis)
		end -= textWidth(text) + 1
		c.text(end, 0, text, t.accent)
	}
	x := 1
	d.footer.spots = d.footer.spots[:0]
	for _, i := range d.footer.chosen {
		a := &actions[i]
		label := a.label
		switch {
		case label == "play" && (d.play.playing || d.play.waiting && d.play.open):
			label = "pause"
		case label == "hold" && d.wire.Holding:
			label = "let go"
		}
		keys, label := d.keyName(a.keys), l.Text(label)
		if x+textWidth(keys)+1+textWidth(label) >= end-1 {
			break
		}
		key, text := t.key, t.base
		if a.reason != nil && a.reason(d) != "" {
			key, text = t.dim, t.dim
		}
		begin := x
		x = c.text(x, 0, keys, key)
		x = c.text(x+1, 0, label, text)
		d.footer.spots = append(d.footer.spots, spot{begin, x, a.presses[0]})
		x += footerGap
	}
}
