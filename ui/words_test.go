package ui

import (
	"errors"
	"strings"
	"testing"

	"tcpviz/fsm"
	"tcpviz/internal/story"
)

// TestTitleBar looks at what the first line says of a story.
func TestTitleBar(t *testing.T) {
	whole := connectionStory(t)
	for _, c := range []struct {
		name   string
		width  int
		change func(s *story.Story, d *dashboard)
		want   []string
		not    string
	}{
		{"a lesson", 120, func(*story.Story, *dashboard) {}, []string{"A whole connection", "loopback", "step 0/48", "truth ✓ 6/6"}, "recording"},
		{"a recording", 80, func(s *story.Story, _ *dashboard) { s.Meta.Recorded = true }, []string{"◎ recording"}, ""},
		{"a disagreement", 120, func(s *story.Story, _ *dashboard) { s.Totals.Agree = 5 }, []string{"truth ⚠ 5/6"}, "✓"},
		{"a file", 80, func(s *story.Story, _ *dashboard) { s.Meta = story.Meta{Source: "a\x1b[31m.pcap"} }, []string{"a[31m.pcap"}, "\x1b"},
		{"nothing checked", 80, func(s *story.Story, _ *dashboard) { s.Totals.Checked = 0 }, []string{"0/48"}, "✓"},
		{"playing", 80, func(_ *story.Story, d *dashboard) { d.play.playing = true }, []string{"▶ 1×"}, "‖"},
		{"live", 80, func(_ *story.Story, d *dashboard) { d.play.follow = true }, []string{"▶ live"}, "‖"},
		{"several connections", 120, func(s *story.Story, _ *dashboard) {
			s.Conns = story.ConnectionsOf(*s.Conns.At(1), *s.Conns.At(1))
		}, []string{"connection 1 of 2"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := *whole
			d := newDashboard(Options{Paused: true})
			d.show(&s)
			d.send(playEvent{signal: first})
			c.change(&s, d)
			line, _, _ := strings.Cut(picture(t, d, c.width, 40), "\n")
			for _, want := range c.want {
				if !strings.Contains(line, want) {
					t.Errorf("%q is missing in %q", want, line)
				}
			}
			if c.not != "" && strings.Contains(line, c.not) {
				t.Errorf("%q in %q", c.not, line)
			}
		})
	}
}

// TestUnusualThingsAreTold looks at the words for what is not as it should be.
func TestUnusualThingsAreTold(t *testing.T) {
	a := disagreeTale()
	a.story.Totals = story.Totals{Error: errors.New("capture: read x.pcap: frame 9: cut off"), Unshown: 7, Dropped: 3}
	a.last().Anomalies = []string{"duplicate_ack"}
	look := newTheme(false, true)
	m := tracked(a, len(a.rows)-1)
	var e explainer
	got := panelPicture(78, 20, func(c canvas) { e.draw(c, m, &look) })
	for _, want := range []string{
		"⚠", "The server's stack says CLOSE-WAIT, the model says ESTABLISHED.", "duplicate ack",
		"It ends here: capture: read x.pcap: frame 9: cut off", "7 more segments", "3 frames were lost",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing:\n%s", want, got)
		}
	}
	var short explainer
	if got := panelPicture(78, 3, func(c canvas) { short.draw(c, m, &look) }); !strings.Contains(got, "the model says ESTABLISHED") {
		t.Errorf("three lines do not tell the disagreement:\n%s", got)
	}
}

// A connection without one step says why: there is none yet, or a stream's story had
// no room for it.
func TestWhyThereIsNoStep(t *testing.T) {
	look := newTheme(false, true)
	for unshown, want := range map[int]string{0: "nothing to show yet", 70: "Save the capture"} {
		s := &story.Story{Conns: story.ConnectionsOf(fsm.Summary{}, fsm.Summary{}), Totals: story.Totals{Unshown: unshown}}
		m := moment{story: s, view: story.View{Conn: 2}, at: -1}
		var e explainer
		if got := panelPicture(100, 8, func(c canvas) { e.draw(c, m, &look) }); !strings.Contains(got, want) {
			t.Errorf("%d not shown: %q is missing:\n%s", unshown, want, got)
		}
	}
}

func TestCompleteness(t *testing.T) {
	for n, want := range map[int]string{
		0: "in part", 1: "a SYN only", 3: "handshake not complete", 7: "open, no data", 15: "open, with data",
		23: "whole, no data", 31: "whole, with data", 39: "whole, no data", 63: "whole, with data", 56: "in part",
	} {
		if got := completeness(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestCutMiddleKeepsThePort(t *testing.T) {
	if got := cutMiddle("[2001:db8:85a3:1234::7334]:443", 20, '…'); textWidth(got) != 20 || !strings.HasSuffix(got, "]:443") {
		t.Errorf("%q", got)
	}
}

// TestListScrolls moves through a list that is longer than the screen.
func TestListScrolls(t *testing.T) {
	d := newDashboard(Options{Paused: true})
	d.show(manyConnections(t))
	d.press(char('c'))
	for _, c := range []struct {
		press press
		want  string
	}{
		{press{}, "▸   1 "}, {char('k'), "▸   1 "}, {char('j'), "▸   2 "}, {char('G'), "▸  40 "},
		{char('j'), "▸  40 "}, {char('g'), "▸   1 "},
	} {
		d.press(c.press)
		if got := picture(t, d, 80, 24); !strings.Contains(got, c.want) {
			t.Fatalf("%v: %q is missing:\n%s", c.press, c.want, got)
		}
	}
	d.press(char('G'))
	d.press(press{}) // a key that is for nothing
	d.click(10, 5)
	d.click(10, 5)
	if d.list.kind != noList || d.view.Conn < 2 {
		t.Errorf("two clicks on a line chose connection %d", d.view.Conn)
	}
}

// TestKeysAreToldOnce checks the table: no key twice in a table, each action with its words.
func TestKeysAreToldOnce(t *testing.T) {
	for _, table := range [][]action{mainActions(), listActions(), append(listActions(), connectionActions()...), filterActions(), helpActions()} {
		taken := map[press]string{}
		for _, a := range table {
			if a.keys == "" || a.help == "" || a.do == nil || len(a.presses) == 0 {
				t.Errorf("%+v is not whole", a)
			}
			for _, p := range a.presses {
				if other, ok := taken[p]; ok {
					t.Errorf("%s and %s share a key", a.help, other)
				}
				taken[p] = a.help
			}
			if a.label != "" && a.rank == 0 {
				t.Errorf("%s has no rank in the footer", a.label)
			}
		}
	}
	if n := len(Keys()); n < 25 {
		t.Errorf("%d keys", n)
	}
}

// TestListeningStaysMarked is the listener that outlives its child, and its close.
func TestListeningStaysMarked(t *testing.T) {
	s := newScript()
	s.once(fsm.Server, -1, "socket", "AF_INET, SOCK_STREAM, 0", 3)
	s.once(fsm.Server, 3, "bind", "3, 127.0.0.1:10008", 0)
	s.once(fsm.Server, 3, "listen", "3, 5", 0)
	s.once(fsm.Server, 3, "close", "3", 0)
	view := s.story().View(0)
	marks := track(s.story(), view)
	if !marks[5].listening {
		t.Error("after listen nothing listens")
	}
	if marks[len(marks)-1].listening {
		t.Error("after close it still listens")
	}
}
