package story_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// buildOn gives the story of the play on a stage.
func (p *play) buildOn(stage string) *story.Story {
	b := story.NewBuilder(story.Meta{Lesson: "test", Stage: stage})
	b.Add(p.events...)
	return b.Story()
}

// rulesOf gives the rules that have changed a side's state, each with the kind of its step.
func rulesOf(s *story.Story, side fsm.Side) string {
	kinds := map[story.Kind]string{
		story.CallEnter: "enter", story.CallReturn: "return", story.SegmentSent: "sent", story.SegmentReceived: "got",
		story.HostRebooted: "reboot", story.ListenerClosed: "listener", story.TimerExpired: "timer",
	}
	var all []string
	for i := range s.Steps {
		for _, t := range s.Steps[i].Transitions {
			if t.Side == side && t.Changed() {
				all = append(all, kinds[s.Steps[i].Kind]+" "+t.Rule.ID)
			}
		}
	}
	return strings.Join(all, ", ")
}

// agrees holds that every truth was compared and found right.
func agrees(t *testing.T, s *story.Story, checked int) {
	t.Helper()
	if s.Totals.Checked != checked || s.Totals.Agree != checked {
		t.Errorf("truth: %d of %d agree, want %d", s.Totals.Agree, s.Totals.Checked, checked)
	}
}

// connected is an established connection, both programs idle.
func connected() *play {
	p := newPlay()
	p.call(fsm.Server, "socket", -1, "", 3)
	p.call(fsm.Server, "listen", 3, "3, 5", 0)
	accept := p.enter(fsm.Server, "accept", 3, "3")
	p.call(fsm.Client, "socket", -1, "", 3)
	connect := p.enter(fsm.Client, "connect", 3, "3, 127.0.0.1:10008")
	p.segment(fsm.Client, fsm.SYN, 0, 0, 0)
	p.segment(fsm.Server, fsm.SYN|fsm.ACK, 0, 1, 0)
	p.segment(fsm.Client, fsm.ACK, 1, 1, 0)
	p.returns(connect, 0, "")
	p.returns(accept, 4, "")
	return p
}

// TestCloseThatWaits holds at which step close changes the state: at the call where
// the FIN cannot go out yet, and else with the FIN.
func TestCloseThatWaits(t *testing.T) {
	const opening = "sent closed/active-open, got syn-sent/syn-ack, "
	for name, test := range map[string]struct {
		play  func(p *play)
		state fsm.State
		want  string
	}{
		"nothing waits": {func(p *play) {
			p.enter(fsm.Client, "close", 3, "3")
			p.truth(fsm.Established, fsm.Established) // the instant before the FIN
			p.segment(fsm.Client, fsm.FIN|fsm.ACK, 1, 1, 0)
		}, fsm.FinWait1, "sent established/close"},
		"data waits": {func(p *play) {
			p.call(fsm.Client, "send", 3, `3, "abcdef"`, 6)
			p.segment(fsm.Client, fsm.ACK, 1, 1, 2)
			p.enter(fsm.Client, "close", 3, "3")
			p.truth(fsm.FinWait1, fsm.Established)
			p.segment(fsm.Client, fsm.FIN|fsm.ACK, 3, 1, 4)
		}, fsm.FinWait1, "enter established/close-waits"},
		"shutdown, data waits": {func(p *play) {
			p.call(fsm.Client, "send", 3, `3, "abcdef"`, 6)
			p.enter(fsm.Client, "shutdown", 3, "3, SHUT_WR")
			p.truth(fsm.FinWait1, fsm.Established)
			p.segment(fsm.Client, fsm.FIN|fsm.ACK, 1, 1, 6)
		}, fsm.FinWait1, "enter established/close-waits"},
		"the FIN does not come": {func(p *play) {
			closing := p.enter(fsm.Client, "close", 3, "3")
			p.truth(fsm.Established, fsm.Established)
			p.returns(closing, 0, "")
		}, fsm.FinWait1, "return established/close-waits"},
		"close is to linger": {func(p *play) {
			p.call(fsm.Client, "setsockopt", 3, "3, SO_LINGER, {1, 5}", 0)
			p.enter(fsm.Client, "close", 3, "3")
			p.truth(fsm.FinWait1, fsm.Established)
		}, fsm.FinWait1, "enter established/close-waits"},
		"data is unread": {func(p *play) {
			p.segment(fsm.Server, fsm.ACK, 1, 1, 3)
			p.call(fsm.Client, "recv", 3, "3, 2", 2)
			p.call(fsm.Client, "send", 3, `3, "abcdef"`, 6)
			p.enter(fsm.Client, "close", 3, "3")
			p.truth(fsm.Established, fsm.Established)
			p.segment(fsm.Client, fsm.RST|fsm.ACK, 1, 4, 0)
		}, fsm.Closed, "sent synchronized/close-unread"},
		"data was unread": {func(p *play) {
			p.segment(fsm.Server, fsm.FIN|fsm.ACK, 1, 1, 3)
			p.call(fsm.Client, "recv", 3, "3, 2", 2)
			p.call(fsm.Client, "recv", 3, "3, 2", 1)
			p.call(fsm.Client, "send", 3, `3, "abcdef"`, 6)
			p.enter(fsm.Client, "close", 3, "3")
			p.truth(fsm.LastAck, fsm.FinWait1)
		}, fsm.LastAck, "got established/fin, enter close-wait/close-waits"},
	} {
		t.Run(name, func(t *testing.T) {
			p := connected()
			test.play(p)
			s := p.buildOn("wire")
			agrees(t, s, 2)
			if got := rulesOf(s, fsm.Client); got != opening+test.want {
				t.Errorf("got  %s\nwant %s", got, opening+test.want)
			}
			if got := s.Conns.At(1).State[fsm.Client]; got != test.state {
				t.Errorf("at the end %s, want %s", got, test.state)
			}
		})
	}
}

