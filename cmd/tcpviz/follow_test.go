package main

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"tcpviz/internal/story"
)

// frame is an update that can be counted: one frame that holds no segment.
func frame(b *story.Builder) { b.Skip("not-tcp") }

func TestFollowShowsEverythingAtAHumanRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const frames = 3000
		read := func(ctx context.Context, emit func(update)) error {
			for range frames {
				emit(frame)
				<-time.After(time.Millisecond) // the pace of the traffic
			}
			return io.ErrUnexpectedEOF
		}
		shown, lasts := 0, 0
		var newest *story.Story
		err := follow(t.Context(), story.NewBuilder(story.Meta{}), read, func(s *story.Story, last bool) error {
			shown++
			if last {
				lasts++
			}
			newest = s
			return nil
		})
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("error %v, want that of read", err)
		}
		if newest.Totals.Frames != frames || newest.Totals.Error == nil {
			t.Errorf("the last story has %d frames and the error %v", newest.Totals.Frames, newest.Totals.Error)
		}
		if lasts != 1 || shown < 20 || shown > 32 {
			t.Errorf("shown %d times, %d of them as the last, in three seconds", shown, lasts)
		}
	})
}

func TestFollowEndsReadWhenShowingFails(t *testing.T) {
	broken := errors.New("broken pipe")
	ended := false
	read := func(ctx context.Context, emit func(update)) error {
		defer func() { ended = true }()
		for ctx.Err() == nil {
			emit(frame)
		}
		return ctx.Err()
	}
	err := follow(t.Context(), story.NewBuilder(story.Meta{}), read, func(*story.Story, bool) error { return broken })
	if !errors.Is(err, broken) || !ended {
		t.Errorf("error %v, read ended: %v", err, ended)
	}
}

func TestFollowShowsWhatThereWasWhenItIsStopped(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	read := func(ctx context.Context, emit func(update)) error {
		emit(frame)
		cancel(stoppedBy{2})
		<-ctx.Done()
		return ctx.Err()
	}
	frames := 0
	err := follow(ctx, story.NewBuilder(story.Meta{}), read, func(s *story.Story, _ bool) error {
		frames = s.Totals.Frames
		if s.Totals.Error != nil {
			t.Errorf("being stopped counts as the error %v", s.Totals.Error)
		}
		return nil
	})
	if frames != 1 || err == nil || stopped(ctx) != (stoppedBy{2}) {
		t.Errorf("%d frames, error %v, stopped by %v", frames, err, stopped(ctx))
	}
}

func TestInterruptible(t *testing.T) {
	reader, writer := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	r := interruptible(ctx, reader)
	go writer.Write([]byte("abc"))
	b := make([]byte, 2)
	for _, want := range []string{"ab", "c"} {
		if n, err := r.Read(b); err != nil || string(b[:n]) != want {
			t.Fatalf("read %q, %v; want %q", b[:n], err, want)
		}
	}
	cancel()
	if n, err := r.Read(b); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("read %d, %v after the context ended", n, err)
	}
	writer.Close()
}
