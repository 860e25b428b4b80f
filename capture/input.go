package capture

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// input is where the bytes come from, compressed or not. It counts them.
type input struct {
	r      io.Reader
	file   *File
	n      atomic.Int64
	limit  int64 // of n; 0: none
	closed atomic.Bool
	err    error // what went wrong with reading, which is no fault of the capture
}

func (i *input) Read(b []byte) (int, error) {
	if i.closed.Load() {
		return 0, i.fail(os.ErrClosed)
	}
	if i.file.beforeRead != nil {
		i.file.beforeRead()
	}
	if i.limit > 0 {
		left := i.limit - i.n.Load()
		if left <= 0 {
			return 0, io.EOF
		}
		b = b[:min(int64(len(b)), left)]
	}
	n, err := i.r.Read(b)
	i.n.Add(int64(n))
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		err = i.fail(err)
	}
	return n, err
}

func (i *input) fail(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err // the name is said with it anyway, made printable
	}
	i.err = err
	return err
}

// The kinds of compression, as [File.Format] names them.
const (
	compressedGzip = "gzip"
	compressedZstd = "zstd"
)

// maxWindow bounds the memory that a zstd decoder takes; zstd's own program refuses
// larger windows too, unless it is told otherwise.
const maxWindow = 128 << 20

// compression tells by its first bytes how a file is compressed, "" when it is not.
// Files of several threads' zstd may begin with a frame to be skipped (RFC 8878, 3.1.2).
func compression(start []byte) string {
	const gzipMagic, zstdMagic, zstdSkippable = 0x8b1f, 0xfd2fb528, 0x184d2a50
	switch {
	case len(start) >= 2 && binary.LittleEndian.Uint16(start) == gzipMagic:
		return compressedGzip
	case len(start) >= 4 && binary.LittleEndian.Uint32(start) == zstdMagic,
		len(start) >= 4 && binary.LittleEndian.Uint32(start)&^0xf == zstdSkippable:
		return compressedZstd
	}
	return ""
}

// uncompressed gives what r holds and what its compression is called, "" for none.
// It gives each byte as soon as what was compressed allows. It starts no goroutine, so that
// nothing is left to be ended.
func uncompressed(r *bufio.Reader) (io.Reader, string, error) {
	start, _ := r.Peek(4) // an error comes again when it matters
	const compressedBuffer = 64 << 10
	switch kind := compression(start); kind {
	case compressedGzip:
		z, err := newGzipReader(bufio.NewReaderSize(r, compressedBuffer))
		return z, kind, err
	case compressedZstd:
		z, err := zstd.NewReader(bufio.NewReaderSize(r, compressedBuffer), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
		return zstdReader{z}, kind, err
	}
	return r, "", nil
}

// gzipReader reads the members of a gzip file. [gzip.Reader] could do that itself, but
// holds back the end of a member until the next one begins, which may take long in a
// stream; and it takes the zeros that pad a tape's last block for a damaged member.
type gzipReader struct {
	r       *bufio.Reader
	member  *gzip.Reader
	between bool // two members
}

func newGzipReader(r *bufio.Reader) (*gzipReader, error) {
	member, err := gzip.NewReader(r)
	if err != nil {
		return nil, err
	}
	member.Multistream(false)
	return &gzipReader{r: r, member: member}, nil
}

func (g *gzipReader) Read(b []byte) (int, error) {
	for {
		if g.between {
			if err := g.nextMember(); err != nil {
				return 0, err
			}
		}
		n, err := g.member.Read(b)
		if err != io.EOF {
			return n, err
		}
		g.between = true
		if n > 0 {
			return n, nil
		}
	}
}

// nextMember begins the next member; io.EOF means that there is none.
func (g *gzipReader) nextMember() error {
	for {
		next, err := g.r.ReadByte()
		if err != nil {
			return err
		}
		if next != 0 {
			break
		}
	}
	if err := g.r.UnreadByte(); err != nil {
		return err
	}
	if err := g.member.Reset(g.r); err != nil {
		return errorf("what follows the compressed data: %w", err)
	}
	g.member.Multistream(false)
	g.between = false
	return nil
}

// zstdReader gives also the bytes before a wrong checksum, as gzip's reader does:
// the decoder gives its error first, and them when it is asked again.
type zstdReader struct{ decoder *zstd.Decoder }

func (z zstdReader) Read(b []byte) (int, error) {
	n, err := z.decoder.Read(b)
	if n == 0 && err != nil && err != io.EOF {
		n, _ = z.decoder.Read(b)
	}
	return n, err
}
