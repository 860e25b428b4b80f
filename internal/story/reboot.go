package story

import (
	"maps"
	"net/netip"
	"slices"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
)

// addReboot makes the steps of a host that fails and starts again: one for the host
// itself, and one for each connection that it has forgotten.
func (b *Builder) addReboot(r Reboot) {
	side := r.Side & 1
	b.calls.open = slices.DeleteFunc(b.calls.open, func(p pending) bool { return p.call.Side == side })
	maps.DeleteFunc(b.calls.sockets, func(_ descriptor, s *socket) bool { return s.side == side })
	if b.limit == 0 || len(b.steps) < b.limit {
		b.push(Step{Time: r.Time, Kind: HostRebooted, Side: side})
	}
	b.stopListening(side)
	for i := range b.conns {
		c := &b.conns[i]
		if c.flow.Conn.Ends[side].State == fsm.Closed {
			continue
		}
		e := fsm.Event{Kind: fsm.Rebooted, Side: side}
		if c.unasked || b.limit > 0 && len(b.steps) >= b.limit {
			b.applyAlone(c, e)
			continue
		}
		n := b.push(Step{Time: r.Time, Kind: HostRebooted, Conn: c.ID, Side: side})
		b.finish(n, c, e)
	}
}

// stopListening ends the listening sockets of a side, at the newest step.
func (b *Builder) stopListening(side fsm.Side) {
	step := b.patch(b.first + len(b.steps))
	addresses := slices.SortedFunc(maps.Keys(b.calls.listeners), netip.AddrPort.Compare)
	for _, addr := range addresses {
		l := b.calls.listeners[addr]
		if l.side != side {
			continue
		}
		b.tracker.NotListening(addr)
		l.conn, b.scratch = l.conn.Apply(fsm.Event{Kind: fsm.Rebooted, Side: fsm.Server}, b.scratch[:0])
		if step != nil && step.Kind == HostRebooted {
			step.Listener = true
			step.Transitions = append(step.Transitions, b.scratch...)
		}
	}
}

// rebootedWords says what a step is at which a host fails and starts again.
func rebootedWords(step *Step, l lang.Language) string {
	if step.Conn == 0 {
		return l.Say("The host of the %s fails and starts again: all its sockets are gone, and nobody is told.", step.Side)
	}
	return l.Say("With its host, the %s has lost its end of the connection.", step.Side)
}
