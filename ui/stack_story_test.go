package ui

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"strings"

	"tcpviz/fsm"
	"tcpviz/internal/story"
)

// The stories that the picture of the stack is tested with: those of other tests, with
// frames whose every byte is as it would be.

// framed gives the frames real link and IP headers. link is what stands before the IP
// header, of that link type.
func framed(events []story.Event, linkType uint32, link []byte) []story.Event {
	events = slices.Clone(events)
	for i, e := range events {
		if call, ok := e.(story.Call); ok && call.Op == "connect" {
			_, to, _ := strings.Cut(call.Args, ", ")
			call.Remote = netip.MustParseAddrPort(to) // as a lesson's calls have it
			events[i] = call
		}
		f, ok := e.(story.Frame)
		if !ok {
			continue
		}
		segment := f.Raw[f.TCPOffset:]
		ip := ipHeader(f.Src.Addr(), f.Dst.Addr(), len(segment))
		raw := slices.Concat(link, ip, segment)
		f.LinkType, f.Length, f.Raw = linkType, len(raw), raw
		f.NetOffset = len(link)
		f.PayloadOffset += len(link) + len(ip) - f.TCPOffset
		f.TCPOffset = len(link) + len(ip)
		events[i] = f
	}
	return events
}

// ipHeader is the header of a packet that carries so many bytes of TCP.
func ipHeader(from, to netip.Addr, n int) []byte {
	if from.Is6() {
		h := make([]byte, 8, 40)
		h[0], h[6], h[7] = 0x60, 6, 64
		binary.BigEndian.PutUint16(h[4:], uint16(n))
		return append(append(h, from.AsSlice()...), to.AsSlice()...)
	}
	h := []byte{0x45, 0, 0, 0, 0x3f, 0x4c, 0x40, 0, 64, 6, 0xfd, 0x6d}
	binary.BigEndian.PutUint16(h[2:], uint16(20+n))
	return append(append(h, from.AsSlice()...), to.AsSlice()...)
}

// onLoopback is the header that Linux writes on lo.
var onLoopback = []byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0}

func built(meta story.Meta, events []story.Event) *story.Story {
	b := story.NewBuilder(meta)
	for _, e := range events {
		b.Add(e)
	}
	return b.Story()
}

// clientsScript has three clients; the server accepts none of them, and then two.
func clientsScript() *script {
	s := newScript()
	s.once(sv, -1, "socket", "AF_INET, SOCK_STREAM, 0", 3)
	s.once(sv, 3, "bind", "3, 127.0.0.1:10008", 0)
	s.once(sv, 3, "listen", "3, 2", 0)
	peers := []string{"127.0.0.1:43210", "127.0.0.1:43212", "127.0.0.1:43214"}
	for i, peer := range peers {
		s.client = netip.MustParseAddrPort(peer)
		s.isn[cl] += 7777
		begin := len(s.events)
		s.once(cl, -1, "socket", "AF_INET, SOCK_STREAM, 0", 3)
		connect := s.enter(cl, 3, "connect", "3, 127.0.0.1:10008", story.Text{})
		s.segment(cl, fsm.SYN, 0, 0, "")
		s.segment(sv, fsm.SYN|fsm.ACK, 0, 1, "")
		s.segment(cl, fsm.ACK, 1, 1, "")
		s.back(connect, "3, 127.0.0.1:10008", 0)
		s.rename(begin, cl, "C"+string(rune('1'+i)))
	}
	for i, peer := range peers[:2] {
		s.client = netip.MustParseAddrPort(peer)
		s.once(sv, 3, "accept", "3, "+peer, int64(4+i))
	}
	return s
}

// rename gives the program of a side's calls from an event on another name.
func (s *script) rename(from int, side fsm.Side, name string) {
	for i, e := range s.events[from:] {
		if call, ok := e.(story.Call); ok && call.Side == side {
			call.Program = name
			s.events[from+i] = call
		}
	}
}

// stackStories are the stories that the goldens show.
func stackStories() map[string]*story.Story {
	all := make(map[string]*story.Story)
	lo := story.Meta{Lesson: "connection", Stage: "loopback"}
	all["connection"] = built(lo, framed(connectionScript().events, linkEthernet, onLoopback))
	all["clients"] = built(lo, framed(clientsScript().events, linkEthernet, onLoopback))
	all["sim"] = built(story.Meta{Lesson: "connection", Stage: "sim"}, framed(connectionScript().events, linkRaw, nil))

	six := newScript() // over IPv6, seen on an Ethernet with a VLAN tag
	six.client, six.server = netip.MustParseAddrPort("[2001:db8::17:4]:43210"), netip.MustParseAddrPort("[2001:db8:85a3::8a2e:370:7334]:443")
	six.segment(cl, fsm.SYN, 0, 0, "")
	six.segment(sv, fsm.SYN|fsm.ACK, 0, 1, "")
	six.segment(cl, fsm.ACK, 1, 1, "")
	six.segment(cl, fsm.PSH|fsm.ACK, 1, 1, "GET / HTTP/1.0\r\n\r\n")
	tagged := []byte{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x81, 0, 0, 7, 0x86, 0xdd}
	events := framed(six.events, linkEthernet, tagged)
	for i, e := range events {
		f := e.(story.Frame)
		f.Fate = story.FateAssumed
		events[i] = f
	}
	all["capture"] = built(story.Meta{Source: "office.pcapng"}, events)
	return all
}
