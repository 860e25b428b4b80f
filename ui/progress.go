package ui

import "time"

// Progress tells how far a capture has been read while its connections are shown.
// The zero value tells nothing: there is no long reading.
type Progress struct {
	Reading   bool          // it goes on
	Stopped   bool          // it was stopped before the end: what is there is kept
	Read      int64         // bytes of the file
	Size      int64         // bytes; 0: not known
	PerSecond float64       // bytes
	Left      time.Duration // 0: not known
}
