package lab

import (
	"errors"
	"strings"
	"testing"

	"tcpviz/internal/kernel"
)

// An interface that is down has no IPv6, and lo has it as soon as it is up.
func TestTryIPv6(t *testing.T) {
	if err := kernel.OnThread(tryNamespace); err != nil {
		t.Skipf("no private network namespace here: %v", err)
	}
	if err := kernel.OnThread(tryIPv6); err != nil {
		t.Skip(err)
	}
	var down, up error
	err := kernel.OnThread(func() error {
		ns, err := newNamespace()
		if err != nil {
			return err
		}
		down = tryIPv6()
		err = raiseLoopback()
		up = tryIPv6()
		return errors.Join(err, ns.close())
	})
	if err != nil || up != nil {
		t.Errorf("%v; lo is up, and: %v", err, up)
	}
	if down == nil || !strings.Contains(down.Error(), "the lesson needs IPv6, which this kernel does not give: bind([::1]): ") {
		t.Errorf("lo is down, and: %v", down)
	}
}
