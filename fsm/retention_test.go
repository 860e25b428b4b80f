package fsm_test

import (
	"net/netip"
	"testing"

	"tcpviz/fsm"
)

const second fsm.Nanos = 1e9

// retained is a tracker with bounds, and what it has released.
type retained struct {
	fsm.Tracker
	released, early []int
}

func (r *retained) bound(most int) {
	r.Retain(fsm.Retention{Most: most, Release: func(f *fsm.Flow, early bool) {
		r.released = append(r.released, f.ID())
		if early {
			r.early = append(r.early, f.ID())
		}
	}})
}

// segment lets one segment pass, captured at a time, and gives its connection's number.
func (r *retained) segment(at fsm.Nanos, src, dst netip.AddrPort, flags fsm.Flags, seq, ack fsm.Seq) int {
	s := fsm.Segment{Flags: flags, Seq: seq, Ack: ack, Window: 1000}
	f, sender, _ := r.Find(at, fsm.AddressOf(src), fsm.AddressOf(dst), &s)
	f.Count(int(at), at, sender, &s)
	f.Conn.Pass(sender, &s)
	return f.ID()
}

// closed is a whole connection that ends at a time.
func (r *retained) closed(at fsm.Nanos, client netip.AddrPort) (id int) {
	r.segment(at, client, two, fsm.SYN, 100, 0)
	r.segment(at, two, client, fsm.SYN|fsm.ACK, 300, 101)
	r.segment(at, client, two, fsm.FIN|fsm.ACK, 101, 301)
	r.segment(at, two, client, fsm.FIN|fsm.ACK, 301, 102)
	return r.segment(at, client, two, fsm.ACK, 102, 302)
}

// client gives one of many addresses.
func client(i int) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 9, byte(i >> 16), byte(i >> 8)}), uint16(1000+i&0xff))
}

// A connection that is over is forgotten 2MSL after its last segment, whether or not
// its place was given to another: what comes then belongs to another connection.
func TestTwoMSL(t *testing.T) {
	for _, bounded := range []bool{false, true} {
		for _, test := range []struct {
			name  string
			after fsm.Nanos
			want  int
		}{
			{"within 2MSL", 2 * fsm.MSL, 1},
			{"after 2MSL", 2*fsm.MSL + 1, 2},
			{"a clock that was set back", -10 * fsm.MSL, 1},
		} {
			var r retained
			if bounded {
				r.bound(0)
			}
			start := 100 * fsm.MSL
			r.closed(start, one)
			if got := r.segment(start+test.after, two, one, fsm.FIN|fsm.ACK, 301, 102); got != test.want {
				t.Errorf("%s (bounded: %v): connection %d, want %d", test.name, bounded, got, test.want)
			}
		}
	}
}

// A connection that is not over is kept however long nothing comes.
func TestAnIdleConnectionIsKept(t *testing.T) {
	var r retained
	r.bound(0)
	id := r.segment(second, one, two, fsm.SYN, 100, 0)
	r.segment(second, two, one, fsm.SYN|fsm.ACK, 300, 101)
	for i := range 1000 {
		r.closed(fsm.Nanos(i+2)*10*fsm.MSL, client(i))
	}
	if got := r.segment(1e6*fsm.MSL, one, two, fsm.ACK, 101, 301); got != id {
		t.Errorf("the segment after a long time belongs to connection %d, not %d", got, id)
	}
	if len(r.early) > 0 || len(r.released) < 900 {
		t.Errorf("%d released, %d of them early", len(r.released), len(r.early))
	}
}

// Where more connections are open at once than may be kept, those that were idle
// longest give way, and each that begins is counted.
func TestMost(t *testing.T) {
	var r retained
	const most, all = 100, 5000
	r.bound(most)
	for i := range all {
		if id := r.segment(fsm.Nanos(i+1), client(i), two, fsm.SYN, 100, 0); id != i+1 {
			t.Fatalf("connection %d has the number %d", i+1, id)
		}
	}
	kept := 0
	for f := range r.Flows() {
		kept++
		if f.ID() <= all-2*most {
			t.Errorf("connection %d of %d is kept, though younger ones were released", f.ID(), all)
		}
	}
	if kept != most || len(r.early) != all-most || len(r.released) != all-most || r.Len() != all {
		t.Errorf("%d kept, %d released, %d of them early, %d in all", kept, len(r.released), len(r.early), r.Len())
	}
	if id := r.segment(all+1, two, client(0), fsm.SYN|fsm.ACK, 300, 101); id != all+1 {
		t.Errorf("the answer to a forgotten SYN belongs to connection %d", id)
	}
}

// A released place is not found under the ends of the connection that it held.
func TestReleasedPlaces(t *testing.T) {
	var r retained
	r.bound(1)
	for i := range 3000 {
		want := 2*i + 1
		if got := r.segment(fsm.Nanos(i+1), one, two, fsm.ACK, 100, 300); got != want {
			t.Fatalf("round %d: connection %d, want %d", i, got, want)
		}
		if got := r.segment(fsm.Nanos(i+1), three, four, fsm.ACK, 100, 300); got != want+1 {
			t.Fatalf("round %d: connection %d, want %d", i, got, want+1)
		}
	}
}
