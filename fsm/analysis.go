package fsm

// Nanos is a time in nanoseconds, counted from any moment that the caller likes:
// this package has no clock, and only differences matter to it.
type Nanos int64

// Analysis finds what is unusual about the segments of one connection as they
// are captured. It follows Wireshark 4.0 (its user's guide, "TCP Analysis"),
// which lays each segment's numbers beside the newest ones of both directions
// and does not ask what a TCP would do. The zero value is that of a connection
// without a segment. It is a comparable value of fixed size: no list of what is
// unacknowledged is needed.
type Analysis struct {
	ends     [2]sending // indexed by Side
	syn      Nanos      // when the newest SYN was sent (sawSYN)
	firstRTT Nanos      // from the SYN to the first ACK; 0: not known
	sawSYN   bool
}

// sending is what the segments of one side have shown so far.
type sending struct {
	nextAt Nanos // when it sent up to next
	lastAt Nanos // when it sent its newest segment

	base    Seq    // its initial sequence number, or the one before the first met (knows)
	next    Seq    // the number after the highest that it sent (begun)
	unbroke Seq    // how far what it sent is known without a gap (begun)
	lastAck Seq    // the acknowledgment number in its newest segment; 0: none
	window  uint32 // in its newest segment, as on the wire (begun)
	dupAcks int32  // how many duplicate ACKs it has sent in a row, or stalled

	last     Anomaly // what was unusual about its newest segment
	shift    uint8   // window scale (scaling)
	scaling  scaling
	begun    bool // it has sent a segment
	knows    bool // base is set
	unscaled bool // its newest window stood in a SYN, where none is scaled
}

// stalled stands for a side that sends nothing here but is acknowledged.
const stalled = -1

// scaling is what is known about the scale of a side's window.
type scaling uint8

const (
	scalingUnknown scaling = iota // the handshake was not seen
	scalingOff
	scalingOn
)

const (
	// A fast retransmission follows the last duplicate ACK within this time.
	fastLimit Nanos = 20e6
	// A segment out of order follows the later ones within this time, where the
	// round-trip time is not known.
	orderLimit Nanos = 3e6
)

// Add follows one more segment and gives what is unusual about it. at is when it
// was captured.
func (a *Analysis) Add(at Nanos, sender Side, s *Segment) Anomaly {
	me, peer := &a.ends[sender&1], &a.ends[sender.Other()&1]
	found := a.reopens(me, s)
	found |= me.continues(peer, s)
	if s.Ack != me.lastAck {
		me.dupAcks = 0
	}
	if found.Has(DuplicateAck) {
		me.dupAcks = max(me.dupAcks, 0) + 1
	}
	found |= peer.isAckedUnseen(s)
	if (s.Len > 0 || s.Flags&(SYN|FIN) != 0) && !found.Has(KeepAlive) {
		found |= a.repeats(at, me, peer, s)
	}
	me.learns(at, s, found)
	a.learnsHandshake(at, me, peer, s)
	return found
}

// reopens looks at the initial sequence number of a side that has one already: a
// SYN with another number begins a new connection on the same ports.
func (a *Analysis) reopens(me *sending, s *Segment) Anomaly {
	switch {
	case !s.Flags.Has(SYN) || !me.knows:
		return 0
	case s.Seq == me.base:
		if !s.Flags.Has(ACK) {
			me.next = me.unbroke // an RST may have carried another number in between
		}
		return 0
	case s.Flags.Has(ACK):
		me.base = s.Seq
	default:
		*a = Analysis{}
	}
	return ReusedPorts
}

// continues looks at how the segment goes on from its sender's last one.
func (me *sending) continues(peer *sending, s *Segment) Anomaly {
	if !me.begun {
		return me.fillsWindow(peer, s) | me.closesWindow(s)
	}
	expected := s.Seq == me.next
	if s.Len == 1 && expected && peer.begun && peer.window == 0 {
		return ZeroWindowProbe
	}
	found := me.closesWindow(s)
	if me.next.Less(s.Seq) && !s.Flags.Has(RST) {
		found |= LostSegment
	}
	if s.Flags&(SYN|FIN|RST) != 0 {
		return found
	}
	if s.Len <= 1 && s.Seq == me.next-1 {
		found |= KeepAlive
	}
	found |= me.fillsWindow(peer, s)
	if s.Len > 0 || !expected || s.Ack != me.lastAck {
		return found
	}
	// It says again what the sender's last segment said.
	window := uint32(s.Window)
	switch {
	case window != 0 && window != me.window:
		found |= WindowUpdate
	case window != me.window:
	case window != 0 && peer.last.Has(KeepAlive):
		found |= KeepAliveAck
	case window != 0:
		found |= DuplicateAck
	case peer.last.Has(ZeroWindowProbe):
		found |= ZeroWindowProbeAck
	}
	return found
}

