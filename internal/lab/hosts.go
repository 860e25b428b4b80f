package lab

import (
	"context"
	"net/netip"
	"slices"
	"sync/atomic"
	"time"

	"tcpviz/fsm"
	"tcpviz/internal/story"
)

// hosts are two hosts that the lab joins: what it needs of the stages Wire and Sim.
type hosts interface {
	address(side fsm.Side, ipv6 bool) netip.Addr
	now() time.Time
	// start starts a program on its side's host. It makes the calls that it is
	// given, until its jobs are closed or over is set.
	start(p *program, over *atomic.Bool) error
	// give hands calls to a program that is idle.
	give(p *program, records []*record)
	// oneByOne tells that a program is to be given one call at a time: then what
	// happens first is the lab's to say, and each run is the same.
	oneByOne() bool
	// rest waits until nothing can happen any more without a packet, a call or
	// time, and gives what both stacks say of their sockets then, and the packets
	// that the hosts have sent since the last time, in their order.
	rest(ctx context.Context, l programsAndCalls) ([2][]socketState, []packet, error)
	// fired counts the timers that had run out on both hosts when rest gave packets last.
	fired() ([2]firedTimers, error)
	// pass lets time pass until something may have happened, at most so long. It
	// gives false when no time changes anything.
	pass(ctx context.Context, most time.Duration) (bool, error)
	// reboot lets a host fail and start again: its sockets are gone without a word,
	// and its programs begin anew. All must be at rest.
	reboot(ctx context.Context, side fsm.Side, l programsAndCalls) error
	// hop is how long a segment is under way from one host to the other when
	// nobody holds it up; 0 where the wire takes its own time.
	hop() time.Duration
	// patience is how long a call is waited for.
	patience() time.Duration
	// ackPatience is how long a host may keep an ACK back; 0 when it does not.
	ackPatience() time.Duration
	// close ends all programs and switches the hosts off.
	close(l programsAndCalls) error
}

// programsAndCalls are the programs of a performance, and the calls that they
// were given.
type programsAndCalls struct {
	programs []*program
	records  []*record
}

// busyProgram reports whether a program is in a call that it was given.
func (l programsAndCalls) busyProgram(p *program) bool {
	r := currentOf(l.records, p)
	return r != nil && r.handed
}

// busy reports whether a program of the side is in a call.
func (l programsAndCalls) busy(side fsm.Side) bool {
	return slices.ContainsFunc(l.programs, func(p *program) bool { return p.Side == side && l.busyProgram(p) })
}

// packet is a packet that a host has put on the wire.
type packet struct {
	from    fsm.Side
	frame   story.Frame  // without its number; the zero value when skipped says why there is none
	skipped string       // why it holds no TCP segment, "" when it does
	deliver func() error // hands it to the other host, as often as it is called
}

// forever is longer than any performance.
const forever = 1000 * time.Hour
