package story_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// send adds a segment whose fate is told apart from it, and gives its number.
func (p *play) send(from fsm.Side, flags fsm.Flags, seq, ack, length uint32) int {
	p.fate = story.FateUnderWay
	p.segment(from, flags, seq, ack, length)
	return p.frame
}

func (p *play) arrives(frame int) {
	p.events = append(p.events, story.Arrival{Time: p.tick(), Frame: frame, Fate: story.FateDelivered})
}

func (p *play) loses(frame int) {
	p.events = append(p.events, story.Arrival{Time: p.tick(), Frame: frame, Fate: story.FateLost})
}

func (p *play) impairs(frame int, what story.Impaired) {
	p.events = append(p.events, story.Impairment{Time: p.tick(), Frame: frame, What: what})
}

func (p *play) expires(side fsm.Side, timer fsm.Timer) {
	x := story.Expiry{Time: p.tick(), Side: side, Local: clientAddr, Remote: serverAddr, Timer: timer}
	if side == fsm.Server {
		x.Local, x.Remote = x.Remote, x.Local
	}
	p.events = append(p.events, x)
}

func (p *play) waits(d time.Duration) { p.now = p.now.Add(d) }

// held is a handshake whose every segment is told to arrive, with the truth while
// each is under way.
func held() *play {
	p := newPlay()
	listening := p.enter(fsm.Server, "socket", -1, "")
	p.returns(listening, 3, "")
	p.call(fsm.Server, "listen", 3, "3, 5", 0)
	p.call(fsm.Client, "socket", -1, "", 3)
	connect := p.enter(fsm.Client, "connect", 3, "3, 127.0.0.1:10008")
	syn := p.send(fsm.Client, fsm.SYN, 0, 0, 0)
	p.impairs(syn, story.Held)
	p.waits(2300 * time.Millisecond)
	p.arrives(syn)
	answer := p.send(fsm.Server, fsm.SYN|fsm.ACK, 0, 1, 0)
	p.truth(fsm.SynSent, fsm.SynReceived)
	p.arrives(answer)
	p.returns(connect, 0, "")
	third := p.send(fsm.Client, fsm.ACK, 1, 1, 0)
	p.truth(fsm.Established, fsm.SynReceived)
	p.arrives(third)
	p.truth(fsm.Established, fsm.Established)
	return p
}

// steps writes the story's segment steps, one word each.
func steps(s *story.Story) string {
	var all []string
	for i := range s.Steps {
		step := &s.Steps[i]
		word := ""
		switch step.Kind {
		case story.SegmentSent:
			word = "sent"
		case story.SegmentReceived:
			word = "got"
		case story.SegmentLost:
			word = "lost"
		case story.SegmentImpaired:
			word = step.Impairment.What.String()
		case story.TimerExpired:
			all = append(all, story.TimerName(step.Timer))
		}
		if step.Again {
			word += "-again"
		}
		if word != "" {
			all = append(all, word+":"+string(rune('0'+step.Frame.Number)))
		}
	}
	return strings.Join(all, " ")
}

func TestTruthsBetweenSendingAndArrival(t *testing.T) {
	s := held().build()
	if s.Totals.Checked != 6 || s.Totals.Agree != 6 {
		t.Errorf("truth: %d of %d agree, want 6 of 6", s.Totals.Agree, s.Totals.Checked)
	}
	if got, want := steps(s), "sent:1 held:1 got:1 sent:2 got:2 sent:3 got:3"; got != want {
		t.Errorf("steps %s, want %s", got, want)
	}
	returned := find(t, s, fsm.Client, story.CallReturn, "connect", 0)
	if arrived := find(t, s, fsm.Client, story.SegmentReceived, "", fsm.SYN|fsm.ACK); returned.Cause != arrived.N {
		t.Errorf("connect returns because of step %d, want %d", returned.Cause, arrived.N)
	}
}

