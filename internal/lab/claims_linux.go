package lab

import (
	"net/netip"
	"slices"

	"tcpviz/fsm"
	"tcpviz/internal/lesson"
)

// claims tell which sockets are the lesson's, and whose.
type claims struct {
	learned   int                   // records up to this one need not be looked at again
	listeners []listener            // sockets that listen, or have
	tuples    map[endpoint]fsm.Side // both ends of each connection that a program has asked for
	others    map[endpoint]bool     // on a shared lo: sockets that were there before
}

// listener is a socket that listens, and whose.
type listener struct {
	local netip.AddrPort
	side  fsm.Side
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
