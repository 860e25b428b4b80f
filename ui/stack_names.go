package ui

import (
	"net/netip"
	"strconv"

	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// socketLines name a socket.
func socketLines(s *story.Socket, inner int, l lang.Language, t *theme) (lines [2]stackLine) {
	if s == nil {
		lines[0] = stackLine{text: l.Text("no socket"), faint: true}
		return lines
	}
	fd := descriptorText(s)
	if inner >= roomyColumn {
		switch {
		case s.Place == story.CallsUnseen:
			fd = l.Text("descriptor ?")
		case s.FD >= 0:
			fd = l.Say("descriptor %d", s.FD)
		case s.Place == story.LeftToTCP:
			fd = l.Text("no descriptor")
		default:
			fd = l.Text("not accepted")
		}
	}
	lead := fd + "  TCP  "
	local, remote := l.Text("local"), l.Text("remote")
	width := max(textWidth(local), textWidth(remote)) + 1
	room := max(inner-textWidth(lead)-width, 8)
	address := func(a netip.AddrPort) string { return cutMiddle(addressText(a), room, t.ellipsis) }
	lines[0] = stackLine{text: lead + pad(local, width) + address(s.Local), faint: s.Place == story.CallsUnseen}
	lines[1] = stackLine{text: pad("", textWidth(lead)) + pad(remote, width) + address(s.Remote), faint: lines[0].faint}
	if s.Queues != nil {
		lines[1].note = l.Text(placeWords(s))
	}
	return lines
}

// roomyColumn is the width from which a column has room for whole words.
const roomyColumn = 44

// descriptorText is a socket's descriptor in a cell.
func descriptorText(s *story.Socket) string {
	switch {
	case s.Place == story.CallsUnseen:
		return "?"
	case s.FD >= 0:
		return strconv.Itoa(s.FD)
	}
	return "–"
}

// addressText writes one end's name: * for what there is not yet, ? for what nobody saw.
func addressText(a netip.AddrPort) string {
	switch {
	case a.IsValid():
		return a.String()
	case a.Port() > 0:
		return "?:" + strconv.Itoa(int(a.Port()))
	}
	return "*:*"
}

// placeWords say where a socket stands that is not simply a program's.
func placeWords(s *story.Socket) string {
	switch s.Place {
	case story.InSYNQueue:
		return "in the SYN queue"
	case story.InAcceptQueue:
		return "in the accept queue"
	case story.LeftToTCP:
		return "closed by its program"
	case story.CallsUnseen, story.WithProgram:
	}
	if s.Queues != nil {
		return "listening"
	}
	return ""
}
