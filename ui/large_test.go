package ui

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gdamore/tcell/v2"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
)

func TestLargeScreens(t *testing.T) {
	s := connectionStory(t)
	for _, size := range screenSizes {
		for _, l := range []lang.Language{lang.English, lang.Chinese} {
			name := fmt.Sprintf("large-%s-%dx%d", l, size.w, size.h)
			t.Run(name, func(t *testing.T) {
				d := newDashboard(Options{Paused: true, Lang: l, Preferences: Preferences{Large: true}})
				d.show(s)
				var all strings.Builder
				for _, at := range []int{-1, 9, 10, 13, 20, 38, 1 << 20} {
					d.send(playEvent{signal: jump, n: at})
					fmt.Fprintf(&all, "== step %d ==\n%s", d.play.at+1, picture(t, d, size.w, size.h))
				}
				golden(t, name, all.String())
			})
		}
	}
}

// The ASCII skin has boxes for block letters.
func TestLargeASCII(t *testing.T) {
	for _, size := range screenSizes {
		name := fmt.Sprintf("large-ascii-%dx%d", size.w, size.h)
		t.Run(name, func(t *testing.T) {
			d := newDashboard(Options{Paused: true, ASCII: true, Preferences: Preferences{Large: true}})
			d.show(connectionStory(t))
			d.send(playEvent{signal: jump, n: 15})
			golden(t, name, picture(t, d, size.w, size.h))
		})
	}
}

// What is large is laid out by the size alone: nothing lies over anything else, at any size.
func TestLargeLayout(t *testing.T) {
	for w := minWidth; w <= 260; w++ {
		for h := minHeight; h <= 80; h++ {
			for _, questions := range []bool{false, true} {
				for _, ascii := range []bool{false, true} {
					l := newLargeLayout(w, h, ascii, questions)
					top := l.states + l.tall
					switch {
					case l.states < 2, l.body.y < top, l.body.h < 1, l.said.y < l.body.y+l.body.h, l.said.y+l.said.h > h-1:
						t.Fatalf("%dx%d: something lies over something else: %+v", w, h, l)
					case l.said.x < 1 || l.said.x+l.said.w > w-1:
						t.Fatalf("%dx%d: the sentence has no margins: %+v", w, h, l)
					case questions && l.said.h < predictLines+2:
						t.Fatalf("%dx%d: no room for a question: %+v", w, h, l)
					}
					for side, x := range l.lifeline {
						half := l.room() / 2
						if x-half < 0 || x+half >= w || half < 9 {
							t.Fatalf("%dx%d: side %d has %d columns at %d", w, h, side, l.room(), x)
						}
					}
					if l.lifeline[0]+l.room()/2 >= l.lifeline[1]-l.room()/2 {
						t.Fatalf("%dx%d: the sides lie over each other", w, h)
					}
				}
			}
		}
	}
}

// Every state can be written in block letters, wherever they are used.
func TestLetteringHasEveryState(t *testing.T) {
	for _, size := range [][2]int{{120, 40}, {200, 60}} {
		l := newLargeLayout(size[0], size[1], false, false)
		for state := fsm.Closed; state <= fsm.TimeWait; state++ {
			b, ok := letteringOf(state.String(), l.double)
			if w, h := b.size(); !ok || w > l.room() || h > l.tall {
				t.Errorf("%v: %dx%d, there is room for %dx%d", state, w, h, l.room(), l.tall)
			}
		}
	}
	for _, name := range []string{"SYN", "SYN ACK", "FIN ACK", "RST", "RST ACK", "DATA", "ACK", "FIN"} {
		if _, ok := letteringOf(name, false); !ok {
			t.Errorf("%s: a letter is lacking", name)
		}
	}
	if _, ok := letteringOf("é", false); ok {
		t.Error("é is written")
	}
}

// Each letter has the height of the others, rows that are alike long, and a shape of its own.
func TestFont(t *testing.T) {
	shapes := map[string]rune{}
	n := 0
	for r := rune(0); r < 0x80; r++ {
		rows, ok := font(r)
		if !ok {
			continue
		}
		n++
		for _, row := range rows {
			if row == "" || len(row) != len(rows[0]) || strings.Trim(row, ".#") != "" {
				t.Errorf("%q: the row %q", r, row)
			}
		}
		shape := strings.Join(rows[:], "/")
		if other, taken := shapes[shape]; taken && (r != '0' && r != 'O' || other != '0' && other != 'O') {
			t.Errorf("%q looks like %q", r, other)
		}
		shapes[shape] = r
	}
	if n < 36 {
		t.Errorf("%d letters", n)
	}
}

