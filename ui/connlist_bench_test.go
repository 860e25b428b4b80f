package ui

import (
	"fmt"
	"slices"
	"testing"

	"tcpviz/fsm"
	"tcpviz/internal/filter"
	"tcpviz/internal/story"
)

// manyOf gives n connections of some kinds.
func manyOf(n int) story.Connections {
	some := someConnections(min(n, 1000))
	var list story.ConnectionList
	for i := range n {
		s := some[i%len(some)]
		s.ID = i + 1
		s.Start += fsm.Nanos(i/len(some)) * 20e9
		s.End += fsm.Nanos(i/len(some)) * 20e9
		s.Bytes[fsm.Server] += uint64(i * 7919 % 100_003)
		list.Set(s)
	}
	return list.Given()
}

// BenchmarkListFilter filters a million connections, as each letter of a filter does.
func BenchmarkListFilter(b *testing.B) {
	l := newConnList("")
	l.grow(manyOf(1_000_000))
	for _, text := range []string{"port 80", "retransmission port 443"} {
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			f, err := filter.Parse(text)
			if err != nil {
				b.Fatal(err)
			}
			l.filter = f
			for b.Loop() {
				l.make()
			}
		})
	}
}

// BenchmarkListSort orders a million connections.
func BenchmarkListSort(b *testing.B) {
	conns := manyOf(1_000_000)
	for by := byTime; by < orderCount; by++ {
		b.Run(by.String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				sorted(conns, nil, by, by.greatestFirst())
			}
		})
	}
}

// BenchmarkListGrow takes over the next hundred connections of a million.
func BenchmarkListGrow(b *testing.B) {
	conns, more := manyOf(1_000_000), manyOf(1_000_100)
	for _, by := range []order{byNumber, byTime} {
		b.Run(by.String(), func(b *testing.B) {
			l := newConnList("")
			l.by = by
			l.grow(conns)
			rows := slices.Clone(l.rows)
			for b.Loop() {
				l.conns, l.rows = conns, rows
				l.grow(more)
			}
		})
	}
}

// BenchmarkListFrame draws the list while it scrolls by pages.
func BenchmarkListFrame(b *testing.B) {
	for _, n := range []int{100, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := officeCapture(0)
			s.Conns = manyOf(n)
			d := newDashboard(Options{})
			d.show(s)
			d.conns.orderBy(byBytes)
			var f frame
			b.ReportAllocs()
			for b.Loop() {
				d.moveList(d.page())
				if d.conns.cursor == d.conns.len()-1 {
					d.moveList(-d.listLength())
				}
				d.draw(f.begin(200, 60))
			}
		})
	}
}
