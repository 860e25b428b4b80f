package lab

import (
	"errors"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"tcpviz/internal/kernel"
)

// start starts the program's thread for a play. It ends when jobs is closed.
func (p *program) start(in *play) error {
	return p.startThread(&in.threads, in.ns.enter, func() {
		p.run(&in.over, func() {
			select {
			case in.returned <- struct{}{}:
			default: // a token lies there already
			}
		})
	})
}

// startThread starts the program's OS thread, which enters its place and then runs.
func (p *program) startThread(threads *sync.WaitGroup, enter func() error, run func()) error {
	p.jobs = make(chan job, 1)
	p.descriptors = make(map[string]*descriptor)
	p.calls, p.now = kernelCalls{}, func() int64 { return time.Now().UnixNano() }
	ready := make(chan error)
	threads.Add(1)
	kernel.GoOnThread(func() {
		defer threads.Done()
		p.tid = unix.Gettid()
		err := errors.Join(enter(), blockSignals())
		ready <- err
		if err == nil {
			run()
		}
	})
	return <-ready
}

// closeAll closes the sockets that are left over. The thread must have ended.
func (p *program) closeAll() error {
	var errs []error
	for _, d := range p.all {
		if d.fd >= 0 {
			errs = append(errs, unix.Close(d.fd))
			d.fd = -1
		}
	}
	return errors.Join(errs...)
}
