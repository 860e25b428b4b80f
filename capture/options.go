package capture

import (
	"encoding/binary"

	"github.com/google/gopacket/layers"

	"tcpviz/fsm"
)

const (
	optionFastOpen     = 34  // RFC 7413
	optionExperimental = 254 // RFC 6994
	fastOpenMagic      = 0xf989
)

// tcpOptions reads the options of a TCP header. It walks the bytes itself since
// gopacket gives up all of them when the last is cut off or broken; here
// everything before that place counts.
func tcpOptions(b []byte) (o fsm.Options) {
	for len(b) > 0 {
		kind := layers.TCPOptionKind(b[0])
		switch kind {
		case layers.TCPOptionKindEndList:
			return o
		case layers.TCPOptionKindNop:
			b = b[1:]
			continue
		}
		if len(b) < 2 || b[1] < 2 || int(b[1]) > len(b) {
			return o
		}
		setOption(&o, kind, b[2:b[1]])
		b = b[b[1]:]
	}
	return o
}

// setOption sets what one option says; an option of the wrong length says nothing.
func setOption(o *fsm.Options, kind layers.TCPOptionKind, value []byte) {
	switch {
	case kind == layers.TCPOptionKindMSS && len(value) == 2:
		o.MSS = binary.BigEndian.Uint16(value)
	case kind == layers.TCPOptionKindWindowScale && len(value) == 1:
		o.WindowScale, o.HasScale = value[0], true
	case kind == layers.TCPOptionKindSACKPermitted && len(value) == 0:
		o.SACKPermitted = true
	case kind == layers.TCPOptionKindTimestamps && len(value) == 8:
		o.HasTimestamps = true
		o.TSVal, o.TSEcr = binary.BigEndian.Uint32(value), binary.BigEndian.Uint32(value[4:])
	case kind == layers.TCPOptionKindSACK && len(value)%8 == 0:
		o.SACKCount = 0
		for ; len(value) > 0 && int(o.SACKCount) < len(o.SACK); value = value[8:] {
			o.SACK[o.SACKCount] = [2]fsm.Seq{
				fsm.Seq(binary.BigEndian.Uint32(value)), fsm.Seq(binary.BigEndian.Uint32(value[4:])),
			}
			o.SACKCount++
		}
	case kind == optionFastOpen,
		kind == optionExperimental && len(value) >= 2 && binary.BigEndian.Uint16(value) == fastOpenMagic:
		o.FastOpen = true
	}
}
