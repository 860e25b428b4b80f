package story

import (
	"net/netip"
	"slices"

	"tcpviz/fsm"
)

// A capture shows no calls. Its segments still prove that there are sockets, and the
// names of those; which descriptors they have and who was accepted nobody can know.

// meet notes to which server a connection belongs, at its first step, and whether it listens.
func (x *Sockets) meet(step *Step, first bool) {
	server := x.server(step.Conn)
	if first {
		x.clients[server] = append(x.clients[server], step.Conn)
	}
	if step.Call != nil && step.Call.Op == "listen" && x.listens[server] == 0 {
		x.listens[server] = step.N
	}
}

func (x *Sockets) server(conn int) netip.AddrPort {
	return x.story.Conns.At(conn).Ends[fsm.Server].AddrPort()
}

// infer gives the sockets that a capture proves.
func (x *Sockets) infer(n, conn int) []Socket {
	if conn < 1 || conn >= len(x.first) {
		return nil
	}
	server := x.server(conn)
	var all []Socket
	var queues *Queues
	if at := x.listens[server]; at > 0 && at <= n {
		queues = &Queues{Backlog: -1, Partial: x.partial}
		all = append(all, Socket{
			Side: fsm.Server, Place: CallsUnseen, FD: -1, State: fsm.Listen, Basis: fsm.Inferred, Queues: queues,
			Local: netip.AddrPortFrom(netip.Addr{}, server.Port()),
		})
	}
	for _, id := range x.clients[server] {
		step := x.last(id, n)
		if step == nil {
			break // this one and those after it have not begun
		}
		for side := range step.After.Ends {
			end := &step.After.Ends[side]
			if side := fsm.Side(side); end.State != fsm.Closed && end.State != fsm.Listen && (side == fsm.Server || id == conn) {
				names := x.story.Conns.At(id).Ends
				all = append(all, Socket{
					Side: side, Place: CallsUnseen, FD: -1, Conn: id, State: end.State, Basis: end.Basis,
					Local: names[side].AddrPort(), Remote: names[side.Other()].AddrPort(),
				})
			}
		}
		if end := &step.After.Ends[fsm.Server]; queues != nil && end.State == fsm.SynReceived && end.Facts.Has(fsm.Passive) {
			queues.SYN = append(queues.SYN, id)
		}
	}
	slices.SortStableFunc(all, func(a, b Socket) int { return int(b.Side) - int(a.Side) })
	return all
}
