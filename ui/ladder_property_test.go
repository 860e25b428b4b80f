package ui

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tcpviz/fsm"
	"tcpviz/internal/story"
)

// until gives the tale as it was told up to row at of the view.
func (a *tale) until(at int) *tale {
	b := *a
	b.story.Steps = slices.Clone(a.story.Steps[:at+1])
	b.rows = a.rows[:at+1]
	for i := range b.story.Steps {
		if b.story.Steps[i].Peer > at+1 {
			b.story.Steps[i].Peer = 0
		}
	}
	return &b
}

// otherwise gives the tale with another future: after row at of the view the same
// kinds of things happen, but with other words, numbers, states and times.
func (a *tale) otherwise(at int) *tale {
	b := *a
	b.story.Steps = slices.Clone(a.story.Steps)
	b.rows = slices.Clone(a.rows)
	for i := at + 1; i < len(b.rows); i++ {
		step := &b.story.Steps[i]
		step.Time = step.Time.Add(time.Duration(i) * 300 * time.Millisecond)
		step.Transitions, step.Truths, step.Cause = nil, nil, 0
		step.Anomalies = []string{"leaked_anomaly"}
		if step.Call != nil {
			call := *step.Call
			call.Op, call.Args, call.Result, call.Errno = "leaked", "leaked", 666, "ELEAKED"
			step.Call = &call
		}
		if step.Frame != nil {
			frame := *step.Frame
			frame.Segment.Seq, frame.Segment.Flags = frame.Segment.Seq+666, fsm.URG
			frame.Raw = []byte("....leaked")
			frame.PayloadOffset = 4
			step.Frame = &frame
		}
		b.rows[i].State = [2]fsm.State{fsm.Closing, fsm.Closing}
	}
	return &b
}

// TestLadderShowsNothingThatHasNotHappened compares every moment of every tale
// with the same moment of a tale that goes on otherwise, and of one that ends there.
func TestLadderShowsNothingThatHasNotHappened(t *testing.T) {
	for name, a := range tales() {
		for at := range a.rows {
			w := 80 + at%2*50
			want := ladderPicture(a.moment(at, 0.4), w, 30, newTheme(false, true))
			got := ladderPicture(a.otherwise(at).moment(at, 0.4), w, 30, newTheme(false, true))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s: row %d knows what comes after it (-real +otherwise):\n%s", name, at, diff)
			}
			if name == "clients" {
				continue // who takes part, and so the room for bars, is known from the whole story
			}
			got = ladderPicture(a.until(at).moment(at, 0.4), w, 30, newTheme(false, true))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s: row %d knows that something comes after it (-whole +cut):\n%s", name, at, diff)
			}
		}
	}
}

// TestLadderBackAndForth steps to the end and back to the start with one ladder.
func TestLadderBackAndForth(t *testing.T) {
	look := newTheme(false, false)
	for name, a := range tales() {
		var l *ladder
		picture := func(at int) string {
			m := a.moment(at, 1)
			l = l.fit(m)
			g := newGrid(100, 20)
			l.draw(g.canvas(), m, &look)
			return g.String()
		}
		var forward []string
		for at := -1; at < len(a.rows); at++ {
			forward = append(forward, picture(at))
		}
		kept := l
		for at := len(a.rows) - 1; at >= -1; at-- {
			if diff := cmp.Diff(forward[at+1], picture(at)); diff != "" {
				t.Fatalf("%s: row %d looks otherwise on the way back:\n%s", name, at, diff)
			}
		}
		if l != kept {
			t.Errorf("%s: the ladder was laid out again", name)
		}
	}
}

