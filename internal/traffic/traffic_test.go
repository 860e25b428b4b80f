package traffic_test

import (
	"bytes"
	"errors"
	"io"
	"net/netip"
	"strings"
	"testing"

	"tcpviz/capture"
	"tcpviz/fsm"
	"tcpviz/internal/traffic"
)

// written gives the bytes of a capture.
func written(t testing.TB, s traffic.Shape, f traffic.Format) []byte {
	t.Helper()
	var file bytes.Buffer
	sum, err := traffic.Write(&file, s, f)
	if err != nil {
		t.Fatal(err)
	}
	if sum.Bytes != int64(file.Len()) {
		t.Errorf("%d bytes were written, it says %d", file.Len(), sum.Bytes)
	}
	return file.Bytes()
}

// segment is what tcpviz's own reader finds in a frame.
type segment struct {
	at fsm.Nanos
	capture.Decoded
	frame []byte
}

// read gives the segments of a capture, in which nothing else may be.
func read(t testing.TB, file []byte) []segment {
	t.Helper()
	source, err := capture.NewReader(bytes.NewReader(file), "synthetic")
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	decoder := capture.NewDecoder()
	var list []segment
	for {
		packet, err := source.Next()
		if err == io.EOF {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		packet = packet.Clone()
		decoded, err := decoder.Decode(packet)
		if err != nil {
			t.Fatalf("frame %d: %v", packet.Number, err)
		}
		list = append(list, segment{fsm.Nanos(packet.Time.UnixNano()), decoded, packet.Data})
	}
}

// flows gives the connections that tcpviz's own model finds.
func flows(list []segment) []*fsm.Flow {
	var tracker fsm.Tracker
	var flows []*fsm.Flow
	var none []fsm.Transition
	for i, s := range list {
		flow, sender, fresh := tracker.Find(s.at, fsm.AddressOf(s.Src), fsm.AddressOf(s.Dst), &s.Segment)
		if fresh {
			flows = append(flows, flow)
		}
		flow.Count(i+1, s.at, sender, &s.Segment)
		flow.Conn, _ = flow.Conn.Apply(fsm.Event{Kind: fsm.Sent, Side: sender, Segment: s.Segment}, none[:0])
		flow.Conn, _ = flow.Conn.Apply(fsm.Event{Kind: fsm.Received, Side: sender.Other(), Assumed: true, Segment: s.Segment}, none[:0])
	}
	return flows
}

// withIPv6 gives the shape with some connections over IPv6, and a seed.
func withIPv6(s traffic.Shape) traffic.Shape {
	s.IPv6Percent, s.Seed = 30, 7
	return s
}

func TestShortConnectionsAreComplete(t *testing.T) {
	const connections = 400
	list := read(t, written(t, withIPv6(traffic.Short(connections)), traffic.Pcap))
	if len(list) != 10*connections {
		t.Errorf("%d frames, want %d", len(list), 10*connections)
	}
	found := flows(list)
	if len(found) != connections {
		t.Errorf("%d connections, want %d", len(found), connections)
	}
	six := 0
	for _, f := range found {
		s := f.Summary()
		if s.Outcome.String() != "SF" || s.Completeness != 31 || s.Segments != [2]int{6, 4} || s.Anomalies != (fsm.AnomalyCounts{}) {
			t.Errorf("connection %d: outcome %v, completeness %d, segments %v, anomalies %v", s.ID, s.Outcome, s.Completeness, s.Segments, s.Anomalies)
		}
		if f.Conn.Ends[fsm.Client].State != fsm.TimeWait || f.Conn.Ends[fsm.Server].State != fsm.Closed {
			t.Errorf("connection %d is left in %v and %v", s.ID, f.Conn.Ends[fsm.Client].State, f.Conn.Ends[fsm.Server].State)
		}
		if s.Ends[fsm.Client].Addr().Is6() {
			six++
		}
	}
	if six < connections/5 || six > connections*2/5 {
		t.Errorf("%d of %d connections use IPv6, want about 30%%", six, connections)
	}
}

// As many are open at once as on a server that is busy.
func TestShortConnectionsInterleave(t *testing.T) {
	open, most := 0, 0
	for _, s := range read(t, written(t, traffic.Short(1000), traffic.Pcap)) {
		switch {
		case s.Segment.Flags == fsm.SYN:
			open++
		case s.Segment.Flags.Has(fsm.FIN):
			open-- // twice for each
		}
		most = max(most, open)
	}
	if most < 200 || most > 900 {
		t.Errorf("%d connections are open at once, want some hundred", most)
	}
}

func TestShortIsAsLargeAsItSays(t *testing.T) {
	const connections = 2000
	each := float64(len(written(t, traffic.Short(connections), traffic.Pcap))) / connections
	if each < 900 || each > 940 {
		t.Errorf("%.0f bytes for each connection, want about 920", each)
	}
}

func TestFloodIsOnlySYNs(t *testing.T) {
	const syns = 2000
	list := read(t, written(t, withIPv6(traffic.Flood(syns)), traffic.Pcap))
	if len(list) != syns {
		t.Errorf("%d frames, want %d", len(list), syns)
	}
	for i, s := range list {
		if s.Segment.Flags != fsm.SYN {
			t.Errorf("frame %d: %v", i+1, s.Segment.Flags)
		}
	}
	found := flows(list)
	if len(found) != syns {
		t.Errorf("%d connections, want %d", len(found), syns)
	}
	for _, f := range found {
		if s := f.Summary(); s.Outcome.String() != "S0" || s.Anomalies != (fsm.AnomalyCounts{}) {
			t.Errorf("connection %d: %v, anomalies %v", s.ID, s.Outcome, s.Anomalies)
		}
	}
}

func TestBulkIsAStreamWithoutLoss(t *testing.T) {
	const size = 4_000_000
	shape := withIPv6(traffic.Bulk(size))
	file := written(t, shape, traffic.Pcap)
	if len(file) > size || len(file) < size*98/100 {
		t.Errorf("%d bytes, want at most %d and not much less", len(file), size)
	}
	list := read(t, file)
	found := flows(list)
	if len(found) != 10 {
		t.Errorf("%d connections, want 10", len(found))
	}
	for _, f := range found {
		s := f.Summary()
		if s.Outcome.String() != "SF" || s.Completeness != 31 || s.Anomalies != (fsm.AnomalyCounts{}) {
			t.Errorf("connection %d: outcome %v, completeness %d, anomalies %v", s.ID, s.Outcome, s.Completeness, s.Anomalies)
		}
		sender := fsm.Side(s.ID % 2)
		if s.Bytes[sender] < size/12 {
			t.Errorf("connection %d: %v octets, want most of %d from the %v", s.ID, s.Bytes, size/10, sender)
		}
		data, acks := s.Segments[sender], s.Segments[sender.Other()]
		if acks < data/2 || acks > data/2+8 {
			t.Errorf("connection %d: %d segments and %d back, want an ACK for every second", s.ID, data, acks)
		}
	}
}

// Each octet follows the one before, and no more is in flight than the window
// that was advertised; the numbers of the first connection pass zero.
func TestBulkKeepsToTheWindow(t *testing.T) {
	type end struct {
		client     netip.AddrPort
		fromClient bool
	}
	type direction struct {
		next, edge fsm.Seq // the next number to send, and the window's right edge
		wrapped    bool
	}
	sides := make(map[end]*direction)
	side := func(client netip.AddrPort, fromClient bool) *direction {
		e := end{client, fromClient}
		if sides[e] == nil {
			sides[e] = new(direction)
		}
		return sides[e]
	}
	list := read(t, written(t, traffic.Bulk(4_000_000), traffic.Pcap))
	for i, d := range list {
		s := d.Segment
		client, fromClient := d.Src, true
		if d.Src.Port() < 32768 {
			client, fromClient = d.Dst, false
		}
		me, you := side(client, fromClient), side(client, !fromClient)
		window := uint32(s.Window)
		if s.Flags.Has(fsm.SYN) {
			me.next = s.Seq
		} else {
			window <<= 7
			if me.edge.Less(s.End()) {
				t.Fatalf("frame %d: reaches %d, beyond the window's edge %d", i+1, s.End(), me.edge)
			}
		}
		if s.Seq != me.next {
			t.Fatalf("frame %d: sequence number %d, want %d", i+1, s.Seq, me.next)
		}
		me.wrapped = me.wrapped || s.End() < s.Seq
		me.next = s.End()
		if s.Flags.Has(fsm.ACK) {
			if you.next.Less(s.Ack) {
				t.Fatalf("frame %d: acknowledges %d, sent was %d", i+1, s.Ack, you.next)
			}
			you.edge = s.Ack.Add(window)
		}
	}
	if !side(list[0].Src, false).wrapped {
		t.Error("the sequence numbers of the first connection do not wrap")
	}
}

// The sums are made in words of 64 bits; here they are checked the plain way.
func TestChecksumsAreGood(t *testing.T) {
	sum := func(parts ...[]byte) uint32 {
		var total uint32
		for _, part := range parts {
			for i, b := range part {
				total += uint32(b) << (8 * (1 - i%2))
				total = total>>16 + total&0xffff
			}
		}
		return total
	}
	for _, shape := range []traffic.Shape{
		withIPv6(traffic.Short(200)), withIPv6(traffic.Lossy(54)), withIPv6(traffic.Flood(100)), withIPv6(traffic.Bulk(1_000_000)),
	} {
		for i, s := range read(t, written(t, shape, traffic.Pcap)) {
			ip := s.frame[s.NetOffset:]
			tcp := s.frame[s.TCPOffset : s.PayloadOffset+len(s.Payload)]
			pseudo := ip[8:40]
			if s.Src.Addr().Is4() {
				pseudo = ip[12:20]
				if got := sum(ip[:20]); got != 0xffff {
					t.Errorf("%v: frame %d: the IPv4 header sums up to %#x", shape.Kind, i+1, got)
				}
			}
			length := len(tcp)
			if got := sum(pseudo, []byte{0, 6, byte(length >> 8), byte(length)}, tcp); got != 0xffff {
				t.Errorf("%v: frame %d: the segment sums up to %#x", shape.Kind, i+1, got)
			}
		}
	}
}

// What is sent again is the same text as before.
func TestRepeatedTextIsTheSame(t *testing.T) {
	type octet struct {
		src netip.AddrPort
		seq fsm.Seq
	}
	texts := make(map[octet]byte)
	repeated := 0
	for i, s := range read(t, written(t, traffic.Lossy(len(traffic.Scenarios())), traffic.Pcap)) {
		for n, b := range s.Payload {
			at := octet{s.Src, s.Segment.Seq.Add(uint32(n))}
			before, ok := texts[at]
			if ok && before != b {
				t.Fatalf("frame %d: octet %d is %q, was %q", i+1, at.seq, b, before)
			}
			if ok {
				repeated++
			}
			texts[at] = b
		}
	}
	if repeated == 0 {
		t.Error("nothing is sent again")
	}
}

func TestFormatsHoldTheSame(t *testing.T) {
	for _, shape := range []traffic.Shape{
		withIPv6(traffic.Short(200)), withIPv6(traffic.Lossy(54)), withIPv6(traffic.Flood(100)), withIPv6(traffic.Bulk(1_000_000)),
	} {
		t.Run(shape.Kind.String(), func(t *testing.T) {
			plain, next := read(t, written(t, shape, traffic.Pcap)), read(t, written(t, shape, traffic.PcapNG))
			if len(plain) != len(next) {
				t.Fatalf("%d frames as pcap, %d as pcapng", len(plain), len(next))
			}
			for i := range plain {
				if plain[i].at != next[i].at || !bytes.Equal(plain[i].frame, next[i].frame) {
					t.Fatalf("frame %d differs", i+1)
				}
				if i > 0 && plain[i].at < plain[i-1].at {
					t.Fatalf("frame %d is older than the one before", i+1)
				}
			}
		})
	}
}

func TestSameShapeSameBytes(t *testing.T) {
	shape := withIPv6(traffic.Lossy(54))
	first := written(t, shape, traffic.Pcap)
	if !bytes.Equal(first, written(t, shape, traffic.Pcap)) {
		t.Error("the same shape gives other bytes the second time")
	}
	shape.Seed++
	if bytes.Equal(first, written(t, shape, traffic.Pcap)) {
		t.Error("another seed gives the same bytes")
	}
}

func TestSenselessShapesAreRefused(t *testing.T) {
	tests := []struct {
		shape  traffic.Shape
		format traffic.Format
		want   string
	}{
		{traffic.Short(0), traffic.Pcap, "traffic: short: 0 connections: must be 1 to 1073741824"},
		{traffic.Flood(-1), traffic.Pcap, "traffic: flood: -1 connections: must be 1 to 1073741824"},
		{traffic.Short(10_000_000), traffic.Pcap, "traffic: short: the file could have 9580000024 bytes, and none larger than 4294967296 (4 GiB) is written"},
		{traffic.Flood(1_000_000_000), traffic.PcapNG, "and none larger than 4294967296"},
		{traffic.Lossy(1_000_000), traffic.Pcap, "and none larger than 4294967296"},
		{traffic.Bulk(5 << 30), traffic.Pcap, "traffic: bulk: the file could have 5368709120 bytes, and none larger"},
		{traffic.Bulk(4 << 30), traffic.PcapNG, "and none larger than 4294967296"},
		{traffic.Bulk(1000), traffic.Pcap, "traffic: bulk: 1000 bytes are too few for 10 connections"},
		{traffic.Bulk(-1 << 62), traffic.Pcap, "are too few for 10 connections"},
		{traffic.Shape{Kind: traffic.BulkKind, Connections: 1001, Bytes: 1 << 30}, traffic.Pcap, "traffic: bulk: 1001 connections: must be 1 to 1000"},
		{traffic.Shape{Kind: traffic.ShortKind, Connections: 1, IPv6Percent: 101}, traffic.Pcap, "traffic: short: 101% IPv6: must be 0 to 100"},
		{traffic.Shape{Kind: 9, Connections: 1}, traffic.Pcap, "traffic: no such kind: Kind(9)"},
		{traffic.Short(1), 9, "traffic: no such format: Format(9)"},
	}
	for _, test := range tests {
		var file bytes.Buffer
		_, err := traffic.Write(&file, test.shape, test.format)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: error %v, want %q", test.shape, err, test.want)
		}
		if file.Len() > 0 {
			t.Errorf("%+v: %d bytes were written all the same", test.shape, file.Len())
		}
	}
}

