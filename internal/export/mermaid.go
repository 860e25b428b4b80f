package export

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// MermaidOptions says how a sequence diagram is written.
type MermaidOptions struct {
	Lang lang.Language
	Conn int // the connection that is shown; 0: the story's first
}

// mostMermaid is how many octets a diagram takes at most: Mermaid draws no more than
// 50,000 unless it is told to.
const mostMermaid = 48_000

// Mermaid writes one connection as a sequence diagram in the language of Mermaid:
// segments as arrows, calls and states as notes, a blocked call as an activation.
// Mermaid's arrows are level: a segment that arrives later than the next thing happens
// has its arrow where it is sent, and a note where it arrives. An error is the writer's.
func Mermaid(w io.Writer, s *story.Story, o MermaidOptions) error {
	conn := connOf(s, o.Conn)
	m := mermaid{ladder: ladder{plan: newPlan(s, conn, nil), picture: newPicture(o.Lang)}, active: make(map[int]bool)}
	m.line("sequenceDiagram")
	m.line("    title: " + mermaidText(titleOf(s, o.Lang)))
	for _, side := range []fsm.Side{fsm.Client, fsm.Server} {
		name := o.Lang.Say("%s", side)
		if conn > 0 {
			name += " " + s.Conns.At(conn).Ends[side].String()
		}
		m.line("    participant " + participant(side) + " as " + mermaidText(name))
		if m.opening[side] {
			m.note(side, fsm.Closed.String())
		}
	}
	for i := range m.view.Rows {
		if m.text.Len() > mostMermaid {
			m.over(m.lang.Say("%d more steps are not in this picture", len(m.view.Rows)-i))
			break
		}
		m.tell(i)
	}
	out := bufio.NewWriter(w)
	out.WriteString(m.text.String())
	return out.Flush()
}

// mermaid writes a diagram, a line after the other.
type mermaid struct {
	ladder
	text   strings.Builder
	active map[int]bool // by the row of its enter, the calls that are drawn as blocked
}

func (m *mermaid) line(text string) { m.text.WriteString(text + "\n") }

// participant is the name of a side inside the diagram.
func participant(side fsm.Side) string {
	if side == fsm.Client {
		return "C"
	}
	return "S"
}

// note writes words beside a side.
func (m *mermaid) note(side fsm.Side, text string) {
	where := "left of C"
	if side == fsm.Server {
		where = "right of S"
	}
	m.line("    Note " + where + ": " + mermaidText(text))
}

// over writes words across both sides, in several lines where they are long.
func (m *mermaid) over(text string) {
	lines := wrap(strip(text), 64)
	for i := range lines {
		lines[i] = mermaidText(lines[i])
	}
	if len(lines) > 0 {
		m.line("    Note over C,S: " + strings.Join(lines, "<br/>"))
	}
}

// tell writes what a row of the view is.
func (m *mermaid) tell(i int) {
	step := m.story.At(m.view.Rows[i].Step)
	if step == nil {
		return
	}
	for _, g := range m.gaps {
		if g.row == i {
			m.over(m.lang.Say("%s later", clock(g.lasts)))
		}
	}
	m.over(step.Say.In(m.lang))
	switch step.Kind {
	case story.CallEnter, story.CallReturn:
		m.call(i, step)
	case story.SegmentSent:
		m.sent(i, step)
	case story.SegmentReceived, story.SegmentLost:
		m.end(i, step)
	case story.SegmentImpaired:
		m.over(fmt.Sprintf("%s: %s", m.name(step)(m.lang), m.impairedWords(step)(m.lang)))
	case story.Narrated:
		m.over(story.Doing(step.Does, m.lang))
	case story.TimerExpired, story.ListenerClosed, story.HostRebooted:
		if w := laneWords(step); w != nil {
			m.note(step.Side, w(m.lang))
		}
	}
	for _, side := range []fsm.Side{fsm.Client, fsm.Server} {
		if m.lines[m.at[i]].state[side] == i {
			sign := "● "
			if side == fsm.Server {
				sign = "◆ "
			}
			m.note(side, sign+m.stateName(i, side))
		}
	}
	for _, c := range step.Truths {
		if !c.Agree && (c.Conn == 0 || c.Conn == m.view.Conn) {
			m.note(c.Truth.Side, m.lang.Say("✗ the stack says %s, the model %s", c.Truth.State, c.Model))
		}
	}
}

// call writes a call; while it blocks its side is active.
func (m *mermaid) call(i int, step *story.Step) {
	const columns = 60
	other := m.peer(step)
	if step.Kind == story.CallEnter {
		if other == i+1 && m.at[other] == m.at[i] {
			return // its return is written, at once
		}
		m.note(step.Side, m.callLine(i, columns)(m.lang))
		m.active[i] = true
		m.line("    activate " + participant(step.Side))
		return
	}
	m.note(step.Side, m.callLine(i, columns)(m.lang))
	if m.active[other] {
		delete(m.active, other)
		m.line("    deactivate " + participant(step.Side))
	}
}

// peer gives the row of a step's other end, never where there is none.
func (m *mermaid) peer(step *story.Step) int { return m.row(step.Peer) }

// atOnceEnds tells that nothing is told between the sending of a segment and its end.
func (m *mermaid) atOnceEnds(sent, end int) bool {
	if end == never {
		return false
	}
	for _, row := range m.view.Rows[sent+1 : end] {
		step := m.story.At(row.Step)
		if step == nil || step.Kind != story.SegmentImpaired {
			return false
		}
	}
	return true
}

// sent writes the arrow of a segment.
func (m *mermaid) sent(i int, step *story.Step) {
	end := m.peer(step)
	arrow := "->>"
	late := !m.atOnceEnds(i, end)
	switch {
	case late:
		arrow = "-)"
	case m.story.FateOf(step) == story.FateLost:
		arrow = "-x"
	case step.Frame.Fate == story.FateAssumed && m.proof(i, step) == never:
		arrow = "-->>"
	}
	text := ""
	spans, _ := m.labelSpans(step, 56)
	for _, s := range spans {
		text += s.words(m.lang)
	}
	if late {
		text = m.lang.Say("%s … on its way", text)
	}
	from := participant(step.Side)
	m.line("    " + from + arrow + participant(step.Side.Other()) + ": " + mermaidText(text))
}

// end writes what became of a segment whose arrow does not show it.
func (m *mermaid) end(i int, step *story.Step) {
	sent := m.peer(step)
	if sent == never || m.atOnceEnds(sent, i) && !step.Again {
		return
	}
	switch {
	case step.Kind == story.SegmentLost:
		m.over(m.lang.Say("%s is lost", m.name(step)(m.lang)))
	case step.Again:
		m.note(step.Side, m.lang.Say("a copy of %s arrives", m.name(step)(m.lang)))
	default:
		m.note(step.Side, m.lang.Say("%s arrives", m.name(step)(m.lang)))
	}
}

// mermaidText makes a text fit to stand at the end of a line of a diagram: what could
// end the line, begin something else or be taken for markup is written by its number.
func mermaidText(s string) string {
	var b strings.Builder
	for _, r := range strip(s) {
		if strings.ContainsRune("#;:<>&\"'`%{}[]|\\+*~$@!^", r) {
			fmt.Fprintf(&b, "#%d;", r)
			continue
		}
		b.WriteRune(r)
	}
	return strings.TrimSpace(b.String())
}
