package lab

import (
	"slices"
	"time"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
	"tcpviz/internal/lesson"
	"tcpviz/internal/story"
)

// observed is what has been learned of the lesson's sockets and connections.
type observed struct {
	known  []endpoint             // every socket seen so far, in that order
	conns  []connection           // in the order of their SYNs
	passed [fsm.StateCount]bool   // states that some socket was seen in
	final  map[endpoint]fsm.State // what the stack said last
}

// connection is one connection seen on the wire, by the end that sent the SYN.
type connection struct {
	opener endpoint
	iss    fsm.Seq
	fins   [2]fin // the opener's, the other's
}

// fin is the first FIN that an end has sent.
type fin struct {
	sent bool
	seq  fsm.Seq // of the FIN itself
	ack  fsm.Seq
}

// saw takes in a frame that is given.
func (o *observed) saw(f story.Frame) {
	e := endpoint{f.Src, f.Dst}
	o.know(e)
	o.know(e.peer())
	if s := f.Segment; s.Flags.Has(fsm.SYN) && !s.Flags.Has(fsm.ACK) {
		again := slices.ContainsFunc(o.conns, func(c connection) bool { return c.opener == e && c.iss == s.Seq })
		if !again {
			o.conns = append(o.conns, connection{opener: e, iss: s.Seq})
		}
	}
	if !f.Segment.Flags.Has(fsm.FIN) {
		return
	}
	for i, c := range slices.Backward(o.conns) {
		end := 0
		switch {
		case c.opener == e:
		case c.opener == e.peer():
			end = 1
		default:
			continue
		}
		if !c.fins[end].sent {
			o.conns[i].fins[end] = fin{true, f.Segment.Seq.Add(f.Segment.Len), f.Segment.Ack}
		}
		return
	}
}

// crossed reports whether both FINs were sent before the other one had arrived:
// neither acknowledges the other. Each end then got, in FIN-WAIT-1, a FIN that
// does not acknowledge its own, and so it passed CLOSING.
func (c connection) crossed() bool {
	a, b := c.fins[0], c.fins[1]
	return a.sent && b.sent && a.ack != b.seq.Add(1) && b.ack != a.seq.Add(1)
}

func (o *observed) know(e endpoint) {
	if !slices.Contains(o.known, e) {
		o.known = append(o.known, e)
	}
}

// truths gives what the stack says of every socket seen so far; one that it does
// not list is CLOSED.
func (o *observed) truths(sockets []socketState, at time.Time, sideOf func(endpoint) fsm.Side) []story.Truth {
	o.final = make(map[endpoint]fsm.State)
	for _, s := range sockets {
		o.know(s.endpoint)
		o.final[s.endpoint] = s.state
		o.passed[s.state] = true
	}
	truths := make([]story.Truth, 0, len(o.known))
	for _, e := range o.known {
		truths = append(truths, story.Truth{
			Time: at, Side: sideOf(e), Local: e.local, Remote: e.remote, State: o.final[e],
		})
	}
	return truths
}

// unmet lists what the lesson states and did not happen.
func (o *observed) unmet(l lesson.Lesson, records []*record, sideOf func(endpoint) fsm.Side) []lang.Phrase {
	var unmet []lang.Phrase
	for _, r := range records {
		if u, differs := r.unmet(); differs {
			unmet = append(unmet, u)
		}
	}
	for i, end := range l.Ends {
		if i >= len(o.conns) {
			unmet = append(unmet, lang.Phrasef("line %d: connection %d was never asked for", end.Line, i+1))
			continue
		}
		opener := o.conns[i].opener
		for _, e := range []endpoint{opener, opener.peer()} {
			promise := end.Of[sideOf(e)]
			if promise.Program != "" && o.final[e] != promise.State {
				unmet = append(unmet, lang.Phrasef("line %d: connection %d: %s is in %s, not in %s",
					end.Line, i+1, promise.Program, o.final[e], promise.State))
			}
		}
	}
	passed := o.passed
	for _, c := range o.conns {
		// Too short for the stack to be asked in between, but the wire proves it.
		passed[fsm.Closing] = passed[fsm.Closing] || c.crossed()
	}
	for _, s := range l.See {
		if !passed[s] {
			unmet = append(unmet, lang.Phrasef("no end has passed %s", s))
		}
	}
	return unmet
}
