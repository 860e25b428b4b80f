package ui

import (
	"strings"

	"tcpviz/fsm"
	"tcpviz/internal/reference"
	"tcpviz/internal/story"
)

// atHand gives what the reference can say of the things on the screen, the most telling
// first: what this step has brought, what is there besides, the ideas behind it, and what
// the panels show.
func (d *dashboard) atHand() []hand {
	if d.story == nil || d.nothing() {
		return nil
	}
	m := d.moment()
	var g gathered
	if step := m.step(); step != nil {
		g.step(step)
	}
	states := m.states()
	for side, state := range states {
		g.of(reference.State, state.String(), fsm.Side(side))
	}
	if m.mark().listening {
		g.of(reference.State, fsm.Listen.String(), fsm.Server)
	}
	for _, step := range m.blocked() {
		g.call(step)
	}
	newest := m.stepAt(int(m.mark().segment))
	if newest != nil && newest.Frame != nil {
		g.segment(newest)
	}
	if row, ok := m.row(); ok && row.Basis != [2]fsm.Basis{} {
		g.add(reference.Term, "basis")
	}
	if newest != nil && newest.Frame != nil {
		g.ideas(newest.Frame.Segment.Flags)
	}
	l, _ := d.layout(d.size.w, d.size.h)
	if l.rects[headerPanel].shown() && newest != nil && newest.Frame != nil {
		g.header(newest.Frame)
	}
	if l.rects[stackPanel].shown() {
		for _, name := range []string{"encapsulation", "socket", "five-tuple", "listening-socket", "SYN-queue", "accept-queue", "segment", "packet", "frame"} {
			g.add(reference.Term, name)
		}
		for _, name := range []string{"IP-addresses", "Ethernet-addresses", "TTL", "protocol"} {
			g.add(reference.Field, name)
		}
	}
	if l.rects[sequencePanel].shown() {
		g.add(reference.Term, "flow-control")
		g.add(reference.Field, "window")
		g.add(reference.Option, "SACK")
		g.add(reference.Term, "RTT")
	}
	return g.all
}

// gathered is what was found to be at hand.
type gathered struct{ all []hand }

// add adds an entry that was not added yet. Names are written with hyphens here, as one
// of the spellings that the reference takes.
func (g *gathered) add(k reference.Kind, name string) *hand {
	e, ok := reference.FindIn(k, name)
	if !ok {
		return nil // not everything in a capture has a name
	}
	for i := range g.all {
		if h := &g.all[i]; h.entry.Kind == k && h.entry.Name == e.Name {
			return h
		}
	}
	g.all = append(g.all, hand{entry: e})
	return &g.all[len(g.all)-1]
}

// of adds an entry that belongs to a side.
func (g *gathered) of(k reference.Kind, name string, side fsm.Side) {
	if h := g.add(k, name); h != nil {
		h.sides[side] = true
	}
}

// step adds what a step has brought.
func (g *gathered) step(step *story.Step) {
	if step.Kind == story.TimerExpired {
		g.of(reference.Timer, story.TimerName(step.Timer)+" timer", step.Side)
	}
	if step.Call != nil {
		g.call(step)
	}
	if step.Frame != nil {
		g.segment(step)
	}
	for _, t := range step.Transitions {
		if t.Changed() {
			// Whose state it is now is told where the states of both sides are.
			g.add(reference.State, t.To.String())
		}
	}
}

// call adds a call: its error, which option it sets, itself.
func (g *gathered) call(step *story.Step) {
	c := step.Call
	if c.Errno != "" {
		g.of(reference.Errno, c.Errno, c.Side)
	}
	if c.Op == "setsockopt" {
		for arg := range strings.SplitSeq(c.Args, ",") {
			g.of(reference.SocketOption, strings.TrimSpace(arg), c.Side)
		}
	}
	g.of(reference.Call, c.Op+"()", c.Side)
}

