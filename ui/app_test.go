package ui

import (
	"errors"
	"fmt"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gdamore/tcell/v2"

	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// watched is a simulated terminal that keeps the newest picture on it.
type watched struct {
	tcell.SimulationScreen
	mu      sync.Mutex
	picture string
	changed chan struct{}
	shown   atomic.Int64
}

// Show draws, in the event loop, and keeps what is seen.
func (w *watched) Show() {
	w.SimulationScreen.Show()
	w.mu.Lock()
	w.picture = screenText(w.SimulationScreen)
	w.mu.Unlock()
	w.shown.Add(1)
	select {
	case w.changed <- struct{}{}:
	default:
	}
}

func (w *watched) see() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.picture
}

// until waits for a picture that the text occurs in.
func (w *watched) until(t *testing.T, text string) string {
	t.Helper()
	deadline := time.After(time.Minute)
	for {
		if p := w.see(); strings.Contains(p, text) {
			return p
		}
		select {
		case <-w.changed:
		case <-deadline:
			t.Fatalf("%q does not appear in\n%s", text, w.see())
		}
	}
}

func (w *watched) press(keys ...press) {
	for _, k := range keys {
		w.InjectKey(k.key, k.r, tcell.ModNone)
	}
}

// start runs an app on a simulated terminal; ended gives Run's error.
func start(t *testing.T, a *App, width, height int) (screen *watched, ended <-chan error) {
	t.Helper()
	sim := tcell.NewSimulationScreen("UTF-8")
	if err := sim.Init(); err != nil {
		t.Fatal(err)
	}
	sim.SetSize(width, height)
	screen = &watched{SimulationScreen: sim, changed: make(chan struct{}, 1)}
	a.UseScreen(screen)
	done := make(chan error, 1)
	go func() { done <- a.Run() }()
	t.Cleanup(a.Stop)
	return screen, done
}

func finish(t *testing.T, ended <-chan error) {
	t.Helper()
	select {
	case err := <-ended:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(time.Minute):
		t.Fatal("Run does not end")
	}
}

func TestKeysMoveTheStory(t *testing.T) {
	a := New(Options{Paused: true})
	screen, ended := start(t, a, 80, 24)
	a.Show(connectionStory(t))
	screen.until(t, " 1/48 ")
	for _, c := range []struct {
		press press
		want  string
	}{
		{special(tcell.KeyRight), " 2/48 "},
		{char('n'), " 3/48 "},
		{special(tcell.KeyLeft), " 2/48 "},
		{char('s'), " 6/48 "},
		{char('s'), " 11/48 "},
		{char('S'), " 6/48 "},
		{special(tcell.KeyEnd), " end  48/48 "},
		{special(tcell.KeyHome), " 0/48 "},
		{special(tcell.KeyPgDn), " 10/48 "},
		{special(tcell.KeyPgUp), " 0/48 "},
		{char('+'), "2×"},
		{char('-'), " 1×"},
		{char('d'), "state machine"},
		{char('b'), "segment"},
		{char('w'), "what happened"},
		{char('?'), "help"},
		{special(tcell.KeyEscape), " 0/48 "},
		{char('c'), "1 connection"},
		{special(tcell.KeyEnter), " 0/48 "},
		{char('l'), "there are no lessons"},
		{char(' '), "▶ 1×"},
		{char(' '), "‖ 1×"},
	} {
		screen.press(c.press)
		screen.until(t, c.want)
	}
	screen.press(char('q'))
	finish(t, ended)
}

// TestForwardAndBackAreTheSame steps to the end and back to the start: each step
// looks the same both ways.
func TestForwardAndBackAreTheSame(t *testing.T) {
	for _, size := range screenSizes {
		t.Run(fmt.Sprintf("%dx%d", size.w, size.h), func(t *testing.T) {
			d := newDashboard(Options{Paused: true})
			d.show(connectionStory(t))
			d.send(playEvent{signal: first})
			var seen []string
			for {
				seen = append(seen, picture(t, d, size.w, size.h))
				before := d.play.at
				d.press(special(tcell.KeyRight))
				if d.play.at == before {
					break
				}
			}
			if len(seen) != d.play.rows+1 {
				t.Fatalf("%d screens of %d rows", len(seen), d.play.rows)
			}
			d.press(special(tcell.KeyEnd)) // takes away the word that this is the last step
			for i := len(seen) - 1; i >= 0; i-- {
				if got := picture(t, d, size.w, size.h); got != seen[i] {
					t.Fatalf("step %d looks different on the way back:\n%s\nwas\n%s", i, got, seen[i])
				}
				d.press(special(tcell.KeyLeft))
			}
		})
	}
}

