package kernel

import (
	"fmt"
	"os"
	"runtime"
	"sync"

	"golang.org/x/sys/unix"

	"tcpviz/internal/lang"
)

// OnThread runs f on an OS thread of its own and gives its error. The thread ends
// with f: what f does to it (its namespace, its signals) touches no other goroutine.
func OnThread(f func() error) error {
	result := make(chan error)
	GoOnThread(func() { result <- f() })
	return <-result
}

// GoOnThread is OnThread without the wait.
func GoOnThread(f func()) {
	go func() {
		runtime.LockOSThread()
		if unix.Gettid() == unix.Getpid() {
			// The main thread cannot end before the process does. While it is
			// held here, another goroutine is sure to get another thread.
			var done sync.WaitGroup
			done.Add(1)
			GoOnThread(func() { defer done.Done(); f() })
			done.Wait()
			runtime.UnlockOSThread()
			return
		}
		f() // without unlocking: the thread ends
	}()
}

// NewNamespace moves the calling thread into a new network namespace, which lasts
// as long as the file that it gives, a thread or a socket in it.
func NewNamespace() (*os.File, error) {
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		return nil, os.NewSyscallError("unshare(CLONE_NEWNET)", err)
	}
	file, err := os.Open(fmt.Sprintf("/proc/self/task/%d/ns/net", unix.Gettid()))
	if err != nil {
		return nil, lang.Errorf("open the namespace: %w", err)
	}
	return file, nil
}

// Enter moves the calling thread into a namespace that NewNamespace has given.
func Enter(namespace *os.File) error {
	return os.NewSyscallError("setns", unix.Setns(int(namespace.Fd()), unix.CLONE_NEWNET))
}
