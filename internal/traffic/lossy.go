package traffic

import (
	"slices"

	"tcpviz/fsm"
)

// Scenario is one way in which a connection can go.
type Scenario struct {
	Name  string
	About string // one sentence
	// Outcomes are the codes of Zeek's conn_state, one for each connection: some
	// scenarios use their addresses and ports twice.
	Outcomes  []string
	Anomalies fsm.Anomaly // all that tshark finds in it

	play func(*dialog)
}

// Scenarios gives the scenarios of a lossy capture, in the order in which its
// connections begin.
func Scenarios() []Scenario { return slices.Clone(scenarios[:]) }

const (
	client = fsm.Client
	server = fsm.Server
)

// lose has a side send a segment which the observer sees and the other side does
// not get, and gives it.
func (d *dialog) lose(sender fsm.Side, flags fsm.Flags, length uint32) fsm.Segment {
	return d.see(sender, d.form(sender, flags, length))
}

// hide has a side send a segment which arrives, but which the observer does not see.
func (d *dialog) hide(sender fsm.Side, flags fsm.Flags, length uint32) {
	d.turn(sender)
	d.last = sender
	d.arrive(sender, d.stamp(sender, d.form(sender, flags, length)))
}

// again has a side send a segment once more, with what it knows by now, and gives
// it. The observer sees it.
func (d *dialog) again(sender fsm.Side, s fsm.Segment) fsm.Segment {
	e := &d.ends[sender]
	s.Window = e.window
	if s.Flags.Has(fsm.ACK) {
		s.Ack, s.Options.TSEcr = e.expects, e.tsRecent
	}
	return d.see(sender, s)
}

// sack gives an ACK that says which later numbers have arrived (RFC 2018), or
// which arrived twice (RFC 2883).
func (d *dialog) sack(sender fsm.Side, left, right fsm.Seq) fsm.Segment {
	s := d.form(sender, fsm.ACK, 0)
	s.Options.SACK[0], s.Options.SACKCount = [2]fsm.Seq{left, right}, 1
	return s
}

// talk is a request and its response.
func (d *dialog) talk() {
	d.exchange(client, 120)
	d.wait(20 * millisecond)
	d.exchange(server, 600)
	d.wait(80 * millisecond)
}

