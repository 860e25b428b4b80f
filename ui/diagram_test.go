package ui

import (
	"fmt"
	"strings"
	"testing"

	"tcpviz/fsm"
)

// TestFiguresAreComplete checks every drawing against the arrows of RFC 9293 figure 5.
func TestFiguresAreComplete(t *testing.T) {
	want := [][2]fsm.State{
		{fsm.Closed, fsm.Listen}, {fsm.Listen, fsm.Closed}, {fsm.Closed, fsm.SynSent}, {fsm.SynSent, fsm.Closed},
		{fsm.SynReceived, fsm.Listen}, {fsm.Listen, fsm.SynReceived}, {fsm.Listen, fsm.SynSent}, {fsm.SynSent, fsm.SynReceived},
		{fsm.SynReceived, fsm.Established}, {fsm.SynSent, fsm.Established}, {fsm.SynReceived, fsm.FinWait1},
		{fsm.Established, fsm.FinWait1}, {fsm.Established, fsm.CloseWait}, {fsm.FinWait1, fsm.FinWait2}, {fsm.FinWait1, fsm.Closing},
		{fsm.CloseWait, fsm.LastAck}, {fsm.FinWait2, fsm.TimeWait}, {fsm.Closing, fsm.TimeWait},
		{fsm.LastAck, fsm.Closed}, {fsm.TimeWait, fsm.Closed},
	}
	for _, f := range figures() {
		drawn := map[[2]fsm.State]int{}
		for _, e := range f.edges {
			if !e.note {
				drawn[[2]fsm.State{e.from, e.to}]++
			}
		}
		for _, pair := range want {
			if drawn[pair] != 1 {
				t.Errorf("%s: %v to %v is drawn %d times", f.name, pair[0], pair[1], drawn[pair])
			}
			delete(drawn, pair)
		}
		if len(drawn) > 0 {
			t.Errorf("%s: arrows that the figure does not have: %v", f.name, drawn)
		}
		states := map[fsm.State]bool{}
		for _, n := range f.nodes {
			states[n.state] = true
		}
		if len(states) != fsm.StateCount {
			t.Errorf("%s: %d states", f.name, len(states))
		}
	}
}

// TestFiguresAreTidy checks that nothing in a drawing lies on anything else, that
// all of it is inside, and that every arrow leaves one box and ends at the other.
func TestFiguresAreTidy(t *testing.T) {
	for _, f := range figures() {
		cells := map[point]string{}
		put := func(p point, what string) {
			if p.x < 0 || p.y < 0 || p.x >= f.w || p.y >= f.h {
				t.Errorf("%s: %s is outside at %v", f.name, what, p)
			}
			if before, taken := cells[p]; taken {
				t.Errorf("%s: %s lies on %s at %v", f.name, what, before, p)
			}
			cells[p] = what
		}
		at := map[point]fsm.State{}
		for _, n := range f.nodes {
			for y := n.y; y < n.y+n.h; y++ {
				for x := n.x; x < n.x+n.w; x++ {
					put(point{x, y}, n.state.String())
					at[point{x, y}] = n.state
				}
			}
		}
		for _, e := range f.edges {
			name := e.from.String() + " → " + e.to.String()
			own := map[point]bool{}
			strokes := f.strokes(&e)
			for i, s := range strokes {
				own[s.point] = true
				if _, inBox := at[s.point]; inBox && (i == 0 || i == len(strokes)-1) {
					continue // a tee or a head on a frame
				}
				put(s.point, name)
			}
			for i := range len(e.label) {
				if p := (point{e.at.x + i, e.at.y}); !own[p] { // a label may stand in its own line
					put(p, name+" label")
				}
			}
			near := func(p point, state fsm.State) bool {
				s, inside := at[p]
				return inside && s == state || f.beside(p, state) != 0
			}
			if !near(e.path[0], e.from) {
				t.Errorf("%s: %s does not leave its box", f.name, name)
			}
			if !near(e.path[len(e.path)-1], e.to) {
				t.Errorf("%s: %s does not reach its box", f.name, name)
			}
		}
	}
}

// TestFigurePictures draws each figure at the end of a connection and half-way.
func TestFigurePictures(t *testing.T) {
	story := connectionStory(t)
	m := moment{story: story, view: story.View(1)}
	m.marks = track(m.story, m.view)
	for _, f := range figures() {
		for _, at := range []int{12, len(m.view.Rows) - 1} {
			m.at = at
			look := newTheme(false, true)
			got := panelPicture(f.w+2, f.h+1, func(c canvas) { newDiagram().draw(c, m, &look) })
			golden(t, fmt.Sprintf("figure-%s-%d", f.name, at), got)
		}
	}
}

// TestTokens checks where each side stands, for every step of a connection.
func TestTokens(t *testing.T) {
	story := connectionStory(t)
	m := moment{story: story, view: story.View(1)}
	m.marks = track(m.story, m.view)
	for at := range m.view.Rows {
		m.at = at
		for _, f := range figures() {
			for _, side := range []fsm.Side{fsm.Client, fsm.Server} {
				var on []string
				for i := range f.nodes {
					if now, _ := m.standing(&f.nodes[i], side, m.mark()); now {
						on = append(on, f.nodes[i].state.String())
					}
				}
				if want := m.states()[side].String(); len(on) != 1 || on[0] != want {
					t.Errorf("%s, row %d: the %s stands on %v, not on %s", f.name, at, side, on, want)
				}
			}
		}
		listens := m.stepAt(at).N >= 6
		if m.mark().listening != listens {
			t.Errorf("row %d: listening is %v", at, m.mark().listening)
		}
	}
}

// TestChangesWithoutAnArrow looks at a change that the figure leaves to a note, and
// at one that has the ends of an arrow but another reason: that arrow must not be lit.
func TestChangesWithoutAnArrow(t *testing.T) {
	a := newTale()
	a.row.State = [2]fsm.State{fsm.FinWait1, fsm.LastAck}
	a.arrives(a.send(sv, fsm.FIN|fsm.ACK, 1, 2, "", 0))
	a.is(cl, fsm.TimeWait)
	a.arrives(a.send(cl, fsm.RST, 2, 0, "", 0))
	a.is(sv, fsm.Closed)
	a.becomes(cl, fsm.Closed, fsm.Assumed)
	look := newTheme(false, true)
	for at, want := range map[int]string{
		1: "● client  FIN-WAIT-1 → TIME-WAIT  rcv FIN,ACK / ACK",
		3: "● client  TIME-WAIT → CLOSED  assumed  not in the RFC's figure: rule test",
	} {
		got := panelPicture(80, 20, func(c canvas) { newDiagram().draw(c, tracked(a, at), &look) })
		if !strings.Contains(got, want) {
			t.Errorf("row %d does not say %q:\n%s", at, want, got)
		}
		if strings.ContainsAny(got, "━┃") {
			t.Errorf("row %d lights an arrow that was not taken:\n%s", at, got)
		}
	}
}
