package fsm_test

import (
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"tcpviz/fsm"
	"tcpviz/internal/script"
)

// anyEvent generates events, with numbers that often fit a connection whose
// initial ones are 100 and 300.
func anyEvent() *rapid.Generator[fsm.Event] {
	near := rapid.OneOf(rapid.Uint32Range(95, 110), rapid.Uint32Range(295, 310), rapid.Uint32())
	return rapid.Custom(func(t *rapid.T) fsm.Event {
		return fsm.Event{
			Kind:    fsm.EventKind(rapid.IntRange(0, int(fsm.Rebooted)).Draw(t, "kind")),
			Side:    fsm.Side(rapid.IntRange(0, 1).Draw(t, "side")),
			Call:    fsm.UserCall(rapid.IntRange(0, int(fsm.CloseListening)).Draw(t, "call")),
			Failed:  rapid.Bool().Draw(t, "failed"),
			Timer:   fsm.Timer(rapid.IntRange(0, int(fsm.DelayedAckTimer)).Draw(t, "timer")),
			Assumed: rapid.Bool().Draw(t, "assumed"),
			Waits:   rapid.Bool().Draw(t, "waits"),
			Queue:   fsm.Queue(rapid.IntRange(0, int(fsm.AcceptQueueFull)).Draw(t, "queue")),
			Segment: fsm.Segment{
				Seq:    fsm.Seq(near.Draw(t, "seq")),
				Ack:    fsm.Seq(near.Draw(t, "ack")),
				Flags:  fsm.Flags(rapid.SampledFrom([]int{1, 2, 4, 16, 17, 18, 20, 24}).Draw(t, "flags")),
				Window: rapid.Uint16().Draw(t, "window"),
				Len:    rapid.SampledFrom([]uint32{0, 0, 1, 5, 1000}).Draw(t, "len"),
			},
		}
	})
}

// A moment is a connection after an event, and what that event caused.
type moment struct {
	conn   fsm.Conn
	caused []fsm.Transition
}

// history applies the events to the zero Conn and gives every moment.
func history(events []fsm.Event) []moment {
	all := make([]moment, len(events))
	var c fsm.Conn
	for i, e := range events {
		c, all[i].caused = c.Apply(e, nil)
		all[i].conn = c
	}
	return all
}

// sameMoment holds that two moments are the same, to the last rule.
func sameMoment(t *rapid.T, at int, got, want moment) {
	t.Helper()
	if got.conn != want.conn {
		t.Fatalf("after event %d: %+v, was %+v", at, got.conn, want.conn)
	}
	if len(got.caused) != len(want.caused) {
		t.Fatalf("event %d: %d transitions, were %d", at, len(got.caused), len(want.caused))
	}
	for i := range got.caused {
		if got.caused[i] != want.caused[i] {
			t.Fatalf("event %d: %+v, was %+v", at, got.caused[i], want.caused[i])
		}
	}
}

// TestReplay holds that a Conn is all that there is: the one after i events is
// the one that just these i events give, whatever other connection is played in
// between, and going on from a kept one gives what came after it.
func TestReplay(t *testing.T) {
	events := rapid.SliceOfN(anyEvent(), 1, 40)
	rapid.Check(t, func(t *rapid.T) {
		here, other := events.Draw(t, "events"), events.Draw(t, "events of another connection")
		want := history(here)
		i := rapid.IntRange(0, len(here)-1).Draw(t, "i")
		first := history(here[:i+1])
		for at, m := range first {
			sameMoment(t, at, m, want[at])
		}
		c := first[i].conn
		var elsewhere fsm.Conn
		for at := i + 1; at < len(here); at++ {
			elsewhere, _ = elsewhere.Apply(other[at%len(other)], nil)
			var m moment
			c, m.caused = c.Apply(here[at], nil)
			m.conn = c
			sameMoment(t, at, m, want[at])
		}
	})
}

// TestOutIsOnlyAppendedTo holds that Apply leaves alone what out holds already.
func TestOutIsOnlyAppendedTo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c fsm.Conn
		var all []fsm.Transition
		events := rapid.SliceOfN(anyEvent(), 1, 40).Draw(t, "events")
		for _, e := range events {
			c, all = c.Apply(e, all)
		}
		rest := all
		for at, m := range history(events) {
			if len(rest) < len(m.caused) {
				t.Fatalf("event %d: %d transitions are left of %d", at, len(rest), len(m.caused))
			}
			sameMoment(t, at, moment{m.conn, rest[:len(m.caused)]}, m)
			rest = rest[len(m.caused):]
		}
		if len(rest) > 0 {
			t.Fatalf("%d transitions too many", len(rest))
		}
	})
}

// TestScriptsAcrossTheWrap plays every script with lower initial numbers, so that
// those of one side or of both pass 2³² on the way: nothing else may change.
func TestScriptsAcrossTheWrap(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.script")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	var scripts []script.Script
	for _, path := range paths {
		for _, s := range readScripts(t, path).Scripts {
			if !hasNumberZero(s) { // a captured 0 may stand for a number that was lost
				scripts = append(scripts, s)
			}
		}
	}
	if len(scripts) < 100 {
		t.Fatalf("only %d scripts", len(scripts))
	}
	rapid.Check(t, func(t *rapid.T) {
		// 100 and 300 begin most scripts; 1000 is the window.
		back := rapid.Uint32Range(0, 1400)
		by := [2]fsm.Seq{fsm.Seq(back.Draw(t, "client")), fsm.Seq(back.Draw(t, "server"))}
		for _, s := range scripts {
			var plain, moved stage
			for _, line := range s.Lines {
				want := plain.step(line.Step)
				step := line.Step
				step.Segment.Seq -= by[step.Side]
				if step.Segment.Flags.Has(fsm.ACK) {
					step.Segment.Ack -= by[step.Side.Other()]
				}
				got := moved.step(step)
				if len(got) != len(want) {
					t.Fatalf("%s: %s: %d transitions, not %d", s.Name, line.Said, len(got), len(want))
				}
				for i := range want {
					if got[i] != want[i] {
						t.Fatalf("%s: %s: %+v, not %+v", s.Name, line.Said, got[i], want[i])
					}
				}
			}
		}
	})
}

// hasNumberZero reports whether a segment of the script acknowledges 0.
func hasNumberZero(s script.Script) bool {
	for _, line := range s.Lines {
		if line.Step.Kind == script.Segment && line.Step.Segment.Flags.Has(fsm.ACK) && line.Step.Segment.Ack == 0 {
			return true
		}
	}
	return false
}
