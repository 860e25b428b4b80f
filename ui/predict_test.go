package ui

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gdamore/tcell/v2"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// asks gives all the questions on a view.
func asks(s *story.Story, v story.View) []question {
	var all []question
	for row := range v.Rows {
		if q, ok := questionAt(s, v, row); ok {
			all = append(all, q)
		}
	}
	return all
}

func TestQuestionsOfAConnection(t *testing.T) {
	s := connectionStory(t)
	var got strings.Builder
	for _, q := range asks(s, s.View(1)) {
		fmt.Fprintf(&got, "%2d %s\n   %s\n", q.step, q.words(lang.English), q.words(lang.Chinese))
		for i, a := range q.answers {
			mark := ' '
			if i == q.right {
				mark = '*'
			}
			fmt.Fprintf(&got, "   %c %d %s\n", mark, i+1, a)
		}
	}
	golden(t, "predict-questions", got.String())
}

// Whatever is asked is answered by what happens, and nothing that is not certain is asked.
func TestQuestionsAreCertain(t *testing.T) {
	stories := map[string]*story.Story{"connection": connectionStory(t)}
	foreign := connectionScript()
	foreign.events = slices.DeleteFunc(foreign.events, func(e story.Event) bool {
		_, segment := e.(story.Frame)
		return !segment
	})
	for i, e := range foreign.events {
		f := e.(story.Frame)
		f.Fate = story.FateAssumed
		foreign.events[i] = f
	}
	stories["a capture"] = foreign.story()
	for name, s := range stories {
		v := s.View(1)
		states, segments := 0, 0
		for _, q := range asks(s, v) {
			row := v.Rows[v.Index(q.step)]
			step := s.At(q.step)
			answer := q.answers[q.right]
			if n := len(q.answers); n < 3 || n > mostAnswers || len(slices.Compact(slices.Sorted(slices.Values(q.answers)))) != n {
				t.Errorf("%s, step %d: the answers %v", name, q.step, q.answers)
			}
			switch q.kind {
			case stateQuestion:
				states++
				if row.Basis[step.Side] != fsm.Observed {
					t.Errorf("%s, step %d: a state is asked for that is %v", name, q.step, row.Basis[step.Side])
				}
				if answer == "LISTEN" && !step.Listener || q.born && slices.Contains(q.answers, "LISTEN") {
					t.Errorf("%s, step %d: LISTEN is the listening socket's alone: %v", name, q.step, q.answers)
				}
				if answer != row.State[step.Side].String() {
					t.Errorf("%s, step %d: %s is called right, it is %v", name, q.step, answer, row.State[step.Side])
				}
			case segmentQuestion:
				segments++
				if answer != segmentName(&step.Frame.Segment) {
					t.Errorf("%s, step %d: %s is called right", name, q.step, answer)
				}
			}
		}
		if name == "connection" && (states < 9 || segments < 3) || name != "connection" && (states < 3 || segments < 3) {
			t.Errorf("%s: %d states and %d segments are asked for", name, states, segments)
		}
	}
}

// Where the stack says otherwise than the model nothing is asked.
func TestNothingDoubtedIsAsked(t *testing.T) {
	a := disagreeTale()
	m := a.moment(len(a.rows)-1, 1)
	for i := range m.view.Rows {
		if q, ok := questionAt(m.story, m.view, i); ok && doubted(m.story.At(q.step), m.view.Conn) {
			t.Errorf("step %d is asked for", q.step)
		}
	}
}

// The right answer stands at every place.
func TestRightAnswerMoves(t *testing.T) {
	places := map[int]int{}
	for step := range 400 {
		all, at := choices("ESTABLISHED", likeState(fsm.SynSent, fsm.Established), step)
		if all[at] != "ESTABLISHED" || len(all) != mostAnswers {
			t.Fatalf("%v, right is %d", all, at)
		}
		places[at]++
	}
	for at := range mostAnswers {
		if places[at] < 60 {
			t.Errorf("place %d: %d times of 400", at+1, places[at])
		}
	}
}

// guesser is a dashboard that asks.
func guesser(t *testing.T, o Options) *dashboard {
	t.Helper()
	o.Predict = true
	d := newDashboard(o)
	d.show(connectionStory(t))
	return d
}

// reply answers the open question, rightly or not.
func reply(d *dashboard, right bool) {
	n := d.predict.newest.right
	if !right {
		n = (n + 1) % len(d.predict.newest.answers)
	}
	d.press(char(rune('1' + n)))
}

