package lab_test

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"tcpviz/fsm"
	"tcpviz/internal/lesson"
	"tcpviz/internal/story"
)

// signature is what must be the same in each run of a lesson on a kernel: the outcomes
// of every program's calls, in its order, the states of every socket, in theirs, and
// which kinds of segment each side has sent, and what became of them. What depends on
// the moment is left out: ports that the kernel chooses, how many segments carry
// something, how much an unstated call transfers, and whether a kernel sends an ACK by
// itself or with what comes next (then FIN-WAIT-2 is passed or not).
func (p performance) signature() string {
	var b strings.Builder
	programs := map[string]string{}
	stated := p.stated()
	calls := p.calls()
	returned := func(id int) bool {
		return slices.ContainsFunc(calls, func(c story.Call) bool { return c.ID == id && c.Phase == story.Return })
	}
	for _, c := range calls {
		switch {
		case c.Phase == story.Return:
			programs[c.Program] += "  " + callSignature(c, stated[c.ID]) + "\n"
		case !returned(c.ID):
			programs[c.Program] += "  " + c.Op + " never returns\n"
		}
	}
	for _, name := range slices.Sorted(maps.Keys(programs)) {
		fmt.Fprintf(&b, "%s\n%s", name, programs[name])
	}
	b.WriteString("states\n")
	for _, line := range p.stateLines() {
		b.WriteString("  " + line + "\n")
	}
	b.WriteString("wire\n")
	for _, line := range p.wireKinds() {
		b.WriteString("  " + line + "\n")
	}
	b.WriteString(repeatsHead)
	for _, side := range p.repeats() {
		b.WriteString("  " + side + "\n")
	}
	return b.String()
}

// repeatsHead begins the part of a signature that tells who may send something again.
const repeatsHead = "may send again\n"

// repeats tells which sides have sent something again.
func (p performance) repeats() []string {
	sides := map[string]bool{}
	s := p.told()
	for i := range s.Steps {
		step := &s.Steps[i]
		again := func(anomaly string) bool { return strings.HasSuffix(anomaly, "retransmission") }
		if step.Kind == story.SegmentSent && slices.ContainsFunc(step.Anomalies, again) {
			sides[step.Side.String()] = true
		}
	}
	return slices.Sorted(maps.Keys(sides))
}

// late gives the number of a frame that took long from one host to the other though
// nothing was done to it; 0 when there is none.
func (p performance) late() int {
	sent, touched := map[int]time.Time{}, map[int]bool{}
	for _, batch := range p.batches {
		for _, e := range batch {
			switch e := e.(type) {
			case story.Frame:
				sent[e.Number] = e.Time
			case story.Impairment:
				touched[e.Frame] = true
			case story.Arrival:
				if !touched[e.Frame] && e.Time.Sub(sent[e.Frame]) > 500*time.Millisecond {
					return e.Frame
				}
			}
		}
	}
	return 0
}

// stated tells which calls' results the lesson states, by the calls' numbers.
func (p performance) stated() map[int]bool {
	all := make(map[int]bool)
	n := 0
	for _, s := range p.lesson.Steps {
		for _, a := range s.Acts {
			for _, c := range a.Calls {
				n++
				all[n] = c.Want.Stated || c.Op != lesson.Send && c.Op != lesson.Recv
			}
		}
	}
	return all
}

func hidePort(a netip.AddrPort) string {
	if a.Port() >= 32768 {
		return a.Addr().String() + ":*"
	}
	return a.String()
}

func callSignature(c story.Call, stated bool) string {
	if !stated && c.Errno == "" {
		return fmt.Sprintf("%s = …", c.Op)
	}
	args := c.Args
	for _, a := range []netip.AddrPort{c.Local, c.Remote} {
		if a.IsValid() {
			args = strings.ReplaceAll(args, a.String(), hidePort(a))
		}
	}
	text := fmt.Sprintf("%s(%s) = %d", c.Op, args, c.Result)
	if c.Errno != "" {
		text += " " + c.Errno
	}
	return text
}

// stateLines gives the states of every socket, in their order.
func (p performance) stateLines() []string {
	states := map[string]string{}
	for _, batch := range p.batches {
		for _, e := range batch {
			t, ok := e.(story.Truth)
			if !ok {
				continue
			}
			key := t.Local.String() + " " + t.Remote.String()
			if _, known := states[key]; !known {
				remote := "(any)"
				if t.Remote.IsValid() {
					remote = hidePort(t.Remote)
				}
				states[key] = fmt.Sprintf("%s %s %s:", t.Side, hidePort(t.Local), remote)
			}
			if s := " " + t.State.String(); !strings.HasSuffix(states[key], s) {
				states[key] += s
			}
		}
	}
	for key, line := range states {
		states[key] = strings.ReplaceAll(line, "FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT", "FIN-WAIT-1 TIME-WAIT")
	}
	return slices.Sorted(maps.Values(states))
}

// wireKinds tells, each once, what kinds of segment were sent by which side, and what
// became of them.
func (p performance) wireKinds() []string {
	kinds := map[string]bool{}
	s := p.told()
	for i := range s.Steps {
		step := &s.Steps[i]
		if step.Frame == nil || step.Kind == story.SegmentSent {
			continue
		}
		g := step.Frame.Segment
		what := (g.Flags &^ fsm.PSH).Names(false)
		if g.Len > 0 {
			what += " with data"
		}
		fate := "arrived"
		switch step.Kind {
		case story.SegmentLost:
			fate = "lost"
		case story.SegmentImpaired:
			fate = step.Impairment.What.String()
		}
		if fate == "arrived" && g.Flags == fsm.ACK && g.Len == 0 {
			continue
		}
		kinds[fmt.Sprintf("%s: %s %s", step.Sender(), what, fate)] = true
	}
	return slices.Sorted(maps.Keys(kinds))
}
