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

// A surveyor reads a capture for a survey.
type surveyor struct {
	file    *capture.File
	readers []*capture.File // the file, and the same again for each further worker
	workers *workers
}

// newSurveyor gives a surveyor of the file. It divides the work among the processors
// by letting each of them read all of the file and follow a part of its connections: to
// hand frames from one processor to another costs more than to read them twice. What can
// be read but once, or is expensive to read, has one reader, ahead of one follower.
func newSurveyor(file *capture.File) (*surveyor, error) {
	const mostReaders = 4
	v := &surveyor{file: file, readers: []*capture.File{file}}
	if file.Size() > 0 && !file.Compressed() {
		for len(v.readers) < min(runtime.GOMAXPROCS(0), mostReaders) {
			again, err := file.Again()
			if err != nil {
				return nil, errors.Join(err, v.close())
			}
			v.readers = append(v.readers, again)
		}
	}
	v.workers = newWorkers(len(v.readers))
	return v, nil
}

// survey gives a survey that fits the surveyor.
func (v *surveyor) survey(out survey.Lines) *survey.Survey {
	o := survey.Options{Shards: len(v.readers), Each: v.workers.each}
	if out != nil {
		o.Out = out
	}
	return survey.New(o)
}

// run lets the survey see the capture to its end, or the context's, and ends it. settled is
// called now and then, with a place in the file up to which everything was seen.
func (v *surveyor) run(ctx context.Context, s *survey.Survey, settled func(capture.Mark)) error {
	read := v.together
	if v.file.Size() == 0 || v.file.Compressed() {
		read = v.ahead
	}
	err := read(ctx, s, settled)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	if err != nil && ctx.Err() == nil {
		s.Fail(err)
	}
	s.End()
	return err
}

// together lets all workers read the file, some frames at a time.
func (v *surveyor) together(ctx context.Context, s *survey.Survey, settled func(capture.Mark)) error {
	const stride = 1 << 13 // frames
	type worker struct {
		observer *capture.Observer
		observed capture.Observed
		err      error
		_        [64]byte // no two of them share a cache line
	}
	all := make([]worker, len(v.readers))
	for k, file := range v.readers {
		all[k].observer = capture.NewObserver(file)
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
		if all[0].err != nil {
			return all[0].err
		}
		settled(v.file.Mark())
	}
	return ctx.Err()
}

// ahead lets one goroutine read while this one follows.
func (v *surveyor) ahead(ctx context.Context, s *survey.Survey, settled func(capture.Mark)) error {
	ahead := capture.ReadAhead(v.file)
	defer context.AfterFunc(ctx, ahead.Stop)()
	for {
		batch, err := ahead.Next()
		if ctx.Err() != nil {
			return ctx.Err() // the reader may wait for a stream that nobody can wake
		}
		if err != nil { // the goroutine has ended
			return err
		}
		for i := range batch {
			s.Add(0, &batch[i])
		}
		s.Settle()
		settled(ahead.Mark())
	}
}

// close ends the workers, and closes the files that the surveyor has opened.
func (v *surveyor) close() error {
	if v.workers != nil {
		v.workers.close()
	}
	var errs []error
	for _, again := range v.readers[1:] {
		errs = append(errs, again.Close())
	}
	return errors.Join(errs...)
}

// memoryLimit is what the connections of a large capture may take before the garbage
// collector is made to work harder, bytes.
const memoryLimit = 800 << 20

// boundMemory keeps the program's memory low; it gives what sets it back.
func boundMemory() func() {
	before := debug.SetMemoryLimit(memoryLimit)
	return func() { debug.SetMemoryLimit(before) }
}