func TestSegmentGlides(t *testing.T) {
	a := New(Options{Speed: 1})
	screen, ended := start(t, a, 80, 24)
	a.Show(connectionStory(t))
	screen.until(t, "▶ 1×")
	screen.press(special(tcell.KeyHome), char('s'), char('s')) // the SYN is sent
	screen.until(t, " 11/48 ")
	screen.press(char(' '))
	underway := regexp.MustCompile(`◉[─ A-Za-z=0-9]*● +│`)
	deadline := time.After(time.Minute)
	places := map[string]bool{}
	for len(places) < 5 {
		select {
		case <-screen.changed:
			if found := underway.FindString(screen.see()); found != "" {
				places[found] = true
			}
		case <-deadline:
			t.Fatalf("the SYN was seen at %d places on its way", len(places))
		}
	}
	a.Stop()
	finish(t, ended)
}

// TestPausedDoesNothing looks at a paused dashboard for a while: no frame is drawn.
func TestPausedDoesNothing(t *testing.T) {
	a := New(Options{Paused: true})
	screen, ended := start(t, a, 80, 24)
	a.Show(connectionStory(t))
	screen.until(t, " 1/48 ")
	screen.press(char(' '))
	screen.until(t, "▶ 1×")
	screen.press(char(' '))
	screen.until(t, "‖ 1×")
	// A tick may have been on its way when it was paused.
	for quiet := false; !quiet; {
		select {
		case <-screen.changed:
		case <-time.After(3 * frameTime):
			quiet = true
		}
	}
	before := screen.shown.Load()
	<-time.After(10 * frameTime)
	if n := screen.shown.Load() - before; n != 0 {
		t.Errorf("%d frames were drawn while paused", n)
	}
	a.Stop()
	finish(t, ended)
}

// TestNothingDeadlocks calls everything from everywhere, before, during and after Run.
func TestNothingDeadlocks(t *testing.T) {
	before := runtime.NumGoroutine()
	s := connectionStory(t)
	var a *App
	a = New(Options{Lessons: lessonItems(), Play: func(id string) {
		// In the event loop, as a careless caller might.
		a.Status(lang.Phrasef("running %s", id))
		a.Show(s)
		a.Fail(errors.New(id + " failed"))
	}})
	a.Status(lang.Phrasef("before"))
	a.Show(s)
	screen, ended := start(t, a, 120, 40)
	screen.until(t, "step")
	var callers sync.WaitGroup
	for i := range 8 {
		callers.Go(func() {
			for j := range 200 {
				switch (i + j) % 4 {
				case 0:
					a.Show(s)
				case 1:
					a.Status(lang.Phrasef("status %d", j))
				case 2:
					a.Fail(errors.New("failure"))
				case 3:
					a.Fail(nil)
				}
			}
		})
	}
	for _, p := range []press{char('x'), char('l'), special(tcell.KeyDown), special(tcell.KeyEnter), char('x'), char(' '), char('?'), special(tcell.KeyEscape), char('d')} {
		screen.press(p)
	}
	callers.Wait()
	for range 4 {
		callers.Go(a.Stop)
	}
	finish(t, ended)
	callers.Wait()
	a.Show(s)
	a.Status(lang.Phrasef("after"))
	a.Fail(errors.New("after"))
	a.Stop()
	for deadline := time.Now().Add(time.Minute); runtime.NumGoroutine() > before; {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines before, %d after", before, runtime.NumGoroutine())
		}
		runtime.Gosched()
	}
}

func TestStopBeforeRun(t *testing.T) {
	a := New(Options{})
	a.Stop()
	_, ended := start(t, a, 80, 24)
	finish(t, ended)
}

func TestControlCQuits(t *testing.T) {
	a := New(Options{})
	screen, ended := start(t, a, 80, 24)
	screen.until(t, "waiting")
	screen.press(char('?'), special(tcell.KeyCtrlC))
	finish(t, ended)
}

