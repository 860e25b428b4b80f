package capture

import (
	"net/netip"
	"time"

	"tcpviz/fsm"
)

// LinkType says how the bytes of a frame begin (the registry of LINKTYPE_ values).
type LinkType uint32

// Packet is one frame of a capture. Data is valid until the next call of Next
// only; Clone it to keep it.
type Packet struct {
	Number   int       // from 1
	Time     time.Time // the zero value when the capture does not say
	LinkType LinkType
	Data     []byte
	Length   int      // bytes on the wire; more than len(Data) when the frame was cut
	Comments []string // pcapng packet comments, as they are in the file: hostile text
}

// Clone gives a packet whose Data and Comments are its own.
func (p Packet) Clone() Packet {
	p.Data = append([]byte(nil), p.Data...)
	p.Comments = append([]string(nil), p.Comments...)
	return p
}

// Source gives the frames of a capture, one after the other. Next returns
// io.EOF at the capture's proper end, and another error when it is damaged or cut off.
type Source interface {
	Next() (Packet, error)
	Close() error
}

// Decoded is the TCP segment that a frame holds.
type Decoded struct {
	Src, Dst netip.AddrPort
	Segment  fsm.Segment
	// Data holds the headers and the payload: the packet's own Data or, when it is
	// Reassembled, the IP packet (LinkTypeRaw) that several frames held in fragments.
	Data        []byte
	Reassembled bool
	// Where in Data the innermost network header, the TCP header and the payload begin.
	NetOffset, TCPOffset, PayloadOffset int
	Payload                             []byte // the payload octets that were captured; part of Data
}