// TestLadderAtAnySize draws every tale at odd sizes: the newest row is marked,
// once, wherever there is room for it, and no line is too long.
func TestLadderAtAnySize(t *testing.T) {
	for name, a := range tales() {
		for _, w := range []int{1, 7, 20, 33, 60, 61, 79, 99, 119, 121, 160, 260} {
			for _, h := range []int{1, 2, 3, 5, 18, 60} {
				for _, at := range []int{-1, 0, len(a.rows) / 2, len(a.rows) - 1} {
					got := ladderPicture(a.moment(at, 0.7), w, h, newTheme(false, true))
					if n := strings.Count(got, "▸"); n != 1 && h > 3 && w > 60 {
						t.Fatalf("%s at %dx%d, row %d: %d cursors\n%s", name, w, h, at, n, got)
					}
				}
			}
		}
	}
}

// TestBlockedCallShowsHowLong lets the playback wait: the bar of the call that
// blocks tells the time that it has blocked so far.
func TestBlockedCallShowsHowLong(t *testing.T) {
	a := newTale()
	accept := a.listen()
	a.once("client", cl, "socket", "AF_INET, SOCK_STREAM, 0", 3)
	m := a.moment(len(a.rows)-1, 1)
	m.waited = 2500 * time.Millisecond
	got := ladderPicture(m, 80, 20, newTheme(false, true))
	if want := "blocked 2.5 s ┊"; !strings.Contains(got, want) {
		t.Errorf("no %q in\n%s", want, got)
	}
	a.back(accept, 0, "", -1, "EINTR")
	got = ladderPicture(a.moment(len(a.rows)-1, 1), 80, 20, newTheme(false, true))
	if want := "= -1 EINTR ┘"; !strings.Contains(got, want) {
		t.Errorf("no %q in\n%s", want, got)
	}
}

// TestLadderIsHarmless draws hostile text: nothing of it reaches the terminal as a
// control character or turns the direction of a line.
func TestLadderIsHarmless(t *testing.T) {
	a := tales()["hostile"]
	a.story.Steps[0].Call.Op = "so\x1b[2Jcket"
	a.story.Steps[0].Call.Program = "ser\u202ever\x07"
	for _, w := range []int{80, 120, 200} {
		for _, r := range ladderPicture(a.moment(len(a.rows)-1, 1), w, 30, newTheme(false, true)) {
			if control(r) && r != '\n' {
				t.Errorf("at %d columns %q is on the screen", w, r)
			}
		}
	}
}

// TestRowAt clicks on every line.
func TestRowAt(t *testing.T) {
	a := connectionTale()
	l := newLadder(&a.story, story.View{Conn: 1, Rows: a.rows})
	look := newTheme(false, true)
	at := len(a.rows) - 1
	lay := l.draw(newGrid(80, 12).canvas(), a.moment(at, 1), &look)
	if _, ok := lay.rowAt(0); ok {
		t.Error("the heading is a row")
	}
	if _, ok := lay.rowAt(1); ok {
		t.Error("the line that tells of the rows above is a row")
	}
	before := -1
	for y := 2; y < 12; y++ {
		i, ok := lay.rowAt(y)
		if !ok || i <= before || int(l.rowOf[i]) != lay.top+y-2 {
			t.Errorf("line %d: row %d, %v", y, i, ok)
		}
		before = i
	}
	if before != at {
		t.Errorf("the last line is row %d, not %d", before, at)
	}
	if _, ok := lay.rowAt(12); ok {
		t.Error("a line below the canvas is a row")
	}
}

