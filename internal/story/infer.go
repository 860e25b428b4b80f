package story

import (
	"slices"

	"tcpviz/fsm"
)

// A capture without calls still proves some of them: nobody sends a SYN but by
// connect, answers one but after listen, sends data but by send, ends its
// direction but by close, shutdown or the end of its program. These are shown as
// inferred. What cannot be known (recv, how many sends there were) is not shown.

// inferredCalls tells which calls of a side were inferred already.
type inferredCalls struct {
	connect, listen, accept, send, close bool
	connectID                            int // the call's ID while it has not returned
}

// inferBefore adds the calls that the sending of the segment proves, before it.
func (b *Builder) inferBefore(c *connection, sender fsm.Side, f *Frame) {
	done := &c.inferred[sender]
	flags := f.Segment.Flags
	switch {
	case flags.Has(fsm.SYN | fsm.ACK):
		if sender == fsm.Server && !done.listen {
			done.listen = true
			b.inferWhole(c, sender, "listen", f)
		}
	case flags.Has(fsm.SYN):
		if sender == fsm.Client && !done.connect {
			done.connect = true
			done.connectID = b.inferEnter(c, sender, "connect", f)
		}
	}
	if f.Segment.Len > 0 && !done.send {
		done.send = true
		if sender == fsm.Server && done.listen && !done.accept {
			done.accept = true
			b.inferWhole(c, sender, "accept", f)
		}
		b.inferWhole(c, sender, "send", f)
	}
	if flags.Has(fsm.FIN) && !done.close {
		done.close = true
		b.inferWhole(c, sender, "close", f)
	}
}

// inferAfter lets an inferred connect return once its outcome is known: when the
// client goes on in the connection, or when a RST should have reached it.
func (b *Builder) inferAfter(c *connection, f *Frame) {
	done := &c.inferred[fsm.Client]
	if done.connectID == 0 {
		return
	}
	call := Call{
		Time: f.Time, Program: fsm.Client.String(), Side: fsm.Client, ID: done.connectID, Phase: Return,
		Op: "connect", FD: -1, Args: c.Ends[fsm.Server].String(), Inferred: true,
		Local: c.Ends[fsm.Client], Remote: c.Ends[fsm.Server],
	}
	switch client := c.flow.Conn.Ends[fsm.Client]; {
	case client.State == fsm.SynSent, client.State == fsm.SynReceived:
		return
	case client.State == fsm.Closed:
		call.Result, call.Errno = -1, "ECONNREFUSED"
	case client.Basis == fsm.Assumed:
		return
	}
	done.connectID = 0
	b.returnInferred(c, call)
}

// inferWhole adds the enter and the return of an inferred call.
func (b *Builder) inferWhole(c *connection, side fsm.Side, op string, f *Frame) {
	id := b.inferEnter(c, side, op, f)
	b.returnInferred(c, Call{
		Time: f.Time, Program: side.String(), Side: side, ID: id, Phase: Return, Op: op, FD: -1, Inferred: true,
		Local: c.Ends[side], Remote: c.Ends[side.Other()],
	})
}

func (b *Builder) inferEnter(c *connection, side fsm.Side, op string, f *Frame) (id int) {
	b.calls.inferred++
	call := Call{
		Time: f.Time, Program: side.String(), Side: side, ID: b.calls.inferred, Phase: Enter, Op: op, FD: -1, Inferred: true,
		Local: c.Ends[side], Remote: c.Ends[side.Other()],
	}
	if op == "connect" {
		call.Args = c.Ends[fsm.Server].String()
	}
	n := b.push(Step{Time: f.Time, Kind: CallEnter, Conn: c.ID, Side: side, Call: &call, After: c.flow.Conn})
	b.calls.open = append(b.calls.open, pending{call: call, step: n})
	b.calls.latest[callKey{c.ID, side, op}] = n
	return call.ID
}

func (b *Builder) returnInferred(c *connection, call Call) {
	i := b.calls.pendingAt(call.ID)
	enter := b.calls.open[i].step
	b.calls.open = slices.Delete(b.calls.open, i, i+1)
	n := b.push(Step{
		Time: call.Time, Kind: CallReturn, Conn: c.ID, Side: call.Side, Call: &call, Peer: enter,
		Cause: b.causeOfReturn(&call, c.ID, enter), After: c.flow.Conn,
	})
	if step := b.patch(enter); step != nil {
		step.Peer = n
	}
}
