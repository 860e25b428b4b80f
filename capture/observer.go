package capture

import (
	"errors"
	"math"
	"os"
	"time"

	"tcpviz/fsm"
)

// Observed is what a frame holds of TCP, without its bytes.
type Observed struct {
	Number   int       // of the frame, from 1
	Time     fsm.Nanos // nanoseconds since 1970, 0 when the capture does not say
	Src, Dst fsm.Address
	Segment  fsm.Segment
	Skipped  SkipReason // why it holds no segment; "" when it holds one
}

// Observer reads the frames of a file for those who want to know only what they hold
// of TCP. It belongs to one goroutine.
type Observer struct {
	file    *File
	decoder Decoder
	packet  Packet
	decoded Decoded
}

// NewObserver gives an observer of what is left of the file.
func NewObserver(f *File) *Observer { return &Observer{file: f} }

// Next tells what the next frame holds. Its errors are those of [File.Next].
func (o *Observer) Next(to *Observed) error {
	if err := o.file.next(&o.packet); err != nil {
		return err
	}
	o.decoder.observe(&o.packet, &o.decoded, to)
	return nil
}

// observe tells what the frame holds; scratch is for the decoder's use.
func (d *Decoder) observe(p *Packet, scratch *Decoded, o *Observed) {
	o.Number, o.Time, o.Skipped = p.Number, nanosOf(p.Time), ""
	if _, ok := fast(p, &o.Src, &o.Dst, &o.Segment); ok {
		return
	}
	err := d.walk(p, scratch)
	o.Skipped, _ = err.(SkipReason)
	o.Src, o.Dst, o.Segment = fsm.AddressOf(scratch.Src), fsm.AddressOf(scratch.Dst), scratch.Segment
}

// Again opens a regular file once more, from its beginning, so that several goroutines
// can read it at the same time. All of them end where the file ended when it was opened
// first, even if it grows. A stream gives an error, and so does a file that has changed.
func (f *File) Again() (*File, error) {
	if f.info == nil {
		return nil, errorf("capture: open %s again: %w", f.name, errors.ErrUnsupported)
	}
	again, err := open(f.file.Name(), f.info.Size())
	if err != nil {
		return nil, err
	}
	if again.info == nil || !os.SameFile(f.info, again.info) || again.info.Size() < f.info.Size() {
		return nil, errors.Join(errorf("capture: open %s again: %w", f.name, ErrChanged), again.Close())
	}
	f.in.limit = f.info.Size()
	return again, nil
}

// Compressed reports whether the file's content had to be uncompressed.
func (f *File) Compressed() bool { return f.compressed }

// nanosOf gives a time of a frame, 0 when it is not known or beyond what nanoseconds
// can count (the years 1678 to 2262).
func nanosOf(t time.Time) fsm.Nanos {
	const limit = math.MaxInt64/int64(time.Second) - 1
	if seconds := t.Unix(); seconds < -limit || seconds > limit {
		return 0
	}
	return fsm.Nanos(t.UnixNano())
}
