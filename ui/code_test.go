package ui

import (
	"fmt"
	"strings"
	"testing"

	"tcpviz/fsm"
	"tcpviz/internal/code"
	"tcpviz/internal/lang"
	"tcpviz/internal/lesson"
	"tcpviz/internal/story"
)

// playedLesson is the lesson whose calls connectionScript performs.
const playedLesson = `
id: connection
title: {en: A whole connection, zh: 一次完整的连接}
summary: {en: a line each way, zh: 来回各一行}
programs: {server: server, client: client}
steps:
  - server: s = socket()
  - server: bind(s, 127.0.0.1:10008)
  - server: listen(s, 5)
  - server: c = accept(s)
  - client: s = socket()
  - client: connect(s, 127.0.0.1:10008) = 0
  - server: recv(c, 100) = "hello\n"
  - client: send(s, "hello\n") = 6
  - client: recv(s, 100) = "OK\n"
  - server: send(c, "OK\n") = 3
  - server: recv(c, 100) = 0
  - client: close(s) = 0
  - server: close(c) = 0
`

func lessonOf(t testing.TB, text string) func(string) (lesson.Lesson, bool) {
	t.Helper()
	l, err := lesson.Parse("test", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return func(id string) (lesson.Lesson, bool) { return l, id == l.ID }
}

// refusedScript is an attempt that nobody accepts.
func refusedScript() *script {
	s := newScript()
	s.once(fsm.Client, -1, "socket", "AF_INET, SOCK_STREAM", 3)
	connect := s.enter(fsm.Client, 3, "connect", "3, 127.0.0.1:10008", story.Text{})
	s.segment(fsm.Client, fsm.SYN, 0, 0, "")
	s.segment(fsm.Server, fsm.RST|fsm.ACK, 0, 1, "")
	s.back(connect, "3, 127.0.0.1:10008", -1)
	failed := s.events[len(s.events)-1].(story.Call)
	failed.Errno = "ECONNREFUSED"
	s.events[len(s.events)-1] = failed
	s.once(fsm.Client, 3, "close", "3", 0)
	return s
}

const refusedLesson = `
id: connection
title: {en: Nobody listens, zh: 连接被拒绝}
summary: {en: a RST, zh: RST}
programs: {client: client}
steps:
  - client: s = socket()
  - client: connect(s, 127.0.0.1:10008) = -1 ECONNREFUSED
  - client: close(s) = 0
`

// withCode is a dashboard with the programs' source open.
func withCode(t testing.TB, s *story.Story, text string, o Options) *dashboard {
	t.Helper()
	o.Paused, o.Lesson = true, lessonOf(t, text)
	d := newDashboard(o)
	d.show(s)
	d.press(char('v'))
	if d.hint != "" {
		t.Fatal(d.hint)
	}
	return d
}

// rowOf gives the row of the n-th step (from 1) at which that is so.
func rowOf(t testing.TB, d *dashboard, n int, like func(s *story.Step) bool) int {
	t.Helper()
	for i := range d.view.Rows {
		if step := d.story.At(d.view.Rows[i].Step); like(step) {
			if n--; n == 0 {
				return i
			}
		}
	}
	t.Fatal("there is no such step")
	return -1
}

func calls(op string, kind story.Kind) func(s *story.Step) bool {
	return func(s *story.Step) bool { return s.Kind == kind && s.Call != nil && s.Call.Op == op }
}

// TestCodeScreens shows the panel: in each language, at each size, before anything, in
// calls that block, after their return, after an error.
func TestCodeScreens(t *testing.T) {
	moments := []struct {
		name        string
		script      *script
		lesson      string
		n           int
		like        func(s *story.Step) bool
		programming string
	}{
		{"blocked", connectionScript(), playedLesson, 1, func(s *story.Step) bool { return s.Kind == story.SegmentSent }, "c"},
		{"accepted", connectionScript(), playedLesson, 1, calls("accept", story.CallReturn), "python"},
		{"received", connectionScript(), playedLesson, 1, calls("recv", story.CallReturn), "go"},
		{"refused", refusedScript(), refusedLesson, 1, calls("connect", story.CallReturn), "php"},
	}
	for _, m := range moments {
		for _, size := range screenSizes {
			for _, in := range []lang.Language{lang.English, lang.Chinese} {
				name := fmt.Sprintf("code-%s-%s-%dx%d", m.name, in, size.w, size.h)
				t.Run(name, func(t *testing.T) {
					d := withCode(t, m.script.story(), m.lesson, Options{Lang: in, Preferences: Preferences{Code: m.programming, Greeted: true}})
					d.send(playEvent{signal: jump, n: rowOf(t, d, m.n, m.like)})
					golden(t, name, withoutFrame(picture(t, d, size.w, size.h)))
				})
			}
		}
	}
	t.Run("beginning", func(t *testing.T) {
		d := withCode(t, connectionStory(t), playedLesson, Options{})
		d.send(playEvent{signal: first})
		golden(t, "code-beginning-120x40", withoutFrame(picture(t, d, 120, 40)))
	})
	t.Run("ascii", func(t *testing.T) {
		d := withCode(t, connectionStory(t), playedLesson, Options{ASCII: true})
		d.send(playEvent{signal: jump, n: rowOf(t, d, 1, func(s *story.Step) bool { return s.Kind == story.SegmentSent })})
		golden(t, "code-ascii-120x40", withoutFrame(picture(t, d, 120, 40)))
	})
}

// withoutFrame is what a picture has between its title and its footer, which others look after.
func withoutFrame(picture string) string {
	lines := strings.SplitAfter(picture, "\n")
	return strings.Join(lines[1:max(len(lines)-2, 1)], "")
}

// TestCodeFollowsTheStory holds, at each moment and in each language, that the lit
// lines are those of the calls that the programs made last, and that what calls gave
// stands there once they have returned, and not before.
func TestCodeFollowsTheStory(t *testing.T) {
	for _, language := range code.Languages() {
		d := withCode(t, connectionStory(t), playedLesson, Options{Preferences: Preferences{Code: language.String(), Greeted: true}})
		for at := -1; at < len(d.view.Rows); at++ {
			d.send(playEvent{signal: jump, n: at})
			m := d.moment()
			row, _ := m.row()
			if !d.readCode() {
				t.Fatal("the lesson is not known")
			}
			for i, l := range d.code.listings {
				newest, returned := (*story.Step)(nil), 0
				for n := 1; n <= row.Step; n++ {
					step := d.story.At(n)
					switch {
					case step.Call == nil || step.Call.Program != l.Program.Name:
					case step.Kind == story.CallEnter:
						newest = step
					case step.Kind == story.CallReturn:
						returned++
					}
				}
				current := d.code.made[i].current(row.Step)
				if newest == nil {
					if current >= 0 {
						t.Fatalf("%s at row %d: %s is in call %d, and has made none", language, at, l.Program.Name, current)
					}
					continue
				}
				if op := string(l.Calls[current].Op); op != newest.Call.Op {
					t.Fatalf("%s at row %d: %s is lit in %s, and is in %s", language, at, l.Program.Name, op, newest.Call.Op)
				}
				given := 0
				for c := range l.Calls {
					if text, _ := d.code.value(i, c, row.Step); text != "" {
						given++
					}
				}
				if given != returned {
					t.Fatalf("%s at row %d: %s shows %d values of %d calls that returned", language, at, l.Program.Name, given, returned)
				}
				if back := newest.Peer; d.code.blocks(i, current, row.Step) && back > 0 && back <= row.Step {
					t.Fatalf("%s at row %d: %s blocks in %s, which has returned", language, at, l.Program.Name, newest.Call.Op)
				}
			}
		}
	}
}

func TestCodeKeys(t *testing.T) {
	var kept []Preferences
	d := withCode(t, connectionStory(t), playedLesson, Options{
		Preferences: Preferences{Greeted: true}, Remember: func(p Preferences) { kept = append(kept, p) },
	})
	for _, want := range []string{"python", "go", "php", "c"} {
		d.press(char('V'))
		if got := d.options.Preferences.Code; got != want {
			t.Errorf("V gives %q, want %q", got, want)
		}
		if shown := picture(t, d, 120, 40); !strings.Contains(shown, "the programs in "+d.codeLanguage().Name()) {
			t.Errorf("the heading does not say %s:\n%s", want, shown)
		}
	}
	if len(kept) != 4 || kept[0].Code != "python" {
		t.Errorf("remembered were %+v", kept)
	}
	d.press(char('v'))
	if d.open != noPanel {
		t.Error("v does not close the source")
	}
	d.press(char('V'))
	if !strings.Contains(d.hint, "not open") {
		t.Errorf("V says %q", d.hint)
	}
}

// TestCodeSaysWhyNot holds that there is a reason where there is no source.
func TestCodeSaysWhyNot(t *testing.T) {
	s := *connectionStory(t)
	s.Meta = story.Meta{Source: "office.pcap"}
	for _, c := range []struct {
		name  string
		story *story.Story
		given func(string) (lesson.Lesson, bool)
		want  string
	}{
		{"a capture", &s, lessonOf(t, playedLesson), "a capture holds no program"},
		{"a lesson from elsewhere", connectionStory(t), func(string) (lesson.Lesson, bool) { return lesson.Lesson{}, false }, "not one of the built-in"},
		{"no lessons", connectionStory(t), nil, "not one of the built-in"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDashboard(Options{Paused: true, Lesson: c.given})
			d.show(c.story)
			d.press(char('v'))
			if d.open != noPanel || !strings.Contains(d.hint, c.want) {
				t.Errorf("v says %q", d.hint)
			}
		})
	}
}

