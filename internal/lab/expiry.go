package lab

import (
	"slices"
	"time"

	"tcpviz/fsm"
	"tcpviz/internal/story"
)

// No stack tells that a timer has run out. It is seen by what comes of it: a segment
// is sent, or a socket is gone. Which timer it was, the stacks' own counters tell; where
// there are none (netstack's probes), what was sent, when nothing happened but that
// time has passed.

// firedTimers counts timers of one host.
type firedTimers struct {
	timeouts    int // retransmission timeouts of data or a FIN, where the host counts them
	lossProbes  int // tail loss probes, where the host counts them
	delayedAcks int // acknowledgments that were kept back for long enough, where the host counts them
}

// earlier is what was known before something happened: what the stacks said, and the
// timers that have run out since.
type earlier struct {
	ends  map[endpoint]socketState
	fired [2]firedTimers
	told  map[endpoint]bool // one timer is told of each end, however many segments it sends
}

// beforeTimers gives what was known before. The hosts are asked for their timers only
// when they have sent something.
func (h *held) beforeTimers(sent bool) (earlier, error) {
	e := earlier{ends: endsOf(h.sockets), told: make(map[endpoint]bool)}
	if !sent {
		return e, nil
	}
	now, err := h.hosts.fired()
	if err != nil {
		return e, err
	}
	for side, n := range now {
		then := h.timers[side]
		e.fired[side] = firedTimers{n.timeouts - then.timeouts, n.lossProbes - then.lossProbes, n.delayedAcks - then.delayedAcks}
	}
	h.timers = now
	return e, nil
}

// timerBehind names the timer that made an end send this segment, NoTimer when it
// was none that is known. now is what its stack says of it.
func (h *held) timerBehind(e endpoint, p packet, before earlier, now socketState, passed bool) fsm.Timer {
	g, fired := p.frame.Segment, &before.fired[p.from]
	then := before.ends[e]
	if then.next == fsm.KeepAliveProbeTimer && h.isProbe(e, g) {
		return then.next // each probe is one expiry
	}
	if before.told[e] {
		return fsm.NoTimer
	}
	if h.hosts.oneByOne() {
		if !passed {
			return fsm.NoTimer
		}
		return h.simTimerBehind(e, g, fired)
	}
	again := now.retries > then.retries
	if g.Flags.Has(fsm.SYN | fsm.ACK) {
		again = again && passed // a SYN that comes again makes the kernel repeat it as well
	}
	switch {
	case then.next == fsm.PersistTimer && (again || passed):
		return then.next
	case h.repeated(e, g) && again:
		return fsm.Retransmission
	case h.repeated(e, g) && fired.lossProbes > 0:
		fired.lossProbes--
		return fsm.LossProbeTimer
	case h.repeated(e, g) && passed:
		return fsm.ReorderTimer
	case g.SeqLen() == 0 && g.Flags == fsm.ACK && fired.delayedAcks > 0:
		fired.delayedAcks--
		return fsm.DelayedAckTimer
	}
	return fsm.NoTimer
}

// isProbe reports whether an end's segment is a keep-alive probe without data.
func (h *held) isProbe(e endpoint, g fsm.Segment) bool {
	s := h.senders[e]
	return s != nil && s.probe(g) && g.Len == 0
}

// simTimerBehind is timerBehind for netstack, when nothing happened but that time has
// passed.
func (h *held) simTimerBehind(e endpoint, g fsm.Segment, fired *firedTimers) fsm.Timer {
	s := h.senders[e]
	switch {
	case s == nil:
	case h.isProbe(e, g):
		return fsm.KeepAliveProbeTimer
	case s.probe(g):
		return fsm.PersistTimer
	case !h.repeated(e, g):
	case g.Flags.Has(fsm.SYN):
		return fsm.Retransmission
	case fired.timeouts > 0:
		fired.timeouts--
		return fsm.Retransmission
	case s.sacked:
		return fsm.ReorderTimer
	default:
		return fsm.LossProbeTimer
	}
	return fsm.NoTimer
}

// sender is what is known of what one end of a connection has sent.
type sender struct {
	iss      fsm.Seq // of its newest SYN
	nxt, una fsm.Seq // behind the last number sent; the first one not acknowledged
	began    bool
	probing  bool // its newest segment was a keep-alive probe
	sacked   bool // the newest acknowledgment told of segments behind a gap (SACK)
}

