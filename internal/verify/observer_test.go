package verify_test

import (
	"context"
	"net/netip"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"tcpviz/fsm"
	"tcpviz/internal/lab"
	"tcpviz/internal/lesson"
	"tcpviz/internal/story"
	"tcpviz/internal/verify"
)

// performed gives events as if a lesson had been performed: segments of both
// sides, and what the stacks said at the end.
func performed(segments []sent, last [2]fsm.State) func(context.Context, lesson.Lesson, lab.Options) (lab.Result, error) {
	return func(_ context.Context, _ lesson.Lesson, o lab.Options) (lab.Result, error) {
		ends := [2]netip.AddrPort{netip.MustParseAddrPort("10.9.0.1:40000"), netip.MustParseAddrPort("10.9.0.2:10008")}
		at := time.Unix(1, 0).UTC()
		var events []story.Event
		for i, s := range segments {
			at = at.Add(time.Millisecond)
			events = append(events,
				story.Frame{Time: at, Number: i + 1, Src: ends[s.side], Dst: ends[s.side.Other()], Segment: s.segment, Fate: story.FateUnderWay},
				story.Arrival{Time: at, Frame: i + 1, Fate: story.FateDelivered})
		}
		for side, state := range last {
			events = append(events, story.Truth{Time: at, Side: fsm.Side(side), Local: ends[side], Remote: ends[1-side], State: state})
		}
		o.Emit(events)
		return lab.Result{Setting: lab.Setting{Stage: o.Stage, Ordered: true}, Frames: len(segments)}, nil
	}
}

type sent struct {
	side    fsm.Side
	segment fsm.Segment
}

func TestObserver(t *testing.T) {
	t.Parallel()
	const client, server = fsm.Client, fsm.Server
	handshake := []sent{
		{client, fsm.Segment{Seq: 100, Flags: fsm.SYN, Window: 1000}},
		{server, fsm.Segment{Seq: 500, Ack: 101, Flags: fsm.SYN | fsm.ACK, Window: 1000}},
		{client, fsm.Segment{Seq: 101, Ack: 501, Flags: fsm.ACK, Window: 1000}},
	}
	data := append(handshake[:3:3], sent{server, fsm.Segment{Seq: 501, Ack: 101, Flags: fsm.ACK | fsm.PSH, Len: 5, Window: 1000}})
	reset := append(data[:4:4], sent{client, fsm.Segment{Seq: 101, Ack: 506, Flags: fsm.RST | fsm.ACK}})
	for _, test := range []struct {
		name     string
		segments []sent
		last     [2]fsm.State
		want     verify.Observer
	}{
		// Whether the SYN has arrived nobody knows, nor for how long the client waits.
		{"a SYN", handshake[:1], [2]fsm.State{fsm.SynSent, fsm.SynReceived}, verify.Observer{Compared: 2, Undecided: 2, AgreeToo: 1}},
		// The client's ACK proves its state; the server's is only expected.
		{"a handshake", handshake, [2]fsm.State{fsm.Established, fsm.Established}, verify.Observer{Compared: 2, Decided: 1, Agree: 1, Undecided: 1, AgreeToo: 1}},
		{"its last ACK was lost", handshake, [2]fsm.State{fsm.Established, fsm.SynReceived}, verify.Observer{Compared: 2, Decided: 1, Agree: 1, Undecided: 1}},
		{"data", data, [2]fsm.State{fsm.Established, fsm.Established}, verify.Observer{Compared: 2, Decided: 2, Agree: 2}},
		// A host that has failed is what no capture shows: decided, and wrong.
		{"a host has failed", data, [2]fsm.State{fsm.Established, fsm.Closed}, verify.Observer{Compared: 2, Decided: 2, Agree: 1}},
		{"a reset", reset, [2]fsm.State{fsm.Closed, fsm.Closed}, verify.Observer{Compared: 2, Decided: 1, Agree: 1, Undecided: 1, AgreeToo: 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := check(t, verify.Options{
				Lessons: lessons(t, "handshake"), Stages: []string{lab.Sim}, Parts: []verify.Part{verify.Plain},
				Perform: performed(test.segments, test.last),
			})
			if diff := gocmp.Diff(test.want, row(t, r, verify.Plain).Observer); diff != "" {
				t.Error(diff)
			}
		})
	}
}
