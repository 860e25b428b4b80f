package ui

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gdamore/tcell/v2"
	"github.com/google/go-cmp/cmp"

	"tcpviz/fsm"
	"tcpviz/internal/story"
)

// opened is officeCapture with the steps of one connection.
func opened(n, only int) *story.Story {
	s := officeCapture(n)
	s.Only = only
	for _, step := range connectionScript().story().Steps {
		if step.Conn != 0 || step.Call == nil {
			step.Conn = only
			s.Steps = append(s.Steps, step)
		}
	}
	for i := range s.Steps {
		s.Steps[i].N = i + 1
	}
	return s
}

// typed presses the characters of a text.
func typed(d *dashboard, text string) {
	for _, r := range text {
		d.press(char(r))
	}
}

// TestTyping edits a filter and looks at the text, where the caret is, and how many
// connections are in the list.
func TestTyping(t *testing.T) {
	d := newDashboard(Options{})
	d.show(officeCapture(300))
	all := func(k tcell.Key, n int) (keys []press) {
		for range n {
			keys = append(keys, special(k))
		}
		return keys
	}
	text := func(s string) (keys []press) {
		for _, r := range s {
			keys = append(keys, char(r))
		}
		return keys
	}
	for i, c := range []struct {
		keys  []press
		want  string // the caret is a bar
		rows  int
		wrong bool
	}{
		{text("/"), "|", 300, false},
		{text("qport 80"), "qport 80|", 300, true},
		{append(all(tcell.KeyHome, 1), special(tcell.KeyDelete)), "|port 80", 76, false},
		{append(all(tcell.KeyEnd, 1), text(" outcome:")...), "port 80 outcome:|", 76, true},
		{text("S0"), "port 80 outcome:S0|", 11, false},
		{all(tcell.KeyBackspace2, 1), "port 80 outcome:S|", 11, true},
		{text("F"), "port 80 outcome:SF|", 38, false},
		{all(tcell.KeyCtrlW, 1), "port 80 |", 76, false},
		{all(tcell.KeyLeft, 3), "port |80 ", 76, false},
		{all(tcell.KeyCtrlU, 1), "|80 ", 76, true},
		{append(all(tcell.KeyRight, 99), special(tcell.KeyCtrlW)), "|", 300, false},
		{text("retransmission"), "retransmission|", 88, false},
		{all(tcell.KeyEscape, 1), "|", 300, false},
	} {
		for _, k := range c.keys {
			if !d.press(k) {
				t.Errorf("%d: key %v is for nothing", i, k)
			}
		}
		in := &d.conns.input
		if got := string(in.text[:in.caret]) + "|" + string(in.text[in.caret:]); got != c.want || d.conns.len() != c.rows || (in.mistake != nil) != c.wrong || !in.open || d.quit {
			t.Fatalf("%d: %q with %d rows, mistake %v; want %q with %d", i, got, d.conns.len(), in.mistake, c.want, c.rows)
		}
		inOrder(t, &d.conns)
	}
	d.press(special(tcell.KeyEscape))
	if d.conns.input.open {
		t.Error("esc does not leave an empty filter")
	}
	d.press(char('/'))
	d.paste("port\n443\x1b")
	d.press(special(tcell.KeyEnter))
	if d.conns.input.open || d.conns.matched != "port 443" || d.conns.len() == 300 {
		t.Errorf("pasted: %q, %d rows", d.conns.matched, d.conns.len())
	}
	d.paste("q")
	if d.quit || d.conns.matched != "port 443" {
		t.Error("a text that is pasted elsewhere does something")
	}
}

