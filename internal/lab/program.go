package lab

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"tcpviz/internal/lesson"
)

// caller makes the socket calls of one program.
type caller interface {
	// call makes a call on the calling thread and blocks as long as it does. The
	// address is what accept, getsockname or getpeername gave; errno is the POSIX
	// name of the error, "" for none.
	call(r *record, buffer []byte) (result int, from netip.AddrPort, errno string)
	// name gives the local address of a socket, the zero value when it has none.
	// It may be asked from any goroutine, also while the program is in a call.
	name(fd int) netip.AddrPort
}

// program is one program of a lesson: a thread that makes calls one after the
// other. Its descriptors belong to the thread while it runs.
type program struct {
	lesson.Program
	calls       caller
	now         func() int64 // the time of the stage, in nanoseconds
	tid         int          // its OS thread, where it has one of its own
	jobs        chan job
	last        *record // the coordinator's: the newest call that was issued
	descriptors map[string]*descriptor
	all         []*descriptor
}

// job is what a program does without waiting for anybody.
type job struct {
	records []*record
	start   func() int64 // nil, or waits until all programs of a step begin, and gives that moment
}

// descriptor is one socket of one program.
type descriptor struct {
	fd            int // real; -1 once it is closed
	number        int // as the program sees it
	local, remote netip.AddrPort
	receiveLimit  time.Duration // SO_RCVTIMEO
	sendLimit     time.Duration // SO_SNDTIMEO
}

// run makes the calls that the program is given until there are no more jobs, or
// over says that none is to be made any more. After each call it tells.
func (p *program) run(over *atomic.Bool, returned func()) {
	for j := range p.jobs {
		for _, r := range j.records {
			if over.Load() {
				break
			}
			p.perform(r, j)
			returned()
		}
	}
}

// forget makes the program one that has no descriptor. It must be idle.
func (p *program) forget() { p.descriptors, p.all = make(map[string]*descriptor), nil }

// idle reports whether all calls that were issued have returned.
func (p *program) idle() bool { return p.last == nil || p.last.returned.Load() != 0 }

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
		r.entered.Store(j.start())
	} else {
		r.entered.Store(p.now())
	}
	result, from, errno := p.calls.call(r, buffer)
	returned := p.now()
	p.finish(r, d, result, from, errno, buffer)
	r.returned.Store(returned)
}

// finish fills in what is known once a call has returned.
func (p *program) finish(r *record, d *descriptor, result int, from netip.AddrPort, errno string, buffer []byte) {
	r.result = int64(result)
	if errno != "" {
		r.result, r.errno = -1, errno
	}
	c := r.call
	number := strconv.Itoa(r.number)
	switch {
	case c.Op == lesson.Connect:
		d.local, d.remote = p.calls.name(r.fd), c.Addr
	case errno != "":
	case c.Op == lesson.Socket, c.Op == lesson.Accept:
		fresh := p.adopt(c.Assign, result)
		r.result = int64(fresh.number)
		if c.Op == lesson.Accept {
			fresh.local, fresh.remote = p.calls.name(result), from
			r.returnArgs = number + ", " + fresh.remote.String()
		}
		d = fresh
	case c.Op == lesson.Bind:
		d.local = p.calls.name(r.fd)
	case c.Op == lesson.Recv:
		r.data = slices.Clone(buffer[:result]) // the buffer is as large as the file likes
		r.returnArgs = fmt.Sprintf("%s, %s, %d", number, quote(r.data), c.Size)
	case c.Op == lesson.GetSockName, c.Op == lesson.GetPeerName:
		r.returnArgs = number + ", " + from.String()
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
