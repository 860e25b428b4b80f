package lab

import (
	"fmt"
	"os"
	"runtime"
	"sync"

	"golang.org/x/sys/unix"
)

// wakeSignal interrupts a thread that blocks in a call which nothing else ends
// (a close that lingers). The Go runtime catches it and does nothing.
const wakeSignal = unix.Signal(62)

// onThread runs f on an OS thread of its own and gives its error. The thread ends
// with f: what f does to it (its namespace, its signals) touches no other goroutine.
func onThread(f func() error) error {
	result := make(chan error)
	goOnThread(func() { result <- f() })
	return <-result
}

// goOnThread is onThread without the wait.
func goOnThread(f func()) {
	go func() {
		runtime.LockOSThread()
		if unix.Gettid() == unix.Getpid() {
			// The main thread cannot end before the process does. While it is
			// held here, another goroutine is sure to get another thread.
			var done sync.WaitGroup
			done.Add(1)
			goOnThread(func() { defer done.Done(); f() })
			done.Wait()
			runtime.UnlockOSThread()
			return
		}
		f() // without unlocking: the thread ends
	}()
}

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
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		return namespace{}, os.NewSyscallError("unshare(CLONE_NEWNET)", err)
	}
	// A namespace that is made from here gets a small table of connections of its
	// own, which the kernel can list ten times as fast as the machine's. An older
	// kernel (before 6.1) has no such thing and does as well.
	if os.WriteFile("/proc/sys/net/ipv4/tcp_child_ehash_entries", []byte("256"), 0) == nil {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return namespace{}, os.NewSyscallError("unshare(CLONE_NEWNET)", err)
		}
	}
	file, err := os.Open(fmt.Sprintf("/proc/self/task/%d/ns/net", unix.Gettid()))
	if err != nil {
		return namespace{}, fmt.Errorf("open the namespace: %w", err)
	}
	return namespace{file}, nil
}

// enter moves the calling thread into the namespace.
func (n namespace) enter() error {
	if n.file == nil {
		return nil
	}
	return os.NewSyscallError("setns", unix.Setns(int(n.file.Fd()), unix.CLONE_NEWNET))
}

func (n namespace) close() error {
	if n.file == nil {
		return nil
	}
	return n.file.Close()
}
