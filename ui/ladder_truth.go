package ui

import (
	"tcpviz/fsm"
	"tcpviz/internal/story"
)

// said is what is known at a row of the stacks' own word on each side's state.
type said [2]struct {
	state fsm.State
	// asked tells that the stack was asked, and that nothing has changed the side's
	// state since: the word is on the state that the model has.
	asked bool
}

// stackName is what the TCP of a stage is called; "" where nobody holds the wire, so
// that what the stack says is not asked after each segment.
func stackName(stage string) string {
	switch stage {
	case "wire":
		return "kernel"
	case "sim":
		return "netstack"
	}
	return ""
}

// stackWords gives for each row of a view what the stacks have said. They are asked
// whenever all has come to rest: the word on a state is also that on the steps before
// since which the state is the same.
func stackWords(s *story.Story, v story.View) []said {
	words := make([]said, len(v.Rows))
	for i, row := range v.Rows {
		var word said
		if i > 0 {
			word = words[i-1].where(v.Rows[i-1], row)
		}
		if step := s.At(row.Step); step != nil {
			for _, check := range step.Truths {
				side := check.Truth.Side
				// A side in LISTEN is a listening socket, which belongs to no connection.
				if listener := check.Conn == 0; listener == (row.State[side] == fsm.Listen) && (listener || check.Conn == v.Conn) {
					word[side].state, word[side].asked = check.Truth.State, true
				}
			}
		}
		words[i] = word
	}
	for i := len(words) - 2; i >= 0; i-- {
		later := words[i+1].where(v.Rows[i+1], v.Rows[i])
		for side := range later {
			if !words[i][side].asked {
				words[i][side] = later[side]
			}
		}
	}
	return words
}

// where gives the words of a row as far as they hold in another one, in which the side
// has the same state.
func (w said) where(row, other story.Row) said {
	for side := range w {
		if row.State[side] != other.State[side] {
			w[side].asked = false
		}
	}
	return w
}

// truth draws, below the names of the sides, the state of each as the model and the
// stack itself have it.
func (p *painter) truth() {
	if p.lay.body < 2 || p.at < 0 || int(p.at) >= len(p.ladder.words) {
		return
	}
	row, word := p.ladder.view.Rows[p.at], p.ladder.words[p.at]
	middle := (p.lay.left + p.lay.right) / 2
	room := [2]int{middle - p.lay.lane, p.end() - middle - 1}
	for _, side := range [...]fsm.Side{fsm.Client, fsm.Server} {
		if !word[side].asked && row.State[side] == fsm.Closed {
			continue // there is no socket that could be asked about
		}
		style, sign := p.theme.dim, p.theme.ellipsis
		l := p.moment.lang
		stack := l.Text(p.ladder.stack)
		switch {
		case !word[side].asked:
		case word[side].state == row.State[side]:
			style, sign = p.theme.good, p.theme.glyphs.good
			stack += " " + word[side].state.String()
		default:
			style, sign = p.theme.warn, p.theme.lost
			stack += " " + word[side].state.String()
		}
		model := row.State[side].String()
		text := ""
		for _, form := range []string{
			l.Say("model %s", model) + " " + string(sign) + " " + stack,
			model + " " + string(sign) + " " + stack,
			string(sign) + " " + stack,
		} {
			if text = form; textWidth(text) <= room[side]-1 {
				break
			}
		}
		x := p.lay.lane
		if side == fsm.Server {
			x = p.end() - textWidth(text)
		}
		p.canvas.text(x, 1, text, style)
	}
}