var scenarios = [...]Scenario{
	{"complete", "A request, a response, a close.",
		[]string{"SF"}, 0, (*dialog).complete},
	{"syn-unanswered", "Nobody answers: the client sends its SYN again after 1, 2 and 4 seconds.",
		[]string{"S0"}, fsm.Retransmitted, func(d *dialog) {
			syn := d.lose(client, fsm.SYN, 0)
			for pause := int64(second); pause <= 4*second; pause *= 2 {
				d.wait(pause)
				d.again(client, syn)
			}
		}},
	{"refused", "Nobody listens: the server answers the SYN with an RST.",
		[]string{"REJ"}, 0, func(d *dialog) {
			d.say(client, fsm.SYN, 0)
			d.see(server, fsm.Segment{Flags: fsm.RST | fsm.ACK, Ack: d.ends[server].expects})
		}},
	{"client-resets", "The client aborts an open connection.",
		[]string{"RSTO"}, 0, func(d *dialog) {
			d.open()
			d.talk()
			d.reset(client)
		}},
	{"server-resets", "The server aborts an open connection.",
		[]string{"RSTR"}, 0, func(d *dialog) {
			d.open()
			d.talk()
			d.reset(server)
		}},
	{"left-open", "Nobody closes before the capture ends.",
		[]string{"S1"}, 0, func(d *dialog) {
			d.open()
			d.talk()
		}},
	{"client-half-closes", "The client has no more to send, the server has, and does not close.",
		[]string{"S2"}, 0, func(d *dialog) {
			d.open()
			d.exchange(client, 120)
			d.say(client, fsm.FIN|fsm.ACK, 0)
			d.ack(server)
			d.exchange(server, 900)
			d.exchange(server, 300)
		}},
	{"server-half-closes", "The server has no more to send, the client has, and does not close.",
		[]string{"S3"}, 0, func(d *dialog) {
			d.open()
			d.talk()
			d.say(server, fsm.FIN|fsm.ACK, 0)
			d.ack(client)
			d.exchange(client, 200)
		}},
	{"scan", "A port scan: the client resets what the server accepted.",
		[]string{"RSTO"}, 0, func(d *dialog) {
			d.say(client, fsm.SYN, 0)
			d.say(server, fsm.SYN|fsm.ACK, 0)
			d.see(client, fsm.Segment{Seq: d.ends[client].next, Flags: fsm.RST})
		}},
	{"scan-one-direction", "The same, where the server's segments take another way.",
		[]string{"RSTOS0"}, 0, func(d *dialog) {
			d.say(client, fsm.SYN, 0)
			d.hide(server, fsm.SYN|fsm.ACK, 0)
			d.see(client, fsm.Segment{Seq: d.ends[client].next, Flags: fsm.RST})
		}},
	{"server-resets-one-direction", "The server accepts and aborts; the client's segments take another way.",
		[]string{"RSTRH"}, 0, func(d *dialog) {
			d.hide(client, fsm.SYN, 0)
			d.say(server, fsm.SYN|fsm.ACK, 0)
			d.opened()
			d.hide(client, fsm.ACK, 0)
			d.reset(server)
		}},
	{"client-direction-only", "A whole connection, of which only the client's segments pass here.",
		[]string{"SH"}, 0, func(d *dialog) {
			d.say(client, fsm.SYN, 0)
			d.hide(server, fsm.SYN|fsm.ACK, 0)
			d.opened()
			d.ack(client)
			d.send(client, 120)
			d.hide(server, fsm.PSH|fsm.ACK, 600)
			d.ack(client)
			d.say(client, fsm.FIN|fsm.ACK, 0)
			d.hide(server, fsm.FIN|fsm.ACK, 0)
			d.ack(client)
		}},
	{"server-direction-only", "A whole connection, of which only the server's segments pass here.",
		[]string{"SHR"}, 0, func(d *dialog) {
			d.hide(client, fsm.SYN, 0)
			d.say(server, fsm.SYN|fsm.ACK, 0)
			d.opened()
			d.hide(client, fsm.ACK, 0)
			d.hide(client, fsm.PSH|fsm.ACK, 120)
			d.ack(server)
			d.send(server, 600)
			d.hide(client, fsm.FIN|fsm.ACK, 0)
			d.say(server, fsm.FIN|fsm.ACK, 0)
		}},
	{"mid-stream", "The connection is older than the capture, and outlives it.",
		[]string{"OTH"}, 0, func(d *dialog) {
			d.ends[client].expects, d.ends[server].expects = d.ends[server].next, d.ends[client].next
			d.ends[client].tsRecent = d.stamp(server, d.form(server, fsm.ACK, 0)).Options.TSVal
			d.opened()
			d.talk()
		}},
	{"synack-lost", "The SYN-ACK is lost before it passes here: the client sends its SYN again.",
		[]string{"SF"}, fsm.Retransmitted, func(d *dialog) {
			syn := d.lose(client, fsm.SYN, 0)
			d.wait(second)
			d.arrive(client, d.again(client, syn))
			d.say(server, fsm.SYN|fsm.ACK, 0)
			d.opened()
			d.ack(client)
			d.talk()
			d.finish(client)
		}},
	{"handshake-ack-lost", "The third segment of the handshake is lost: the server sends its SYN-ACK again.",
		[]string{"SF"}, fsm.Retransmitted | fsm.DuplicateAck, func(d *dialog) {
			d.say(client, fsm.SYN, 0)
			accept := d.lose(server, fsm.SYN|fsm.ACK, 0)
			d.arrive(server, accept)
			d.opened()
			d.lose(client, fsm.ACK, 0)
			d.wait(second)
			accept.Options.TSEcr = d.ends[server].tsRecent
			d.see(server, accept)
			next := d.ends[server].next
			d.see(client, d.sack(client, accept.Seq, next))
			d.wait(200 * millisecond)
			d.talk()
			d.finish(client)
		}},
	{"data-lost", "A request is lost, and sent again when the timer runs out.",
		[]string{"SF"}, fsm.Retransmitted, func(d *dialog) {
			d.open()
			request := d.lose(client, fsm.PSH|fsm.ACK, 120)
			for _, pause := range [...]int64{200, 400} {
				d.wait(d.trip + pause*millisecond)
				request = d.again(client, request)
			}
			d.arrive(client, request)
			d.ack(server)
			d.exchange(server, 600)
			d.finish(client)
		}},
	{"data-lost-fast", "The first of five segments is lost: three duplicate ACKs bring it again.",
		[]string{"SF"}, fsm.Retransmitted | fsm.FastRetransmitted | fsm.DuplicateAck, func(d *dialog) {
			d.open()
			d.exchange(client, 120)
			var burst [5]fsm.Segment
			for i := range burst {
				burst[i] = d.lose(client, fsm.ACK, d.payload())
			}
			left := burst[1].Seq
			var acks [4]fsm.Segment
			for i := range acks {
				acks[i] = d.sack(server, left, burst[i+1].End())
			}
			for _, ack := range acks[:3] {
				d.see(server, ack)
			}
			burst[0] = d.again(client, burst[0])
			d.last = server // the fourth was on its way
			d.see(server, acks[3])
			for _, s := range burst {
				d.arrive(client, s)
			}
			d.wait(d.trip)
			d.ack(server)
			d.finish(client)
		}},
	{"response-lost", "A segment of the response is lost before it passes here.",
		[]string{"SF"}, fsm.Retransmitted | fsm.LostSegment | fsm.DuplicateAck, func(d *dialog) {
			d.trip = 60 * millisecond // tshark calls it something else where it comes at once
			d.open()
			d.exchange(client, 120)
			var burst [5]fsm.Segment
			for i := range burst {
				burst[i] = d.form(server, fsm.ACK, d.payload())
			}
			d.turn(server)
			d.arrive(server, d.put(server, burst[0]))
			d.ack(client)
			for _, s := range burst[2:] {
				d.last = server // all on their way
				d.see(server, s)
				d.see(client, d.sack(client, burst[2].Seq, s.End()))
			}
			d.wait(2 * millisecond)
			burst[1] = d.again(server, burst[1])
			for _, s := range burst[1:] {
				d.arrive(server, s)
			}
			d.ack(client)
			d.wait(100 * millisecond)
			d.finish(client)
		}},
	{"out-of-order", "Two segments of the response overtake each other.",
		[]string{"SF"}, fsm.LostSegment | fsm.OutOfOrder | fsm.DuplicateAck, func(d *dialog) {
			d.open()
			d.exchange(client, 120)
			first := d.form(server, fsm.ACK, d.payload())
			late := d.form(server, fsm.ACK, d.payload())
			early := d.form(server, fsm.PSH|fsm.ACK, 700)
			d.arrive(server, d.see(server, first))
			d.ack(client)
			d.last = server
			early = d.see(server, early)
			d.see(client, d.sack(client, early.Seq, early.End()))
			d.last = server
			d.arrive(server, d.see(server, late))
			d.arrive(server, early)
			d.ack(client)
			d.wait(100 * millisecond)
			d.finish(client)
		}},
	{"spurious", "The ACK is lost on its last metre: what the client sends again had arrived.",
		[]string{"SF"}, fsm.Retransmitted | fsm.SpuriouslyRetransmitted | fsm.DuplicateAck, func(d *dialog) {
			d.open()
			request := d.lose(client, fsm.PSH|fsm.ACK, 120)
			d.arrive(client, request)
			d.ack(server)
			d.wait(200*millisecond + d.trip)
			d.again(client, request)
			d.see(server, d.sack(server, request.Seq, request.End()))
			d.exchange(server, 600)
			d.finish(client)
		}},
	{"zero-window", "The server's program does not read: its window fills, is probed, and opens.",
		[]string{"SF"}, fsm.WindowFull | fsm.ZeroWindow | fsm.ZeroWindowProbe | fsm.ZeroWindowProbeAck | fsm.WindowUpdate, func(d *dialog) {
			const write, window = 1280, 8192 >> scale
			d.ends[server].window = window << scale
			d.open()
			d.ends[server].window = window
			for range window << scale / write {
				d.send(client, write)
			}
			d.send(client, window<<scale%write)
			full := d.ends[server].expects
			for _, room := range [...]uint32{4 * write, 2 * write, 0} {
				s := d.form(server, fsm.ACK, 0)
				s.Ack, s.Window = full.Add(-room), uint16(room>>scale)
				d.see(server, s)
			}
			d.ends[server].window = 0
			for _, pause := range [...]int64{300, 600, 1200} {
				d.wait(pause * millisecond)
				probe := d.form(client, fsm.ACK, 1)
				d.ends[client].next = probe.Seq
				d.see(client, probe)
				d.ack(server)
			}
			d.wait(400 * millisecond)
			d.ends[server].window = window
			d.ack(server)
			d.exchange(client, write)
			d.wait(50 * millisecond)
			d.exchange(server, 300)
			d.finish(client)
		}},
	{"keep-alive", "Nothing to say for a while: the client asks whether the server is still there.",
		[]string{"SF"}, fsm.KeepAlive | fsm.KeepAliveAck, func(d *dialog) {
			d.open()
			d.talk()
			for range 2 {
				d.wait(15 * second)
				probe := d.form(client, fsm.ACK, 0)
				probe.Seq--
				d.see(client, probe)
				d.ack(server)
			}
			d.finish(client)
		}},
	{"peer-gone", "The server vanishes: the client sends the same again, after longer and longer pauses.",
		[]string{"S1"}, fsm.Retransmitted, func(d *dialog) {
			d.open()
			d.talk()
			request := d.lose(client, fsm.PSH|fsm.ACK, 120)
			for pause := int64(200 * millisecond); pause < 10*second; pause *= 2 {
				d.wait(d.trip + pause)
				d.again(client, request)
			}
		}},
	{"fin-lost", "The client's FIN is lost, and sent again.",
		[]string{"SF"}, fsm.Retransmitted, func(d *dialog) {
			d.open()
			d.talk()
			fin := d.lose(client, fsm.FIN|fsm.ACK, 0)
			d.wait(d.trip + 200*millisecond)
			d.arrive(client, d.again(client, fin))
			d.say(server, fsm.FIN|fsm.ACK, 0)
			d.ack(client)
		}},
	{"simultaneous-close", "Both close at the same time: their FINs cross.",
		[]string{"SF"}, 0, func(d *dialog) {
			d.open()
			d.talk()
			mine, yours := d.form(client, fsm.FIN|fsm.ACK, 0), d.form(server, fsm.FIN|fsm.ACK, 0)
			mine = d.see(client, mine)
			d.wait(-d.trip / 2) // it was on its way
			yours = d.see(server, yours)
			d.arrive(client, mine)
			d.arrive(server, yours)
			d.ack(client)
			d.wait(-d.trip / 2)
			d.ack(server)
		}},
	{"ports-reused", "The client opens another connection with the same port.",
		[]string{"SF", "SF"}, fsm.ReusedPorts, func(d *dialog) {
			d.complete()
			d.wait(3 * second)
			for i := range d.ends {
				d.ends[i].next += 1_000_000
				d.ends[i].window = firstWindow
			}
			d.ends[client].tsRecent = 0
			d.complete()
		}},
}
