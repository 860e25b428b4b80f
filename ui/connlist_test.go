package ui

import (
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"tcpviz/fsm"
	"tcpviz/internal/story"
)

// someConnections makes n connections of every kind, the same ones each time.
func someConnections(n int) []fsm.Summary {
	random := rand.New(rand.NewPCG(9293, 793))
	begin := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC).UnixNano()
	all := make([]fsm.Summary, n)
	for i := range all {
		s := &all[i]
		begin += random.Int64N(40e6)
		*s = fsm.Summary{
			ID: i + 1, First: 10*i + 1, Last: 10*i + 9, Start: fsm.Nanos(begin), End: fsm.Nanos(begin),
			Ends: [2]fsm.Address{
				fsm.AddressOf(netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(random.IntN(4)), byte(random.IntN(250))}), uint16(32768+random.IntN(28000)))),
				fsm.AddressOf(netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 168, 1, byte(random.IntN(9))}), []uint16{80, 443, 22, 5432}[random.IntN(4)])),
			},
		}
		if random.IntN(9) == 0 {
			s.Ends[fsm.Server] = fsm.AddressOf(netip.MustParseAddrPort("[2001:db8:85a3:1234:5678:8a2e:370:7334]:443"))
		}
		switch random.IntN(6) {
		case 0:
			s.State, s.Outcome, s.Completeness = [2]fsm.State{fsm.SynSent, fsm.Listen}, fsm.S0, 1
			s.Basis[fsm.Server] = fsm.Assumed
			s.Segments = [2]int{1 + random.IntN(6), 0}
			if s.Segments[0] > 1 {
				s.Anomalies[3] = uint32(s.Segments[0] - 1)
				s.End += fsm.Nanos(1e9<<s.Segments[0] - 1)
			}
		case 1:
			s.State, s.Outcome, s.Completeness, s.Segments = [2]fsm.State{fsm.Closed, fsm.Closed}, fsm.REJ, 37, [2]int{1, 1}
			s.End += fsm.Nanos(random.Int64N(1e6))
		case 2:
			s.State, s.Outcome, s.Completeness = [2]fsm.State{fsm.Established, fsm.Established}, fsm.S1, 15
			s.Segments = [2]int{3 + random.IntN(400), 2 + random.IntN(4000)}
			s.Bytes = [2]uint64{uint64(random.IntN(3000)), uint64(s.Segments[1]) * 1448}
			s.End += fsm.Nanos(random.Int64N(600e9))
			s.Anomalies[1], s.Anomalies[3], s.Anomalies[11] = uint32(random.IntN(3)), uint32(2+random.IntN(9)), uint32(random.IntN(30))
		default:
			s.State, s.Outcome, s.Completeness = [2]fsm.State{fsm.TimeWait, fsm.Closed}, fsm.SF, 31
			s.Segments = [2]int{6, 5 + random.IntN(20)}
			s.Bytes = [2]uint64{uint64(80 + random.IntN(900)), uint64(random.IntN(30000))}
			s.End += fsm.Nanos(random.Int64N(900e6))
		}
	}
	return all
}

// officeCapture is a large capture of n connections whose steps are not at hand.
func officeCapture(n int) *story.Story {
	return &story.Story{
		Meta: story.Meta{Source: "office.pcapng"}, Only: story.NoSteps, Conns: story.ConnectionsOf(someConnections(n)...),
		Totals: story.Totals{Frames: 14 * n, Segments: 14*n - 1300, Skipped: map[string]int{"not-tcp": 1200, "arp": 97, "fragment": 3}},
	}
}

// inOrder checks the list against the definition of its order: it holds what matches
// and nothing else, the keys rise or fall, and equal ones stand by number.
func inOrder(t *testing.T, l *connList) {
	t.Helper()
	seen := map[int]bool{}
	for row := range l.len() {
		id := l.id(row)
		if seen[id] || !l.filter.Match(l.conns.At(id)) {
			t.Fatalf("by %v, row %d: connection %d does not belong here", l.by, row, id)
		}
		seen[id] = true
		if got := l.row(id); got != row {
			t.Fatalf("connection %d is in row %d, and is found in row %d", id, row, got)
		}
		if row == 0 {
			continue
		}
		before := l.id(row - 1)
		a, b := l.by.key(l.conns.At(before)), l.by.key(l.conns.At(id))
		if l.down {
			a, b = b, a
		}
		if a > b || a == b && before > id {
			t.Fatalf("by %v, greatest first %v: connection %d stands before %d", l.by, l.down, before, id)
		}
	}
	for s := range l.conns.All() {
		if l.filter.Match(s) && !seen[s.ID] {
			t.Fatalf("by %v: connection %d is missing", l.by, s.ID)
		}
	}
}

