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

// timestampsAlone is how the options of most segments begin, and all there is to
// them: two fillers and the timestamps' kind and length (RFC 7323 appendix A).
const timestampsAlone = 0x0101080a

// readOptions reads the options of a TCP header. It walks the bytes itself since
// gopacket gives up all of them when the last is cut off or broken; here
// everything before that place counts.
func readOptions(o *fsm.Options, b []byte) {
	for len(b) > 0 {
		kind := layers.TCPOptionKind(b[0])
		switch kind {
		case layers.TCPOptionKindEndList:
			return
		case layers.TCPOptionKindNop:
			b = b[1:]
			continue
		}
		if len(b) < 2 || b[1] < 2 || int(b[1]) > len(b) {
			return
		}
		setOption(o, kind, b[2:b[1]])
		b = b[b[1]:]
	}
}

// setOption sets what one option says; an option of the wrong length says nothing.
func setOption(o *fsm.Options, kind layers.TCPOptionKind, value []byte) {
	switch kind {
	case layers.TCPOptionKindMSS:
		if len(value) == 2 {
			o.MSS = binary.BigEndian.Uint16(value)
		}
	case layers.TCPOptionKindWindowScale:
		if len(value) == 1 {
			o.WindowScale, o.HasScale = value[0], true
		}
	case layers.TCPOptionKindSACKPermitted:
		if len(value) == 0 {
			o.SACKPermitted = true
		}
	case layers.TCPOptionKindTimestamps:
		if len(value) == 8 {
			o.HasTimestamps = true
			o.TSVal, o.TSEcr = binary.BigEndian.Uint32(value), binary.BigEndian.Uint32(value[4:])
		}
	case layers.TCPOptionKindSACK:
		if len(value)%8 == 0 {
			setSACK(o, value)
		}
	case optionFastOpen:
		o.FastOpen = true
	case optionExperimental:
		if len(value) >= 2 && binary.BigEndian.Uint16(value) == fastOpenMagic {
			o.FastOpen = true
		}
	}
}

func setSACK(o *fsm.Options, blocks []byte) {
	o.SACKCount = 0
	for ; len(blocks) > 0 && int(o.SACKCount) < len(o.SACK); blocks = blocks[8:] {
		o.SACK[o.SACKCount] = [2]fsm.Seq{
			fsm.Seq(binary.BigEndian.Uint32(blocks)), fsm.Seq(binary.BigEndian.Uint32(blocks[4:])),
		}
		o.SACKCount++
	}
}
