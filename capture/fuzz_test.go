package capture_test

import (
	"errors"
	"testing"

	"tcpviz/capture"
)

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
