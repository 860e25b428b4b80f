package ui

import (
	"net/netip"
	"strconv"
	"strings"

	"tcpviz/fsm"
)

// header draws the line above the rows: who the two sides are, and the five
// things that name the connection: protocol, two addresses, two ports.
func (p *painter) header() {
	lay, t := p.lay, p.theme
	client := p.ladder.addressAt(fsm.Client, int(p.at))
	server := p.ladder.addressAt(fsm.Server, int(p.at))

	left := p.who(fsm.Client, client, lay.left-lay.lane)
	p.canvas.text(lay.lane, 0, left, t.side(fsm.Client))
	right := p.who(fsm.Server, server, p.end()-lay.right-1)
	p.canvas.text(p.end()-textWidth(right), 0, right, t.side(fsm.Server))

	if lay.timed {
		text := p.moment.lang.Text("time")
		p.canvas.text(lay.lane-1-textWidth(text), 0, text, t.dim)
	}
	if !client.IsValid() || !server.IsValid() {
		return
	}
	between := string(t.between)
	forms := []string{
		"tcp  " + client.String() + " " + between + " " + server.String(),
		"tcp  " + portText(client) + " " + between + " " + portText(server),
		"tcp",
	}
	for _, s := range forms {
		if n := textWidth(s); n <= lay.channel() {
			p.canvas.text(lay.left+1+(lay.channel()-n)/2, 0, s, t.dim)
			return
		}
	}
}

// who names a side: its token, its program where that says more, its address.
func (p *painter) who(side fsm.Side, a netip.AddrPort, width int) string {
	title := strings.ToUpper(sideName(p.moment.lang, side))
	name := harmless(p.ladder.program[side], p.theme.ellipsis < 0x80)
	named := title
	if name != "" && name != side.String() {
		named += " " + name
	}
	forms := []string{named, title}
	if a.IsValid() {
		forms = []string{named + " " + a.String(), named + " " + portText(a), title + " " + a.String(), title + " " + portText(a), portText(a)}
	}
	token := string(p.theme.token(side))
	for _, s := range forms {
		if textWidth(s)+2 <= width {
			if side == fsm.Server {
				return s + " " + token
			}
			return token + " " + s
		}
	}
	return token
}

func portText(a netip.AddrPort) string { return ":" + strconv.Itoa(int(a.Port())) }
