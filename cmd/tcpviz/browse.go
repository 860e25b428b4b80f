package main

import (
	"context"
	"errors"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"tcpviz/capture"
	"tcpviz/fsm"
	"tcpviz/internal/filter"
	"tcpviz/internal/lang"
	"tcpviz/internal/source"
	"tcpviz/internal/story"
	"tcpviz/internal/survey"
	"tcpviz/ui"
)

// largeFile is the size from which on a capture file is browsed instead of held, bytes.
const largeFile = 1 << 20

// browser shows a capture file that is too large to be held: the list of its
// connections, while it is read, and the steps of one connection at a time, which are
// read when it is opened.
type browser struct {
	name string
	file *capture.File
	app  *ui.App
	open player[int] // the connections that the user wishes to see

	mu    sync.Mutex
	story story.Story    // what is shown; its steps are those of the connection that was opened
	last  int            // the last frame of that connection that its steps know
	marks []capture.Mark // where in the file reading can begin again
}

// browse shows a large capture file in the dashboard, its list of connections first.
func (p *program) browse(ctx context.Context, name string, file *capture.File, f filter.Filter) error {
	defer boundMemory()()
	stopped, stop := context.WithCancel(ctx)
	defer stop()
	b := &browser{name: name, file: file, open: newPlayer[int](), marks: make([]capture.Mark, 1)}
	b.story = story.Story{Meta: story.Meta{Source: sourceName(name)}, Only: story.NoSteps}
	o := ui.Options{List: true, Filter: f.String(), StopReading: stop, Open: b.open.play}
	return p.dashboard(ctx, o, func(ctx context.Context, app *ui.App) error {
		b.app = app
		reading, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(stopped, cancel)()
		var opening sync.WaitGroup
		opening.Go(func() { b.open.run(ctx, b.load) })
		err := b.read(reading)
		if err != nil && ctx.Err() == nil {
			app.Fail(err)
		}
		opening.Wait() // until the user leaves
		return err
	})
}

// read reads the file to its end, or the context's, and shows the connections as they
// become known.
func (b *browser) read(ctx context.Context) error {
	v := newSurveyor(b.file)
	defer v.close()
	s := v.survey(nil)
	began := time.Now()
	var shown time.Time
	interval := time.Duration(0) // the beginning at once
	err := v.run(ctx, s, func(place capture.Mark) {
		b.mark(place)
		if now := time.Now(); now.Sub(shown) >= interval {
			b.show(s, b.progress(began, false, false))
			shown = time.Now()
			interval = max(showInterval, 10*shown.Sub(now)) // at most a tenth of the time goes into it
		}
	})
	if ctx.Err() != nil {
		err = nil // what was read is kept
	}
	b.show(s, b.progress(began, true, ctx.Err() != nil))
	b.refresh()
	return err
}

// show shows the connections as they are known by now.
func (b *browser) show(s *survey.Survey, p ui.Progress) {
	conns, totals := s.Connections(), s.Totals()
	b.mu.Lock()
	b.story.Conns, b.story.Totals = conns, totals
	whole := b.story
	b.mu.Unlock()
	b.app.Show(&whole)
	b.app.Progress(p)
}

// progress tells how far the file has been read.
func (b *browser) progress(began time.Time, ended, stopped bool) ui.Progress {
	p := ui.Progress{Reading: !ended, Stopped: stopped, Read: b.file.Offset(), Size: b.file.Size()}
	if passed := time.Since(began).Seconds(); passed > 0 {
		p.PerSecond = float64(p.Read) / passed
	}
	if left := p.Size - p.Read; p.PerSecond > 0 && left > 0 && p.Reading {
		p.Left = time.Duration(float64(left) / p.PerSecond * float64(time.Second))
	}
	return p
}

// mark remembers a place in the file, now and then.
func (b *browser) mark(m capture.Mark) {
	const every = 1 << 14 // frames
	b.mu.Lock()
	defer b.mu.Unlock()
	if m.Number >= b.marks[len(b.marks)-1].Number+every {
		b.marks = append(b.marks, m)
	}
}

// refresh reads the opened connection again, when more of it has become known since.
func (b *browser) refresh() {
	b.mu.Lock()
	id := b.story.Only
	grown := id > 0 && b.story.Conns.At(id).Last > b.last
	b.mu.Unlock()
	if grown {
		b.open.play(id)
	}
}

// load reads the steps of a connection and shows them.
func (b *browser) load(ctx context.Context, id int) {
	defer func() {
		if fault := recover(); fault != nil {
			b.app.Fail(lang.Errorf("internal error: %v %s", fault, debug.Stack()))
		}
	}()
	b.mu.Lock()
	conns, meta := b.story.Conns, b.story.Meta
	chain := source.Chain(conns, id)
	from := b.markBefore(chain[0].First)
	b.mu.Unlock()
	steps, err := b.steps(ctx, from, chain, conns, meta)
	switch {
	case ctx.Err() != nil:
		return // the user wishes to see something else
	case err != nil:
		b.app.Fail(lang.Errorf("connection %d: %w", id, err))
		return
	}
	b.mu.Lock()
	b.story.Steps, b.story.Only, b.last = steps.Steps, id, chain[len(chain)-1].Last
	whole := b.story
	b.mu.Unlock()
	b.app.Show(&whole)
}

// markBefore gives the mark from which on frames are read to find the frame: not the
// last before it, since fragments of its packet may have come some frames earlier.
func (b *browser) markBefore(frame int) capture.Mark {
	i, _ := slices.BinarySearchFunc(b.marks, frame, func(m capture.Mark, frame int) int { return m.Number - frame })
	return b.marks[max(i-2, 0)]
}

func (b *browser) steps(ctx context.Context, from capture.Mark, chain []fsm.Summary, conns story.Connections, meta story.Meta) (*story.Story, error) {
	file, err := capture.OpenAt(b.name, from)
	if err != nil {
		return nil, err
	}
	defer context.AfterFunc(ctx, func() { file.Close() })()
	s, err := source.Alone(ctx, file, meta, chain, conns, dashboardSteps)
	return s, errors.Join(err, file.Close())
}
