package source_test

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"tcpviz/capture"
	"tcpviz/fsm"
	"tcpviz/internal/source"
	"tcpviz/internal/story"
)

var (
	client = netip.MustParseAddrPort("127.0.0.1:40000")
	server = netip.MustParseAddrPort("127.0.0.1:10008")
)

// at gives a time by seconds and nanoseconds after some moment.
func at(seconds, nanoseconds int64) time.Time {
	return time.Unix(1_700_000_000+seconds, nanoseconds).UTC()
}

// packet gives an Ethernet frame that holds a segment.
func packet(number int, when time.Time, src, dst netip.AddrPort, flags fsm.Flags, payload []byte) capture.Packet {
	b := make([]byte, 14, 54+len(payload))
	b[12] = 0x08
	b = append(b, 0x45, 0)
	b = binary.BigEndian.AppendUint16(b, uint16(40+len(payload)))
	b = append(b, 0, byte(number), 0, 0, 64, 6, 0, 0)
	b = append(b, src.Addr().AsSlice()...)
	b = append(b, dst.Addr().AsSlice()...)
	b = binary.BigEndian.AppendUint16(b, src.Port())
	b = binary.BigEndian.AppendUint16(b, dst.Port())
	b = append(b, 0, 0, 3, 232, 0, 0, 7, 208, 5<<4, byte(flags), 2, 0, 0, 0, 0, 0)
	b = append(b, payload...)
	return capture.Packet{Number: number, Time: when, LinkType: capture.LinkTypeEthernet, Data: b, Length: len(b)}
}

// frame gives the story's view of such a frame, all of its bytes kept.
func frame(t interface{ Fatal(...any) }, p capture.Packet, fate story.Fate) story.Frame {
	d, err := capture.NewDecoder().Decode(p)
	if err != nil {
		t.Fatal(err)
	}
	f := source.FrameOf(p, d, fate)
	f.Raw = append([]byte(nil), p.Data...)
	return f
}

// packets is a capture that ends with end.
type packets struct {
	left []capture.Packet
	end  error
}

func (s *packets) Next() (capture.Packet, error) {
	if len(s.left) == 0 {
		return capture.Packet{}, s.end
	}
	p := s.left[0]
	s.left = s.left[1:]
	return p, nil
}

func (s *packets) Close() error { return nil }

func TestFrameOf(t *testing.T) {
	p := packet(7, at(1, 5), client, server, fsm.PSH|fsm.ACK, make([]byte, 2000))
	d, err := capture.NewDecoder().Decode(p)
	if err != nil {
		t.Fatal(err)
	}
	f := source.FrameOf(p, d, story.FateLost)
	if len(f.Raw) != 54+512 || f.Length != 2054 || f.Segment.Len != 2000 {
		t.Errorf("%d bytes kept of %d, %d octets", len(f.Raw), f.Length, f.Segment.Len)
	}
	if f.Number != 7 || !f.Time.Equal(at(1, 5)) || f.Src != client || f.Dst != server || f.Fate != story.FateLost ||
		f.LinkType != 1 || f.NetOffset != 14 || f.TCPOffset != 34 || f.PayloadOffset != 54 {
		t.Errorf("%+v", f)
	}
	p.Data[0] ^= 0xff
	if f.Raw[0] == p.Data[0] {
		t.Error("Raw is not a copy")
	}
	short := packet(1, at(0, 0), client, server, fsm.SYN, nil)
	if d, err = capture.NewDecoder().Decode(short); err != nil {
		t.Fatal(err)
	}
	if f := source.FrameOf(short, d, story.FateAssumed); len(f.Raw) != 54 {
		t.Errorf("%d bytes kept of 54", len(f.Raw))
	}
}
