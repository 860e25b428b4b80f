package screens

import (
	"os"
	"runtime/debug"
	"testing"
)

// Each screen is looked at once and thrown away: there is little to collect, and most of
// the time would go into looking for it.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}