func TestMouse(t *testing.T) {
	a := New(Options{Paused: true})
	screen, ended := start(t, a, 80, 24)
	a.Show(connectionStory(t))
	screen.until(t, " 1/48 ")
	screen.InjectMouse(30, 10, tcell.WheelDown, tcell.ModNone)
	screen.until(t, " 2/48 ")
	screen.InjectMouse(30, 10, tcell.WheelUp, tcell.ModNone)
	screen.until(t, " 1/48 ")
	screen.press(special(tcell.KeyEnd))
	p := screen.until(t, " 48/48 ")
	for y, line := range strings.Split(p, "\n") {
		if strings.Contains(line, "FIN-WAIT-1 ◉") {
			screen.InjectMouse(30, y, tcell.ButtonPrimary, tcell.ModNone)
			screen.InjectMouse(30, y, tcell.ButtonNone, tcell.ModNone)
		}
	}
	p = screen.until(t, "‖ 1×")
	if !strings.Contains(p, "▸              FIN-WAIT-1 ◉") {
		t.Errorf("the click did not select the row:\n%s", p)
	}
	a.Stop()
	finish(t, ended)
}

func TestResize(t *testing.T) {
	a := New(Options{Paused: true})
	screen, ended := start(t, a, 80, 24)
	a.Show(connectionStory(t))
	screen.until(t, " 1/48 ")
	for _, size := range []struct {
		w, h int
		want string
	}{{120, 40, "step 1/48"}, {50, 10, "too small"}, {200, 60, "step 1/48"}, {80, 24, "  1/48"}} {
		screen.SetSize(size.w, size.h)
		if err := screen.PostEvent(tcell.NewEventResize(size.w, size.h)); err != nil {
			t.Fatal(err)
		}
		screen.until(t, size.want)
	}
	d := newDashboard(Options{Paused: true})
	d.show(connectionStory(t))
	if got, want := screen.see(), picture(t, d, 80, 24); got != want {
		t.Errorf("after resizing:\n%s\nwant\n%s", got, want)
	}
	a.Stop()
	finish(t, ended)
}

// TestGrowingStory shows a story that grows while it is watched.
func TestGrowingStory(t *testing.T) {
	whole := connectionScript()
	part := func(n int) *story.Story {
		s := *whole
		s.events = s.events[:n]
		return s.story()
	}
	t.Run("keeps its place", func(t *testing.T) {
		d := newDashboard(Options{Paused: true})
		d.show(part(8))
		d.send(playEvent{signal: jump, n: 4})
		step := d.moment().step().N
		d.show(part(20))
		if d.moment().step().N != step || d.view.Conn != 1 {
			t.Errorf("at step %d of connection %d", d.moment().step().N, d.view.Conn)
		}
	})
	t.Run("goes on playing", func(t *testing.T) {
		d := newDashboard(Options{})
		d.show(part(5))
		for d.animating() {
			d.send(playEvent{signal: tick, passed: frameTime})
		}
		d.show(part(20))
		if !d.animating() {
			t.Error("it stays at the old end")
		}
	})
	t.Run("live follows the newest", func(t *testing.T) {
		d := newDashboard(Options{Live: true})
		for n := 5; n < 30; n += 5 {
			d.show(part(n))
			if d.play.at != d.play.rows-1 {
				t.Fatalf("at row %d of %d", d.play.at, d.play.rows)
			}
		}
		d.press(special(tcell.KeyLeft))
		at := d.play.at
		d.show(whole.story())
		if d.play.at != at {
			t.Error("it moved although the user stepped back")
		}
		d.press(special(tcell.KeyEnd))
		if !d.play.follow {
			t.Error("the end is not followed")
		}
	})
	t.Run("live lists several connections", func(t *testing.T) {
		d := newDashboard(Options{Live: true})
		d.show(manyConnections(t))
		if d.list.kind != connectionList {
			t.Error("there is no list")
		}
	})
	t.Run("another lesson begins anew", func(t *testing.T) {
		asked := ""
		d := newDashboard(Options{Paused: true, Lessons: lessonItems(), Play: func(id string) { asked = id }})
		d.show(whole.story())
		d.send(playEvent{signal: last})
		d.press(char('l'))
		d.press(special(tcell.KeyEnter))
		d.show(whole.story())
		if asked != "connection" || d.play.at != 0 {
			t.Errorf("asked for %q, at row %d", asked, d.play.at)
		}
	})
}
