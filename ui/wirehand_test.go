package ui

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gdamore/tcell/v2"
	"github.com/google/go-cmp/cmp"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// handled is a wire that only notes what is wished of it.
type handled struct {
	mu     sync.Mutex
	wishes []string
}

func (h *handled) note(format string, args ...any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.wishes = append(h.wishes, fmt.Sprintf(format, args...))
}

// taken gives what was wished since the last time.
func (h *handled) taken() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	wishes := h.wishes
	h.wishes = nil
	return wishes
}

func (h *handled) Hold()                      { h.note("hold") }
func (h *handled) LetGo()                     { h.note("let go") }
func (h *handled) Act(frame int, act WireAct) { h.note("act %d on %d", act, frame) }
func (h *handled) Again(frame int)            { h.note("again from %d", frame) }
func (h *handled) Shown(frame int)            { h.note("shown %d", frame) }
func (h *handled) CaughtUp(time.Time)         { h.note("caught up") }
func (h *handled) Hurry()                     { h.note("hurry") }

// heldScript is a handshake whose SYN is held by hand, sent again, dropped, and whose
// second SYN is held.
func heldScript() *script {
	s := newScript()
	s.once(sv, -1, "socket", "AF_INET, SOCK_STREAM, 0", 3)
	s.once(sv, 3, "bind", "3, 127.0.0.1:10008", 0)
	s.once(sv, 3, "listen", "3, 5", 0)
	s.truth(sv, fsm.Listen)
	s.enter(sv, 3, "accept", "3", story.Text{})
	s.once(cl, -1, "socket", "AF_INET, SOCK_STREAM, 0", 3)
	s.enter(cl, 3, "connect", "3, 127.0.0.1:10008", story.Text{})
	syn := s.send(cl, fsm.SYN, 0, 0, "")
	s.truths()
	s.byHand(syn, story.Held)
	s.truths()
	s.time(time.Second)
	s.expires(cl, fsm.Retransmission)
	again := s.send(cl, fsm.SYN, 0, 0, "")
	s.truths()
	s.byHand(again, story.Held)
	s.truths()
	return s
}

// truths are the stacks' words while the client is in SYN-SENT.
func (s *script) truths() {
	s.truth(sv, fsm.Listen)
	s.truth(cl, fsm.SynSent)
}

func (s *script) byHand(frame int, what story.Impaired) {
	s.events = append(s.events, story.Impairment{Time: s.time(5 * time.Microsecond), Frame: frame, What: what, ByUser: true})
}

// on gives the story of the first n events of a script (0: all), played on a stage.
func (s *script) on(stage string, n int) *story.Story {
	part := *s
	if n > 0 {
		part.events = part.events[:n]
	}
	made := *part.story()
	made.Meta.Stage = stage
	return &made
}

// countTo gives the number of events up to and with the nth that the condition holds for.
func (s *script) countTo(nth int, is func(story.Event) bool) int {
	for i, e := range s.events {
		if is(e) {
			if nth--; nth == 0 {
				return i + 1
			}
		}
	}
	return 0
}

func isFrame(e story.Event) bool { _, ok := e.(story.Frame); return ok }
func isHeld(e story.Event) bool {
	i, ok := e.(story.Impairment)
	return ok && i.What == story.Held
}

// inHand gives a dashboard at the newest step of a story whose wire is held.
func inHand(s *story.Story, state WireState) (*dashboard, *handled) {
	wire := &handled{}
	d := newDashboard(Options{Wire: wire})
	d.size = rect{0, 0, 80, 24}
	state.Still = s.Meta.Stage == "sim"
	d.takeWire(state)
	d.show(s)
	d.send(playEvent{signal: resume})
	d.followWire()
	return d, wire
}

