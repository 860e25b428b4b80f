package capture_test

import (
	"bytes"
	"testing"

	"tcpviz/capture"
)

// BenchmarkRead reads frames of 60 bytes; the unit is one frame.
func BenchmarkRead(b *testing.B) {
	pcap := little.pcapHeader(micro, 65535, 1)
	ng := join(little.section(), little.device(1, 0))
	data := string(make([]byte, 60))
	const frames = 10000
	for i := range uint32(frames) {
		pcap = append(pcap, little.pcapFrame(i, 0, data, 60)...)
		ng = append(ng, little.enhanced(0, uint64(i), data, 60)...)
	}
	for name, content := range map[string][]byte{"pcap": pcap, "pcapng": ng} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var f *capture.File
			for i := range b.N {
				var err error
				if i%frames == 0 {
					if f, err = capture.NewReader(bytes.NewReader(content), name); err != nil {
						b.Fatal(err)
					}
				}
				if _, err = f.Next(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkDecode decodes an Ethernet frame with IPv4 and a TCP header with options.
func BenchmarkDecode(b *testing.B) {
	data := ethernet(0x0800, ipv4Packet(6, tcpHeader("A", []byte{1, 1, 8, 10, 0, 0, 0, 9, 0, 0, 0, 8}, []byte("hello")...)))
	p := capture.Packet{LinkType: capture.LinkTypeEthernet, Data: data, Length: len(data)}
	decoder := capture.NewDecoder()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := decoder.Decode(p); err != nil {
			b.Fatal(err)
		}
	}
}
