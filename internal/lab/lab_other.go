//go:build !linux

package lab

import (
	"context"
	"fmt"
	"runtime"

	"tcpviz/internal/lesson"
)

// Probe tells where loopback is possible: nowhere, on this system.
func Probe(bool) (Place, error) {
	return Nowhere, fmt.Errorf("lab: %w: live lessons are not supported on %s (Linux has what they need)", ErrNoStage, runtime.GOOS)
}

// Reexec does nothing on this system.
func Reexec() (code int, done bool, err error) { return 0, false, nil }

// Run performs no lesson on this system; its error is ErrNoStage.
func Run(context.Context, lesson.Lesson, Options) (Result, error) {
	_, err := Probe(false)
	return Result{}, err
}
