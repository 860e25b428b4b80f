package filter_test

import (
	"fmt"
	"net/netip"
	"testing"

	"tcpviz/fsm"
	"tcpviz/internal/filter"
)

// BenchmarkMatch looks at one connection after the other, of a million.
func BenchmarkMatch(b *testing.B) {
	list := make([]fsm.Summary, 1_000_000)
	for i := range list {
		client := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), uint16(1024+i%60000))
		list[i] = connection(i+1, client.String(), fmt.Sprintf("192.168.0.1:%d", 80+i%5), nil)
	}
	for _, text := range []string{
		"", "port 80", "host 10.0.0.1", "net 10.0.0.0/16", "established", "outcome:REJ", "retransmission", "segments>10",
		"src port 80", "tcp[tcpflags] & tcp-rst != 0", "port 80 and not host 10.0.0.1 and (established or retransmission)",
	} {
		b.Run(text, func(b *testing.B) {
			f, err := filter.Parse(text)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			i, selected := 0, 0
			for b.Loop() {
				if f.Match(&list[i]) {
					selected++
				}
				if i++; i == len(list) {
					i = 0
				}
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	for _, text := range []string{"port 80 and not host 10.0.0.1", "tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn"} {
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := filter.Parse(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
