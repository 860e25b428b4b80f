package story_test

import (
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tcpviz/fsm"
	"tcpviz/internal/story"
)

// find gives the first step of that kind whose call is op, or whose segment has exactly these flags.
func find(t *testing.T, s *story.Story, side fsm.Side, kind story.Kind, op string, flags fsm.Flags) *story.Step {
	t.Helper()
	for i := range s.Steps {
		step := &s.Steps[i]
		if step.Kind == kind && step.Side == side &&
			(step.Call != nil && step.Call.Op == op || step.Frame != nil && op == "" && step.Frame.Segment.Flags == flags) {
			return step
		}
	}
	t.Fatalf("no step of kind %d by the %s: %s %s", kind, side, op, flags)
	return nil
}

func TestStatesAtTheEnd(t *testing.T) {
	s := handshakeAndClose().build()
	if s.Conns.Len() != 1 {
		t.Fatalf("%d connections, want 1", s.Conns.Len())
	}
	c := s.Conns.At(1)
	if c.State != [2]fsm.State{fsm.TimeWait, fsm.Closed} {
		t.Errorf("ends in %v, want TIME-WAIT and CLOSED", c.State)
	}
	if c.Segments != [2]int{5, 4} || c.Bytes != [2]uint64{6, 0} {
		t.Errorf("segments %v, bytes %v; want [5 4], [6 0]", c.Segments, c.Bytes)
	}
	if s.Totals.Checked != 6 || s.Totals.Agree != 6 {
		t.Errorf("truth: %d of %d agree, want 6 of 6", s.Totals.Agree, s.Totals.Checked)
	}
}

func TestCauses(t *testing.T) {
	s := handshakeAndClose().build()
	step := func(side fsm.Side, kind story.Kind, op string, flags fsm.Flags) *story.Step {
		return find(t, s, side, kind, op, flags)
	}
	syn, synAck := fsm.SYN, fsm.SYN|fsm.ACK
	tests := []struct {
		name          string
		effect, cause *story.Step
	}{
		{"connect sends the SYN", step(fsm.Client, story.SegmentSent, "", syn), step(fsm.Client, story.CallEnter, "connect", 0)},
		{"the SYN arrives because it was sent", step(fsm.Server, story.SegmentReceived, "", syn), step(fsm.Client, story.SegmentSent, "", syn)},
		{"the SYN-ACK answers the SYN", step(fsm.Server, story.SegmentSent, "", synAck), step(fsm.Server, story.SegmentReceived, "", syn)},
		{"the SYN-ACK lets connect return", step(fsm.Client, story.CallReturn, "connect", 0), step(fsm.Client, story.SegmentReceived, "", synAck)},
		{"the ACK lets accept return", step(fsm.Server, story.CallReturn, "accept", 0), step(fsm.Server, story.SegmentReceived, "", fsm.ACK)},
		{"send sends the data", step(fsm.Client, story.SegmentSent, "", fsm.PSH|fsm.ACK), step(fsm.Client, story.CallEnter, "send", 0)},
		{"the data lets recv return", step(fsm.Server, story.CallReturn, "recv", 0), step(fsm.Server, story.SegmentReceived, "", fsm.PSH|fsm.ACK)},
		{"close sends the FIN", step(fsm.Client, story.SegmentSent, "", fsm.FIN|fsm.ACK), step(fsm.Client, story.CallEnter, "close", 0)},
		{"the server's close sends its FIN", step(fsm.Server, story.SegmentSent, "", fsm.FIN|fsm.ACK), step(fsm.Server, story.CallEnter, "close", 0)},
	}
	for _, test := range tests {
		if test.effect.Cause != test.cause.N {
			t.Errorf("%s: the cause of step %d is %d, want %d", test.name, test.effect.N, test.effect.Cause, test.cause.N)
		}
	}
}

func TestCallsFindTheirConnection(t *testing.T) {
	s := handshakeAndClose().build()
	for i := range s.Steps {
		step := &s.Steps[i]
		if step.Call == nil {
			continue
		}
		onListener := step.Side == fsm.Server && step.Call.FD <= 3 && step.Call.Op != "accept"
		want := 1
		if onListener {
			want = 0
		}
		if step.Conn != want {
			t.Errorf("step %d %s %s: connection %d, want %d", step.N, step.Side, step.Call.Text(), step.Conn, want)
		}
		if other := s.At(step.Peer); other == nil || other.Peer != step.N || other.Call.ID != step.Call.ID {
			t.Errorf("step %d %s: enter and return do not name each other", step.N, step.Call.Text())
		}
	}
}

