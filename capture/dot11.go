package capture

import "encoding/binary"

// The headers of wireless LANs. gopacket's decoder takes the last four bytes of
// every frame for a check sequence; most captures have none. A check sequence does
// no harm here: IP says where its packet ends.

// prism is the header of prism cards, or that of AVS which took its place.
func prism(b []byte) (int, protocol) {
	if b[0] == 0x80 && b[1] == 0x21 {
		return int(binary.BigEndian.Uint32(b[4:]) & 0xffff), protoDot11
	}
	size := binary.LittleEndian.Uint32(b[4:])
	if b[0] == 0 { // the message code is one byte long: a big-endian host
		size = binary.BigEndian.Uint32(b[4:])
	}
	return int(size & 0xffff), protoDot11
}

// radiotap is a header of the capturing system (radiotap.org). Its flags tell
// whether the frame's own header is padded.
func radiotap(b []byte) (int, protocol) {
	const hasClock, hasFlags, more, padded = 1, 2, 1 << 31, 0x20
	size := int(binary.LittleEndian.Uint16(b[2:]))
	present := binary.LittleEndian.Uint32(b[4:])
	at := 8
	for word := present; word&more != 0; at += 4 {
		if at+4 > min(size, len(b)) {
			return size, protoDot11
		}
		word = binary.LittleEndian.Uint32(b[at:])
	}
	if present&hasClock != 0 {
		at = (at+7)&^7 + 8
	}
	if present&hasFlags != 0 && at < min(size, len(b)) && b[at]&padded != 0 {
		return size, protoDot11Padded
	}
	return size, protoDot11
}

// dot11 is the header of a data frame (IEEE 802.11), filled up to a multiple of
// align. What is encrypted or in fragments is not followed; of frames
// put together (A-MSDU) the first is.
func dot11(b []byte, align int) (int, protocol) {
	const (
		data, kinds       = 0x08, 0x0c // of the first byte
		noData, quality   = 0x40, 0x80
		toDS, fromDS      = 0x01, 0x02 // of the second
		fragments, cipher = 0x04, 0x40
		order             = 0x80
		aggregate         = 0x80 // of the quality of service
	)
	if b[0]&kinds != data || b[0]&noData != 0 || b[1]&(fragments|cipher) != 0 || b[22]&0x0f != 0 {
		return 24, protoOther
	}
	size := 24
	if b[1]&(toDS|fromDS) == toDS|fromDS {
		size += 6
	}
	aggregated := false
	if b[0]&quality != 0 {
		if len(b) < size+2 {
			return size + 2, protoOther
		}
		aggregated = b[size]&aggregate != 0
		size += 2
		if b[1]&order != 0 {
			size += 4
		}
	}
	size = (size + align - 1) &^ (align - 1)
	if aggregated {
		size += 14 // addresses and length
	}
	return size, protoLLC
}
