package capture

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
)

// Mark says where in a file, behind one of its frames, reading can go on: see
// [OpenAt]. The zero value is the beginning. Marks are small, and share what they
// have in common.
type Mark struct {
	Number int // of the last frame before it; 0 before the first
	offset int64
	known  *known
}

// known is what a reader must know to go on, besides the offset. It is never changed.
type known struct {
	info    fs.FileInfo // of the file; nil when it is none that can be opened again
	section ngSection   // of pcapng
}

// Mark gives the place behind the last frame that Next gave. When Next has ended with an
// error there is nothing to go on with, and it gives the zero Mark.
func (f *File) Mark() Mark {
	if f.err != nil {
		return Mark{}
	}
	if f.known == nil || f.ng != nil && f.ng.changed {
		f.known = &known{info: f.info}
		if f.ng != nil {
			f.ng.changed = false
			f.known.section = f.ng.section.shared()
		}
	}
	offset := f.stream.offset()
	if f.ng != nil {
		offset = f.ng.offset()
	}
	return Mark{Number: f.stream.frames, offset: offset, known: f.known}
}

// shared gives a copy to which nobody else can append.
func (s ngSection) shared() ngSection {
	s.interfaces, s.comments = slices.Clip(s.interfaces), slices.Clip(s.comments)
	return s
}

// OpenAt opens the capture file again in which m was set, so that Next gives the frame
// m.Number+1. It returns [ErrChanged] when the file is not the same any more: another
// one, or of another size or time of change. Its other errors are those of [Open].
//
// A compressed file can be read from its beginning only: the first Next passes over
// what lies before m, which takes its time. Close from another goroutine ends that.
func OpenAt(name string, m Mark) (*File, error) {
	f, err := Open(name)
	if err != nil || m.known == nil {
		return f, err
	}
	if err := f.goTo(m); err != nil {
		return nil, errors.Join(errorf("capture: open %s at frame %d: %w", f.name, m.Number+1, err), f.Close())
	}
	return f, nil
}

// goTo makes m the place of the next frame.
func (f *File) goTo(m Mark) error {
	was := m.known.info
	if was == nil {
		return errors.New("that place is not in a regular file")
	}
	if f.info == nil || !os.SameFile(was, f.info) || was.Size() != f.info.Size() || !was.ModTime().Equal(f.info.ModTime()) {
		return ErrChanged
	}
	f.stream.frames = m.Number
	f.known = m.known
	if f.ng != nil {
		f.ng.section, f.ng.changed = m.known.section, false
	}
	if f.compressed {
		f.stream.jump(m.offset)
		return nil
	}
	if _, err := f.file.Seek(m.offset, io.SeekStart); err != nil {
		return err
	}
	f.in.n.Store(m.offset)
	f.stream.restart(f.in, m.offset)
	return nil
}
