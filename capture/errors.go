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
	what, why := "damaged", ": "+e.Err.Error()
	if e.Err == ErrCutOff {
		what, why = "cut off", ""
	}
	where := ""
	if e.Frame > 0 {
		where = fmt.Sprintf(" in frame %d", e.Frame)
	}
	return fmt.Sprintf("capture: %s: %s%s at byte %d%s", e.Name, what, where, e.Offset, why)
}

// Unwrap gives the cause.
func (e *DamagedError) Unwrap() error { return e.Err }

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
