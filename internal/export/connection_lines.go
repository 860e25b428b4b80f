package export

import (
	"bytes"
	"fmt"
	"io"
	"strconv"

	"tcpviz/fsm"
	"tcpviz/internal/story"
)

// ConnectionLines writes connections as JSON lines, one after the other, and
// keeps none of them.
type ConnectionLines struct {
	w        io.Writer
	shown    func(*fsm.Summary) bool // nil: all are
	text     []byte
	count    int // connections added
	selected int // and written
	err      error
}

// NewConnectionLines gives a writer of connections to w: of all, or of those that
// shown selects when it is not nil.
func NewConnectionLines(w io.Writer, shown func(*fsm.Summary) bool) *ConnectionLines {
	return &ConnectionLines{w: w, shown: shown, text: make([]byte, 0, flushSize+4096)}
}

// Add writes one connection, if it is shown.
func (l *ConnectionLines) Add(c *fsm.Summary) {
	l.AddLine(l.Line(l.text[len(l.text):], c))
}

// Line appends the line of a connection to b, if it is shown. It may be called from
// several goroutines at once; AddLine then takes the lines in their order.
func (l *ConnectionLines) Line(b []byte, c *fsm.Summary) []byte {
	if l.shown != nil && !l.shown(c) {
		return b
	}
	return appendConnection(b, c)
}

// AddLine writes what Line gave for one connection.
func (l *ConnectionLines) AddLine(line []byte) {
	l.count++
	if len(line) == 0 {
		return
	}
	l.selected++
	l.text = append(l.text, line...)
	if len(l.text) >= flushSize {
		l.flush()
	}
}

// End writes the summary, and what is left. An error is the writer's.
func (l *ConnectionLines) End(m story.Meta, t story.Totals) error {
	l.flush()
	if l.err != nil {
		return l.err
	}
	out := newLines(l.w)
	line := summaryLine{
		Kind: "summary", Frames: t.Frames, Segments: t.Segments, Connections: l.count,
		Skipped: orEmpty(t.Skipped), Truth: truthCount{t.Checked, t.Agree},
		Stage: m.Stage, Error: errorText(t.Error), Dropped: t.Dropped, FinishedEarly: t.Early,
		Recorded: m.Recorded, Lesson: m.Lesson,
	}
	if l.shown != nil {
		line.Selected = &l.selected
	}
	out.write(line)
	return out.flush()
}

func (l *ConnectionLines) flush() {
	if l.err == nil && len(l.text) > 0 {
		_, l.err = l.w.Write(l.text)
	}
	l.text = l.text[:0]
}

// appendConnection appends the line of a connection. Nothing in it needs escaping:
// addresses, names of this program and numbers.
func appendConnection(b []byte, c *fsm.Summary) []byte {
	number := func(key string, n int64) {
		b = append(append(b, key...), ':')
		b = strconv.AppendInt(b, n, 10)
	}
	word := func(key, value string) {
		b = append(append(b, key...), `:"`...)
		b = append(append(b, value...), '"')
	}
	sides := func(key string, client, server int64) {
		b = append(append(b, key...), `:{`...)
		number(`"client"`, client)
		number(`,"server"`, server)
		b = append(b, '}')
	}
	number(`{"kind":"connection","conn"`, int64(c.ID))
	b = c.Ends[fsm.Client].AppendTo(append(b, `,"client":"`...))
	b = c.Ends[fsm.Server].AppendTo(append(b, `","server":"`...))
	word(`","client_state"`, c.State[fsm.Client].String())
	word(`,"server_state"`, c.State[fsm.Server].String())
	word(`,"outcome"`, c.Outcome.String())
	number(`,"completeness"`, int64(c.Completeness))
	sides(`,"segments"`, int64(c.Segments[fsm.Client]), int64(c.Segments[fsm.Server]))
	sides(`,"bytes"`, int64(c.Bytes[fsm.Client]), int64(c.Bytes[fsm.Server]))
	number(`,"frames":{"first"`, int64(c.First))
	number(`,"last"`, int64(c.Last))
	b = append(b, `},"anomalies":{`...)
	if c.Anomalies != (fsm.AnomalyCounts{}) {
		for i, a := range anomaliesOf(c) {
			if i > 0 {
				b = append(b, ',')
			}
			number(fmt.Sprintf("%q", a.name), int64(a.count))
		}
	}
	b = append(b, '}')
	if c.Start != 0 {
		b = append(b, `,"start":"`...)
		b = appendTime(b, c.Start)
		b = append(b, '"')
		if c.End >= c.Start { // a clock that was set back tells no duration
			number(`,"duration_us"`, int64(c.End-c.Start)/1000)
		}
	}
	return append(b, "}\n"...)
}

// appendTime appends the time as RFC 3339 has it, with as many digits of the second as
// it needs. It is timestamp, put together by hand.
func appendTime(b []byte, at fsm.Nanos) []byte {
	t := story.Moment(at)
	year, month, day := t.Date()
	if year < 0 || year > 9999 {
		return t.AppendFormat(b, timeFormat)
	}
	hour, minute, second := t.Clock()
	b = appendDigits(b, year, 4)
	b = appendDigits(append(b, '-'), int(month), 2)
	b = appendDigits(append(b, '-'), day, 2)
	b = appendDigits(append(b, 'T'), hour, 2)
	b = appendDigits(append(b, ':'), minute, 2)
	b = appendDigits(append(b, ':'), second, 2)
	if n := t.Nanosecond(); n > 0 {
		b = appendDigits(append(b, '.'), n, 9)
		b = bytes.TrimRight(b, "0")
	}
	return append(b, 'Z')
}

// appendDigits appends a number with leading zeros.
func appendDigits(b []byte, n, digits int) []byte {
	end := len(b) + digits
	for range digits {
		b = append(b, '0')
	}
	for i := end - 1; n > 0; i-- {
		b[i] = byte('0' + n%10)
		n /= 10
	}
	return b
}
