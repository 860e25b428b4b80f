package capture

import (
	"encoding/binary"
	"errors"
	"io"
)

// The block types of pcapng that are read or written (draft-ietf-opsawg-pcapng).
const (
	blockSection   = 0x0a0d0d0a // the same in both byte orders
	blockInterface = 1
	blockPacket    = 2 // obsolete
	blockSimple    = 3
	blockEnhanced  = 6

	byteOrderMagic = 0x1a2b3c4d
)

// The options that are read or written.
const (
	optEnd      = 0
	optComment  = 1
	optUserAppl = 4  // section header: the program that wrote it
	optTsResol  = 9  // interface: units of time stamps
	optTsOffset = 14 // interface: seconds to add to time stamps
)

const (
	// leastBlock is the size of a block without a body.
	leastBlock = 12
	// maxInterfaces bounds the interfaces of a section: the obsolete packet block cannot name more.
	maxInterfaces = 1 << 16
	// maxSectionComments bounds the bytes of the comments of all section headers.
	maxSectionComments = maxBlock
)

// ngReader reads the frames of a pcapng file.
type ngReader struct {
	s       *stream
	section ngSection
	changed bool  // the section, since the last mark
	inside  bool  // a block is being read
	start   int64 // where that begins
}

// ngSection is what is to be known of the section and those before it.
type ngSection struct {
	order        byteOrder
	interfaces   []ngInterface // of this section
	comments     []string      // of all section headers so far
	commentBytes int
}

// ngInterface is what an interface description block says.
type ngInterface struct {
	linkType LinkType
	snapLen  uint32
	clock    ngClock
}

// isNgMagic reports whether a file that begins so is a pcapng file.
func isNgMagic(start []byte) bool { return binary.BigEndian.Uint32(start) == blockSection }

// newNgReader reads the first section header.
func newNgReader(s *stream) (*ngReader, error) {
	r := &ngReader{s: s}
	_, body, err := r.block()
	if err == nil {
		err = r.begin(body)
	}
	if err != nil {
		return nil, r.failed(blockSection, err)
	}
	return r, nil
}

// next sets p to the next frame.
func (r *ngReader) next(p *Packet) error {
	if r.common(p) {
		return nil
	}
	defer func() { r.inside = false }()
	for {
		r.start, r.inside = r.s.offset(), true
		kind, body, err := r.block()
		if err == nil {
			switch kind {
			case blockEnhanced:
				err = r.enhanced(p, body)
			case blockSection:
				err = r.begin(body)
			case blockInterface:
				err = r.describe(body)
			case blockSimple:
				err = r.simple(p, body)
			case blockPacket:
				err = r.obsolete(p, body)
			}
		}
		if err != nil {
			return r.failed(kind, err)
		}
		if isFrame(kind) {
			r.s.frames++
			p.Number = r.s.frames
			return nil
		}
	}
}

// common sets p to the next frame when that lies ready in an enhanced packet block
// without fault, as nearly all do. Otherwise it changes nothing: whatever is to be
// said of the block, the general way says it.
func (r *ngReader) common(p *Packet) bool {
	const head = 8 + leastStamped
	s, order := r.s, r.section.order
	b := s.buf[s.pos:s.end]
	if len(b) < head+4 {
		return false
	}
	kind, claimed, id, high := order.words((*[16]byte)(b))
	low, captured, length, _ := order.words((*[16]byte)(b[16:]))
	size := int(claimed)
	if kind != blockEnhanced || size%4 != 0 || size < head+4 || size > len(b) || order.uint32(b[size-4:]) != claimed ||
		captured > maxFrame || int(captured) > size-head-4 || uint64(id) >= uint64(len(r.section.interfaces)) {
		return false
	}
	i := &r.section.interfaces[id]
	end := head + int(captured)
	s.pos += size
	s.frames++
	p.Number = s.frames
	p.Time = i.clock.time(uint64(high)<<32 | uint64(low))
	p.LinkType = i.linkType
	p.Data = b[head:end:end]
	p.Length = int(length)
	p.Comments = nil
	if padded := (end + 3) &^ 3; padded < size-4 {
		p.Comments = comments(b[padded:size-4], order)
	}
	return true
}

// offset is where reading can go on: the end of the last block that was read whole.
func (r *ngReader) offset() int64 {
	if r.inside {
		return r.start
	}
	return r.s.offset()
}

// isFrame reports whether blocks of that kind hold a frame.
func isFrame(kind uint32) bool {
	return kind == blockEnhanced || kind == blockSimple || kind == blockPacket
}

// readError marks the errors of reading a block, as opposed to those of what is in it.
type readError struct{ error }

// failed gives the error for the block that was being read.
func (r *ngReader) failed(kind uint32, err error) error {
	var read readError
	switch {
	case err == io.EOF: // between blocks
		return err
	case errors.As(err, &read):
		return r.s.failed(read.error, isFrame(kind))
	}
	return r.s.damaged(r.start, isFrame(kind), err)
}

// block reads one block and gives its body, which is valid until the next call: what lies
// between the lengths at its start and its end. Blocks that hold nothing of
// interest are passed over without being held in memory.
func (r *ngReader) block() (kind uint32, body []byte, err error) {
	s := r.s
	if s.end-s.pos < leastBlock {
		if err := s.fill(leastBlock); err == io.EOF {
			return 0, nil, io.EOF
		} else if err != nil {
			return 0, nil, readError{err}
		}
	}
	b := s.buf[s.pos:s.end]
	kind = r.section.order.uint32(b)
	if kind == blockSection {
		if r.section.order, err = orderOf(b[8:]); err != nil {
			return kind, nil, err
		}
	}
	claimed := r.section.order.uint32(b[4:])
	length := (int64(claimed) + 3) &^ 3 // some writers do not count the padding
	if length < leastBlock {
		return kind, nil, errorf("a block of %d bytes", length)
	}
	if length > int64(len(b)) || !isFrame(kind) {
		if b, err = r.hold(kind, length); err != nil || b == nil {
			return kind, nil, err
		}
	}
	end := int(length) - 4
	if again := r.section.order.uint32(b[end:]); again != claimed && (int64(again)+3)&^3 != length {
		return kind, nil, errorf("a block of %d bytes that says %d at its end", length, (int64(again)+3)&^3)
	}
	s.pos += int(length)
	return kind, b[8:end], nil
}

// hold makes the stream hold a block whole, and gives that; or passes over a block
// that nobody needs, and gives nil.
func (r *ngReader) hold(kind uint32, length int64) ([]byte, error) {
	if !isFrame(kind) && kind != blockSection && kind != blockInterface {
		if err := r.s.skip(length); err != nil {
			return nil, readError{err}
		}
		return nil, nil
	}
	if length > maxBlock {
		return nil, errorf("a block of %d bytes, more than %d", length, maxBlock)
	}
	if err := r.s.fill(int(length)); err != nil {
		return nil, readError{err}
	}
	return r.s.buf[r.s.pos:r.s.end], nil
}

// orderOf reads the byte-order magic.
func orderOf(b []byte) (byteOrder, error) {
	for _, order := range []byteOrder{{big: false}, {big: true}} {
		if order.uint32(b) == byteOrderMagic {
			return order, nil
		}
	}
	return byteOrder{}, errors.New("a section header without byte-order magic")
}
