package lab

import (
	"net/netip"

	"tcpviz/fsm"
	"tcpviz/internal/lesson"
)

// meant gives a call with the address that it means where each side is a host of
// its own: the lesson's loopback address stands for the caller's host where it
// binds, and where it connects for the host on which some program listens at that
// port, or else the other one.
func (h *held) meant(side fsm.Side, c lesson.Call) lesson.Call {
	if !c.Addr.IsValid() || !c.Addr.Addr().IsLoopback() {
		return c
	}
	host := side
	switch {
	case c.Hosted:
		host = c.Host
	case c.Op == lesson.Connect:
		at := listenersAt(h.lesson, c.Addr.Port())
		if at[side.Other()] || !at[side] {
			host = side.Other()
		}
	}
	c.Addr = netip.AddrPortFrom(h.hosts.address(host, c.Addr.Addr().Is6()), c.Addr.Port())
	return c
}

// listenersAt tells on which sides a lesson's programs listen at a port.
func listenersAt(l lesson.Lesson, port uint16) (at [2]bool) {
	type socket struct{ program, name string }
	bound := make(map[socket]uint16)
	for _, s := range l.Steps {
		for _, a := range s.Acts {
			who, _ := l.Program(a.Program)
			for _, c := range a.Calls {
				switch c.Op {
				case lesson.Bind:
					bound[socket{a.Program, c.Socket}] = c.Addr.Port()
				case lesson.Listen:
					if bound[socket{a.Program, c.Socket}] == port {
						at[who.Side] = true
					}
				}
			}
		}
	}
	return at
}
