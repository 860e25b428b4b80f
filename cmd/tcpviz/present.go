package main

import (
	"context"
	"runtime/debug"

	"tcpviz/capture"
	"tcpviz/fsm"
	"tcpviz/internal/filter"
	"tcpviz/internal/lang"
	"tcpviz/internal/lesson"
	"tcpviz/internal/story"
	"tcpviz/ui"
)

// feed is where a story comes from.
type feed struct {
	builder *story.Builder
	// read emits what happens until the end, or the context's.
	read func(ctx context.Context, emit func(update)) error
	// whole tells that steps are completed by what comes later (a call learns to
	// which connection it belongs): they are not written before the end.
	whole bool
	// file is where it is read from, nil when there is an end only by the user's wish.
	file *capture.File
	// filter tells which connections are shown.
	filter filter.Filter
	// shown tells it by what is known after a connection's first segment; nil: the
	// filter does.
	shown func(*fsm.Summary) bool
}

// present shows a story as it grows, in the chosen form. Where a signal ended
// it, the error says so, once everything that was seen is shown.
func (p *program) present(ctx context.Context, form output, f feed, o ui.Options) error {
	if form != outputTUI {
		return p.print(ctx, form, f)
	}
	f.builder.Limit(dashboardSteps)
	o.Filter = f.filter.String()
	return p.dashboard(ctx, o, func(ctx context.Context, app *ui.App) error {
		err := follow(ctx, f.builder, f.read, func(s *story.Story, _ bool) error {
			app.Show(s)
			return nil
		})
		if f.file != nil {
			app.Progress(ui.Progress{Read: f.file.Offset(), Size: f.file.Offset()})
		}
		return err
	})
}

// print writes a story as text or JSON. Steps that are written are forgotten, so
// that there is no end to what can be shown.
func (p *program) print(ctx context.Context, form output, f feed) error {
	if f.shown == nil && f.filter.Fixed() {
		f.shown = shows(f.filter)
	}
	f.builder.Select(f.shown)
	shown := f.shown
	if shown == nil {
		shown = shows(f.filter)
	}
	out := p.newPrinter(form, shown)
	err := follow(ctx, f.builder, f.read, func(s *story.Story, last bool) error {
		switch {
		case last && f.whole && shown != nil:
			return out.end(s.Selected(shown))
		case last:
			return out.end(s)
		case f.whole:
			return nil
		}
		f.builder.Forget()
		return out.steps(s)
	})
	return orStopped(ctx, err)
}

// orStopped gives the signal that ended the context in place of an error that
// only says that it ended.
func orStopped(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	return stopped(ctx)
}

// dashboard runs the dashboard beside produce, which shows it stories, until the
// user leaves it or the context ends. produce has ended when dashboard returns;
// its error is given unless it only says that it was ended.
func (p *program) dashboard(ctx context.Context, o ui.Options, produce func(ctx context.Context, app *ui.App) error) error {
	o = p.looks(o)
	o.Lang = p.language()
	if o.Lesson == nil {
		o.Lesson = lesson.Find
	}
	app := ui.New(o)
	outer := ctx
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(ctx, app.Stop)()
	produced := make(chan error, 1)
	go func() {
		var err error
		defer func() {
			// A panic here would leave the terminal in disorder.
			if problem := recover(); problem != nil {
				app.Stop()
				err = lang.Errorf("internal error: %v %s", problem, debug.Stack())
			}
			produced <- err
		}()
		if err = produce(ctx, app); err != nil && ctx.Err() == nil {
			app.Fail(err)
		}
	}()
	shown := app.Run()
	left := ctx.Err() == nil // the user left it
	cancel()
	err := <-produced
	switch {
	case shown != nil:
		return lang.Errorf("the dashboard cannot be drawn: %w; use --output text", shown)
	case stopped(outer) != nil:
		return stopped(outer)
	case left && isContextError(err):
		return nil
	}
	return err
}
