package traffic

import (
	"bytes"
	"io"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tcpviz/capture"
	"tcpviz/fsm"
)

// alone gives a capture of one scenario only.
func alone(t *testing.T, s Scenario, seed uint64) []byte {
	t.Helper()
	shape := Lossy(1)
	shape.Seed, shape.IPv6Percent = seed, int(seed%2)*100
	var file bytes.Buffer
	if _, err := write(&file, shape, []Scenario{s}, Pcap); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// What is said of a scenario is what tcpviz finds in it, whatever the pauses and
// the initial sequence numbers are.
func TestScenariosAreWhatTheySay(t *testing.T) {
	for _, s := range Scenarios() {
		t.Run(s.Name, func(t *testing.T) {
			for seed := range uint64(8) {
				file := alone(t, s, seed)
				flows, found := follow(segments(t, file))
				var outcomes []string
				for _, flow := range flows {
					outcomes = append(outcomes, flow.Summary().Outcome.String())
				}
				if diff := cmp.Diff(s.Outcomes, outcomes); diff != "" {
					t.Errorf("seed %d: outcomes (-said +found):\n%s", seed, diff)
				}
				if found != s.Anomalies {
					t.Errorf("seed %d: anomalies: said %q, found %q", seed, s.Anomalies, found)
				}
			}
		})
	}
}

// The bound of a lossy capture rests on this.
func TestNoScenarioIsLargerThanItsBound(t *testing.T) {
	for _, s := range Scenarios() {
		for seed := range uint64(4) {
			file := alone(t, s, seed)
			frames := int64(len(segments(t, file)))
			size := int64(len(file)) - Pcap.perFile() - frames*Pcap.perFrame()
			if frames > lossyFrames || size > lossyBytes {
				t.Errorf("%s has %d frames with %d bytes, more than %d with %d", s.Name, frames, size, lossyFrames, lossyBytes)
			}
		}
	}
}

// A shape is refused by its bound, so that no file may be larger than that.
func TestFilesKeepToTheirBounds(t *testing.T) {
	for _, shape := range []Shape{
		Short(1), Short(100), Flood(1), Flood(200), Lossy(1), Lossy(50),
		Bulk(50_000), Bulk(60_000), Bulk(1_000_000), Bulk(1_001_000),
	} {
		for _, shape.IPv6Percent = range []int{0, 30, 100} {
			for _, format := range []Format{Pcap, PcapNG} {
				sum, err := Write(io.Discard, shape, format)
				if err != nil {
					t.Fatal(err)
				}
				if bound := shape.bound(format); sum.Bytes > bound {
					t.Errorf("%+v as %v has %d bytes, its bound is %d", shape, format, sum.Bytes, bound)
				}
				if shape.Kind == BulkKind && format == Pcap && sum.Bytes > shape.Bytes {
					t.Errorf("%+v has %d bytes", shape, sum.Bytes)
				}
			}
		}
	}
}

// What a frame is made of is what is read out of it again, options and all.
func TestFramesHoldTheirSegments(t *testing.T) {
	for _, s := range Scenarios() {
		t.Run(s.Name, func(t *testing.T) {
			for seed := range uint64(2) {
				read := segments(t, alone(t, s, seed))
				for _, d := range spoken(s, seed) {
					if len(read) == 0 {
						t.Fatal("too few frames")
					}
					if diff := cmp.Diff(d.segment, read[0].Segment); diff != "" {
						t.Fatalf("frame %d (-written +read):\n%s", read[0].frame, diff)
					}
					read = read[1:]
				}
				if len(read) > 0 {
					t.Errorf("%d frames too many", len(read))
				}
			}
		})
	}
}

// spoken gives what is said in the capture of a scenario alone.
func spoken(s Scenario, seed uint64) []captured {
	shape := Lossy(1)
	shape.Seed, shape.IPv6Percent = seed, int(seed%2)*100
	g := newGenerator(shape, []Scenario{s})
	g.begin()
	list := []captured{g.open[0].next}
	for {
		next, ok := g.open[0].source.take()
		if !ok {
			return list
		}
		list = append(list, next)
	}
}

// located is a segment with its place in a capture.
type located struct {
	frame int
	at    fsm.Nanos
	capture.Decoded
}

// segments reads a capture with tcpviz's own reader; every frame must hold a segment.
func segments(t testing.TB, file []byte) []located {
	t.Helper()
	source, err := capture.NewReader(bytes.NewReader(file), "synthetic")
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	decoder := capture.NewDecoder()
	var list []located
	for frame := 1; ; frame++ {
		packet, err := source.Next()
		if err == io.EOF {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		decoded, err := decoder.Decode(packet)
		if err != nil {
			t.Fatalf("frame %d: %v", frame, err)
		}
		list = append(list, located{frame, fsm.Nanos(packet.Time.UnixNano()), decoded})
	}
}

// follow gives the connections that tcpviz's own model finds among segments, and
// the anomalies of all of them.
func follow(list []located) ([]*fsm.Flow, fsm.Anomaly) {
	var tracker fsm.Tracker
	var found fsm.Anomaly
	for _, d := range list {
		flow, sender, _ := tracker.Find(d.at, fsm.AddressOf(d.Src), fsm.AddressOf(d.Dst), &d.Segment)
		found |= flow.Count(d.frame, d.at, sender, &d.Segment)
		flow.Conn, _ = flow.Conn.Apply(fsm.Event{Kind: fsm.Sent, Side: sender, Segment: d.Segment}, nil)
		flow.Conn, _ = flow.Conn.Apply(fsm.Event{Kind: fsm.Received, Side: sender.Other(), Assumed: true, Segment: d.Segment}, nil)
	}
	return slices.Collect(tracker.Flows()), found
}
