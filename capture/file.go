package capture

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// File is a capture file: pcap (micro- or nanoseconds, and its variants) or pcapng, in
// either byte order, plain or compressed by gzip or zstd. It is a [Source]; Offset, Size
// and Close may be called from any goroutine, everything else from one.
type File struct {
	name   string
	format string
	in     *input
	stream *stream
	pcap   *pcapReader // nil for pcapng
	ng     *ngReader   // nil for pcap
	err    error       // how reading ended

	file       *os.File    // nil for a stream
	info       fs.FileInfo // of a regular file, when it was opened; else nil
	compressed bool
	known      *known // what the marks share, while it holds

	// beforeRead, when it is not nil, is called by Next just before it reads from the
	// file or the stream, which may have to be waited for. Set it before the first Next.
	beforeRead func()
}

// Open opens a capture file by name. Its errors can be told apart with
// errors.Is: fs.ErrNotExist, fs.ErrPermission, syscall.EISDIR, [ErrNotCapture];
// and with errors.As: [DamagedError], when the file's header is cut off.
func Open(name string) (*File, error) { return open(name, 0) }

// open is Open for the first bytes of a file; limit 0: for all of them.
func open(name string, limit int64) (*File, error) {
	f, err := os.Open(name)
	if err != nil {
		var path *fs.PathError
		if errors.As(err, &path) {
			err = path.Err // the rest of it is said already
		}
		return nil, errorf("capture: open %s: %w", printable(name), err)
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = syscall.EISDIR
	}
	if err != nil {
		return nil, errors.Join(errorf("capture: open %s: %w", printable(name), err), f.Close())
	}
	file, err := newReader(f, name, limit)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	file.file = f
	if info.Mode().IsRegular() {
		file.info = info
	}
	return file, nil
}

// NewReader reads a capture from a stream; the name is for its errors. Closing
// the File does not close r. It reads ahead, but waits only for the bytes that it
// needs next: a frame is given as soon as its bytes are there. When r can seek, like a
// file, all its bytes are taken to be there already; that tells more of the variants of pcap apart.
func NewReader(r io.Reader, name string) (*File, error) { return newReader(r, name, 0) }

func newReader(r io.Reader, name string, limit int64) (*File, error) {
	f := &File{name: printable(name)}
	f.in = &input{r: r, file: f, limit: limit}
	content, compression, err := uncompressed(bufio.NewReader(f.in))
	if err != nil {
		return nil, errorf("capture: %s: %w: %w", f.name, ErrNotCapture, err)
	}
	f.stream = &stream{name: f.name, in: f.in, r: content}
	if err := f.recognise(canSeek(r)); err != nil {
		return nil, err
	}
	if compression != "" {
		f.compressed = true
		f.format += ", " + compression
	}
	return f, nil
}

func canSeek(r io.Reader) bool {
	seeker, ok := r.(io.Seeker)
	if !ok {
		return false
	}
	_, err := seeker.Seek(0, io.SeekCurrent)
	return err == nil
}

// recognise reads the file header. When all of the file is there it may look further
// ahead than it must.
func (f *File) recognise(allThere bool) (err error) {
	const magicSize = 4
	if err := f.stream.fill(magicSize); err != nil {
		switch {
		case err == io.EOF:
			return errorf("capture: %s: empty, %w", f.name, ErrNotCapture)
		case f.stream.err == io.EOF: // a proper end, of too little
			return errorf("capture: %s: %w", f.name, ErrNotCapture)
		}
		return f.stream.failed(err, false)
	}
	start := f.stream.buf[f.stream.pos:][:magicSize]
	if pcap, ok := pcapMagic(start); ok {
		f.format = "pcap"
		f.pcap, err = newPcapReader(f.stream, pcap, allThere)
		return err
	}
	if isNgMagic(start) {
		f.format = "pcapng"
		f.ng, err = newNgReader(f.stream)
		return err
	}
	if compression(start) != "" {
		return errorf("capture: %s: %w: it is compressed twice", f.name, ErrNotCapture)
	}
	return errorf("capture: %s: %w", f.name, ErrNotCapture)
}

// Next gives the next frame. It returns io.EOF at the proper end of the file, a
// [*DamagedError] where the file is damaged or cut off; and then always the same again.
func (f *File) Next() (p Packet, err error) {
	err = f.next(&p)
	return p, err
}

// next sets every field of p to those of the next frame, or none when there is an error.
func (f *File) next(p *Packet) (err error) {
	if f.err != nil {
		return f.err
	}
	if f.pcap != nil {
		err = f.pcap.next(p)
	} else {
		err = f.ng.next(p)
	}
	if err != nil {
		f.err = err
	}
	return err
}

// Close closes the file. What Next was reading meanwhile in another goroutine may still be
// given, then it ends with os.ErrClosed.
func (f *File) Close() error {
	if f.in.closed.Swap(true) || f.file == nil {
		return nil
	}
	if err := f.file.Close(); err != nil {
		return errorf("capture: close %s: %w", f.name, err)
	}
	return nil
}

// Format says what kind of file it is: "pcap" or "pcapng", and ", gzip" or ", zstd"
// behind it when it is compressed.
func (f *File) Format() string { return f.format }

// Comments gives the comments of the section headers read so far, as they are in the
// file: hostile text. Those of the first section are there from the beginning.
func (f *File) Comments() []string {
	if f.ng == nil {
		return nil
	}
	return f.ng.section.comments
}

// Offset gives the bytes read from the file so far (of a compressed file, the compressed ones).
func (f *File) Offset() int64 { return f.in.n.Load() }

// Size gives the size of the file in bytes when it was opened, 0 when it is not known.
func (f *File) Size() int64 {
	if f.info == nil {
		return 0
	}
	return f.info.Size()
}
