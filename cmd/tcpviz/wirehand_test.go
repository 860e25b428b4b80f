package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tcpviz/internal/lab"
	"tcpviz/internal/lesson"
	"tcpviz/internal/story"
	"tcpviz/ui"
)

// seenByHand is what a user sees of the wire.
type seenByHand struct {
	waiting []int
	next    int
	caught  bool // the performance waits for the screen to catch up
}

// handle lets a user handle the wire whenever something has changed on it, until the
// test ends.
func handle(t *testing.T, h *wireHand, user func(seenByHand)) {
	ended, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			h.mu.Lock()
			changed := h.changed
			seen := seenByHand{next: h.next, caught: !h.until.IsZero() && h.seen.Before(h.until)}
			until := h.until
			for _, f := range h.waiting {
				seen.waiting = append(seen.waiting, f.number)
			}
			h.mu.Unlock()
			if seen.caught {
				h.CaughtUp(until)
			} else {
				user(seen)
			}
			select {
			case <-changed:
			case <-ended:
				return
			}
		}
	}()
	t.Cleanup(func() {
		close(ended)
		<-done
	})
}

// handDemo is a demo whose wires are in a hand.
func handDemo(t *testing.T, stage, id string) *demo {
	t.Helper()
	l, ok := lesson.Find(id)
	if !ok {
		t.Fatalf("no lesson %s", id)
	}
	return &demo{
		p: &program{getenv: func(string) string { return "" }}, stage: stage, lesson: l,
		hand: newWireHand(func(lessonWish) {}),
	}
}

// stepsOf tells a story's steps on the wire: "1 held", "1 dropped", "client retransmission".
func stepsOf(s *story.Story) []string {
	var all []string
	for i := range s.Steps {
		step := &s.Steps[i]
		switch step.Kind {
		case story.SegmentSent:
			all = append(all, fmt.Sprint(step.Frame.Number, " sent"))
		case story.SegmentReceived:
			all = append(all, fmt.Sprint(step.Frame.Number, " arrives"))
		case story.SegmentLost:
			all = append(all, fmt.Sprint(step.Frame.Number, " lost"))
		case story.SegmentImpaired:
			who := ""
			if step.Impairment.ByUser {
				who = " by hand"
			}
			all = append(all, fmt.Sprint(step.Frame.Number, " ", step.Impairment.What, who))
		case story.TimerExpired:
			all = append(all, fmt.Sprint(step.Side, " ", story.TimerName(step.Timer)))
		}
	}
	return all
}

// passTimeOnce lets time pass once while the first segment alone waits, then does
// something to it when the second one waits too, and releases all others.
func passTimeOnce(then ui.WireAct) func(*wireHand, seenByHand) {
	passed := false
	return func(h *wireHand, seen seenByHand) {
		switch {
		case len(seen.waiting) == 0:
		case seen.waiting[0] > 1:
			h.Act(seen.waiting[0], ui.Release)
		case len(seen.waiting) > 1:
			h.Act(1, then)
		case !passed:
			passed = true
			h.Act(1, ui.PassTime)
		}
	}
}

// playByHand plays a lesson held from its first segment on, with a recording.
func playByHand(t *testing.T, d *demo, user func(h *wireHand, seen seenByHand)) (played, again *story.Story) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "new.pcapng")
	file, err := createFile(name)
	if err != nil {
		t.Fatal(err)
	}
	d.hand.begin(nil, lessonWish{id: d.lesson.ID, hold: 1})
	handle(t, d.hand, func(seen seenByHand) { user(d.hand, seen) })
	r := &recorder{file: file}
	played = told(t, d.performance(d.lesson, r, nil))
	if err := r.close(); err != nil {
		t.Fatal(err)
	}
	again = replayed(t, name)
	again.Meta.Recorded = false
	return played, again
}