// The whole story, played and stepped and jumped through: nothing is shown before it was
// asked for, and everything is asked once.
func TestPredictThroughAStory(t *testing.T) {
	s := connectionStory(t)
	whole := asks(s, s.View(1))
	for name, on := range map[string]func(d *dashboard){
		"step": func(d *dashboard) { d.press(special(tcell.KeyRight)) },
		"end":  func(d *dashboard) { d.press(special(tcell.KeyEnd)) },
		"next state": func(d *dashboard) {
			before := d.play.at
			if d.press(char('s')); d.play.at == before {
				d.press(special(tcell.KeyRight))
			}
		},
		"ten steps": func(d *dashboard) { d.press(special(tcell.KeyPgDn)) },
		"play": func(d *dashboard) {
			if !d.play.playing {
				d.press(char(' '))
			}
			for i := 0; i < 1000 && d.play.playing; i++ {
				d.send(playEvent{signal: tick, passed: longestTick})
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := guesser(t, Options{Paused: true})
			d.send(playEvent{signal: first})
			var asked []int
			right := 0
			for i := 0; i < 200 && (d.play.at < d.play.rows-1 || d.predict.asking); i++ {
				if !d.predict.asking {
					on(d)
					continue
				}
				q := d.predict.newest
				if row := d.view.Index(q.step); d.play.at != row-1 || d.play.playing {
					t.Fatalf("step %d is asked for at row %d", q.step, d.play.at)
				}
				before := d.play.at
				on(d) // nothing goes on
				if d.play.at != before || !d.predict.asking {
					t.Fatalf("it went on to row %d without an answer", d.play.at)
				}
				asked = append(asked, q.step)
				good := len(asked)%3 > 0
				if good {
					right++
				}
				reply(d, good)
				if d.play.at != before+1 || !d.told() {
					t.Fatalf("after the answer at row %d, want %d", d.play.at, before+1)
				}
			}
			if len(asked) != len(whole) {
				t.Errorf("%d questions, want %d", len(asked), len(whole))
			}
			for i, q := range whole[:min(len(whole), len(asked))] {
				if asked[i] != q.step {
					t.Errorf("question %d is on step %d, want %d", i, asked[i], q.step)
				}
			}
			if n, all := d.predict.total(); n != right || all != len(asked) {
				t.Errorf("%d of %d, want %d of %d", n, all, right, len(asked))
			}
		})
	}
}

// Going back asks nothing again, and loses nothing.
func TestPredictBackAndForth(t *testing.T) {
	d := guesser(t, Options{Paused: true})
	d.send(playEvent{signal: first})
	for len(d.predict.given) < 5 {
		if d.predict.asking {
			reply(d, true)
		}
		d.press(special(tcell.KeyRight))
	}
	for !d.predict.asking {
		d.press(special(tcell.KeyRight))
	}
	open, at := d.predict.newest.step, d.play.at
	for range 6 {
		d.press(special(tcell.KeyLeft))
	}
	if d.predict.asking {
		t.Error("the question stays open on the way back")
	}
	for range 6 {
		if d.predict.asking {
			t.Fatalf("step %d is asked for again", d.predict.newest.step)
		}
		d.press(special(tcell.KeyRight))
	}
	d.press(special(tcell.KeyRight))
	if !d.predict.asking || d.predict.newest.step != open || d.play.at != at {
		t.Errorf("at row %d, the open question is on step %d", d.play.at, d.predict.newest.step)
	}
	if right, all := d.predict.total(); right != 5 || all != 5 {
		t.Errorf("%d of %d", right, all)
	}
	d.press(char('e'))
	if d.predict.on || !strings.Contains(d.hint, "5 of 5") {
		t.Errorf("it goes on: %q", d.hint)
	}
	d.press(special(tcell.KeyEnd))
	if d.play.at != d.play.rows-1 {
		t.Errorf("at row %d", d.play.at)
	}
}