// other gives the play's newest events to another client.
func (p *play) other(from int, port uint16) {
	addr := netip.AddrPortFrom(clientAddr.Addr(), port)
	swap := func(a *netip.AddrPort) {
		if *a == clientAddr {
			*a = addr
		}
	}
	for i, e := range p.events[from:] {
		switch e := e.(type) {
		case story.Frame:
			swap(&e.Src)
			swap(&e.Dst)
			p.events[from+i] = e
		case story.Call:
			swap(&e.Local)
			swap(&e.Remote)
			p.events[from+i] = e
		case story.Truth:
			swap(&e.Local)
			swap(&e.Remote)
			p.events[from+i] = e
		}
	}
}

// ruleAt gives the rule of the newest arrival at the server.
func ruleAt(s *story.Story) string {
	for i := range slices.Backward(s.Steps) {
		if step := &s.Steps[i]; step.Kind == story.SegmentReceived && step.Side == fsm.Server {
			return step.Deciding().Rule.ID
		}
	}
	return ""
}

// TestQueues holds that the model knows from the calls when a listening socket's
// queues are full.
func TestQueues(t *testing.T) {
	const full, synFull, room = "listen/accept-queue-full", "listen/syn-queue-full", "listen/syn"
	handshake := func(p *play, port uint16, segments int) {
		from := len(p.events)
		p.segment(fsm.Client, fsm.SYN, 0, 0, 0)
		if segments > 1 {
			p.segment(fsm.Server, fsm.SYN|fsm.ACK, 0, 1, 0)
		}
		if segments > 2 {
			p.segment(fsm.Client, fsm.ACK, 1, 1, 0)
		}
		p.other(from, port)
	}
	accepts := func(p *play, port uint16) {
		from := len(p.events)
		p.call(fsm.Server, "accept", 3, "3", int64(port))
		p.other(from, port)
	}
	for name, test := range map[string]struct {
		size string
		play func(p *play)
		want string
	}{
		"room": {"3, 1", func(p *play) {
			handshake(p, 1, 3)
			handshake(p, 2, 1)
		}, room},
		"full": {"3, 1", func(p *play) {
			handshake(p, 1, 3)
			handshake(p, 2, 3)
			handshake(p, 3, 1)
		}, full},
		"one was accepted": {"3, 1", func(p *play) {
			handshake(p, 1, 3)
			handshake(p, 2, 3)
			accepts(p, 1)
			handshake(p, 3, 1)
		}, room},
		"accept waits": {"3, 1", func(p *play) {
			p.enter(fsm.Server, "accept", 3, "3")
			handshake(p, 1, 3)
			handshake(p, 2, 3)
			handshake(p, 3, 1)
		}, room},
		"one was reset, and waits all the same": {"3, 0", func(p *play) {
			handshake(p, 1, 3)
			from := len(p.events)
			p.segment(fsm.Client, fsm.RST|fsm.ACK, 1, 1, 0)
			p.other(from, 1)
			handshake(p, 2, 1)
		}, full},
		"the third segment": {"3, 0", func(p *play) {
			handshake(p, 1, 2)
			handshake(p, 2, 3)
			from := len(p.events)
			p.segment(fsm.Client, fsm.ACK, 1, 1, 0)
			p.other(from, 1)
		}, "syn-received/accept-queue-full"},
		"half-open": {"3, 0", func(p *play) {
			handshake(p, 1, 2)
			handshake(p, 2, 2)
		}, synFull},
		"half-open, an ACK of a cookie, and full": {"3, 0", func(p *play) {
			handshake(p, 1, 2)
			handshake(p, 2, 3)
			handshake(p, 3, 1)
		}, full},
		"half-open, one was reset": {"3, 0", func(p *play) {
			handshake(p, 1, 2)
			from := len(p.events)
			p.segment(fsm.Client, fsm.RST, 1, 0, 0)
			p.other(from, 1)
			handshake(p, 2, 1)
		}, room},
		"unknown length": {"3, SOMAXCONN", func(p *play) {
			handshake(p, 1, 3)
			handshake(p, 2, 1)
		}, room},
		"another listen": {"3, 0", func(p *play) {
			handshake(p, 1, 3)
			p.call(fsm.Server, "listen", 3, "3, 5", 0)
			handshake(p, 2, 1)
		}, room},
		"closed, and open again": {"3, 0", func(p *play) {
			handshake(p, 1, 3)
			p.call(fsm.Server, "close", 3, "3", 0)
			p.call(fsm.Server, "socket", -1, "", 3)
			p.call(fsm.Server, "listen", 3, "3, 0", 0)
			handshake(p, 2, 1)
		}, room},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlay()
			p.call(fsm.Server, "socket", -1, "", 3)
			p.call(fsm.Server, "listen", 3, test.size, 0)
			test.play(p)
			stage := "sim"
			if strings.Contains(name, "cookie") {
				stage = "wire"
			}
			whole := p.buildOn(stage)
			if got := ruleAt(whole); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			// What makes no step stands in the queues all the same.
			for limit := 1; limit < len(whole.Steps); limit++ {
				b := story.NewBuilder(story.Meta{Stage: stage})
				b.Limit(limit)
				b.Add(p.events...)
				s := b.Story()
				for id := 1; id <= whole.Conns.Len(); id++ {
					if got, want := s.Conns.At(id).State, whole.Conns.At(id).State; got != want {
						t.Errorf("limit %d: connection %d is in %v, want %v", limit, id, got, want)
					}
				}
			}
		})
	}
}

