//go:build !linux

package capture

import (
	"errors"
)

// Live captures the frames of an interface, on Linux.
type Live struct{}

func unsupported() error {
	return errorf("capture: live capture works on Linux only: %w", errors.ErrUnsupported)
}

// OpenLive gives an error: live capture works on Linux only.
func OpenLive(LiveConfig) (*Live, error) { return nil, unsupported() }

// Next gives an error: live capture works on Linux only.
func (*Live) Next() (Packet, error) { return Packet{}, unsupported() }

// TryNext gives an error: live capture works on Linux only.
func (*Live) TryNext() (Packet, bool, error) { return Packet{}, false, unsupported() }

// Dropped gives an error: live capture works on Linux only.
func (*Live) Dropped() (int, error) { return 0, unsupported() }

// Stop does nothing.
func (*Live) Stop() error { return nil }

// Close does nothing.
func (*Live) Close() error { return nil }