// TestHandScreens shows the screens of a wire that the user holds.
func TestHandScreens(t *testing.T) {
	script := heldScript()
	one, two := WireState{Performing: true, Holding: true, Waiting: []int{1}, Touched: true}, WireState{Performing: true, Holding: true, Waiting: []int{1, 2}, Touched: true}
	first := script.countTo(1, isHeld) + 2
	moments := []struct {
		name  string
		story *story.Story
		state WireState
		keys  []press
	}{
		{name: "sim", story: script.on("sim", first), state: one},
		{name: "wire", story: script.on("wire", first), state: one},
		{name: "two", story: script.on("sim", 0), state: two},
	}
	for _, m := range moments {
		for _, size := range screenSizes {
			name := fmt.Sprintf("hand-%s-%dx%d", m.name, size.w, size.h)
			t.Run(name, func(t *testing.T) {
				d, _ := inHand(m.story, m.state)
				golden(t, name, picture(t, d, size.w, size.h))
			})
		}
	}
	lesson := one
	lesson.Lesson = lang.Phrasef("the lesson drops it")
	for _, m := range []struct {
		name  string
		w, h  int
		state WireState
		ascii bool
		keys  []press
	}{
		{"hand-small-60x18", 60, 18, one, false, nil},
		{"hand-ascii-80x24", 80, 24, one, true, nil},
		{"hand-lesson-80x24", 80, 24, lesson, false, nil},
		{"hand-none-80x24", 80, 24, WireState{Performing: true, Holding: true}, false, nil},
		{"hand-earlier-80x24", 80, 24, one, false, []press{special(tcell.KeyLeft), special(tcell.KeyLeft), special(tcell.KeyLeft)}},
		{"hand-step-80x24", 80, 24, one, false, []press{special(tcell.KeyRight)}},
		{"hand-free-80x24", 80, 24, WireState{Performing: true}, false, nil},
	} {
		t.Run(m.name, func(t *testing.T) {
			d, _ := inHand(script.on("sim", first), m.state)
			if m.ascii {
				d.useASCII()
			}
			for _, p := range m.keys {
				d.press(p)
			}
			golden(t, m.name, picture(t, d, m.w, m.h))
		})
	}
	disagreeing := heldScript()
	disagreeing.truth(cl, fsm.Established)
	d, _ := inHand(disagreeing.on("sim", 0), one)
	golden(t, "hand-differs-80x24", picture(t, d, 80, 24))
}

// TestHandKeys presses the keys of a held wire.
func TestHandKeys(t *testing.T) {
	script := heldScript()
	held := script.countTo(1, isHeld)
	enter := special(tcell.KeyEnter)
	one, two := WireState{Performing: true, Holding: true, Waiting: []int{1}}, WireState{Performing: true, Holding: true, Waiting: []int{1, 2}}
	for _, c := range []struct {
		name  string
		stage string
		n     int // events that have happened
		state WireState
		keys  []press
		want  []string
		hint  string
	}{
		{"release", "sim", held, one, []press{enter}, []string{"act 0 on 1"}, ""},
		{"drop", "sim", held, one, []press{char('x')}, []string{"act 1 on 1"}, ""},
		{"duplicate", "wire", held, one, []press{char('2')}, []string{"act 2 on 1"}, ""},
		{"delay", "wire", held, one, []press{char('z')}, []string{"act 3 on 1"}, ""},
		{"swap", "sim", 0, two, []press{char('o')}, []string{"act 4 on 1"}, ""},
		{"swap with nothing", "sim", held, one, []press{char('o')}, nil, "o: no other segment of its direction waits behind it"},
		{"time", "sim", held, one, []press{char('a')}, []string{"act 5 on 1"}, ""},
		{"time runs", "wire", held, one, []press{char('a')}, nil, "a: the clock of stage wire is the real one: it runs by itself"},
		{"let go", "sim", held, one, []press{char('h')}, []string{"let go"}, ""},
		{"earlier, first there", "sim", held, one, []press{special(tcell.KeyHome), char('x')}, nil, "this is the segment that is held: press the key again"},
		{"earlier, then again", "sim", held, one, []press{special(tcell.KeyHome), char('x'), char('x')}, []string{"act 1 on 1"}, ""},
		{"end goes there", "sim", held, one, []press{special(tcell.KeyHome), special(tcell.KeyEnd), enter}, []string{"act 0 on 1"}, ""},
		{"a step", "sim", held, one, []press{special(tcell.KeyRight)}, nil, "→: the segment is held: enter releases it, x drops it"},
		{"not yet told", "sim", held - 1, one, []press{char('x')}, nil, "x: no segment waits now: the next one will stop half-way"},
		{"not held", "sim", held - 1, WireState{Performing: true}, []press{char('x')}, nil, "x: the wire is not held (h)"},
		{"hold", "sim", held - 1, WireState{Performing: true, Next: 1}, []press{char('h')}, []string{"shown 1", "hold"}, ""},
		{"hold what is over", "sim", held - 1, WireState{}, []press{char('h')}, []string{"again from 1"}, ""},
		{"hold where the clock runs", "wire", held - 1, WireState{Performing: true}, []press{char('h')}, []string{"again from 1"}, ""},
		{"hold on lo", "loopback", held, WireState{}, []press{char('h')}, nil, "h: nothing can be changed on lo: play the lesson with --stage wire or sim"},
		{"hurry", "sim", held - 1, WireState{Performing: true}, []press{special(tcell.KeyEnd)}, []string{"hurry"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, wire := inHand(script.on(c.stage, c.n), c.state)
			for _, p := range c.keys {
				d.press(p)
			}
			if diff := cmp.Diff(c.want, wire.taken()); diff != "" {
				t.Errorf("wishes (-want +got):\n%s", diff)
			}
			if d.hint != c.hint {
				t.Errorf("hint %q, want %q", d.hint, c.hint)
			}
		})
	}
	recorded := script.on("sim", 0)
	recorded.Meta.Recorded = true
	d, wire := inHand(recorded, WireState{})
	d.press(char('h'))
	if got := wire.taken(); got != nil || !strings.Contains(d.hint, "a recording cannot be changed") {
		t.Errorf("in a recording: %v, %q", got, d.hint)
	}
}