// TestFilterGivesTheCursorBack types a filter that leaves out the connection under
// the cursor, and takes it away again.
func TestFilterGivesTheCursorBack(t *testing.T) {
	d := newDashboard(Options{})
	d.show(officeCapture(300))
	d.moveList(100)
	id := d.conns.at
	port := d.conns.conns.At(id).Ends[fsm.Server].Port()
	other := 80
	if port == 80 {
		other = 443
	}
	d.press(char('/'))
	typed(d, fmt.Sprintf("port %d", other))
	if d.conns.at == id || d.conns.cursor != 0 || d.conns.at != d.conns.id(0) {
		t.Fatalf("the cursor is in row %d on %d", d.conns.cursor, d.conns.at)
	}
	d.press(special(tcell.KeyEscape))
	if d.conns.at != id || d.conns.cursor != 100 {
		t.Errorf("the cursor is on %d, was on %d", d.conns.at, id)
	}
}

// TestWrongFilterAtTheBeginning begins with a filter that cannot be read: it is shown with its mistake.
func TestWrongFilterAtTheBeginning(t *testing.T) {
	d := newDashboard(Options{Filter: "port eighty"})
	d.show(officeCapture(10))
	if got := picture(t, d, 80, 24); !strings.Contains(got, "▲ ") || !d.typing() || d.conns.len() != 10 {
		t.Errorf("%d rows\n%s", d.conns.len(), got)
	}
	d.press(special(tcell.KeyEnter))
	if !d.typing() || d.hint == "" {
		t.Error("enter keeps a filter that cannot be read")
	}
}

// TestLargeCaptureIsOpenedOneByOne opens connections of a capture whose steps are not at hand.
func TestLargeCaptureIsOpenedOneByOne(t *testing.T) {
	var asked []int
	d := newDashboard(Options{Paused: true, Open: func(conn int) { asked = append(asked, conn) }})
	see := func(want string, not ...string) {
		t.Helper()
		got := picture(t, d, 80, 24)
		if !strings.Contains(got, want) {
			t.Fatalf("%q is missing:\n%s", want, got)
		}
		for _, n := range not {
			if strings.Contains(got, n) {
				t.Fatalf("%q is there:\n%s", n, got)
			}
		}
	}
	d.show(officeCapture(100))
	see("100 connections")
	d.press(special(tcell.KeyEscape))
	see("no connection has been opened yet")
	d.conns.orderBy(byBytes)
	d.moveList(16)
	first, second := d.conns.at, d.conns.id(17)
	d.press(special(tcell.KeyEnter))
	see(fmt.Sprintf("reading connection %d …", first))
	d.press(special(tcell.KeyDown))
	d.press(special(tcell.KeyEnter))
	see(fmt.Sprintf("reading connection %d …", second))
	d.show(opened(100, first)) // too late
	see("100 connections", "ladder")
	d.show(opened(120, second))
	see("CLIENT", "reading connection")
	if d.view.Conn != second || d.play.at != 0 {
		t.Fatalf("connection %d at row %d", d.view.Conn, d.play.at)
	}
	// What is read later disturbs nothing.
	d.press(special(tcell.KeyRight))
	d.press(special(tcell.KeyRight))
	before := picture(t, d, 80, 24)
	d.show(opened(120, second))
	d.show(opened(120, first))
	if got := picture(t, d, 80, 24); got != before {
		t.Errorf("it became another picture:\n%s\nwas\n%s", got, before)
	}
	// The next one, as the list stands.
	d.press(special(tcell.KeyTab))
	third := d.conns.at
	if third != d.conns.id(d.conns.row(second)+1) {
		t.Errorf("tab goes to %d", third)
	}
	see(fmt.Sprintf("reading connection %d …", third), "connections")
	d.press(special(tcell.KeyEscape))
	d.show(opened(120, third))
	if d.view.Conn != second || d.opening != 0 {
		t.Fatalf("connection %d came although esc was pressed", d.view.Conn)
	}
	d.press(special(tcell.KeyTab))
	d.show(opened(120, d.opening))
	d.press(special(tcell.KeyBacktab))
	d.show(opened(120, d.opening))
	shown := d.view.Conn
	d.press(special(tcell.KeyEscape))
	see("120 connections")
	if d.conns.by != byBytes || !d.conns.down || d.conns.at != shown {
		t.Errorf("the list is by %v, the cursor on %d, was on %d", d.conns.by, d.conns.at, shown)
	}
	d.press(special(tcell.KeyEnter)) // it is at hand
	see("CLIENT", "reading connection")
	d.press(special(tcell.KeyTab))
	d.fail(fmt.Errorf("source: read office.pcapng: it has become shorter"))
	see("it has become shorter", "reading connection")
	if diff := cmp.Diff([]int{first, second, third, second, third, second, third}, asked); diff != "" {
		t.Errorf("asked for (-want +got):\n%s", diff)
	}
}