// Whatever a story holds can be shown large, at every step and size.
func TestLargeShowsEverything(t *testing.T) {
	all := tales()
	all["disagree"], all["midstream"], all["foreign"] = disagreeTale(), midstreamTale(), foreignTale()
	for name, a := range all {
		d := newDashboard(Options{Paused: true, Preferences: Preferences{Large: true}})
		d.show(&a.story)
		for _, size := range append(screenSizes, struct{ w, h int }{minWidth, minHeight}) {
			seen := ""
			for at := 0; at < len(a.rows); at += max(1, len(a.rows)/30) {
				d.send(playEvent{signal: jump, n: at})
				seen += picture(t, d, size.w, size.h)
			}
			for _, sign := range []string{"CLIENT", "SERVER", "┃"} {
				if !strings.Contains(seen, sign) {
					t.Errorf("%s, %dx%d: no %s", name, size.w, size.h, sign)
				}
			}
			if name == "disagree" && (!strings.Contains(seen, "⚠") || !strings.Contains(seen, "stack")) {
				t.Errorf("%dx%d: the disagreement is not told", size.w, size.h)
			}
		}
	}
}

// The key goes there and back, and is remembered; what is opened is shown as always.
func TestLargeKey(t *testing.T) {
	var kept []Preferences
	d := newDashboard(Options{Paused: true, Preferences: Preferences{Greeted: true}, Remember: func(p Preferences) { kept = append(kept, p) }})
	d.show(connectionStory(t))
	small := picture(t, d, 120, 40)
	d.press(char('m'))
	large := picture(t, d, 120, 40)
	if !d.showsLarge() || large == small {
		t.Error("m does nothing")
	}
	d.press(char('d'))
	if d.showsLarge() || !strings.Contains(picture(t, d, 120, 40), "state machine") {
		t.Error("the diagram does not open")
	}
	d.press(special(tcell.KeyEscape))
	if picture(t, d, 120, 40) != large {
		t.Error("it is not large again")
	}
	d.press(char('m'))
	if picture(t, d, 120, 40) != small || len(kept) != 2 || !kept[0].Large || kept[1].Large {
		t.Errorf("m does not go back; remembered %+v", kept)
	}
}

// A segment glides in large mode too, half-way where somebody holds the wire.
func TestLargeGlides(t *testing.T) {
	d := newDashboard(Options{Preferences: Preferences{Large: true}})
	d.show(connectionStory(t))
	d.send(playEvent{signal: jump, n: 10})
	d.play.playing = true
	places := map[int]bool{}
	for d.play.elapsed = glide / 10; d.play.elapsed < glide; d.play.elapsed += glide / 10 {
		for _, line := range strings.Split(picture(t, d, 120, 40), "\n") {
			if before, _, ok := strings.Cut(line, "━● "); ok {
				places[textWidth(before)] = true
			} else if before, _, ok := strings.Cut(line, "●"); ok && strings.Contains(line, "SYN-SENT") {
				places[textWidth(before)] = true
			}
		}
	}
	if len(places) < 8 {
		t.Errorf("the SYN is seen at %d places", len(places))
	}
}

func BenchmarkLargeFrame200x60(b *testing.B) {
	d := newDashboard(Options{Preferences: Preferences{Large: true}})
	d.show(connectionStory(b))
	d.send(playEvent{signal: jump, n: 10})
	d.play.playing = true
	var f frame
	b.ReportAllocs()
	for b.Loop() {
		d.play.elapsed = d.play.elapsed%glide + glide/16
		d.draw(f.begin(200, 60))
	}
}

// The answer to a key is there whole, before the keys of the footer.
func TestLargeHintHasRoom(t *testing.T) {
	d := newDashboard(Options{Paused: true})
	d.show(connectionStory(t))
	d.press(char('m'))
	d.hint = strings.Repeat("x", 60)
	if text := picture(t, d, 80, 24); !strings.Contains(text, d.hint) {
		t.Errorf("the answer is cut:\n%s", text)
	}
}

// A state that nobody saw is marked as such in large letters too.
func TestLargeTellsTheBasis(t *testing.T) {
	a := midstreamTale()
	for _, size := range screenSizes {
		d := newDashboard(Options{Paused: true, ASCII: true})
		p := largePainter{theme: &d.theme, moment: tracked(a, 1), lay: newLargeLayout(size.w, size.h, true, false)}
		p.ladder = d.ladder.fit(p.moment)
		text := panelPicture(size.w, size.h, func(c canvas) {
			p.canvas = c
			p.states()
		})
		text = strings.ReplaceAll(text, " ", "")
		if !strings.Contains(text, "(ESTABLISHED)") || !strings.Contains(text, "ESTABLISHED?") {
			t.Errorf("an inferred and an assumed state look observed:\n%s", text)
		}
	}
}
