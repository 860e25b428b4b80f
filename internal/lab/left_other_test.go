//go:build !linux

package lab_test

import "testing"

// leavesNothing only runs f: this system does not let one count.
func leavesNothing(_ *testing.T, times int, f func()) {
	for range times {
		f()
	}
}

func alone(*testing.T) bool { return true }
