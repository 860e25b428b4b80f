package fsm

// Outcome says in one word how a connection went: the codes of Zeek's
// conn_state, by Zeek's own rules, which follow the flags that each side sends
// and check no numbers. Zeek's originator is the client, its responder the
// server. The zero value is that of a connection without a segment.
type Outcome struct {
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

// Add follows one more segment.
func (o *Outcome) Add(sender Side, s Segment) {
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
func (o *Outcome) reset(sender Side) {
	me, peer := &o.ends[sender], o.ends[sender.Other()]
	if *me == zeekClosed && peer == zeekClosed {
		return
	}
	o.finFirst[sender] = o.finFirst[sender] || *me == zeekClosed
	*me = zeekReset
}

// String gives the code: S0 S1 SF REJ S2 S3 RSTO RSTR RSTOS0 RSTRH SH SHR or OTH.
func (o Outcome) String() string {
	client, server := o.ends[Client], o.ends[Server]
	switch {
	case server == zeekReset:
		switch {
		case client == zeekSYNSent, client == zeekSYNACKSent, client == zeekReset && !o.data:
			return "REJ"
		case client.idle():
			return "RSTRH"
		}
		return "RSTR"
	case client == zeekReset:
		switch {
		case !server.idle():
			return "RSTO"
		case o.opened && !o.went:
			return "RSTOS0"
		}
		return "OTH"
	case client == zeekClosed && server == zeekClosed:
		return "SF"
	case client == zeekClosed:
		if server.idle() {
			return "SH"
		}
		return "S2"
	case server == zeekClosed:
		if client.idle() {
			return "SHR"
		}
		return "S3"
	case client == zeekSYNSent && server == zeekInactive:
		return "S0"
	case client == zeekEstablished && server == zeekEstablished:
		return "S1"
	}
	return "OTH"
}
