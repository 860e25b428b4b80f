package ui

import (
	"strconv"
	"strings"

	"github.com/gdamore/tcell/v2"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// drawSockets draws the sockets of both hosts: below each other where there is room,
// else each side's below its host.
func (v *stackView) drawSockets(c canvas, m moment, width int, t *theme) {
	if c.h < 1 {
		return
	}
	listed := c.h >= leastListed && c.w >= 76
	if c.h > leastSockets {
		heading(c, 0, c.w, m.lang.Text("sockets and their five-tuples"), t)
		c = c.sub(0, 1, c.w, c.h-1)
	}
	if listed {
		v.drawList(c, m, nil, true, t)
		return
	}
	server := fsm.Server
	client := fsm.Client
	half := max(width, (c.w-1)/2)
	v.drawList(c.sub(0, 0, half, c.h), m, &client, false, t)
	v.drawList(c.sub(half+1, 0, c.w-half-1, c.h), m, &server, false, t)
}

// drawList draws the sockets of one side, nil: of both; titled: with the columns' names.
func (v *stackView) drawList(c canvas, m moment, side *fsm.Side, titled bool, t *theme) {
	all := v.chosen(m, side, c.h)
	if len(all) == 0 && (side == nil || *side == fsm.Server) {
		c.text(0, 0, m.lang.Text("no socket"), t.dim)
		return
	}
	table := newTable(all, c.w)
	y := 0
	if titled {
		table.drawTitles(c, m.lang, t)
		y++
	}
	for i, s := range all {
		lines := 1
		if s.Queues != nil {
			lines = 2
		}
		if left := len(all) - i; y+lines > c.h || y+lines == c.h && left > 1 {
			text := m.lang.Say("%d more sockets", left)
			if left == 1 {
				text = m.lang.Text("1 more socket")
			}
			c.text(0, y, text, t.dim)
			return
		}
		v.drawSocket(c, y, s, table, m, t)
		if s.Queues != nil {
			v.drawQueues(c.sub(2, y+1, c.w-2, 1), s.Queues, m.lang, t)
		}
		y += lines
	}
}

// chosen gives the sockets to be drawn. Where not all have room those of the selected
// connection come right after those that listen.
func (v *stackView) chosen(m moment, side *fsm.Side, room int) []*story.Socket {
	var all, first, rest []*story.Socket
	lines := 0
	for i := range v.now.sockets {
		s := &v.now.sockets[i]
		if side != nil && s.Side != *side {
			continue
		}
		all = append(all, s)
		lines++
		switch {
		case s.Queues != nil:
			lines++
			first = append(first, s)
		case s.Conn > 0 && s.Conn == m.view.Conn:
			first = append(first, s)
		default:
			rest = append(rest, s)
		}
	}
	if lines <= room {
		return all
	}
	return append(first, rest...)
}

// socketTable is where the columns of the list stand.
type socketTable struct {
	short                    bool // the local address is left out: the host's column has it
	spaced                   bool // the addresses stand apart
	protocol                 bool // there is room for the protocol
	fd, local, remote, state int  // widths
}

// newTable fits the columns to what stands in them.
func newTable(all []*story.Socket, width int) socketTable {
	table := socketTable{fd: 1}
	state := 0
	for _, s := range all {
		state = max(state, textWidth(asKnown(s.State.String(), s.Basis)))
		table.fd = max(table.fd, textWidth(descriptorText(s)))
		table.local = max(table.local, textWidth(addressText(s.Local)))
		table.remote = max(table.remote, textWidth(addressText(s.Remote)))
	}
	table.fd, table.state = min(table.fd, 4), state
	const token = 2
	used := token + table.fd + 1 + table.local + 1 + table.remote + 1 + state
	table.protocol = used+4 <= width
	if table.protocol {
		used += 4
	}
	if table.short = used > width; table.short {
		used -= table.local
		table.local = 0
		for _, s := range all {
			table.local = max(table.local, textWidth(localPort(s)))
		}
		used += table.local
		// Both ports are there as long as can be: the remote address is cut in its middle.
		const readable = 12
		if over := used - width; over > 0 && table.remote > readable {
			cut := min(over, table.remote-readable)
			table.remote, used = table.remote-cut, used-cut
		}
		if used > width {
			used, table.local = used-table.local, 0
		}
		if used > width {
			table.remote = max(table.remote-(used-width), 8)
		}
	}
	table.spaced = used+2 <= width
	return table
}

// localPort is the local port alone.
func localPort(s *story.Socket) string {
	if p := s.Local.Port(); p > 0 {
		return ":" + strconv.Itoa(int(p))
	}
	return "*"
}

// socketWords say whose a socket is, and where it stands.
func (v *stackView) socketWords(s *story.Socket, l lang.Language) string {
	text := l.Text(placeWords(s))
	if s.Queues != nil {
		if b := s.Queues.Backlog; b >= 0 {
			return "listen(" + descriptorText(s) + ", " + strconv.Itoa(b) + ")"
		}
		return l.Text("inferred")
	}
	name := v.ownerName(s)
	if name != "" && text != "" {
		return l.Say("%s, %s", name, text)
	}
	return name + text
}

// ownerName names the client of a socket's connection where there are several.
func (v *stackView) ownerName(s *story.Socket) string {
	if len(v.now.names) < 2 {
		return ""
	}
	return v.now.names[s.Conn]
}

// drawTitles writes the names of the columns.
func (table *socketTable) drawTitles(c canvas, l lang.Language, t *theme) {
	x := c.text(2, 0, pad("", table.fd+1), t.dim)
	if table.protocol {
		x += 4
	}
	between := 1
	if table.spaced {
		between = 3
	}
	if !table.short {
		c.text(x, 0, l.Text("local"), t.dim)
	}
	x = c.text(x+table.local+between, 0, pad(l.Text("remote"), table.remote+1), t.dim)
	c.text(x, 0, l.Text("state"), t.dim)
}

// drawSocket draws one socket.
func (v *stackView) drawSocket(c canvas, y int, s *story.Socket, table socketTable, m moment, t *theme) {
	style, state := t.base, t.side(s.Side)
	if s.Place == story.CallsUnseen && s.Basis != fsm.Observed {
		style, state = t.dim, t.dim
	}
	glyph := t.token(s.Side)
	switch {
	case s.Queues != nil:
		glyph = t.listening
	case s.Conn > 0 && s.Conn == m.view.Conn:
		style = style.Bold(true)
	}
	c.set(0, y, glyph, t.side(s.Side))
	x := c.text(2, y, pad(descriptorText(s), table.fd+1), style)
	if table.protocol {
		x = c.text(x, y, "TCP ", t.dim)
	}
	local := addressText(s.Local)
	if table.short {
		local = cutTo(localPort(s), table.local, t.ellipsis)
	}
	x = c.text(x, y, pad(local, table.local), style)
	if table.spaced {
		x = c.text(x+1, y, string(t.between), t.dim) + 1
	} else {
		x = c.text(x, y, string(t.between), t.dim)
	}
	remote := cutMiddle(addressText(s.Remote), table.remote, t.ellipsis)
	x = c.text(x, y, pad(remote, table.remote+1), style)
	c.text(x, y, asKnown(s.State.String(), s.Basis), state)
	x += table.state + 1
	if words := v.socketWords(s, m.lang); textWidth(words) <= c.w-x {
		c.text(x, y, words, t.dim)
	} else if name := v.ownerName(s); textWidth(name) <= c.w-x {
		c.text(x, y, name, t.dim)
	}
}

// drawQueues draws the two queues of a listening socket: who stands in them, and how
// many more could.
func (v *stackView) drawQueues(c canvas, q *story.Queues, l lang.Language, t *theme) {
	more := ""
	if q.Partial {
		more = "+"
	}
	style := queueStyle(len(q.SYN), q.SYNLimit, t)
	syn, accept := l.Text("SYN queue"), l.Text("accept queue")
	if room := c.w - textWidth(syn) - textWidth(accept); room < 22 {
		syn, accept = l.Text("SYN:"), l.Text("accept:")
	}
	x := c.text(0, 0, syn+" ", t.dim)
	x = c.text(x, 0, lengthText(len(q.SYN), q.SYNLimit)+more, style)
	if len(q.SYN) > 0 && c.w >= 60 {
		x = c.text(x+1, 0, cutTo(v.queued(q.SYN), c.w/4, t.ellipsis), t.base)
	}
	x = c.text(x+2, 0, accept+" ", t.dim)
	if !q.AcceptSeen {
		c.text(x, 0, "?", t.dim)
		return
	}
	style = queueStyle(len(q.Accept), q.AcceptLimit, t)
	x = c.text(x, 0, lengthText(len(q.Accept), q.AcceptLimit)+more, style)
	const most = 8 // places that are drawn one by one
	free := 0
	if q.AcceptLimit <= most {
		free = max(q.AcceptLimit-len(q.Accept), 0)
	}
	if len(q.Accept)+free == 0 {
		return
	}
	c.set(x+1, 0, t.arrowLeft, t.side(fsm.Server))
	names := strings.TrimSpace(v.queued(q.Accept) + strings.Repeat(" "+string(t.middot), free))
	x = c.text(x+3, 0, cutTo(names, c.w-x-3, t.ellipsis), t.base)
	if q.AcceptLimit > 0 && len(q.Accept) >= q.AcceptLimit {
		c.text(x+2, 0, l.Text("full"), t.warn)
	}
}

// queued names who stands in a queue, the first in front.
func (v *stackView) queued(conns []int) string {
	const most = 16
	var names []string
	for _, id := range conns[:min(len(conns), most)] {
		name := v.now.names[id]
		if name == "" {
			name = "#" + strconv.Itoa(id)
		}
		names = append(names, name)
	}
	return strings.Join(names, " ")
}

// lengthText is how many stand in a queue, and how many may.
func lengthText(n, limit int) string {
	if limit == 0 {
		return strconv.Itoa(n)
	}
	return strconv.Itoa(n) + "/" + strconv.Itoa(limit)
}

func queueStyle(n, limit int, t *theme) tcell.Style {
	switch {
	case limit > 0 && n >= limit:
		return t.warn
	case n > 0:
		return t.bold
	}
	return t.base
}
