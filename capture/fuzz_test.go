package capture_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"tcpviz/capture"
)

// FuzzReader reads any bytes as a capture: it must end, without a panic, and
// never give more than there is.
func FuzzReader(f *testing.F) {
	pcap := join(little.pcapHeader(micro, 65535, 1), little.pcapFrame(1, 2, "abcd", 60))
	ng := join(big.section(big.option(1, "about")), big.device(1, 0, big.option(9, "\x89"), big.option(14, "12345678")),
		big.enhanced(0, 1<<40, "abcd", 60, big.option(1, "comment")), big.block(3, big.words(4), []byte("abcd")),
		big.block(2, big.words(0, 0, 1, 4, 4), []byte("abcd")), big.block(5, make([]byte, 20)), little.section())
	for _, seed := range [][]byte{pcap, pcap[:30], ng, ng[:70], zipped(pcap), zipped(ng), zipped(ng)[:40], join(big.pcapHeader(nano, 0, 276), big.pcapFrame(1, 2, "abcd", 4)), nil} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		file, err := capture.NewReader(bytes.NewReader(content), "fuzz")
		if err != nil {
			return
		}
		decoder := capture.NewDecoder()
		for frames := 1; ; frames++ {
			p, err := file.Next()
			if err != nil {
				var damage *capture.DamagedError
				if !errors.Is(err, io.EOF) && !errors.As(err, &damage) {
					t.Fatalf("%T: %v", err, err)
				}
				return
			}
			if p.Number != frames || len(p.Data) > 262144 || p.Length < 0 {
				t.Fatalf("frame %d: %+v", frames, p)
			}
			if year := p.Time.Year(); year < 0 || year > 9999 {
				t.Fatalf("year %d", year)
			}
			checkDecoded(t, decoder, p)
		}
	})
}

// FuzzDecode decodes any bytes as a frame.
func FuzzDecode(f *testing.F) {
	hello := tcpHeader("SPA", []byte{2, 4, 5, 180, 8, 10, 0, 0, 0, 9, 0, 0, 0, 8, 5, 10, 1, 2, 3, 4, 5, 6, 7, 8}, []byte("hello")...)
	for link, data := range map[uint32][]byte{
		1: ethernet(0x8100, join(be16(7), be16(0x0800), ipv4Packet(6, hello))), 0: join([]byte{2, 0, 0, 0}, ipv4Packet(6, hello)),
		101: ipv6Packet(0, extension(44, [6]byte{0xc2, 4, 0, 1, 0, 0}, extension(6, [6]byte{}, hello))), 228: ipv4Packet(41, ipv6Packet(6, hello)),
		113: join(make([]byte, 14), be16(0x0800), ipv4Packet(6, hello)), 276: join(be16(0x86dd), make([]byte, 18), ipv6Packet(60, extension(6, [6]byte{}, hello))),
	} {
		f.Add(link, data, len(data))
		f.Add(link, data[:len(data)-8], len(data))
	}
	for _, c := range encapsulations() {
		f.Add(uint32(c.link), c.data, len(c.data))
	}
	f.Fuzz(func(t *testing.T, link uint32, data []byte, length int) {
		decoder := capture.NewDecoder()
		p := capture.Packet{LinkType: capture.LinkType(link), Data: data, Length: length}
		checkDecoded(t, decoder, p)
		checkDecoded(t, decoder, p) // a fragment that comes again
	})
}

// checkDecoded tells whether what the decoder says of p can be.
func checkDecoded(t *testing.T, decoder *capture.Decoder, p capture.Packet) {
	d, err := decoder.Decode(p)
	if err != nil {
		var reason capture.SkipReason
		if !errors.As(err, &reason) || reason == "" {
			t.Fatalf("%T: %v", err, err)
		}
		return
	}
	if d.NetOffset < 0 || d.TCPOffset < d.NetOffset+20 || d.PayloadOffset < d.TCPOffset+20 || d.PayloadOffset > len(d.Data) {
		t.Fatalf("offsets of %d bytes: %+v", len(d.Data), d)
	}
	if len(d.Payload) > int(d.Segment.Len) || d.PayloadOffset+len(d.Payload) > len(d.Data) {
		t.Fatalf("%d octets captured of %d", len(d.Payload), d.Segment.Len)
	}
	if int(d.Segment.Len) > max(len(d.Data), min(p.Length, 262144)) {
		t.Fatalf("a segment of %d octets in a frame of %d", d.Segment.Len, p.Length)
	}
	if !d.Src.IsValid() || !d.Dst.IsValid() || d.Segment.Options.SACKCount > 4 {
		t.Fatalf("%+v", d)
	}
}
