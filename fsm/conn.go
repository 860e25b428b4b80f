package fsm

// Conn is what is known of one connection: a comparable value with no pointer
// in it, so that one can be kept for each step of a story. The zero Conn is two
// endpoints in CLOSED of which nothing is known.
type Conn struct {
	Ends [2]Endpoint // indexed by Side
}

// Apply gives the connection after the event, and appends to out the state
// changes that the event caused (and, where it changed nothing, the rule that
// says why). It allocates nothing when out has room.
//
// Each event appends at least one transition, about the event's own side unless
// it proves something of the other one too. Segment by segment the caller gives
// Sent for the sender, then Received for the receiver (or Lost for the sender).
func (c Conn) Apply(e Event, out []Transition) (Conn, []Transition) {
	w := work{conn: c, event: e, out: out, given: len(out)}
	w.event.Side &= 1
	if e.Kind == Sent || e.Kind == Received {
		w.fillBlankAck()
	}
	switch e.Kind {
	case Called:
		w.called()
	case Returned:
		w.returned()
	case Sent:
		w.sent()
	case Received:
		w.received()
	case Lost:
		w.lost()
	case Expired:
		w.expired()
	}
	return w.conn, w.out
}

// Over reports whether nothing is left of the connection that a new SYN could
// be a part of: one side closes it or has closed it, or it was reset. A SYN with
// a new initial sequence number then opens another connection.
func (c Conn) Over() bool {
	for i := range c.Ends {
		switch e := &c.Ends[i]; e.State {
		case FinWait1, FinWait2, CloseWait, Closing, LastAck, TimeWait:
			return true
		case Closed:
			if !e.unseen() {
				return true
			}
		case Listen:
			if e.Facts.Has(KnowsISS) {
				return true
			}
		case SynSent, SynReceived, Established:
		}
	}
	return false
}

// work is one application of one event: the connection as it becomes, and the
// transitions so far. It never leaves Apply.
type work struct {
	conn  Conn
	event Event
	out   []Transition
	given int // how many transitions were there before this event
}

func (w *work) me() *Endpoint   { return &w.conn.Ends[w.event.Side] }
func (w *work) peer() *Endpoint { return &w.conn.Ends[w.event.Side.Other()&1] }

// basis is how a state change that this event causes is known.
func (w *work) basis() Basis {
	if w.event.Kind == Received && w.event.Assumed {
		return Assumed
	}
	return Observed
}

// enter moves a side to a state.
func (w *work) enter(side Side, to State, b Basis, r ruleIndex) {
	e := &w.conn.Ends[side]
	w.out = append(w.out, Transition{Side: side, From: e.State, To: to, Basis: b, Rule: &rules[r]})
	e.State, e.Basis = to, b
	if to == Established {
		e.Facts |= Synchronized
	}
}

// move moves the event's own side to a state.
func (w *work) move(to State, b Basis, r ruleIndex) { w.enter(w.event.Side, to, b, r) }

// stay says why the event's own side keeps its state.
func (w *work) stay(r ruleIndex) {
	e := w.me()
	w.out = append(w.out, Transition{Side: w.event.Side, From: e.State, To: e.State, Basis: e.Basis, Rule: &rules[r]})
}

// silent reports whether the event has not been given a rule yet.
func (w *work) silent() bool { return len(w.out) == w.given }

// stayIfSilent says why nothing changed, unless something did.
func (w *work) stayIfSilent(r ruleIndex) {
	if w.silent() {
		w.stay(r)
	}
}