// TestFitCall shortens calls: the result is always there.
func TestFitCall(t *testing.T) {
	connect := callWords{op: "connect", args: "3, 127.0.0.1:10008", result: " = -1 ECONNREFUSED"}
	v6 := callWords{op: "connect", args: "3, [2001:db8::1]:443"}
	send := callWords{op: "send", args: `3, "a, \"b\" c and much more\n", 24, 0`, result: " = 24"}
	for _, test := range []struct {
		words callWords
		width int
		want  string
	}{
		{connect, 60, "connect(3, 127.0.0.1:10008) = -1 ECONNREFUSED"},
		{connect, 40, "connect(3, …:10008) = -1 ECONNREFUSED"},
		{connect, 36, "connect(3,…:10008) = -1 ECONNREFUSED"},
		{connect, 30, "connect(3,…) = -1 ECONNREFUSED"},
		{connect, 27, "connect = -1 ECONNREFUSED"},
		{connect, 20, "= -1 ECONNREFUSED"},
		{connect, 12, "ECONNREFUSED"},
		{connect, 8, "ECONNRE…"},
		{v6, 20, "connect(3, …:443)"},
		{v6, 9, "connect"},
		{v6, 5, "conn…"},
		{send, 80, `send(3, "a, \"b\" c and much more\n", 24, 0) = 24`},
		{send, 40, `send(3,"a, \"b\" c and much…",24,0) = 24`},
		{send, 30, `send(3,"a, \"b\" …",24,0) = 24`},
		{send, 22, `send(3,…) = 24`},
		{send, 5, "= 24"},
	} {
		got := test.words.fit(test.width, '…')
		if got != test.want || textWidth(got) > test.width {
			t.Errorf("%s in %d columns: %q, want %q", test.words.whole(), test.width, got, test.want)
		}
	}
}

func TestQuoted(t *testing.T) {
	for _, test := range []struct {
		payload string
		width   int
		want    string
	}{
		{"hello\n", 20, `"hello\n"`},
		{"hello\n", 9, `"hello\n"`},
		{"hello\n", 8, `"hello…"`},
		{"hell\n\n\n", 9, `"hell\n…"`},
		{"你好，世界", 20, `"你好，世界"`},
		{"你好，世界", 9, `"你好，…"`},
		{"\x16\x03\x01\x02\x00\x01", 40, ""},
		{"hello", 5, ""},
		{"a\u202eb", 40, `"a\u202eb"`},
	} {
		if got := quoted([]byte(test.payload), true, test.width, false, '…'); got != test.want || textWidth(got) > test.width {
			t.Errorf("%q in %d columns: %s, want %s", test.payload, test.width, got, test.want)
		}
	}
}

func TestClockText(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                          "0.000 ms",
		84 * time.Microsecond:      "0.084 ms",
		40812 * time.Microsecond:   "40.81 ms",
		412300 * time.Microsecond:  "412.3 ms",
		1000400 * time.Microsecond: "1.0004 s",
		75 * time.Second:           "75.000 s",
		2 * time.Hour:              "7200.0 s",
	} {
		if got := clockText(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

// longTale has many steps: a dialogue that goes on and on.
func longTale(steps int) *tale {
	a := newTale()
	a.handshake("client")
	for seq := uint32(1); len(a.rows) < steps; seq += 6 {
		read := a.enter("server", sv, "recv", "4, 100")
		write := a.enter("client", cl, "send", `3, "hello\n", 6`)
		data := a.arrives(a.send(cl, fsm.PSH|fsm.ACK, seq, 1, "hello\n", write))
		a.back(write, 0, "", 6, "")
		a.arrives(a.send(sv, fsm.ACK, 1, seq+6, "", data))
		a.back(read, data, `4, "hello\n", 100`, 6, "")
	}
	return a
}

func BenchmarkLadder200x60(b *testing.B) {
	a := longTale(200_000)
	var f frame
	look := newTheme(false, false)
	l := newLadder(&a.story, story.View{Conn: 1, Rows: a.rows})
	b.ReportAllocs()
	at := len(a.rows) - 1
	for b.Loop() {
		m := a.moment(at, 0.5)
		l = l.fit(m)
		l.draw(f.begin(200, 60), m, &look)
		if at--; at < len(a.rows)-1000 {
			at = len(a.rows) - 1
		}
	}
}

// BenchmarkLadderLayout lays out a long story, once for each new one.
func BenchmarkLadderLayout(b *testing.B) {
	a := longTale(200_000)
	b.ReportAllocs()
	for b.Loop() {
		newLadder(&a.story, story.View{Conn: 1, Rows: a.rows})
	}
}
