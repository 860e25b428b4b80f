package ui

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/gdamore/tcell/v2"
	"github.com/rivo/tview"

	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// App is the dashboard in a terminal. Show, Begin, Wire, Fail, Status, Progress and
// Stop may be called from any goroutine, before, during and after Run; none of them waits.
type App struct {
	dashboard *dashboard // the event loop's alone
	screen    tcell.Screen
	frame     frame
	last      time.Time // when the playback was last brought on
	ticking   bool      // what the ticker was told last
	mousing   bool      // the terminal was told to tell of the mouse
	tview     *tview.Application
	animate   chan bool // tells the ticker whether to tick

	mu      sync.Mutex
	inbox   inbox
	running bool // the event loop takes events
	stopped bool
}

// inbox is what other goroutines have left for the event loop.
type inbox struct {
	story    *story.Story
	err      error
	status   *lang.Phrase
	progress *Progress
	begun    bool // what is shown from now on is another performance
	wire     *WireState
}

// frameTime is the time between two frames while something moves.
const frameTime = 35 * time.Millisecond

// hurry is how many more times as fast is played what lags behind stacks whose clocks run.
const hurry = 3

// wakeKey is a key that no terminal has: the event that makes the event loop look
// into its inbox. An event can be posted without waiting, from anywhere and at any
// time; tview's own queue of updates blocks for ever in a key handler and after
// the end.
const wakeKey = tcell.Key(0x7ffe)

// New gives a dashboard that is not yet on a screen.
func New(o Options) *App {
	return &App{dashboard: newDashboard(o), animate: make(chan bool, 1)}
}

// Show shows a story: another one than before from its beginning, the same one
// (it has grown) at the position that is shown.
func (a *App) Show(s *story.Story) { a.leave(func(in *inbox) { in.story = s }) }

// Begin tells that the stories from now on are those of another performance, even
// where it is one of the same lesson.
func (a *App) Begin() {
	a.leave(func(in *inbox) { in.begun, in.story, in.wire = true, nil, nil })
}

// Wire tells how the wire stands that is in the user's hand.
func (a *App) Wire(s WireState) { a.leave(func(in *inbox) { in.wire = &s }) }

// Fail shows an error until the user has dismissed it.
func (a *App) Fail(err error) {
	if err != nil {
		a.leave(func(in *inbox) { in.err = err })
	}
}

// Status tells what is going on ("running the lesson…"); the zero phrase takes it away.
func (a *App) Status(text lang.Phrase) { a.leave(func(in *inbox) { in.status = &text }) }

// Progress tells how far a capture has been read.
func (a *App) Progress(p Progress) { a.leave(func(in *inbox) { in.progress = &p }) }

// Stop ends Run and gives the terminal back. It does nothing the second time.
func (a *App) Stop() {
	a.mu.Lock()
	a.stopped = true
	a.mu.Unlock()
	a.leave(func(*inbox) {})
}

// leave puts something into the inbox and wakes the event loop.
func (a *App) leave(put func(in *inbox)) {
	a.mu.Lock()
	put(&a.inbox)
	screen := a.screen
	awake := a.running
	a.mu.Unlock()
	if awake {
		wake(screen)
	}
}

// wake posts the event that makes the event loop look into its inbox. When the
// queue is full there are other events in it, and each of them does that too.
func wake(screen tcell.Screen) { _ = screen.PostEvent(tcell.NewEventKey(wakeKey, 0, tcell.ModNone)) }

// UseScreen makes Run draw on a screen that is ready (its Init was called) instead
// of the terminal.
func (a *App) UseScreen(s tcell.Screen) { a.screen = s }

// Run shows the dashboard until the user quits or Stop is called. The terminal is
// then as it was before, also after a panic.
func (a *App) Run() (err error) {
	screen := a.screen
	if screen == nil {
		if screen, err = openScreen(); err != nil {
			return err
		}
	}
	defer screen.Fini()
	a.frame.letters = screen.CharacterSet() == "UTF-8"
	if !a.frame.letters {
		a.dashboard.useASCII()
	}
	a.dashboard.useColours(screen.Colors())
	a.setMouse(screen)
	a.last = time.Now()
	quiet := &quietScreen{Screen: screen}
	a.tview = tview.NewApplication()
	a.tview.SetScreen(quiet)
	a.tview.EnablePaste(true)
	a.tview.SetRoot(&surface{Box: tview.NewBox(), app: a, screen: quiet}, true)
	a.tview.SetInputCapture(func(e *tcell.EventKey) *tcell.EventKey {
		a.key(e)
		return nil
	})
	a.mu.Lock()
	a.screen, a.running = screen, !a.stopped
	stopped := a.stopped
	a.mu.Unlock()
	if stopped {
		return nil
	}
	a.receive()
	a.dashboard.followWire()
	a.setTicker(a.dashboard.animating())

	done, ended := make(chan struct{}), make(chan struct{})
	go a.tick(screen, done, ended)
	defer func() {
		close(done)
		<-ended
		a.mu.Lock()
		a.running, a.stopped = false, true
		a.mu.Unlock()
	}()
	if err := a.tview.Run(); err != nil {
		return lang.Errorf("ui: draw on the terminal: %w", err)
	}
	return nil
}