// TestOrdersAndFilters goes through every order, both ways round, with and without a filter.
func TestOrdersAndFilters(t *testing.T) {
	conns := story.ConnectionsOf(someConnections(2000)...)
	for _, text := range []string{"", "port 80", "outcome:S0", "port 81"} {
		l := newConnList(text)
		l.grow(conns)
		l.refresh(true)
		for range 3 * orderCount {
			inOrder(t, &l)
			l.orderBy(l.by)
			inOrder(t, &l)
			l.orderBy((l.by + 1) % orderCount)
		}
	}
}

// TestGrowthKeepsTheCursor lets a capture grow while the cursor stands in the list:
// it stays on its connection, at the same height where that can be.
func TestGrowthKeepsTheCursor(t *testing.T) {
	all := someConnections(1200)
	random := rand.New(rand.NewPCG(3, 14))
	for by := range orderCount {
		for _, text := range []string{"", "port 80"} {
			for _, down := range []bool{false, true} {
				now := time.Unix(0, 0)
				l := newConnList(text)
				l.clock = func() time.Time { now = now.Add(time.Millisecond); return now }
				l.by, l.down = by, down
				l.grow(story.ConnectionsOf(all[:500]...))
				l.refresh(true)
				l.move(20)
				l.window(15)
				id, height := l.at, l.cursor-l.top
				for n := 500; n <= len(all); n += 50 {
					// What is read goes on to change those that were there.
					for range 20 {
						s := &all[random.IntN(n)]
						s.Segments[fsm.Client]++
						s.Bytes[fsm.Server] += 100
						s.Anomalies[3]++
						s.End += 1e6
					}
					l.grow(story.ConnectionsOf(all[:n]...))
					l.refresh(false)
					if l.at != id || l.len() > 0 && l.id(l.cursor) != id {
						t.Fatalf("by %v: with %d connections the cursor is on %d (row %d is %d), was on %d", by, n, l.at, l.cursor, l.id(l.cursor), id)
					}
					if l.cursor >= height && l.cursor-l.top != height {
						t.Fatalf("by %v: the cursor moved from line %d to line %d", by, height, l.cursor-l.top)
					}
				}
				l.refresh(true)
				inOrder(t, &l)
				if l.stale {
					t.Fatalf("by %v: still not up to date", by)
				}
			}
		}
	}
}

// TestGrowthCostsLittle counts how often the rows are made again while a capture
// grows: not more than a tenth of the time.
func TestGrowthCostsLittle(t *testing.T) {
	all := someConnections(2000)
	now, making := time.Unix(0, 0), false
	spent := time.Duration(0)
	l := newConnList("")
	l.clock = func() time.Time { // making the rows takes 40 ms
		if making = !making; !making {
			now, spent = now.Add(40*time.Millisecond), spent+40*time.Millisecond
		}
		return now
	}
	l.by = byBytes
	refresh := func() {
		if l.stale && !now.Before(l.due) {
			l.make()
		}
	}
	for n := 10; n <= len(all); n += 10 {
		l.grow(story.ConnectionsOf(all[:n]...))
		now = now.Add(10 * time.Millisecond)
		refresh()
	}
	if total := now.Sub(time.Unix(0, 0)); spent == 0 || spent > total/9 {
		t.Errorf("%v of %v were spent", spent, total)
	}
}

// TestByTimeGrowsAtOnce looks at a list by time that is never made again: what comes is there.
func TestByTimeGrowsAtOnce(t *testing.T) {
	all := someConnections(1000)
	for _, by := range []order{byNumber, byTime} {
		for _, down := range []bool{false, true} {
			for _, text := range []string{"", "port 80"} {
				l := newConnList(text)
				l.by, l.down = by, down
				for n := 1; n <= len(all); n += 37 {
					l.grow(story.ConnectionsOf(all[:n]...))
					inOrder(t, &l)
				}
			}
		}
	}
	// A capture whose clock goes back: it waits for the next time.
	all[700].Start = all[3].Start
	l := newConnList("")
	l.by = byTime
	l.grow(story.ConnectionsOf(all[:600]...))
	l.grow(story.ConnectionsOf(all...))
	if l.stale {
		l.refresh(true)
	} else {
		t.Error("nobody noticed")
	}
	inOrder(t, &l)
}
