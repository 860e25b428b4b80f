//go:build !linux

package twohosts

import (
	"context"
	"errors"
	"runtime"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
)

// Wire joins two hosts. There is none on this system: Open makes none.
type Wire struct{ none struct{} }

func unsupported() error {
	return lang.Errorf("twohosts: no network namespaces on %s (Linux has what this needs): %w", runtime.GOOS, errors.ErrUnsupported)
}

// Open fails on this system; errors.Is tells it: errors.ErrUnsupported.
func Open(Config) (*Wire, error) { return nil, unsupported() }

// IPv6 tells that there is none on this system.
func (w *Wire) IPv6() error { return unsupported() }

// Enter fails on this system.
func (w *Wire) Enter(fsm.Side) error { return unsupported() }

// Next fails on this system.
func (w *Wire) Next(context.Context) (Packet, error) { return Packet{}, unsupported() }

// TryNext fails on this system.
func (w *Wire) TryNext() (Packet, bool, error) { return Packet{}, false, unsupported() }

// Deliver fails on this system.
func (w *Wire) Deliver(Packet) error { return unsupported() }

// Quiet fails on this system.
func (w *Wire) Quiet(context.Context) (Sockets, error) { return Sockets{}, unsupported() }

// Sockets fails on this system.
func (w *Wire) Sockets(fsm.Side) ([]SocketState, error) { return nil, unsupported() }

// FiredTimers fails on this system.
func (w *Wire) FiredTimers(fsm.Side) (FiredTimers, error) { return FiredTimers{}, unsupported() }

// Reset fails on this system.
func (w *Wire) Reset(context.Context) error { return unsupported() }

// EndSockets fails on this system.
func (w *Wire) EndSockets(fsm.Side) error { return unsupported() }

// Close does nothing on this system.
func (w *Wire) Close() error { return nil }
