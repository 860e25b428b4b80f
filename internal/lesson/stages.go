package lesson

import (
	"net/netip"
	"slices"

	"tcpviz/internal/lang"
)

// The stages that a lesson can be performed on.
const (
	Loopback = "loopback" // the kernel's TCP on lo: nobody holds the wire
	Wire     = "wire"     // the kernel's TCP on two hosts, and the wire in tcpviz's hands
	Sim      = "sim"      // netstack on two hosts, the wire and the clock in tcpviz's hands
)

// StageNames are all stages, in the order in which a lesson takes the first that works.
func StageNames() []string { return []string{Loopback, Wire, Sim} }

// TouchesWire reports whether the lesson does something to the wire, to a host or
// to time, which nobody can on loopback.
func (l Lesson) TouchesWire() bool {
	return slices.ContainsFunc(l.Steps, func(s Step) bool { return len(s.Wire) > 0 || len(s.Reboot) > 0 })
}

// CanPlayOn reports whether a stage can carry the lesson.
func (l Lesson) CanPlayOn(stage string) bool {
	switch {
	case !slices.Contains(StageNames(), stage):
		return false
	case len(l.Stages) > 0:
		return slices.Contains(l.Stages, stage)
	}
	return stage != Loopback || !l.TouchesWire()
}

// validateStages checks what the file says of stages.
func (l Lesson) validateStages() error {
	for i, name := range l.Stages {
		switch {
		case !slices.Contains(StageNames(), name):
			return lang.Errorf("unknown stage %q (loopback, wire or sim)", shorten(name))
		case slices.Contains(l.Stages[:i], name):
			return lang.Errorf("the stage %s stands twice", name)
		case name == Loopback && l.TouchesWire():
			return lang.Errorf("a lesson that touches the wire cannot be played on loopback (stages: [wire, sim])")
		}
	}
	return nil
}

// loopbackAddress is what a host that is only named has on loopback.
func loopbackAddress(ipv6 bool) netip.Addr {
	if ipv6 {
		return netip.IPv6Loopback()
	}
	return netip.AddrFrom4([4]byte{127, 0, 0, 1})
}

// resolveHosts gives each address that is written by its host the family of the
// socket that it is for.
func (l *Lesson) resolveHosts() {
	type name struct{ program, socket string }
	ipv6 := make(map[name]bool)
	for _, s := range l.Steps {
		for _, a := range s.Acts {
			for i, c := range a.Calls {
				six := ipv6[name{a.Program, c.Socket}]
				switch {
				case c.Op == Socket:
					six = c.IPv6
				case c.Hosted && six:
					a.Calls[i].Addr = netip.AddrPortFrom(loopbackAddress(true), c.Addr.Port())
				}
				if c.Assign != "" {
					ipv6[name{a.Program, c.Assign}] = six
				}
			}
		}
	}
}
