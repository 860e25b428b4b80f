package fsm

import "strings"

// Flags are the control bits of a segment, in the order of the header's low
// bits (RFC 9293 section 3.1).
type Flags uint8

// The control bits.
const (
	FIN Flags = 1 << iota
	SYN
	RST
	PSH
	ACK
	URG
	ECE
	CWR
)

// Has reports whether all bits of want are set.
func (f Flags) Has(want Flags) bool { return f&want == want }

// String gives the bits as letters in the order FSRPAUEC, so that a SYN-ACK is
// "SA". No bit at all is "-".
func (f Flags) String() string {
	if f == 0 {
		return "-"
	}
	const letters = "FSRPAUEC"
	b := make([]byte, 0, len(letters))
	for i := range len(letters) {
		if f&(1<<i) != 0 {
			b = append(b, letters[i])
		}
	}
	return string(b)
}

// Names gives the bits by name, the way they are spoken: "SYN ACK", "FIN ACK".
// PSH is left out when it stands beside other bits and quiet is set, since it
// says nothing about the connection's state.
func (f Flags) Names(quiet bool) string {
	if quiet && f&^PSH != 0 {
		f &^= PSH
	}
	order := [...]struct {
		bit  Flags
		name string
	}{{SYN, "SYN"}, {FIN, "FIN"}, {RST, "RST"}, {PSH, "PSH"}, {ACK, "ACK"}, {URG, "URG"}, {ECE, "ECE"}, {CWR, "CWR"}}
	var names []string
	for _, o := range order {
		if f.Has(o.bit) {
			names = append(names, o.name)
		}
	}
	if len(names) == 0 {
		return "no flags"
	}
	return strings.Join(names, " ")
}

// Options are the TCP options of a segment that the model or the header view
// need. The zero value is "no options".
type Options struct {
	MSS           uint16    // maximum segment size, bytes; 0: absent
	WindowScale   uint8     // shift count; meaningful when HasScale
	HasScale      bool      // the window scale option is present (RFC 7323)
	SACKPermitted bool      // RFC 2018
	HasTimestamps bool      // RFC 7323
	TSVal, TSEcr  uint32    // meaningful when HasTimestamps
	SACK          [4][2]Seq // left and right edges; the first SACKCount are set
	SACKCount     uint8
	FastOpen      bool // a TCP Fast Open option, with or without cookie (RFC 7413)
}

// Segment is one TCP segment as a decoded value; it holds no payload bytes.
type Segment struct {
	Seq     Seq    // sequence number of the first octet, or of the SYN
	Ack     Seq    // acknowledgment number; meaningful when Flags has ACK
	Flags   Flags  // control bits
	Window  uint16 // as on the wire, not yet scaled
	Len     uint32 // payload octets
	Options Options
}

// SeqLen is SEG.LEN of RFC 9293 section 3.4: the octets of the segment counted in
// sequence space, SYN and FIN included.
func (s Segment) SeqLen() uint32 {
	n := s.Len
	if s.Flags.Has(SYN) {
		n++
	}
	if s.Flags.Has(FIN) {
		n++
	}
	return n
}

// End is the sequence number that follows the segment's last octet.
func (s Segment) End() Seq { return s.Seq.Add(s.SeqLen()) }
