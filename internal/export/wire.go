package export

import (
	"fmt"
	"strings"
	"time"

	"tcpviz/fsm"
	"tcpviz/internal/story"
)

// On a wire that somebody holds, a segment's arrival is told apart from its sending.
// An arrow on one line shows both where nothing happened in between; else there are
// two halves of one, each on the line of its time.

// wireMiddle is the column of an arrow at which a segment stands that is under way.
const wireMiddle = (arrowEnd - clientColumn) / 2

// inOneLine reports whether the arrow of a segment's sending shows its end too.
func inOneLine(step *story.Step) bool {
	return step.Frame.Fate != story.FateUnderWay || step.Peer == step.N+1
}

// leaves writes the first half of an arrow.
func (p *page) leaves(s *story.Story, step *story.Step) {
	label := p.label(s, step)
	if s.FateOf(step) == story.FateUnderWay {
		label = p.l.Say("%s (under way)", label)
	}
	line := p.glyph("─", "-")
	fill := strings.Repeat(line, max(wireMiddle-width(label)-5, 2))
	p.half(step.Side, strings.Repeat(line, 2)+" "+label+" "+fill+p.glyph("…", "..."), fill+" "+label+" "+strings.Repeat(line, 2))
}

// half writes half of an arrow at its sender's end.
func (p *page) half(sender fsm.Side, fromClient, fromServer string) {
	if sender == fsm.Server {
		fromServer = p.glyph("…", "...") + fromServer
		fromClient = strings.Repeat(" ", max(arrowEnd-clientColumn-width(fromServer), 0)) + fromServer
	}
	p.lanes(p.margin, fromClient, "")
	p.margin = ""
}

// ends writes what became of a segment that was under way.
func (p *page) ends(s *story.Story, step *story.Step) {
	if sending := s.At(step.Peer); step.Frame.Fate != story.FateUnderWay || sending != nil && sending.Peer == step.N && inOneLine(sending) {
		return
	}
	label := p.brief(s, step)
	if step.Kind == story.SegmentLost {
		if step.Cause == step.N-1 && step.Cause != step.Peer {
			return // the line before says that it was dropped
		}
		p.atMiddle(p.l.Say("%s lost", label) + " " + p.glyph("✗", "x"))
		return
	}
	line := p.glyph("─", "-")
	fill := strings.Repeat(line, max(wireMiddle-width(label)-6, 2))
	dots, blank := p.glyph("…", "..."), strings.Repeat(" ", wireMiddle)
	arrow := blank + dots + fill + " " + label + " " + line + p.glyph("▶", ">")
	if step.Side == fsm.Client {
		arrow = p.glyph("◀", "<") + line + " " + label + " " + fill + dots
	}
	p.lanes(p.margin, arrow, "")
	p.margin = ""
}

// impaired writes what was done to a segment on the wire.
func (p *page) impaired(s *story.Story, step *story.Step) {
	text := p.l.Text(step.Impairment.What.String())
	if step.Impairment.For > 0 {
		text = p.l.Say("%s for %s", text, story.Lasting(step.Impairment.For, p.l))
	}
	if step.Impairment.ByUser {
		text = p.l.Say("%s by hand", text)
	}
	edge := p.glyph("┄", "~")
	if step.Impairment.What == story.Dropped {
		edge = p.glyph("✗", "x")
	}
	p.atMiddle(edge + " " + p.brief(s, step) + " " + text + " " + edge)
}

// atMiddle writes a text half-way between the two lanes.
func (p *page) atMiddle(text string) {
	p.lanes(p.margin, strings.Repeat(" ", max(wireMiddle-width(text)/2, 0))+text, "")
	p.margin = ""
}

// brief names a segment that was written in full when it was sent.
func (p *page) brief(s *story.Story, step *story.Step) string {
	segment := &step.Frame.Segment
	seq, ack := s.Relative(step.N)
	flags := p.l.Text(segment.Flags.Names(false))
	label := fmt.Sprintf("%s seq=%d", flags, seq)
	if segment.SeqLen() == 0 && segment.Flags.Has(fsm.ACK) {
		label = fmt.Sprintf("%s ack=%d", flags, ack)
	}
	if segment.Len > 0 {
		label += fmt.Sprintf(" len=%d", segment.Len)
	}
	if step.Again {
		label = p.l.Say("%s (a copy)", label)
	}
	return label
}

