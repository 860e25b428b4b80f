package main

import (
	"context"
	"errors"
	"io"
	"runtime"
	"runtime/debug"

	"tcpviz/capture"
	"tcpviz/internal/survey"
)

// A surveyor reads a capture for a survey, with several processors where that is quicker.
type surveyor struct {
	file    *capture.File
	workers *workers
}

// mostWorkers is how many goroutines share the work: more would wait for each other.
const mostWorkers = 4

func newSurveyor(file *capture.File) *surveyor {
	return &surveyor{file: file, workers: newWorkers(min(runtime.GOMAXPROCS(0), mostWorkers))}
}

// survey gives a survey that the surveyor can feed; out may be nil.
func (v *surveyor) survey(out survey.Lines) *survey.Survey {
	return survey.New(survey.Options{Shards: v.workers.count(), Each: v.workers.each, Out: out})
}

// A watch is called now and then with a place in the file up to which everything was seen.
type watch func(capture.Mark)

const (
	sample = 1 << 12 // so many frames tell how large frames are in this file
	stride = 1 << 16 // frames that are read until the workers wait for each other
)

// run lets the survey see the capture to its end, or the context's, and ends it.
func (v *surveyor) run(ctx context.Context, s *survey.Survey, seen watch) error {
	err := v.read(ctx, s, seen)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	if err != nil && ctx.Err() == nil {
		s.Fail(err)
	}
	s.End()
	return err
}

// read chooses how to read. What can be read but once, or is expensive to read, is read
// by one goroutine ahead of one that follows the connections. But where frames are small,
// handing them from one processor to another costs more than to read them twice: then
// each worker reads all of the file and follows a part of the connections. So does the
// only one, where there is one processor.
func (v *surveyor) read(ctx context.Context, s *survey.Survey, seen watch) error {
	if v.file.Size() == 0 || v.file.Compressed() {
		return v.ahead(ctx, s, seen)
	}
	observer := capture.NewObserver(v.file)
	var observed capture.Observed
	for range sample {
		if err := observer.Next(&observed); err != nil {
			return err
		}
		add(s, &observed)
	}
	s.Settle()
	seen(v.file.Mark())
	const smallFrames = 512 // bytes, on the average
	if v.workers.count() > 1 && v.file.Offset() > sample*smallFrames {
		return v.ahead(ctx, s, seen)
	}
	return v.together(ctx, s, observer, seen)
}

// add gives a frame to all shards.
func add(s *survey.Survey, o *capture.Observed) {
	for k := range s.Shards() {
		s.Add(k, o)
	}
}

// together lets all workers read what the first of them has left of the file, some frames at a time.
func (v *surveyor) together(ctx context.Context, s *survey.Survey, first *capture.Observer, seen watch) error {
	type worker struct {
		observer *capture.Observer
		observed capture.Observed
		err      error
		_        [64]byte // no two of them share a cache line
	}
	all := make([]worker, v.workers.count())
	all[0].observer = first
	for k := 1; k < len(all); k++ {
		file, err := v.file.Again()
		if err != nil {
			return err
		}
		defer file.Close() // it was read only
		w := &all[k]
		w.observer = capture.NewObserver(file)
		for range sample { // its decoder must know the same fragments as the first
			if err := w.observer.Next(&w.observed); err != nil {
				return err
			}
		}
	}
	for ctx.Err() == nil {
		v.workers.each(len(all), func(k int) {
			w := &all[k]
			for range stride {
				if w.err = w.observer.Next(&w.observed); w.err != nil {
					return
				}
				s.Add(k, &w.observed)
			}
		})
		s.Settle()
		for k := range all { // as a rule it ends for all of them at the same frame
			if err := all[k].err; err != nil {
				return err
			}
		}
		seen(v.file.Mark())
	}
	return ctx.Err()
}

// ahead lets one goroutine read while this one follows.
func (v *surveyor) ahead(ctx context.Context, s *survey.Survey, seen watch) error {
	ahead := capture.ReadAhead(v.file)
	defer context.AfterFunc(ctx, ahead.Stop)()
	for {
		batch, err := ahead.Next()
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		if err != nil {
			return errors.Join(err, ahead.Close()) // what it may wait for ends with the context too
		}
		for i := range batch {
			add(s, &batch[i])
		}
		s.Settle()
		seen(ahead.Mark())
	}
}

// close ends the workers.
func (v *surveyor) close() { v.workers.close() }

// memoryLimit is what the connections of a large capture may take before the garbage
// collector is made to work harder, bytes.
const memoryLimit = 700 << 20

// boundMemory keeps the program's memory low; it gives what sets it back.
func boundMemory() func() {
	before := debug.SetMemoryLimit(memoryLimit)
	return func() { debug.SetMemoryLimit(before) }
}