// What becomes of segments, in any order: the steps, their links, and their fates.
func TestFatesToldLater(t *testing.T) {
	begin := func() *play {
		p := newPlay()
		p.arrives(p.send(fsm.Client, fsm.SYN, 0, 0, 0))
		p.arrives(p.send(fsm.Server, fsm.SYN|fsm.ACK, 0, 1, 0))
		p.arrives(p.send(fsm.Client, fsm.ACK, 1, 1, 0))
		return p
	}
	data := func(p *play, seq uint32) int { return p.send(fsm.Client, fsm.ACK, seq, 1, 10) }
	const opening = "sent:1 got:1 sent:2 got:2 sent:3 got:3 "
	for name, test := range map[string]struct {
		play  func(p *play)
		steps string
		fates map[int]story.Fate
	}{
		"overtaken": {func(p *play) {
			a, b := data(p, 1), data(p, 11)
			p.arrives(b)
			p.arrives(a)
		}, "sent:4 sent:5 got:5 got:4", map[int]story.Fate{4: story.FateDelivered, 5: story.FateDelivered}},
		"duplicated": {func(p *play) {
			a := data(p, 1)
			p.impairs(a, story.Duplicated)
			p.arrives(a)
			p.arrives(p.send(fsm.Server, fsm.ACK, 1, 11, 0))
			p.arrives(a)
		}, "sent:4 duplicated:4 got:4 sent:5 got:5 got-again:4", map[int]story.Fate{4: story.FateDelivered}},
		"the copy is lost": {func(p *play) {
			a := data(p, 1)
			p.arrives(a)
			p.loses(a)
		}, "sent:4 got:4 lost-again:4", map[int]story.Fate{4: story.FateDelivered}},
		"one of two is lost": {func(p *play) {
			a := data(p, 1)
			p.loses(a)
			p.arrives(a)
		}, "sent:4 lost:4 got-again:4", map[int]story.Fate{4: story.FateDelivered}},
		"dropped after a while": {func(p *play) {
			a := data(p, 1)
			p.impairs(a, story.Held)
			p.waits(time.Second)
			p.impairs(a, story.Dropped)
			p.loses(a)
		}, "sent:4 held:4 dropped:4 lost:4", map[int]story.Fate{4: story.FateLost}},
		"never told": {func(p *play) {
			data(p, 1)
			p.arrives(data(p, 11))
		}, "sent:4 sent:5 got:5", map[int]story.Fate{4: story.FateUnderWay, 5: story.FateDelivered}},
		"of unknown frames": {func(p *play) {
			p.arrives(77)
			p.loses(-1)
			p.impairs(0, story.Held)
		}, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := begin()
			test.play(p)
			s := p.build()
			if got, want := steps(s), strings.TrimSpace(opening+test.steps); got != want {
				t.Errorf("steps\n%s, want\n%s", got, want)
			}
			for i := range s.Steps {
				step := &s.Steps[i]
				if step.Frame == nil {
					continue
				}
				if want, asked := test.fates[step.Frame.Number]; asked && step.Kind == story.SegmentSent {
					if got := s.FateOf(step); got != want {
						t.Errorf("frame %d: %s, want %s", step.Frame.Number, got, want)
					}
				}
				checkLinks(t, s, step)
			}
		})
	}
}

// checkLinks holds how a segment's steps name each other.
func checkLinks(t interface {
	Helper()
	Fatalf(string, ...any)
}, s *story.Story, step *story.Step) {
	t.Helper()
	peer := s.At(step.Peer)
	if step.Kind == story.SegmentSent {
		if peer != nil && (peer.Frame != step.Frame || peer.Peer != step.N || peer.Kind == story.SegmentImpaired) {
			t.Fatalf("step %d names %d as its end, which is another segment's", step.N, step.Peer)
		}
		return
	}
	if peer == nil || peer.Kind != story.SegmentSent || peer.Frame != step.Frame || peer.N >= step.N {
		t.Fatalf("step %d does not name its sending: %d", step.N, step.Peer)
	}
	if peer.Peer == 0 && step.Kind != story.SegmentImpaired {
		t.Fatalf("step %d tells the fate of step %d, which does not know it", step.N, step.Peer)
	}
	if step.Cause < step.Peer || step.Cause >= step.N {
		t.Fatalf("step %d is caused by step %d", step.N, step.Cause)
	}
}

