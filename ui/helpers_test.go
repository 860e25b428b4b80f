package ui

import "strings"

// tracked gives the moment at which row at of a tale is the newest.
func tracked(a *tale, at int) moment {
	m := a.moment(at, 1)
	m.marks = track(m.story, m.view)
	return m
}

// panelPicture draws on an empty frame and gives it as text.
func panelPicture(w, h int, draw func(c canvas)) string {
	var f frame
	draw(f.begin(w, h))
	return f.text()
}

// text gives what was drawn as lines without trailing blanks.
func (f *frame) text() string {
	var all, line strings.Builder
	for y := range f.h {
		for _, c := range f.cells[y*f.w : (y+1)*f.w] {
			if c.r != 0 {
				line.WriteRune(c.r)
				line.WriteString(c.rest)
			}
		}
		all.WriteString(strings.TrimRight(line.String(), " ") + "\n")
		line.Reset()
	}
	return strings.TrimRight(all.String(), "\n") + "\n"
}
