package ui

import (
	"fmt"
	"strings"
	"time"

	"tcpviz/internal/lang"
)

// Progress tells how far a capture has been read while its connections are shown.
// The zero value tells nothing: there is no long reading.
type Progress struct {
	Reading   bool          // it goes on
	Stopped   bool          // it was stopped before the end: what is there is kept
	Read      int64         // bytes of the file
	Size      int64         // bytes; 0: not known
	PerSecond float64       // bytes
	Left      time.Duration // 0: not known
}

// part is how much has been read, from 0 to 1; whether it is known.
func (p Progress) part() (part float64, known bool) {
	if p.Size <= 0 {
		return 0, false
	}
	return min(max(float64(p.Read)/float64(p.Size), 0), 1), true
}

// percent gives "45 %"; less than everything is never 100 %.
func (p Progress) percent() string {
	part, known := p.part()
	if !known {
		return ""
	}
	return fmt.Sprintf("%d %%", int(part*100))
}

// short tells the progress in a word or two, for the title bar; "" when there is none.
func (p Progress) short(l lang.Language) string {
	how := p.percent()
	if how == "" {
		how = bytesText(p.Read, l)
	}
	switch {
	case p.Reading:
		return l.Say("reading %s", how)
	case p.Stopped:
		return l.Say("stopped at %s", how)
	}
	return ""
}

// words tells the progress in full, but for the bar and the percentage.
func (p Progress) words(l lang.Language) string {
	if !p.Reading {
		return l.Say("%s: what was read is shown", p.short(l))
	}
	text := bytesText(p.Read, l)
	if p.Size > 0 {
		text = l.Say("%s of %s", text, bytesText(p.Size, l))
	}
	if p.PerSecond > 0 {
		text += "  " + l.Say("%s/s", bytesText(int64(p.PerSecond), l))
	}
	if p.Left > 0 {
		text += "  " + l.Say("%s left", leftText(p.Left))
	}
	return text
}

// bytesText writes a number of bytes with its unit.
func bytesText(n int64, l lang.Language) string {
	text := sizeText(uint64(max(n, 0)))
	if !strings.HasSuffix(text, "B") {
		return l.Say("%s bytes", text)
	}
	return text
}

// leftText writes a time that is only an estimate: never finer than a second.
func leftText(d time.Duration) string {
	s := int64((d + time.Second - 1) / time.Second)
	switch {
	case s < 100:
		return fmt.Sprintf("%d s", s)
	case s < 3600:
		return fmt.Sprintf("%d:%02d min", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d h", s/3600, s/60%60)
}

// drawProgress draws the line that tells how far the file was read.
func drawProgress(c canvas, p Progress, l lang.Language, t *theme) {
	if !p.Reading {
		c.text(0, 0, p.words(l), t.warn)
		return
	}
	x := c.text(0, 0, l.Text("reading"), t.accent) + 1
	words := p.words(l)
	if part, known := p.part(); known {
		percent := fmt.Sprintf(" %5s  ", p.percent())
		width := min(max(c.w-x-2-len(percent)-textWidth(words), 8), 40)
		x = drawBar(c, x, width, part, t)
		x = c.text(x, 0, percent, t.bold)
	} else {
		x++
	}
	c.text(x, 0, words, t.base)
}

// drawBar draws a bar of that width that is filled in part, and gives the column after it.
func drawBar(c canvas, x, width int, part float64, t *theme) int {
	c.set(x, 0, t.barLeft, t.line)
	eighths := int(part * float64(width) * 8)
	for i := range width {
		fill := min(max(eighths-8*i, 0), 8)
		c.set(x+1+i, 0, t.bar[fill], t.accent)
	}
	c.set(x+1+width, 0, t.barRight, t.line)
	return x + width + 2
}

// takeProgress takes over how far the reading is.
func (d *dashboard) takeProgress(p Progress) {
	if d.progress.Reading && !p.Reading {
		d.conns.due = time.Time{} // nothing more grows: the list may be made whole at once
	}
	if !p.Reading {
		d.stopping = false
	}
	d.progress = p
}

// interrupt ends a long reading; when nothing is read, or for the second time, the dashboard.
func (d *dashboard) interrupt() {
	if cannotStop(d) != "" || d.stopping {
		d.quit = true
		return
	}
	d.stopping = true
	d.options.StopReading()
}

// cannotStop says why no reading can be stopped.
func cannotStop(d *dashboard) string {
	return unless(d.progress.Reading && d.options.StopReading != nil, "no file is being read")
}
