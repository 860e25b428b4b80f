package story

import (
	"time"

	"tcpviz/fsm"
)

// A capture without calls still proves some of them: nobody sends a SYN but by
// connect, answers one but after listen, sends data but by send, ends its
// direction but by close, shutdown or the end of its program. These are shown as
// inferred. What cannot be known (recv, how many sends there were) is not shown.

// inferredCalls tells which calls of a side were inferred already.
type inferredCalls struct {
	connect, listen, accept, send, close bool
	waiting                              inferredCall // the connect that has not returned
}

// inferredCall is the enter of an inferred call; the zero value is none.
type inferredCall struct{ id, step int }

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
			done.waiting = b.inferEnter(c, sender, "connect", f)
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
func (b *Builder) inferAfter(c *connection, f *Frame, now time.Time) {
	done := &c.inferred[fsm.Client]
	if done.waiting == (inferredCall{}) {
		return
	}
	result, errno := int64(0), ""
	switch client := c.flow.Conn.Ends[fsm.Client]; {
	case client.State == fsm.SynSent, client.State == fsm.SynReceived:
		return
	case client.State == fsm.Closed:
		result, errno = -1, "ECONNREFUSED"
	case client.Basis == fsm.Assumed:
		return
	}
	b.inferReturn(c, fsm.Client, "connect", done.waiting, f, now, result, errno)
	done.waiting = inferredCall{}
}

// inferWhole adds the enter and the return of an inferred call.
func (b *Builder) inferWhole(c *connection, side fsm.Side, op string, f *Frame) {
	b.inferReturn(c, side, op, b.inferEnter(c, side, op, f), f, f.Time, 0, "")
}

func (b *Builder) inferEnter(c *connection, side fsm.Side, op string, f *Frame) inferredCall {
	b.calls.inferred++
	call := inferred(c, side, op, f, b.calls.inferred)
	n := b.push(Step{Time: f.Time, Kind: CallEnter, Conn: c.ID, Side: side, Call: call, After: c.flow.Conn})
	c.latest[side].note(op, n)
	return inferredCall{call.ID, n}
}

func (b *Builder) inferReturn(c *connection, side fsm.Side, op string, enter inferredCall, f *Frame, now time.Time, result int64, errno string) {
	call := inferred(c, side, op, f, enter.id)
	call.Time, call.Phase, call.Result, call.Errno = now, Return, result, errno
	n := b.push(Step{
		Time: now, Kind: CallReturn, Conn: c.ID, Side: side, Call: call, Peer: enter.step,
		Cause: b.causeOfReturn(call, c.ID, enter.step), After: c.flow.Conn,
	})
	if step := b.patch(enter.step); step != nil {
		step.Peer = n
	}
}

// inferred is the enter of a call that the segment proves.
func inferred(c *connection, side fsm.Side, op string, f *Frame, id int) *Call {
	call := &Call{
		Time: f.Time, Program: side.String(), Side: side, ID: id, Op: op, FD: -1, Inferred: true,
		Local: c.Ends[side], Remote: c.Ends[side.Other()],
	}
	if op == "connect" {
		call.Args = c.Ends[fsm.Server].String()
	}
	return call
}
