package ui

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gdamore/tcell/v2"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// Columns between the lifelines are counted from the sender of the segment: 0 is
// next to its lifeline. An arrow is two columns of line, its label, and the rest
// of the line, along which the segment travels.
const (
	labelStart  = 3 // line, line, space
	leastTravel = 6 // columns that stay free after a label, so that a flight is seen
)

// arrow draws one segment.
type arrow struct {
	canvas  canvas
	theme   *theme
	x0, n   int  // the channel: its first column on the canvas, its width
	y       int  // line
	reverse bool // from right to left
	style   tcell.Style
	// start and limit bound the label: it begins at start and ends before limit.
	start, limit int
}

func (a *arrow) set(i int, r rune) {
	if i < 0 || i >= a.n {
		return
	}
	if a.reverse {
		i = a.n - 1 - i
	}
	a.canvas.set(a.x0+i, a.y, r, a.style)
}

// avoid keeps the label clear of the column (counted from the sender) in which
// another segment is on its way.
func (a *arrow) avoid(column int) {
	if column < a.n/2 {
		a.start = max(a.start, column+3)
	} else {
		a.limit = min(a.limit, column-1)
	}
}

// room is the number of columns that the label may take when the line goes on to end.
func (a *arrow) room(end int) int { return min(a.limit, end) - a.start }

func (a *arrow) line(from, to int, r rune) {
	for i := from; i < to; i++ {
		a.set(i, r)
	}
}

// label draws the label at the sender's end and gives the column after it and its space.
func (a *arrow) label(text, payload string) int {
	n := textWidth(text)
	whole := n
	if payload != "" {
		whole += 1 + textWidth(payload)
	}
	a.line(0, a.start-1, a.theme.horizontal)
	x := a.start
	if a.reverse {
		x = a.n - a.start - whole
	}
	a.canvas.text(a.x0+x, a.y, text, a.style)
	if payload != "" {
		a.canvas.text(a.x0+x+n+1, a.y, payload, a.theme.base)
	}
	return a.start + whole + 1
}

func (a *arrow) head() rune {
	if a.reverse {
		return a.theme.arrowLeft
	}
	return a.theme.arrowRight
}

// arrived draws the rest of the arrow of a segment that has arrived.
func (a *arrow) arrived(from int, assumed bool) {
	end := a.n - 1
	if !assumed {
		a.line(from, end, a.theme.horizontal)
		a.set(end, a.head())
		return
	}
	half := from + (end-from)/3
	a.line(from, half, a.theme.horizontal)
	a.line(half, end-1, a.theme.assumed)
	a.set(end-1, '?')
	a.set(end, a.head())
}

// lostAt is the column where a lost segment ends.
func (a *arrow) lostAt(from int) int { return min(max(a.n/2, from+1), a.n-3) }

// under draws a segment on its way: part 0 is just after the label, 1 is the goal.
func (a *arrow) under(from, goal int, part float64, mark rune) {
	at := from + int(part*float64(goal-from)+0.5)
	at = min(max(at, from), goal)
	a.line(from, at, a.theme.horizontal)
	a.set(at, mark)
}

// turn is the column in which a segment that takes several rows goes down.
func (a *arrow) turn(slot int) int { return a.n - 6 - 2*slot }

// corners gives the corner that leads from the sender down, and the one that
// leads on to the receiver.
func (a *arrow) corners() (down, on rune) {
	if a.reverse {
		return a.theme.topLeft, a.theme.bottomRight
	}
	return a.theme.topRight, a.theme.bottomLeft
}

// forks gives the mark where a copy parts from a segment that comes from its sender,
// and where it does so from one that comes from above.
func (a *arrow) forks() (sent, down rune) {
	if a.reverse {
		return a.theme.teeDown, a.theme.teeLeft
	}
	return a.theme.teeDown, a.theme.teeRight
}

// labelForm says which parts of a segment a label names. The flags always are.
type labelForm struct {
	quiet, seq, ack, length bool
	long                    bool // what is unusual, in full
	plain                   bool // nothing of what is unusual
}

// labelForms are the forms of a label, longest first: rather shorter words for
// what is unusual than no numbers, and rather fewer numbers than no word for it.
func labelForms(s *fsm.Segment) [9]labelForm {
	bareAck := s.SeqLen() == 0 && s.Flags.Has(fsm.ACK)
	brief := labelForm{seq: !bareAck, ack: bareAck, length: true}
	briefLong, quietLong, quiet := brief, brief, brief
	briefLong.long, quietLong.long, quietLong.quiet, quiet.quiet = true, true, true, true
	return [...]labelForm{
		{seq: true, ack: true, length: true, long: true}, briefLong, quietLong,
		{seq: true, ack: true, length: true}, brief, quiet,
		{quiet: true, length: true}, {quiet: true}, {quiet: true, plain: true},
	}
}

