package ui

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// tale is a story made by hand: what happened, said in the order in which it did.
type tale struct {
	story  story.Story
	rows   []story.Row
	now    time.Time
	calls  int
	frames int
	row    story.Row
	client netip.AddrPort
	server netip.AddrPort
}

func newTale() *tale {
	return &tale{
		now:    time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		client: netip.MustParseAddrPort("127.0.0.1:43210"),
		server: netip.MustParseAddrPort("127.0.0.1:10008"),
		story: story.Story{
			Meta:  story.Meta{Stage: "loopback"},
			Conns: story.ConnectionsOf(fsm.Summary{ID: 1, ISN: [2]fsm.Seq{1000, 9000}}),
		},
	}
}

const (
	cl = fsm.Client
	sv = fsm.Server
)

// wait lets time pass before the next step; without it each takes 20 µs.
func (a *tale) wait(d time.Duration) { a.now = a.now.Add(d) }

func (a *tale) add(s story.Step) int {
	a.now = a.now.Add(20 * time.Microsecond)
	s.N, s.Time = len(a.story.Steps)+1, a.now
	a.story.Steps = append(a.story.Steps, s)
	a.row.Step = s.N
	a.rows = append(a.rows, a.row)
	return s.N
}

// last gives the newest step.
func (a *tale) last() *story.Step { return &a.story.Steps[len(a.story.Steps)-1] }

// becomes lets the newest step change a side's state.
func (a *tale) becomes(side fsm.Side, state fsm.State, basis fsm.Basis) {
	row := &a.rows[len(a.rows)-1]
	a.last().Transitions = append(a.last().Transitions, fsm.Transition{
		Side: side, From: row.State[side], To: state, Basis: basis, Rule: &fsm.Rule{ID: "test"},
	})
	row.State[side], row.Basis[side] = state, basis
	a.row = *row
}

// is lets the newest step change a side's state as it was seen to.
func (a *tale) is(side fsm.Side, state fsm.State) { a.becomes(side, state, fsm.Observed) }

// says lets the stack name a side's state after the newest step.
func (a *tale) says(side fsm.Side, state fsm.State) {
	model := a.rows[len(a.rows)-1].State[side]
	a.last().Truths = append(a.last().Truths, story.Check{
		Truth: story.Truth{Side: side, State: state}, Conn: 1, Model: model, Agree: model == state,
	})
}

func (a *tale) enter(program string, side fsm.Side, op, args string) int {
	a.calls++
	return a.add(story.Step{Kind: story.CallEnter, Side: side, Call: &story.Call{
		Program: program, Side: side, ID: a.calls, Phase: story.Enter, Op: op, Args: args, FD: -1,
	}})
}

// back lets the call that entered at step n return; args "" means as at its enter.
func (a *tale) back(n, cause int, args string, result int64, errno string) int {
	enter := a.story.At(n)
	call := *enter.Call
	call.Phase, call.Result, call.Errno = story.Return, result, errno
	if args != "" {
		call.Args = args
	}
	if call.Op == "bind" && errno == "" {
		call.Local = a.server
	}
	m := a.add(story.Step{Kind: story.CallReturn, Side: enter.Side, Call: &call, Peer: n, Cause: cause})
	a.story.At(n).Peer = m
	return m
}

// once is a call that returns at once.
func (a *tale) once(program string, side fsm.Side, op, args string, result int64) int {
	return a.back(a.enter(program, side, op, args), 0, "", result, "")
}

// send puts a segment on the wire; its numbers are relative.
func (a *tale) send(side fsm.Side, flags fsm.Flags, seq, ack uint32, payload string, cause int) int {
	a.frames++
	ends, isn := [2]netip.AddrPort{a.client, a.server}, a.story.Conns.At(1).ISN
	segment := fsm.Segment{Seq: isn[side].Add(seq), Flags: flags, Window: 512, Len: uint32(len(payload))}
	if flags.Has(fsm.ACK) {
		segment.Ack = isn[side.Other()].Add(ack)
	}
	return a.add(story.Step{Kind: story.SegmentSent, Conn: 1, Side: side, Cause: cause, Frame: &story.Frame{
		Number: a.frames, Src: ends[side], Dst: ends[side.Other()], Segment: segment, Fate: story.FateDelivered,
		Raw: append(make([]byte, 54), payload...), PayloadOffset: 54,
	}})
}

