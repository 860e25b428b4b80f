package fsm

// Conn is what is known of one connection: a comparable value with no pointer
// in it, so that one can be kept for each step of a story. The zero Conn is two
// endpoints in CLOSED of which nothing is known.
type Conn struct {
	Ends [2]Endpoint // indexed by Side
}

// On gives the connection with both its ends on hosts that run the stack.
func (c Conn) On(s Stack) Conn {
	c.Ends[Client].Stack, c.Ends[Server].Stack = s, s
	return c
}

// Apply gives the connection after the event, and appends to out the state
// changes that the event caused (and, where it changed nothing, the rule that
// says why). It allocates nothing when out has room.
//
// Each event appends at least one transition, about the event's own side unless
// it proves something of the other one too. Segment by segment the caller gives
// Sent for the sender, then Received for the receiver (or Lost for the sender).
func (c Conn) Apply(e Event, out []Transition) (Conn, []Transition) {
	e.Side &= 1
	w := work{conn: &c, event: &e, mine: &c.Ends[e.Side], others: &c.Ends[e.Side.Other()]}
	w.apply()
	for i := range w.count {
		t := &w.caused[i]
		out = append(out, Transition{Side: t.side, From: t.from, To: t.to, Basis: t.basis, Rule: &rules[t.rule]})
	}
	return c, out
}

// apply lets the event happen to the connection. An endpoint that begins anew is still
// on the same host.
func (w *work) apply() {
	w.stack = w.mine.Stack
	other := w.others.Stack
	w.happen()
	w.mine.Stack, w.others.Stack = w.stack, other
}

func (w *work) happen() {
	if w.event.Kind == Sent || w.event.Kind == Received {
		w.fillBlankAck()
	}
	switch w.event.Kind {
	case Called:
		w.called()
	case Returned:
		w.returned()
	case Rebooted:
		w.rebooted()
	case Sent:
		w.sent()
	case Received:
		w.received()
	case Lost:
		w.lost()
	case Expired:
		w.expired()
	}
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
// transitions so far. Neither it nor what it points to leaves Apply, so that
// nothing of it is allocated.
type work struct {
	conn   *Conn
	event  *Event
	mine   *Endpoint // of the event's own side
	others *Endpoint // of the other one
	stack  Stack     // of the event's own side
	caused [mostCaused]cause
	count  int // of caused
}

// mostCaused is more transitions than any event causes.
const mostCaused = 8

// cause is a Transition on its way.
type cause struct {
	side     Side
	from, to State
	basis    Basis
	rule     ruleIndex
}

func (w *work) me() *Endpoint   { return w.mine }
func (w *work) peer() *Endpoint { return w.others }

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
	w.tell(cause{side, e.State, to, b, r})
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
	w.tell(cause{w.event.Side, e.State, e.State, e.Basis, r})
}

func (w *work) tell(c cause) {
	w.caused[w.count] = c
	w.count++
}

// silent reports whether the event has not been given a rule yet.
func (w *work) silent() bool { return w.count == 0 }

// stayIfSilent says why nothing changed, unless something did.
func (w *work) stayIfSilent(r ruleIndex) {
	if w.silent() {
		w.stay(r)
	}
}
