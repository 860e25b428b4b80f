package source

import (
	"errors"

	"tcpviz/capture"
	"tcpviz/internal/story"
)

// Reader gives the story events of a capture: those of its frames and, when it
// is a recording, what was recorded with them: calls, truths, arrivals, timers.
type Reader struct {
	src      capture.Source
	decoder  *capture.Decoder
	meta     story.Meta
	recorded bool
	section  []string // a recording's section comments, until they are given
	events   []story.Event
	skipped  string
	rejected int
	underWay map[int]bool // numbers of a recording's frames whose fate is told apart
}

// New gives a reader of src. It reads nothing yet; whether src is a recording is
// known at once.
func New(src capture.Source) *Reader {
	r := &Reader{src: src, decoder: capture.NewDecoder()}
	if file, ok := src.(interface{ Comments() []string }); ok {
		comments := file.Comments()
		if r.meta, r.recorded = parseMeta(comments); r.recorded {
			r.section = comments
		}
	}
	return r
}

// Meta gives what a recording says that it is about; ok is false when the
// source is not a recording.
func (r *Reader) Meta() (meta story.Meta, ok bool) { return r.meta, r.recorded }

// Next reads the next packet and gives the events that it yields, in order:
// none when the frame holds no TCP segment (see Skipped) and bears no calls. The
// slice is valid until the next call, what is in it for ever. The errors are those of
// the source; io.EOF ends it properly.
func (r *Reader) Next() ([]story.Event, error) {
	r.events, r.skipped = r.events[:0], ""
	if len(r.section) > 0 {
		for _, comment := range r.section {
			if n, ok := r.note(comment); ok && n.event != nil && r.knows(n) {
				r.events = append(r.events, n.event)
			}
		}
		r.section = nil
		if len(r.events) > 0 {
			return r.events, nil
		}
	}
	p, err := r.src.Next()
	if err != nil {
		return nil, err
	}
	fate := story.FateAssumed
	var after []note
	if r.recorded {
		for _, comment := range p.Comments {
			switch n, ok := r.note(comment); {
			case !ok:
			case n.event == nil:
				fate = n.fate
			case n.after:
				after = append(after, n)
			case r.knows(n):
				r.events = append(r.events, n.event)
			}
		}
	}
	decoded, err := r.decoder.Decode(p)
	switch {
	case err != nil:
		r.skipped = reason(err)
	case r.recorded: // keeps frames whole, so that it can be recorded again
		r.events = append(r.events, WholeFrameOf(p, decoded, fate))
		if fate == story.FateUnderWay {
			r.takeOff(p.Number)
		}
	default:
		r.events = append(r.events, FrameOf(p, decoded, fate))
	}
	for _, n := range after {
		if r.knows(n) {
			r.events = append(r.events, n.event)
		}
	}
	return r.events, nil
}

// Skipped gives the reason why the frame that Next read last holds no TCP
// segment; "" when it holds one, or when Next read none.
func (r *Reader) Skipped() string { return r.skipped }

// Rejected gives the number of comments so far that claim to be a recording's
// but make no sense, and were left out.
func (r *Reader) Rejected() int { return r.rejected }

func (r *Reader) note(comment string) (note, bool) {
	n, ours, err := parseNote(comment)
	if err != nil {
		r.rejected++
	}
	return n, ours && err == nil
}

// takeOff notes that what becomes of a frame is told apart from it.
func (r *Reader) takeOff(number int) {
	if r.underWay == nil {
		r.underWay = make(map[int]bool)
	}
	r.underWay[number] = true
}

// knows reports whether the frame that a note is about can have a fate that is told
// apart; a note about any other is rejected.
func (r *Reader) knows(n note) bool {
	if n.frame == 0 || r.underWay[n.frame] {
		return true
	}
	r.rejected++
	return false
}

func reason(err error) string {
	var skip capture.SkipReason
	if errors.As(err, &skip) {
		return string(skip)
	}
	return err.Error()
}
