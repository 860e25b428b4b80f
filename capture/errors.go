package capture

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// The reasons for which a capture cannot be read, for errors.Is.
var (
	// ErrNotCapture says that the bytes are no pcap or pcapng capture (or that there are none).
	ErrNotCapture = errors.New("not a pcap or pcapng capture")
	// ErrCutOff says that a capture ends in the middle of something.
	ErrCutOff = errors.New("cut off")
	// ErrChanged says that a capture file was changed or replaced since it was read before.
	ErrChanged = errors.New("the file has changed meanwhile")
	// ErrNoInterface says that there is no interface of that name.
	ErrNoInterface = errors.New("no such interface")
)

// DamagedError says where a capture is damaged. All frames before that place
// were delivered.
type DamagedError struct {
	Name   string // the capture's name
	Frame  int    // the frame that is damaged, from 1; 0 when the damage lies outside the frames
	Offset int64  // where in the (uncompressed) capture: its end when it is cut off, else where the bad part begins
	Err    error  // ErrCutOff, or what is wrong
}

// Error gives one line: "capture: trace.pcap: cut off in frame 13 at byte 1234".
func (e *DamagedError) Error() string {
	format, args := e.Said()
	return fmt.Sprintf(format, args...)
}

// Said gives the format and the arguments of that line, so that it can be said in
// another language too.
func (e *DamagedError) Said() (format string, args []any) {
	switch {
	case e.Err == ErrCutOff && e.Frame > 0:
		return "capture: %s: cut off in frame %d at byte %d", []any{e.Name, e.Frame, e.Offset}
	case e.Err == ErrCutOff:
		return "capture: %s: cut off at byte %d", []any{e.Name, e.Offset}
	case e.Frame > 0:
		return "capture: %s: damaged in frame %d at byte %d: %v", []any{e.Name, e.Frame, e.Offset, e.Err}
	}
	return "capture: %s: damaged at byte %d: %v", []any{e.Name, e.Offset, e.Err}
}

// Unwrap gives the cause.
func (e *DamagedError) Unwrap() error { return e.Err }

// failure is an error that can be said in another language: beside its English text it
// knows the format and the arguments that the text was made of.
type failure struct {
	error
	format string
	args   []any
}

// Said gives the format and the arguments of the English text.
func (f *failure) Said() (format string, args []any) { return f.format, f.args }

// Unwrap gives what the error wraps.
func (f *failure) Unwrap() error { return f.error }

// errorf gives an error as [fmt.Errorf] does, %w included.
func errorf(format string, args ...any) error {
	return &failure{error: fmt.Errorf(format, args...), format: format, args: args}
}

// printable gives a name without the control characters that could lead a
// terminal astray.
func printable(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, name)
}
