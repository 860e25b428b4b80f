package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// The lines of the JSON form. Their fields are a contract: fields may be added,
// never renamed.

type callLine struct {
	Kind     string      `json:"kind"`
	N        int         `json:"n"`
	Time     string      `json:"time"`
	Conn     int         `json:"conn"`
	Side     string      `json:"side"`
	Phase    string      `json:"phase"`
	Op       string      `json:"op"`
	Args     string      `json:"args"`
	Text     string      `json:"text"`
	Inferred bool        `json:"inferred"`
	Say      *story.Text `json:"say,omitempty"` // the lesson's narration that begins here
	// Of a return only.
	Result    *int64 `json:"result,omitempty"`
	Errno     string `json:"errno,omitempty"`
	BlockedUS *int64 `json:"blocked_us,omitempty"`
	Program   string `json:"program,omitempty"`
	Cause     int    `json:"cause,omitempty"`
}

type segmentLine struct {
	Kind      string   `json:"kind"`
	N         int      `json:"n"`
	Time      string   `json:"time"`
	Frame     int      `json:"frame"`
	Conn      int      `json:"conn"`
	Side      string   `json:"side"`
	Flags     string   `json:"flags"`
	Seq       uint32   `json:"seq"`
	Ack       uint32   `json:"ack"`
	SeqRaw    uint32   `json:"seq_raw"`
	AckRaw    uint32   `json:"ack_raw"`
	Len       uint32   `json:"len"`
	Win       uint16   `json:"win"`
	Fate      string   `json:"fate"`
	Anomalies []string `json:"anomalies,omitempty"`
	Cause     int      `json:"cause,omitempty"`
}

type transitionLine struct {
	Kind     string `json:"kind"`
	N        int    `json:"n"`
	Conn     int    `json:"conn"`
	Side     string `json:"side"`
	From     string `json:"from"`
	To       string `json:"to"`
	Basis    string `json:"basis"`
	Rule     string `json:"rule"`
	RFC      string `json:"rfc"`
	Reason   string `json:"reason"`
	Listener bool   `json:"listener,omitempty"` // of a listening socket, not of a connection's endpoint
}

type truthLine struct {
	Kind  string `json:"kind"`
	N     int    `json:"n"`
	Conn  int    `json:"conn"`
	Side  string `json:"side"`
	State string `json:"state"`
	Model string `json:"model"`
	Agree bool   `json:"agree"`
}

// narrationLine is a step at which the lesson speaks and no call begins.
type narrationLine struct {
	Kind string     `json:"kind"`
	N    int        `json:"n"`
	Time string     `json:"time"`
	Say  story.Text `json:"say"`
	Does string     `json:"does,omitempty"` // to the wire, to a host, or that time passes
}

type summaryLine struct {
	Kind        string         `json:"kind"`
	Frames      int            `json:"frames"`
	Segments    int            `json:"segments"`
	Connections int            `json:"connections"`
	Skipped     map[string]int `json:"skipped"`
	Truth       truthCount     `json:"truth"`
	Stage       string         `json:"stage"`
	Error       string         `json:"error"`
	Dropped     int            `json:"dropped"`
	// FinishedEarly counts connections that were given up to stay within memory.
	FinishedEarly int `json:"finished_early,omitempty"`
	// Selected is how many of the connections a filter has let through; nil: there is no filter.
	Selected *int   `json:"selected,omitempty"`
	Recorded bool   `json:"recorded,omitempty"`
	Lesson   string `json:"lesson,omitempty"`
}

type truthCount struct {
	Checked int `json:"checked"`
	Agree   int `json:"agree"`
}

// JSON writes the story as JSON lines: the lines of its steps, one line for each
// connection, and a summary. An error is the writer's.
func JSON(w io.Writer, s *story.Story) error {
	if err := JSONSteps(w, s, s.First+1, s.First+len(s.Steps)); err != nil {
		return err
	}
	return JSONEnd(w, s, nil)
}

// JSONSteps writes the lines of the steps from first to last, both included. A
// segment has its line at the step that sends it, with its fate as far as the story
// knows it, and one for each arrival that is told apart; transitions and truths follow
// the line of their step. Steps that the story does not hold are passed over.
func JSONSteps(w io.Writer, s *story.Story, first, last int) error {
	out := newLines(w)
	for n := first; n <= last; n++ {
		step := s.At(n)
		if step == nil {
			continue
		}
		switch {
		case step.Call != nil:
			out.write(newCallLine(s, step))
		case step.Kind == story.SegmentSent:
			out.write(newSegmentLine(s, step))
		default:
			if line, ok := wireLine(s, step); ok {
				out.write(line)
			}
		}
		for _, t := range step.Transitions {
			if t.Changed() {
				out.write(newTransitionLine(step, t))
			}
		}
		for _, c := range step.Truths {
			out.write(truthLine{
				Kind: "truth", N: n, Conn: c.Conn, Side: c.Truth.Side.String(),
				State: c.Truth.State.String(), Model: c.Model.String(), Agree: c.Agree,
			})
		}
	}
	return out.flush()
}