// tick wakes the event loop at the rate of frames as long as something moves. It is the
// only goroutine of the dashboard and ends with Run.
func (a *App) tick(screen tcell.Screen, done <-chan struct{}, ended chan<- struct{}) {
	defer close(ended)
	ticker := time.NewTicker(frameTime)
	ticker.Stop()
	for {
		select {
		case <-done:
			ticker.Stop()
			return
		case on := <-a.animate:
			if on {
				ticker.Reset(frameTime)
			} else {
				ticker.Stop()
			}
		case <-ticker.C:
			wake(screen)
		}
	}
}

// key handles a key, the wake key among them, in the event loop.
func (a *App) key(e *tcell.EventKey) {
	a.advance()
	if e.Key() != wakeKey {
		a.dashboard.press(pressed(e))
		a.setMouse(a.screen)
	}
	a.settle()
}

// mouse handles a click or a turn of the wheel in the event loop.
func (a *App) mouse(action tview.MouseAction, x, y int) bool {
	switch action {
	case tview.MouseLeftClick:
		a.advance()
		a.dashboard.click(x, y)
	case tview.MouseLeftDoubleClick:
		a.advance()
		a.dashboard.clickAgain(x, y)
	case tview.MouseScrollUp, tview.MouseScrollDown:
		a.advance()
		a.dashboard.wheel(action == tview.MouseScrollDown)
	default:
		return false
	}
	a.settle()
	return true
}

// advance lets the time that has passed pass in the playback, and takes what is in the inbox.
func (a *App) advance() {
	now := time.Now()
	passed := now.Sub(a.last)
	a.last = now
	if a.dashboard.animating() {
		a.dashboard.send(playEvent{signal: tick, passed: passed})
		for range hurry {
			if a.dashboard.hurries() {
				a.dashboard.send(playEvent{signal: tick, passed: passed})
			}
		}
	}
	a.receive()
	if a.dashboard.list.kind == connectionList {
		a.dashboard.conns.refresh(false)
	}
}

// settle makes what was done known to the ticker and to tview.
func (a *App) settle() {
	a.dashboard.followWire()
	a.mu.Lock()
	stopped := a.stopped
	a.mu.Unlock()
	if a.dashboard.quit || stopped {
		a.tview.Stop()
		return
	}
	a.setTicker(a.dashboard.animating())
}

// setTicker starts or stops the ticker. Only the newest wish counts.
func (a *App) setTicker(on bool) {
	if on == a.ticking {
		return
	}
	a.ticking = on
	select {
	case <-a.animate:
	default:
	}
	a.animate <- on
}

// receive takes what other goroutines left.
func (a *App) receive() {
	a.mu.Lock()
	in := a.inbox
	a.inbox = inbox{}
	a.mu.Unlock()
	if in.status != nil {
		a.dashboard.status = *in.status
	}
	if in.progress != nil {
		a.dashboard.takeProgress(*in.progress)
	}
	if in.begun {
		a.dashboard.beginPerformance()
	}
	if in.story != nil {
		a.dashboard.show(in.story)
	}
	if in.wire != nil {
		a.dashboard.takeWire(*in.wire)
	}
	if in.err != nil {
		a.dashboard.fail(in.err)
	}
}

// surface is the one primitive that tview knows: the whole screen.
type surface struct {
	*tview.Box
	app    *App
	screen *quietScreen
}

// Draw draws the dashboard and gives what has changed to the screen.
func (s *surface) Draw(tcell.Screen) {
	a := s.app
	w, h := s.screen.Size()
	a.frame.ascii, a.frame.blank = a.dashboard.options.ASCII, a.dashboard.theme.base
	all := a.frame.begin(w, h)
	if s.screen.resized.Swap(false) {
		a.frame.fresh = true
	}
	a.dashboard.draw(all)
	a.frame.show(s.screen.Screen)
}

// MouseHandler gives clicks and the wheel to the dashboard.
func (s *surface) MouseHandler() func(tview.MouseAction, *tcell.EventMouse, func(tview.Primitive)) (bool, tview.Primitive) {
	return func(action tview.MouseAction, e *tcell.EventMouse, _ func(tview.Primitive)) (bool, tview.Primitive) {
		x, y := e.Position()
		return s.app.mouse(action, x, y), nil
	}
}

// PasteHandler gives text that was pasted to the dashboard.
func (s *surface) PasteHandler() func(string, func(tview.Primitive)) {
	return func(text string, _ func(tview.Primitive)) {
		s.app.advance()
		s.app.dashboard.paste(text)
		s.app.settle()
	}
}

// quietScreen is a screen for tview that is opened already, and that tview's
// clearing before each frame does not make forget what it shows.
type quietScreen struct {
	tcell.Screen
	resized atomic.Bool // its size was another one in between: nothing on it is certain
}

// Init does nothing: the screen was opened, and its error told, before.
func (*quietScreen) Init() error { return nil }

// Clear does nothing: a frame covers every cell.
func (*quietScreen) Clear() {}

// PollEvent notes when the size changes.
func (s *quietScreen) PollEvent() tcell.Event {
	e := s.Screen.PollEvent()
	if _, ok := e.(*tcell.EventResize); ok {
		s.resized.Store(true)
	}
	return e
}
