package fsm

import "slices"

// Outcome says in one word how a connection went: the codes of Zeek's
// conn_state. The zero value is OTH, none of the others.
type Outcome uint8

// The outcomes. Zeek's originator is the client, its responder the server.
const (
	OTH    Outcome = iota // none of the others: no SYN was seen
	S0                    // a SYN, and no answer
	S1                    // established, not closed
	SF                    // established, and closed by both
	REJ                   // refused
	S2                    // established, the client closed, the server did not
	S3                    // established, the server closed, the client did not
	RSTO                  // established, the client reset it
	RSTR                  // the server reset it
	RSTOS0                // the client sent a SYN, then an RST, and the server nothing
	RSTRH                 // the server sent a SYN-ACK, then an RST, and the client nothing
	SH                    // the client sent a SYN, then a FIN, and the server nothing
	SHR                   // the server sent a SYN-ACK, then a FIN, and the client nothing
)

// outcomeNames are Zeek's codes. Nothing writes to it.
var outcomeNames = [...]string{"OTH", "S0", "S1", "SF", "REJ", "S2", "S3", "RSTO", "RSTR", "RSTOS0", "RSTRH", "SH", "SHR"}

// String gives the code.
func (o Outcome) String() string { return outcomeNames[int(o)%len(outcomeNames)] }

// Outcomes gives the codes, in the order of their values.
func Outcomes() []string { return slices.Clone(outcomeNames[:]) }

// ParseOutcome gives the outcome with that code.
func ParseOutcome(code string) (Outcome, bool) {
	i := slices.Index(outcomeNames[:], code)
	return Outcome(max(i, 0)), i >= 0
}

// course follows how a connection goes by Zeek's own rules, which look at the flags
// that each side sends and check no numbers. The zero value is that of a
// connection without a segment.
type course struct {
	ends     [2]progress // indexed by Side
	finFirst [2]bool     // the side sent a FIN before its RST
	data     bool        // some side sent payload
	opened   bool        // the client sent a SYN
	went     bool        // the client sent something else than SYN and RST
}

// progress is how far one side has come, in Zeek's terms.
type progress uint8

const (
	zeekInactive progress = iota
	zeekPartial
	zeekSYNSent
	zeekSYNACKSent
	zeekEstablished
	zeekClosed
	zeekReset
)

func (p progress) idle() bool { return p <= zeekPartial }

// add follows one more segment.
func (o *course) add(sender Side, s *Segment) {
	sender &= 1
	me, peer := &o.ends[sender], &o.ends[sender.Other()]
	o.data = o.data || s.Len > 0
	if sender == Client {
		if s.Flags.Has(SYN) && !s.Flags.Has(ACK) {
			o.opened = true
		}
		if s.Flags&(SYN|RST) == 0 {
			o.went = true
		}
	}
	switch {
	case s.Flags.Has(RST):
		o.reset(sender)
	case s.Flags.Has(FIN):
		if *me == zeekReset {
			return
		}
		*me = zeekClosed
		if *peer == zeekReset && o.finFirst[sender.Other()] {
			*peer = zeekClosed
		}
	case *me != zeekInactive && *me != zeekPartial:
	case s.Flags.Has(SYN) && sender == Server:
		*me = zeekEstablished
		if *peer == zeekSYNSent {
			*peer = zeekEstablished
		}
	case s.Flags.Has(SYN | ACK):
		*me = zeekSYNACKSent
	case s.Flags.Has(SYN) && *peer == zeekEstablished:
		*me = zeekEstablished // the SYN-ACK was captured before the SYN
	case s.Flags.Has(SYN):
		*me = zeekSYNSent
	case *me == zeekPartial:
	case s.Flags.Has(ACK) && *peer == zeekEstablished:
		*me = zeekEstablished
	case sender == Server && *peer == zeekSYNSent && s.Len == 0:
		// A bare ACK that answers a SYN tells nothing.
	default:
		*me = zeekPartial
	}
}

// reset is an RST: it counts unless both sides had closed.
func (o *course) reset(sender Side) {
	me, peer := &o.ends[sender], o.ends[sender.Other()]
	if *me == zeekClosed && peer == zeekClosed {
		return
	}
	o.finFirst[sender] = o.finFirst[sender] || *me == zeekClosed
	*me = zeekReset
}

// outcome gives how it went so far.
func (o *course) outcome() Outcome {
	client, server := o.ends[Client], o.ends[Server]
	switch {
	case server == zeekReset:
		switch {
		case client == zeekSYNSent, client == zeekSYNACKSent, client == zeekReset && !o.data:
			return REJ
		case client.idle():
			return RSTRH
		}
		return RSTR
	case client == zeekReset:
		switch {
		case !server.idle():
			return RSTO
		case o.opened && !o.went:
			return RSTOS0
		}
		return OTH
	case client == zeekClosed && server == zeekClosed:
		return SF
	case client == zeekClosed:
		if server.idle() {
			return SH
		}
		return S2
	case server == zeekClosed:
		if client.idle() {
			return SHR
		}
		return S3
	case client == zeekSYNSent && server == zeekInactive:
		return S0
	case client == zeekEstablished && server == zeekEstablished:
		return S1
	}
	return OTH
}