func TestTheTimerIsTheCauseOfWhatIsSentAgain(t *testing.T) {
	p := newPlay()
	p.call(fsm.Client, "socket", -1, "", 3)
	connect := p.enter(fsm.Client, "connect", 3, "3, 127.0.0.1:10008")
	p.loses(p.send(fsm.Client, fsm.SYN, 0, 0, 0))
	p.waits(time.Second)
	p.expires(fsm.Client, fsm.Retransmission)
	again := p.send(fsm.Client, fsm.SYN, 0, 0, 0)
	p.loses(again)
	p.waits(time.Minute)
	p.expires(fsm.Client, fsm.UserTimeout)
	p.returns(connect, -1, "ETIMEDOUT")
	p.truth(fsm.Closed, fsm.Closed)
	s := p.build()
	var timers []*story.Step
	for i := range s.Steps {
		if step := &s.Steps[i]; step.Kind == story.TimerExpired {
			timers = append(timers, step)
		}
	}
	if len(timers) != 2 || timers[0].Conn != 1 || len(timers[0].Transitions) == 0 || timers[0].Transitions[0].Rule.ID != "any/retransmission-timeout" {
		t.Fatalf("timers: %+v", timers)
	}
	for i := range s.Steps {
		step := &s.Steps[i]
		if step.Kind == story.SegmentSent && step.Frame.Number == again && step.Cause != timers[0].N {
			t.Errorf("the second SYN is caused by step %d, want the timer, %d", step.Cause, timers[0].N)
		}
	}
	if returned := find(t, s, fsm.Client, story.CallReturn, "connect", 0); returned.Cause != timers[1].N {
		t.Errorf("connect fails because of step %d, want the user timeout, %d", returned.Cause, timers[1].N)
	}
	if change := timers[1].Transitions[0]; change.From != fsm.SynSent || change.To != fsm.Closed {
		t.Errorf("the user timeout: %+v, want SYN-SENT to CLOSED", change)
	}
	if s.Totals.Agree != s.Totals.Checked {
		t.Errorf("%d of %d agree", s.Totals.Agree, s.Totals.Checked)
	}
}

// A timer explains what is sent again, and nothing that is new.
func TestTheTimerIsNotTheCauseOfNewData(t *testing.T) {
	p := held()
	p.expires(fsm.Client, fsm.Retransmission)
	write := p.enter(fsm.Client, "send", 3, `3, "x", 1`)
	p.arrives(p.send(fsm.Client, fsm.PSH|fsm.ACK, 1, 1, 1))
	p.returns(write, 1, "")
	s := p.build()
	sent := find(t, s, fsm.Client, story.SegmentSent, "", fsm.PSH|fsm.ACK)
	if cause := s.At(sent.Cause); cause == nil || cause.Call == nil || cause.Call.Op != "send" {
		t.Errorf("the data is caused by step %d, want the call", sent.Cause)
	}
}

// A segment of an old connection that arrives when its port is used again comes to
// the new connection: a stack knows nothing but the two ends.
func TestAnOldDuplicateReachesTheNewConnection(t *testing.T) {
	p := newPlay()
	old := p.send(fsm.Client, fsm.SYN, 0, 0, 0)
	p.impairs(old, story.Duplicated)
	p.arrives(old)
	p.arrives(p.send(fsm.Server, fsm.RST|fsm.ACK, 0, 1, 0))
	p.returns(p.enter(fsm.Server, "socket", -1, ""), 3, "")
	p.call(fsm.Server, "listen", 3, "3, 5", 0)
	p.send(fsm.Client, fsm.SYN, 70000, 0, 0)
	p.arrives(old)
	s := p.build()
	if s.Conns.Len() != 2 {
		t.Fatalf("%d connections, want 2", s.Conns.Len())
	}
	last := &s.Steps[len(s.Steps)-1]
	if last.Kind != story.SegmentReceived || last.Conn != 2 || last.After.Ends[fsm.Server].State != fsm.SynReceived {
		t.Errorf("the old SYN: connection %d, server %s; want 2, SYN-RECEIVED", last.Conn, last.After.Ends[fsm.Server].State)
	}
	checkLinks(t, s, last)
	for conn := range 3 { // the calls alone, the sender's view, the receiver's
		rows := s.View(conn).Rows
		if newest := rows[len(rows)-1]; (newest.Step == last.N) != (conn > 0) {
			t.Errorf("view %d ends with step %d; the arrival is step %d", conn, newest.Step, last.N)
		} else if state := newest.State[fsm.Server]; conn == 1 && state != fsm.Closed {
			t.Errorf("what comes to the new connection changes the old one: %s", state)
		}
	}
}

