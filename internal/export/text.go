package export

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// TextOptions says how the plain text is written.
type TextOptions struct {
	Lang  lang.Language
	ASCII bool // arrows and marks in ASCII, and the words in English
}

// language is what the words are said in.
func (o TextOptions) language() lang.Language {
	if o.ASCII {
		return lang.English
	}
	return o.Lang
}

// The columns of the text form: what the client does stands at clientColumn, what
// the server does at serverColumn, a segment's arrow spans both.
const (
	clientColumn = 19
	serverColumn = 57
	arrowEnd     = 97
)

// Text writes the story as plain text: a heading, its steps from the top down
// (the client on the left, the server on the right, segments as arrows between
// them, state changes below what caused them), and a summary. An error is the writer's.
func Text(w io.Writer, s *story.Story, o TextOptions) error {
	if err := TextHead(w, s, o); err != nil {
		return err
	}
	if err := TextSteps(w, s, s.First+1, s.First+len(s.Steps), o); err != nil {
		return err
	}
	return TextEnd(w, s, nil, o)
}

// TextHead writes what the story is about and the head of the columns.
func TextHead(w io.Writer, s *story.Story, o TextOptions) error {
	out := newPage(w, o)
	for _, line := range heading(s.Meta, o) {
		out.line(line)
	}
	out.line("")
	out.lanes(out.l.Text("  step        ms  #"), out.l.Text("client"), out.l.Text("server"))
	return out.flush()
}

func heading(m story.Meta, o TextOptions) []string {
	l := o.language()
	var lines []string
	switch {
	case m.Lesson != "":
		title := strip(m.Title.In(l))
		if title == "" {
			title = l.Text("lesson")
		}
		lines = append(lines, l.Say("tcpviz: %s (%s)", title, strip(m.Lesson)))
	case m.Source != "":
		lines = append(lines, l.Say("tcpviz: %s", strip(m.Source)))
	default:
		lines = append(lines, "tcpviz")
	}
	if m.Recorded {
		lines = append(lines, l.Text("a recording: this happened when it was recorded, not now"))
	}
	if m.Stage != "" {
		stage := l.Say("stage %s", strip(m.Stage))
		if why := m.StageWhy.In(l); why != "" {
			stage = l.Say("stage %s: %s", strip(m.Stage), strip(why))
		}
		lines = append(lines, stage)
	}
	return lines
}

// TextSteps writes the steps from first to last, both included. Steps that the
// story does not hold are passed over.
func TextSteps(w io.Writer, s *story.Story, first, last int, o TextOptions) error {
	out := newPage(w, o)
	for n := first; n <= last; n++ {
		if step := s.At(n); step != nil {
			out.step(s, step)
		}
	}
	return out.flush()
}

// page writes the lines of the text form.
type page struct {
	w *bufio.Writer
	o TextOptions
	l lang.Language
	// The step being written, for the first of its lines.
	margin string
}

func newPage(w io.Writer, o TextOptions) *page {
	return &page{w: bufio.NewWriterSize(w, flushSize), o: o, l: o.language()}
}

func (p *page) flush() error { return p.w.Flush() }

func (p *page) line(s string) {
	if p.o.ASCII {
		s = onlyASCII(s)
	}
	p.w.WriteString(strings.TrimRight(s, " "))
	p.w.WriteByte('\n')
}

// lanes writes a line with a text in the client's lane, or the server's, or both.
func (p *page) lanes(margin, client, server string) {
	line := pad(margin, clientColumn) + client
	if server != "" {
		line = pad(line, serverColumn) + server
	}
	p.line(line)
}

// inLane writes a line of the current step into the lane of a side.
func (p *page) inLane(side fsm.Side, text string) {
	if side == fsm.Client {
		p.lanes(p.margin, text, "")
	} else {
		p.lanes(p.margin, "", text)
	}
	p.margin = ""
}

func (p *page) step(s *story.Story, step *story.Step) {
	p.margin = margin(s, step)
	p.say(step.Say)
	switch step.Kind {
	case story.Narrated:
		if step.Does != "" {
			p.line(pad(p.margin, clientColumn) + p.l.Say("lesson: %s", strip(story.Doing(step.Does, p.l))))
		}
	case story.CallEnter:
		p.enter(s, step)
	case story.CallReturn:
		p.returned(s, step)
	case story.SegmentSent:
		p.segment(s, step)
	case story.SegmentReceived, story.SegmentLost:
		p.ends(s, step)
	case story.SegmentImpaired:
		p.impaired(s, step)
	case story.TimerExpired:
		p.inLane(step.Side, p.l.Text(timerText(step.Timer)))
	case story.ListenerClosed:
		p.inLane(step.Side, p.l.Text("the listening socket is closed"))
	case story.HostRebooted:
		if step.Conn == 0 {
			p.inLane(step.Side, p.l.Text("the host fails and starts again"))
		}
	}
	for _, t := range step.Transitions {
		if t.Changed() {
			p.transition(step, t)
		}
	}
	for _, c := range step.Truths {
		if !c.Agree {
			p.inLane(c.Truth.Side, p.l.Say("%s the stack says %s, the model %s", p.glyph("✗", "!"), c.Truth.State, c.Model))
		}
	}
}

