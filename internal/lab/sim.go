package lab

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"tcpviz/capture"
	"tcpviz/fsm"
	"tcpviz/internal/lesson"
	"tcpviz/internal/sim"
	"tcpviz/internal/source"
	"tcpviz/internal/story"
	"tcpviz/internal/twohosts"
)

// simHosts are two netstack hosts with one clock, which stands still while anything
// happens.
type simHosts struct {
	clock    *sim.Clock
	hosts    [2]*sim.Host
	decoder  *capture.Decoder
	programs sync.WaitGroup
	boots    uint64 // so far, of both hosts
}

// openSimHosts makes the hosts. Every performance begins at the same time of the
// same clock with the same random numbers, so that it is the same each time. They
// always have IPv6.
func openSimHosts(bool) (hosts, error) {
	s := &simHosts{
		clock:   sim.NewClock(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)),
		decoder: capture.NewDecoder(),
	}
	for _, side := range []fsm.Side{fsm.Client, fsm.Server} {
		if err := s.boot(side); err != nil {
			return nil, errors.Join(err, s.close(programsAndCalls{}))
		}
	}
	return s, nil
}

// boot starts a host. Each time it has other random numbers.
func (s *simHosts) boot(side fsm.Side) (err error) {
	s.boots++
	s.hosts[side], err = sim.New(sim.Config{
		Addrs: []netip.Addr{s.address(side, false), s.address(side, true)},
		Clock: s.clock,
		Seed:  s.boots,
	})
	return err
}

func (s *simHosts) reboot(ctx context.Context, side fsm.Side, l programsAndCalls) error {
	if err := s.hosts[side].Close(); err != nil { // calls that block end with EINTR
		return err
	}
	if err := s.clock.Quiet(ctx); err != nil {
		return err
	}
	for l.busy(side) {
		if err := ctx.Err(); err != nil {
			return err
		}
		runtime.Gosched()
	}
	if err := s.boot(side); err != nil {
		return err
	}
	for _, p := range l.programs {
		if p.Side == side {
			s.equip(p)
		}
	}
	return nil
}

func (s *simHosts) address(side fsm.Side, ipv6 bool) netip.Addr {
	if ipv6 {
		return twohosts.Address6(side)
	}
	return twohosts.Address(side)
}

func (s *simHosts) now() time.Time { return s.clock.Now() }

func (s *simHosts) oneByOne() bool { return true }

// Without any time between two hosts, netstack measures a round trip of nothing and
// takes what is acknowledged a segment later for lost.
func (s *simHosts) hop() time.Duration { return time.Millisecond }

// Time costs nothing here: a call is waited for longer than any stack tries.
func (s *simHosts) patience() time.Duration { return 3 * time.Hour }

func (s *simHosts) ackPatience() time.Duration { return 0 }

func (s *simHosts) start(p *program, over *atomic.Bool) error {
	s.equip(p)
	p.now = func() int64 { return s.clock.Now().UnixNano() }
	p.jobs = make(chan job, 1)
	s.programs.Add(1)
	go func() {
		defer s.programs.Done()
		p.run(over, func() { p.calls.(*simCalls).thread.End() })
	}()
	return nil
}

// equip gives a program, which is idle, a thread on its host as it is now.
func (s *simHosts) equip(p *program) {
	host := s.hosts[p.Side]
	p.calls = &simCalls{thread: host.Thread(p.Name), asker: host.Thread("lab"), sockets: make(map[int]*sim.Socket)}
	p.forget()
}

func (s *simHosts) give(p *program, records []*record) {
	for range records {
		p.calls.(*simCalls).thread.Begin()
	}
	p.jobs <- job{records: records}
}

func (s *simHosts) rest(ctx context.Context, _ programsAndCalls) (sockets [2][]socketState, sent []packet, err error) {
	if err := s.clock.Quiet(ctx); err != nil {
		return sockets, nil, err
	}
	for side, host := range s.hosts {
		for _, state := range host.Sockets() {
			sockets[side] = append(sockets[side], simState(state))
		}
		packets, err := host.Sent()
		if err != nil {
			return sockets, nil, err
		}
		for _, p := range packets {
			sent = append(sent, s.packet(fsm.Side(side), p))
		}
	}
	slices.SortStableFunc(sent, func(a, b packet) int { return a.frame.Time.Compare(b.frame.Time) })
	return sockets, sent, nil
}