// endsOf gives what both stacks say, by socket.
func endsOf(sockets [2][]socketState) map[endpoint]socketState {
	ends := make(map[endpoint]socketState)
	for _, list := range sockets {
		for _, s := range list {
			ends[s.endpoint] = s
		}
	}
	return ends
}

// probe reports whether a segment is a keep-alive probe: all was acknowledged, and
// it begins one octet earlier.
func (s *sender) probe(g fsm.Segment) bool {
	return s.began && s.una == s.nxt && g.Seq.Add(1) == s.nxt && g.Len <= 1 && g.Flags&(fsm.SYN|fsm.FIN|fsm.RST) == 0
}

// repeated reports whether an end has sent before what this segment holds.
func (h *held) repeated(e endpoint, g fsm.Segment) bool {
	s := h.senders[e]
	return s != nil && s.began && (!g.Flags.Has(fsm.SYN) || g.Seq == s.iss) && g.SeqLen() > 0 && g.Seq.Less(s.nxt) && !s.probe(g)
}

// sends takes in what an end has sent, and which timer made it do so.
func (h *held) sends(e endpoint, g fsm.Segment, because fsm.Timer) {
	s := h.senders[e]
	if s == nil {
		s = new(sender)
		h.senders[e] = s
	}
	if g.Flags.Has(fsm.RST) {
		return
	}
	end := g.Seq.Add(g.SeqLen())
	switch {
	case !s.began, g.Flags.Has(fsm.SYN) && g.Seq != s.iss:
		*s = sender{iss: g.Seq, nxt: end, una: g.Seq, began: true}
	default:
		s.probing = because == fsm.KeepAliveProbeTimer
		if s.nxt.Less(end) {
			s.nxt = end
		}
	}
}

// acknowledged takes in what a segment that arrives acknowledges.
func (h *held) acknowledged(f *flight) {
	s := h.senders[endpoint{f.frame.Dst, f.frame.Src}]
	g := f.frame.Segment
	if s == nil || !g.Flags.Has(fsm.ACK) || s.nxt.Less(g.Ack) {
		return
	}
	s.sacked = g.Options.SACKCount > 0
	if s.una.Less(g.Ack) {
		s.una = g.Ack
	}
}

// vanished gives the timers that have ended sockets while time has passed: those
// that the stacks named before and name no more. calls are those that have returned
// meanwhile.
func (h *held) vanished(now map[endpoint]socketState, packets []packet, calls []story.Event) []story.Event {
	var events []story.Event
	for side, list := range h.sockets {
		for _, s := range list {
			if _, there := now[s.endpoint]; there || s.state == fsm.Listen {
				continue
			}
			events = append(events, story.Expiry{
				Time: h.latest(fsm.Side(side), s.endpoint, packets, calls), Side: fsm.Side(side),
				Local: s.endpoint.local, Remote: s.endpoint.remote, Timer: h.timerThatEnds(s),
			})
		}
	}
	return events
}

// timerThatEnds names the timer that ends a socket in its state.
func (h *held) timerThatEnds(s socketState) fsm.Timer {
	switch s.state {
	case fsm.TimeWait:
		return fsm.TimeWaitTimer
	case fsm.FinWait2:
		return fsm.FinWait2Timer
	case fsm.SynReceived:
		return fsm.SynReceivedTimer
	}
	if sent := h.senders[s.endpoint]; sent != nil && sent.probing {
		return fsm.KeepAliveTimer
	}
	return fsm.UserTimeout
}

// latest gives the time at which a socket's timer has run out at the latest: that of
// the first packet that the socket has sent among these, or that of the return of a
// call that failed for it, or else this moment's.
func (h *held) latest(side fsm.Side, e endpoint, packets []packet, calls []story.Event) time.Time {
	at := h.now()
	if i := slices.IndexFunc(packets, func(p packet) bool { return endpoint{p.frame.Src, p.frame.Dst} == e }); i >= 0 {
		at = packets[i].frame.Time
	}
	for _, event := range calls {
		// Such a call no longer knows the addresses.
		if c := event.(story.Call); c.Side == side && c.Errno == "ETIMEDOUT" && c.Time.Before(at) {
			at = c.Time
		}
	}
	return at
}