// While a question is open no screen shows what comes: each is the same whatever comes next.
func TestNothingGivesItAway(t *testing.T) {
	whole := connectionScript()
	s := whole.story()
	for _, q := range asks(s, s.View(1)) {
		// The same story, of which nothing is known after the question.
		until := func(extra int) *dashboard {
			cut := *s
			cut.Steps = s.Steps[:min(q.step+extra, len(s.Steps))]
			d := newDashboard(Options{Paused: true, Predict: true})
			d.show(&cut)
			d.predict.given = nil
			for _, before := range asks(s, s.View(1)) {
				if before.step < q.step {
					d.predict.given = append(d.predict.given, answer{before.step, before.kind, true})
				}
			}
			d.predict.asking = false
			d.send(playEvent{signal: first})
			d.send(playEvent{signal: last})
			return d
		}
		short, long := until(0), until(len(s.Steps))
		if !short.predict.asking || !long.predict.asking || short.predict.newest.step != q.step {
			t.Fatalf("step %d is not asked for", q.step)
		}
		for _, size := range screenSizes {
			for _, key := range []press{{}, char('d'), char('m'), char('k'), char('v')} {
				short.press(key)
				long.press(key)
				a, b := picture(t, short, size.w, size.h), picture(t, long, size.w, size.h)
				if a != b {
					t.Fatalf("step %d, %dx%d, %v: what comes changes the screen:\n%s\nand\n%s", q.step, size.w, size.h, key, a, b)
				}
				short.press(key)
				long.press(key)
			}
		}
		for _, key := range []rune{'t', 'c', 'l', 's'} {
			before := long.play.at
			long.press(char(key))
			if long.play.at != before || long.open != noPanel || long.list.kind != noList {
				t.Errorf("%c goes on or away", key)
			}
		}
	}
}

// A duplicate on the held wire has the key 2 as well: an open question takes it.
func TestAnswerIsNoActOnTheWire(t *testing.T) {
	d := guesser(t, Options{Paused: true})
	d.send(playEvent{signal: last})
	if !d.predict.asking {
		t.Fatal("nothing is asked")
	}
	d.press(char('2'))
	if len(d.predict.given) != 1 {
		t.Error("2 is no answer")
	}
	for _, n := range []int{-1, 7} {
		d.answer(n)
	}
	if len(d.predict.given) != 1 {
		t.Error("an answer that is none counts")
	}
}

func TestClickOnAnAnswer(t *testing.T) {
	for _, size := range screenSizes {
		d := guesser(t, Options{Paused: true})
		d.send(playEvent{signal: last})
		drawn := picture(t, d, size.w, size.h)
		q := d.predict.newest
		x, y := find(t, drawn, fmt.Sprintf("%d  %s", q.right+1, q.answers[q.right]))
		d.click(x+3, y)
		if right, all := d.predict.total(); right != 1 || all != 1 {
			t.Errorf("%dx%d: %d of %d", size.w, size.h, right, all)
		}
	}
}

func TestPredictScreens(t *testing.T) {
	for _, size := range screenSizes {
		for _, l := range []lang.Language{lang.English, lang.Chinese} {
			for _, large := range []bool{false, true} {
				name := fmt.Sprintf("predict-%s-%dx%d", l, size.w, size.h)
				if large {
					name = "large-" + name
				}
				t.Run(name, func(t *testing.T) {
					d := guesser(t, Options{Paused: true, Lang: l, Preferences: Preferences{Large: large}})
					var all strings.Builder
					d.send(playEvent{signal: first})
					for n := 0; d.play.at < d.play.rows-1 || d.predict.asking; n++ {
						d.press(special(tcell.KeyEnd))
						if n == 4 {
							fmt.Fprintf(&all, "== asked ==\n%s", picture(t, d, size.w, size.h))
						}
						reply(d, n != 4 && n != 7)
						if n == 3 || n == 4 {
							fmt.Fprintf(&all, "== told ==\n%s", picture(t, d, size.w, size.h))
						}
					}
					fmt.Fprintf(&all, "== the end ==\n%s", picture(t, d, size.w, size.h))
					golden(t, name, all.String())
				})
			}
		}
	}
}

// While a question is open each key is for one thing.
func TestPredictKeys(t *testing.T) {
	taken := map[press]string{}
	for _, a := range predictActions() {
		for _, p := range a.presses {
			if other, ok := taken[p]; ok {
				t.Errorf("%s and %s share a key", a.help, other)
			}
			taken[p] = a.help
		}
	}
	for _, a := range mainActions() {
		for _, p := range a.presses {
			if _, ok := taken[p]; !ok {
				t.Errorf("%s has no answer while a question is open", a.keys)
			}
		}
	}
}