// closesWindow looks for a window of 0.
func (me *sending) closesWindow(s *Segment) Anomaly {
	if s.Window == 0 && s.Flags&(SYN|FIN|RST) == 0 {
		return ZeroWindow
	}
	return 0
}

// fillsWindow looks whether the segment reaches the edge of the peer's window.
func (me *sending) fillsWindow(peer *sending, s *Segment) Anomaly {
	if s.Len == 0 || s.Flags&(SYN|FIN|RST) != 0 || peer.scaling == scalingUnknown {
		return 0
	}
	window := peer.window
	if peer.scaling == scalingOn && !peer.unscaled {
		window <<= peer.shift
	}
	if s.Seq.Add(s.Len) == peer.lastAck.Add(window) {
		return WindowFull
	}
	return 0
}

// isAckedUnseen looks whether the segment acknowledges what was never seen of
// its receiver.
func (me *sending) isAckedUnseen(s *Segment) Anomaly {
	if !me.begun || !s.Flags.Has(ACK) || !me.unbroke.Less(s.Ack) {
		return 0
	}
	if me.unbroke.Less(me.next) {
		me.unbroke = me.next // so that the same gap is told once
		return AckLostSegment
	}
	// Nothing of it was seen for some time. It is told once for as long as the
	// side acknowledges nothing new.
	told := me.dupAcks != 0
	me.dupAcks = stalled
	if told {
		return 0
	}
	return AckLostSegment
}

// repeats looks why a segment carries numbers that were sent before.
func (a *Analysis) repeats(at Nanos, me, peer *sending, s *Segment) Anomaly {
	end := s.Seq.Add(s.Len)
	if s.Len > 0 && peer.lastAck != 0 && end.LessEq(peer.lastAck) {
		return SpuriouslyRetransmitted | Retransmitted
	}
	if !me.begun || !s.Seq.Less(me.next) {
		return 0
	}
	if s.Len > 1 && s.Seq == me.next-1 {
		return 0 // new data, after a probe with its first octet
	}
	askedAgain := peer.dupAcks >= 2 || peer.dupAcks == stalled
	if askedAgain && peer.lastAck == s.Seq && within(at-peer.lastAt, fastLimit) {
		return FastRetransmitted | Retransmitted
	}
	limit := orderLimit
	if a.firstRTT != 0 {
		limit = a.firstRTT
	}
	if me.next != s.End() && within(at-me.nextAt, limit) {
		return OutOfOrder
	}
	return Retransmitted
}

// within reports whether a time has passed that is less than the limit; one that
// goes backward is none.
func within(passed, limit Nanos) bool { return uint64(passed) < uint64(limit) }

// learns takes the segment's numbers.
func (me *sending) learns(at Nanos, s *Segment, found Anomaly) {
	if end := s.End(); !found.Has(ZeroWindowProbe) {
		if !me.begun || me.next.Less(end) {
			me.next, me.nextAt = end, at
		}
		if !me.begun || s.Seq == me.unbroke {
			me.unbroke = me.next
		}
	}
	me.begun = true
	me.window = uint32(s.Window)
	me.lastAck, me.lastAt, me.last = s.Ack, at, found
}

// learnsHandshake takes what the segment tells of the beginning of the
// connection: initial numbers, window scales, the first round-trip time.
func (a *Analysis) learnsHandshake(at Nanos, me, peer *sending, s *Segment) {
	if !me.knows {
		me.base, me.knows = s.Seq, true
		if !s.Flags.Has(SYN) {
			me.base--
		}
	}
	if !peer.knows && s.Flags.Has(ACK) {
		peer.base, peer.knows = s.Ack-1, true
	}
	switch s.Flags & (SYN | ACK) {
	case SYN:
		a.syn, a.sawSYN = at, true
	case ACK:
		if a.sawSYN && a.firstRTT == 0 {
			a.firstRTT = at - a.syn
		}
		me.unscaled = false
	}
	if !s.Flags.Has(SYN) {
		return
	}
	me.unscaled = true
	switch {
	case !s.Options.HasScale && me.scaling != scalingOn:
		me.scaling, peer.scaling = scalingOff, scalingOff
	case !s.Options.HasScale:
	case s.Flags.Has(ACK) && peer.scaling == scalingOff:
		me.scaling = scalingOff
	default:
		me.scaling, me.shift = scalingOn, min(s.Options.WindowScale, 14)
	}
}
