package ui

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// titleBar is the first line of the screen. It keeps its words while they hold.
type titleBar struct {
	of          titleState
	left, right string
	written     bool
}

// titleState is what the title bar's words depend on.
type titleState struct {
	story          *story.Story
	conn, at, rows int
	playing        bool
	follow         bool
	waiting, open  bool
	speed          float64
	pass           time.Duration
	width          int
	reading        string // how far the file has been read
	list           bool   // the list of connections is open: no step is shown
	lang           lang.Language
	secret         bool // what is still to come is not to be told
	score          string
}

// draw draws the title bar: what is shown at the left, where and how at the right.
func (b *titleBar) draw(c canvas, m moment, p playback, reading string, list bool, t *theme) {
	now := titleState{m.story, m.view.Conn, m.at, len(m.view.Rows), p.playing, p.follow, p.waiting, p.open, p.speed, m.pass, c.w, reading, list, m.lang, m.secret, m.score}
	if b.of != now || !b.written {
		*b = titleBar{of: now, written: true}
		b.write(m, p, t)
	}
	bar := t.selected
	c.fill(0, 0, c.w, ' ', bar)
	right := c.w - textWidth(b.right) - 1
	c.text(right, 0, b.right, bar)
	x := c.text(1, 0, "tcpviz", bar.Bold(true))
	c.text(x+2, 0, cutTo(b.left, right-x-4, t.ellipsis), bar)
}

// write makes the words.
func (b *titleBar) write(m moment, p playback, t *theme) {
	wide := b.of.width >= 100
	gap := "  "
	if wide {
		gap = "   "
	}
	add := func(s string) {
		if s == "" {
			return
		}
		if b.right != "" {
			b.right += gap
		}
		b.right += s
	}
	if m.story == nil {
		return
	}
	meta, totals, l := &m.story.Meta, &m.story.Totals, m.lang
	b.left = meta.Title.In(m.lang)
	if b.left == "" {
		b.left = harmless(meta.Source, false)
	}
	if n := m.story.Conns.Len(); n > 1 && !b.of.list {
		conn, of := countText(uint64(max(m.view.Conn, 0))), countText(uint64(n))
		if wide {
			b.left = l.Say("%s   connection %s of %s", b.left, conn, of)
		} else {
			b.left = fmt.Sprintf("%s/%s %s", conn, of, b.left)
		}
	}
	if meta.Recorded {
		add(string(t.recorded) + " " + l.Text("recording"))
	}
	if wide || !meta.Recorded {
		add(meta.Stage)
	}
	add(b.of.reading)
	if !b.of.list {
		b.writePosition(m, p, wide, add, t)
	}
	if totals.Checked > 0 && !m.secret {
		sign := t.glyphs.good
		if totals.Agree < totals.Checked {
			sign = t.glyphs.warn
		}
		text := fmt.Sprintf("%c %d/%d", sign, totals.Agree, totals.Checked)
		if wide {
			text = l.Say("truth %s", text)
		}
		add(text)
	}
}

// writePosition tells where in the story it is.
func (b *titleBar) writePosition(m moment, p playback, wide bool, add func(s string), t *theme) {
	if m.pass > 0 {
		add(m.lang.Say("%s pass, shortened", durationText(m.pass)))
	}
	if m.secret {
		add(strings.TrimSpace(m.lang.Text("predict") + " " + m.score))
	}
	add(b.playing(m, p, t))
	step := fmt.Sprintf("%d/%d", m.at+1, len(m.view.Rows))
	if m.secret {
		step = fmt.Sprint(m.at + 1)
	} else if p.open {
		step += string(t.ellipsis) // more come
	}
	if wide {
		step = m.lang.Say("step %s", step)
	}
	add(step)
}

// playing tells how the story moves.
func (b *titleBar) playing(m moment, p playback, t *theme) string {
	speed := strconv.FormatFloat(p.speed, 'f', -1, 64) + string(t.times)
	switch {
	case p.follow:
		return string(t.play) + " " + m.lang.Text("live")
	case p.playing, p.waiting && p.open:
		return string(t.play) + " " + speed
	case p.open:
	case m.at >= len(m.view.Rows)-1 && len(m.view.Rows) > 0:
		return m.lang.Text("end")
	}
	return string(t.glyphs.pause) + " " + speed
}
