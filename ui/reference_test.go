package ui

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gdamore/tcell/v2"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
	"tcpviz/internal/reference"
	"tcpviz/internal/story"
)

// referred is a dashboard at a row of a story, with some lessons that can be played.
func referred(t testing.TB, s *story.Story, in lang.Language, at int, presses ...press) *dashboard {
	t.Helper()
	d := newDashboard(Options{Paused: true, Lang: in, Lessons: lessonItems(), Play: func(string) {}})
	d.show(s)
	d.size = rect{0, 0, 80, 24}
	d.send(playEvent{signal: jump, n: at})
	for _, p := range presses {
		d.press(p)
	}
	return d
}

// letters gives the presses that type a text.
func letters(text string) []press {
	var all []press
	for _, r := range text {
		all = append(all, char(r))
	}
	return all
}

func TestReferenceScreens(t *testing.T) {
	s := connectionStory(t)
	r := char('r')
	down := special(tcell.KeyDown)
	ascii := referred(t, s, lang.English, 14, r)
	ascii.useASCII()
	cases := []struct {
		name string
		d    func() *dashboard
	}{
		{"syn-sent", func() *dashboard { return referred(t, s, lang.English, 9, r) }},
		{"last-ack-chinese", func() *dashboard { return referred(t, s, lang.Chinese, 35, r, down) }},
		{"header", func() *dashboard { return referred(t, s, lang.English, 10, char('b'), r) }},
		{"typed", func() *dashboard { return referred(t, s, lang.English, 14, append([]press{r}, letters("win")...)...) }},
		{"typed-chinese", func() *dashboard {
			return referred(t, s, lang.Chinese, 14, append([]press{r}, letters("握手")...)...)
		}},
		{"nothing", func() *dashboard { return referred(t, s, lang.English, 14, append([]press{r}, letters("zzz")...)...) }},
		{"lessons", func() *dashboard {
			return referred(t, s, lang.English, 9, r, special(tcell.KeyEnter), down)
		}},
		{"end", func() *dashboard { return referred(t, s, lang.English, 14, r, special(tcell.KeyEnd)) }},
	}
	for _, c := range cases {
		for _, size := range screenSizes {
			name := fmt.Sprintf("reference-%s-%dx%d", c.name, size.w, size.h)
			t.Run(name, func(t *testing.T) {
				d := c.d()
				golden(t, name, picture(t, d, size.w, size.h))
			})
		}
	}
	t.Run("ascii", func(t *testing.T) { golden(t, "reference-ascii-80x24", picture(t, ascii, 80, 24)) })
	t.Run("small", func(t *testing.T) {
		golden(t, "reference-small-60x18", picture(t, referred(t, s, lang.English, 9, r), 60, 18))
	})
}

// names gives the names of the reference's rows, headings in brackets.
func (r *referenceView) names() []string {
	var all []string
	for _, row := range r.rows {
		name := row.entry.Name.EN
		if row.heading != "" {
			name = "[" + row.heading + "]"
		}
		all = append(all, name)
	}
	return all
}

// handNames gives what is at hand at a row.
func handNames(d *dashboard, at int) []string {
	d.send(playEvent{signal: jump, n: at})
	var all []string
	for _, h := range d.atHand() {
		all = append(all, h.entry.Name.EN)
	}
	return all
}

