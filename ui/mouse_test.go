package ui

import (
	"strings"
	"sync"
	"testing"

	"github.com/gdamore/tcell/v2"

	"tcpviz/fsm"
	"tcpviz/internal/story"
)

// find gives where a text stands on the screen, the last line first.
func find(t *testing.T, picture, text string) (x, y int) {
	t.Helper()
	lines := strings.Split(picture, "\n")
	for y := len(lines) - 1; y >= 0; y-- {
		if before, _, ok := strings.Cut(lines[y], text); ok {
			return textWidth(before), y
		}
	}
	t.Fatalf("no %q in\n%s", text, picture)
	return 0, 0
}

// clicking gives a dashboard at its end, and clicks on the middle of a text of it.
func clicking(t *testing.T, w, h int, o Options) (d *dashboard, click func(text string) *story.Step) {
	o.Paused = true
	d = newDashboard(o)
	d.show(connectionStory(t))
	d.send(playEvent{signal: last})
	return d, func(text string) *story.Step {
		t.Helper()
		x, y := find(t, picture(t, d, w, h), text)
		d.click(x+textWidth(text)/2, y)
		return d.moment().step()
	}
}

func TestClickOnASegment(t *testing.T) {
	for _, o := range []Options{{}, {Preferences: Preferences{Large: true}}} {
		text := "FIN ACK seq=4 ack=8"
		if o.Preferences.Large {
			text = "seq=4 ack=8"
		}
		_, click := clicking(t, 80, 24, o)
		if s := click(text); s.Kind != story.SegmentSent || s.Side != fsm.Server || !s.Frame.Segment.Flags.Has(fsm.FIN) {
			t.Errorf("the first click goes to step %d", s.N)
		}
		if s := click(text); s.Kind != story.SegmentReceived || s.Side != fsm.Client {
			t.Errorf("the second click goes to step %d", s.N)
		}
	}
}

func TestClickOnACall(t *testing.T) {
	_, click := clicking(t, 200, 60, Options{})
	text := `connect(3, 127.0.0.1:10008)`
	if s := click(text); s.Kind != story.CallEnter || s.Call.Op != "connect" {
		t.Errorf("the first click goes to step %d", s.N)
	}
	if s := click(text); s.Kind != story.CallReturn || s.Call.Op != "connect" {
		t.Errorf("the second click goes to step %d", s.N)
	}
}

// A state is clicked on its lifeline or in the diagram: the step is gone to at which the
// side came into it.
func TestClickOnAState(t *testing.T) {
	came := func(s *story.Step, side fsm.Side, state fsm.State) bool {
		for _, c := range s.Transitions {
			if c.Side == side && c.To == state && c.Changed() {
				return true
			}
		}
		return false
	}
	d, click := clicking(t, 200, 60, Options{})
	for _, c := range []struct {
		text  string
		side  fsm.Side
		state fsm.State
	}{
		{"◉ LAST-ACK", fsm.Server, fsm.LastAck}, {"SYN-SENT ◉", fsm.Client, fsm.SynSent}, {"◉ LISTEN", fsm.Server, fsm.Listen},
		{"ESTABLISHED ◉", fsm.Client, fsm.Established}, {"◉ ESTABLISHED", fsm.Server, fsm.Established},
	} {
		d.send(playEvent{signal: last})
		if s := click(c.text); !came(s, c.side, c.state) {
			t.Errorf("%s: step %d", c.text, s.N)
		}
	}
	// In the diagram: the client's half, the server's half, one that only one side was in.
	d.send(playEvent{signal: last})
	drawn := picture(t, d, 200, 60)
	l, _ := d.layout(200, 60)
	r := l.rects[diagramPanel]
	i, dx, dy := d.diagram.place(r.w, r.h-1)
	for _, c := range []struct {
		state fsm.State
		left  bool
		side  fsm.Side
	}{{fsm.Established, true, fsm.Client}, {fsm.Established, false, fsm.Server}, {fsm.TimeWait, false, fsm.Client}, {fsm.LastAck, true, fsm.Server}} {
		for _, n := range d.diagram.figures[i].nodes {
			if n.state != c.state {
				continue
			}
			x := r.x + dx + n.x + n.w - 2
			if c.left {
				x = r.x + dx + n.x + 1
			}
			d.send(playEvent{signal: last})
			d.click(x, r.y+1+dy+n.y+n.h/2)
			if s := d.moment().step(); !came(s, c.side, c.state) {
				t.Errorf("%s, left half %v: step %d\n%s", c.state, c.left, s.N, drawn)
			}
		}
	}
	d.send(playEvent{signal: last})
	before := d.play.at
	for _, n := range d.diagram.figures[i].nodes {
		if n.state == fsm.Closing {
			d.click(r.x+dx+n.x+1, r.y+1+dy+n.y+1)
		}
	}
	if d.play.at != before || !strings.Contains(d.hint, "CLOSING") {
		t.Errorf("a state that nobody was in: at %d, %q", d.play.at, d.hint)
	}
}

