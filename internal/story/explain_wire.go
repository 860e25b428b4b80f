package story

import (
	"math"
	"slices"
	"strings"
	"time"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
)

// looked is how many steps are looked through, before a step, for what it belongs to.
const looked = 500

// passage is what is known, at an arrival or a loss, of the way of a segment.
type passage struct {
	took      time.Duration // since its sending
	done      *Impairment   // what was done to it last, nil for nothing
	twice     bool          // the wire has made a copy of it
	overtaken *Step         // arrival of a later segment of its sender that was there before it, nil for none
	passed    *Step         // sending of an earlier segment that it has overtaken, nil for none
}

// passageOf looks back from an arrival or a loss whose frame's fate was told apart.
func (s *Story) passageOf(step *Step) (p passage) {
	sending := s.At(step.Peer)
	if sending == nil || step.Frame.Fate != FateUnderWay {
		return p
	}
	p.took = step.Time.Sub(sending.Time)
	for n := step.N - 1; n > max(0, step.N-looked); n-- {
		other := s.At(n)
		if other == nil {
			return p
		}
		switch {
		case other.Conn != sending.Conn || other.Frame == nil || other.Sender() != sending.Side:
		case other.Kind == SegmentImpaired && other.Peer == sending.N:
			p.twice = p.twice || other.Impairment.What == Duplicated
			if p.done == nil {
				p.done = other.Impairment
			}
		case other.Kind == SegmentReceived && other.Peer > sending.N && !other.Again && !step.Again:
			p.overtaken = other
		case s.aloftAt(other, step.N) && n < sending.N && !step.Again:
			p.passed = other
		}
	}
	return p
}

// aloftAt reports whether the step sent a segment that is under way after step n.
func (s *Story) aloftAt(step *Step, n int) bool {
	return step.Kind == SegmentSent && step.Frame.Fate == FateUnderWay && step.N <= n && (step.Peer == 0 || step.Peer > n)
}

// byWhom names who touches the wire.
func (i *Impairment) byWhom(l lang.Language) string {
	if i.ByUser {
		return l.Text("the user")
	}
	return l.Text("the lesson")
}

// passageWords says how long a segment was on the wire and what happened to it there.
func (s *Story) passageWords(p passage, l lang.Language) string {
	var way, overtaken, passed string
	switch {
	case p.done == nil:
		if p.took >= 100*time.Millisecond {
			way = l.Say("It was on its way for %s.", Lasting(p.took, l))
		}
	case p.done.What == Held:
		way = l.Say("It was held on the wire by %s for %s.", p.done.byWhom(l), Lasting(p.took, l))
	case p.done.What == Delayed:
		way = l.Say("It was delayed on the wire by %s: it took %s.", p.done.byWhom(l), Lasting(p.took, l))
	}
	if p.overtaken != nil {
		overtaken = l.Say("It was overtaken by the %s, which was sent after it.", s.named(p.overtaken, l))
	}
	if p.passed != nil {
		passed = l.Say("It has overtaken the %s, which was sent before it.", s.named(p.passed, l))
	}
	return l.Sentences(way, overtaken, passed)
}

// named names a segment so that it is known among others: "ACK (ack=7)".
func (s *Story) named(step *Step, l lang.Language) string {
	segment := &step.Frame.Segment
	seq, ack := s.Relative(step.N)
	if segment.SeqLen() == 0 && segment.Flags.Has(fsm.ACK) {
		return l.Say("%s (ack=%d)", segmentName(segment, l), ack)
	}
	return l.Say("%s (seq=%d)", segmentName(segment, l), seq)
}

// lostWords says that a segment is lost.
func (s *Story) lostWords(step *Step, l lang.Language) string {
	name, receiver := segmentName(&step.Frame.Segment, l), step.Sender().Other()
	p := s.passageOf(step)
	isCopy := step.Again || p.twice
	if p.done != nil && p.done.What == Dropped {
		if isCopy {
			return l.Say("A copy of the %s was dropped by %s, %s after it was sent: this one never reaches the %s.", name, p.done.byWhom(l), Lasting(p.took, l), receiver)
		}
		return l.Say("The %s was dropped by %s, %s after it was sent: the %s never sees it.", name, p.done.byWhom(l), Lasting(p.took, l), receiver)
	}
	if isCopy {
		return l.Say("A copy of the %s is lost on its way: this one never reaches the %s.", name, receiver)
	}
	return l.Say("The %s is lost on its way: the %s never sees it.", name, receiver)
}

// impairedWords says what was done to a segment on the wire.
func impairedWords(step *Step, l lang.Language) string {
	name, receiver := segmentName(&step.Frame.Segment, l), step.Sender().Other()
	i := step.Impairment
	actor := l.Text("The lesson")
	if i.ByUser {
		actor = l.Text("The user")
	}
	switch i.What {
	case Held:
		return l.Say("%s holds the %s on the wire: it stands half-way, and neither side can tell that from a slow network.", actor, name)
	case Delayed:
		if i.For > 0 {
			return l.Say("%s delays the %s on the wire by %s.", actor, name, Lasting(i.For, l))
		}
		return l.Say("%s delays the %s on the wire.", actor, name)
	case Duplicated:
		return l.Say("%s duplicates the %s on the wire: there are two of it now.", actor, name)
	case Swapped:
		return l.Say("%s lets the %s wait on the wire until the next segment to the %s has passed it.", actor, name, receiver)
	case Dropped:
		return l.Say("%s drops the %s: it is taken off the wire, half-way to the %s.", actor, name, receiver)
	}
	return l.Say("%s does something to the %s on the wire.", actor, name)
}