// TestCodeOfAnotherVersion holds that nothing is lit that the story did not do.
func TestCodeOfAnotherVersion(t *testing.T) {
	other := strings.Replace(playedLesson, "  - server: bind(", "  - server: setsockopt(s, SO_REUSEADDR, 1)\n  - server: bind(", 1)
	d := withCode(t, connectionStory(t), other, Options{})
	d.send(playEvent{signal: last})
	shown := picture(t, d, 120, 40)
	if !strings.Contains(shown, "the story goes on otherwise") {
		t.Errorf("nothing is said:\n%s", shown)
	}
	if strings.Contains(shown, "listen(s, 5));  ") {
		t.Errorf("a call is shown as made that is not the story's:\n%s", shown)
	}
}

// TestCodeGrows holds that a story that has grown is read again, and a changed
// language of the user's too.
func TestCodeGrows(t *testing.T) {
	whole := connectionScript()
	part := *whole
	part.events = whole.events[:8]
	d := withCode(t, part.story(), playedLesson, Options{})
	picture(t, d, 120, 40)
	before := len(d.code.made[0].enters)
	d.show(whole.story())
	d.useLanguage(lang.Chinese)
	d.send(playEvent{signal: first})
	if shown := picture(t, d, 120, 40); len(d.code.made[0].enters) <= before || !strings.Contains(shown, "先启动它") {
		t.Errorf("%d calls before, %d after:\n%s", before, len(d.code.made[0].enters), shown)
	}
}

func BenchmarkCode(b *testing.B) {
	d := withCode(b, connectionStory(b), playedLesson, Options{})
	d.send(playEvent{signal: jump, n: 20})
	var f frame
	for b.Loop() {
		d.draw(f.begin(120, 40))
	}
}
