package ui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tcpviz/fsm"
	"tcpviz/internal/story"
)

// send puts a segment on a wire that somebody holds, and gives its number.
func (s *script) send(side fsm.Side, flags fsm.Flags, seq, ack uint32, payload string) int {
	s.segment(side, flags, seq, ack, payload)
	f := s.events[len(s.events)-1].(story.Frame)
	f.Fate = story.FateUnderWay
	s.events[len(s.events)-1] = f
	return f.Number
}

func (s *script) arrives(frame int) {
	s.events = append(s.events, story.Arrival{Time: s.time(25 * time.Microsecond), Frame: frame, Fate: story.FateDelivered})
}

func (s *script) loses(frame int) {
	s.events = append(s.events, story.Arrival{Time: s.time(5 * time.Microsecond), Frame: frame, Fate: story.FateLost})
}

func (s *script) impairs(frame int, what story.Impaired) {
	s.events = append(s.events, story.Impairment{Time: s.time(5 * time.Microsecond), Frame: frame, What: what})
}

func (s *script) expires(side fsm.Side, timer fsm.Timer) {
	local, remote := s.client, s.server
	if side == fsm.Server {
		local, remote = remote, local
	}
	s.events = append(s.events, story.Expiry{Time: s.time(5 * time.Microsecond), Side: side, Local: local, Remote: remote, Timer: timer})
}

// openedWire is a connection whose handshake is over, on such a wire.
func openedWire() *script {
	s := newScript()
	s.once(sv, -1, "socket", "AF_INET, SOCK_STREAM, 0", 3)
	s.once(sv, 3, "listen", "3, 5", 0)
	accept := s.enter(sv, 3, "accept", "3", story.Text{})
	s.once(cl, -1, "socket", "AF_INET, SOCK_STREAM, 0", 3)
	connect := s.enter(cl, 3, "connect", "3, 127.0.0.1:10008", story.Text{})
	s.arrives(s.send(cl, fsm.SYN, 0, 0, ""))
	s.arrives(s.send(sv, fsm.SYN|fsm.ACK, 0, 1, ""))
	s.back(connect, "3, 127.0.0.1:10008", 0)
	s.arrives(s.send(cl, fsm.ACK, 1, 1, ""))
	s.back(accept, "3, 127.0.0.1:43210", 4)
	return s
}

