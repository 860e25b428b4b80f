package capture

import (
	"encoding/binary"
	"fmt"
	"io"
	"time"
)

// The magic numbers of pcap files, as read in the file's own byte order.
const (
	pcapMagicMicro = 0xa1b2c3d4
	pcapMagicNano  = 0xa1b23c4d
)

// pcapReader reads the frames of a pcap file (draft-ietf-opsawg-pcap).
type pcapReader struct {
	s        *stream
	order    binary.ByteOrder
	linkType LinkType
	unit     time.Duration // of the second half of a time stamp
}

// newPcapReader reads the file header; ok is false when the magic is not that
// of a pcap file, and then nothing is consumed.
func newPcapReader(s *stream) (r *pcapReader, ok bool, err error) {
	magic, err := s.r.Peek(4)
	if err != nil {
		return nil, false, nil
	}
	r = &pcapReader{s: s, unit: time.Microsecond}
	switch {
	case isPcapMagic(binary.LittleEndian.Uint32(magic)):
		r.order = binary.LittleEndian
	case isPcapMagic(binary.BigEndian.Uint32(magic)):
		r.order = binary.BigEndian
	default:
		return nil, false, nil
	}
	if r.order.Uint32(magic) == pcapMagicNano {
		r.unit = time.Nanosecond
	}
	header, err := s.take(24)
	if err != nil {
		return nil, true, s.failed(err, false)
	}
	if major := r.order.Uint16(header[4:]); major != 2 {
		return nil, true, s.damaged(4, false, fmt.Errorf("pcap version %d, not 2", major))
	}
	// The upper half holds the length of the frame check sequence; the snapshot
	// length (bytes 16 to 19) is 0 or absurd in many good files and is not needed.
	r.linkType = LinkType(r.order.Uint32(header[20:]) & 0xffff)
	return r, true, nil
}

func isPcapMagic(n uint32) bool { return n == pcapMagicMicro || n == pcapMagicNano }

func (r *pcapReader) next() (Packet, error) {
	start := r.s.offset
	header, err := r.s.take(16)
	if err == io.EOF {
		return Packet{}, io.EOF
	}
	if err != nil {
		return Packet{}, r.s.failed(err, true)
	}
	p := Packet{
		Time:     time.Unix(int64(r.order.Uint32(header)), int64(r.order.Uint32(header[4:]))*int64(r.unit)).UTC(),
		LinkType: r.linkType,
		Length:   int(r.order.Uint32(header[12:])),
	}
	captured := r.order.Uint32(header[8:])
	if captured > maxFrame {
		return Packet{}, r.s.damaged(start, true, tooLarge(captured))
	}
	if p.Data, err = r.s.take(int(captured)); err != nil {
		return Packet{}, r.s.failed(err, true)
	}
	return p, nil
}

func tooLarge(captured uint32) error {
	return fmt.Errorf("it claims %d captured bytes, more than %d", captured, maxFrame)
}
