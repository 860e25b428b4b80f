//go:build !linux

package lab

import (
	"context"
	"runtime"

	"tcpviz/internal/lang"
	"tcpviz/internal/lesson"
	"tcpviz/internal/story"
)

// Probe tells whose lo the stage Loopback would use: nobody's, on this system.
func Probe(bool) (Place, error) {
	return Nowhere, noStage([]error{errNoLoopback()})
}

// Reexec does nothing on this system.
func Reexec() (code int, done bool, err error) { return 0, false, nil }

func privatePlace() Place { return Nowhere }

func errNoLoopback() error {
	return lang.Errorf("no sniffing of calls and segments on %s (Linux has what that needs)", runtime.GOOS)
}

func runLoopback(context.Context, lesson.Lesson, Place, func([]story.Event)) (Result, error) {
	return Result{}, &notOpen{Loopback, Nowhere, errNoLoopback()}
}

// openWireHosts fails on this system.
func openWireHosts(bool) (hosts, error) {
	return nil, lang.Errorf("no network namespaces on %s (Linux has what that needs)", runtime.GOOS)
}
