package fsm_test

import (
	"testing"

	"tcpviz/fsm"
	"tcpviz/internal/script"
)

// An arrow is one of RFC 9293 figure 5, or of its notes.
type arrow struct {
	from  fsm.State
	event string // as the figure writes it
	to    fsm.State

	side    fsm.Side
	setup   string // leads the side into from
	script  string // what happens then
	rule    string // that names the change
	arrival bool   // a segment that arrives changes the state: who sees only the wire has to assume it
}

// figure5 are all arrows of the figure, from top to bottom.
var figure5 = []arrow{
	{fsm.Closed, "passive OPEN", fsm.Listen, fsm.Server,
		"", "call server listen\nreturn server listen", "closed/passive-open", false},
	{fsm.Closed, "active OPEN", fsm.SynSent, fsm.Client,
		"", "call client connect\n> S 100 lost", "closed/active-open", false},
	{fsm.Listen, "CLOSE", fsm.Closed, fsm.Server,
		"listen", "call server close\nreturn server close", "listen/close", false},
	{fsm.Listen, "rcv SYN", fsm.SynReceived, fsm.Server,
		"listen", "> S 100", "listen/syn", true},
	{fsm.Listen, "SEND", fsm.SynSent, fsm.Server,
		"listen", "call server send\n< S 300 lost", "listen/active-open", false},
	{fsm.SynReceived, "rcv RST (note 1)", fsm.Listen, fsm.Server,
		"listen\n> S 100\n< SA 300:101", "> RA 101:301", "syn-received/rst-passive", true},
	{fsm.SynReceived, "rcv ACK of SYN", fsm.Established, fsm.Server,
		"listen\n> S 100\n< SA 300:101", "> A 101:301", "syn-received/ack", true},
	{fsm.SynReceived, "CLOSE", fsm.FinWait1, fsm.Server,
		"listen\n> S 100\n< SA 300:101", "call server close\n< FA 301:101 lost", "syn-received/close", false},
	{fsm.SynSent, "CLOSE", fsm.Closed, fsm.Client,
		"> S 100 lost", "call client close\nreturn client close", "syn-sent/close", false},
	{fsm.SynSent, "rcv SYN", fsm.SynReceived, fsm.Client,
		"> S 100 lost", "< S 300", "syn-sent/syn", true},
	{fsm.SynSent, "rcv SYN,ACK", fsm.Established, fsm.Client,
		"listen\n> S 100", "< SA 300:101", "syn-sent/syn-ack", true},
	{fsm.Established, "CLOSE", fsm.FinWait1, fsm.Client,
		opened, "call client close\n> FA 101:301 lost", "established/close", false},
	{fsm.Established, "rcv FIN", fsm.CloseWait, fsm.Client,
		opened, "< FA 301:101", "established/fin", true},
	{fsm.FinWait1, "rcv FIN", fsm.Closing, fsm.Client,
		opened + "> FA 101:301 lost", "< FA 301:101", "fin-wait-1/fin", true},
	{fsm.FinWait1, "rcv ACK of FIN", fsm.FinWait2, fsm.Client,
		opened + "> FA 101:301", "< A 301:102", "fin-wait-1/ack", true},
	{fsm.FinWait2, "rcv FIN", fsm.TimeWait, fsm.Client,
		opened + "> FA 101:301\n< A 301:102", "< FA 301:102", "fin-wait-2/fin", true},
	{fsm.Closing, "rcv ACK of FIN", fsm.TimeWait, fsm.Client,
		opened + "> FA 101:301 held=x\n< FA 301:101\narrives x", "< A 302:102", "closing/ack", true},
	{fsm.CloseWait, "CLOSE", fsm.LastAck, fsm.Client,
		opened + "< FA 301:101", "call client close\n> FA 101:302 lost", "close-wait/close", false},
	{fsm.LastAck, "rcv ACK of FIN", fsm.Closed, fsm.Client,
		opened + "< FA 301:101\n> FA 101:302", "< A 302:102", "last-ack/ack", true},
	{fsm.TimeWait, "Timeout=2MSL", fsm.Closed, fsm.Client,
		opened + "> FA 101:301\n< FA 301:102", "timer client time-wait", "time-wait/expired", false},
}

