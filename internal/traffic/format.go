package traffic

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
)

// Format is a capture file format.
type Format uint8

// The formats, both little-endian, Ethernet, with time stamps in microseconds.
const (
	Pcap   Format = iota
	PcapNG        // one section, one interface, an Enhanced Packet Block for each frame
)

// String gives "pcap" or "pcapng".
func (f Format) String() string {
	switch f {
	case Pcap:
		return "pcap"
	case PcapNG:
		return "pcapng"
	}
	return fmt.Sprintf("Format(%d)", uint8(f))
}

const (
	linkTypeEthernet = 1
	snapLen          = 262144

	pcapFileHeader   = 24
	pcapRecordHeader = 16

	sectionHeaderBlock  = 28
	interfaceBlock      = 20
	enhancedBlockHeader = 28
	blockTrailer        = 4
)

// perFile gives the bytes of a file without a frame.
func (f Format) perFile() int64 {
	if f == Pcap {
		return pcapFileHeader
	}
	return sectionHeaderBlock + interfaceBlock
}

// perFrame gives the bytes that a frame costs beyond its own, at most.
func (f Format) perFrame() int64 {
	if f == Pcap {
		return pcapRecordHeader
	}
	return enhancedBlockHeader + 3 + blockTrailer
}

// recorder writes the records of a capture file.
type recorder struct {
	w       *bufio.Writer
	format  Format
	written int64
	header  [enhancedBlockHeader]byte
	trailer [3 + blockTrailer]byte
}

func newRecorder(w io.Writer, f Format) (*recorder, error) {
	r := &recorder{w: bufio.NewWriterSize(w, 1<<20), format: f, written: f.perFile()}
	var b []byte
	le := binary.LittleEndian
	if f == Pcap {
		b = le.AppendUint32(b, 0xa1b2c3d4)
		b = le.AppendUint16(b, 2)
		b = le.AppendUint16(b, 4)
		b = le.AppendUint64(b, 0) // time zone and accuracy, which nobody uses
		b = le.AppendUint32(b, snapLen)
		b = le.AppendUint32(b, linkTypeEthernet)
	} else {
		b = le.AppendUint32(b, 0x0a0d0d0a)
		b = le.AppendUint32(b, sectionHeaderBlock)
		b = le.AppendUint32(b, 0x1a2b3c4d)
		b = le.AppendUint16(b, 1)
		b = le.AppendUint16(b, 0)
		b = le.AppendUint64(b, ^uint64(0)) // the section's length: not given
		b = le.AppendUint32(b, sectionHeaderBlock)
		b = le.AppendUint32(b, 1)
		b = le.AppendUint32(b, interfaceBlock)
		b = le.AppendUint16(b, linkTypeEthernet)
		b = le.AppendUint16(b, 0)
		b = le.AppendUint32(b, snapLen)
		b = le.AppendUint32(b, interfaceBlock)
	}
	_, err := r.w.Write(b)
	return r, err
}

// record writes one frame, captured so many microseconds after 1970.
func (r *recorder) record(at int64, frame []byte) error {
	le := binary.LittleEndian
	h, t := r.header[:], r.trailer[:0]
	size := uint32(len(frame))
	if r.format == Pcap {
		h = h[:pcapRecordHeader]
		le.PutUint32(h[0:], uint32(at/1_000_000))
		le.PutUint32(h[4:], uint32(at%1_000_000))
		le.PutUint32(h[8:], size)
		le.PutUint32(h[12:], size)
	} else {
		padding := -size & 3
		total := enhancedBlockHeader + size + padding + blockTrailer
		le.PutUint32(h[0:], 6)
		le.PutUint32(h[4:], total)
		le.PutUint32(h[8:], 0) // the interface
		le.PutUint32(h[12:], uint32(at>>32))
		le.PutUint32(h[16:], uint32(at))
		le.PutUint32(h[20:], size)
		le.PutUint32(h[24:], size)
		t = r.trailer[:padding+blockTrailer]
		le.PutUint32(t[padding:], total)
		clear(t[:padding])
	}
	r.written += int64(len(h) + len(frame) + len(t))
	if r.written > MaxBytes {
		return fmt.Errorf("no file larger than %d bytes (4 GiB) is written", int64(MaxBytes))
	}
	for _, part := range [...][]byte{h, frame, t} {
		if _, err := r.w.Write(part); err != nil {
			return err
		}
	}
	return nil
}
