package story_test

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// events draws any list of events, most of them nonsense: a recording may come
// from anywhere.
func events(t *rapid.T) []story.Event {
	addresses := []netip.AddrPort{{}, clientAddr, serverAddr, netip.MustParseAddrPort("[::1]:10008")}
	ops := []string{"socket", "bind", "listen", "accept", "connect", "send", "recv", "shutdown", "close", "setsockopt", "other"}
	address := rapid.SampledFrom(addresses)
	small := rapid.IntRange(-1, 5)
	fates := []story.Fate{story.FateAssumed, story.FateDelivered, story.FateLost, story.FateUnderWay}
	side := rapid.SampledFrom([]fsm.Side{fsm.Client, fsm.Server})
	event := rapid.Custom(func(t *rapid.T) story.Event {
		at := time.Unix(0, int64(rapid.IntRange(0, 50).Draw(t, "time")))
		switch rapid.IntRange(0, 5).Draw(t, "kind") {
		case 0:
			return story.Call{
				Time: at, Program: rapid.SampledFrom([]string{"", "client", "server"}).Draw(t, "program"),
				Side: side.Draw(t, "side"), ID: small.Draw(t, "id"), Phase: rapid.SampledFrom([]story.Phase{story.Enter, story.Return}).Draw(t, "phase"),
				Op: rapid.SampledFrom(ops).Draw(t, "op"), FD: small.Draw(t, "fd"), Args: rapid.SampledFrom([]string{"", "3, SHUT_RD", "3, 0", "3, SO_LINGER, {1, 5}"}).Draw(t, "args"),
				Result: int64(small.Draw(t, "result")), Errno: rapid.SampledFrom([]string{"", "EAGAIN", "ECONNREFUSED"}).Draw(t, "errno"),
				Local: address.Draw(t, "local"), Remote: address.Draw(t, "remote"),
			}
		case 1:
			return story.Frame{
				Time: at, Number: small.Draw(t, "number"), Src: address.Draw(t, "src"), Dst: address.Draw(t, "dst"),
				Segment: fsm.Segment{
					Seq: fsm.Seq(small.Draw(t, "seq")), Ack: fsm.Seq(small.Draw(t, "ack")),
					Flags: fsm.Flags(rapid.Byte().Draw(t, "flags")), Len: uint32(rapid.IntRange(0, 3).Draw(t, "len")),
				},
				Fate: rapid.SampledFrom(fates).Draw(t, "fate"),
			}
		}
		switch rapid.IntRange(0, 4).Draw(t, "wire") {
		case 3:
			return story.Reboot{Time: at, Side: side.Draw(t, "side")}
		case 0:
			return story.Arrival{Time: at, Frame: small.Draw(t, "frame"), Fate: rapid.SampledFrom(fates).Draw(t, "arrived")}
		case 1:
			return story.Impairment{
				Time: at, Frame: small.Draw(t, "frame"), What: story.Impaired(rapid.IntRange(0, 6).Draw(t, "what")),
				For: time.Duration(small.Draw(t, "for")), ByUser: rapid.Bool().Draw(t, "by"),
			}
		case 2:
			return story.Expiry{
				Time: at, Side: side.Draw(t, "side"), Local: address.Draw(t, "local"), Remote: address.Draw(t, "remote"),
				Timer: fsm.Timer(rapid.IntRange(0, 9).Draw(t, "timer")),
			}
		}
		return story.Truth{
			Time: at, Side: side.Draw(t, "side"), Local: address.Draw(t, "local"), Remote: address.Draw(t, "remote"),
			State: fsm.State(rapid.IntRange(0, fsm.StateCount-1).Draw(t, "state")),
		}
	})
	return rapid.SliceOfN(event, 0, 60).Draw(t, "events")
}

func TestAnyEventsMakeAStory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := story.NewBuilder(story.Meta{Stage: rapid.SampledFrom([]string{"", "wire", "sim"}).Draw(t, "stage")})
		b.Limit(rapid.SampledFrom([]int{0, 5, 1000}).Draw(t, "limit"))
		list := events(t)
		half := rapid.IntRange(0, len(list)).Draw(t, "half")
		b.Add(list[:half]...)
		if rapid.Bool().Draw(t, "forget") {
			b.Forget()
		}
		b.Add(list[half:]...)
		s := b.Story()
		for i := range s.Steps {
			step := &s.Steps[i]
			if s.At(step.N) != step {
				t.Fatalf("At(%d) is not the step with that number", step.N)
			}
			if step.Cause >= step.N || step.Peer < 0 || step.Conn < 0 || step.Conn > s.Conns.Len() {
				t.Fatalf("step %d: cause %d, peer %d, connection %d of %d", step.N, step.Cause, step.Peer, step.Conn, s.Conns.Len())
			}
			s.Explain(step.N, lang.English)
			s.Relative(step.N)
		}
		for conn := range s.Conns.Len() + 1 {
			view := s.View(conn)
			for i, row := range view.Rows {
				if view.Index(row.Step) != i {
					t.Fatalf("row %d shows step %d, which Index finds at %d", i, row.Step, view.Index(row.Step))
				}
			}
		}
	})
}

// A step is what it was when it was the newest: the story of the first events is
// the beginning of the story of all. Only what links a step to later ones is
// filled in afterwards.
func TestAStoryIsTheStoryOfItsBeginning(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := events(t)
		whole := story.NewBuilder(story.Meta{})
		for _, e := range list {
			whole.Add(e)
		}
		n := rapid.IntRange(0, len(list)).Draw(t, "n")
		begun := story.NewBuilder(story.Meta{})
		for _, e := range list[:n] {
			begun.Add(e)
		}
		all, first := whole.Story(), begun.Story()
		for i := range first.Steps {
			was, is := first.Steps[i], all.Steps[i]
			if was.Kind != is.Kind || was.Side != is.Side || was.After != is.After || was.Cause != is.Cause ||
				!slices.Equal(was.Transitions, is.Transitions) {
				t.Fatalf("step %d was\n%+v\nand is\n%+v", was.N, was, is)
			}
		}
	})
}