// figure5Notes are what the notes under the figure say that it leaves out. Note
// 3 lets whoever sends an RST go to TIME-WAIT; the call that sends one, ABORT,
// deletes the connection instead (section 3.10.5), and so do the kernels.
var figure5Notes = []arrow{
	{fsm.SynReceived, "note 1: rcv RST after an active OPEN", fsm.Closed, fsm.Client,
		"> S 100 lost\n< S 300", "< R 301", "syn-received/rst-active", true},
	{fsm.FinWait1, "note 2: rcv FIN, ACK of FIN", fsm.TimeWait, fsm.Client,
		opened + "> FA 101:301", "< FA 301:102", "fin-wait-1/fin-ack", true},

	{fsm.SynSent, "note 3: rcv RST", fsm.Closed, fsm.Client,
		"> S 100", "< RA 0:101", "syn-sent/refused", true},
	{fsm.Established, "note 3: rcv RST", fsm.Closed, fsm.Client,
		opened, "< R 301", "synchronized/rst", true},
	{fsm.FinWait1, "note 3: rcv RST", fsm.Closed, fsm.Client,
		opened + "> FA 101:301", "< R 301", "synchronized/rst", true},
	{fsm.FinWait2, "note 3: rcv RST", fsm.Closed, fsm.Client,
		opened + "> FA 101:301\n< A 301:102", "< R 301", "synchronized/rst", true},
	{fsm.CloseWait, "note 3: rcv RST", fsm.Closed, fsm.Client,
		opened + "< FA 301:101", "< R 302", "synchronized/rst", true},
	{fsm.Closing, "note 3: rcv RST", fsm.Closed, fsm.Client,
		opened + "> FA 101:301 lost\n< FA 301:101", "< R 302", "closing/rst", true},
	{fsm.LastAck, "note 3: rcv RST", fsm.Closed, fsm.Client,
		opened + "< FA 301:101\n> FA 101:302", "< R 302", "closing/rst", true},
	{fsm.TimeWait, "note 3: rcv RST", fsm.Closed, fsm.Client,
		opened + "> FA 101:301\n< FA 301:102", "< R 302", "time-wait/rst", true},

	{fsm.SynReceived, "note 3: snd RST", fsm.Closed, fsm.Server,
		"listen\n> S 100\n< SA 300:101", "call server abort\n< RA 301:101 lost", "syn-received/abort", false},
	{fsm.Established, "note 3: snd RST", fsm.Closed, fsm.Client,
		opened, "call client abort\n> RA 101:301 lost", "synchronized/sends-rst", false},
	{fsm.FinWait1, "note 3: snd RST", fsm.Closed, fsm.Client,
		opened + "> FA 101:301", "call client abort\n> RA 102:301 lost", "synchronized/sends-rst", false},
	{fsm.FinWait2, "note 3: snd RST", fsm.Closed, fsm.Client,
		opened + "> FA 101:301\n< A 301:102", "call client abort\n> RA 102:301 lost", "synchronized/sends-rst", false},
	{fsm.CloseWait, "note 3: snd RST", fsm.Closed, fsm.Client,
		opened + "< FA 301:101", "call client abort\n> RA 101:302 lost", "synchronized/sends-rst", false},
	{fsm.Closing, "note 3: snd RST", fsm.Closed, fsm.Client,
		opened + "> FA 101:301 lost\n< FA 301:101", "call client abort\n> RA 102:302 lost", "closing/sends-rst", false},
	{fsm.LastAck, "note 3: snd RST", fsm.Closed, fsm.Client,
		opened + "< FA 301:101\n> FA 101:302", "call client abort\n> RA 102:302 lost", "closing/sends-rst", false},
}

// TestFigure5 walks every arrow of RFC 9293 figure 5 and of its notes: with both
// sides watched, and again from one place on the wire, where an arrival is
// assumed and a side's own act is still observed.
func TestFigure5(t *testing.T) {
	if len(figure5) != 20 {
		t.Errorf("the figure has 20 arrows, not %d", len(figure5))
	}
	drawn := make(map[string]bool)
	for _, a := range append(figure5[:len(figure5):len(figure5)], figure5Notes...) {
		name := a.from.String() + " --" + a.event + "--> " + a.to.String()
		if drawn[name] {
			t.Errorf("%s: twice", name)
		}
		drawn[name] = true
		t.Run(name, func(t *testing.T) {
			a.walk(t, "", fsm.Observed)
		})
		t.Run(name+", from one place", func(t *testing.T) {
			want := fsm.Observed
			if a.arrival {
				want = fsm.Assumed
			}
			a.walk(t, "foreign\n", want)
		})
	}
}

// walk plays the arrow and holds that its side changes its state once, as drawn.
func (a arrow) walk(t *testing.T, place string, basis fsm.Basis) {
	t.Helper()
	file, err := script.Parse("## setup\n" + a.setup + "\n## arrow\n" + place + a.script)
	if err != nil {
		t.Fatal(err)
	}
	_, g := play(file.Scripts[0])
	if got := g.conn.Ends[a.side].State; got != a.from {
		t.Fatalf("the setup leads to %s", got)
	}
	before := len(g.seen)
	for _, line := range file.Scripts[1].Lines {
		g.step(line.Step)
	}
	checkChain(t, g.seen)
	var changes []fsm.Transition
	for _, tr := range g.seen[before:] {
		if tr.Side == a.side && tr.From != tr.To {
			changes = append(changes, tr)
		}
	}
	if len(changes) != 1 {
		t.Fatalf("%d changes of state: %+v", len(changes), changes)
	}
	c := changes[0]
	if c.From != a.from || c.To != a.to || c.Rule.ID != a.rule || c.Basis != basis {
		t.Errorf("%s --> %s by %s, %s; want rule %s, %s", c.From, c.To, c.Rule.ID, c.Basis, a.rule, basis)
	}
	if end := g.conn.Ends[a.side]; end.State != a.to || end.Basis != basis {
		t.Errorf("ends in %s, %s", end.State, end.Basis)
	}
}
