package lab

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"

	"tcpviz/internal/kernel"
)

// wakeSignal interrupts a thread that blocks in a call which nothing else ends
// (a close that lingers). The Go runtime catches it and does nothing.
const wakeSignal = unix.Signal(62)

// blockSignals keeps signals meant for the process away from the calling thread,
// so that none of them interrupts a call that blocks in it: a call with a timeout
// would fail with EINTR.
func blockSignals() error {
	var set unix.Sigset_t
	for i := range set.Val {
		set.Val[i] = ^set.Val[i]
	}
	bits := uint(8 * 8)
	if ^uint(0)>>32 == 0 {
		bits = 32
	}
	n := uint(wakeSignal - 1)
	set.Val[n/bits] &^= 1 << (n % bits)
	if err := unix.PthreadSigmask(unix.SIG_SETMASK, &set, nil); err != nil {
		return os.NewSyscallError("pthread_sigmask", err)
	}
	return nil
}

// namespace is a network namespace; the zero value is the process's own.
type namespace struct{ file *os.File }

// newNamespace moves the calling thread into a new network namespace.
func newNamespace() (namespace, error) {
	file, err := kernel.NewNamespace()
	if err != nil {
		return namespace{}, err
	}
	// A namespace that is made from here gets a small table of connections of its
	// own, which the kernel can list ten times as fast as the machine's. An older
	// kernel (before 6.1) has no such thing and does as well.
	if os.WriteFile("/proc/sys/net/ipv4/tcp_child_ehash_entries", []byte("256"), 0) == nil {
		outer := file
		file, err = kernel.NewNamespace()
		if err = errors.Join(err, outer.Close()); err != nil {
			return namespace{file}, err
		}
	}
	return namespace{file}, nil
}

// enter moves the calling thread into the namespace.
func (n namespace) enter() error {
	if n.file == nil {
		return nil
	}
	return kernel.Enter(n.file)
}

func (n namespace) close() error {
	if n.file == nil {
		return nil
	}
	return n.file.Close()
}
