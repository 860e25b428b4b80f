package traffic

import "fmt"

// MaxBytes is the size of the largest file that is written: 4 GiB.
const MaxBytes = 4 << 30

// Kind says what a capture is full of.
type Kind uint8

// The kinds of traffic.
const (
	ShortKind Kind = iota // complete connections of ten frames each
	FloodKind             // SYNs that nobody answers
	BulkKind              // few connections that carry much
	LossyKind             // connections that go wrong in every way
)

// String gives "short", "flood", "bulk" or "lossy".
func (k Kind) String() string {
	switch k {
	case ShortKind:
		return "short"
	case FloodKind:
		return "flood"
	case BulkKind:
		return "bulk"
	case LossyKind:
		return "lossy"
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// Shape says what a capture holds. The functions named after the kinds give one;
// the fields that they leave zero may be set.
type Shape struct {
	Kind        Kind
	Connections int   // how many connections (of a flood: SYNs)
	Bytes       int64 // of a bulk: the size of the file as pcap, which is not exceeded
	IPv6Percent int   // how many of 100 connections use IPv6, on average
	Seed        uint64
}

// Short is many small connections: handshake, a request, a response and the four
// segments of a close that becomes three, ten frames and about 920 bytes of a pcap
// file each. A thousand open each second of the capture's time, and some hundred
// are open at any moment.
func Short(connections int) Shape { return Shape{Kind: ShortKind, Connections: connections} }

// Flood is a SYN flood: one frame from each of so many different addresses and
// ports, a hundred thousand a second.
func Flood(syns int) Shape { return Shape{Kind: FloodKind, Connections: syns} }

// Bulk is ten connections at once, which together fill a pcap file of that size
// with full segments, and an ACK for every second one. In every other connection
// it is the client that sends. The sequence numbers of the first one wrap.
func Bulk(bytes int64) Shape { return Shape{Kind: BulkKind, Connections: 10, Bytes: bytes} }

// Lossy is connections that differ: the scenarios that [Scenarios] lists, one
// after the other and again from the first, ten a second of the capture's time.
func Lossy(connections int) Shape { return Shape{Kind: LossyKind, Connections: connections} }

// The frames that a connection has at most, and their bytes over IPv4.
const (
	synFrame    = ethernetHeader + ipv4Header + tcpHeader + synOptions
	ackFrame    = ethernetHeader + ipv4Header + tcpHeader + timestampOptions
	moreForIPv6 = ipv6Header - ipv4Header

	shortFrames = 10
	shortBytes  = 2*synFrame + 8*ackFrame + maxRequest + maxResponse
	// Of a bulk: handshake, request with its ACK, and close.
	aroundFrames = 8
	aroundBytes  = 2*synFrame + 6*ackFrame + maxRequest
	// No scenario is larger; a test holds it.
	lossyFrames = 48
	lossyBytes  = 48_000
)

// bound gives the size that the file will not exceed.
func (s Shape) bound(f Format) int64 {
	frames, bytes := int64(lossyFrames), int64(lossyBytes)
	switch s.Kind {
	case ShortKind:
		frames, bytes = shortFrames, shortBytes
	case FloodKind:
		frames, bytes = 1, synFrame
	case BulkKind:
		segments := s.segmentsEach()
		acks := (segments + 1) / 2
		frames, bytes = aroundFrames+segments+acks, aroundBytes+segments*maxFrame+acks*ackFrame
	}
	return f.perFile() + int64(s.Connections)*(bytes+frames*(f.perFrame()+s.moreForIPv6()))
}

// moreForIPv6 is how much larger a frame may be because its connection uses IPv6.
func (s Shape) moreForIPv6() int64 {
	if s.IPv6Percent > 0 {
		return moreForIPv6
	}
	return 0
}

// segmentsEach gives how many full segments each connection of a bulk carries.
func (s Shape) segmentsEach() int64 {
	more := Pcap.perFrame() + s.moreForIPv6()
	ack := ackFrame + more
	// One ACK more where the number of segments is odd.
	room := (s.Bytes-Pcap.perFile())/int64(s.Connections) - aroundBytes - aroundFrames*more - ack
	return 2 * room / (2*(maxFrame+Pcap.perFrame()) + ack)
}

// Check says what is wrong with a shape, and whether the file might be larger than
// MaxBytes.
func (s Shape) Check(f Format) error {
	most := maxConnections
	if s.Kind == BulkKind {
		most = maxTransfers
	}
	switch {
	case s.Kind > LossyKind:
		return fmt.Errorf("traffic: no such kind: %v", s.Kind)
	case f > PcapNG:
		return fmt.Errorf("traffic: no such format: %v", f)
	case s.Connections < 1 || s.Connections > most:
		return fmt.Errorf("traffic: %v: %d connections: must be 1 to %d", s.Kind, s.Connections, most)
	case s.IPv6Percent < 0 || s.IPv6Percent > 100:
		return fmt.Errorf("traffic: %v: %d%% IPv6: must be 0 to 100", s.Kind, s.IPv6Percent)
	case s.Kind == BulkKind && s.Bytes > MaxBytes:
		return tooLarge(s.Kind, s.Bytes)
	case s.Kind == BulkKind && s.segmentsEach() < 1:
		return fmt.Errorf("traffic: %v: %d bytes are too few for %d connections", s.Kind, s.Bytes, s.Connections)
	}
	if bound := s.bound(f); bound > MaxBytes {
		return tooLarge(s.Kind, bound)
	}
	return nil
}

func tooLarge(kind Kind, bytes int64) error {
	return fmt.Errorf("traffic: %v: the file could have %d bytes, and none larger than %d (4 GiB) is written", kind, bytes, int64(MaxBytes))
}
