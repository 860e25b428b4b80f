package capture_test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"tcpviz/capture"
)

// fragment4 gives the fragment of an IPv4 packet that begins at an offset of its data.
func fragment4(id, offset int, more bool, protocol byte, data []byte) capture.Packet {
	place := offset / 8
	if more {
		place |= 0x2000
	}
	b := set(set(ipv4Packet(protocol, data), 4, be16(id)...), 6, be16(place)...)
	return capture.Packet{LinkType: capture.LinkTypeIPv4, Data: b, Length: len(b)}
}

// fragment6 gives one of IPv6, behind a hop-by-hop header.
func fragment6(id, offset int, more bool, data []byte) capture.Packet {
	place := offset
	if more {
		place |= 1
	}
	rest := [6]byte{0: byte(place >> 8), 1: byte(place)}
	binary.BigEndian.PutUint32(rest[2:], uint32(id))
	b := ipv6Packet(0, extension(44, [6]byte{1, 4}, extension(6, rest, data)))
	return capture.Packet{LinkType: capture.LinkTypeIPv6, Data: b, Length: len(b)}
}

// The frame that completes a packet gives its segment, in whatever order the fragments come.
func TestFragments(t *testing.T) {
	payload := bytes.Repeat([]byte("0123456789abcdef"), 10)
	whole := tcpHeader("PA", nil, payload...) // 180 octets
	six := func(id, offset int, more bool, _ byte, data []byte) capture.Packet {
		return fragment6(id, offset, more, data)
	}
	for name, fragment := range map[string]func(id, offset int, more bool, protocol byte, data []byte) capture.Packet{"IPv4": fragment4, "IPv6": six} {
		parts := []capture.Packet{
			fragment(7, 0, true, 6, whole[:64]), fragment(7, 64, true, 6, whole[64:128]), fragment(7, 128, false, 6, whole[128:]),
		}
		for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 2, 0}, {0, 0, 2, 2, 1}} {
			decoder := capture.NewDecoder()
			for i, n := range order {
				p := parts[n]
				p.Time = at(int64(i), 0)
				d, err := decoder.Decode(p)
				if i < len(order)-1 {
					if err != capture.SkipFragment {
						t.Fatalf("%s, order %v, frame %d: %v", name, order, i, err)
					}
					continue
				}
				if err != nil {
					t.Fatalf("%s, order %v: %v", name, order, err)
				}
				if !d.Reassembled || !bytes.Equal(d.Payload, payload) || d.Segment.Len != 160 || d.Src.Port() != 40000 || d.NetOffset != 0 {
					t.Errorf("%s, order %v: %+v", name, order, d)
				}
				// It is a packet like any other.
				again, err := decoder.Decode(capture.Packet{LinkType: capture.LinkTypeRaw, Data: d.Data, Length: len(d.Data)})
				if err != nil || again.Reassembled || again.Segment != d.Segment || again.Src != d.Src {
					t.Errorf("%s, decoded again: %+v, %v", name, again, err)
				}
			}
		}
	}
}

func TestFragmentsApart(t *testing.T) {
	whole := tcpHeader("PA", nil, make([]byte, 44)...) // 64 octets
	first, last := fragment4(1, 0, true, 6, whole[:32]), fragment4(1, 32, false, 6, whole[32:])
	for name, c := range map[string]struct {
		second capture.Packet
		after  time.Duration
		want   error
	}{
		"the same packet":     {last, time.Second, nil},
		"another identity":    {fragment4(2, 32, false, 6, whole[32:]), 0, capture.SkipFragment},
		"too late":            {last, 61 * time.Second, capture.SkipFragment},
		"a gap":               {fragment4(1, 40, false, 6, whole[40:]), 0, capture.SkipFragment},
		"overlapping":         {fragment4(1, 24, false, 6, whole[24:]), 0, nil},
		"UDP, the same":       {fragment4(1, 32, false, 17, whole[32:]), 0, capture.SkipFragment},
		"the same once more":  {first, 0, capture.SkipFragment},
		"cut by the snaplen":  {capture.Packet{LinkType: 228, Data: last.Data[:40], Length: len(last.Data)}, 0, capture.SkipFragment},
		"another destination": {capture.Packet{LinkType: 228, Data: set(last.Data, 16, 198), Length: len(last.Data)}, 0, capture.SkipFragment},
	} {
		decoder := capture.NewDecoder()
		first.Time = at(100, 0)
		if _, err := decoder.Decode(first); err != capture.SkipFragment {
			t.Errorf("%s: %v", name, err)
		}
		c.second.Time = first.Time.Add(c.after)
		if _, err := decoder.Decode(c.second); err != c.want {
			t.Errorf("%s: %v, not %v", name, err, c.want)
		}
	}
}

// A tunnel's packet in fragments, one of which is the tunnelled packet's own.
func TestFragmentsInTunnels(t *testing.T) {
	whole := tcpHeader("PA", nil, []byte("hello, hello, hello, hello, hello!!")...)
	inner := fragment4(9, 32, false, 6, whole[32:]).Data
	outer := join(be16(50000), be16(4789), be16(0), be16(0), []byte{8, 0, 0, 0, 0, 0, 9, 0}, ethernet(0x0800, inner))
	decoder := capture.NewDecoder()
	frames := []capture.Packet{
		fragment4(9, 0, true, 6, whole[:32]), fragment4(9, 0, true, 17, outer[:40]), fragment4(9, 40, false, 17, outer[40:]),
	}
	for i, p := range frames {
		d, err := decoder.Decode(p)
		switch {
		case i < 2 && err != capture.SkipFragment, i == 2 && (err != nil || len(d.Payload) != 35):
			t.Fatalf("frame %d: %v, %+v", i, err, d)
		}
	}
}

// Millions of fragments of packets that are never completed cost a few megabytes.
func TestFragmentsAreBounded(t *testing.T) {
	decoder := capture.NewDecoder()
	random := rand.New(rand.NewPCG(1, 2))
	data := make([]byte, 1480)
	feed := func(n int) {
		for i := range n {
			p := fragment4(random.IntN(1<<16), 8*random.IntN(5000), true, 6, data)
			p.Time = at(0, int64(i))
			if _, err := decoder.Decode(p); err != capture.SkipFragment {
				t.Fatal(err)
			}
		}
	}
	live := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := live()
	feed(20000)
	if after := live(); after > before+8<<20 {
		t.Errorf("%d bytes more", after-before)
	}
	runtime.KeepAlive(decoder)
}