// TestHoldWhatIsOver takes the wire in hand in the middle of what has happened already:
// it is performed again, up to the segment that was to be seen next.
func TestHoldWhatIsOver(t *testing.T) {
	script := openedWire()
	for _, c := range []struct {
		frame int // whose sending is shown
		want  string
	}{{1, "again from 1"}, {2, "again from 2"}, {3, "again from 3"}} {
		d, wire := inHand(script.on("wire", 0), WireState{})
		sending := d.lastStep(c.frame, func(s *story.Step) bool { return s.Kind == story.SegmentSent })
		d.send(playEvent{signal: jump, n: d.view.Index(sending.N)})
		d.press(char('h'))
		if got := wire.taken(); !slices.Equal(got, []string{c.want}) {
			t.Errorf("frame %d: %v, want %s", c.frame, got, c.want)
		}
		d.beginPerformance()
		d.takeWire(WireState{Performing: true, Holding: true})
		d.show(script.on("wire", 8))
		if d.play.at != d.play.rows-1 || !d.play.follow {
			t.Errorf("frame %d: in the new performance at row %d of %d", c.frame, d.play.at, d.play.rows)
		}
	}
}

// TestScreenLeads plays a performance that waits for the screen: each segment goes on
// when it was seen half-way, or when the user steps on.
func TestScreenLeads(t *testing.T) {
	script := heldScript()
	n := script.countTo(1, isFrame)
	state := WireState{Still: true, Performing: true, Next: 1}
	playOn := func(d *dashboard) {
		for d.animating() {
			d.send(playEvent{signal: tick, passed: frameTime})
			d.followWire()
		}
	}
	t.Run("playing", func(t *testing.T) {
		wire := &handled{}
		d := newDashboard(Options{Wire: wire})
		d.takeWire(state)
		d.show(script.on("sim", n-1))
		playOn(d)
		if got := wire.taken(); got != nil {
			t.Errorf("%v before the segment was seen", got)
		}
		d.show(script.on("sim", n))
		for d.play.at < d.play.rows-1 || d.play.elapsed < glide/4 {
			d.send(playEvent{signal: tick, passed: frameTime})
			d.followWire()
		}
		if got := wire.taken(); got != nil {
			t.Errorf("%v before the segment is half-way", got)
		}
		playOn(d)
		if got := wire.taken(); !slices.Equal(got, []string{"shown 1"}) {
			t.Errorf("%v once the segment is half-way", got)
		}
		if flight := d.moment().flight; flight != 1 {
			t.Errorf("the segment has come %v of its way", flight)
		}
	})
	t.Run("stepping", func(t *testing.T) {
		wire := &handled{}
		d := newDashboard(Options{Wire: wire, Paused: true})
		d.takeWire(state)
		d.show(script.on("sim", n))
		for range d.play.rows - 1 {
			d.press(special(tcell.KeyRight))
			d.followWire()
		}
		if got := wire.taken(); got != nil || d.play.at != d.play.rows-1 {
			t.Fatalf("%v at row %d of %d", got, d.play.at, d.play.rows)
		}
		d.press(special(tcell.KeyRight))
		d.followWire()
		if got := wire.taken(); !slices.Equal(got, []string{"shown 1"}) {
			t.Errorf("%v when the user steps on", got)
		}
		before := d.play.at
		d.show(script.on("sim", 0))
		if d.play.at != before+1 || d.play.playing {
			t.Errorf("from row %d to row %d, playing: %v", before, d.play.at, d.play.playing)
		}
	})
	t.Run("paused", func(t *testing.T) {
		d, wire := inHand(script.on("sim", n), state)
		wire.taken()
		d.press(char(' '))
		d.takeWire(state)
		d.let = 0
		d.followWire()
		if got := wire.taken(); got != nil || d.play.waiting {
			t.Errorf("%v while paused", got)
		}
		d.press(char(' '))
		d.followWire()
		if got := wire.taken(); !slices.Equal(got, []string{"shown 1"}) || d.play.at != d.play.rows-1 {
			t.Errorf("%v at row %d of %d when it plays on", got, d.play.at, d.play.rows)
		}
	})
}

