package story

import (
	"strings"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
)

// Explanation says in words what one step is.
type Explanation struct {
	What string // one or two sentences: what just happened
	Why  string // the rule's reason, "" where no rule applies
	Rule string // the rule's ID
	RFC  string // where the standard says so: "RFC 9293 §3.10.7.3"
	Now  string // what each side waits for now, "" when nothing
	// Unusual says what each of the step's anomalies means, in their order.
	Unusual []Notice
}

// Notice says what one anomaly of a segment means.
type Notice struct {
	Name string // as Wireshark names it: "fast_retransmission"
	Text string // one sentence, "" for a name that is not known
	RFC  string // where the standard says so: "RFC 9293 §3.8.1"
}

// Explain explains step n (from 1) in the language.
func (s *Story) Explain(n int, l lang.Language) Explanation {
	step := s.At(n)
	if step == nil {
		return Explanation{}
	}
	e := Explanation{
		What: s.whatWords(step, l), Now: l.Sentences(s.waits(step, l), s.onWire(step, l)),
		Unusual: notices(step.Anomalies, l),
	}
	copyLost := step.Kind == SegmentLost && (step.Again || s.passageOf(step).twice) // the rule speaks of one lost for good
	if t := step.Deciding(); t != nil && !copyLost {
		e.Why, e.Rule, e.RFC = l.Text(t.Rule.Reason), t.Rule.ID, Citation(t.Rule.RFC)
	}
	return e
}

// whatWords says what just happened.
func (s *Story) whatWords(step *Step, l lang.Language) string {
	switch step.Kind {
	case CallEnter:
		return enterWords(step.Call, l)
	case CallReturn:
		return s.returnWords(step, l)
	case SegmentSent:
		return s.sentWords(step, l)
	case SegmentReceived:
		return s.receivedWords(step, l)
	case SegmentLost:
		return s.lostWords(step, l)
	case SegmentImpaired:
		return impairedWords(step, l)
	case TimerExpired:
		return expiredWords(step, l)
	case ListenerClosed:
		return l.Say("The listening socket of the %s is closed, and with it its half-open connection is gone.", step.Side)
	case HostRebooted:
		return rebootedWords(step, l)
	case Narrated:
		return narratedWords(step, l)
	}
	return ""
}

// notices looks the anomalies up. What a special kind of retransmission says,
// the plain one need not repeat.
func notices(anomalies []string, l lang.Language) []Notice {
	var all []Notice
	special := false
	for _, name := range anomalies {
		if name == "retransmission" && special {
			continue
		}
		special = special || name == "fast_retransmission" || name == "spurious_retransmission"
		f, _ := fsm.FindingOf(name)
		all = append(all, Notice{Name: name, Text: l.Text(f.Reason), RFC: l.Text(Citation(f.RFC))})
	}
	return all
}

// AnomalyWords names an anomaly for people: "fast retransmission", as Wireshark does.
func AnomalyWords(name string, l lang.Language) string {
	if text := l.Text(name); text != name {
		return text
	}
	return strings.ReplaceAll(name, "_", " ")
}

// Deciding gives the transition that says most of the step: the last that
// changed a state, else the last of all; nil when there is none.
func (s *Step) Deciding() *fsm.Transition {
	var last *fsm.Transition
	for i := range s.Transitions {
		if t := &s.Transitions[i]; t.Changed() || last == nil || !last.Changed() {
			last = t
		}
	}
	return last
}

// Citation writes out where a rule comes from: a bare section number is one of RFC 9293.
func Citation(section string) string {
	if section != "" && section[0] >= '0' && section[0] <= '9' {
		return "RFC 9293 §" + section
	}
	return section
}