// A connection that came to nothing is the listening socket's again, and ends with it.
func TestViewOfWhatCameToNothing(t *testing.T) {
	p := newPlay()
	p.returns(p.enter(fsm.Server, "socket", -1, ""), 3, "")
	p.call(fsm.Server, "listen", 3, "3, 5", 0)
	p.arrives(p.send(fsm.Client, fsm.SYN, 0, 0, 0))
	p.arrives(p.send(fsm.Server, fsm.SYN|fsm.ACK, 0, 1, 0))
	p.arrives(p.send(fsm.Client, fsm.RST, 1, 0, 0))
	p.call(fsm.Server, "close", 3, "3", 0)
	s := p.build()
	var states []fsm.State
	for _, row := range s.View(1).Rows {
		if state := row.State[fsm.Server]; len(states) == 0 || states[len(states)-1] != state {
			states = append(states, state)
		}
	}
	if diff := cmp.Diff([]fsm.State{fsm.Closed, fsm.Listen, fsm.SynReceived, fsm.Listen, fsm.Closed}, states); diff != "" {
		t.Error(diff)
	}
}

// Where a clock stands still, events of one instant stay in the order in which they
// are given; otherwise their ranks order them.
func TestEventsOfOneInstant(t *testing.T) {
	p := held()
	want := steps(p.build())
	for i, e := range p.events {
		switch e := e.(type) {
		case story.Call:
			e.Time = p.now
			p.events[i] = e
		case story.Frame:
			e.Time = p.now
			p.events[i] = e
		case story.Arrival:
			e.Time = p.now
			p.events[i] = e
		case story.Impairment:
			e.Time = p.now
			p.events[i] = e
		case story.Truth:
			e.Time = p.now
			p.events[i] = e
		}
	}
	b := story.NewBuilder(story.Meta{Ordered: true})
	b.Add(p.events...)
	s := b.Story()
	if got := steps(s); got != want {
		t.Errorf("steps %s, want %s", got, want)
	}
	if s.Totals.Checked != 6 || s.Totals.Agree != 6 {
		t.Errorf("truth: %d of %d agree, want 6 of 6", s.Totals.Agree, s.Totals.Checked)
	}
}

// A story at its limit still tells what became of the segments that it shows.
func TestLimitLeavesNoSegmentUnderWay(t *testing.T) {
	for limit := 1; limit < 20; limit++ {
		p := held()
		b := story.NewBuilder(story.Meta{})
		b.Limit(limit)
		b.Add(p.events...)
		s := b.Story()
		for i := range s.Steps {
			if step := &s.Steps[i]; step.Kind == story.SegmentSent && s.FateOf(step) != story.FateDelivered {
				t.Errorf("limit %d: step %d is %s", limit, step.N, s.FateOf(step))
			}
		}
		if got := s.Conns.At(1).State; got != [2]fsm.State{fsm.Established, fsm.Established} {
			t.Errorf("limit %d: ends in %v", limit, got)
		}
	}
}

// wired draws a play on a wire that somebody holds: any segments, any verdicts.
func wired(t *rapid.T) []story.Event {
	p := newPlay()
	var known []int
	for range rapid.IntRange(1, 40).Draw(t, "events") {
		side := rapid.SampledFrom([]fsm.Side{fsm.Client, fsm.Server}).Draw(t, "side")
		if len(known) == 0 || rapid.IntRange(0, 2).Draw(t, "new") == 0 {
			flags := rapid.SampledFrom([]fsm.Flags{fsm.SYN, fsm.SYN | fsm.ACK, fsm.ACK, fsm.FIN | fsm.ACK, fsm.RST, fsm.RST | fsm.ACK}).Draw(t, "flags")
			known = append(known, p.send(side, flags, uint32(rapid.IntRange(0, 3).Draw(t, "seq")), uint32(rapid.IntRange(0, 3).Draw(t, "ack")), uint32(rapid.IntRange(0, 2).Draw(t, "len"))))
			continue
		}
		frame := rapid.SampledFrom(append(known, 0, 99)).Draw(t, "frame")
		switch rapid.IntRange(0, 4).Draw(t, "what") {
		case 0, 1:
			p.arrives(frame)
		case 2:
			p.loses(frame)
		case 3:
			p.impairs(frame, rapid.SampledFrom([]story.Impaired{story.Held, story.Delayed, story.Duplicated, story.Swapped, story.Dropped}).Draw(t, "impaired"))
		default:
			p.expires(side, fsm.Timer(rapid.IntRange(0, 7).Draw(t, "timer")))
		}
	}
	return p.events
}

