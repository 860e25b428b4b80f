package fsm_test

import (
	"net/netip"
	"slices"
	"strconv"
	"testing"

	"tcpviz/fsm"
)

var (
	one   = netip.MustParseAddrPort("10.0.0.1:40000")
	two   = netip.MustParseAddrPort("10.0.0.2:80")
	three = netip.MustParseAddrPort("[2001:db8::3]:5000")
	four  = netip.MustParseAddrPort("[2001:db8::4]:6000")
)

// find looks a segment up that was captured at no known time.
func find(t *fsm.Tracker, src, dst netip.AddrPort, s fsm.Segment) (*fsm.Flow, fsm.Side, bool) {
	return t.Find(0, fsm.AddressOf(src), fsm.AddressOf(dst), &s)
}

// feed gives a segment to the tracker and its events to the connection.
func feed(t *fsm.Tracker, src, dst netip.AddrPort, flags fsm.Flags, seq, ack fsm.Seq) (*fsm.Flow, fsm.Side, bool) {
	s := fsm.Segment{Flags: flags, Seq: seq, Ack: ack, Window: 1000}
	f, sender, fresh := find(t, src, dst, s)
	f.Count(1, 0, sender, &s)
	f.Conn, _ = f.Conn.Apply(fsm.Event{Kind: fsm.Sent, Side: sender, Segment: s}, nil)
	f.Conn, _ = f.Conn.Apply(fsm.Event{Kind: fsm.Received, Side: sender.Other(), Segment: s, Assumed: true}, nil)
	return f, sender, fresh
}

func TestWhoIsClient(t *testing.T) {
	for _, test := range []struct {
		name      string
		listening string
		src, dst  netip.AddrPort
		flags     fsm.Flags
		want      fsm.Side
	}{
		{"a SYN is the client's", "", two, one, fsm.SYN, fsm.Client},
		{"a SYN-ACK is the server's", "", one, two, fsm.SYN | fsm.ACK, fsm.Server},
		{"the smaller port is the server's", "", one, two, fsm.ACK, fsm.Client},
		{"the smaller port is the server's, sending", "", two, one, fsm.ACK, fsm.Server},
		{"IPv6", "", three, four, fsm.FIN | fsm.ACK, fsm.Server},
		{"who listens is the server", "10.0.0.1:40000", two, one, fsm.ACK, fsm.Client},
		{"who listens on any address", "0.0.0.0:40000", one, two, fsm.ACK, fsm.Server},
		{"who listens on any IPv6 address", "[::]:6000", four, three, fsm.ACK, fsm.Server},
		{"IPv6 takes IPv4 too", "[::]:40000", one, two, fsm.ACK, fsm.Server},
		{"another address", "10.0.0.9:40000", one, two, fsm.ACK, fsm.Client},
	} {
		var tr fsm.Tracker
		if test.listening != "" {
			tr.Listening(netip.MustParseAddrPort(test.listening))
		}
		f, sender, fresh := find(&tr, test.src, test.dst, fsm.Segment{Flags: test.flags})
		if sender != test.want || !fresh || f.ID() != 1 || f.Summary().Ends[sender].AddrPort() != test.src || f.Summary().Ends[sender.Other()].AddrPort() != test.dst {
			t.Errorf("%s: sender is %s, flow %+v, fresh %v", test.name, sender, f, fresh)
		}
		if f2, sender2, fresh := find(&tr, test.dst, test.src, fsm.Segment{Flags: fsm.ACK}); f2 != f || sender2 == sender || fresh {
			t.Errorf("%s: the answer belongs to another connection", test.name)
		}
	}
}

func TestListening(t *testing.T) {
	var tr fsm.Tracker
	tr.Listening(netip.MustParseAddrPort("0.0.0.0:80"))
	f, _, _ := find(&tr, one, two, fsm.Segment{Flags: fsm.SYN, Seq: 100})
	if end := f.Conn.Ends[fsm.Server]; end.State != fsm.Listen || end.Basis != fsm.Observed {
		t.Errorf("the server is in %s (%s)", end.State, end.Basis)
	}
	tr.NotListening(netip.MustParseAddrPort("0.0.0.0:80"))
	f, _, _ = find(&tr, netip.MustParseAddrPort("10.0.0.1:40001"), two, fsm.Segment{Flags: fsm.SYN, Seq: 100})
	if end := f.Conn.Ends[fsm.Server]; end.State != fsm.Closed {
		t.Errorf("the server is in %s after its listener was closed", end.State)
	}
}

// A step of TestReuse: a segment, and the number of the connection it belongs to.
type reuse struct {
	fromClient bool
	flags      fsm.Flags
	seq, ack   fsm.Seq
	want       int
}

