package capture

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
)

const (
	// maxFrame bounds the captured bytes of one frame, as tcpdump and Wireshark do.
	maxFrame = 262144
	// maxBlock bounds the blocks that are held in memory whole: the limit of
	// libpcap and Wireshark too.
	maxBlock = 16 << 20
	// bufferSize holds the largest frame that loopback carries; what is larger is copied.
	bufferSize = 128 << 10
)

// stream reads a capture's bytes in order and knows where it is.
type stream struct {
	name   string
	r      *bufio.Reader
	offset int64  // of the next byte
	frames int    // frames delivered
	big    []byte // for pieces larger than r's buffer
}

// peek gives the next n bytes (no more than the buffer holds) and stays before
// them. Where fewer are left it gives an error and consumes those: io.EOF when
// there is none at all.
func (s *stream) peek(n int) ([]byte, error) {
	b, err := s.r.Peek(n)
	if len(b) == n {
		return b, nil
	}
	s.offset += int64(len(b))
	if err == io.EOF && len(b) > 0 {
		err = io.ErrUnexpectedEOF
	}
	return nil, err
}

// take gives the next n bytes; they are valid until the next call. Its errors
// are those of peek.
func (s *stream) take(n int) ([]byte, error) {
	if n > s.r.Size() {
		return s.takeBig(n)
	}
	b, err := s.peek(n)
	if err != nil {
		return nil, err
	}
	s.offset += int64(n)
	_, err = s.r.Discard(n)
	return b, err
}

// takeBig copies, in pieces, so that a length is paid for only by bytes that exist.
func (s *stream) takeBig(n int) ([]byte, error) {
	s.big = s.big[:0]
	for len(s.big) < n {
		piece, err := s.take(min(n-len(s.big), s.r.Size()))
		if err == io.EOF && len(s.big) > 0 {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return nil, err
		}
		s.big = append(s.big, piece...)
	}
	return s.big, nil
}

// skip passes over n bytes without keeping them.
func (s *stream) skip(n int64) error {
	for n > 0 {
		piece := min(n, 1<<30)
		done, err := s.r.Discard(int(piece))
		s.offset += int64(done)
		if err != nil {
			return err
		}
		n -= piece
	}
	return nil
}

// failed says what it means that reading stopped with err inside something:
// inside the next frame, or outside the frames.
func (s *stream) failed(err error, inFrame bool) error {
	var corrupt flate.CorruptInputError
	switch {
	case err == io.EOF || err == io.ErrUnexpectedEOF:
		err = ErrCutOff
	case errors.As(err, &corrupt) || errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum):
	default:
		return fmt.Errorf("capture: read %s: frame %d: %w", s.name, s.frames+1, err)
	}
	return s.damaged(s.offset, inFrame, err)
}

// damaged gives the error for a capture that is wrong at offset.
func (s *stream) damaged(offset int64, inFrame bool, err error) error {
	e := &DamagedError{Name: s.name, Offset: offset, Err: err}
	if inFrame {
		e.Frame = s.frames + 1
	}
	return e
}