// TestListFirst begins with the list where the options ask for it.
func TestListFirst(t *testing.T) {
	d := newDashboard(Options{List: true})
	d.show(manyConnections(t))
	if d.list.kind != connectionList || d.play.playing {
		t.Fatal("it does not begin with the list")
	}
	d.press(special(tcell.KeyDown))
	d.press(special(tcell.KeyEnter))
	if d.list.kind != noList || d.view.Conn != 2 || !d.play.playing {
		t.Errorf("connection %d, playing %v", d.view.Conn, d.play.playing)
	}
	d.press(special(tcell.KeyEscape))
	if d.list.kind != connectionList || d.conns.at != 2 {
		t.Errorf("esc does not go back to row 2 of the list, but to %d", d.conns.at)
	}
	one := newDashboard(Options{List: true, Paused: true})
	one.show(connectionStory(t))
	if one.list.kind != noList {
		t.Error("a list of one connection")
	}
	one.press(special(tcell.KeyEscape))
	if one.list.kind != noList {
		t.Error("esc goes to a list that nothing was opened from")
	}
}

// TestStopReading presses ctrl-C while a file is read.
func TestStopReading(t *testing.T) {
	stopped := 0
	d := newDashboard(Options{StopReading: func() { stopped++ }})
	d.show(officeCapture(50))
	d.takeProgress(Progress{Reading: true, Read: 1 << 20})
	ctrlC := special(tcell.KeyCtrlC)
	if got := picture(t, d, 120, 40); !strings.Contains(got, "ctrl-C stop reading") || !strings.Contains(got, "1.05 MB") {
		t.Errorf("the footer does not tell of ctrl-C:\n%s", got)
	}
	d.press(ctrlC)
	if stopped != 1 || d.quit {
		t.Fatalf("stopped %d times, quit %v", stopped, d.quit)
	}
	if got := picture(t, d, 80, 24); !strings.Contains(got, "stopping; ctrl-C quits") {
		t.Errorf("it does not say that it stops:\n%s", got)
	}
	d.takeProgress(Progress{Stopped: true, Read: 45, Size: 100})
	if got := picture(t, d, 80, 24); !strings.Contains(got, "stopped at 45 %: what was read is shown") || strings.Contains(got, "ctrl-C") {
		t.Errorf("it does not say that it has stopped:\n%s", got)
	}
	d.press(ctrlC)
	if !d.quit || stopped != 1 {
		t.Errorf("stopped %d times, quit %v", stopped, d.quit)
	}
	for _, keys := range [][]press{{ctrlC, ctrlC}, {char('q')}, {char('?'), char('q')}} {
		d := newDashboard(Options{StopReading: func() {}})
		d.show(officeCapture(50))
		d.takeProgress(Progress{Reading: true})
		for _, k := range keys {
			d.press(k)
		}
		if !d.quit {
			t.Errorf("%v does not quit", keys)
		}
	}
}

