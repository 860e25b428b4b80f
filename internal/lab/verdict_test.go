package lab_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tcpviz/internal/lab"
	"tcpviz/internal/lesson"
	"tcpviz/internal/story"
)

// doTo does something to the nth segment, and to the others what the lesson says.
func doTo(n int, v lab.Verdict) func(context.Context, lab.Packet) lab.Verdict {
	return func(_ context.Context, p lab.Packet) lab.Verdict {
		if p.Frame.Number == n {
			return v
		}
		return p.Lesson
	}
}

// segments is how many frames a performance had.
func segments(t *testing.T, l lesson.Lesson) int {
	t.Helper()
	p := perform(t.Context(), l, lab.Options{Stage: lab.Sim})
	if p.err != nil || p.result.Frames == 0 {
		t.Fatalf("%d frames, %v", p.result.Frames, p.err)
	}
	return p.result.Frames
}

// TestEachSegmentDisturbed drops, duplicates, delays and swaps each segment of a connection in turn.
func TestEachSegmentDisturbed(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]lab.Verdict{
		"drop":      {Act: lab.Drop},
		"duplicate": {Act: lab.Duplicate},
		"delay":     {Act: lab.Delay, For: 5 * time.Second},
		"swap":      {Act: lab.Swap},
	} {
		for _, id := range []string{"connection", "close", "close-server-first", "simultaneous-close", "half-close", "echo"} {
			l, _ := lesson.Find(id)
			for n := range segments(t, l) {
				t.Run(fmt.Sprintf("%s/%s/%d", name, id, n+1), func(t *testing.T) {
					t.Parallel()
					p := perform(t.Context(), l, lab.Options{Stage: lab.Sim, Verdict: doTo(n+1, v)})
					if p.err != nil && !errors.Is(p.err, lab.ErrNotReached) {
						t.Error(p.err)
					}
					if len(p.result.Unmet) > 0 {
						t.Logf("unmet: %v", p.result.Unmet)
					}
					if len(p.batches) > 0 {
						checkModel(t, p)
						checkWire(t, p)
					}
				})
			}
		}
	}
}

// checkWire holds what the story asks of the events: each frame under way is told
// of once, each arrival after its frame, a loss directly after what made it.
func checkWire(t *testing.T, p performance) {
	t.Helper()
	sent := map[int]bool{}
	var last story.Event
	var time0 time.Time
	for _, batch := range p.batches {
		for _, e := range batch {
			at := e.When()
			switch e := e.(type) {
			case story.Frame:
				if e.Fate != story.FateUnderWay || sent[e.Number] || len(e.Raw) != e.Length {
					t.Errorf("frame %d: %v, sent before: %v, %d of %d octets", e.Number, e.Fate, sent[e.Number], len(e.Raw), e.Length)
				}
				sent[e.Number] = true
			case story.Arrival:
				if !sent[e.Frame] {
					t.Errorf("frame %d arrives before it was sent", e.Frame)
				}
				i, _ := last.(story.Impairment)
				if lost := e.Fate == story.FateLost; lost != (i.What == story.Dropped && i.Frame == e.Frame) {
					t.Errorf("the arrival %+v follows %+v", e, last)
				}
			case story.Impairment:
				if !sent[e.Frame] {
					t.Errorf("%+v before it was sent", e)
				}
			}
			if at.Before(time0) {
				t.Errorf("%T %+v comes %v too late", e, e, time0.Sub(at))
			}
			time0, last = at, e
		}
	}
}

// TestHoldingByHand holds the SYN, looks at it again, lets time pass, and lets it go.
func TestHoldingByHand(t *testing.T) {
	t.Parallel()
	l, _ := lesson.Find("handshake")
	for _, stage := range []string{lab.Sim, lab.Wire} {
		t.Run(stage, func(t *testing.T) {
			t.Parallel()
			if stage == lab.Wire {
				needWire(t)
			}
			asked := 0
			p := perform(t.Context(), l, lab.Options{Stage: stage, Verdict: func(ctx context.Context, p lab.Packet) lab.Verdict {
				switch {
				case p.Frame.Number > 2:
					return p.Lesson
				case !p.Held:
					return lab.Verdict{Act: lab.Hold, ByUser: true}
				case p.Frame.Number == 2:
					return lab.Verdict{Act: lab.Drop, ByUser: true}
				}
				if asked++; asked < 3 {
					if stage == lab.Wire {
						<-ctx.Done() // until the kernel's timer has sent it again
						return lab.Verdict{Act: lab.Hold}
					}
					return lab.Verdict{Act: lab.Hold, For: 1500 * time.Millisecond}
				}
				return lab.Verdict{}
			}})
			if p.err != nil {
				t.Fatal(p.err)
			}
			checkModel(t, p)
			checkWire(t, p)
			text := p.events()
			for _, want := range []string{"story.Impairment", "story.Expiry", "ByUser:true", "What:dropped"} {
				if !strings.Contains(text, want) {
					t.Errorf("no %s:\n%s", want, text)
				}
			}
		})
	}
}