// labelOf writes what a segment says, in at most that many columns: flags,
// relative numbers, what is unusual, what the wire did, and payload as the room allows.
func (l *ladder) labelOf(step *story.Step, wire remark, width int, in lang.Language, t *theme) (text, payload string) {
	segment := &step.Frame.Segment
	seq, ack := l.story.Relative(step.N)
	if sending := l.story.At(step.Cause); step.Conn != l.view.Conn && sending != nil && sending.Frame == step.Frame {
		seq, ack = l.story.Relative(sending.N) // it arrives at a later connection
	}
	long, short := anomalyWords(step.Anomalies, in, t)
	long, short = long+wire.long, short+wire.short
	var room [128]byte
	for k, form := range labelForms(segment) {
		b := append(room[:0], l.flagNames(segment.Flags, form.quiet)...)
		if form.seq {
			b = strconv.AppendUint(append(b, " seq="...), uint64(seq), 10)
		}
		if form.ack && segment.Flags.Has(fsm.ACK) {
			b = strconv.AppendUint(append(b, " ack="...), uint64(ack), 10)
		}
		if form.length && segment.Len > 0 {
			b = strconv.AppendUint(append(b, " len="...), uint64(segment.Len), 10)
		}
		if !form.plain && segment.Window == 0 && !segment.Flags.Has(fsm.RST) {
			b = append(b, " win=0"...)
		}
		switch {
		case form.long:
			b = append(b, long...)
		case !form.plain:
			b = append(b, short...)
		}
		if len(b) > width && utf8.RuneCount(b) > width {
			continue
		}
		text = string(b)
		if len(b) > width && textWidth(text) > width {
			continue
		}
		if k == 0 {
			payload = l.payloadOf(step.Frame, width-textWidth(text)-1, t)
		}
		return text, payload
	}
	return cutTo(l.flagNames(segment.Flags, true), width, t.ellipsis), ""
}

// flagNames gives the names of the flags, spelled once for each ladder.
func (l *ladder) flagNames(f fsm.Flags, quiet bool) string {
	index := int(f)
	if quiet {
		index += len(l.flags) / 2
	}
	if l.flags[index] == "" {
		l.flags[index] = f.Names(quiet)
	}
	return l.flags[index]
}

// payloadOf gives the beginning of the segment's payload as a literal; "" when
// there is none, no room, or no text in it.
func (l *ladder) payloadOf(f *story.Frame, width int, t *theme) string {
	if f.Segment.Len == 0 || f.PayloadOffset <= 0 || f.PayloadOffset >= len(f.Raw) {
		return ""
	}
	captured := f.Raw[f.PayloadOffset:]
	whole := uint64(len(captured)) >= uint64(f.Segment.Len)
	if whole {
		captured = captured[:f.Segment.Len]
	}
	return quoted(captured, whole, width, t.ellipsis < 0x80, t.ellipsis)
}

// anomalyWords writes what is unusual about a segment, long and short.
func anomalyWords(anomalies []string, l lang.Language, t *theme) (long, short string) {
	if len(anomalies) == 0 {
		return "", ""
	}
	var all strings.Builder
	for i, name := range anomalies {
		if i > 0 && name == "retransmission" {
			continue // a fast or a spurious one has said so
		}
		all.WriteByte(' ')
		all.WriteRune(t.middot)
		all.WriteByte(' ')
		all.WriteString(story.AnomalyWords(harmless(name, true), l))
	}
	first := harmless(anomalies[0], true)
	if word, ok := shortAnomaly(first); ok {
		first = l.Text(word)
	} else {
		first = story.AnomalyWords(first, l)
	}
	if first != "" {
		first = " " + first
	}
	return all.String(), first
}

func shortAnomaly(name string) (string, bool) {
	switch name {
	case "retransmission", "fast_retransmission", "spurious_retransmission":
		return "again", true
	case "duplicate_ack":
		return "dup", true
	case "out_of_order":
		return "late", true
	case "keep_alive":
		return "probe", true
	case "keep_alive_ack":
		return "probe ack", true
	case "zero_window":
		return "", true // win=0 says it
	}
	return "", false
}
