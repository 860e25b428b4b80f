// Package testdata gives the recordings of the built-in lessons, which the program
// plays where a lesson cannot be run and which tests replay.
package testdata

import "embed"

//go:embed recordings
var recordings embed.FS

// Recording gives the recording of a lesson, a pcapng file. The error is
// fs.ErrNotExist where there is none.
func Recording(lesson string) ([]byte, error) {
	return recordings.ReadFile("recordings/" + lesson + ".pcapng")
}
