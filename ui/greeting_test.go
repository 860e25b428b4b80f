package ui

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gdamore/tcell/v2"

	"tcpviz/internal/lang"
)

// newcomer is a dashboard that nobody has seen before; kept is what it remembers.
func newcomer(t *testing.T, o Options) (d *dashboard, kept *[]Preferences) {
	t.Helper()
	kept = new([]Preferences)
	o.Remember = func(p Preferences) { *kept = append(*kept, p) }
	d = newDashboard(o)
	d.show(connectionStory(t))
	return d, kept
}

func TestGreetingScreens(t *testing.T) {
	for _, size := range screenSizes {
		for _, l := range []lang.Language{lang.English, lang.Chinese} {
			name := fmt.Sprintf("greeting-%s-%dx%d", l, size.w, size.h)
			t.Run(name, func(t *testing.T) {
				d, _ := newcomer(t, Options{Lang: l})
				golden(t, name, picture(t, d, size.w, size.h))
			})
		}
	}
}

// Any key takes the greeting away, is remembered, and does its work.
func TestGreetingIsLeft(t *testing.T) {
	for _, c := range []struct {
		name    string
		press   press
		at      int
		playing bool
		help    bool
		quit    bool
	}{
		{"space plays", char(' '), -1, true, false, false},
		{"a step", special(tcell.KeyRight), 0, false, false, false},
		{"help", char('?'), -1, false, true, false},
		{"quit", char('q'), -1, false, false, true},
		{"a key for nothing", char('#'), -1, false, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, kept := newcomer(t, Options{})
			for range 100 { // it waits
				d.send(playEvent{signal: tick, passed: longestTick})
			}
			if d.play.at != -1 || d.animating() || !strings.Contains(picture(t, d, 80, 24), "Welcome") {
				t.Fatalf("it does not wait: at %d\n%s", d.play.at, picture(t, d, 80, 24))
			}
			d.press(c.press)
			if d.play.at != c.at || d.play.playing != c.playing || d.help != c.help || d.quit != c.quit {
				t.Errorf("at %d, playing %v, help %v, quit %v", d.play.at, d.play.playing, d.help, d.quit)
			}
			if d.greets() || len(*kept) != 1 || !(*kept)[0].Greeted {
				t.Errorf("remembered %+v", *kept)
			}
		})
	}
	t.Run("a click", func(t *testing.T) {
		d, kept := newcomer(t, Options{})
		picture(t, d, 80, 24)
		d.click(40, 12)
		if d.greets() || len(*kept) != 1 || d.play.at != -1 {
			t.Errorf("at %d, remembered %+v", d.play.at, *kept)
		}
	})
}

// Who was greeted once, and who cannot be remembered, is not greeted.
func TestNobodyIsGreetedTwice(t *testing.T) {
	d, _ := newcomer(t, Options{Preferences: Preferences{Greeted: true}})
	if d.greets() || !d.play.playing {
		t.Error("greeted again")
	}
	d = newDashboard(Options{})
	d.show(connectionStory(t))
	if d.greets() || !d.play.playing {
		t.Error("greeted without being remembered")
	}
}

// A key that can do nothing yet begins too, and is not told off.
func TestGreetingTellsNobodyOff(t *testing.T) {
	d, _ := newcomer(t, Options{})
	d.press(special(tcell.KeyEnter))
	if d.greets() || d.hint != "" {
		t.Errorf("greets %t, hint %q", d.greets(), d.hint)
	}
	if d.press(special(tcell.KeyEnter)); d.hint == "" {
		t.Error("the next time there is no reason given")
	}
}
