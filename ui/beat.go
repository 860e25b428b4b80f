package ui

import (
	"time"
	"unicode/utf8"

	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// The human pace: the lesson `connection` takes about a minute.
const (
	glide      = 600 * time.Millisecond // a segment from one lifeline to the other
	reading    = 700 * time.Millisecond // to read what a step is
	atOnce     = 300 * time.Millisecond // a return that follows its call directly
	perLetter  = 22 * time.Millisecond  // to read a lesson's narration
	longestSay = 3 * time.Second        // at most
	longWait   = time.Second            // real waits above this are shortened
	longShown  = 2 * time.Second        // to this
)

// beat gives how row i of the moment's view is played.
func (m moment) beat(i int) beat {
	step, next := m.stepAt(i), m.stepAt(i+1)
	b := beat{dwell: reading}
	if step == nil {
		return b
	}
	if step.Kind == story.CallReturn && step.Peer == step.N-1 {
		b.dwell = atOnce
	}
	if step.Kind == story.SegmentSent {
		b.flight, b.dwell = glide, glide
		if told(step) {
			b.flight, b.dwell = glide/2, glide/2
		}
		if next != nil && next.N != step.Peer {
			b.dwell += reading / 2
		}
	}
	if step.Kind == story.SegmentReceived && told(step) {
		b.flight = glide / 2
		b.dwell += glide / 2
	}
	if step.Say != (story.Text{}) {
		letters := utf8.RuneCountInString(step.Say.In(m.lang))
		if m.lang == lang.Chinese {
			letters *= 3 // a Chinese character says as much as three letters
		}
		b.dwell += min(time.Duration(letters)*perLetter, longestSay)
	}
	if next == nil {
		return b
	}
	b.real = max(next.Time.Sub(step.Time), 0)
	switch {
	case b.real > longWait:
		b.long = true
		b.dwell += longShown
	default: // real time, stretched: a tenth of a second is seen to be longer than a microsecond
		b.dwell += b.real * 3 / 4
	}
	return b
}