// TestListMouse clicks on rows, on the names of the columns and on the filter.
func TestListMouse(t *testing.T) {
	var asked []int
	d := newDashboard(Options{Filter: "port 80", Open: func(conn int) { asked = append(asked, conn) }})
	d.show(officeCapture(300))
	click := func(text string, again bool) {
		t.Helper()
		for y, line := range strings.Split(picture(t, d, 120, 40), "\n") {
			if before, _, ok := strings.Cut(line, text); ok && y > 0 {
				if x := textWidth(before); again {
					d.clickAgain(x, y)
				} else {
					d.click(x, y)
				}
				return
			}
		}
		t.Fatalf("%q is not on the screen", text)
	}
	click("bytes", false)
	if d.conns.by != byBytes || !d.conns.down {
		t.Errorf("by %v", d.conns.by)
	}
	click("bytes▼", false)
	if d.conns.by != byBytes || d.conns.down {
		t.Errorf("by %v, greatest first %v", d.conns.by, d.conns.down)
	}
	click("#", false)
	click(" 25 ", false)
	if d.conns.at != 25 || len(asked) > 0 {
		t.Errorf("the cursor is on %d, asked for %v", d.conns.at, asked)
	}
	d.wheel(true)
	d.wheel(true)
	d.wheel(false)
	if want := d.conns.id(d.conns.row(25) + wheelRows); d.conns.at != want {
		t.Errorf("the wheel went to %d, not %d", d.conns.at, want)
	}
	click(" 25 ", false)
	click(" 25 ", true)
	if len(asked) != 1 || asked[0] != 25 {
		t.Errorf("asked for %v", asked)
	}
	click("port 80", false)
	if !d.typing() {
		t.Error("a click on the filter does not open it")
	}
	// The first click of a double click opens: the second one is not for the ladder.
	whole := newDashboard(Options{Paused: true, List: true})
	whole.show(manyConnections(t))
	picture(t, whole, 80, 24)
	whole.click(5, 3)
	at := whole.play.at
	whole.clickAgain(5, 3)
	if whole.list.kind != noList || whole.play.at != at {
		t.Errorf("list %v, row %d, was %d", whole.list.kind, whole.play.at, at)
	}
}

// TestFilterOfTheOnlyConnection leaves the only connection of a capture out.
func TestFilterOfTheOnlyConnection(t *testing.T) {
	d := newDashboard(Options{List: true, Filter: "port 81"})
	s := *connectionStory(t)
	s.Meta = story.Meta{Source: "a.pcap"}
	d.show(&s)
	if got := picture(t, d, 80, 24); !strings.Contains(got, "no connection matches") {
		t.Error(got)
	}
}

// TestListInTheTerminal pastes, clicks and stops in a running dashboard.
func TestListInTheTerminal(t *testing.T) {
	stop := make(chan struct{}, 1)
	a := New(Options{StopReading: func() { stop <- struct{}{} }})
	screen, ended := start(t, a, 120, 40)
	a.Progress(Progress{Reading: true, Read: 1, Size: 4})
	a.Show(officeCapture(300))
	screen.until(t, "300 connections")
	screen.until(t, "25 %")
	screen.press(char('/'))
	screen.until(t, "and more: F1")
	for _, e := range []tcell.Event{tcell.NewEventPaste(true), tcell.NewEventKey(tcell.KeyRune, 'q', 0), tcell.NewEventKey(tcell.KeyEnter, 0, 0), tcell.NewEventPaste(false)} {
		if err := screen.PostEvent(e); err != nil {
			t.Fatal(err)
		}
	}
	screen.until(t, "/ q")
	screen.press(special(tcell.KeyCtrlU))
	for _, r := range "port 443" {
		screen.press(char(r))
	}
	screen.until(t, "92 of 300 connections")
	screen.press(special(tcell.KeyEnter), char('o'), char('o'))
	screen.until(t, "duration▼")
	a.Show(officeCapture(400)) // it is put in order although no key is pressed
	screen.until(t, "of 400 connections")
	screen.press(special(tcell.KeyCtrlC))
	<-stop
	screen.until(t, "stopping; ctrl-C quits")
	screen.press(special(tcell.KeyCtrlC))
	finish(t, ended)
}
