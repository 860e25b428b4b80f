package capture_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"tcpviz/capture"
)

// BenchmarkDecode decodes frames of the common makes: as callers do it ("value"),
// without the copies of that ("fast"), and without the fast path ("walk").
func BenchmarkDecode(b *testing.B) {
	options := []byte{1, 1, 8, 10, 0, 0, 0, 9, 0, 0, 0, 8}
	segment := tcpHeader("A", options, []byte("hello")...)
	syn := tcpHeader("S", []byte{2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 9, 0, 0, 0, 8, 1, 3, 3, 7})
	in4, in6 := ipv4Packet(6, segment), ipv6Packet(6, segment)
	for _, c := range []struct {
		name string
		link capture.LinkType
		data []byte
	}{
		{"IPv4", 1, ethernet(0x0800, in4)},
		{"IPv6", 1, ethernet(0x86dd, in6)},
		{"VLAN", 1, ethernet(0x8100, join(be16(7), be16(0x0800), in4))},
		{"SYN", 1, ethernet(0x0800, ipv4Packet(6, syn))},
		{"SLL2", 276, join(be16(0x0800), make([]byte, 18), in4)},
		{"UDP", 1, ethernet(0x0800, udpPacket(53, make([]byte, 40)))},
	} {
		p := capture.Packet{LinkType: c.link, Data: c.data, Length: len(c.data)}
		decoder := capture.NewDecoder()
		var out capture.Decoded
		variants := []struct {
			name   string
			decode func() error
		}{
			{"value", func() error { _, err := decoder.Decode(p); return err }},
			{"fast", func() error { return decoder.DecodeInto(&p, &out) }},
			{"walk", func() error { return decoder.Walk(&p, &out) }},
		}
		for _, v := range variants {
			b.Run(c.name+"/"+v.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := v.decode(); err != nil && err != capture.SkipNotTCP {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// manyConnections gives a pcap file of so many short connections, ten frames each.
func manyConnections(n int) []byte {
	stamps := []byte{1, 1, 8, 10, 0, 0, 0, 9, 0, 0, 0, 8}
	syn := []byte{2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 9, 0, 0, 0, 8, 1, 3, 3, 7}
	hello := []byte("hello, world: so many octets")
	play := []struct {
		reply   bool
		flags   string
		options []byte
		payload []byte
	}{
		{false, "S", syn, nil}, {true, "SA", syn, nil}, {false, "A", stamps, nil},
		{false, "PA", stamps, hello}, {true, "A", stamps, nil}, {true, "PA", stamps, hello}, {false, "A", stamps, nil},
		{false, "FA", stamps, nil}, {true, "FA", stamps, nil}, {false, "A", stamps, nil},
	}
	content := little.pcapHeader(micro, 65535, 1)
	for i := range n {
		for j, s := range play {
			data := ethernet(0x0800, ipv4Packet(6, tcpHeader(s.flags, s.options, s.payload...)))
			copy(data[34:], be16(i))
			if s.reply {
				copy(data[26:], dest4)
				copy(data[30:], source4)
				copy(data[34:], be16(80))
				copy(data[36:], be16(i))
			}
			content = append(content, little.pcapFrame(uint32(i), uint32(j), string(data), uint32(len(data)))...)
		}
	}
	return content
}

// BenchmarkAhead reads, decodes and hands over 100,000 short frames; the unit is
// one frame. "alone" does the same in one goroutine.
func BenchmarkAhead(b *testing.B) {
	content := manyConnections(10000)
	open := func(b *testing.B) *capture.File {
		f, err := capture.NewReader(bytes.NewReader(content), "bench")
		if err != nil {
			b.Fatal(err)
		}
		return f
	}
	b.Run("ahead", func(b *testing.B) {
		b.ReportAllocs()
		for n := 0; n < b.N; {
			a := capture.ReadAhead(open(b))
			for {
				batch, err := a.Next()
				if err != nil {
					if !errors.Is(err, io.EOF) {
						b.Fatal(err)
					}
					break
				}
				for i := range batch {
					if batch[i].Skipped != "" {
						b.Fatal(batch[i])
					}
				}
				n += len(batch)
			}
		}
	})
	b.Run("alone", func(b *testing.B) {
		b.ReportAllocs()
		decoder := capture.NewDecoder()
		var out capture.Decoded
		for n := 0; n < b.N; {
			f := open(b)
			for {
				p, err := f.Next()
				if err != nil {
					if !errors.Is(err, io.EOF) {
						b.Fatal(err)
					}
					break
				}
				if err := decoder.DecodeInto(&p, &out); err != nil {
					b.Fatal(err)
				}
				n++
			}
		}
	})
}