func TestListenerChangesItsOwnState(t *testing.T) {
	s := handshakeAndClose().build()
	listens := find(t, s, fsm.Server, story.CallReturn, "listen", 0)
	if !listens.Listener || len(listens.Transitions) == 0 || listens.Transitions[0].To != fsm.Listen {
		t.Errorf("listen: %+v, want a change of the listening socket to LISTEN", listens.Transitions)
	}
	view := s.View(1)
	if got := view.Rows[view.Index(listens.N)].State[fsm.Server]; got != fsm.Listen {
		t.Errorf("after listen the server's lifeline is in %s, want LISTEN", got)
	}
	if got := view.Rows[len(view.Rows)-1].State; got != [2]fsm.State{fsm.TimeWait, fsm.Closed} {
		t.Errorf("the last row shows %v: closing the listener must not change the child", got)
	}
}

func TestSameInputSameStory(t *testing.T) {
	p := handshakeAndClose()
	whole := p.build()
	piecemeal := story.NewBuilder(story.Meta{Lesson: "test"})
	for _, e := range p.events {
		piecemeal.Add(e)
		piecemeal.Story() // giving out a story in between must change nothing
	}
	if diff := cmp.Diff(whole, piecemeal.Story(), byValue); diff != "" {
		t.Errorf("one batch and one by one differ (-whole +piecemeal):\n%s", diff)
	}
	shuffled := *p
	shuffled.events = append([]story.Event(nil), p.events...)
	r := rand.New(rand.NewPCG(1, 2))
	r.Shuffle(len(shuffled.events), func(i, j int) {
		// Truths of one instant keep their order: they have no other.
		_, a := shuffled.events[i].(story.Truth)
		_, b := shuffled.events[j].(story.Truth)
		if !a && !b {
			shuffled.events[i], shuffled.events[j] = shuffled.events[j], shuffled.events[i]
		}
	})
	if diff := cmp.Diff(whole, shuffled.build(), byValue); diff != "" {
		t.Errorf("the order within a batch matters (-ordered +shuffled):\n%s", diff)
	}
}

func TestAStoryGivenOutStaysAsItWas(t *testing.T) {
	p := handshakeAndClose()
	b := story.NewBuilder(story.Meta{})
	type given struct{ story, copied *story.Story }
	var all []given
	for _, e := range p.events {
		b.Add(e)
		s := b.Story()
		copied := *s
		copied.Steps = append([]story.Step(nil), s.Steps...)
		copied.Conns = story.ConnectionsOf(summaries(s.Conns)...)
		all = append(all, given{s, &copied})
	}
	for i, g := range all {
		if diff := cmp.Diff(g.copied, g.story, byValue); diff != "" {
			t.Fatalf("the story after event %d was changed later:\n%s", i, diff)
		}
	}
}

func TestEffectsNeverPrecedeCauses(t *testing.T) {
	p := handshakeAndClose()
	for i := range p.events { // everything at one instant: only rank and order are left
		switch e := p.events[i].(type) {
		case story.Frame:
			e.Time = p.now
			p.events[i] = e
		}
	}
	s := handshakeAndClose().build()
	for i := range s.Steps {
		if step := &s.Steps[i]; step.Cause >= step.N {
			t.Errorf("step %d is caused by step %d", step.N, step.Cause)
		}
	}
}

func TestSegmentsThatCross(t *testing.T) {
	p := newPlay()
	listening := p.enter(fsm.Server, "socket", -1, "")
	p.returns(listening, 3, "")
	p.call(fsm.Server, "listen", 3, "3, 5", 0)
	p.segment(fsm.Client, fsm.SYN, 0, 0, 0)
	p.segment(fsm.Server, fsm.SYN|fsm.ACK, 0, 1, 0)
	p.segment(fsm.Client, fsm.ACK, 1, 1, 0)
	p.segment(fsm.Client, fsm.FIN|fsm.ACK, 1, 1, 0)
	p.segment(fsm.Server, fsm.FIN|fsm.ACK, 1, 1, 0) // asks for the very octet that the FIN is
	p.segment(fsm.Client, fsm.ACK, 2, 2, 0)
	p.segment(fsm.Server, fsm.ACK, 2, 2, 0)
	p.truth(fsm.TimeWait, fsm.TimeWait)
	s := p.build()
	passed := map[fsm.Side]bool{}
	for i := range s.Steps {
		for _, change := range s.Steps[i].Transitions {
			if change.To == fsm.Closing {
				passed[change.Side] = true
			}
		}
	}
	if !passed[fsm.Client] || !passed[fsm.Server] {
		t.Errorf("through CLOSING went %v, want both sides", passed)
	}
	if s.Totals.Agree != 2 {
		t.Errorf("%d of %d agree: %+v", s.Totals.Agree, s.Totals.Checked, s.Steps[len(s.Steps)-1].Truths)
	}
}