func TestReuse(t *testing.T) {
	const (
		S, SA, A, FA, R = fsm.SYN, fsm.SYN | fsm.ACK, fsm.ACK, fsm.FIN | fsm.ACK, fsm.RST
		RA              = fsm.RST | fsm.ACK
	)
	handshake := []reuse{{true, S, 100, 0, 1}, {false, SA, 300, 101, 1}, {true, A, 101, 301, 1}}
	for _, test := range []struct {
		name  string
		steps []reuse
	}{
		{"the same SYN again", []reuse{{true, S, 100, 0, 1}, {true, S, 100, 0, 1}, {false, SA, 300, 101, 1}}},
		{"after a whole connection", append(slices.Clone(handshake),
			reuse{true, FA, 101, 301, 1}, reuse{false, FA, 301, 102, 1}, reuse{true, A, 102, 302, 1},
			reuse{true, S, 900, 0, 2}, reuse{false, SA, 1000, 901, 2})},
		{"after TIME-WAIT at the server", append(slices.Clone(handshake),
			reuse{false, FA, 301, 101, 1}, reuse{true, FA, 101, 302, 1}, reuse{false, A, 302, 102, 1},
			reuse{true, S, 900, 0, 2})},
		{"after an RST", append(slices.Clone(handshake), reuse{false, R, 301, 0, 1}, reuse{true, S, 900, 0, 2})},
		{"after a refusal", []reuse{{true, S, 100, 0, 1}, {false, RA, 0, 101, 1}, {true, S, 200, 0, 2}, {false, RA, 0, 201, 2}}},
		{"the same SYN after a refusal", []reuse{{true, S, 100, 0, 1}, {false, RA, 0, 101, 1}, {true, S, 100, 0, 1}}},
		{"another SYN on a live connection", append(slices.Clone(handshake), reuse{true, S, 900, 0, 1}, reuse{false, A, 301, 101, 1})},
		{"another SYN before any answer", []reuse{{true, S, 100, 0, 1}, {true, S, 90, 0, 1}}},
		{"the other way round after the end", append(slices.Clone(handshake), reuse{true, R, 101, 0, 1}, reuse{false, S, 7000, 0, 2})},
		{"simultaneous open is one", []reuse{{true, S, 100, 0, 1}, {false, S, 300, 0, 1}, {true, SA, 100, 301, 1}, {false, SA, 300, 101, 1}}},
		{"mid-stream, then a new one", []reuse{{true, A, 100, 300, 1}, {true, FA, 100, 300, 1}, {true, S, 900, 0, 2}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var tr fsm.Tracker
			ids := make(map[int]bool)
			for i, s := range test.steps {
				src, dst := one, two
				if !s.fromClient {
					src, dst = two, one
				}
				f, sender, fresh := feed(&tr, src, dst, s.flags, s.seq, s.ack)
				if f.ID() != s.want || fresh == ids[f.ID()] || f.Summary().Ends[sender].AddrPort() != src {
					t.Errorf("step %d: connection %d (fresh: %v), want %d", i+1, f.ID(), fresh, s.want)
				}
				ids[f.ID()] = true
			}
			n := 0
			for f := range tr.Flows() {
				if n++; f.ID() != n {
					t.Errorf("flow %d has the number %d", n, f.ID())
				}
			}
			if n != len(ids) || n != tr.Len() {
				t.Errorf("%d flows, Len %d, want %d", n, tr.Len(), len(ids))
			}
		})
	}
}

// TestTimeWaitStays holds that a SYN to an endpoint in TIME-WAIT finds it there,
// and that it is the endpoint's answer that decides.
func TestTimeWaitStays(t *testing.T) {
	for _, test := range []struct {
		flags fsm.Flags
		seq   fsm.Seq
		ack   fsm.Seq
		want  fsm.State
	}{
		{fsm.SYN | fsm.ACK, 5000, 901, fsm.SynReceived},
		{fsm.ACK, 302, 102, fsm.TimeWait},
	} {
		var tr fsm.Tracker
		feed(&tr, one, two, fsm.SYN, 100, 0)
		feed(&tr, two, one, fsm.SYN|fsm.ACK, 300, 101)
		feed(&tr, one, two, fsm.ACK, 101, 301)
		feed(&tr, two, one, fsm.FIN|fsm.ACK, 301, 101)
		feed(&tr, one, two, fsm.FIN|fsm.ACK, 101, 302)
		feed(&tr, two, one, fsm.ACK, 302, 102)
		f, _, fresh := feed(&tr, one, two, fsm.SYN, 900, 0)
		if got := f.Conn.Ends[fsm.Server].State; !fresh || got != fsm.TimeWait {
			t.Errorf("the new SYN (fresh: %v) finds the server in %s", fresh, got)
		}
		f, _, _ = feed(&tr, two, one, test.flags, test.seq, test.ack)
		if got := f.Conn.Ends[fsm.Server].State; got != test.want {
			t.Errorf("after its %s the server is in %s, want %s", test.flags, got, test.want)
		}
	}
}

