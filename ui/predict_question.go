package ui

import (
	"slices"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// questionKind is what a question asks for.
type questionKind uint8

// The kinds of question.
const (
	stateQuestion   questionKind = iota // which state a side is in after something
	segmentQuestion                     // what a side sends
)

// question asks for what a step of a story brings, before the step is shown.
type question struct {
	step, conn int
	kind       questionKind
	about      *story.Step
	born       bool     // the state asked for is that of a connection which begins with the step
	answers    []string // states, or segments by their flags; one of them is right
	right      int      // index of it
	chosen     int      // index of the one that was chosen, once it is
}

// mostAnswers is how many answers a question has to choose from.
const mostAnswers = 4

// questionAt gives the question on what happens at a row of a view, if there is one: the
// state that it brings a side to, or the segment that is sent where that says something
// about the connection. The right answer is what happened. What is not certain is
// not asked: a state that is only assumed, or inferred later, or one that the stack itself
// has otherwise. The wrong answers are the same each time.
func questionAt(s *story.Story, v story.View, row int) (question, bool) {
	if row < 0 || row >= len(v.Rows) {
		return question{}, false
	}
	step := s.At(v.Rows[row].Step)
	if step == nil || doubted(step, v.Conn) {
		return question{}, false
	}
	q := question{step: step.N, conn: v.Conn, about: step}
	if before, after, ok := newState(step, v.Rows[row]); ok {
		if asksState(step) {
			q.kind = stateQuestion
			// A listening socket stays in LISTEN while what it gives birth to does not.
			q.born = after == fsm.SynReceived && before != fsm.SynSent
			wrong := likeState(before, after)
			if q.born {
				wrong = []string{fsm.Established.String(), fsm.SynSent.String(), fsm.Closed.String()}
			}
			q.answers, q.right = choices(after.String(), wrong, step.N)
			return q, true
		}
	}
	if step.Kind == story.SegmentSent && step.Conn == v.Conn && telling(s, v, row) {
		name := segmentName(&step.Frame.Segment)
		q.kind = segmentQuestion
		q.answers, q.right = choices(name, likeSegment(name), step.N)
		return q, true
	}
	return question{}, false
}

// doubted tells that a stack says something else of one of its sockets than the model.
func doubted(step *story.Step, conn int) bool {
	return slices.ContainsFunc(step.Truths, func(c story.Check) bool { return !c.Agree && (c.Conn == 0 || c.Conn == conn) })
}

// newState gives the state into which the step's own side came for certain, and the one before.
func newState(step *story.Step, row story.Row) (before, after fsm.State, ok bool) {
	first := true
	for _, t := range step.Transitions {
		if !t.Changed() || t.Side != step.Side {
			continue
		}
		if first {
			before, first = t.From, false
		}
		after, ok = t.To, t.Basis == fsm.Observed
	}
	if !step.Listener {
		ok = ok && row.State[step.Side] == after && row.Basis[step.Side] == fsm.Observed
		// A half-open connection that vanishes: the standard returns it to LISTEN, while in
		// Linux it was apart from the listening socket.
		ok = ok && after != fsm.Listen
	}
	return before, after, ok && before != after
}

// asksState tells that the step is of a kind after which a state can be asked for.
func asksState(step *story.Step) bool {
	switch step.Kind {
	case story.SegmentReceived, story.SegmentSent, story.TimerExpired, story.CallEnter, story.CallReturn:
		return true
	case story.SegmentLost, story.SegmentImpaired, story.HostRebooted, story.ListenerClosed, story.Narrated:
	}
	return false
}

// words asks the question in a language.
func (q question) words(l lang.Language) string {
	step := q.about
	if q.kind == segmentQuestion {
		return l.Say("What does the %s send now?", step.Side)
	}
	switch {
	case step.Kind == story.SegmentReceived && q.born:
		return l.Say("%s reaches the %s. Which state is the new connection in there?", l.Text(segmentName(&step.Frame.Segment)), step.Side)
	case step.Kind == story.SegmentReceived:
		return l.Say("%s reaches the %s. Which state is it in now?", l.Text(segmentName(&step.Frame.Segment)), step.Side)
	case step.Kind == story.SegmentSent:
		return l.Say("The %s sends %s. Which state is it in now?", step.Side, l.Text(segmentName(&step.Frame.Segment)))
	case step.Kind == story.TimerExpired:
		return l.Say("The %[2]s of the %[1]s runs out. Which state is it in now?", step.Side, story.TimerWords(step.Timer, l))
	case step.Listener:
		return l.Say("The %s calls %s. Which state is its listening socket in now?", step.Side, step.Call.Op+"()")
	case step.Kind == story.CallReturn:
		return l.Say("%[2]s of the %[1]s returns. Which state is it in now?", step.Side, step.Call.Op+"()")
	}
	return l.Say("The %s calls %s. Which state is it in now?", step.Side, step.Call.Op+"()")
}

// telling tells that a segment which changes no state of its sender says something about
// the connection all the same: it has a SYN, a FIN or a RST, or answers one of the first two.
func telling(s *story.Story, v story.View, row int) bool {
	step := s.At(v.Rows[row].Step)
	segment := &step.Frame.Segment
	if segment.Flags&(fsm.SYN|fsm.FIN|fsm.RST) != 0 {
		return true
	}
	if segment.Len > 0 || !segment.Flags.Has(fsm.ACK) {
		return false
	}
	for i := row - 1; i >= 0; i-- {
		before := s.At(v.Rows[i].Step)
		if before == nil || before.Frame == nil || before.Conn != v.Conn {
			continue
		}
		switch {
		case before.Sender() == step.Side && before.Kind == story.SegmentSent:
			return false // what came before that was answered by that
		case before.Sender() != step.Side && before.Kind == story.SegmentReceived:
			return before.Frame.Segment.Flags&(fsm.SYN|fsm.FIN) != 0
		}
	}
	return false
}

// segmentName names a segment by what it means for the connection: "SYN ACK", "data".
func segmentName(s *fsm.Segment) string {
	if s.Flags&(fsm.SYN|fsm.FIN|fsm.RST) == 0 && s.Len > 0 {
		return "data"
	}
	return (s.Flags & (fsm.SYN | fsm.FIN | fsm.RST | fsm.ACK)).Names(true)
}

// likeState gives the states that could be taken for the one that a side came into, the
// likeliest mistake first: that nothing has changed.
func likeState(before, after fsm.State) []string {
	similar := [...][]fsm.State{
		fsm.Closed:      {fsm.TimeWait, fsm.LastAck, fsm.Listen, fsm.Established},
		fsm.Listen:      {fsm.Closed, fsm.Established, fsm.SynReceived},
		fsm.SynSent:     {fsm.SynReceived, fsm.Established, fsm.Closed},
		fsm.SynReceived: {fsm.Established, fsm.SynSent, fsm.Listen},
		fsm.Established: {fsm.SynReceived, fsm.SynSent, fsm.CloseWait, fsm.Listen},
		fsm.FinWait1:    {fsm.FinWait2, fsm.CloseWait, fsm.TimeWait},
		fsm.FinWait2:    {fsm.TimeWait, fsm.Closing, fsm.Closed},
		fsm.CloseWait:   {fsm.LastAck, fsm.FinWait1, fsm.Closed},
		fsm.Closing:     {fsm.TimeWait, fsm.FinWait2, fsm.LastAck},
		fsm.LastAck:     {fsm.Closed, fsm.TimeWait, fsm.FinWait1},
		fsm.TimeWait:    {fsm.Closed, fsm.FinWait2, fsm.Closing, fsm.LastAck},
	}
	names := []string{before.String()}
	for _, state := range similar[after] {
		names = append(names, state.String())
	}
	return names
}

// likeSegment gives the segments that could be taken for the one that is sent. No two of
// them differ in nothing but an ACK beside a FIN or a RST.
func likeSegment(name string) []string {
	switch name {
	case "SYN":
		return []string{"ACK", "SYN ACK", "data"}
	case "SYN ACK":
		return []string{"ACK", "SYN", "RST"}
	case "FIN", "FIN ACK":
		return []string{"RST", "ACK", "data"}
	case "RST", "RST ACK":
		return []string{"FIN ACK", "ACK", "SYN ACK"}
	}
	return []string{"SYN ACK", "FIN ACK", "RST"}
}

// choices puts the right answer among wrong ones, at a place that differs from step to step.
func choices(right string, wrong []string, step int) (all []string, at int) {
	for _, w := range wrong {
		if w != right && !slices.Contains(all, w) && len(all) < mostAnswers-1 {
			all = append(all, w)
		}
	}
	// Knuth's multiplicative hash: neighbouring steps come to lie far apart.
	at = int(uint32(step)*2654435761>>16) % (len(all) + 1)
	return slices.Insert(all, at, right), at
}