// TestListenerClosed holds what becomes of a half-open connection whose listening
// socket is closed.
func TestListenerClosed(t *testing.T) {
	p := newPlay()
	p.call(fsm.Server, "socket", -1, "", 3)
	p.call(fsm.Server, "listen", 3, "3, 5", 0)
	p.segment(fsm.Client, fsm.SYN, 0, 0, 0)
	p.segment(fsm.Server, fsm.SYN|fsm.ACK, 0, 1, 0)
	p.call(fsm.Server, "close", 3, "3", 0)
	p.segment(fsm.Client, fsm.ACK, 1, 1, 0)
	for stage, want := range map[string]string{
		"sim":  "return closed/passive-open, got listen/syn, return listen/close, listener syn-received/listener-gone",
		"wire": "return closed/passive-open, got listen/syn, return listen/close, got syn-received/orphaned",
	} {
		if got := rulesOf(p.buildOn(stage), fsm.Server); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", stage, got, want)
		}
	}
}

// TestReboot holds that a host that reboots has lost its connections, its listening
// sockets and its programs' calls, and nobody else has.
func TestReboot(t *testing.T) {
	p := connected()
	recv := p.enter(fsm.Server, "recv", 4, "4, 100")
	p.events = append(p.events, story.Reboot{Time: p.tick(), Side: fsm.Server})
	p.truth(fsm.Established, fsm.Closed)
	p.events = append(p.events, story.Truth{Time: p.tick(), Side: fsm.Server, Local: serverAddr, State: fsm.Closed})
	p.segment(fsm.Client, fsm.ACK, 1, 1, 5)
	p.segment(fsm.Server, fsm.RST, 1, 0, 0)
	p.truth(fsm.Closed, fsm.Closed)
	s := p.buildOn("wire")
	agrees(t, s, 5)
	const want = "return closed/passive-open, got listen/syn, got syn-received/ack, reboot any/reboot, reboot any/reboot"
	if got := rulesOf(s, fsm.Server); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	var texts []string
	for i := range s.Steps {
		if step := &s.Steps[i]; step.Kind == story.HostRebooted {
			texts = append(texts, s.Explain(step.N, lang.English).What)
			if (step.Conn == 0) != step.Listener {
				t.Errorf("step %d: connection %d, listener %v", step.N, step.Conn, step.Listener)
			}
		}
	}
	wantTexts := []string{
		"The host of the server fails and starts again: all its sockets are gone, and nobody is told.",
		"With its host, the server has lost its end of the connection.",
	}
	if !slices.Equal(texts, wantTexts) {
		t.Errorf("got %q", texts)
	}
	if enter := find(t, s, fsm.Server, story.CallEnter, "recv", 0); enter.Call.ID != recv.ID || enter.Peer != 0 {
		t.Errorf("recv of a program that is gone: %+v", enter)
	}
}

// TestTheStageSaysWhichStack holds that the model follows the stack of the stage
// where it departs from the standard.
func TestTheStageSaysWhichStack(t *testing.T) {
	p := connected()
	p.segment(fsm.Client, fsm.FIN|fsm.ACK, 1, 1, 0)
	p.segment(fsm.Server, fsm.FIN|fsm.ACK, 1, 2, 0)
	p.segment(fsm.Client, fsm.ACK, 2, 2, 0)
	p.segment(fsm.Server, fsm.RST, 2, 0, 0)
	for stage, want := range map[string]fsm.State{
		"sim": fsm.TimeWait, "wire": fsm.Closed, "loopback": fsm.Closed, "": fsm.Closed,
	} {
		if got := p.buildOn(stage).Conns.At(1).State[fsm.Client]; got != want {
			t.Errorf("stage %q: %s, want %s", stage, got, want)
		}
	}
}