// Of two segments on their way neither has arrived when the other side sends, and
// what other connections do meanwhile is nothing to them.
func TestSegmentsCrossBesideAnotherConnection(t *testing.T) {
	p := newPlay()
	p.segment(fsm.Client, fsm.SYN, 0, 0, 0)
	p.segment(fsm.Server, fsm.SYN|fsm.ACK, 0, 1, 0)
	p.segment(fsm.Client, fsm.ACK, 1, 1, 0)
	p.segment(fsm.Client, fsm.ACK, 1, 1, 10)
	p.segment(fsm.Client, fsm.ACK, 11, 1, 10)
	p.segment(fsm.Client, fsm.ACK, 21, 1, 0)
	other := p.events[len(p.events)-1].(story.Frame)
	other.Src = netip.MustParseAddrPort("127.0.0.1:40001")
	p.events[len(p.events)-1] = other
	p.segment(fsm.Server, fsm.ACK, 1, 1, 5) // acknowledges neither
	p.segment(fsm.Client, fsm.ACK, 21, 6, 0)
	s := p.build()
	crossing := 0
	for i := range s.Steps {
		step := &s.Steps[i]
		if step.Kind == story.SegmentSent && step.Side == fsm.Server && step.Frame.Segment.Len == 5 {
			crossing = step.N
		}
		if step.Kind == story.SegmentReceived && step.Frame.Segment.Len == 10 && crossing == 0 {
			t.Errorf("step %d: data arrives before the segment that it crosses was sent", step.N)
		}
	}
	if crossing == 0 {
		t.Fatal("the crossing segment is missing")
	}
}

func TestDisagreementIsCounted(t *testing.T) {
	p := handshakeAndClose()
	p.truth(fsm.FinWait2, fsm.Closed)
	s := p.build()
	if s.Totals.Checked-s.Totals.Agree != 1 {
		t.Errorf("%d of %d agree, want one disagreement", s.Totals.Agree, s.Totals.Checked)
	}
	last := s.Steps[len(s.Steps)-1]
	if len(last.Truths) != 2 || last.Truths[0].Agree || last.Truths[0].Model != fsm.TimeWait {
		t.Errorf("the last step's truths: %+v", last.Truths)
	}
}

func TestLimitAndForget(t *testing.T) {
	p := handshakeAndClose()
	b := story.NewBuilder(story.Meta{})
	b.Limit(10)
	b.Add(p.events...)
	s := b.Story()
	if len(s.Steps) < 10 || len(s.Steps) > 12 {
		t.Errorf("%d steps with a limit of 10", len(s.Steps))
	}
	if s.Totals.Segments != 9 || s.Totals.Unshown == 0 {
		t.Errorf("%d segments counted, %d not shown: want 9, and some", s.Totals.Segments, s.Totals.Unshown)
	}
	if s.Conns.At(1).State[fsm.Client] != fsm.TimeWait {
		t.Errorf("the summary stops with the steps: %v", s.Conns.At(1).State)
	}

	whole := handshakeAndClose().build()
	b = story.NewBuilder(story.Meta{})
	n := 0
	for _, e := range p.events {
		b.Add(e)
		part := b.Story()
		for i := range part.Steps {
			n++
			if part.Steps[i].N != n || part.At(n) == nil || part.Steps[i].Kind != whole.At(n).Kind {
				t.Fatalf("step %d has number %d and kind %d after forgetting", n, part.Steps[i].N, part.Steps[i].Kind)
			}
		}
		b.Forget()
	}
	if n != len(whole.Steps) {
		t.Errorf("%d steps in parts, %d in one", n, len(whole.Steps))
	}
}

func TestRelativeNumbers(t *testing.T) {
	s := handshakeAndClose().build()
	step := find(t, s, fsm.Server, story.SegmentReceived, "", fsm.PSH|fsm.ACK)
	if seq, ack := s.Relative(step.N); seq != 1 || ack != 1 {
		t.Errorf("data: seq=%d ack=%d, want 1 and 1", seq, ack)
	}
	p := newPlay()
	p.segment(fsm.Server, fsm.ACK, 700, 300, 20) // picked up mid-stream
	s = p.build()
	if seq, ack := s.Relative(find(t, s, fsm.Server, story.SegmentSent, "", fsm.ACK).N); seq != 1 || ack != 1 {
		t.Errorf("mid-stream: seq=%d ack=%d, want 1 and 1", seq, ack)
	}
}
