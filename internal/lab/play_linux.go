package lab

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
	"tcpviz/internal/lesson"
	"tcpviz/internal/story"
)

// play is one performance of a lesson. All of it but the programs' threads runs
// on the coordinator's thread, which is in the namespace.
type play struct {
	lesson   lesson.Lesson
	place    Place
	emit     func([]story.Event)
	programs []*program
	records  []*record
	returned chan struct{} // a token when some call has returned
	over     atomic.Bool   // no further call is to be made
	threads  sync.WaitGroup

	ns        namespace
	sniffer   *sniffer
	stack     *stack
	putBefore int // packets that were on lo before the wire was sniffed
	frames    []story.Frame
	given     int // frames given to emit
	lastGiven []socketState

	claims
	observed
}

// open sets up the place: namespace, interface, sniffer, the way to the stack.
func (p *play) open() (err error) {
	p.returned = make(chan struct{}, 1)
	p.tuples = make(map[endpoint]fsm.Side)
	if p.place != Shared {
		if p.ns, err = newNamespace(); err != nil {
			return err
		}
		if err = raiseLoopback(); err != nil {
			return err
		}
	}
	ipv6 := needsIPv6(p.lesson)
	if ipv6 {
		if err = tryIPv6(); err != nil {
			return err
		}
	}
	var ports map[uint16]bool // all
	if p.place == Shared {
		ports = portsOf(p.lesson)
	}
	if p.sniffer, err = openSniffer(ports); err != nil {
		return err
	}
	if p.stack, err = openStack(ipv6); err != nil {
		return err
	}
	if p.place == Shared {
		return p.rememberOthers()
	}
	if p.putBefore, err = packetsOnLoopback(); err != nil {
		return lang.Errorf("count the packets on lo: %w", err)
	}
	return nil
}

// startPrograms starts the threads of the lesson's programs.
func (p *play) startPrograms() error {
	for _, who := range p.lesson.Programs {
		program := &program{Program: who}
		if err := program.start(p); err != nil {
			return lang.Errorf("start %s: %w", who.Name, err)
		}
		p.programs = append(p.programs, program)
	}
	return nil
}

// close ends everything that open began, whatever the programs are doing. What
// happens to the sockets now is seen by nobody.
func (p *play) close() (dropped int, err error) {
	var errs []error
	if p.sniffer != nil {
		dropped, err = p.sniffer.close()
		errs = append(errs, err)
	}
	for _, program := range p.programs {
		close(program.jobs)
	}
	p.wakeAll()
	for _, program := range p.programs {
		errs = append(errs, program.closeAll())
	}
	if p.stack != nil {
		p.stack.close()
	}
	errs = append(errs, p.ns.close())
	return dropped, errors.Join(errs...)
}

// perform plays the lesson from its first step to its last.
func (p *play) perform(ctx context.Context) error {
	for _, s := range p.lesson.Steps {
		for _, a := range s.Acts {
			if err := p.awaitIdle(ctx, p.program(a.Program), s.Line); err != nil {
				return err
			}
		}
		select {
		case <-p.returned: // a token of an earlier step
		default:
		}
		issued := p.issue(s)
		if len(s.Acts) > 1 {
			if err := p.keepQuiet(ctx); err != nil {
				return err
			}
		}
		if _, err := p.settle(ctx); err != nil {
			return err
		}
		for _, r := range issued {
			if err := p.taken(r); err != nil {
				return err
			}
			if waitsForLimit(r) {
				if err := p.awaitIdle(ctx, p.program(r.program.Name), s.Line); err != nil {
					return err
				}
			}
		}
	}
	// A call with a limit is part of the lesson until the limit is over.
	for _, program := range p.programs {
		if r := p.current(program); r != nil && r.limited {
			if err := p.awaitIdle(ctx, program, r.call.Line); err != nil {
				return err
			}
		}
	}
	return nil
}

// keepQuiet leaves the processors to the programs that are about to go together,
// until the first call has returned.
func (p *play) keepQuiet(ctx context.Context) error {
	ticker := time.NewTicker(2 * spinLimit) // their calls may all block
	defer ticker.Stop()
	return p.wait(ctx, ticker)
}

// taken reports a port that another program of this machine has.
func (p *play) taken(r *record) error {
	if p.place != Shared || r.call.Op != lesson.Bind || r.errno != "EADDRINUSE" || r.call.Want.Stated {
		return nil
	}
	return lineError(p.lesson, r.call.Line, "port %d is taken on this machine (%s): end the program that has it, or choose another port: %w",
		r.call.Addr.Port(), r.call.Addr, ErrPortTaken)
}

// stuck says which program can never go on.
func (p *play) stuck(program *program, line int) error {
	return stuck(p.lesson, program, p.current(program), line)
}

func (p *play) program(name string) *program {
	return programNamed(p.programs, name)
}

// issue hands a step's calls to its programs.
func (p *play) issue(s lesson.Step) []*record {
	var start *barrier
	if len(s.Acts) > 1 {
		start = newBarrier(len(s.Acts))
	}
	var issued []*record
	jobs := make([]job, len(s.Acts))
	for i, a := range s.Acts {
		program := p.program(a.Program)
		if start != nil {
			jobs[i].start = func() int64 { return start.wait(i) }
		}
		for _, c := range a.Calls {
			r := &record{id: len(p.records) + 1, program: program.Program, call: c, handed: true}
			if len(issued) == 0 {
				r.say = s.Say
			}
			issued = append(issued, r)
			p.records = append(p.records, r)
			jobs[i].records = append(jobs[i].records, r)
			program.last = r
		}
	}
	for i, a := range s.Acts {
		p.program(a.Program).jobs <- jobs[i]
	}
	return issued
}

// wakeAll ends the calls that still block, and waits until every thread has ended.
func (p *play) wakeAll() {
	p.over.Store(true)
	wakeThreads(p.programs, p.current, &p.threads)
}

// wakeThreads ends the calls that programs still block in, until every thread has ended.
func wakeThreads(programs []*program, current func(*program) *record, threads *sync.WaitGroup) {
	ended := make(chan struct{})
	go func() { threads.Wait(); close(ended) }()
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		for _, program := range programs {
			r := current(program)
			if r == nil || !r.blocked() || !sleepsIn(program.tid, r.fd) {
				continue
			}
			if r.call.Op != lesson.Close { // a descriptor being closed is nobody's any more
				// A socket that cannot be shut down is woken by the signal.
				_ = unix.Shutdown(r.fd, unix.SHUT_RDWR)
			}
			_ = unix.Tgkill(unix.Getpid(), program.tid, wakeSignal)
		}
		select {
		case <-ended:
			return
		case <-ticker.C:
		}
	}
}

// portsOf gives the ports that a lesson names.
func portsOf(l lesson.Lesson) map[uint16]bool {
	ports := make(map[uint16]bool)
	for c := range callsOf(l) {
		if c.Addr.IsValid() {
			ports[c.Addr.Port()] = true
		}
	}
	return ports
}