// full is a file on a disk that is full after so many bytes.
type full struct{ left int }

var errFull = errors.New("no space left")

func (f *full) Write(b []byte) (int, error) {
	if len(b) > f.left {
		return 0, errFull
	}
	f.left -= len(b)
	return len(b), nil
}

func TestErrorsOfTheFileAreReturned(t *testing.T) {
	for _, room := range []int{0, 3 << 20} {
		for _, format := range []traffic.Format{traffic.Pcap, traffic.PcapNG} {
			_, err := traffic.Write(&full{room}, traffic.Bulk(5_000_000), format)
			if !errors.Is(err, errFull) || !strings.HasPrefix(err.Error(), "traffic: write frame ") {
				t.Errorf("%v, room for %d bytes: error %v", format, room, err)
			}
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	for _, shape := range []traffic.Shape{traffic.Short(10_000), traffic.Flood(100_000), traffic.Bulk(100_000_000), traffic.Lossy(1000)} {
		for _, format := range []traffic.Format{traffic.Pcap, traffic.PcapNG} {
			b.Run(shape.Kind.String()+"/"+format.String(), func(b *testing.B) {
				var frames int64
				for b.Loop() {
					sum, err := traffic.Write(io.Discard, shape, format)
					if err != nil {
						b.Fatal(err)
					}
					b.SetBytes(sum.Bytes)
					frames += sum.Frames
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(frames), "ns/frame")
			})
		}
	}
}