// TestCancelHeld cancels performances at random moments, in the midst of
// whatever happens.
func TestCancelHeld(t *testing.T) {
	if !alone(t) {
		return
	}
	for _, stage := range []string{lab.Sim, lab.Wire} {
		t.Run(stage, func(t *testing.T) {
			if stage == lab.Wire {
				needWire(t)
			}
			random := rand.New(rand.NewPCG(1, 2))
			lessons := lesson.All()
			run := func() {
				l := lessons[random.IntN(len(lessons))]
				if !l.CanPlayOn(stage) {
					return
				}
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				// In the midst of a wait as well.
				defer time.AfterFunc(time.Duration(random.IntN(150))*time.Millisecond, cancel).Stop()
				var left atomic.Int64
				left.Store(int64(random.IntN(40)))
				_, err := lab.Run(ctx, l, lab.Options{Stage: stage, Emit: func([]story.Event) {
					if left.Add(-1) == 0 {
						if random.IntN(2) == 0 {
							cancel()
						} else {
							time.AfterFunc(time.Duration(random.IntN(300))*time.Microsecond, cancel)
						}
					}
				}})
				if err != nil && !errors.Is(err, context.Canceled) {
					t.Errorf("%s: %v", l.ID, err)
				}
			}
			runs := 60
			if stage == lab.Wire {
				runs = 15
			}
			leavesNothing(t, runs, run)
		})
	}
}

// needWire skips a test where two hosts cannot be made.
func needWire(t *testing.T) {
	t.Helper()
	if err := lab.Works(lab.Wire); err != nil {
		t.Skipf("no two hosts here: %v", err)
	}
}

func TestStageIsChosen(t *testing.T) {
	plain, _ := lesson.Find("refused")
	touching, _ := lesson.Find("lost-syn")
	only := plain
	only.Stages = []string{lab.Sim}
	for _, test := range []struct {
		name   string
		lesson lesson.Lesson
		stage  string
		want   string
		why    string
		err    string
	}{
		{name: "asked for", lesson: plain, stage: lab.Sim, want: lab.Sim, why: "; it was asked for"},
		{name: "made for it", lesson: only, want: lab.Sim, why: "; the lesson is made for it"},
		{name: "loopback cannot", lesson: touching, stage: lab.Loopback,
			err: "lab: no stage: lesson lost-syn cannot be played on loopback: it does something to the wire, which lo does not allow"},
		{name: "not made for it", lesson: only, stage: lab.Wire,
			err: "lab: no stage: lesson refused cannot be played on wire: it is made for sim"},
		{name: "unknown", lesson: plain, stage: "moon", err: `lab: no stage: there is no stage "moon" (there are loopback, wire, sim)`},
	} {
		t.Run(test.name, func(t *testing.T) {
			var begun lab.Setting
			result, err := lab.Run(t.Context(), test.lesson, lab.Options{Stage: test.stage, Begin: func(s lab.Setting) { begun = s }})
			if test.err != "" {
				if err == nil || err.Error() != test.err || !errors.Is(err, lab.ErrNoStage) {
					t.Errorf("got %v, want %s", err, test.err)
				}
				return
			}
			if err != nil || result.Stage != test.want || begun != result.Setting {
				t.Fatalf("%v, %+v, begun %+v", err, result.Setting, begun)
			}
			if !strings.HasSuffix(result.Why.EN, test.why) || result.Why.ZH == "" {
				t.Errorf("why: %+v", result.Why)
			}
		})
	}
}

func TestStuckHeld(t *testing.T) {
	t.Parallel()
	l := parse(t, connected+"  - server: recv(c, 1)\n  - server: close(c)\n")
	for _, stage := range []string{lab.Sim, lab.Wire} {
		t.Run(stage, func(t *testing.T) {
			if stage == lab.Wire {
				needWire(t)
			}
			_, err := lab.Run(t.Context(), l, lab.Options{Stage: stage})
			const want = "lab: lesson test line 13: server is still in recv() of line 12, nothing will wake it"
			if !errors.Is(err, lab.ErrStuck) || err.Error() != want {
				t.Errorf("got %v\nwant %s", err, want)
			}
		})
	}
}