// margin is what stands left of a step: its number, the milliseconds since the
// story began, and its connection.
func margin(s *story.Story, step *story.Step) string {
	conn := ""
	if step.Conn > 0 {
		conn = fmt.Sprint(step.Conn)
	}
	return fmt.Sprintf("%6d %10.3f %2s", step.N, milliseconds(step.Time.Sub(start(s, step))), conn)
}

// start is when the story began, as far as it is still known.
func start(s *story.Story, step *story.Step) time.Time {
	t := step.Time
	if first := s.At(s.First + 1); first != nil {
		t = first.Time
	}
	if s.Conns.Len() > 0 && s.First > 0 {
		t = story.Moment(s.Conns.At(1).Start)
	}
	return t
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// say writes what the lesson says.
func (p *page) say(text story.Text) {
	for i, line := range wrap(strip(text.In(p.l)), arrowEnd-2) {
		if i == 0 {
			p.line("")
		}
		p.line("# " + line)
	}
}

// enter writes a call that changes a state when it is made, or has something between
// its enter and its return; the others have one line, at their return.
func (p *page) enter(s *story.Story, step *story.Step) {
	c := step.Call
	if !atOnce(step, s.At(step.Peer)) {
		p.inLane(c.Side, p.callText(c)+" "+p.glyph("…", "..."))
	}
}

func (p *page) returned(s *story.Story, step *story.Step) {
	c := step.Call
	enter := s.At(step.Peer)
	if step.Peer == step.N-1 && (enter == nil || atOnce(enter, step)) {
		p.inLane(c.Side, p.callText(c))
		return
	}
	after := ""
	if enter != nil && !c.Inferred {
		after = "  " + p.l.Say("(after %.3f ms)", milliseconds(step.Time.Sub(enter.Time)))
	}
	p.inLane(c.Side, p.glyph("… ", "... ")+p.callText(c)+after)
}

// atOnce reports whether a call has one line: its return is the next step, and its
// enter alone changes nothing.
func atOnce(enter, back *story.Step) bool {
	return back != nil && back.N == enter.N+1 && !slices.ContainsFunc(enter.Transitions, fsm.Transition.Changed)
}

// callText is a call as source text, with its program where that is not the
// side's own name, and a mark where it was inferred.
func (p *page) callText(c *story.Call) string {
	text := strip(c.Text())
	if c.Program != "" && c.Program != c.Side.String() {
		text = strip(c.Program) + ": " + text
	}
	if c.Inferred {
		text = "[" + text + "]"
	}
	return text
}

func (p *page) transition(step *story.Step, t fsm.Transition) {
	mark := p.glyph("●", "*")
	if t.Side == fsm.Server {
		mark = p.glyph("◆", "+")
	}
	socket := ""
	if step.Listener {
		socket = p.l.Text("listening socket") + " "
	}
	basis := ""
	if t.Basis != fsm.Observed {
		basis = p.l.Say(" (%s)", t.Basis)
	}
	p.inLane(t.Side, fmt.Sprintf("%s %s%s %s %s%s", mark, socket, t.From, p.glyph("→", "->"), t.To, basis))
	p.inLane(t.Side, fmt.Sprintf("  %s, %s", t.Rule.ID, p.standard(t.Rule.RFC)))
}

// standard names where a rule stands: a bare section number is RFC 9293's.
func (p *page) standard(rfc string) string {
	if rfc != "" && rfc[0] >= '0' && rfc[0] <= '9' {
		return "RFC 9293 " + p.glyph("§", "section ") + rfc
	}
	return rfc
}

func (p *page) glyph(unicode, ascii string) string {
	if p.o.ASCII {
		return ascii
	}
	return unicode
}

func timerText(t fsm.Timer) string {
	switch t {
	case fsm.TimeWaitTimer:
		return "2MSL have passed: the TIME-WAIT timer expires"
	case fsm.Retransmission:
		return "the retransmission timer expires"
	case fsm.UserTimeout:
		return "the user timeout expires"
	case fsm.KeepAliveTimer:
		return "the keep-alive timer expires"
	case fsm.FinWait2Timer:
		return "the FIN-WAIT-2 timer expires"
	case fsm.SynReceivedTimer:
		return "the SYN-RECEIVED timer expires"
	case fsm.LossProbeTimer:
		return "the probe timeout expires: a tail loss probe"
	case fsm.ReorderTimer:
		return "the reordering timer expires"
	case fsm.PersistTimer:
		return "the persist timer expires: a window probe"
	case fsm.KeepAliveProbeTimer:
		return "the keep-alive timer expires: a probe"
	case fsm.DelayedAckTimer:
		return "the delayed ACK timer expires"
	}
	return "a timer expires"
}