func TestAtHand(t *testing.T) {
	s := connectionStory(t)
	d := referred(t, s, lang.English, -1)
	find := func(what string, is func(step *story.Step) bool) int {
		for i, row := range d.view.Rows {
			if is(s.At(row.Step)) {
				return i
			}
		}
		t.Fatalf("no %s", what)
		return 0
	}
	sent := func(flags fsm.Flags) func(step *story.Step) bool {
		return func(step *story.Step) bool {
			return step.Kind == story.SegmentSent && step.Frame.Segment.Flags == flags
		}
	}
	if got := handNames(d, -1); !slices.Equal(got, []string{"CLOSED"}) {
		t.Errorf("at the beginning: %q", got)
	}
	for _, c := range []struct {
		at    int
		first []string // of all, in this order
		also  []string
	}{
		{find("SYN", sent(fsm.SYN)), []string{"SYN", "SYN-SENT", "LISTEN"}, []string{"connect()", "accept()", "three-way handshake", "ISN"}},
		{find("SYN-ACK", sent(fsm.SYN|fsm.ACK)), []string{"SYN-ACK"}, []string{"SYN-SENT", "SYN-RECEIVED"}},
		{find("FIN", sent(fsm.FIN|fsm.ACK)), []string{"FIN", "ACK", "FIN-WAIT-1"}, []string{"four-way close", "recv()"}},
		{find("close", func(step *story.Step) bool { return step.Kind == story.CallEnter && step.Call.Op == "close" }), []string{"close()", "ESTABLISHED"}, []string{"recv()"}},
	} {
		got := handNames(d, c.at)
		if len(got) < len(c.first) || !slices.Equal(got[:len(c.first)], c.first) {
			t.Errorf("row %d: at hand are %q, want first %q", c.at, got, c.first)
		}
		for _, name := range c.also {
			if !slices.Contains(got, name) {
				t.Errorf("row %d: at hand are %q, without %s", c.at, got, name)
			}
		}
		if slices.Contains(got, "checksum") {
			t.Errorf("row %d: the header is not on the screen, but its fields are at hand", c.at)
		}
	}
	// The fields are at hand where the header is on the screen: opened, or on a large screen.
	d.open = headerPanel
	if got := handNames(d, 12); !slices.Contains(got, "checksum") || !slices.Contains(got, "timestamps") {
		t.Errorf("with the header open: %q", got)
	}
	d.open, d.size = noPanel, rect{0, 0, 200, 60}
	if got := handNames(d, 12); !slices.Contains(got, "checksum") {
		t.Errorf("on a large screen: %q", got)
	}
}

