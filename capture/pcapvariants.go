package capture

import (
	"encoding/binary"
	"math/bits"
	"time"
)

// byteOrder is the order of the bytes in a file's numbers.
type byteOrder struct{ big bool }

func (o byteOrder) uint16(b []byte) uint16 {
	v := binary.LittleEndian.Uint16(b)
	if o.big {
		v = bits.ReverseBytes16(v)
	}
	return v
}

func (o byteOrder) uint32(b []byte) uint32 {
	v := binary.LittleEndian.Uint32(b)
	if o.big {
		v = bits.ReverseBytes32(v)
	}
	return v
}

func (o byteOrder) uint64(b []byte) uint64 {
	v := binary.LittleEndian.Uint64(b)
	if o.big {
		v = bits.ReverseBytes64(v)
	}
	return v
}

// words reads four numbers of 32 bits, faster than one by one.
func (o byteOrder) words(b *[16]byte) (uint32, uint32, uint32, uint32) {
	if o.big {
		order := binary.BigEndian
		return order.Uint32(b[0:4]), order.Uint32(b[4:8]), order.Uint32(b[8:12]), order.Uint32(b[12:16])
	}
	order := binary.LittleEndian
	return order.Uint32(b[0:4]), order.Uint32(b[4:8]), order.Uint32(b[8:12]), order.Uint32(b[12:16])
}

// pcapVariant is what tells the variants of pcap apart. The oldest of them did not
// choose a magic number of their own; Wireshark's way of telling them apart is followed.
type pcapVariant struct {
	order      byteOrder
	fileHeader int   // bytes of the file header
	header     int   // bytes of the header of each frame; what lies behind the first 16 says nothing of the frame
	unit       int64 // nanoseconds, of the second half of a time stamp
	lengths    lengthOrder
	unsure     bool // others have the same magic number
}

// The sizes of a frame's header.
const (
	pcapHeaderStandard  = 16
	pcapHeaderNokia     = 20
	pcapHeaderKuznetsov = 24 // Alexey Kuznetsov's patches to libpcap of 1999-04-17 (with the usual magic number) and 1999-10-29
	pcapHeaderSuSE      = 28 // his patch of 1999-09-15
)

// pcapMagic tells the variant by the magic number at the start of the file.
func pcapMagic(start []byte) (v pcapVariant, ok bool) {
	for _, order := range []byteOrder{{big: false}, {big: true}} {
		v = pcapVariant{order: order, fileHeader: 24, header: pcapHeaderStandard, unit: int64(time.Microsecond)}
		switch order.uint32(start) {
		case 0xa1b2c3d4:
			v.unsure = true
			return v, true
		case 0xa1b23c4d:
			v.unit = int64(time.Nanosecond)
			return v, true
		case 0xa1b2cd34:
			v.header, v.unsure = pcapHeaderKuznetsov, true
			return v, true
		case 0x1c0001ab: // Ixia's software capture: the size of all frames follows the file header
			v.fileHeader = 28
			return v, true
		}
	}
	return pcapVariant{}, false
}

// aix recognises what AIX writes in files of version 2.2: types of interfaces (RFC
// 1573) in the place of link types, and nanoseconds.
func (v *pcapVariant) aix(link *LinkType) {
	const nullLink, ethernet, tokenRing, fddi = 0, 1, 6, 10
	switch *link {
	case 6:
		*link = ethernet
	case 9:
		*link = tokenRing
	case 15:
		*link = fddi
	case 24:
		*link = nullLink
	default:
		return
	}
	v.unit, v.unsure = int64(time.Nanosecond), false
}

// guess looks at the first frames (b, which may end before they do unless ended) to
// tell variants that have the magic number in common. Against the usual one speaks only
// that it makes no sense, and another one does.
func (v *pcapVariant) guess(b []byte, snapLen uint32, ended bool) {
	if _, ok := v.plausible(b, v.header, snapLen, ended); ok {
		return
	}
	others := []int{pcapHeaderKuznetsov, pcapHeaderNokia}
	if v.header == pcapHeaderKuznetsov {
		others = []int{pcapHeaderSuSE}
	}
	for _, header := range others {
		if frames, ok := v.plausible(b, header, snapLen, ended); ok && frames > 1 {
			v.header = header
			return
		}
	}
}

// plausible reports whether the first frames in b make sense with headers of that
// size, and how many headers that was found by.
func (v *pcapVariant) plausible(b []byte, header int, snapLen uint32, ended bool) (frames int, ok bool) {
	const enough, absurd = 3, 128 << 20
	for frames < enough && len(b) > 0 {
		if len(b) < header {
			return frames, !ended
		}
		captured, length := v.lengths.sort(v.order.uint32(b[8:]), v.order.uint32(b[12:]))
		if v.order.uint32(b[4:]) >= 1e6 || captured > maxFrame || length > absurd || captured > length || snapLen > 0 && captured > snapLen {
			return frames, false
		}
		frames++
		size := header + int(captured)
		if size > len(b) {
			return frames, !ended
		}
		b = b[size:]
	}
	return frames, true
}

// lengthOrder says which of the two lengths in a frame's header is the captured one.
type lengthOrder int

const (
	lengthsInOrder lengthOrder = iota // the first
	lengthsSwapped                    // the second
	lengthsUnsure                     // the first, unless it is the larger one
)

// pcapMajorDGUX is the version that DG/UX's tcpdump writes.
const pcapMajorDGUX = 543

// lengthsOf tells the order by the version: it was changed with 2.3, but not by all
// that wrote 2.3 into their files.
func lengthsOf(major, minor uint16) lengthOrder {
	switch {
	case major == pcapMajorDGUX || minor < 3:
		return lengthsSwapped
	case minor == 3:
		return lengthsUnsure
	}
	return lengthsInOrder
}

func (o lengthOrder) sort(first, second uint32) (captured, length uint32) {
	if o == lengthsSwapped || o == lengthsUnsure && first > second {
		return second, first
	}
	return first, second
}
