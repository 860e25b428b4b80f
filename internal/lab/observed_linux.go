package lab

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"tcpviz/fsm"
	"tcpviz/internal/lesson"
	"tcpviz/internal/story"
)

// observed is what has been learned of the lesson's sockets and connections.
type observed struct {
	learned   int                    // records up to this one need not be looked at again
	listeners []listener             // sockets that listen, or have
	tuples    map[endpoint]fsm.Side  // both ends of each connection that a program has asked for
	others    map[endpoint]bool      // on a shared lo: sockets that were there before
	known     []endpoint             // every socket seen so far, in that order
	conns     []connection           // in the order of their SYNs
	passed    [fsm.StateCount]bool   // states that some socket was seen in
	final     map[endpoint]fsm.State // what the stack said last
}

// listener is a socket that listens, and whose.
type listener struct {
	local netip.AddrPort
	side  fsm.Side
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

// rememberOthers notes the sockets that this machine has already, so that they
// are not taken for the lesson's.
func (p *play) rememberOthers() error {
	sockets, err := p.stack.sockets()
	p.others = make(map[endpoint]bool)
	for _, s := range sockets {
		p.others[s.endpoint] = true
	}
	return err
}

// learn takes from the calls whose sockets are whose.
func (p *play) learn() {
	for i, r := range p.records {
		if i < p.learned {
			continue
		}
		returned := r.returned.Load() != 0
		switch {
		case r.call.Op == lesson.Listen && returned && r.errno == "":
			p.listeners = append(p.listeners, listener{r.newLocal, r.program.Side})
		case r.call.Op == lesson.Connect && returned:
			p.claim(endpoint{r.newLocal, r.call.Addr}, r.program.Side)
		case r.call.Op == lesson.Connect && r.blocked() && sleepsIn(p.program(r.program.Name).tid, r.fd):
			r.chosen = nameOf(r.fd)
			p.claim(endpoint{r.chosen, r.call.Addr}, r.program.Side)
		}
		if returned && i == p.learned {
			p.learned++
		}
	}
}

// claim notes that a connection is one of the lesson's.
func (p *play) claim(e endpoint, side fsm.Side) {
	if !e.local.IsValid() {
		return
	}
	p.tuples[e], p.tuples[e.peer()] = side, side.Other()
	delete(p.others, e)
	delete(p.others, e.peer())
}

// listenerAt finds the listener to which an address belongs.
func (p *play) listenerAt(a netip.AddrPort) (listener, bool) {
	i := slices.IndexFunc(p.listeners, func(l listener) bool {
		return l.local == a || l.local.Port() == a.Port() && l.local.Addr().IsUnspecified()
	})
	if i < 0 {
		return listener{}, false
	}
	return p.listeners[i], true
}

// mine reports whether a socket is one of the lesson's. In a private namespace
// all are.
func (p *play) mine(e endpoint) bool {
	if p.place != Shared {
		return true
	}
	if _, claimed := p.tuples[e]; claimed {
		return true
	}
	if p.others[e] {
		return false
	}
	_, local := p.listenerAt(e.local)
	_, remote := p.listenerAt(e.remote)
	return local || remote
}

// sideOf tells whose socket it is: the program's that connected or listens, else
// a client's when it sent the SYN.
func (p *play) sideOf(e endpoint) fsm.Side {
	if side, claimed := p.tuples[e]; claimed {
		return side
	}
	if l, ok := p.listenerAt(e.local); ok {
		return l.side
	}
	if l, ok := p.listenerAt(e.remote); ok {
		return l.side.Other()
	}
	for _, c := range p.conns {
		if c.opener == e {
			return fsm.Client
		}
	}
	return fsm.Server
}

// saw takes in a frame that is given.
func (p *play) saw(f story.Frame) {
	e := endpoint{f.Src, f.Dst}
	p.know(e)
	p.know(e.peer())
	if s := f.Segment; s.Flags.Has(fsm.SYN) && !s.Flags.Has(fsm.ACK) {
		again := slices.ContainsFunc(p.conns, func(c connection) bool { return c.opener == e && c.iss == s.Seq })
		if !again {
			p.conns = append(p.conns, connection{opener: e, iss: s.Seq})
		}
	}
	if !f.Segment.Flags.Has(fsm.FIN) {
		return
	}
	for i, c := range slices.Backward(p.conns) {
		end := 0
		switch {
		case c.opener == e:
		case c.opener == e.peer():
			end = 1
		default:
			continue
		}
		if !c.fins[end].sent {
			p.conns[i].fins[end] = fin{true, f.Segment.Seq.Add(f.Segment.Len), f.Segment.Ack}
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

func (p *play) know(e endpoint) {
	if !slices.Contains(p.known, e) {
		p.known = append(p.known, e)
	}
}

// truths gives what the stack says of every socket seen so far; one that it does
// not list is CLOSED.
func (p *play) truths(sockets []socketState, at time.Time) []story.Truth {
	p.final = make(map[endpoint]fsm.State)
	for _, s := range sockets {
		p.know(s.endpoint)
		p.final[s.endpoint] = s.state
		p.passed[s.state] = true
	}
	truths := make([]story.Truth, 0, len(p.known))
	for _, e := range p.known {
		truths = append(truths, story.Truth{
			Time: at, Side: p.sideOf(e), Local: e.local, Remote: e.remote, State: p.final[e],
		})
	}
	return truths
}

// unmet lists what the lesson states and did not happen.
func (p *play) unmet() []string {
	var unmet []string
	for _, r := range p.records {
		if u := r.unmet(); u != "" {
			unmet = append(unmet, u)
		}
	}
	for i, end := range p.lesson.Ends {
		if i >= len(p.conns) {
			unmet = append(unmet, fmt.Sprintf("line %d: connection %d was never asked for", end.Line, i+1))
			continue
		}
		opener := p.conns[i].opener
		for _, e := range []endpoint{opener, opener.peer()} {
			promise := end.Of[p.sideOf(e)]
			if promise.Program != "" && p.final[e] != promise.State {
				unmet = append(unmet, fmt.Sprintf("line %d: connection %d: %s is in %s, not in %s",
					end.Line, i+1, promise.Program, p.final[e], promise.State))
			}
		}
	}
	passed := p.passed
	for _, c := range p.conns {
		// Too short for the stack to be asked in between, but the wire proves it.
		passed[fsm.Closing] = passed[fsm.Closing] || c.crossed()
	}
	for _, s := range p.lesson.See {
		if !passed[s] {
			unmet = append(unmet, fmt.Sprintf("no end has passed %s", s))
		}
	}
	return unmet
}
