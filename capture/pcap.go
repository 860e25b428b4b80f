package capture

import (
	"io"
	"time"
)

// pcapReader reads the frames of a pcap file (draft-ietf-opsawg-pcap).
type pcapReader struct {
	s *stream
	pcapVariant
	linkType LinkType
}

// newPcapReader reads the file header behind a magic number that told the variant.
func newPcapReader(s *stream, v pcapVariant, allThere bool) (*pcapReader, error) {
	if err := s.fill(v.fileHeader); err != nil {
		return nil, s.failed(err, false)
	}
	header := s.buf[s.pos:][:v.fileHeader]
	major, minor := v.order.uint16(header[4:]), v.order.uint16(header[6:])
	if major != 2 && major != pcapMajorDGUX {
		return nil, s.damaged(4, false, errorf("pcap version %d, not 2", major))
	}
	v.lengths = lengthsOf(major, minor)
	// The upper half holds the length of the frame check sequence; the snapshot
	// length is 0 or absurd in many good files and helps only to guess the variant.
	snapLen, link := v.order.uint32(header[16:]), LinkType(v.order.uint32(header[20:])&0xffff)
	if v.unsure && major == 2 && minor == 2 {
		v.aix(&link)
	}
	s.pos += v.fileHeader
	if v.unsure && allThere {
		v.guess(s.lookAhead(), snapLen, s.err != nil)
	}
	return &pcapReader{s: s, pcapVariant: v, linkType: link}, nil
}

// next sets p to the next frame.
func (r *pcapReader) next(p *Packet) error {
	s := r.s
	b := s.buf[s.pos:s.end]
	if len(b) < r.header {
		if err := s.fill(r.header); err == io.EOF {
			return io.EOF
		} else if err != nil {
			return s.failed(err, true)
		}
		b = s.buf[s.pos:s.end]
	}
	seconds, fraction, captured, length := r.order.words((*[pcapHeaderStandard]byte)(b))
	if r.lengths != lengthsInOrder {
		captured, length = r.lengths.sort(captured, length)
	}
	if captured > maxFrame {
		return s.damaged(s.offset(), true, tooLarge(captured))
	}
	size := r.header + int(captured)
	if size > len(b) {
		if err := s.fill(size); err != nil {
			return s.failed(err, true)
		}
		b = s.buf[s.pos:s.end]
	}
	s.pos += size
	s.frames++
	p.Number = s.frames
	p.Time = time.Unix(int64(seconds), int64(fraction)*r.unit).UTC()
	p.LinkType = r.linkType
	p.Data = b[r.header:size:size]
	p.Length = int(length)
	p.Comments = nil
	return nil
}

func tooLarge(captured uint32) error {
	return errorf("it claims %d captured bytes, more than %d", captured, maxFrame)
}