// An error, an anomaly and a timer come first where they are what has happened.
func TestAtHandBeginsWithWhatIsWrong(t *testing.T) {
	var g gathered
	g.step(&story.Step{Kind: story.CallReturn, Call: &story.Call{Op: "connect", Errno: "ECONNREFUSED"}, Transitions: []fsm.Transition{{From: fsm.SynSent, To: fsm.Closed}}})
	g.step(&story.Step{Kind: story.TimerExpired, Timer: fsm.KeepAliveProbeTimer})
	g.step(&story.Step{Kind: story.SegmentSent, Anomalies: []string{"fast_retransmission", "retransmission"}, Frame: &story.Frame{Segment: fsm.Segment{Flags: fsm.PSH | fsm.ACK, Len: 1}}})
	g.step(&story.Step{Kind: story.CallReturn, Call: &story.Call{Op: "setsockopt", Args: "3, SO_LINGER, {1, 0}", Errno: "EHWPOISON"}})
	g.step(&story.Step{Kind: story.CallReturn, Call: &story.Call{Op: "\x1b[2Jhostile", Args: ",,,"}})
	var got []string
	for _, h := range g.all {
		got = append(got, h.entry.Name.EN)
	}
	want := []string{
		"ECONNREFUSED", "connect()", "CLOSED", "keep-alive probe timer", "fast retransmission", "retransmission",
		"ACK", "PSH", "SO_LINGER", "setsockopt()",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// Every option whose name the header shows has an entry.
func TestOptionsAreInTheReference(t *testing.T) {
	known := 0
	for kind := range 256 {
		name := optionName(byte(kind))
		if name == "" {
			if word := optionWord(byte(kind), []byte{1, 2}, lang.English); !strings.HasPrefix(word, "kind ") {
				t.Errorf("the header shows %q, of which the reference knows nothing", word)
			}
			continue
		}
		known++
		if _, ok := reference.FindIn(reference.Option, name); !ok {
			t.Errorf("no entry %s", name)
		}
	}
	if known != len(reference.Of(reference.Option)) {
		t.Errorf("%d options are shown, %d are in the reference", known, len(reference.Of(reference.Option)))
	}
	cut := story.Frame{Raw: append(make([]byte, 12), 0x70, 0, 0, 0, 0, 0, 0, 0, 8, 10, 1, 2, 3, 4, 5, 6), TCPOffset: 0}
	cut.Raw = append(make([]byte, 4), cut.Raw...)
	cut.TCPOffset = 4
	if got := optionNames(&cut); !slices.Equal(got, []string{"timestamps"}) {
		t.Errorf("options that are cut off: %q", got)
	}
}

func TestReferenceKeys(t *testing.T) {
	var asked []string
	d := referred(t, connectionStory(t), lang.English, 9)
	d.options.Play = func(id string) { asked = append(asked, id) }
	r := &d.reference
	press := func(presses ...press) {
		t.Helper()
		for _, p := range presses {
			if !d.press(p) {
				t.Fatalf("%v was for nothing", p)
			}
		}
	}
	entry := func() string {
		e, ok := r.chosen()
		if !ok {
			return ""
		}
		return e.Name.EN
	}
	want := func(what, name string) {
		t.Helper()
		if entry() != name || !r.open {
			t.Fatalf("%s: %q is chosen of %q", what, entry(), r.names())
		}
	}
	at := d.play.at
	press(char('r'))
	first := entry()
	if first == "" || r.rows[0].heading != "at hand" || d.play.at != at {
		t.Fatalf("opened: %q", r.names())
	}
	press(special(tcell.KeyDown), special(tcell.KeyUp))
	want("down and up", first)
	press(special(tcell.KeyUp), special(tcell.KeyHome), special(tcell.KeyPgUp))
	want("above the first", first)
	press(special(tcell.KeyEnd))
	all := reference.All()
	want("the last", all[len(all)-1].Name.EN)
	press(special(tcell.KeyDown), special(tcell.KeyPgDn))
	want("below the last", all[len(all)-1].Name.EN)

	// Every letter is typed, those that are keys elsewhere too.
	press(letters("rst")...)
	want("rst typed", "RST")
	press(special(tcell.KeyBackspace2), special(tcell.KeyCtrlU))
	want("nothing typed", first)
	press(letters("q?")...)
	if entry() != "" || !r.open || d.quit || d.help {
		t.Errorf("q? typed: %q", r.names())
	}
	press(special(tcell.KeyDown), special(tcell.KeyUp), special(tcell.KeyEnter))
	if r.inLessons || d.hint == "" {
		t.Error("there are lessons of nothing")
	}
	press(special(tcell.KeyEscape))
	want("cleared", first)

	// The lessons.
	press(letters("time-wait")...)
	want("time-wait typed", "TIME-WAIT")
	press(special(tcell.KeyEnter), special(tcell.KeyDown), special(tcell.KeyLeft))
	if r.inLessons || len(asked) > 0 {
		t.Fatalf("back from the lessons; asked for %q", asked)
	}
	press(special(tcell.KeyRight), special(tcell.KeyDown), special(tcell.KeyDown), special(tcell.KeyUp), special(tcell.KeyEnter))
	if lessons := lessonsOf(t, "TIME-WAIT"); !slices.Equal(asked, lessons[1:2]) || r.open || !d.awaiting {
		t.Errorf("asked for %q, want the second of %q", asked, lessons)
	}
}

func lessonsOf(t *testing.T, name string) []string {
	t.Helper()
	e, ok := reference.FindIn(reference.State, name)
	if !ok || len(e.Lessons) < 3 {
		t.Fatalf("%s has the lessons %q", name, e.Lessons)
	}
	return e.Lessons
}

// Where no lesson can be played, none can be chosen; their names stay to be read.
func TestReferenceWithoutLessons(t *testing.T) {
	d := referred(t, connectionStory(t), lang.English, 9, char('r'))
	d.options.Play, d.options.Lessons = nil, nil
	d.press(special(tcell.KeyEnter))
	if d.reference.inLessons || !strings.Contains(d.hint, "no lessons to run") {
		t.Errorf("hint %q", d.hint)
	}
	if got := picture(t, d, 80, 24); !strings.Contains(got, "handshake") {
		t.Errorf("the lessons are not named:\n%s", got)
	}
}

// Without a story there is nothing at hand, and all the rest.
func TestReferenceWithoutStory(t *testing.T) {
	d := newDashboard(Options{})
	d.size = rect{0, 0, 80, 24}
	d.press(char('r'))
	if rows := d.reference.names(); len(rows) < 100 || rows[0] != "[states]" {
		t.Errorf("%q", rows)
	}
	if got := picture(t, d, 80, 24); !strings.Contains(got, "no connection") {
		t.Errorf("nothing is shown:\n%s", got)
	}
}

// The story stands still while the reference is read, and goes on afterwards.
func TestReferencePausesTheStory(t *testing.T) {
	d := referred(t, connectionStory(t), lang.English, 9, char(' '))
	if !d.play.playing {
		t.Fatal("it does not play")
	}
	d.press(char('r'))
	if d.play.playing {
		t.Error("it plays while the reference is read")
	}
	d.press(special(tcell.KeyEscape))
	if !d.play.playing || d.reference.open {
		t.Error("it does not play on")
	}
	d.press(char(' '))
	d.press(char('r'))
	d.press(special(tcell.KeyEscape))
	if d.play.playing {
		t.Error("it plays, and did not before")
	}
}

func TestReferenceMouse(t *testing.T) {
	for _, size := range screenSizes {
		t.Run(fmt.Sprintf("%dx%d", size.w, size.h), func(t *testing.T) {
			asked := ""
			d := referred(t, connectionStory(t), lang.English, 9, char('r'))
			d.options.Play = func(id string) { asked = id }
			r := &d.reference
			picture(t, d, size.w, size.h)
			area := r.list.area
			d.click(area.x+3, area.y) // the heading
			if r.cursor != 1 {
				t.Errorf("the heading was chosen: %d", r.cursor)
			}
			d.click(area.x+3, area.y+2)
			if r.cursor != 2 {
				t.Errorf("row %d was chosen", r.cursor)
			}
			d.wheel(true)
			d.wheel(false)
			if r.cursor != 2 {
				t.Errorf("the wheel went to row %d", r.cursor)
			}
			picture(t, d, size.w, size.h)
			e, _ := r.chosen()
			d.click(r.lessons.area.x+3, r.lessons.area.y+1)
			if !r.inLessons || r.lesson != 1 || asked != "" {
				t.Errorf("lesson %d was chosen, %q asked for", r.lesson, asked)
			}
			picture(t, d, size.w, size.h)
			d.click(r.lessons.area.x+3, r.lessons.area.y+1)
			if asked != e.Lessons[1] || r.open {
				t.Errorf("%q was asked for, want %q", asked, e.Lessons[1])
			}
		})
	}
	d := referred(t, connectionStory(t), lang.English, 9, char('r'))
	picture(t, d, 200, 60)
	d.click(0, 10)
	if d.reference.open {
		t.Error("a click beside it does not close it")
	}
}

// On every screen that is laid out on purpose each entry is shown whole, with its source
// and its lessons; on the smallest one the end of the text may be missing.
func TestEveryEntryFits(t *testing.T) {
	d := newDashboard(Options{})
	for _, in := range []lang.Language{lang.English, lang.Chinese} {
		d.options.Lang = in
		for _, size := range append(screenSizes, struct{ w, h int }{minWidth, minHeight}) {
			entry := newReferenceLayout(size.w, size.h-2).entry
			for _, e := range reference.All() {
				p := d.entryPage(&e, entry.w)
				p.fit(entry.h - 1)
				if p.height() > entry.h-1 || len(p.text) < 2 || len(p.sources) == 0 {
					t.Errorf("%dx%d: %s takes %d lines of %d", size.w, size.h, e.Name.EN, p.height(), entry.h-1)
				}
				if size.w > minWidth && slices.ContainsFunc(p.text, func(l styled) bool { return strings.HasSuffix(l.text, "…") }) {
					t.Errorf("%dx%d: the text of %s is cut", size.w, size.h, e.Name.EN)
				}
			}
		}
	}
}

// What is typed or pasted may be anything.
func TestReferenceTakesAnyText(t *testing.T) {
	d := referred(t, connectionStory(t), lang.Chinese, 9, char('r'))
	d.paste("\x1b]0;title\x07\n\u202e 三次握手" + strings.Repeat("长", 500))
	if n := len(d.reference.typed); n > longestName || strings.ContainsFunc(string(d.reference.typed), control) {
		t.Errorf("%d characters: %q", n, string(d.reference.typed))
	}
	picture(t, d, 60, 18)
	d.press(special(tcell.KeyF1))
	if !d.help || d.reference.typed == nil {
		t.Error("no help while a name is typed")
	}
	if got := picture(t, d, 80, 24); strings.Contains(got, "type to find") {
		t.Errorf("the reference is drawn over the help:\n%s", got)
	}
}

func BenchmarkReference(b *testing.B) {
	d := referred(b, connectionStory(b), lang.English, 9)
	d.size = rect{0, 0, 120, 40}
	f := frame{}
	b.ReportAllocs()
	for b.Loop() {
		d.press(char('r'))
		d.draw(f.begin(120, 40))
		d.press(special(tcell.KeyEscape))
	}
}
