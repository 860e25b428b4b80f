package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"tcpviz/capture"
	"tcpviz/internal/lesson"
	"tcpviz/internal/source"
	"tcpviz/internal/story"
	"tcpviz/testdata"
)

// recorder writes the recording of the first lesson that is played to its end.
type recorder struct {
	file *saveFile // nil: nothing is recorded
	done string    // id of the lesson that was recorded
}

// write records what was played, unless a lesson was recorded before.
func (r *recorder) write(l lesson.Lesson, meta story.Meta, events []story.Event) error {
	if r.file == nil || r.done != "" {
		return nil
	}
	r.done = l.ID
	if err := source.WriteRecording(r.file, meta, events); err != nil {
		return errors.Join(err, r.file.abandon())
	}
	return r.file.commit()
}

// close ends the recording. Where no lesson was played to its end, that is an
// error, and what stood under the file's name before stands there still.
func (r *recorder) close() error {
	if r.file == nil || r.done != "" {
		return nil
	}
	return errors.Join(errors.New("--record: nothing was written, since the lesson was not played to its end"), r.file.abandon())
}

// recording is the feed of a built-in lesson's bundled recording.
func (d *demo) recording(l lesson.Lesson) (feed, error) {
	data, err := testdata.Recording(l.ID)
	if err != nil {
		return feed{}, fmt.Errorf("%w; there is no recording of it either", d.cannotPlay())
	}
	file, err := capture.NewReader(bytes.NewReader(data), l.ID+".pcapng")
	if err != nil {
		return feed{}, err
	}
	reader := source.New(file)
	meta, recorded := reader.Meta()
	if !recorded {
		return feed{}, fmt.Errorf("the recording of lesson %s holds no story", l.ID)
	}
	read := func(ctx context.Context, emit func(update)) error { return readAll(ctx, reader, emit) }
	return feed{builder: story.NewBuilder(meta), read: read, whole: true}, nil
}
