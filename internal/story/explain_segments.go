package story

import (
	"tcpviz/fsm"
	"tcpviz/internal/lang"
)

// segmentName names a segment the way a teacher would: "SYN", "SYN-ACK", "FIN",
// "ACK", "segment with 3 bytes".
func segmentName(s *fsm.Segment, l lang.Language) string {
	f := s.Flags
	switch {
	case f.Has(fsm.RST):
		return "RST"
	case f.Has(fsm.SYN | fsm.ACK):
		return "SYN-ACK"
	case f.Has(fsm.SYN):
		return "SYN"
	case f.Has(fsm.FIN) && s.Len > 0:
		return l.Say("FIN with %s", octets(s.Len, l))
	case f.Has(fsm.FIN):
		return "FIN"
	case s.Len > 0:
		return l.Say("segment with %s", octets(s.Len, l))
	case f.Has(fsm.ACK):
		return "ACK"
	}
	return l.Text("segment without flags")
}

func octets(n uint32, l lang.Language) string {
	if n == 1 {
		return l.Text("1 byte")
	}
	return l.Say("%d bytes", n)
}

func (s *Story) sentWords(step *Step, l lang.Language) string {
	seg := &step.Frame.Segment
	side := step.Side
	seq, ack := s.Relative(step.N)
	switch f := seg.Flags; {
	case f.Has(fsm.RST):
		return l.Say("The %s sends a RST: this connection does not exist for it, or not any more.", side)
	case f.Has(fsm.SYN|fsm.ACK) && s.bothOpen(step):
		return l.Say("The %s answers the other side's SYN with a SYN-ACK: it agrees (ack=%d), and says its own initial sequence number again (%d, shown as 0). Both sides opened, so each sends a SYN and a SYN-ACK.", side, ack, seg.Seq)
	case f.Has(fsm.SYN | fsm.ACK):
		return l.Say("The %s answers the SYN with a SYN-ACK: it agrees (ack=%d) and sends its own initial sequence number (%d, shown as 0). The second segment of the handshake.", side, ack, seg.Seq)
	case f.Has(fsm.SYN):
		return l.Say("The %s sends a SYN with its initial sequence number (%d, shown as 0). The first segment of the handshake.", side, seg.Seq)
	case f.Has(fsm.FIN):
		carried, both := "", ""
		if seg.Len > 0 {
			carried = l.Say("The same segment carries the last %s.", octets(seg.Len, l))
		}
		if changed := step.changeOf(side); changed != nil && changed.To == fsm.LastAck {
			both = l.Text("Now both directions are closing.")
		}
		fin := l.Say("The %s sends a FIN: it has no more to send. The FIN takes one sequence number, %d.", side, seq+seg.Len)
		return l.Sentences(fin, carried, both)
	case seg.Len > 0:
		return l.Say("The %s sends %s, numbers %d to %d.", side, octets(seg.Len, l), seq, seq+seg.Len-1)
	case f.Has(fsm.ACK):
		if s.completesHandshake(step) {
			if s.bothOpen(step) {
				return l.Say("The %s answers the SYN-ACK with an ACK. It is on its way to the %s.", side, side.Other())
			}
			return l.Say("The %s answers the SYN-ACK with an ACK: the third segment of the handshake. It is on its way to the %s.", side, side.Other())
		}
		return l.Say("The %s acknowledges: everything before number %d has arrived there.", side, ack)
	}
	return l.Say("The %s sends a segment without flags.", side)
}

// completesHandshake tells the third segment of a handshake: an ACK sent in
// answer to a SYN-ACK.
func (s *Story) completesHandshake(step *Step) bool {
	cause := s.At(step.Cause)
	return cause != nil && cause.Frame != nil && cause.Kind == SegmentReceived && cause.Frame.Segment.Flags.Has(fsm.SYN|fsm.ACK)
}

// bothOpen tells a segment which is sent because of one that came from the other side while
// both opened at the same time: there, no segment is the second or the third of three.
func (s *Story) bothOpen(step *Step) bool {
	cause := s.At(step.Cause)
	if cause == nil {
		return false
	}
	if s.completesHandshake(step) && cause.After.Ends[step.Side].State == fsm.SynReceived {
		return true // netstack's way: one more ACK is waited for
	}
	changed := cause.changeOf(step.Side)
	return changed != nil && (changed.From == fsm.SynSent && changed.To == fsm.SynReceived ||
		changed.From == fsm.SynReceived && changed.To == fsm.Established && s.completesHandshake(step))
}

// changeOf gives the last change of the side's state in this step, or nil.
func (s *Step) changeOf(side fsm.Side) *fsm.Transition {
	var last *fsm.Transition
	for i := range s.Transitions {
		if t := &s.Transitions[i]; t.Side == side && t.Changed() {
			last = t
		}
	}
	return last
}

func (s *Story) receivedWords(step *Step, l lang.Language) string {
	format := "The %s reaches the %s."
	switch assumed := step.Frame.Fate == FateAssumed; {
	case assumed && step.Again:
		format = "A copy of the %s should now reach the %s."
	case assumed:
		format = "The %s should now reach the %s."
	case step.Again:
		format = "A copy of the %s reaches the %s."
	}
	what, change := l.Say(format, segmentName(&step.Frame.Segment, l), step.Side), ""
	if t := step.changeOf(step.Side); t != nil {
		change = l.Say("%s → %s.", t.From, t.To)
	}
	return l.Sentences(what, change, s.passageWords(s.passageOf(step), l))
}
