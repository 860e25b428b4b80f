package ui

import (
	"strconv"
	"time"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// stackLayer is a layer of a host, or of a frame.
type stackLayer int

// The layers from the top down.
const (
	applicationLayer stackLayer = iota
	socketLayer
	tcpLayer
	ipLayer
	linkLayer
	layerCount
)

// layerNames are what the layers are called, and shortNames where there is no room for that.
var (
	layerNames = [layerCount]string{"application", "socket", "transport TCP", "network IP", "link"}
	shortNames = [layerCount]string{tcpLayer: "TCP", ipLayer: "IP"}
)

// namesOf names the layers in so many columns.
func namesOf(width int, l lang.Language, t *theme) (names [layerCount]string) {
	short := false
	for layer, name := range layerNames {
		names[layer] = l.Text(name)
		short = short || textWidth(names[layer]) > width
	}
	for layer, name := range shortNames {
		if short && name != "" {
			names[layer] = name
		}
		names[layer] = cutTo(names[layer], width, t.ellipsis)
	}
	return names
}

// layerLines is how many lines each layer has in a column.
var layerLines = [layerCount]int{1, 2, 2, 1, 1}

// stackLine is a line of a layer: what stands at its left, and at its right where
// there is room.
type stackLine struct {
	text, note string
	strong     bool // it is the layer's main word
	keep       bool // the note is worth more than the end of the text
	faint      bool // it is inferred, or was before
}

// stackBox is a layer of one host at one step.
type stackBox struct {
	lines [2]stackLine
	lit   bool // something happens in it at this step
	up    bool // and goes up
}

// stackColumn is one host at one step.
type stackColumn struct {
	title string
	boxes [layerCount]stackBox
}

// stackMoment is what the picture shows at one step, at one width.
type stackMoment struct {
	columns [2]stackColumn
	focus   *story.Step // the newest step of the newest segment, nil before the first
	parts   frameParts  // of its frame
	label   string      // its flags
	current bool        // the step is that segment's
	sockets []story.Socket
	names   map[int]string // of the clients, by connection
}

// read finds out what is to be shown.
func (v *stackView) read(m moment, inner int, t *theme) stackMoment {
	now := stackMoment{names: map[int]string{}}
	n := 0
	if row, ok := m.row(); ok {
		n = row.Step
	}
	now.sockets = v.sockets.At(n, m.view.Conn)
	for i := range now.sockets {
		if c := now.sockets[i].Conn; c > 0 && now.names[c] == "" {
			now.names[c] = v.clientName(c, t)
		}
	}
	if now.focus = m.stepAt(int(m.mark().segment)); now.focus != nil {
		now.parts = partsOf(now.focus.Frame)
		now.label = now.focus.Frame.Segment.Flags.Names(false)
		now.current = now.focus == m.step()
	}
	for _, side := range []fsm.Side{fsm.Client, fsm.Server} {
		now.columns[side] = v.column(m, &now, side, inner, t)
	}
	return now
}

// clientName names the client of a connection: its program where there are several, else the connection.
func (v *stackView) clientName(conn int, t *theme) string {
	name := v.sockets.Program(conn, fsm.Client)
	if name == "" || name == fsm.Client.String() {
		return "#" + strconv.Itoa(conn)
	}
	return harmless(name, t.ascii())
}

// column reads one host.
func (v *stackView) column(m moment, now *stackMoment, side fsm.Side, inner int, t *theme) stackColumn {
	l, conn := m.lang, m.view.Conn
	n := 0
	step := m.step()
	if step != nil {
		n = step.N
	}
	program := v.sockets.Program(conn, side)
	if step != nil && step.Call != nil && step.Side == side {
		program = step.Call.Program
	}
	c := stackColumn{title: sideName(l, side)}
	if program != "" && program != side.String() {
		c.title += " " + harmless(program, t.ascii())
	}
	c.boxes[applicationLayer].lines[0] = v.callLine(m, v.sockets.Call(program, conn, side, n), inner, t)
	own := now.own(m, side)
	c.boxes[socketLayer].lines = socketLines(own, inner, l, t)
	c.boxes[tcpLayer].lines[0] = stateLine(m, own, side)
	if now.reached(side) {
		v.segmentLines(m, now, &c, inner, t)
	}
	if step != nil && step.Kind == story.TimerExpired && step.Side == side {
		c.boxes[tcpLayer].lines[1] = stackLine{text: string(t.timer) + " " + story.TimerWords(step.Timer, l)}
	}
	c.light(step, side)
	return c
}

// own gives the socket of a side that the picture is about: that which a call of this
// step works on, else that of the connection, and before there is one the listening socket.
func (now *stackMoment) own(m moment, side fsm.Side) *story.Socket {
	step, conn := m.step(), m.view.Conn
	row, _ := m.row()
	early := now.focus == nil // no segment was sent yet
	var called, found *story.Socket
	best := 0
	take := func(s *story.Socket, rank int) {
		if rank > best {
			found, best = s, rank
		}
	}
	for i := range now.sockets {
		s := &now.sockets[i]
		switch {
		case s.Side != side:
			continue
		case s.Conn == conn && conn > 0:
			take(s, 3)
		case s.Queues != nil && (early || row.State[side] == fsm.Listen):
			take(s, 2)
		case s.Conn == 0 && early:
			take(s, 1)
		}
		if worksOn(step, s) {
			called = s
		}
	}
	if called != nil {
		return called
	}
	return found
}

// worksOn reports whether a step is a call on a socket. What accept returns is another one.
func worksOn(step *story.Step, s *story.Socket) bool {
	if step != nil && step.Call != nil && step.Call.Inferred {
		return step.Call.Op == "listen" && step.Side == s.Side && s.Queues != nil
	}
	if step == nil || step.Call == nil || step.Side != s.Side || s.FD < 0 || s.Program != step.Call.Program {
		return false
	}
	if fresh := step.Call.Op == "socket" || step.Call.Op == "accept"; fresh && step.Kind == story.CallReturn {
		return int64(s.FD) == step.Call.Result
	}
	return s.FD == step.Call.FD
}

// reached reports whether the newest segment is, or has been, at a side.
func (now *stackMoment) reached(side fsm.Side) bool {
	f := now.focus
	return f != nil && (f.Sender() == side || f.Kind == story.SegmentReceived)
}

// callLine tells what a program is doing.
func (v *stackView) callLine(m moment, step *story.Step, inner int, t *theme) stackLine {
	l := m.lang
	switch {
	case step == nil && v.sockets.Recorded():
		return stackLine{text: l.Text("no call yet"), faint: true}
	case step == nil:
		return stackLine{text: l.Text("its calls were not seen"), faint: true}
	}
	call := step.Call
	line := stackLine{text: cutMiddle(harmless(call.Text(), t.ascii()), inner, t.ellipsis), strong: true, keep: true}
	if call.Inferred {
		line.faint, line.note = true, l.Text("inferred")
		return line
	}
	if step.Kind == story.CallReturn {
		line.strong = step == m.step()
		return line
	}
	if blocks(m, step) {
		line.note = string(t.blocked) + " " + l.Text("blocked")
	}
	return line
}

// blocks reports whether a call that was entered waits for something.
func blocks(m moment, enter *story.Step) bool {
	const noticeable = 10 * time.Millisecond // what needs not wait takes microseconds
	back, step := m.story.At(enter.Peer), m.step()
	if step == nil || back != nil && back.N == enter.N+1 {
		return false
	}
	switch enter.Call.Op {
	case "accept", "connect", "recv":
		return true
	}
	return back != nil && back.Time.Sub(enter.Time) > noticeable
}

// stateLine tells the state of a side's socket; where there is none, that of its end
// of the connection.
func stateLine(m moment, own *story.Socket, side fsm.Side) stackLine {
	row, ok := m.row()
	if !ok {
		return stackLine{text: fsm.Closed.String(), faint: true}
	}
	state, basis := row.State[side], row.Basis[side]
	if own != nil {
		state, basis = own.State, own.Basis
	}
	line := stackLine{text: state.String(), strong: true}
	if state != fsm.Closed && basis != fsm.Observed {
		line.note, line.faint = m.lang.Text(basis.String()), true
	}
	return line
}

// segmentLines tell in the layers of a column what they have to do with the newest segment.
func (v *stackView) segmentLines(m moment, now *stackMoment, c *stackColumn, inner int, t *theme) {
	l, f, p := m.lang, now.focus.Frame, &now.parts
	seq, ack := m.story.Relative(now.focus.N)
	text := now.label + " seq=" + strconv.FormatUint(uint64(seq), 10)
	if f.Segment.Flags.Has(fsm.ACK) {
		text += " ack=" + strconv.FormatUint(uint64(ack), 10)
	}
	text += " len=" + strconv.FormatUint(uint64(f.Segment.Len), 10)
	faint := !now.current
	tcp := stackLine{text: text, faint: faint}
	if now.focus.Kind == story.SegmentReceived && f.Fate == story.FateAssumed {
		tcp.note = l.Text("assumed")
	}
	c.boxes[tcpLayer].lines[1] = tcp
	half := max((inner-3)/2, 8)
	from, to := cutMiddle(f.Src.Addr().String(), half, t.ellipsis), cutMiddle(f.Dst.Addr().String(), half, t.ellipsis)
	ip := stackLine{text: from + " → " + to, faint: faint}
	link := stackLine{faint: faint}
	switch {
	case !p.known:
		link.text = l.Text("headers not kept")
	case p.medium == noMedium:
		link.text = l.Text("no link layer here")
	default:
		link.text = l.Say("%s, %d bytes", l.Text(mediumNames[p.medium]), p.whole)
	}
	if p.version != 0 {
		name := "TTL"
		if p.version == 6 {
			name = l.Text("hop limit")
		}
		name += " " + strconv.Itoa(p.ttl)
		ip.note = fitting(inner-textWidth(ip.text)-3,
			l.Say("protocol %d, %s, %d bytes", p.protocol, name, p.packet()), l.Say("protocol %d, %s", p.protocol, name), name)
	}
	c.boxes[ipLayer].lines[0], c.boxes[linkLayer].lines[0] = ip, link
}

// fitting gives the first of some texts that is not wider than that, else the last.
func fitting(width int, texts ...string) string {
	for _, text := range texts {
		if textWidth(text) <= width {
			return text
		}
	}
	return texts[len(texts)-1]
}

// light marks the layers in which something happens at the step.
func (c *stackColumn) light(step *story.Step, side fsm.Side) {
	if step == nil || step.Side != side {
		return
	}
	from, to, up := applicationLayer, socketLayer, false
	switch step.Kind {
	case story.CallEnter:
	case story.CallReturn:
		up = true
	case story.SegmentSent:
		from, to = tcpLayer, linkLayer
	case story.SegmentReceived:
		from, to, up = tcpLayer, linkLayer, true
	case story.TimerExpired, story.ListenerClosed:
		from, to = tcpLayer, tcpLayer
	case story.HostRebooted:
		to = linkLayer
	case story.SegmentLost, story.SegmentImpaired, story.Narrated:
		return
	}
	for layer := from; layer <= to; layer++ {
		c.boxes[layer].lit, c.boxes[layer].up = true, up
	}
}

// ascii reports whether the look is made of ASCII alone.
func (t *theme) ascii() bool { return t.vertical < 0x80 }

// pad fills text with blanks to a number of columns.
func pad(text string, width int) string {
	const blanks = "                                                  "
	n := width - textWidth(text)
	if n <= 0 {
		return text
	}
	return text + blanks[:min(n, len(blanks))]
}