// wireScripts are stories of a wire that somebody holds, one of each kind.
func wireScripts() map[string]*script {
	all := map[string]*script{}

	s := newScript() // the SYN is held, goes on, and its retransmission is dropped
	all["held"] = s
	s.once(sv, -1, "socket", "AF_INET, SOCK_STREAM, 0", 3)
	s.once(sv, 3, "listen", "3, 5", 0)
	s.once(cl, -1, "socket", "AF_INET, SOCK_STREAM, 0", 3)
	connect := s.enter(cl, 3, "connect", "3, 127.0.0.1:10008", story.Text{})
	syn := s.send(cl, fsm.SYN, 0, 0, "")
	s.impairs(syn, story.Held)
	s.truth(cl, fsm.SynSent)
	s.time(time.Second)
	s.expires(cl, fsm.Retransmission)
	again := s.send(cl, fsm.SYN, 0, 0, "")
	s.impairs(again, story.Held)
	s.time(1300 * time.Millisecond)
	s.arrives(syn)
	answer := s.send(sv, fsm.SYN|fsm.ACK, 0, 1, "")
	s.impairs(again, story.Dropped)
	s.loses(again)
	s.truth(cl, fsm.SynSent)
	s.truth(sv, fsm.SynReceived)
	s.arrives(answer)
	s.back(connect, "3, 127.0.0.1:10008", 0)
	s.arrives(s.send(cl, fsm.ACK, 1, 1, ""))

	s = openedWire() // a data segment is dropped at once, and sent again
	all["dropped"] = s
	write := s.enter(cl, 3, "send", `3, "hello\n"`, story.Text{})
	data := s.send(cl, fsm.PSH|fsm.ACK, 1, 1, "hello\n")
	s.impairs(data, story.Dropped)
	s.loses(data)
	s.back(write, `3, "hello\n"`, 6)
	s.time(200 * time.Millisecond)
	s.expires(cl, fsm.Retransmission)
	s.arrives(s.send(cl, fsm.PSH|fsm.ACK, 1, 1, "hello\n"))
	s.loses(s.send(sv, fsm.ACK, 1, 7, "")) // lost without anybody's doing

	s = openedWire() // a data segment arrives twice, and an ACK does
	all["duplicated"] = s
	write = s.enter(cl, 3, "send", `3, "hello\n"`, story.Text{})
	data = s.send(cl, fsm.PSH|fsm.ACK, 1, 1, "hello\n")
	s.impairs(data, story.Duplicated)
	s.arrives(data)
	s.back(write, `3, "hello\n"`, 6)
	ack := s.send(sv, fsm.ACK, 1, 7, "")
	s.impairs(ack, story.Duplicated)
	s.arrives(data)
	s.arrives(ack)
	s.arrives(s.send(sv, fsm.ACK, 1, 7, ""))
	s.arrives(ack)

	s = openedWire() // three data segments arrive in another order
	all["swapped"] = s
	var frames []int
	for i := range uint32(3) {
		write := s.enter(cl, 3, "send", fmt.Sprintf(`3, "line %d\n"`, i), story.Text{})
		frames = append(frames, s.send(cl, fsm.PSH|fsm.ACK, 1+7*i, 1, fmt.Sprintf("line %d\n", i)))
		if i == 0 {
			s.impairs(frames[0], story.Swapped)
		}
		s.back(write, fmt.Sprintf(`3, "line %d\n"`, i), 7)
	}
	s.arrives(frames[1])
	s.arrives(s.send(sv, fsm.ACK, 1, 1, ""))
	s.arrives(frames[0])
	s.arrives(frames[2])
	s.arrives(s.send(sv, fsm.ACK, 1, 22, ""))

	s = openedWire() // both close at once: the FINs cross
	all["crossing"] = s
	s.once(cl, 3, "close", "3", 0)
	mine := s.send(cl, fsm.FIN|fsm.ACK, 1, 1, "")
	s.once(sv, 4, "close", "4", 0)
	theirs := s.send(sv, fsm.FIN|fsm.ACK, 1, 1, "")
	s.arrives(mine)
	s.arrives(theirs)
	first, second := s.send(cl, fsm.ACK, 2, 2, ""), s.send(sv, fsm.ACK, 2, 2, "")
	s.impairs(second, story.Delayed)
	s.arrives(first)
	s.arrives(second)
	s.truth(cl, fsm.TimeWait)
	s.truth(sv, fsm.TimeWait)
	s.time(time.Minute)
	s.expires(cl, fsm.TimeWaitTimer)
	s.expires(sv, fsm.TimeWaitTimer)

	s = openedWire() // the lesson speaks and drops a segment; then a host fails
	all["narrated"] = s
	s.events = append(s.events, story.Narration{
		Time: s.time(5 * time.Microsecond), Does: "drop data from client", Say: story.Text{EN: "It will be lost.", ZH: "它会丢失。"},
	})
	write = s.enter(cl, 3, "send", `3, "hello\n"`, story.Text{})
	data = s.send(cl, fsm.PSH|fsm.ACK, 1, 1, "hello\n")
	s.impairs(data, story.Dropped)
	s.loses(data)
	s.back(write, `3, "hello\n"`, 6)
	s.time(200 * time.Millisecond)
	s.expires(cl, fsm.LossProbeTimer)
	s.send(cl, fsm.PSH|fsm.ACK, 1, 1, "hello\n")
	s.events = append(s.events, story.Reboot{Time: s.time(5 * time.Microsecond), Side: sv})
	s.truth(sv, fsm.Closed)

	s = newScript() // nobody answers
	all["given-up"] = s
	s.once(cl, -1, "socket", "AF_INET, SOCK_STREAM, 0", 3)
	connect = s.enter(cl, 3, "connect", "3, 127.0.0.1:10008", story.Text{})
	s.loses(s.send(cl, fsm.SYN, 0, 0, ""))
	for _, wait := range []time.Duration{1, 2, 4} {
		s.time(wait * time.Second)
		s.expires(cl, fsm.Retransmission)
		s.loses(s.send(cl, fsm.SYN, 0, 0, ""))
	}
	s.time(8 * time.Second)
	s.expires(cl, fsm.UserTimeout)
	s.events = append(s.events, story.Call{
		Time: s.time(5 * time.Microsecond), Program: "client", Side: cl, ID: connect, Phase: story.Return, Op: "connect",
		FD: 3, Args: "3, 127.0.0.1:10008", Result: -1, Errno: "ETIMEDOUT", Local: s.client, Remote: s.server,
	})

	s = openedWire() // the story ends while two segments are under way, one of them held
	all["under-way"] = s
	s.once(cl, 3, "send", `3, "hello\n"`, 6)
	s.impairs(s.send(cl, fsm.PSH|fsm.ACK, 1, 1, "hello\n"), story.Held)
	s.once(sv, 4, "close", "4", 0)
	s.send(sv, fsm.FIN|fsm.ACK, 1, 1, "")
	return all
}

