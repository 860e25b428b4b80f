package lab_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"tcpviz/internal/lab"
	"tcpviz/internal/lesson"
	"tcpviz/internal/story"
)

// performance is what one run has emitted.
type performance struct {
	lesson  lesson.Lesson
	result  lab.Result
	err     error
	batches [][]story.Event
}

func perform(ctx context.Context, l lesson.Lesson, o lab.Options) (p performance) {
	p.lesson = l
	o.Emit = func(events []story.Event) { p.batches = append(p.batches, events) }
	p.result, p.err = lab.Run(ctx, l, o)
	return p
}

func (p performance) calls() (calls []story.Call) {
	for _, b := range p.batches {
		for _, e := range b {
			if c, ok := e.(story.Call); ok {
				calls = append(calls, c)
			}
		}
	}
	return calls
}

func (p performance) frames() (frames []story.Frame) {
	for _, b := range p.batches {
		for _, e := range b {
			if f, ok := e.(story.Frame); ok {
				frames = append(frames, f)
			}
		}
	}
	return frames
}

// returned gives the return of the nth call (from 1) of that kind.
func (p performance) returned(op string, n int) story.Call {
	for _, c := range p.calls() {
		if c.Op == op && c.Phase == story.Return {
			if n--; n == 0 {
				return c
			}
		}
	}
	return story.Call{}
}

// wireSignature tells the segments in order.
func (p performance) wireSignature() string {
	var b strings.Builder
	for _, f := range p.frames() {
		side := "<"
		if f.Dst.Port() < 32768 {
			side = ">"
		}
		fmt.Fprintf(&b, "%s%s%d ", side, f.Segment.Flags, f.Segment.Len)
	}
	return b.String()
}

func parse(t *testing.T, text string) lesson.Lesson {
	t.Helper()
	l, err := lesson.Parse("test.yaml", []byte("id: test\ntitle: test\nprograms: {server: server, client: client}\n"+text))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

const connected = `steps:
  - server: s = socket()
  - server: setsockopt(s, SO_REUSEADDR, 1)
  - server: bind(s, 127.0.0.1:10008)
  - server: listen(s, 5)
  - server: c = accept(s)
  - client: s = socket()
  - client: connect(s, 127.0.0.1:10008)
`

// needPrivate skips a test where no private namespace can be made.
func needPrivate(t *testing.T) {
	t.Helper()
	place, err := lab.Probe(false)
	if place != lab.Private && place != lab.Nested {
		t.Skipf("no private network namespace here: %v (place %v)", err, place)
	}
}

// checkOrder holds what Options.Emit promises.
func checkOrder(t *testing.T, p performance) {
	t.Helper()
	var last time.Time
	entered := map[int]bool{}
	frames := 0
	for i, batch := range p.batches {
		if len(batch) == 0 {
			t.Errorf("batch %d is empty", i)
		}
		truths := false
		for _, e := range batch {
			var at time.Time
			switch e := e.(type) {
			case story.Call:
				at = e.Time
				if e.Phase == story.Return && !entered[e.ID] {
					t.Errorf("call %d returns before it was entered", e.ID)
				}
				entered[e.ID] = true
			case story.Frame:
				at = e.Time
				if frames++; e.Number != frames {
					t.Errorf("frame %d has the number %d", frames, e.Number)
				}
				if e.Fate != story.FateDelivered || len(e.Raw) != e.Length || e.PayloadOffset <= e.TCPOffset {
					t.Errorf("frame %d is not whole: %+v", frames, e)
				}
			case story.Truth:
				at, truths = e.Time, true
			}
			if _, isTruth := e.(story.Truth); truths && !isTruth {
				t.Errorf("batch %d: %T after a truth", i, e)
			}
			if at.Before(last) {
				t.Errorf("batch %d: %T %+v comes %v too late", i, e, e, last.Sub(at))
			}
			last = at
		}
	}
	if frames != p.result.Frames {
		t.Errorf("%d frames emitted, the result says %d", frames, p.result.Frames)
	}
}
