package story_test

import (
	"net/netip"
	"time"

	"tcpviz/fsm"
	"tcpviz/internal/story"
)

// play is a script of events for the tests: each one a microsecond after the one before.
type play struct {
	events []story.Event
	now    time.Time
	id     int
	frame  int
	fate   story.Fate
}

var (
	clientAddr = netip.MustParseAddrPort("127.0.0.1:40000")
	serverAddr = netip.MustParseAddrPort("127.0.0.1:10008")
)

const (
	clientISN = fsm.Seq(1000)
	serverISN = fsm.Seq(5000)
)

func newPlay() *play {
	return &play{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), fate: story.FateDelivered}
}

func (p *play) tick() time.Time {
	p.now = p.now.Add(time.Microsecond)
	return p.now
}

// enter adds a call's enter and gives the call, for its return.
func (p *play) enter(side fsm.Side, op string, fd int, args string) story.Call {
	p.id++
	c := story.Call{Time: p.tick(), Program: side.String(), Side: side, ID: p.id, Op: op, FD: fd, Args: args}
	if op == "connect" {
		c.Remote = serverAddr
	}
	if op == "listen" || op == "accept" {
		c.Local = serverAddr
	}
	p.events = append(p.events, c)
	return c
}

// returns adds the return of the call.
func (p *play) returns(c story.Call, result int64, errno string) {
	c.Phase, c.Time, c.Result, c.Errno = story.Return, p.tick(), result, errno
	if c.Op == "accept" {
		c.Local, c.Remote = serverAddr, clientAddr
	}
	p.events = append(p.events, c)
}

// call adds a call that returns at once.
func (p *play) call(side fsm.Side, op string, fd int, args string, result int64) {
	p.returns(p.enter(side, op, fd, args), result, "")
}

// segment adds a segment; seq and ack are relative to the initial sequence numbers.
func (p *play) segment(from fsm.Side, flags fsm.Flags, seq, ack, length uint32) {
	p.frame++
	src, dst, mine, theirs := clientAddr, serverAddr, clientISN, serverISN
	if from == fsm.Server {
		src, dst, mine, theirs = dst, src, theirs, mine
	}
	s := fsm.Segment{Seq: mine.Add(seq), Flags: flags, Window: 65535, Len: length}
	if flags.Has(fsm.ACK) {
		s.Ack = theirs.Add(ack)
	}
	p.events = append(p.events, story.Frame{Time: p.tick(), Number: p.frame, Src: src, Dst: dst, Segment: s, Fate: p.fate})
}

// truth adds what the stacks say of the connection's two ends.
func (p *play) truth(client, server fsm.State) {
	now := p.tick()
	p.events = append(p.events,
		story.Truth{Time: now, Side: fsm.Client, Local: clientAddr, Remote: serverAddr, State: client},
		story.Truth{Time: now, Side: fsm.Server, Local: serverAddr, Remote: clientAddr, State: server})
}

// handshakeAndClose is a whole connection: the client sends a line and closes first.
func handshakeAndClose() *play {
	p := newPlay()
	p.call(fsm.Server, "socket", -1, "", 3)
	p.call(fsm.Server, "bind", 3, "3, 127.0.0.1:10008", 0)
	p.call(fsm.Server, "listen", 3, "3, 5", 0)
	accept := p.enter(fsm.Server, "accept", 3, "3")
	p.call(fsm.Client, "socket", -1, "", 3)
	connect := p.enter(fsm.Client, "connect", 3, "3, 127.0.0.1:10008")
	p.segment(fsm.Client, fsm.SYN, 0, 0, 0)
	p.segment(fsm.Server, fsm.SYN|fsm.ACK, 0, 1, 0)
	p.segment(fsm.Client, fsm.ACK, 1, 1, 0)
	p.returns(connect, 0, "")
	p.returns(accept, 4, "")
	p.truth(fsm.Established, fsm.Established)
	recv := p.enter(fsm.Server, "recv", 4, "4, 100")
	send := p.enter(fsm.Client, "send", 3, `3, "hello\n"`)
	p.segment(fsm.Client, fsm.PSH|fsm.ACK, 1, 1, 6)
	p.segment(fsm.Server, fsm.ACK, 1, 7, 0)
	p.returns(send, 6, "")
	p.returns(recv, 6, "")
	closing := p.enter(fsm.Client, "close", 3, "3")
	p.segment(fsm.Client, fsm.FIN|fsm.ACK, 7, 1, 0)
	p.segment(fsm.Server, fsm.ACK, 1, 8, 0)
	p.returns(closing, 0, "")
	p.truth(fsm.FinWait2, fsm.CloseWait)
	p.call(fsm.Server, "recv", 4, "4, 100", 0)
	closing = p.enter(fsm.Server, "close", 4, "4")
	p.segment(fsm.Server, fsm.FIN|fsm.ACK, 1, 8, 0)
	p.segment(fsm.Client, fsm.ACK, 8, 2, 0)
	p.returns(closing, 0, "")
	p.truth(fsm.TimeWait, fsm.Closed)
	p.call(fsm.Server, "close", 3, "3", 0)
	return p
}

// build gives the story of the play, its events added in one batch.
func (p *play) build() *story.Story {
	b := story.NewBuilder(story.Meta{Lesson: "test"})
	b.Add(p.events...)
	return b.Story()
}