func (s *simHosts) packet(from fsm.Side, p sim.Packet) packet {
	q := packet{from: from, deliver: func() error { return s.hosts[from.Other()].Deliver(p.Data) }}
	q.frame, q.skipped = frameOf(s.decoder, capture.Packet{
		Time: p.Time, LinkType: capture.LinkTypeRaw, Data: p.Data, Length: len(p.Data),
	})
	return q
}

// frameOf gives the frame that a packet is, or why it is none.
func frameOf(decoder *capture.Decoder, p capture.Packet) (frame story.Frame, skipped string) {
	d, err := decoder.Decode(p)
	if err != nil {
		return story.Frame{Time: p.Time}, err.Error()
	}
	return source.WholeFrameOf(p, d, story.FateUnderWay), ""
}

func simState(s sim.SocketState) socketState {
	state := socketState{
		endpoint: endpoint{local: s.Local},
		state:    s.State, unacked: uint32(s.Unacked), queued: uint32(s.Unread), window: 1, timer: true,
	}
	if s.State != fsm.Listen {
		state.endpoint.remote = s.Remote
	}
	return state
}

func (s *simHosts) fired() (n [2]firedTimers, err error) {
	for side, host := range s.hosts {
		n[side].timeouts = host.RetransmissionTimeouts()
	}
	return n, nil
}

func (s *simHosts) pass(ctx context.Context, most time.Duration) (bool, error) {
	next, ok := s.clock.Next()
	if !ok && most >= forever {
		return false, nil
	}
	if ok {
		most = min(most, next)
	}
	return true, s.clock.Advance(ctx, most)
}

func (s *simHosts) close(l programsAndCalls) error {
	for _, p := range l.programs {
		close(p.jobs)
	}
	var errs []error
	for _, host := range s.hosts {
		if host != nil {
			errs = append(errs, host.Close())
		}
	}
	s.programs.Wait()
	return errors.Join(errs...)
}

// simCalls are the socket calls of one program on a netstack host.
type simCalls struct {
	thread *sim.Thread
	asker  *sim.Thread // asks for names while the program's own thread is in a call

	mu      sync.Mutex
	sockets map[int]*sim.Socket // by the number that stands for a descriptor
	made    int
}

// add gives a new socket a number.
func (c *simCalls) add(s *sim.Socket) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.made++
	c.sockets[c.made] = s
	return c.made
}

// socket gives the socket of that number; nil, which each call refuses with EBADF,
// when there is none.
func (c *simCalls) socket(fd int) *sim.Socket {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sockets[fd]
}

// name implements caller.
func (c *simCalls) name(fd int) netip.AddrPort {
	a, err := c.asker.GetSockName(c.socket(fd))
	if err != nil || a.Port() == 0 {
		return netip.AddrPort{}
	}
	return a
}

// call implements caller.
func (c *simCalls) call(r *record, buffer []byte) (result int, from netip.AddrPort, errno string) {
	result, from, err := c.make(r, buffer)
	var number sim.Errno
	switch {
	case errors.As(err, &number):
		errno = string(number)
	case err != nil:
		errno = fmt.Sprint(err)
	}
	return result, from, errno
}

func (c *simCalls) make(r *record, buffer []byte) (result int, from netip.AddrPort, err error) {
	t, s := c.thread, c.socket(r.fd)
	var fresh *sim.Socket
	switch l := r.call; l.Op {
	case lesson.Socket:
		fresh, err = t.Socket(l.IPv6)
	case lesson.Bind:
		err = t.Bind(s, l.Addr)
	case lesson.Listen:
		err = t.Listen(s, l.Size)
	case lesson.Accept:
		fresh, from, err = t.Accept(s)
	case lesson.Connect:
		err = t.Connect(s, l.Addr)
	case lesson.Send:
		result, err = t.Send(s, l.Data)
	case lesson.Recv:
		result, err = t.Recv(s, buffer)
	case lesson.Shutdown:
		how := sim.ShutRDWR
		switch l.How {
		case "SHUT_RD":
			how = sim.ShutRD
		case "SHUT_WR":
			how = sim.ShutWR
		}
		err = t.Shutdown(s, how)
	case lesson.SetSockOpt:
		err = t.SetOption(s, l.Option, sim.Value(l.Value))
	case lesson.GetSockName:
		from, err = t.GetSockName(s)
	case lesson.GetPeerName:
		from, err = t.GetPeerName(s)
	case lesson.Close:
		err = t.Close(s)
	}
	if fresh != nil && err == nil {
		result = c.add(fresh)
	}
	return result, from, err
}