func (a *tale) end(n int, kind story.Kind, fate story.Fate) int {
	sent := a.story.At(n)
	sent.Frame.Fate = fate
	side := sent.Side
	if kind == story.SegmentReceived {
		side = side.Other()
	}
	m := a.add(story.Step{Kind: kind, Conn: 1, Side: side, Frame: sent.Frame, Peer: n, Cause: n})
	a.story.At(n).Peer = m
	return m
}

func (a *tale) arrives(n int) int { return a.end(n, story.SegmentReceived, story.FateDelivered) }
func (a *tale) assumed(n int) int { return a.end(n, story.SegmentReceived, story.FateAssumed) }
func (a *tale) lost(n int) int    { return a.end(n, story.SegmentLost, story.FateLost) }

// moment gives the moment at which row at of the view is the newest; -1 is before
// the first, and counting from the end is not known here.
func (a *tale) moment(at int, flight float64) moment {
	return moment{
		story: &a.story, view: story.View{Conn: 1, Rows: a.rows},
		at: at, flight: flight, lang: lang.English,
	}
}

// listen is what a server does before a client comes; it gives the step at which accept begins.
func (a *tale) listen() (accept int) {
	a.once("server", sv, "socket", "AF_INET, SOCK_STREAM, 0", 3)
	a.once("server", sv, "bind", "3, 127.0.0.1:10008", 0)
	a.once("server", sv, "listen", "3, 5", 0)
	a.is(sv, fsm.Listen)
	return a.enter("server", sv, "accept", "3")
}

// handshake is the opening of a connection with both programs' calls.
func (a *tale) handshake(client string) {
	accept := a.listen()
	a.once(client, cl, "socket", "AF_INET, SOCK_STREAM, 0", 3)
	connect := a.enter(client, cl, "connect", "3, 127.0.0.1:10008")
	syn := a.send(cl, fsm.SYN, 0, 0, "", connect)
	a.is(cl, fsm.SynSent)
	arrived := a.arrives(syn)
	a.is(sv, fsm.SynReceived)
	answer := a.arrives(a.send(sv, fsm.SYN|fsm.ACK, 0, 1, "", arrived))
	a.is(cl, fsm.Established)
	third := a.arrives(a.send(cl, fsm.ACK, 1, 1, "", answer))
	a.is(sv, fsm.Established)
	a.back(connect, answer, "", 0, "")
	a.back(accept, third, "3, 127.0.0.1:43210", 4, "")
}

// lines is a line each way.
func (a *tale) lines() {
	read := a.enter("server", sv, "recv", "4, 100")
	write := a.enter("client", cl, "send", `3, "hello\n", 6`)
	data := a.arrives(a.send(cl, fsm.PSH|fsm.ACK, 1, 1, "hello\n", write))
	ack := a.send(sv, fsm.ACK, 1, 7, "", data)
	a.arrives(ack)
	a.back(write, 0, "", 6, "")
	a.back(read, data, `4, "hello\n", 100`, 6, "")
	write = a.enter("server", sv, "send", `4, "OK\n", 3`)
	data = a.arrives(a.send(sv, fsm.PSH|fsm.ACK, 1, 7, "OK\n", write))
	a.back(write, 0, "", 3, "")
	a.arrives(a.send(cl, fsm.ACK, 7, 4, "", data))
	a.once("client", cl, "recv", `3, "OK\n", 100`, 3)
}

// farewell is a close in four segments, the client first.
func (a *tale) farewell() {
	read := a.enter("server", sv, "recv", "4, 100")
	shut := a.enter("client", cl, "close", "3")
	fin := a.send(cl, fsm.FIN|fsm.ACK, 7, 4, "", shut)
	a.is(cl, fsm.FinWait1)
	arrived := a.arrives(fin)
	a.is(sv, fsm.CloseWait)
	a.back(shut, 0, "", 0, "")
	a.back(read, arrived, `4, "", 100`, 0, "")
	a.wait(40 * time.Millisecond)
	a.arrives(a.send(sv, fsm.ACK, 4, 8, "", arrived))
	a.is(cl, fsm.FinWait2)
	shut = a.enter("server", sv, "close", "4")
	fin = a.send(sv, fsm.FIN|fsm.ACK, 4, 8, "", shut)
	a.is(sv, fsm.LastAck)
	arrived = a.arrives(fin)
	a.is(cl, fsm.TimeWait)
	a.back(shut, 0, "", 0, "")
	a.arrives(a.send(cl, fsm.ACK, 8, 5, "", arrived))
	a.is(sv, fsm.Closed)
}

