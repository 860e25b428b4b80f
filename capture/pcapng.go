package capture

import (
	"encoding/binary"
	"errors"
	"fmt"
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

// ngReader reads the frames of a pcapng file.
type ngReader struct {
	s          *stream
	order      binary.ByteOrder
	interfaces []ngInterface // of the section
	comments   []string      // of all section headers so far
}

// ngInterface is what an interface description block says.
type ngInterface struct {
	linkType LinkType
	snapLen  uint32
	clock    ngClock
}

// newNgReader reads the first section header; ok is false when the file does
// not begin as a pcapng file does, and then nothing is consumed.
func newNgReader(s *stream) (r *ngReader, ok bool, err error) {
	magic, err := s.r.Peek(4)
	if err != nil || binary.BigEndian.Uint32(magic) != blockSection {
		return nil, false, nil
	}
	r = &ngReader{s: s, order: binary.LittleEndian}
	block, err := r.block()
	if err != nil {
		return nil, true, err
	}
	return r, true, r.section(block)
}

func (r *ngReader) next() (Packet, error) {
	for {
		b, err := r.block()
		if err != nil {
			return Packet{}, err
		}
		switch b.kind {
		case blockSection:
			err = r.section(b)
		case blockInterface:
			err = r.describe(b)
		case blockEnhanced, blockSimple, blockPacket:
			return r.frame(b)
		}
		if err != nil {
			return Packet{}, err
		}
	}
}

// ngBlock is a block of the file.
type ngBlock struct {
	kind  uint32
	start int64  // its place in the file
	body  []byte // without type, lengths and trailer; nil where nobody needs it
}

// frame reports whether the block holds a frame.
func (b ngBlock) frame() bool {
	return b.kind == blockEnhanced || b.kind == blockSimple || b.kind == blockPacket
}

// block reads one block. Those that hold nothing of interest are passed over
// without being held in memory.
func (r *ngReader) block() (ngBlock, error) {
	b := ngBlock{start: r.s.offset}
	head, err := r.s.peek(12) // the shortest block
	if err == io.EOF {
		return b, io.EOF
	}
	if err != nil {
		return b, r.s.failed(err, false)
	}
	b.kind = r.order.Uint32(head)
	if b.kind == blockSection {
		switch uint32(byteOrderMagic) {
		case binary.LittleEndian.Uint32(head[8:]):
			r.order = binary.LittleEndian
		case binary.BigEndian.Uint32(head[8:]):
			r.order = binary.BigEndian
		default:
			return b, r.s.damaged(b.start, false, errors.New("a section header without byte-order magic"))
		}
	}
	length := int64(r.order.Uint32(head[4:]))
	length = (length + 3) &^ 3 // some writers do not count the padding
	if length < 12 {
		return b, r.s.damaged(b.start, b.frame(), fmt.Errorf("a block of %d bytes", length))
	}
	if !b.frame() && b.kind != blockSection && b.kind != blockInterface {
		if err := r.s.skip(length); err != nil {
			return b, r.s.failed(err, false)
		}
		return b, nil
	}
	if length > maxBlock {
		return b, r.s.damaged(b.start, b.frame(), fmt.Errorf("a block of %d bytes, more than %d", length, maxBlock))
	}
	block, err := r.s.take(int(length))
	if err != nil {
		return b, r.s.failed(err, b.frame())
	}
	trailer := block[length-4:]
	if again := (int64(r.order.Uint32(trailer)) + 3) &^ 3; again != length {
		return b, r.s.damaged(b.start, b.frame(), fmt.Errorf("a block of %d bytes that says %d at its end", length, again))
	}
	b.body = block[8 : length-4]
	return b, nil
}
