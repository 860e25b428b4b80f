package lab

import (
	"bytes"
	"context"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"tcpviz/internal/lang"
)

// Bounds of waiting. None of them is waited for where an event ends it sooner.
const (
	lookEvery     = 250 * time.Microsecond // how often is looked, where no event exists …
	lookLast      = 4 * time.Millisecond   // … and how often after a while without any change
	timerPatience = 300 * time.Millisecond // without any change, then only a long timer can help; longer than any delayed ACK
	settlePatient = time.Minute            // a step that moves for longer is given up
	callPatience  = 3 * time.Minute        // longer than connect's own limit, which is about 130 s
)

// look is what can be seen of a performance at one moment.
type look struct {
	programs []int // for each program the call that it is blocked in, 0 when it is idle, -1 when it runs
	seen     int   // frames sniffed
	onWire   bool  // a frame was put on lo that was not sniffed yet
	sockets  []socketState
	at       time.Time
}

// same reports whether two looks show the same.
func (l look) same(m look) bool {
	return l.seen == m.seen && l.onWire == m.onWire &&
		slices.Equal(l.programs, m.programs) && slices.Equal(l.sockets, m.sockets)
}

// still reports whether no program runs and no frame is on its way.
func (l look) still() bool { return !l.onWire && !slices.Contains(l.programs, -1) }

// moving reports whether some socket waits for what needs no program.
func (l look) moving() bool { return slices.ContainsFunc(l.sockets, socketState.moving) }

// timed reports whether some socket waits for an answer only so long.
func (l look) timed() bool { return slices.ContainsFunc(l.sockets, socketState.timed) }

// look looks once, and takes in what has been sniffed.
func (p *play) look() (look, error) {
	l := look{at: time.Now()}
	before := p.doing()
	if err := p.sniff(); err != nil {
		return l, err
	}
	l.seen = p.sniffer.seen
	if p.place != Shared {
		put, err := packetsOnLoopback()
		if err != nil {
			return l, lang.Errorf("count the packets on lo: %w", err)
		}
		dropped, err := p.sniffer.live.Dropped()
		if err != nil {
			return l, err
		}
		l.onWire = put-p.putBefore > p.sniffer.seen+dropped
	}
	sockets, err := p.stack.sockets()
	if err != nil {
		return l, err
	}
	p.learn()
	l.sockets = slices.DeleteFunc(sockets, func(s socketState) bool { return !p.mine(s.endpoint) })
	l.programs = p.doing()
	for i, doing := range before {
		if doing != l.programs[i] {
			l.programs[i] = -1
		}
	}
	return l, nil
}

// doing tells what each program does, as in look.
func (p *play) doing() []int { return programsAndCalls{p.programs, p.records}.doing() }

// doing tells for each program the call that it is blocked in, 0 when it is idle,
// -1 when it runs.
func (l programsAndCalls) doing() []int {
	var all []int
	for _, program := range l.programs {
		switch r := currentOf(l.records, program); {
		case r == nil || !r.handed:
			all = append(all, 0)
		case r.blocked() && sleepsIn(program.tid, r.fd):
			all = append(all, r.id)
		default:
			all = append(all, -1)
		}
	}
	return all
}

// sleepsIn reports whether a thread is asleep in the kernel, in a system call on
// that descriptor. A thread of ours that is not in its socket call sleeps only in
// the runtime's futex calls, whose first argument is an address.
func sleepsIn(tid, fd int) bool {
	task := "/proc/self/task/" + strconv.Itoa(tid)
	stat, err := os.ReadFile(task + "/stat")
	if err != nil {
		return false
	}
	// The state follows the name, which stands in parentheses.
	end := bytes.LastIndexByte(stat, ')')
	if end < 0 || !bytes.HasPrefix(stat[end:], []byte(") S")) {
		return false
	}
	call, err := os.ReadFile(task + "/syscall")
	if err != nil {
		// A program with file capabilities may not read this of itself. It has
		// entered the call and sleeps; that it does so twice is all there is.
		return os.IsPermission(err) || os.IsNotExist(err)
	}
	fields := strings.Fields(string(call))
	if len(fields) < 2 || fields[0] == strconv.Itoa(syscall.SYS_FUTEX) {
		return false
	}
	first, err := strconv.ParseUint(fields[1], 0, 64)
	return err == nil && first == uint64(fd)
}

// settle waits until nothing can happen any more without the next step, and
// then gives the events so far. It reports whether a timer of the kernel will
// change something.
func (p *play) settle(ctx context.Context) (timed bool, err error) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	begin := time.Now()
	last, err := p.look()
	if err != nil {
		return false, err
	}
	changed, interval := begin, lookEvery
	for {
		if err := p.wait(ctx, ticker); err != nil {
			return false, err
		}
		now, err := p.look()
		if err != nil {
			return false, err
		}
		switch {
		case !now.same(last):
			changed, interval = now.at, lookEvery
			ticker.Reset(interval)
		case !now.still():
		case !now.moving(), now.at.Sub(changed) > timerPatience:
			p.give(now)
			return now.timed(), nil
		}
		if now.at.Sub(begin) > settlePatient {
			return false, lang.Errorf("lab: lesson %s: the sockets do not come to rest within %s", p.lesson.ID, settlePatient)
		}
		if now.same(last) && interval < lookLast {
			interval *= 2
			ticker.Reset(interval)
		}
		last = now
	}
}

// wait waits for the next moment to look: a call that returned, or the clock.
func (p *play) wait(ctx context.Context, ticker *time.Ticker) error {
	select {
	case <-p.returned:
		return nil
	case <-ticker.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// awaitIdle waits until a program's call has returned. line is the step that
// needs it.
func (p *play) awaitIdle(ctx context.Context, program *program, line int) error {
	if program.idle() {
		return nil
	}
	begin := time.Now()
	for {
		returned, limited := program.idle(), p.limited()
		timed, err := p.settle(ctx)
		if err != nil || returned {
			return err
		}
		waiting := timed || p.limited()
		switch {
		case time.Since(begin) > callPatience:
			return p.stuck(program, line)
		case program.idle(), !waiting && limited:
			continue // a limit was reached just now: take in what came of it
		case !waiting:
			return p.stuck(program, line)
		}
		// A limit of a socket or a timer of the kernel will change something.
		if err := p.awaitChange(ctx, program, begin.Add(callPatience)); err != nil {
			return err
		}
	}
}

// limited reports whether some program is in a call that a time limit ends.
func (p *play) limited() bool {
	return slices.ContainsFunc(p.programs, func(program *program) bool {
		r := p.current(program)
		return r != nil && r.blocked() && r.limited
	})
}

// awaitChange waits until a program runs or a frame comes.
func (p *play) awaitChange(ctx context.Context, program *program, deadline time.Time) error {
	ticker := time.NewTicker(lookLast)
	defer ticker.Stop()
	before, err := p.look()
	if err != nil {
		return err
	}
	for !program.idle() && time.Now().Before(deadline) {
		if err := p.wait(ctx, ticker); err != nil {
			return err
		}
		now, err := p.look()
		if err != nil {
			return err
		}
		if !now.same(before) {
			return nil
		}
	}
	return nil
}

// current gives the call that a program is in, nil when it is idle.
func (p *play) current(program *program) *record { return currentOf(p.records, program) }
