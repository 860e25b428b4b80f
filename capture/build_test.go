package capture_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"tcpviz/capture"
)

// order builds the bytes of capture files in one byte order.
type order struct{ binary.AppendByteOrder }

var (
	little = order{binary.LittleEndian}
	big    = order{binary.BigEndian}
)

// words gives 32-bit words one after the other.
func (o order) words(values ...uint32) (b []byte) {
	for _, v := range values {
		b = o.AppendUint32(b, v)
	}
	return b
}

// pcapHeader gives the header of a pcap file.
func (o order) pcapHeader(magic, snapLen, linkType uint32) []byte {
	b := o.words(magic)
	b = o.AppendUint16(b, 2)
	b = o.AppendUint16(b, 4)
	return append(b, o.words(0, 0, snapLen, linkType)...)
}

// pcapFrame gives a frame of a pcap file.
func (o order) pcapFrame(seconds, fraction uint32, data string, length uint32) []byte {
	return append(o.words(seconds, fraction, uint32(len(data)), length), data...)
}

// block gives a pcapng block.
func (o order) block(kind uint32, body ...[]byte) []byte {
	all := padded(bytes.Join(body, nil))
	length := uint32(len(all) + 12)
	return bytes.Join([][]byte{o.words(kind, length), all, o.words(length)}, nil)
}

// option gives a pcapng option.
func (o order) option(code uint16, value string) []byte {
	b := o.AppendUint16(nil, code)
	b = o.AppendUint16(b, uint16(len(value)))
	return padded(append(b, value...))
}

// section gives a section header block with options.
func (o order) section(options ...[]byte) []byte {
	version := o.AppendUint16(o.AppendUint16(nil, 1), 0)
	return o.block(0x0a0d0d0a, o.words(0x1a2b3c4d), version, o.words(0xffffffff, 0xffffffff), bytes.Join(options, nil))
}

// device gives an interface description block.
func (o order) device(linkType uint16, snapLen uint32, options ...[]byte) []byte {
	return o.block(1, o.AppendUint16(o.AppendUint16(nil, linkType), 0), o.words(snapLen), bytes.Join(options, nil))
}

// enhanced gives an enhanced packet block.
func (o order) enhanced(device uint32, stamp uint64, data string, length uint32, options ...[]byte) []byte {
	return o.block(6, o.words(device, uint32(stamp>>32), uint32(stamp), uint32(len(data)), length),
		padded([]byte(data)), bytes.Join(options, nil))
}

func padded(b []byte) []byte {
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

// sameBytes compares large frames quickly; nothing and nil are the same.
var sameBytes = cmp.Comparer(bytes.Equal)

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func zipped(b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(b); err != nil {
		panic(err) // a buffer takes everything
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// squeezed gives b compressed by zstd.
func squeezed(b []byte) []byte {
	w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		panic(err) // the options are right
	}
	return w.EncodeAll(b, nil)
}

// flusher is a compressor, or a file.
type flusher interface {
	io.Writer
	Flush() error
}

// flushers compress what is written as a stream.
var flushers = map[string]func(io.Writer) flusher{
	"plain":                     func(w io.Writer) flusher { return bufio.NewWriter(w) },
	"gzip":                      func(w io.Writer) flusher { return gzip.NewWriter(w) },
	"gzip, each piece a member": func(w io.Writer) flusher { return members{w} },
	"zstd": func(w io.Writer) flusher {
		z, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
		if err != nil {
			panic(err) // the options are right
		}
		return z
	},
}

// members compresses each piece that is written as a gzip member of its own.
type members struct{ io.Writer }

func (m members) Write(b []byte) (int, error) { return m.Writer.Write(zipped(b)) }
func (m members) Flush() error                { return nil }

// at gives a time by seconds and nanoseconds.
func at(seconds, nanoseconds int64) time.Time { return time.Unix(seconds, nanoseconds).UTC() }

// readAll gives all frames of a capture and how it ended (nil for io.EOF).
func readAll(t testing.TB, content []byte) (*capture.File, []capture.Packet, error) {
	t.Helper()
	f, err := capture.NewReader(bytes.NewReader(content), "test.pcap")
	if err != nil {
		return nil, nil, err
	}
	packets, err := drain(f)
	return f, packets, err
}

func drain(s capture.Source) ([]capture.Packet, error) {
	var packets []capture.Packet
	for {
		p, err := s.Next()
		if errors.Is(err, io.EOF) {
			return packets, nil
		}
		if err != nil {
			return packets, err
		}
		packets = append(packets, p.Clone())
	}
}

// writeNg gives the pcapng file of the packets.
func writeNg(t testing.TB, packets []capture.Packet, comments ...string) []byte {
	t.Helper()
	var content bytes.Buffer
	w, err := capture.NewNgWriter(&content, capture.LinkTypeEthernet, comments)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range packets {
		if err := w.Write(p); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return content.Bytes()
}
