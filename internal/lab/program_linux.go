package lab

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"tcpviz/internal/lesson"
)

// program is one program of a lesson: a thread that makes calls one after the
// other. Its descriptors belong to the thread while it runs.
type program struct {
	lesson.Program
	tid         int
	jobs        chan job
	last        *record // the coordinator's: the newest call that was issued
	descriptors map[string]*descriptor
	all         []*descriptor
}

// job is what a program does without waiting for anybody.
type job struct {
	records []*record
	start   *barrier // nil, or what all programs of a step wait for before they begin
	seat    int      // the program's place at the barrier
}

// descriptor is one socket of one program.
type descriptor struct {
	fd            int // real; -1 once it is closed
	number        int // as the program sees it
	local, remote netip.AddrPort
	receiveLimit  time.Duration // SO_RCVTIMEO
	sendLimit     time.Duration // SO_SNDTIMEO
}

// start starts the program's thread for a play. It ends when jobs is closed.
func (p *program) start(in *play) error {
	p.jobs = make(chan job, 1)
	p.descriptors = make(map[string]*descriptor)
	ready := make(chan error)
	in.threads.Add(1)
	goOnThread(func() {
		defer in.threads.Done()
		p.tid = unix.Gettid()
		err := errors.Join(in.ns.enter(), blockSignals())
		ready <- err
		if err != nil {
			return
		}
		for j := range p.jobs {
			for _, r := range j.records {
				if in.over.Load() {
					break
				}
				p.perform(r, j)
				select {
				case in.returned <- struct{}{}:
				default: // a token lies there already
				}
			}
		}
	})
	return <-ready
}

// idle reports whether all calls that were issued have returned.
func (p *program) idle() bool { return p.last == nil || p.last.returned.Load() != 0 }

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

// perform makes one call and records it.
func (p *program) perform(r *record, j job) {
	d := p.descriptors[r.call.Socket]
	if d == nil {
		// The call that should have given it failed: the kernel shall say so.
		d = &descriptor{fd: -1, number: -1}
	}
	r.fd, r.number, r.local, r.remote = d.fd, d.number, d.local, d.remote
	switch r.call.Op {
	case lesson.Recv, lesson.Accept:
		r.limited = d.receiveLimit > 0
	case lesson.Send, lesson.Connect:
		r.limited = d.sendLimit > 0
	}
	if r.call.Op == lesson.Connect {
		r.remote = r.call.Addr
	}
	r.enterArgs = enterArgs(r.call, d.number)
	r.returnArgs = r.enterArgs
	var buffer []byte
	if r.call.Op == lesson.Recv {
		buffer = make([]byte, r.call.Size)
	}
	if r.call.Op == lesson.Close {
		d.fd = -1 // from here on the number is the kernel's
	}
	if j.start != nil {
		r.entered.Store(j.start.wait(j.seat))
	} else {
		r.entered.Store(time.Now().UnixNano())
	}
	result, from, err := makeCall(r, buffer)
	returned := time.Now().UnixNano()
	p.finish(r, d, result, from, err, buffer)
	r.returned.Store(returned)
}

// finish fills in what is known once a call has returned.
func (p *program) finish(r *record, d *descriptor, result int, from unix.Sockaddr, err error, buffer []byte) {
	r.result = int64(result)
	if err != nil {
		r.result = -1
		r.errno = errnoName(err)
	}
	c := r.call
	number := strconv.Itoa(r.number)
	switch {
	case c.Op == lesson.Connect:
		d.local, d.remote = nameOf(r.fd), c.Addr
	case err != nil:
	case c.Op == lesson.Socket, c.Op == lesson.Accept:
		fresh := p.adopt(c.Assign, result)
		r.result = int64(fresh.number)
		if c.Op == lesson.Accept {
			fresh.local, fresh.remote = nameOf(result), addrPortOf(from)
			r.returnArgs = number + ", " + fresh.remote.String()
		}
		d = fresh
	case c.Op == lesson.Bind:
		d.local = nameOf(r.fd)
	case c.Op == lesson.Recv:
		r.data = buffer[:result]
		r.returnArgs = fmt.Sprintf("%s, %s, %d", number, quote(r.data), c.Size)
	case c.Op == lesson.GetSockName, c.Op == lesson.GetPeerName:
		r.returnArgs = number + ", " + addrPortOf(from).String()
	case c.Op == lesson.SetSockOpt && c.Option == "SO_RCVTIMEO":
		d.receiveLimit = c.Value.Time
	case c.Op == lesson.SetSockOpt && c.Option == "SO_SNDTIMEO":
		d.sendLimit = c.Value.Time
	}
	r.newLocal, r.newRemote = d.local, d.remote
}

// adopt gives a new socket its number, the lowest that the program has free, and
// its name.
func (p *program) adopt(name string, fd int) *descriptor {
	const first = 3 // after standard input, output and error
	taken := make(map[int]bool)
	for _, d := range p.all {
		if d.fd >= 0 {
			taken[d.number] = true
		}
	}
	d := &descriptor{fd: fd, number: first}
	for taken[d.number] {
		d.number++
	}
	p.all = append(p.all, d)
	p.descriptors[name] = d
	return d
}