// taleOf is a tale that the builder made, of a story with one connection.
func taleOf(s *story.Story) *tale {
	a := newTale()
	a.story, a.rows = *s, s.View(1).Rows
	return a
}

// TestWireScreens shows the whole screen at the moments that only a held wire has.
func TestWireScreens(t *testing.T) {
	step := func(kind story.Kind, nth int) func(*story.Story) int {
		return func(s *story.Story) int {
			seen := 0
			for i := range s.Steps {
				if s.Steps[i].Kind == kind {
					if seen++; seen == nth {
						return i
					}
				}
			}
			t.Fatalf("the story has no %d steps of kind %d", nth, kind)
			return -1
		}
	}
	for _, m := range []struct {
		name, script string
		at           func(*story.Story) int
	}{
		{"half-way", "held", step(story.SegmentSent, 1)},
		{"held", "held", step(story.SegmentImpaired, 1)},
		{"timer", "held", step(story.TimerExpired, 1)},
		{"two-held", "held", step(story.SegmentImpaired, 2)},
		{"released", "held", step(story.SegmentReceived, 1)},
		{"dropped", "held", step(story.SegmentLost, 1)},
		{"copy", "duplicated", step(story.SegmentReceived, 5)},
		{"overtaken", "swapped", step(story.SegmentReceived, 6)},
		{"time-wait-over", "crossing", step(story.TimerExpired, 2)},
		{"given-up", "given-up", step(story.CallReturn, 2)},
		{"under-way", "under-way", step(story.SegmentSent, 5)},
	} {
		s := wireScripts()[m.script].story()
		for _, size := range screenSizes {
			name := fmt.Sprintf("wire-%s-%dx%d", m.name, size.w, size.h)
			t.Run(name, func(t *testing.T) {
				d := newDashboard(Options{Paused: true})
				d.show(s)
				d.send(playEvent{signal: jump, n: m.at(s)})
				golden(t, name, picture(t, d, size.w, size.h))
			})
		}
	}
}

// TestWireMidFlight lets a segment glide: to the middle when it is sent, from there
// when it arrives.
func TestWireMidFlight(t *testing.T) {
	a := taleOf(wireScripts()["dropped"].story())
	sent := a.find(t, func(s *story.Step) bool { return s.Kind == story.SegmentSent })
	mark := func(at int, flight float64) int {
		line := ""
		for _, l := range strings.Split(ladderPicture(a.moment(at, flight), 80, 22, newTheme(false, true)), "\n") {
			if strings.Contains(l, "SYN seq=0") {
				line = l
			}
		}
		_, line, _ = strings.Cut(line, "SYN seq=0")
		return strings.IndexRune(line, '●')
	}
	before := -1
	for _, m := range []struct {
		at     int
		flight float64
	}{{sent, 0}, {sent, 0.5}, {sent, 1}, {sent + 1, 0.1}, {sent + 1, 0.6}} {
		x := mark(m.at, m.flight)
		if x < 0 || x < before {
			t.Errorf("row %d, flight %v: the segment is at %d, before it was at %d", m.at, m.flight, x, before)
		}
		before = x
	}
	if x := mark(sent+1, 1); x >= 0 {
		t.Errorf("the segment has arrived and is still at %d", x)
	}
}

// TestWaitingStory plays a story on a held wire: told segments glide in two halves.
func TestWaitingStory(t *testing.T) {
	for name, s := range wireScripts() {
		a := taleOf(s.story())
		m := a.moment(0, 1)
		for i := range a.rows {
			step, b := m.stepAt(i), m.beat(i)
			want := time.Duration(0)
			if step.Kind == story.SegmentSent || step.Kind == story.SegmentReceived {
				want = glide / 2
			}
			if b.flight != want || b.dwell < b.flight {
				t.Errorf("%s, row %d: flight %v of %v, want %v", name, i, b.flight, b.dwell, want)
			}
		}
	}
}

// TestLiveIsReplayed draws a story as it grows, and again when it is whole: what has
// happened looks the same.
func TestLiveIsReplayed(t *testing.T) {
	for name, s := range wireScripts() {
		whole := taleOf(s.story())
		b := story.NewBuilder(story.Meta{Lesson: "connection", Stage: "loopback"})
		for _, e := range s.events {
			b.Add(e)
			now := b.Story()
			if now.Conns.Len() == 0 {
				continue
			}
			grown := taleOf(now)
			at := len(grown.rows) - 1
			want := ladderPicture(whole.moment(at, 1), 120, 40, newTheme(false, true))
			got := ladderPicture(grown.moment(at, 1), 120, 40, newTheme(false, true))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s: row %d of the story as it grows looks otherwise (-whole +grown):\n%s", name, at, diff)
			}
		}
	}
}
