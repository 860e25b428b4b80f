package main

import (
	"errors"

	"tcpviz/internal/lesson"
	"tcpviz/internal/source"
	"tcpviz/internal/story"
)

// recorder writes the recording of the first lesson that is played to its end; where
// the user takes the wire of that lesson in hand, what came of it last.
type recorder struct {
	file *saveFile // nil: nothing is recorded
	done string    // id of the lesson that was recorded
	kept *kept     // what was played last with the wire in the user's hand, and not to its end
}

// kept is what a recording holds.
type kept struct {
	lesson lesson.Lesson
	meta   story.Meta
	events []story.Event
}

// write records what was played, unless a lesson was recorded before. byHand tells
// that the wire was in the user's hand.
func (r *recorder) write(l lesson.Lesson, meta story.Meta, events []story.Event, byHand bool) error {
	switch {
	case r.file == nil:
		return nil
	case r.done == "":
	case r.done == l.ID && byHand && r.file.target != "":
		file, err := createFile(r.file.target)
		if err != nil {
			return err
		}
		r.file = file
	default:
		return nil
	}
	r.done, r.kept = l.ID, nil
	if err := source.WriteRecording(r.file, meta, events); err != nil {
		return errors.Join(err, r.file.abandon())
	}
	return r.file.commit()
}

// keep remembers what was played of a lesson that did not come to its end.
func (r *recorder) keep(l lesson.Lesson, meta story.Meta, events []story.Event) {
	r.kept = &kept{l, meta, events}
}

// close ends the recording. Where no lesson was played to its end, nor played with the
// wire in the user's hand, that is an error, and what stood under the file's name
// before stands there still.
func (r *recorder) close() error {
	if r.file == nil {
		return nil
	}
	if k := r.kept; k != nil {
		if err := r.write(k.lesson, k.meta, k.events, true); err != nil {
			return err
		}
	}
	if r.done != "" {
		return nil
	}
	return errors.Join(errors.New("--record: nothing was written, since the lesson was not played to its end"), r.file.abandon())
}