// TestHandOnAScreen holds a segment in a dashboard on a simulated terminal.
func TestHandOnAScreen(t *testing.T) {
	script, wire := heldScript(), &handled{}
	a := New(Options{Wire: wire, Speed: 8})
	screen, ended := start(t, a, 80, 24)
	a.Begin()
	a.Wire(WireState{Still: true, Performing: true, Holding: true})
	a.Show(script.on("sim", script.countTo(1, isFrame)))
	screen.until(t, "the next one will stop half-way")
	a.Wire(WireState{Still: true, Performing: true, Holding: true, Waiting: []int{1}, Touched: true})
	a.Show(script.on("sim", script.countTo(1, isHeld)))
	screen.until(t, "WIRE HELD: the client's SYN (#1) waits half-way. The clock stands still.")
	screen.press(char('a'))
	a.Wire(WireState{Still: true, Performing: true, Holding: true, Waiting: []int{1, 2}, Touched: true})
	a.Show(script.on("sim", 0))
	screen.until(t, "1 more behind it")
	screen.press(char('?'))
	screen.until(t, "on a held wire: drop it")
	screen.press(special(tcell.KeyEscape))
	screen.until(t, "WIRE HELD: the client's SYN")
	a.Wire(WireState{Still: true, Performing: true, Holding: true, Waiting: []int{1, 2}, Note: lang.Phrasef("no timer runs: time changes nothing")})
	screen.until(t, "WIRE HELD  no timer runs")
	screen.press(char('x')) // the next key takes the note away
	screen.until(t, "WIRE HELD: the client's SYN")
	a.Wire(WireState{})
	screen.until(t, " end ")
	screen.press(char('q'))
	finish(t, ended)
	if got, want := wire.taken(), []string{"act 5 on 1", "act 1 on 1"}; !slices.Equal(got, want) {
		t.Errorf("wishes %v, want %v", got, want)
	}
}

// TestWhyNotHeld shows why a wire cannot be held, whole, on the smallest of the three screens.
func TestWhyNotHeld(t *testing.T) {
	recorded := heldScript().on("sim", 0)
	recorded.Meta.Recorded = true
	for _, c := range []struct {
		s    *story.Story
		wire Wire
		want string
	}{
		{connectionStory(t), &handled{}, "h: nothing can be changed on lo: play the lesson with --stage wire or sim"},
		{recorded, nil, "h: a recording cannot be changed: play the lesson with tcpviz demo"},
		{connectionStory(t), nil, "h: only the wire of a lesson can be held: tcpviz demo --hold"},
	} {
		d := newDashboard(Options{Paused: true, Wire: c.wire})
		d.show(c.s)
		d.press(char('h'))
		if got := picture(t, d, 80, 24); !strings.Contains(got, c.want) {
			t.Errorf("%q is missing:\n%s", c.want, got)
		}
	}
}