func connectionTale() *tale {
	a := newTale()
	a.handshake("client")
	a.lines()
	a.farewell()
	return a
}

// tales are the stories that the goldens show.
func tales() map[string]*tale {
	all := map[string]*tale{"connection": connectionTale()}

	a := newTale() // refused: nobody listens
	all["refused"] = a
	a.once("client", cl, "socket", "AF_INET, SOCK_STREAM, 0", 3)
	connect := a.enter("client", cl, "connect", "3, 127.0.0.1:10008")
	syn := a.send(cl, fsm.SYN, 0, 0, "", connect)
	a.is(cl, fsm.SynSent)
	rst := a.arrives(a.send(sv, fsm.RST|fsm.ACK, 0, 1, "", a.arrives(syn)))
	a.is(cl, fsm.Closed)
	a.back(connect, rst, "", -1, "ECONNREFUSED")
	a.once("client", cl, "close", "3", 0)

	a = newTale() // the first SYN is lost
	all["lost-syn"] = a
	accept := a.listen()
	a.once("client", cl, "socket", "AF_INET, SOCK_STREAM, 0", 3)
	connect = a.enter("client", cl, "connect", "3, 127.0.0.1:10008")
	syn = a.send(cl, fsm.SYN, 0, 0, "", connect)
	a.is(cl, fsm.SynSent)
	a.lost(syn)
	a.wait(time.Second)
	timer := a.add(story.Step{Kind: story.TimerExpired, Conn: 1, Side: cl, Timer: fsm.Retransmission})
	syn = a.send(cl, fsm.SYN, 0, 0, "", timer)
	a.last().Anomalies = []string{"retransmission"}
	arrived := a.arrives(syn)
	a.is(sv, fsm.SynReceived)
	answer := a.arrives(a.send(sv, fsm.SYN|fsm.ACK, 0, 1, "", arrived))
	a.is(cl, fsm.Established)
	a.back(connect, answer, "", 0, "")
	third := a.arrives(a.send(cl, fsm.ACK, 1, 1, "", answer))
	a.is(sv, fsm.Established)
	a.back(accept, third, "3, 127.0.0.1:43210", 4, "")

	a = newTale() // both wait: recv blocks past its limit
	all["recv-timeout"] = a
	a.handshake("client")
	read := a.enter("server", sv, "recv", "4, 100")
	a.wait(10 * time.Second)
	a.back(read, 0, "", -1, "EAGAIN")

	all["foreign"] = foreignTale()
	all["clients"] = clientsTale()
	all["reordered"] = reorderedTale()
	all["long-payload"] = payloadTale("GET /a/rather/long/path?with=query HTTP/1.1\r\nHost: example.org\r\nAccept: text/html\r\n\r\n")
	all["hostile"] = payloadTale("\x1b[2J\x1b]0;owned\a\u202ehello\x7f\u009b31m 你好\n")
	all["disagree"] = disagreeTale()
	all["half-open"] = midstreamTale()
	for name, s := range wireScripts() {
		all["wire-"+name] = taleOf(s.story())
	}
	return all
}

// foreignTale is a capture: no calls, arrivals only assumed.
func foreignTale() *tale {
	a := newTale()
	a.story.Meta.Stage = ""
	infer := func(side fsm.Side, op, args string) int {
		n := a.enter(side.String(), side, op, args)
		a.last().Call.Inferred = true
		return n
	}
	connect := infer(cl, "connect", "127.0.0.1:10008")
	a.is(cl, fsm.SynSent)
	syn := a.send(cl, fsm.SYN, 0, 0, "", connect)
	arrived := a.assumed(syn)
	a.becomes(sv, fsm.SynReceived, fsm.Assumed)
	a.back(infer(sv, "listen", ""), 0, "", 0, "")
	synAck := a.send(sv, fsm.SYN|fsm.ACK, 0, 1, "", arrived)
	a.is(sv, fsm.SynReceived)
	answer := a.assumed(synAck)
	a.becomes(cl, fsm.Established, fsm.Assumed)
	a.back(connect, answer, "", 0, "")
	a.wait(30 * time.Millisecond)
	ack := a.send(cl, fsm.ACK, 1, 1, "", answer)
	a.is(cl, fsm.Established)
	a.assumed(ack)
	a.becomes(sv, fsm.Established, fsm.Assumed)
	send := infer(cl, "send", "")
	a.back(send, 0, "", 0, "")
	data := a.send(cl, fsm.PSH|fsm.ACK, 1, 1, "hello\n", send)
	a.assumed(data)
	a.arrives(a.send(sv, fsm.ACK, 1, 7, "", a.last().N))
	a.becomes(sv, fsm.Established, fsm.Observed)
	return a
}

