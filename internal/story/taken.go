package story

import "tcpviz/fsm"

// taken are the octets that a side's program has handed to its TCP and got from
// it, modulo 2³² as sequence numbers are: against them the model's numbers tell
// what still waits in between.
type taken struct{ sent, read uint32 }

// note takes in a call that has succeeded.
func (t *taken) note(call *Call) {
	switch call.Op {
	case "send":
		t.sent += uint32(call.Result)
	case "recv":
		t.read += uint32(call.Result)
	}
}

// waits reports whether a FIN that the call asks for cannot go out at once: there
// is data before it that was not sent, the other side has no room for it, or the
// call itself is to wait. A close that finds data unread sends no FIN at all.
func (c *connection) waits(call *Call, s *socket) bool {
	if call.Op != "close" && call.Op != "shutdown" {
		return false
	}
	end, peer := &c.flow.Conn.Ends[call.Side], &c.flow.Conn.Ends[call.Side.Other()]
	t := c.taken[call.Side]
	if call.Op == "close" && end.Facts.Has(fsm.KnowsIRS|fsm.KnowsRcvNxt) {
		arrived := end.RcvNxt - end.IRS.Add(1)
		if end.Facts.Has(fsm.GotFIN) {
			arrived--
		}
		if uint32(arrived) != t.read {
			return false
		}
	}
	switch {
	case s != nil && s.stays && call.Op == "close":
		return true
	case end.Facts.Has(fsm.KnowsISS|fsm.KnowsSndNxt) && end.SndNxt.Less(end.ISS.Add(1+t.sent)):
		return true
	}
	return peer.Facts.Has(fsm.KnowsEdge) && end.Facts.Has(fsm.KnowsSndNxt) && peer.RcvEdge.LessEq(end.SndNxt)
}
