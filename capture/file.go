package capture

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync/atomic"
	"syscall"
)

// File is a capture file: pcap (micro- or nanoseconds) or pcapng, in either byte
// order, plain or gzip-compressed. It is a [Source]; Offset and Size may be
// called from any goroutine, everything else from one.
type File struct {
	name   string
	format string
	size   int64
	bytes  *counter
	close  []io.Closer
	stream *stream
	frames interface{ next() (Packet, error) }
	ng     *ngReader // nil for pcap
	err    error     // how reading ended
}

// Open opens a capture file by name. Its errors can be told apart with
// errors.Is: fs.ErrNotExist, fs.ErrPermission, syscall.EISDIR, [ErrNotCapture];
// and with errors.As: [DamagedError], when the file's header is cut off.
func Open(name string) (*File, error) {
	f, err := os.Open(name)
	if err != nil {
		var path *fs.PathError
		if errors.As(err, &path) {
			err = path.Err // the rest of it is said already
		}
		return nil, fmt.Errorf("capture: open %s: %w", printable(name), err)
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = syscall.EISDIR
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("capture: open %s: %w", printable(name), err), f.Close())
	}
	file, err := NewReader(f, name)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if info.Mode().IsRegular() {
		file.size = info.Size()
	}
	file.close = append(file.close, f)
	return file, nil
}

// NewReader reads a capture from a stream; the name is for its errors. Closing
// the File does not close r. It reads ahead, but waits only for the bytes that it needs next.
func NewReader(r io.Reader, name string) (*File, error) {
	f := &File{name: printable(name), bytes: &counter{r: r}}
	buffered := bufio.NewReaderSize(f.bytes, bufferSize)
	compressed := false
	if magic, err := buffered.Peek(2); err == nil && magic[0] == 0x1f && magic[1] == 0x8b {
		unzipped, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, fmt.Errorf("capture: %s: %w: %w", f.name, ErrNotCapture, err)
		}
		compressed = true
		f.close = append(f.close, unzipped)
		buffered = bufio.NewReaderSize(unzipped, bufferSize)
	}
	f.stream = &stream{name: f.name, r: buffered}
	if err := f.recognise(); err != nil {
		return nil, err
	}
	if compressed {
		f.format += ", gzip"
	}
	return f, nil
}

// recognise reads the file header.
func (f *File) recognise() error {
	if pcap, ok, err := newPcapReader(f.stream); ok {
		f.frames, f.format = pcap, "pcap"
		return err
	}
	if ng, ok, err := newNgReader(f.stream); ok {
		f.frames, f.ng, f.format = ng, ng, "pcapng"
		return err
	}
	start, err := f.stream.r.Peek(4)
	switch {
	case err != nil && err != io.EOF && err != io.ErrUnexpectedEOF:
		return f.stream.failed(err, false)
	case len(start) == 0:
		return fmt.Errorf("capture: %s: empty, %w", f.name, ErrNotCapture)
	}
	return fmt.Errorf("capture: %s: %w", f.name, ErrNotCapture)
}

// Next gives the next frame. It returns io.EOF at the proper end of the file, a
// [*DamagedError] where the file is damaged or cut off; and then always the same again.
func (f *File) Next() (Packet, error) {
	if f.err != nil {
		return Packet{}, f.err
	}
	p, err := f.frames.next()
	if err != nil {
		f.err = err
		return Packet{}, err
	}
	f.stream.frames++
	p.Number = f.stream.frames
	return p, nil
}

// Close closes the file.
func (f *File) Close() error {
	var errs []error
	for _, c := range f.close {
		errs = append(errs, c.Close())
	}
	f.close = nil
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("capture: close %s: %w", f.name, err)
	}
	return nil
}

// Format says what kind of file it is: "pcap" or "pcapng", and ", gzip" behind
// it when it is compressed.
func (f *File) Format() string { return f.format }

// Comments gives the comments of the section headers read so far, as they are in the
// file: hostile text. Those of the first section are there from the beginning.
func (f *File) Comments() []string {
	if f.ng == nil {
		return nil
	}
	return f.ng.comments
}

// Offset gives the bytes read from the file so far (of a compressed file, the compressed ones).
func (f *File) Offset() int64 { return f.bytes.n.Load() }

// Size gives the size of the file in bytes when it was opened, 0 when it is not known.
func (f *File) Size() int64 { return f.size }

// counter counts what is read through it.
type counter struct {
	r io.Reader
	n atomic.Int64
}

func (c *counter) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n.Add(int64(n))
	return n, err
}
