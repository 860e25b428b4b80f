package twohosts_test

import (
	"testing"

	"golang.org/x/sys/unix"

	"tcpviz/internal/twohosts"
)

func BenchmarkOpen(b *testing.B) {
	for b.Loop() {
		w, err := twohosts.Open(twohosts.Config{})
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

func BenchmarkOpenAndClose(b *testing.B) {
	for b.Loop() {
		w, err := twohosts.Open(twohosts.Config{})
		if err != nil {
			b.Fatal(err)
		}
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkReset ends a listening socket and a connection.
func BenchmarkReset(b *testing.B) {
	p := open(b)
	for b.Loop() {
		b.StopTimer()
		client, server := p.established(80)
		p.states("ESTABLISHED | LISTEN ESTABLISHED")
		b.StartTimer()
		p.must(p.wire.Reset(p.context))
		b.StopTimer()
		p.must(unix.Close(client))
		p.must(unix.Close(server))
		p.must(unix.Close(p.listening))
		b.StartTimer()
	}
}

// BenchmarkDeliver delivers a segment of data again and again.
func BenchmarkDeliver(b *testing.B) {
	p := open(b)
	client, _ := p.established(80)
	p.send(client, "hello")
	segment := p.expect("client PA 5")
	for n := 0; b.Loop(); n++ {
		p.deliver(segment)
		if n%100 == 0 {
			b.StopTimer()
			p.forget()
			b.StartTimer()
		}
	}
}

func BenchmarkQuiet(b *testing.B) {
	p := open(b)
	p.established(80)
	for b.Loop() {
		if _, err := p.wire.Quiet(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSockets(b *testing.B) {
	p := open(b)
	p.established(80)
	for b.Loop() {
		if _, err := p.wire.Sockets(1); err != nil {
			b.Fatal(err)
		}
	}
}
