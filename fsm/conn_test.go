package fsm_test

import (
	"encoding/binary"
	"testing"
	"unsafe"

	"pgregory.net/rapid"

	"tcpviz/fsm"
)

// TestConnIsSmall holds what lets a story keep one Conn for each step.
func TestConnIsSmall(t *testing.T) {
	if size := unsafe.Sizeof(fsm.Conn{}); size > 250 {
		t.Errorf("a Conn takes %d octets", size)
	}
	a, _ := conversation(1)
	b, _ := conversation(1)
	if a != b {
		t.Error("the same events gave two different connections")
	}
}

// conversation plays a whole connection n times over.
func conversation(n int) (fsm.Conn, []fsm.Transition) {
	var c fsm.Conn
	out := make([]fsm.Transition, 0, 8)
	for range n {
		c = fsm.Conn{}
		for _, e := range wholeConnection {
			c, out = c.Apply(e, out[:0])
		}
	}
	return c, out
}

var wholeConnection = func() []fsm.Event {
	var all []fsm.Event
	add := func(from fsm.Side, flags fsm.Flags, seq, ack fsm.Seq, length uint32) {
		s := fsm.Segment{Seq: seq, Ack: ack, Flags: flags, Window: 1000, Len: length}
		all = append(all, fsm.Event{Kind: fsm.Sent, Side: from, Segment: s},
			fsm.Event{Kind: fsm.Received, Side: from.Other(), Segment: s, Assumed: true})
	}
	add(fsm.Client, fsm.SYN, 100, 0, 0)
	add(fsm.Server, fsm.SYN|fsm.ACK, 300, 101, 0)
	add(fsm.Client, fsm.ACK, 101, 301, 0)
	add(fsm.Client, fsm.ACK|fsm.PSH, 101, 301, 10)
	add(fsm.Server, fsm.ACK, 301, 111, 0)
	add(fsm.Client, fsm.FIN|fsm.ACK, 111, 301, 0)
	add(fsm.Server, fsm.FIN|fsm.ACK, 301, 112, 0)
	add(fsm.Client, fsm.ACK, 112, 302, 0)
	return all
}()

func TestApplyDoesNotAllocate(t *testing.T) {
	out := make([]fsm.Transition, 0, 8)
	if n := testing.AllocsPerRun(100, func() {
		var c fsm.Conn
		for _, e := range wholeConnection {
			c, out = c.Apply(e, out[:0])
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkApply(b *testing.B) {
	out := make([]fsm.Transition, 0, 8)
	var c fsm.Conn
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i%len(wholeConnection) == 0 {
			c = fsm.Conn{}
		}
		c, out = c.Apply(wholeConnection[i%len(wholeConnection)], out[:0])
	}
}

// checkApply applies an event twice and holds what is true of every event.
func checkApply(t interface {
	Helper()
	Fatalf(string, ...any)
}, c fsm.Conn, e fsm.Event) fsm.Conn {
	t.Helper()
	next, caused := c.Apply(e, nil)
	again, causedAgain := c.Apply(e, nil)
	if next != again || len(caused) != len(causedAgain) {
		t.Fatalf("%+v: the same event gave two results", e)
	}
	if len(caused) == 0 {
		t.Fatalf("%+v in %s: no rule", e, c.Ends[e.Side].State)
	}
	at := [2]fsm.State{c.Ends[0].State, c.Ends[1].State}
	for i, tr := range caused {
		if tr != causedAgain[i] {
			t.Fatalf("%+v: the same event gave two results", e)
		}
		if tr.Rule == nil || tr.From != at[tr.Side] {
			t.Fatalf("%+v: transition %+v begins in %s", e, tr, at[tr.Side])
		}
		at[tr.Side] = tr.To
	}
	for side, s := range at {
		if next.Ends[side].Stack != c.Ends[side].Stack {
			t.Fatalf("%+v: the %s runs another stack", e, fsm.Side(side))
		}
		if next.Ends[side].State != s {
			t.Fatalf("%+v: transitions end in %s, the connection in %s", e, s, next.Ends[side].State)
		}
		if int(s) >= fsm.StateCount || next.Ends[side].Basis > fsm.Assumed {
			t.Fatalf("%+v: no such state or basis: %+v", e, next.Ends[side])
		}
	}
	if e.Kind == fsm.Called && !e.Waits && at != [2]fsm.State{c.Ends[0].State, c.Ends[1].State} {
		t.Fatalf("%+v: a call's enter changed a state", e)
	}
	return next
}

// TestAnySequence holds that no sequence of events, however absurd, panics or
// breaks what is true of all.
func TestAnySequence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := fsm.Conn{}.On(fsm.Stack(rapid.IntRange(0, int(fsm.Netstack)).Draw(t, "stack")))
		for _, e := range rapid.SliceOfN(anyEvent(), 1, 40).Draw(t, "events") {
			c = checkApply(t, c, e)
		}
	})
}

// FuzzApply reads events from bytes: kind and side, flags, numbers, length.
func FuzzApply(f *testing.F) {
	f.Add([]byte{0x00, 2, 0, 100, 0, 0, 0, 0x02, 18, 1, 44, 0, 101, 0})
	f.Add([]byte{0x01, 1, 0, 1, 0, 2, 5, 0x03, 4, 0, 1, 0, 2, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		var c fsm.Conn
		if len(data)%2 == 1 {
			c = c.On(fsm.Stack(1 + len(data)/7%2))
		}
		for ; len(data) >= 7; data = data[7:] {
			e := fsm.Event{
				Kind: fsm.EventKind(data[0] >> 4 % 7), Side: fsm.Side(data[0] & 1),
				Assumed: data[0]&2 != 0, Failed: data[0]&4 != 0,
				Waits: data[0]&8 != 0, Queue: fsm.Queue(data[0] >> 2 % 3),
				Call: fsm.UserCall(data[1] % 10), Timer: fsm.Timer(data[1] % 7),
				Segment: fsm.Segment{
					Flags: fsm.Flags(data[1]), Len: uint32(data[6]), Window: uint16(data[6]) << 4,
					Seq: fsm.Seq(binary.BigEndian.Uint16(data[2:])), Ack: fsm.Seq(binary.BigEndian.Uint16(data[4:])),
				},
			}
			c = checkApply(t, c, e)
		}
	})
}
