package capture

import (
	"errors"
	"io"
	"os"
)

const (
	// maxFrame bounds the captured bytes of one frame, as tcpdump and Wireshark do.
	maxFrame = 262144
	// maxBlock bounds the blocks that are held in memory whole: the limit of
	// libpcap and Wireshark too.
	maxBlock = 16 << 20
	// bufferSize holds the largest frame that loopback carries; for what is larger
	// the buffer grows.
	bufferSize = 128 << 10
	// maxFruitless bounds the reads in a row that give neither a byte nor an error.
	maxFruitless = 100
)

// stream gives a capture's bytes in order, and knows where it is. Readers look at
// them in its buffer, buf[pos:end], and consume them by adding to pos.
type stream struct {
	name     string
	in       *input    // what r reads from, in the end
	r        io.Reader // of the uncompressed bytes
	buf      []byte
	pos, end int
	base     int64 // the place of buf[0] in the capture
	ahead    int64 // bytes to pass over before the next one that is wanted
	err      error // how r ended
	frames   int   // frames delivered
}

// offset is the place in the capture of the next byte.
func (s *stream) offset() int64 { return s.base + int64(s.pos) }

// fill reads until at least n bytes are in the buffer, of which only so many make it
// grow as there are. Where the capture has fewer than n it consumes those and gives
// an error: io.EOF when there was none at all.
func (s *stream) fill(n int) error {
	for s.end-s.pos < n {
		if err := s.more(); err != nil {
			if err == io.EOF && s.pos < s.end {
				err = io.ErrUnexpectedEOF
			}
			s.pos = s.end
			return err
		}
	}
	return nil
}

// lookAhead reads until the buffer is full, or the capture ends, and gives it.
func (s *stream) lookAhead() []byte {
	for s.err == nil && (s.pos > 0 || s.end < len(s.buf)) {
		if s.more() != nil { // which is told when it matters
			break
		}
	}
	return s.buf[s.pos:s.end]
}

// skip passes over n bytes without keeping them.
func (s *stream) skip(n int64) error {
	for {
		step := min(n, int64(s.end-s.pos))
		s.pos += int(step)
		if n -= step; n == 0 {
			return nil
		}
		if err := s.more(); err != nil {
			return err
		}
	}
}

// more reads once, as much as there is room for. What is not yet consumed goes to
// the front of the buffer, which grows when it is full.
func (s *stream) more() error {
	if s.ahead > 0 {
		return s.passOver()
	}
	if s.err != nil {
		return s.err
	}
	if s.pos > 0 {
		s.base += int64(s.pos)
		s.end = copy(s.buf, s.buf[s.pos:s.end])
		s.pos = 0
	}
	if s.end == len(s.buf) {
		s.buf = append(s.buf, make([]byte, max(len(s.buf), bufferSize))...)
	}
	n, err := s.read(s.buf[s.end:])
	s.end += n
	return err
}

// read reads once, and remembers the error that came with the last bytes.
func (s *stream) read(b []byte) (int, error) {
	for range maxFruitless {
		n, err := s.r.Read(b)
		s.err = err
		if n > 0 {
			return n, nil
		}
		if err != nil {
			return 0, err
		}
	}
	s.err = io.ErrNoProgress
	return 0, s.err
}

// jump makes offset, which must not lie before what was read, the place of the next
// byte. What lies between is read, and passed over, when that byte is asked for.
func (s *stream) jump(offset int64) {
	read := s.base + int64(s.end)
	if offset <= read {
		s.pos = int(offset - s.base)
		return
	}
	s.ahead, s.base, s.pos, s.end = offset-read, offset, 0, 0
}

// restart makes the stream go on with r, whose first byte is the one at offset.
func (s *stream) restart(r io.Reader, offset int64) {
	s.r, s.base, s.pos, s.end, s.err = r, offset, 0, 0, nil
}

// passOver reads what a jump has left out, until the stream is closed or ends.
func (s *stream) passOver() error {
	for s.ahead > 0 {
		if s.err == nil && s.in.closed.Load() {
			s.err = s.in.fail(os.ErrClosed)
		}
		if s.err != nil {
			return s.err
		}
		n, err := s.read(s.buf)
		if err != nil {
			return err
		}
		if step := min(s.ahead, int64(n)); step < int64(n) {
			s.base -= step // the place of buf[0]
			s.pos, s.end = int(step), n
			s.ahead = 0
		} else {
			s.ahead -= step
		}
	}
	return nil
}

// failed says what it means that reading stopped with err inside something:
// inside the next frame, or outside the frames.
func (s *stream) failed(err error, inFrame bool) error {
	switch {
	case s.in.err != nil:
		return errorf("capture: read %s: frame %d: %w", s.name, s.frames+1, s.in.err)
	case errors.Is(err, io.ErrNoProgress):
		return errorf("capture: read %s: frame %d: %w", s.name, s.frames+1, err)
	case err == io.EOF || err == io.ErrUnexpectedEOF:
		err = ErrCutOff
	}
	return s.damaged(s.offset()-s.ahead, inFrame, err)
}

// damaged gives the error for a capture that is wrong at offset.
func (s *stream) damaged(offset int64, inFrame bool, err error) error {
	e := &DamagedError{Name: s.name, Offset: offset, Err: err}
	if inFrame {
		e.Frame = s.frames + 1
	}
	return e
}
