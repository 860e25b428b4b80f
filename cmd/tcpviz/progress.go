package main

import (
	"fmt"
	"io"
	"time"

	"tcpviz/internal/lang"
)

// progressLine tells on a terminal how far a long reading has come, in one line that
// is gone when it is over. Where standard error is no terminal it tells nothing.
type progressLine struct {
	w     io.Writer // nil: nothing is told
	lang  lang.Language
	name  string
	began time.Time
	last  time.Time // when it was told
	shown bool
}

const (
	progressAfter = time.Second // what is read sooner needs no telling
	progressEvery = 200 * time.Millisecond
)

func (p *program) newProgressLine(name string) *progressLine {
	l := &progressLine{lang: p.language(), name: sourceName(name), began: time.Now()}
	if isTerminal(p.stderr) {
		l.w = p.stderr
	}
	return l
}

// tell tells that so many bytes of size were read; size 0 is not known.
func (l *progressLine) tell(read, size int64) {
	l.say(func(passed time.Duration) string { return progressText(l.lang, l.name, read, size, passed) })
}

// say tells the text, unless it is too early for one.
func (l *progressLine) say(text func(passed time.Duration) string) {
	if l.w == nil {
		return
	}
	now := time.Now()
	passed := now.Sub(l.began)
	if passed < progressAfter || now.Sub(l.last) < progressEvery {
		return
	}
	l.last, l.shown = now, true
	fmt.Fprintf(l.w, "\r\x1b[K%s", text(passed))
}

// clear takes the line away.
func (l *progressLine) clear() {
	if l.shown {
		fmt.Fprint(l.w, "\r\x1b[K")
		l.shown = false
	}
}

// progressText is the line: "reading a.pcap: 45 %, 41 of 92 MB, 150 MB/s, 1 s left".
func progressText(l lang.Language, name string, read, size int64, passed time.Duration) string {
	rate := float64(read) / passed.Seconds()
	if size <= 0 {
		return l.Say("reading %s: %s MB, %.0f MB/s; ctrl-C stops", name, megabytes(read), rate/1e6)
	}
	var left lang.Phrase
	if rate > 0 && size > read {
		left = lang.Phrasef(", %.0f s left", float64(size-read)/rate)
	}
	return l.Say("reading %s: %d %%, %s of %s MB, %.0f MB/s%s; ctrl-C stops",
		name, 100*read/size, megabytes(read), megabytes(size), rate/1e6, left)
}

func megabytes(n int64) string { return fmt.Sprintf("%.0f", float64(n)/1e6) }
