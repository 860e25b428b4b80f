package main

import (
	"context"
	"io"
	"time"

	"tcpviz/internal/story"
)

// update adds to a story what a source has read.
type update func(*story.Builder)

const (
	// showInterval is the least time between two showings of a growing story.
	showInterval = 100 * time.Millisecond
	// showUpdates is how many updates are taken without showing the story.
	showUpdates = 1 << 14
)

// follow runs read, which emits updates in a goroutine of its own and ends when
// its context does; it applies them to the builder and shows the story as it
// grows, ten times a second at most, and once more at the end. It gives the error
// of show, else that of read. read has ended when follow returns.
func follow(ctx context.Context, b *story.Builder, read func(ctx context.Context, emit func(update)) error,
	show func(s *story.Story, last bool) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	updates := make(chan update, 64)
	var readErr, showErr error
	go func() {
		defer close(updates)
		readErr = read(ctx, func(u update) { updates <- u }) // taken until the channel is closed
	}()
	ticker := time.NewTicker(showInterval)
	defer ticker.Stop()
	pending := 0
	var shown time.Time
	present := func(last bool) {
		pending, shown = 0, time.Now()
		if showErr == nil {
			if showErr = show(b.Story(), last); showErr != nil {
				cancel()
			}
		}
	}
	for open := true; open; {
		var u update
		select {
		case u, open = <-updates:
			if open {
				u(b)
				pending++
			}
		case <-ticker.C:
			if pending > 0 {
				present(false)
			}
		}
		if pending >= showUpdates || pending > 0 && time.Since(shown) >= showInterval { // after a rest at once
			present(false)
		}
	}
	if readErr != nil && ctx.Err() == nil {
		b.Fail(readErr)
	}
	present(true)
	if showErr != nil {
		return showErr
	}
	return readErr
}

// interruptible gives a reader whose Read ends with the context even where the
// reading itself cannot be woken, as that of a pipe on standard input.
func interruptible(ctx context.Context, r io.Reader) io.Reader {
	return &interruptibleReader{ctx: ctx, r: r, results: make(chan readResult, 1), buffer: make([]byte, 64<<10)}
}

type interruptibleReader struct {
	ctx     context.Context
	r       io.Reader
	results chan readResult
	buffer  []byte
	rest    []byte // read, but not given out yet
	err     error
}

type readResult struct {
	n   int
	err error
}

func (i *interruptibleReader) Read(b []byte) (int, error) {
	if len(i.rest) == 0 {
		if i.err != nil {
			return 0, i.err
		}
		go func() {
			n, err := i.r.Read(i.buffer)
			i.results <- readResult{n, err}
		}()
		select {
		case result := <-i.results:
			i.rest, i.err = i.buffer[:result.n], result.err
		case <-i.ctx.Done():
			i.err = i.ctx.Err()
		}
	}
	n := copy(b, i.rest)
	i.rest = i.rest[n:]
	if n == 0 && len(b) > 0 {
		return 0, i.err
	}
	return n, nil
}
