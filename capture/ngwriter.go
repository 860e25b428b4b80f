package capture

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"time"
)

// writerName is what the files say of the program that wrote them.
const writerName = "tcpviz"

// NgWriter writes a pcapng file: one section, little-endian, time stamps in
// nanoseconds. Nothing is sure to be written before Flush.
type NgWriter struct {
	w          *bufio.Writer
	interfaces map[LinkType]uint32
	block      []byte // reused
	frames     int
	err        error
}

// NewNgWriter begins a file whose frames are of linkType (frames of another one
// get an interface of their own), with comments in its section header. A comment
// has at most 65,535 bytes.
func NewNgWriter(w io.Writer, linkType LinkType, sectionComments []string) (*NgWriter, error) {
	n := &NgWriter{w: bufio.NewWriter(w), interfaces: map[LinkType]uint32{}}
	n.begin(blockSection)
	n.uint32(byteOrderMagic)
	n.uint32(1)          // version 1.0
	n.uint32(0xffffffff) // section length: not given
	n.uint32(0xffffffff)
	err := n.comments(sectionComments)
	if err == nil {
		n.option(optUserAppl, []byte(writerName))
		err = n.end()
	}
	if err == nil {
		_, err = n.interfaceFor(linkType)
	}
	if err != nil {
		return nil, errorf("capture: write pcapng header: %w", err)
	}
	return n, nil
}

// Write adds a frame; its Number is not written. After an error the writer is of no use.
func (n *NgWriter) Write(p Packet) error {
	if n.err == nil {
		n.err = n.write(p)
	}
	if n.err != nil {
		return errorf("capture: write frame %d: %w", n.frames+1, n.err)
	}
	n.frames++
	return nil
}

func (n *NgWriter) write(p Packet) error {
	if len(p.Data) > maxFrame {
		return errorf("%d bytes, more than %d", len(p.Data), maxFrame)
	}
	seconds := p.Time.Unix()
	if seconds < 0 || seconds >= math.MaxInt64/int64(time.Second) {
		return errorf("the time %v cannot be written", p.Time)
	}
	id, err := n.interfaceFor(p.LinkType)
	if err != nil {
		return err
	}
	stamp := uint64(p.Time.UnixNano())
	n.begin(blockEnhanced)
	n.uint32(id)
	n.uint32(uint32(stamp >> 32))
	n.uint32(uint32(stamp))
	n.uint32(uint32(len(p.Data)))
	n.uint32(uint32(min(max(p.Length, len(p.Data)), math.MaxInt32)))
	n.padded(p.Data)
	if err := n.comments(p.Comments); err != nil {
		return err
	}
	return n.end()
}

// Flush writes out what is still held back.
func (n *NgWriter) Flush() error {
	if n.err == nil {
		n.err = n.w.Flush()
	}
	if n.err != nil {
		return errorf("capture: write pcapng: %w", n.err)
	}
	return nil
}

// interfaceFor gives the number of the interface with that link type,
// describing it when it is a new one.
func (n *NgWriter) interfaceFor(linkType LinkType) (uint32, error) {
	if id, ok := n.interfaces[linkType]; ok {
		return id, nil
	}
	if linkType > math.MaxUint16 {
		return 0, errorf("link type %d does not fit pcapng", linkType)
	}
	n.begin(blockInterface)
	n.uint32(uint32(linkType)) // and two reserved bytes
	n.uint32(maxFrame)         // snapshot length
	n.option(optTsResol, []byte{9})
	id := uint32(len(n.interfaces))
	n.interfaces[linkType] = id
	return id, n.end()
}

func (n *NgWriter) begin(kind uint32) {
	n.block = n.block[:0]
	n.uint32(kind)
	n.uint32(0) // length: set by end
}

// end closes the options and writes the block.
func (n *NgWriter) end() error {
	n.uint32(optEnd)
	length := len(n.block) + 4
	if length > maxBlock {
		return errorf("a block of %d bytes, more than %d", length, maxBlock)
	}
	n.uint32(uint32(length))
	binary.LittleEndian.PutUint32(n.block[4:], uint32(length))
	_, err := n.w.Write(n.block)
	return err
}

func (n *NgWriter) comments(comments []string) error {
	for _, c := range comments {
		if len(c) > math.MaxUint16 {
			return errors.New("a comment of more than 65535 bytes")
		}
		n.option(optComment, []byte(c))
	}
	return nil
}

func (n *NgWriter) option(code uint16, value []byte) {
	n.block = binary.LittleEndian.AppendUint16(n.block, code)
	n.block = binary.LittleEndian.AppendUint16(n.block, uint16(len(value)))
	n.padded(value)
}

func (n *NgWriter) padded(b []byte) {
	n.block = append(n.block, b...)
	for len(n.block)%4 != 0 {
		n.block = append(n.block, 0)
	}
}

func (n *NgWriter) uint32(v uint32) { n.block = binary.LittleEndian.AppendUint32(n.block, v) }
