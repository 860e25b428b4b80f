package story_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tcpviz/fsm"
	"tcpviz/internal/story"
)

// socketsText writes sockets in one line each.
func socketsText(all []story.Socket) string {
	var b strings.Builder
	for _, s := range all {
		fmt.Fprintf(&b, "%s %d %s %s %s", s.Side, s.FD, placeNames[s.Place], s.State, s.Basis)
		if q := s.Queues; q != nil {
			fmt.Fprintf(&b, " port %d, backlog %d, SYN %v/%d, accept %v/%d, seen %v",
				s.Local.Port(), q.Backlog, q.SYN, q.SYNLimit, q.Accept, q.AcceptLimit, q.AcceptSeen)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

var placeNames = [...]string{
	story.WithProgram: "held", story.InSYNQueue: "SYN-queue", story.InAcceptQueue: "accept-queue",
	story.LeftToTCP: "left", story.CallsUnseen: "unseen",
}

// TestSocketsOfAConnection goes through a connection with its calls.
func TestSocketsOfAConnection(t *testing.T) {
	p := handshakeAndClose()
	s := p.build()
	sockets := story.NewSockets(s)
	if !sockets.Recorded() {
		t.Error("the calls were not seen")
	}
	cases := []struct {
		name string
		step *story.Step
		want string
	}{
		{"accept waits", find(t, s, fsm.Server, story.CallEnter, "accept", 0), `
server 3 held LISTEN observed port 10008, backlog 5, SYN []/0, accept []/0, seen true
`},
		{"the SYN is under way", find(t, s, fsm.Client, story.SegmentSent, "", fsm.SYN), `
server 3 held LISTEN observed port 10008, backlog 5, SYN []/0, accept []/0, seen true
client 3 held SYN-SENT observed
`},
		{"half-open", find(t, s, fsm.Server, story.SegmentReceived, "", fsm.SYN), `
server 3 held LISTEN observed port 10008, backlog 5, SYN [1]/0, accept []/0, seen true
server -1 SYN-queue SYN-RECEIVED observed
client 3 held SYN-SENT observed
`},
		{"connected", find(t, s, fsm.Server, story.SegmentReceived, "", fsm.ACK), `
server 3 held LISTEN observed port 10008, backlog 5, SYN []/0, accept [1]/0, seen true
server -1 accept-queue ESTABLISHED observed
client 3 held ESTABLISHED observed
`},
		{"accepted", find(t, s, fsm.Server, story.CallReturn, "accept", 0), `
server 3 held LISTEN observed port 10008, backlog 5, SYN []/0, accept []/0, seen true
server 4 held ESTABLISHED observed
client 3 held ESTABLISHED observed
`},
		{"the client has closed", find(t, s, fsm.Client, story.CallReturn, "close", 0), `
server 3 held LISTEN observed port 10008, backlog 5, SYN []/0, accept []/0, seen true
server 4 held CLOSE-WAIT observed
client -1 left FIN-WAIT-2 observed
`},
		{"the end", &s.Steps[len(s.Steps)-1], `
client -1 left TIME-WAIT observed
`},
	}
	for _, c := range cases {
		if diff := cmp.Diff(c.want[1:], socketsText(sockets.At(c.step.N, 1))); diff != "" {
			t.Errorf("%s, step %d (-want +got):\n%s", c.name, c.step.N, diff)
		}
	}
	enter := find(t, s, fsm.Server, story.CallEnter, "accept", 0)
	if got := sockets.Call(sockets.Program(1, fsm.Server), 1, fsm.Server, enter.N+1); got != enter {
		t.Errorf("the server is in %+v, want in accept", got)
	}
}

// TestQueueLimits tells what is known of the queues' lengths on each stage.
func TestQueueLimits(t *testing.T) {
	cases := []struct {
		stage, args string
		want        string
	}{
		{"loopback", "3, 5", "backlog 5, SYN []/0, accept []/6"},
		{"wire", "3, 0", "backlog 0, SYN []/0, accept []/1"},
		{"sim", "3, 2", "backlog 2, SYN []/3, accept []/3"},
		{"", "3, 5", "backlog 5, SYN []/0, accept []/0"},
		{"wire", "3, 4096", "backlog 4096, SYN []/0, accept []/0"}, // the system may have cut it
		{"wire", "3, SOMAXCONN", "backlog -1, SYN []/0, accept []/0"},
	}
	for _, c := range cases {
		p := newPlay()
		p.call(fsm.Server, "socket", -1, "AF_INET, SOCK_STREAM, 0", 3)
		p.call(fsm.Server, "listen", 3, c.args, 0)
		b := story.NewBuilder(story.Meta{Stage: c.stage})
		b.Add(p.events...)
		s := b.Story()
		if got := socketsText(story.NewSockets(s).At(len(s.Steps), 0)); !strings.Contains(got, c.want) {
			t.Errorf("%s, listen(%s): %swant %s", c.stage, c.args, got, c.want)
		}
	}
}

// TestSocketsOfACapture goes through the same connection without its calls.
func TestSocketsOfACapture(t *testing.T) {
	s := foreign(handshakeAndClose()).build()
	sockets := story.NewSockets(s)
	if sockets.Recorded() {
		t.Error("calls were seen")
	}
	cases := []struct {
		name string
		step *story.Step
		want string
	}{
		{"the SYN", find(t, s, fsm.Client, story.SegmentSent, "", fsm.SYN), `
client -1 unseen SYN-SENT observed
`},
		{"the SYN-ACK", find(t, s, fsm.Server, story.SegmentSent, "", fsm.SYN|fsm.ACK), `
server -1 unseen LISTEN inferred port 10008, backlog -1, SYN [1]/0, accept []/0, seen false
server -1 unseen SYN-RECEIVED inferred
client -1 unseen SYN-SENT observed
`},
		{"data", find(t, s, fsm.Client, story.SegmentSent, "", fsm.PSH|fsm.ACK), `
server -1 unseen LISTEN inferred port 10008, backlog -1, SYN []/0, accept []/0, seen false
server -1 unseen ESTABLISHED assumed
client -1 unseen ESTABLISHED inferred
`},
		{"the end", &s.Steps[len(s.Steps)-1], `
server -1 unseen LISTEN inferred port 10008, backlog -1, SYN []/0, accept []/0, seen false
client -1 unseen TIME-WAIT inferred
`},
	}
	for _, c := range cases {
		if diff := cmp.Diff(c.want[1:], socketsText(sockets.At(c.step.N, 1))); diff != "" {
			t.Errorf("%s, step %d (-want +got):\n%s", c.name, c.step.N, diff)
		}
	}
	if got := sockets.Call("", 1, fsm.Client, len(s.Steps)); got == nil || got.Call.Op != "close" {
		t.Errorf("the client's newest call is %+v, want close", got)
	}
	if all := sockets.At(len(s.Steps), 0); all != nil {
		t.Errorf("sockets of no connection: %v", all)
	}
}

// BenchmarkSockets reads a capture of 5,000 connections to one server, and asks for
// its sockets at another step each time.
func BenchmarkSockets(b *testing.B) {
	builder := story.NewBuilder(story.Meta{})
	p := foreign(handshakeAndClose())
	n := 0
	for i := range 5000 {
		for _, e := range p.events {
			f := e.(story.Frame)
			client := netip.AddrPortFrom(clientAddr.Addr(), uint16(10000+i))
			if n++; f.Src == clientAddr {
				f.Src = client
			} else {
				f.Dst = client
			}
			f.Number = n
			builder.Add(f)
		}
	}
	s := builder.Story()
	b.Run("read", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			story.NewSockets(s)
		}
	})
	b.Run("step", func(b *testing.B) {
		sockets := story.NewSockets(s)
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			sockets.At(len(s.Steps)-i%1000, 4000)
		}
	})
}