// What the user does to a segment happens, is in the story, and in its recording.
func TestActsByHand(t *testing.T) {
	once := func(act ui.WireAct) func(*wireHand, seenByHand) {
		return func(h *wireHand, seen seenByHand) {
			switch {
			case len(seen.waiting) == 0:
			case seen.waiting[0] == 1:
				h.Act(1, act)
			default:
				h.Act(seen.waiting[0], ui.Release)
			}
		}
	}
	for _, c := range []struct {
		name string
		user func(*wireHand, seenByHand)
		want []string // the steps from the first segment on
	}{
		{"release", once(ui.Release), []string{"1 sent", "1 held by hand", "1 arrives", "2 sent", "2 held by hand", "2 arrives"}},
		{"drop", once(ui.Drop), []string{"1 sent", "1 held by hand", "1 dropped by hand", "1 lost", "client retransmission", "2 sent", "2 held by hand", "2 arrives"}},
		{"duplicate", once(ui.Duplicate), []string{"1 sent", "1 held by hand", "1 duplicated by hand", "1 arrives", "2 sent", "1 arrives"}},
		{"delay", once(ui.Delay), []string{"1 sent", "1 held by hand", "1 delayed by hand", "client retransmission", "2 sent", "2 held by hand", "1 arrives"}},
		{"time", passTimeOnce(ui.Release), []string{"1 sent", "1 held by hand", "client retransmission", "2 sent", "2 held by hand", "1 arrives", "3 sent"}},
		{"swap", passTimeOnce(ui.Swap), []string{"1 sent", "1 held by hand", "client retransmission", "2 sent", "2 held by hand", "1 swapped by hand", "2 arrives", "3 sent", "1 arrives"}},
		{"let go", func(h *wireHand, seen seenByHand) {
			switch {
			case len(seen.waiting) > 0:
				h.LetGo()
			case seen.next > 0:
				h.Shown(seen.next)
			}
		}, []string{"1 sent", "1 held by hand", "1 arrives", "2 sent", "2 arrives", "3 sent", "3 arrives"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			played, again := playByHand(t, handDemo(t, lab.Sim, "handshake"), c.user)
			got := stepsOf(played)
			if diff := cmp.Diff(c.want, got[:min(len(c.want), len(got))]); diff != "" {
				t.Errorf("steps (-want +got):\n%s", diff)
			}
			if played.Totals.Checked == 0 || played.Totals.Agree != played.Totals.Checked {
				t.Errorf("model and stack agree %d times of %d", played.Totals.Agree, played.Totals.Checked)
			}
			if diff := cmp.Diff(strings.Split(jsonOf(t, played), "\n"), strings.Split(jsonOf(t, again), "\n")); diff != "" {
				t.Errorf("replayed otherwise than it was played (-played +replayed):\n%s", diff)
			}
		})
	}
}

// On the kernels' own wire their timers run while a segment is held.
func TestKernelTimerByHand(t *testing.T) {
	if err := lab.Works(lab.Wire); err != nil {
		t.Skip(err)
	}
	played, _ := playByHand(t, handDemo(t, lab.Wire, "handshake"), func(h *wireHand, seen seenByHand) {
		if len(seen.waiting) > 1 || len(seen.waiting) == 1 && seen.waiting[0] > 1 {
			h.Act(seen.waiting[0], ui.Release)
		}
	})
	got := stepsOf(played)
	want := []string{"1 sent", "1 held by hand", "client retransmission", "2 sent", "2 held by hand", "1 arrives"}
	if diff := cmp.Diff(want, got[:min(len(want), len(got))]); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}

// Where the clock stands still, each segment waits until the screen has shown it.
func TestScreenPaces(t *testing.T) {
	d := handDemo(t, lab.Sim, "handshake")
	d.hand.begin(nil, lessonWish{id: d.lesson.ID})
	var shown []int
	handle(t, d.hand, func(seen seenByHand) {
		if seen.next > 0 && !slices.Contains(shown, seen.next) {
			shown = append(shown, seen.next)
			d.hand.Shown(seen.next)
		}
	})
	s := told(t, d.performance(d.lesson, &recorder{}, nil))
	for i, n := range shown {
		if n != i+1 {
			t.Errorf("asked to show %v", shown)
		}
	}
	if len(shown) != s.Totals.Segments || len(shown) == 0 {
		t.Errorf("%d segments were shown of %d", len(shown), s.Totals.Segments)
	}
}

