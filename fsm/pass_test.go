package fsm_test

import (
	"testing"

	"pgregory.net/rapid"

	"tcpviz/fsm"
)

// applied gives the connection after the two events that a captured segment is.
func applied(c fsm.Conn, sender fsm.Side, s fsm.Segment) fsm.Conn {
	c, _ = c.Apply(fsm.Event{Kind: fsm.Sent, Side: sender, Segment: s}, nil)
	c, _ = c.Apply(fsm.Event{Kind: fsm.Received, Side: sender.Other(), Segment: s, Assumed: true}, nil)
	return c
}

// near draws a number that is n, or not far from it.
func near(t *rapid.T, n fsm.Seq, what string) fsm.Seq {
	return n + fsm.Seq(rapid.SampledFrom([]int32{0, 0, 0, 0, 0, 0, -1, 1, 100, -100, 5000, -70000, 1 << 30}).Draw(t, what))
}

// plausible draws a segment that the side might send: mostly the next in order.
func plausible(t *rapid.T, c fsm.Conn, sender fsm.Side) fsm.Segment {
	e, p := c.Ends[sender], c.Ends[sender.Other()]
	seq, ack := e.SndNxt, e.RcvNxt
	if rapid.IntRange(0, 3).Draw(t, "in order") > 0 {
		return fsm.Segment{Seq: seq, Ack: ack, Flags: fsm.ACK, Window: 1000, Len: rapid.SampledFrom([]uint32{0, 1, 900}).Draw(t, "len")}
	}
	if rapid.IntRange(0, 5).Draw(t, "from the peer's view") == 0 {
		seq, ack = p.RcvNxt, p.SndNxt
	}
	s := fsm.Segment{
		Seq: near(t, seq, "seq"), Ack: near(t, ack, "ack"),
		Flags:  rapid.SampledFrom([]fsm.Flags{fsm.ACK, fsm.ACK, fsm.ACK | fsm.PSH, fsm.ACK, fsm.FIN | fsm.ACK, fsm.RST, fsm.RST | fsm.ACK, fsm.SYN, fsm.SYN | fsm.ACK, fsm.PSH, fsm.ACK | fsm.URG}).Draw(t, "flags"),
		Len:    rapid.SampledFrom([]uint32{0, 0, 1, 100, 1448}).Draw(t, "len"),
		Window: rapid.SampledFrom([]uint16{1000, 65535, 0, 1, 100}).Draw(t, "window"),
	}
	if rapid.IntRange(0, 20).Draw(t, "a blank ack") == 0 {
		s.Ack = 0
	}
	if rapid.Bool().Draw(t, "timestamps") {
		s.Options.HasTimestamps = true
		s.Options.TSVal = rapid.Uint32Range(0, 5).Draw(t, "tsval") - 2
	}
	return s
}

// TestPass holds that Pass is two Applies: in connections with a whole handshake,
// and in those that are met anywhere.
func TestPass(t *testing.T) {
	quick := 0
	rapid.Check(t, func(t *rapid.T) {
		var c fsm.Conn
		pass := func(sender fsm.Side, s fsm.Segment) {
			want := applied(c, sender, s)
			if trial := c; trial.PassesInOrder(sender, &s) {
				quick++
			}
			before := s
			c.Pass(sender, &s)
			if c != want {
				t.Fatalf("%s sends %+v:\n%+v\n%+v", sender, s, c, want)
			}
			if s != before {
				t.Fatalf("the segment was changed: %+v", s)
			}
		}
		if rapid.IntRange(0, 4).Draw(t, "handshake") > 0 {
			iss := fsm.Seq(rapid.SampledFrom([]uint32{100, 1<<32 - 50, 1<<31 - 3, 0}).Draw(t, "iss"))
			irs := fsm.Seq(rapid.SampledFrom([]uint32{9000, 1<<32 - 1, 1<<31 - 1}).Draw(t, "irs"))
			options := fsm.Options{HasScale: rapid.Bool().Draw(t, "scale"), WindowScale: 7, MSS: 1460}
			pass(fsm.Client, fsm.Segment{Seq: iss, Flags: fsm.SYN, Window: 1000, Options: options})
			pass(fsm.Server, fsm.Segment{Seq: irs, Ack: iss + 1, Flags: fsm.SYN | fsm.ACK, Window: 1000, Options: options})
			pass(fsm.Client, fsm.Segment{Seq: iss + 1, Ack: irs + 1, Flags: fsm.ACK, Window: 1000})
		}
		for range rapid.IntRange(1, 30).Draw(t, "segments") {
			sender := fsm.Side(rapid.IntRange(0, 1).Draw(t, "sender"))
			pass(sender, plausible(t, c, sender))
		}
	})
	if quick < 100 {
		t.Errorf("only %d segments took the quick way", quick)
	}
}

// TestPassOfScripts holds the same for all segments of the packet scripts, from
// each of the states that they reach.
func TestPassOfScripts(t *testing.T) {
	walk(t, fsm.AnyStack, func(en entry, _ string, _ []fsm.Transition) {
		c := en.enter(t)
		for _, flags := range []fsm.Flags{fsm.ACK, fsm.FIN | fsm.ACK, fsm.RST, fsm.SYN, fsm.SYN | fsm.ACK} {
			for sender := range fsm.Side(2) {
				s := fsm.Segment{Seq: c.Ends[sender].SndNxt, Ack: c.Ends[sender].RcvNxt, Flags: flags, Window: 100}
				passed := c
				if passed.Pass(sender, &s); passed != applied(c, sender, s) {
					t.Fatalf("in %s and %s, the %s sends %s: Pass is another thing than Apply", c.Ends[0].State, c.Ends[1].State, sender, flags)
				}
			}
		}
	})
}

func TestPassDoesNotAllocate(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() {
		var c fsm.Conn
		for _, e := range wholeConnection {
			if e.Kind == fsm.Sent {
				c.Pass(e.Side, &e.Segment)
			}
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// BenchmarkPass lets whole connections pass; its figures are those of a segment.
func BenchmarkPass(b *testing.B) {
	b.ReportAllocs()
	var c fsm.Conn
	for i := 0; b.Loop(); i += 2 {
		e := &wholeConnection[i%len(wholeConnection)]
		if i%len(wholeConnection) == 0 {
			c = fsm.Conn{}
		}
		c.Pass(e.Side, &e.Segment)
	}
}