// A state that a side came into twice is gone to in turn.
func TestClicksOnAStateGoRound(t *testing.T) {
	s := newScript()
	for range 2 {
		s.once(fsm.Server, -1, "socket", "AF_INET, SOCK_STREAM, 0", 3)
		s.once(fsm.Server, 3, "bind", "3, 127.0.0.1:10008", 0)
		s.once(fsm.Server, 3, "listen", "3, 5", 0)
		s.once(fsm.Server, 3, "close", "3", 0)
	}
	d := newDashboard(Options{Paused: true})
	d.show(s.story())
	rows := d.entries(fsm.Server, fsm.Listen)
	if len(rows) != 2 {
		t.Fatalf("LISTEN at the rows %v", rows)
	}
	d.send(playEvent{signal: last})
	for _, want := range []int{rows[0], rows[1], rows[0]} {
		picture(t, d, 200, 60)
		l, _ := d.layout(200, 60)
		r := l.rects[diagramPanel]
		i, dx, dy := d.diagram.place(r.w, r.h-1)
		for _, n := range d.diagram.figures[i].nodes {
			if n.state == fsm.Listen {
				d.click(r.x+dx+n.x+n.w-2, r.y+1+dy+n.y+1)
			}
		}
		if d.play.at != want {
			t.Fatalf("at %d, want %d", d.play.at, want)
		}
	}
}

func TestClickOnTheFooter(t *testing.T) {
	for _, o := range []Options{{}, {Preferences: Preferences{Large: true}}} {
		d, click := clicking(t, 80, 24, o)
		d.send(playEvent{signal: first})
		click("→ step")
		if d.play.at != 0 {
			t.Errorf("step: at %d", d.play.at)
		}
		click("space play")
		if !d.play.playing {
			t.Error("play: it does not play")
		}
		click("space pause")
		if d.play.playing {
			t.Error("pause: it plays")
		}
		click("? help")
		if !d.help {
			t.Error("help: it is not open")
		}
	}
}

// mouseTold is a screen that notes what it is told of the mouse.
type mouseTold struct {
	*watched
	mu sync.Mutex
	on bool
}

func (m *mouseTold) EnableMouse(flags ...tcell.MouseFlags) { m.set(true) }
func (m *mouseTold) DisableMouse()                         { m.set(false) }
func (m *mouseTold) set(on bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.on = on
}
func (m *mouseTold) told() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.on
}

// M gives the mouse to the terminal at once, and takes it back.
func TestMouseSwitch(t *testing.T) {
	for _, begin := range []bool{true, false} {
		a := New(Options{Paused: true, NoMouse: !begin})
		sim := tcell.NewSimulationScreen("UTF-8")
		if err := sim.Init(); err != nil {
			t.Fatal(err)
		}
		sim.SetSize(120, 30)
		screen := &mouseTold{watched: &watched{SimulationScreen: sim, changed: make(chan struct{}, 1)}}
		a.UseScreen(screen)
		ended := make(chan error, 1)
		go func() { ended <- a.Run() }()
		t.Cleanup(a.Stop)
		a.Show(connectionStory(t))
		screen.until(t, " 1/48 ")
		if screen.told() != begin {
			t.Errorf("at the beginning the mouse is on: %v, want %v", screen.told(), begin)
		}
		for _, on := range []bool{!begin, begin} {
			screen.press(char('M'))
			words := "the mouse is off"
			if on {
				words = "the mouse is on"
			}
			screen.until(t, words)
			if screen.told() != on {
				t.Errorf("the mouse is on: %v, want %v", screen.told(), on)
			}
		}
		screen.press(char('q'))
		finish(t, ended)
	}
}