// Whatever the wire does, each arrival has its sending, and the model is what one
// gets who applies the events by hand in the order of the steps.
func TestAnyOrderOfArrivals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := story.NewBuilder(story.Meta{Ordered: rapid.Bool().Draw(t, "ordered")})
		b.Add(wired(t)...)
		s := b.Story()
		model := make([]fsm.Conn, s.Conns.Len()+1)
		begun := make([]bool, len(model))
		for i := range s.Steps {
			step := &s.Steps[i]
			if step.N != i+1 {
				t.Fatalf("step %d has number %d", i+1, step.N)
			}
			s.Explain(step.N, lang.English)
			if step.Frame != nil {
				checkLinks(t, s, step)
			}
			if step.Conn == 0 || step.Call != nil {
				continue
			}
			var e fsm.Event
			switch step.Kind {
			case story.SegmentSent:
				e = fsm.Event{Kind: fsm.Sent, Side: step.Side, Segment: step.Frame.Segment}
			case story.SegmentReceived:
				e = fsm.Event{Kind: fsm.Received, Side: step.Side, Segment: step.Frame.Segment}
			case story.SegmentLost:
				e = fsm.Event{Kind: fsm.Lost, Side: step.Side, Segment: step.Frame.Segment}
			case story.TimerExpired:
				e = fsm.Event{Kind: fsm.Expired, Side: step.Side, Timer: step.Timer}
			default:
				if step.After != model[step.Conn] {
					t.Fatalf("step %d changes the connection, though it only touches the wire", step.N)
				}
				continue
			}
			if !begun[step.Conn] { // how the tracker begins it is the tracker's matter
				begun[step.Conn], model[step.Conn] = true, step.After
				continue
			}
			var changes []fsm.Transition
			model[step.Conn], changes = model[step.Conn].Apply(e, nil)
			if model[step.Conn] != step.After || len(changes) != len(step.Transitions) {
				t.Fatalf("step %d: the model is\n%+v, by hand\n%+v", step.N, step.After, model[step.Conn])
			}
		}
		for conn := range s.Conns.Len() + 1 {
			s.View(conn)
		}
	})
}

func TestNamesOfTheWire(t *testing.T) {
	for i := story.Held; i <= story.Dropped; i++ {
		if back, ok := story.ParseImpaired(i.String()); !ok || back != i {
			t.Errorf("%d is written %q and read %d", i, i, back)
		}
	}
	for timer := fsm.TimeWaitTimer; timer <= fsm.DelayedAckTimer; timer++ {
		if back, ok := story.ParseTimer(story.TimerName(timer)); !ok || back != timer {
			t.Errorf("%d is written %q and read %d", timer, story.TimerName(timer), back)
		}
	}
	for _, name := range []string{"", "timer", "impaired", "Held"} {
		_, timer := story.ParseTimer(name)
		_, impaired := story.ParseImpaired(name)
		if timer || impaired {
			t.Errorf("%q is read as a name", name)
		}
	}
	for d, want := range map[time.Duration]string{
		0: "0 ms", 130 * time.Microsecond: "0.13 ms", 40 * time.Millisecond: "40 ms", 999 * time.Millisecond: "999 ms",
		time.Second: "1 s", 2300 * time.Millisecond: "2.3 s", 63 * time.Second: "63 s", -time.Second: "0 ms", 3 * time.Millisecond: "3 ms",
	} {
		if got := story.Lasting(d, lang.English); got != want {
			t.Errorf("%v is written %q, want %q", d, got, want)
		}
	}
}
