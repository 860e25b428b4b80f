package story

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"tcpviz/fsm"
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
func (i *Impairment) byWhom() string {
	if i.ByUser {
		return "the user"
	}
	return "the lesson"
}

// words says how long a segment was on the wire and what happened to it there.
func (s *Story) passageWords(p passage) string {
	text := ""
	took := Lasting(p.took)
	switch {
	case p.done == nil:
		if p.took >= 100*time.Millisecond {
			text += " It was on its way for " + took + "."
		}
	case p.done.What == Held:
		text += fmt.Sprintf(" It was held on the wire by %s for %s.", p.done.byWhom(), took)
	case p.done.What == Delayed:
		text += fmt.Sprintf(" It was delayed on the wire by %s: it took %s.", p.done.byWhom(), took)
	}
	if p.overtaken != nil {
		text += fmt.Sprintf(" It was overtaken by the %s, which was sent after it.", s.named(p.overtaken))
	}
	if p.passed != nil {
		text += fmt.Sprintf(" It has overtaken the %s, which was sent before it.", s.named(p.passed))
	}
	return text
}

// named names a segment so that it is known among others: "ACK (ack=7)".
func (s *Story) named(step *Step) string {
	segment := &step.Frame.Segment
	seq, ack := s.Relative(step.N)
	if segment.SeqLen() == 0 && segment.Flags.Has(fsm.ACK) {
		return fmt.Sprintf("%s (ack=%d)", segmentName(segment), ack)
	}
	return fmt.Sprintf("%s (seq=%d)", segmentName(segment), seq)
}

// lostWords says that a segment is lost.
func (s *Story) lostWords(step *Step) string {
	how, never := "is lost on its way", "the %s never sees it"
	p := s.passageOf(step)
	if p.done != nil && p.done.What == Dropped {
		how = fmt.Sprintf("was dropped by %s, %s after it was sent", p.done.byWhom(), Lasting(p.took))
	}
	which := "The"
	if step.Again || p.twice {
		which, never = "A copy of the", "this one never reaches the %s"
	}
	never = fmt.Sprintf(never, step.Sender().Other())
	return fmt.Sprintf("%s %s %s: %s.", which, segmentName(&step.Frame.Segment), how, never)
}

// impairedWords says what was done to a segment on the wire.
func impairedWords(step *Step) string {
	name, receiver := segmentName(&step.Frame.Segment), step.Sender().Other()
	i := step.Impairment
	actor := "T" + i.byWhom()[1:]
	switch i.What {
	case Held:
		return fmt.Sprintf("%s holds the %s on the wire: it stands half-way, and neither side can tell that from a slow network.", actor, name)
	case Delayed:
		if i.For > 0 {
			return fmt.Sprintf("%s delays the %s on the wire by %s.", actor, name, Lasting(i.For))
		}
		return fmt.Sprintf("%s delays the %s on the wire.", actor, name)
	case Duplicated:
		return fmt.Sprintf("%s duplicates the %s on the wire: there are two of it now.", actor, name)
	case Swapped:
		return fmt.Sprintf("%s lets the %s wait on the wire until the next segment to the %s has passed it.", actor, name, receiver)
	case Dropped:
		return fmt.Sprintf("%s drops the %s: it is taken off the wire, half-way to the %s.", actor, name, receiver)
	}
	return fmt.Sprintf("%s does something to the %s on the wire.", actor, name)
}

// expiredWords says which timer ran out.
func expiredWords(step *Step) string {
	side := step.Side
	switch step.Timer {
	case fsm.Retransmission:
		return fmt.Sprintf("The retransmission timer of the %s runs out: what it sent was not acknowledged in time.", side)
	case fsm.TimeWaitTimer:
		return fmt.Sprintf("The TIME-WAIT timer of the %s runs out: 2MSL have passed.", side)
	case fsm.UserTimeout:
		return fmt.Sprintf("The user timeout of the %s runs out: it gives the connection up.", side)
	case fsm.KeepAliveTimer:
		return fmt.Sprintf("The keep-alive timer of the %s runs out: its probes were not answered.", side)
	case fsm.FinWait2Timer:
		return fmt.Sprintf("The FIN-WAIT-2 timer of the %s runs out: the other side's FIN has not come.", side)
	case fsm.SynReceivedTimer:
		return fmt.Sprintf("The SYN-RECEIVED timer of the %s runs out: the handshake was not completed.", side)
	case fsm.LossProbeTimer:
		return fmt.Sprintf("The probe timeout of the %s runs out: no acknowledgment has come for a while.", side)
	case fsm.ReorderTimer:
		return fmt.Sprintf("The reordering timer of the %s runs out: later segments were acknowledged, an earlier one was not.", side)
	case fsm.PersistTimer:
		return fmt.Sprintf("The persist timer of the %s runs out: the other side's window is still too small.", side)
	case fsm.KeepAliveProbeTimer:
		return fmt.Sprintf("The keep-alive timer of the %s runs out: the connection was idle.", side)
	case fsm.DelayedAckTimer:
		return fmt.Sprintf("The delayed ACK timer of the %s runs out: nothing came for the acknowledgment to travel with.", side)
	case fsm.NoTimer:
	}
	return fmt.Sprintf("A timer of the %s runs out.", side)
}

// onWire says which segments of the connection are under way after the step, as far
// as their arrival is told.
func (s *Story) onWire(at *Step) string {
	var all []string
	copies := map[int]int{}       // by the sending's number: how many have come to be, less those that are gone
	held := map[int]*Impairment{} // what was done to it last
	for n := at.N; n > max(0, at.N-looked) && at.Conn > 0; n-- {
		step := s.At(n)
		if step == nil {
			break
		}
		if step.Frame == nil || step.Frame.Fate != FateUnderWay {
			continue
		}
		if step.Kind != SegmentSent {
			copies[step.Peer] += s.copiesMade(step)
			if step.Kind == SegmentImpaired && held[step.Peer] == nil {
				held[step.Peer] = step.Impairment
			}
			continue
		}
		if step.Conn != at.Conn || 1+copies[n] <= 0 {
			continue
		}
		name := fmt.Sprintf("the %s's %s", step.Side, s.named(step))
		switch i := held[n]; {
		case step.Peer > 0 && step.Peer <= at.N:
			name = "a copy of " + name
		case i != nil:
			name += ", " + [...]string{Held: "held", Delayed: "delayed", Duplicated: "twice", Swapped: "to be overtaken", Dropped: "one dropped"}[i.What%5]
		}
		all = append(all, name)
	}
	if len(all) == 0 {
		return ""
	}
	slices.Reverse(all)
	return "On the wire: " + strings.Join(all, "; ") + "."
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
func Lasting(d time.Duration) string {
	if d < 0 {
		d = 0
	}
	n, unit := d.Seconds(), "s"
	if d < time.Second {
		n, unit = n*1000, "ms"
	}
	digits := 0
	for limit := 10.0; n > 0 && n < limit && digits < 3 && n != math.Trunc(n); limit /= 10 {
		digits++
	}
	return fmt.Sprintf("%.*f %s", digits, n, unit)
}