// segment adds what is unusual about a segment, and its flags.
func (g *gathered) segment(step *story.Step) {
	for _, name := range step.Anomalies {
		g.add(reference.Anomaly, name)
	}
	flags := step.Frame.Segment.Flags
	if both := fsm.SYN | fsm.ACK; flags.Has(both) {
		g.add(reference.Flag, "SYN-ACK")
		flags &^= both
	}
	for _, flag := range []fsm.Flags{fsm.SYN, fsm.FIN, fsm.RST, fsm.ACK, fsm.PSH, fsm.URG, fsm.ECE, fsm.CWR} {
		if flags.Has(flag) {
			g.add(reference.Flag, flag.Names(false))
		}
	}
}

// header adds the fields of a segment's header, and its options.
func (g *gathered) header(f *story.Frame) {
	for _, name := range []string{
		"sequence-number", "acknowledgment-number", "window", "flags", "source-port", "destination-port",
		"data-offset", "reserved", "checksum", "urgent-pointer", "options",
	} {
		g.add(reference.Field, name)
	}
	for _, name := range optionNames(f) {
		g.add(reference.Option, name)
	}
	if f.Segment.Len > 0 {
		g.add(reference.Field, "data")
	}
}

// optionNames names the options of a segment, in their order, each once.
func optionNames(f *story.Frame) []string {
	var all []string
	if raw := tcpHeader(f); raw != nil {
		for b := raw[20:]; len(b) > 0; {
			kind := b[0]
			all = append(all, optionName(kind))
			switch {
			case kind == optionEnd:
				return all
			case kind == optionNOP:
				b = b[1:]
			case len(b) < 2 || b[1] < 2 || int(b[1]) > len(b):
				return all
			default:
				b = b[b[1]:]
			}
		}
		return all
	}
	o := &f.Segment.Options
	for _, option := range []struct {
		kind  byte
		there bool
	}{
		{optionMSS, o.MSS > 0}, {optionWindowScale, o.HasScale}, {optionSACKPermitted, o.SACKPermitted},
		{optionTimestamps, o.HasTimestamps}, {optionSACK, o.SACKCount > 0}, {optionFastOpen, o.FastOpen},
	} {
		if option.there {
			all = append(all, optionName(option.kind))
		}
	}
	return all
}

// optionName names a kind of option as the reference does, "" for one that it does not know.
func optionName(kind byte) string {
	switch kind {
	case optionEnd:
		return "EOL"
	case optionNOP:
		return "NOP"
	case optionMSS:
		return "MSS"
	case optionWindowScale:
		return "window-scale"
	case optionSACKPermitted:
		return "SACK-permitted"
	case optionSACK:
		return "SACK"
	case optionTimestamps:
		return "timestamps"
	case optionMPTCP:
		return "multipath"
	case optionFastOpen:
		return "fast-open"
	}
	return ""
}

// ideas adds what a segment with these flags is a part of.
func (g *gathered) ideas(flags fsm.Flags) {
	switch {
	case flags.Has(fsm.RST):
		g.add(reference.Term, "abort")
	case flags.Has(fsm.SYN):
		g.add(reference.Term, "three-way-handshake")
		g.add(reference.Term, "ISN")
	case flags.Has(fsm.FIN):
		g.add(reference.Term, "four-way-close")
	}
}

// blocked gives the enters of the calls that block now, the newest first.
func (m moment) blocked() []*story.Step {
	var all []*story.Step
	for i := min(m.at, len(m.view.Rows)-1); i >= 0; i-- {
		step := m.stepAt(i)
		if step == nil || step.Kind != story.CallEnter || i == m.at {
			continue
		}
		back := m.view.Index(step.Peer)
		if step.Peer == 0 || back < 0 || back > m.at {
			all = append(all, step)
		}
		if len(all) == mostBlocked {
			break
		}
	}
	return all
}

// mostBlocked is of how many calls that block the reference tells: more are on no screen.
const mostBlocked = 8