// A lesson that is performed again is held from the segment on that was to be seen next.
func TestHeldFromThere(t *testing.T) {
	d := handDemo(t, lab.Sim, "handshake")
	d.hand.begin(nil, lessonWish{id: d.lesson.ID, hold: 3})
	handle(t, d.hand, func(seen seenByHand) {
		if len(seen.waiting) > 0 {
			d.hand.Act(seen.waiting[0], ui.Release)
		}
	})
	got := stepsOf(told(t, d.performance(d.lesson, &recorder{}, nil)))
	want := []string{"1 sent", "1 arrives", "2 sent", "2 arrives", "3 sent", "3 held by hand", "3 arrives"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}

// A performance ends at once with its context, whatever waits; what was done by hand
// is recorded.
func TestLeftWhileHeld(t *testing.T) {
	for _, stage := range []string{lab.Sim, lab.Wire} {
		t.Run(stage, func(t *testing.T) {
			if err := lab.Works(stage); err != nil {
				t.Skip(err)
			}
			d := handDemo(t, stage, "handshake")
			name := filepath.Join(t.TempDir(), "new.pcapng")
			file, err := createFile(name)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			d.hand.begin(nil, lessonWish{id: d.lesson.ID, hold: 1})
			handle(t, d.hand, func(seen seenByHand) {
				switch {
				case len(seen.waiting) == 0:
				case seen.waiting[0] == 1:
					d.hand.Act(1, ui.Drop)
				default:
					cancel()
				}
			})
			r := &recorder{file: file}
			f := d.performance(d.lesson, r, nil)
			err = follow(ctx, f.builder, f.read, func(*story.Story, bool) error { return nil })
			if !errors.Is(err, context.Canceled) {
				t.Errorf("it ended with %v", err)
			}
			if err := r.close(); err != nil {
				t.Fatal(err)
			}
			got := stepsOf(replayed(t, name))
			if !slices.Contains(got, "1 dropped by hand") || !slices.Contains(got, "2 sent") {
				t.Errorf("the recording holds %v", got)
			}
		})
	}
}

// A lesson that cannot go on as it states, because the user has taken its segments away, is
// no failure.
func TestSpoiledByHand(t *testing.T) {
	d := handDemo(t, lab.Sim, "handshake")
	handle(t, d.hand, func(seen seenByHand) {
		if len(seen.waiting) > 0 {
			d.hand.Act(seen.waiting[0], ui.Drop)
		}
	})
	app := ui.New(ui.Options{})
	err := d.perform(t.Context(), app, lessonWish{id: "handshake", hold: 1}, &recorder{})
	if err != nil {
		t.Error(err)
	}
	if !d.hand.hasTouched() {
		t.Error("nobody has touched the wire")
	}
}

// Where time changes nothing, the user is told so.
func TestNoTimerRuns(t *testing.T) {
	h := newWireHand(func(lessonWish) {})
	l, _ := lesson.Find("handshake")
	h.begin(nil, lessonWish{id: l.ID, hold: 1})
	decide := h.verdict(l, nil)
	if v := decide(t.Context(), lab.Packet{Frame: story.Frame{Number: 1}}); v.Act != lab.Hold || !v.ByUser {
		t.Fatalf("the first verdict is %+v", v)
	}
	h.Act(1, ui.PassTime)
	ctx, cancel := context.WithCancel(t.Context())
	handle(t, h, func(seenByHand) {
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.note.String() != "" {
			cancel()
		}
	})
	asked := 0
	for ctx.Err() == nil {
		if v := decide(ctx, lab.Packet{Frame: story.Frame{Number: 1}, Held: true}); v.Act != lab.Hold {
			t.Fatalf("time is asked for, and the verdict is %+v", v)
		}
		asked++
	}
	if asked != timersAtMost+1 {
		t.Errorf("time was let pass %d times", asked-1)
	}
}
