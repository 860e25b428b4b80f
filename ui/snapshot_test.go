package ui

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
)

func TestFilmGoesAnywhere(t *testing.T) {
	s := connectionStory(t)
	film := NewFilm(Options{Lang: lang.Chinese}, s, 1, 120, 40)
	steps := film.Steps()
	if steps != len(s.View(1).Rows) {
		t.Fatalf("%d steps", steps)
	}
	for _, n := range []int{0, 1, steps, steps + 5} {
		want, got := film.At(n), NewFilm(Options{Lang: lang.Chinese}, s, 0, 120, 40).At(n)
		for y := range want.Height {
			if want.Text(y) != got.Text(y) {
				t.Errorf("after %d steps line %d is %q in the film, %q alone", n, y, want.Text(y), got.Text(y))
			}
		}
	}
	first := film.At(0).Text(0)
	if !strings.Contains(first, "一次完整的连接") || !strings.Contains(film.At(0).Text(1), "客户端") {
		t.Errorf("the first lines are %q", first)
	}
}

// The sides have colours of their own, and what is wide takes two cells.
func TestFilmCells(t *testing.T) {
	row := NewFilm(Options{Lang: lang.Chinese}, connectionStory(t), 1, 80, 24).At(20).Row(1)
	look := newTheme(false, false)
	for x, c := range row {
		if c.Text != string(look.token(fsm.Client)) {
			continue
		}
		if n, ok := c.Style.Foreground.Palette(); !ok || n != 33 || !c.Style.Bold {
			t.Errorf("the client's token is drawn in %v", c.Style)
		}
		if r, g, b, ok := c.Style.Foreground.RGB(); !ok || b <= r || b <= g {
			t.Errorf("colour 33 is %d %d %d %v", r, g, b, ok)
		}
		if _, _, _, ok := c.Style.Background.RGB(); ok {
			t.Error("the terminal's own background has a colour")
		}
		if row[x+2].Text != "客" || row[x+3].Text != "" || row[x+4].Text != "户" {
			t.Errorf("its name is drawn as %v", row[x+2:x+8])
		}
		return
	}
	t.Error("there is no token of the client")
}

// A segment glides for a while, and is then there.
func TestFilmShowsFlights(t *testing.T) {
	film := NewFilm(Options{}, connectionStory(t), 1, 80, 24)
	for n := range film.Steps() {
		shown, glides := film.Pace(n + 1)
		if shown <= 0 || glides > shown {
			t.Errorf("step %d is shown for %v and glides for %v", n+1, shown, glides)
		}
		if glides == 0 {
			continue
		}
		begins, ends, still := kept(film.During(n+1, 0)), kept(film.During(n+1, glides)), film.At(n+1)
		differ := func(a, b Screen) bool {
			for y := range a.Height {
				if a.Text(y) != b.Text(y) {
					return true
				}
			}
			return false
		}
		if !differ(begins, ends) || differ(ends, still) {
			t.Errorf("step %d does not glide to where it is in %v", n+1, glides)
		}
	}
	film.Press("b")
	if s := film.At(20); !strings.Contains(allText(s), "sequence number") {
		t.Errorf("the header does not open:\n%s", allText(s))
	}
	if _, glides := film.Pace(0); glides > time.Second {
		t.Errorf("nothing glides for %v", glides)
	}
}

func allText(s Screen) string {
	var b strings.Builder
	for y := range s.Height {
		b.WriteString(s.Text(y) + "\n")
	}
	return b.String()
}

// kept is a film's screen that stays what it is.
func kept(s Screen) Screen {
	s.Cells = slices.Clone(s.Cells)
	return s
}