// longOnWire is how long a segment may be on its way without being said so.
const longOnWire = 100 * time.Millisecond

// onWay says how long a segment whose arrow stands on one line was on its way, where
// that was long.
func (p *page) onWay(s *story.Story, step *story.Step) string {
	if step.Frame.Fate != story.FateUnderWay {
		return ""
	}
	end := s.At(step.Peer)
	if end == nil || !inOneLine(step) {
		return ""
	}
	if took := end.Time.Sub(step.Time); took >= longOnWire {
		return p.l.Say(" (%s on its way)", story.Lasting(took, p.l))
	}
	return ""
}

type arrivalLine struct {
	Kind  string `json:"kind"`
	N     int    `json:"n"`
	Time  string `json:"time"`
	Frame int    `json:"frame"`
	Conn  int    `json:"conn"`
	Side  string `json:"side"` // the receiver, be it reached or not
	Fate  string `json:"fate"`
	Again bool   `json:"again,omitempty"` // a copy: the frame has arrived, or was lost, before
	Cause int    `json:"cause,omitempty"`
}

type impairmentLine struct {
	Kind    string `json:"kind"`
	N       int    `json:"n"`
	Time    string `json:"time"`
	Frame   int    `json:"frame"`
	Conn    int    `json:"conn"`
	Side    string `json:"side"` // the sender
	What    string `json:"what"`
	DelayUS *int64 `json:"delay_us,omitempty"`
	By      string `json:"by"`
}

type timerLine struct {
	Kind  string `json:"kind"`
	N     int    `json:"n"`
	Time  string `json:"time"`
	Conn  int    `json:"conn"`
	Side  string `json:"side"`
	Timer string `json:"timer"`
}

// A goneLine tells of a connection that is forgotten with something larger.
type goneLine struct {
	Kind string `json:"kind"` // "reboot", "listener-closed"
	N    int    `json:"n"`
	Time string `json:"time"`
	Conn int    `json:"conn"` // 0 for a host that reboots itself
	Side string `json:"side"`
}

// wireLine gives the line of a step that is neither a call's nor a segment's sending.
func wireLine(s *story.Story, step *story.Step) (line any, ok bool) {
	at := timestamp(step.Time)
	switch step.Kind {
	case story.SegmentReceived, story.SegmentLost:
		if step.Frame.Fate != story.FateUnderWay {
			return nil, false // its sending has told it
		}
		return arrivalLine{
			Kind: "arrival", N: step.N, Time: at, Frame: step.Frame.Number, Conn: step.Conn,
			Side: step.Sender().Other().String(), Fate: s.FateOf(step).String(), Again: step.Again, Cause: step.Cause,
		}, true
	case story.SegmentImpaired:
		line := impairmentLine{
			Kind: "impairment", N: step.N, Time: at, Frame: step.Frame.Number, Conn: step.Conn,
			Side: step.Side.String(), What: step.Impairment.What.String(), By: "lesson",
		}
		if step.Impairment.For > 0 {
			delay := step.Impairment.For.Microseconds()
			line.DelayUS = &delay
		}
		if step.Impairment.ByUser {
			line.By = "user"
		}
		return line, true
	case story.Narrated:
		return narrationLine{Kind: "narration", N: step.N, Time: at, Say: step.Say, Does: step.Does}, true
	case story.HostRebooted:
		return goneLine{Kind: "reboot", N: step.N, Time: at, Conn: step.Conn, Side: step.Side.String()}, true
	case story.ListenerClosed:
		return goneLine{Kind: "listener-closed", N: step.N, Time: at, Conn: step.Conn, Side: step.Side.String()}, true
	case story.TimerExpired:
		return timerLine{
			Kind: "timer", N: step.N, Time: at, Conn: step.Conn, Side: step.Side.String(), Timer: story.TimerName(step.Timer),
		}, true
	}
	return nil, false
}