// TestManyFlows holds that a flow stays where it is while others come.
func TestManyFlows(t *testing.T) {
	var tr fsm.Tracker
	var kept []*fsm.Flow
	for i := range 5000 {
		src := netip.AddrPortFrom(one.Addr(), uint16(1000+i))
		f, _, fresh := feed(&tr, src, two, fsm.SYN, fsm.Seq(i), 0)
		if !fresh || f.ID() != i+1 {
			t.Fatalf("flow %d: number %d, fresh %v", i+1, f.ID(), fresh)
		}
		kept = append(kept, f)
	}
	for f := range tr.Flows() {
		if kept[f.ID()-1] != f {
			t.Fatalf("flow %d has moved", f.ID())
		}
	}
	if f, _, fresh := find(&tr, two, kept[7].Summary().Ends[fsm.Client].AddrPort(), fsm.Segment{Flags: fsm.SYN | fsm.ACK}); fresh || f != kept[7] {
		t.Error("an old flow is not found again")
	}
}

func BenchmarkTracker(b *testing.B) {
	b.Run("one connection", func(b *testing.B) {
		var tr fsm.Tracker
		b.ReportAllocs()
		for b.Loop() {
			find(&tr, one, two, fsm.Segment{Flags: fsm.ACK})
		}
	})
	b.Run("a new connection each", func(b *testing.B) {
		var tr fsm.Tracker
		b.ReportAllocs()
		i := uint32(0)
		for b.Loop() {
			i++
			src := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(i >> 24), byte(i >> 16), byte(i >> 8)}), uint16(i))
			find(&tr, src, two, fsm.Segment{Flags: fsm.SYN, Seq: fsm.Seq(i)})
		}
	})
}

// BenchmarkSegments does all that a segment asks for: finding its connection,
// counting it, and letting it pass. Its figures are those of a segment.
func BenchmarkSegments(b *testing.B) {
	for _, connections := range []int{1, 1000, 100000} {
		b.Run(strconv.Itoa(connections)+" connections", func(b *testing.B) {
			var tr fsm.Tracker
			clients := make([]netip.AddrPort, connections)
			for i := range clients {
				clients[i] = netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 1, byte(i >> 16), byte(i >> 8)}), uint16(1000+i&0xff))
				feed(&tr, clients[i], two, fsm.SYN, 100, 0)
				feed(&tr, two, clients[i], fsm.SYN|fsm.ACK, 300, 101)
				feed(&tr, clients[i], two, fsm.ACK, 101, 301)
			}
			b.ReportAllocs()
			b.ResetTimer()
			for n := range b.N {
				i := n
				src, dst := clients[n%connections], two
				s := fsm.Segment{Seq: 101, Ack: 301, Flags: fsm.ACK, Window: 1000}
				if n/connections%2 == 1 {
					src, dst = dst, src
					s.Seq, s.Ack = s.Ack, s.Seq
				}
				f, sender, _ := find(&tr, src, dst, s)
				f.Count(i, fsm.Nanos(i), sender, &s)
				f.Conn.Pass(sender, &s)
			}
		})
	}
}

// TestReusedPorts holds that the SYN of a new connection on the ends of an
// earlier one is told, and only that one.
func TestReusedPorts(t *testing.T) {
	var tr fsm.Tracker
	for i, s := range []struct {
		fromClient bool
		flags      fsm.Flags
		seq, ack   fsm.Seq
		want       fsm.Anomaly
	}{
		{true, fsm.SYN, 100, 0, 0},
		{false, fsm.RST | fsm.ACK, 0, 101, 0},
		{true, fsm.SYN, 900, 0, fsm.ReusedPorts},
		{false, fsm.SYN | fsm.ACK, 300, 901, 0},
		{true, fsm.ACK, 901, 301, 0},
	} {
		src, dst := one, two
		if !s.fromClient {
			src, dst = two, one
		}
		segment := fsm.Segment{Flags: s.flags, Seq: s.seq, Ack: s.ack, Window: 1000}
		f, sender, _ := find(&tr, src, dst, segment)
		if got := f.Count(i, fsm.Nanos(i)*1e6, sender, &segment); got != s.want {
			t.Errorf("segment %d: %q, want %q", i+1, got, s.want)
		}
		f.Conn, _ = f.Conn.Apply(fsm.Event{Kind: fsm.Sent, Side: sender, Segment: segment}, nil)
		f.Conn, _ = f.Conn.Apply(fsm.Event{Kind: fsm.Received, Side: sender.Other(), Segment: segment, Assumed: true}, nil)
	}
}