// expiredWords says which timer ran out.
func expiredWords(step *Step, l lang.Language) string {
	side := step.Side
	switch step.Timer {
	case fsm.Retransmission:
		return l.Say("The retransmission timer of the %s runs out: what it sent was not acknowledged in time.", side)
	case fsm.TimeWaitTimer:
		return l.Say("The TIME-WAIT timer of the %s runs out: 2MSL have passed.", side)
	case fsm.UserTimeout:
		return l.Say("The user timeout of the %s runs out: it gives the connection up.", side)
	case fsm.KeepAliveTimer:
		return l.Say("The keep-alive timer of the %s runs out: its probes were not answered.", side)
	case fsm.FinWait2Timer:
		return l.Say("The FIN-WAIT-2 timer of the %s runs out: the other side's FIN has not come.", side)
	case fsm.SynReceivedTimer:
		return l.Say("The SYN-RECEIVED timer of the %s runs out: the handshake was not completed.", side)
	case fsm.LossProbeTimer:
		return l.Say("The probe timeout of the %s runs out: no acknowledgment has come for a while.", side)
	case fsm.ReorderTimer:
		return l.Say("The reordering timer of the %s runs out: later segments were acknowledged, an earlier one was not.", side)
	case fsm.PersistTimer:
		return l.Say("The persist timer of the %s runs out: the other side's window is still too small.", side)
	case fsm.KeepAliveProbeTimer:
		return l.Say("The keep-alive timer of the %s runs out: the connection was idle.", side)
	case fsm.DelayedAckTimer:
		return l.Say("The delayed ACK timer of the %s runs out: nothing came for the acknowledgment to travel with.", side)
	case fsm.NoTimer:
	}
	return l.Say("A timer of the %s runs out.", side)
}

// flown is what is known of a segment whose sending is still to be met on the way back.
type flown struct {
	sent   int         // the sending's number
	copies int         // how many have come to be, less those that are gone
	done   *Impairment // what was done to it last, nil for nothing
}

// onWire says which segments of the connection are under way after the step, as far
// as their arrival is told.
func (s *Story) onWire(at *Step, l lang.Language) string {
	var all []string
	var room [32]flown
	known := room[:0]
	for n := at.N; n > max(0, at.N-looked) && at.Conn > 0; n-- {
		step := s.At(n)
		if step == nil {
			break
		}
		if step.Frame == nil || step.Frame.Fate != FateUnderWay {
			continue
		}
		sending := step.Peer
		if step.Kind == SegmentSent {
			sending = n
		}
		i := slices.IndexFunc(known, func(f flown) bool { return f.sent == sending })
		if i < 0 {
			i, known = len(known), append(known, flown{sent: sending})
		}
		if step.Kind != SegmentSent {
			known[i].copies += s.copiesMade(step)
			if step.Kind == SegmentImpaired && known[i].done == nil {
				known[i].done = step.Impairment
			}
			continue
		}
		f := known[i]
		known[i] = known[len(known)-1]
		known = known[:len(known)-1]
		if step.Conn != at.Conn || 1+f.copies <= 0 {
			continue
		}
		format := "the %s's %s"
		switch {
		case step.Peer > 0 && step.Peer <= at.N:
			format = "a copy of the %s's %s"
		case f.done != nil:
			format = onWireFormats[f.done.What%5]
		}
		all = append(all, l.Say(format, step.Side, s.named(step, l)))
	}
	if len(all) == 0 {
		return ""
	}
	slices.Reverse(all)
	return l.Say("On the wire: %s.", strings.Join(all, l.Text("; ")))
}

// onWireFormats name a side's segment on the wire to which something was done.
var onWireFormats = [...]string{
	Held: "the %s's %s, held", Delayed: "the %s's %s, delayed", Duplicated: "the %s's %s, twice",
	Swapped: "the %s's %s, to be overtaken", Dropped: "the %s's %s, one dropped",
}

// copiesMade is how many more of its segment are on the wire after a step that is
// not its sending.
func (s *Story) copiesMade(step *Step) int {
	switch step.Kind {
	case SegmentReceived:
		return -1
	case SegmentLost:
		if cause := s.At(step.Cause); cause != nil && cause.Kind == SegmentImpaired {
			return 0 // it was counted when it was dropped
		}
		return -1
	case SegmentImpaired:
		switch step.Impairment.What {
		case Duplicated:
			return 1
		case Dropped:
			return -1
		case Held, Delayed, Swapped:
		}
	}
	return 0
}

// Lasting writes how long something took: "2.3 s", "40 ms", "0.13 ms".
func Lasting(d time.Duration, l lang.Language) string {
	if d < 0 {
		d = 0
	}
	n, format := d.Seconds(), "%.*f s"
	if d < time.Second {
		n, format = n*1000, "%.*f ms"
	}
	digits := 0
	for limit := 10.0; n > 0 && n < limit && digits < 3 && n != math.Trunc(n); limit /= 10 {
		digits++
	}
	return l.Say(format, digits, n)
}