// clientsTale is the first of three clients of one server.
func clientsTale() *tale {
	a := newTale()
	accept := a.listen()
	var connects []int
	for _, name := range []string{"C1", "C2", "C3"} {
		a.once(name, cl, "socket", "AF_INET, SOCK_STREAM, 0", 3)
		connects = append(connects, a.enter(name, cl, "connect", "3, 127.0.0.1:10008"))
	}
	syn := a.send(cl, fsm.SYN, 0, 0, "", connects[0])
	a.is(cl, fsm.SynSent)
	arrived := a.arrives(syn)
	a.is(sv, fsm.SynReceived)
	answer := a.arrives(a.send(sv, fsm.SYN|fsm.ACK, 0, 1, "", arrived))
	a.is(cl, fsm.Established)
	third := a.arrives(a.send(cl, fsm.ACK, 1, 1, "", answer))
	a.is(sv, fsm.Established)
	a.back(accept, third, "3, 127.0.0.1:43210", 4, "")
	for i := range connects {
		a.back(connects[i], 0, "", 0, "")
	}
	for i := range a.story.Steps {
		if call := a.story.Steps[i].Call; call != nil && call.Program == "C1" {
			a.story.Steps[i].Conn = 1
		}
	}
	return a
}

// reorderedTale has two segments under way at once; the second overtakes the first.
func reorderedTale() *tale {
	a := newTale()
	a.handshake("client")
	write := a.enter("client", cl, "send", `3, "one", 3`)
	first := a.send(cl, fsm.PSH|fsm.ACK, 1, 1, "one", write)
	a.back(write, 0, "", 3, "")
	write = a.enter("client", cl, "send", `3, "two", 3`)
	second := a.send(cl, fsm.PSH|fsm.ACK, 4, 1, "two", write)
	a.back(write, 0, "", 3, "")
	a.wait(5 * time.Millisecond)
	late := a.arrives(second)
	duplicate := a.send(sv, fsm.ACK, 1, 1, "", late)
	a.last().Anomalies = []string{"duplicate_ack"}
	a.arrives(duplicate)
	a.arrives(a.send(sv, fsm.ACK, 1, 7, "", a.arrives(first)))
	return a
}

func payloadTale(payload string) *tale {
	a := newTale()
	a.handshake("client")
	read := a.enter("server", sv, "recv", "4, 4096")
	write := a.enter("client", cl, "send", fmt.Sprintf("3, %q, %d", payload, len(payload)))
	data := a.arrives(a.send(cl, fsm.PSH|fsm.ACK, 1, 1, payload, write))
	a.back(write, 0, "", int64(len(payload)), "")
	a.back(read, data, fmt.Sprintf("4, \"%s\", 4096", payload), int64(len(payload)), "")
	return a
}

// disagreeTale has a stack that says something else than the model.
func disagreeTale() *tale {
	a := newTale()
	a.handshake("client")
	shut := a.enter("client", cl, "close", "3")
	fin := a.send(cl, fsm.FIN|fsm.ACK, 1, 1, "", shut)
	a.is(cl, fsm.FinWait1)
	a.arrives(fin)
	a.is(sv, fsm.Established)
	a.says(sv, fsm.CloseWait)
	a.says(cl, fsm.FinWait1)
	a.back(shut, 0, "", 0, "")
	a.says(sv, fsm.CloseWait)
	return a
}

// midstreamTale is a capture that begins in the middle and ends in a reset.
func midstreamTale() *tale {
	a := newTale()
	a.story.Meta.Stage = ""
	data := a.send(cl, fsm.PSH|fsm.ACK, 1, 1, "more", 0)
	a.becomes(cl, fsm.Established, fsm.Inferred)
	a.assumed(data)
	a.becomes(sv, fsm.Established, fsm.Assumed)
	rst := a.send(sv, fsm.RST, 1, 0, "", data)
	a.is(sv, fsm.Closed)
	a.assumed(rst)
	a.becomes(cl, fsm.Closed, fsm.Assumed)
	return a
}

func TestTalesAreNumbered(t *testing.T) {
	for name, a := range tales() {
		for i, step := range a.story.Steps {
			if step.N != i+1 || a.rows[i].Step != step.N {
				t.Fatalf("%s: step %d has number %d", name, i+1, step.N)
			}
		}
	}
}