// JSONEnd writes the lines that end the JSON form: one for each connection, or for
// each that shown selects when it is not nil, then the summary.
func JSONEnd(w io.Writer, s *story.Story, shown func(*fsm.Summary) bool) error {
	out := NewConnectionLines(w, shown)
	for c := range s.Conns.All() {
		out.Add(c)
	}
	return out.End(s.Meta, s.Totals)
}

func newCallLine(s *story.Story, step *story.Step) callLine {
	c := step.Call
	line := callLine{
		Kind: "call", N: step.N, Time: timestamp(c.Time), Conn: step.Conn, Side: c.Side.String(),
		Phase: c.Phase.String(), Op: c.Op, Args: c.Args, Text: c.Text(), Inferred: c.Inferred,
		Program: c.Program, Cause: step.Cause,
	}
	if step.Say != (story.Text{}) {
		line.Say = &step.Say
	}
	if c.Phase == story.Return {
		line.Errno = c.Errno
		if c.ResultText() != "" {
			result := c.Result
			line.Result = &result
		}
		// How long a call blocked that nobody recorded is not known.
		if enter := s.At(step.Peer); enter != nil && !c.Inferred {
			blocked := c.Time.Sub(enter.Time).Microseconds()
			line.BlockedUS = &blocked
		}
	}
	return line
}

func newSegmentLine(s *story.Story, step *story.Step) segmentLine {
	f := step.Frame
	seq, ack := s.Relative(step.N)
	return segmentLine{
		Kind: "segment", N: step.N, Time: timestamp(f.Time), Frame: f.Number, Conn: step.Conn,
		Side: step.Side.String(), Flags: f.Segment.Flags.String(), Seq: seq, Ack: ack,
		SeqRaw: uint32(f.Segment.Seq), AckRaw: uint32(f.Segment.Ack), Len: f.Segment.Len, Win: f.Segment.Window,
		Fate: s.FateOf(step).String(), Anomalies: step.Anomalies, Cause: step.Cause,
	}
}

func newTransitionLine(step *story.Step, t fsm.Transition) transitionLine {
	return transitionLine{
		Kind: "transition", N: step.N, Conn: step.Conn, Side: t.Side.String(),
		From: t.From.String(), To: t.To.String(), Basis: t.Basis.String(),
		Rule: t.Rule.ID, RFC: t.Rule.RFC, Reason: t.Rule.Reason, Listener: step.Listener,
	}
}

const timeFormat = time.RFC3339Nano

func timestamp(t time.Time) string { return t.UTC().Format(timeFormat) }

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func orEmpty(m map[string]int) map[string]int {
	if m == nil {
		return map[string]int{}
	}
	return m
}

// lines collects JSON lines and writes them in large pieces.
type lines struct {
	w       io.Writer
	buffer  bytes.Buffer
	encoder *json.Encoder
	err     error
}

func newLines(w io.Writer) *lines {
	l := &lines{w: w}
	l.encoder = json.NewEncoder(&l.buffer)
	l.encoder.SetEscapeHTML(false)
	return l
}

const flushSize = 64 << 10

func (l *lines) write(line any) {
	if l.err != nil {
		return
	}
	if err := l.encoder.Encode(line); err != nil {
		l.err = lang.Errorf("export: json: %w", err)
		return
	}
	if l.buffer.Len() >= flushSize {
		l.flush()
	}
}

// flush writes what was collected. The encoder escapes the control characters
// below space; those of the upper range (DEL, and C1, which some terminals obey)
// are escaped here. They stand inside strings only.
func (l *lines) flush() error {
	if l.err == nil && l.buffer.Len() > 0 {
		_, l.err = l.w.Write(escapeUpperControls(l.buffer.Bytes()))
		l.buffer.Reset()
	}
	return l.err
}

func escapeUpperControls(b []byte) []byte {
	var out []byte
	done := 0
	for i := 0; i < len(b); i++ {
		size, code := 0, byte(0)
		switch {
		case b[i] == 0x7f:
			size, code = 1, b[i]
		case b[i] == 0xc2 && i+1 < len(b) && b[i+1] >= 0x80 && b[i+1] < 0xa0:
			size, code = 2, b[i+1]
		default:
			continue
		}
		out = append(out, b[done:i]...)
		out = fmt.Appendf(out, `\u%04x`, code)
		i += size - 1
		done = i + 1
	}
	if done == 0 {
		return b
	}
	return append(out, b[done:]...)
}
