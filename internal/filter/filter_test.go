package filter_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tcpviz/fsm"
	"tcpviz/internal/filter"
)

// connection makes a summary with a SYN, a SYN-ACK and an ACK.
func connection(id int, client, server string, change func(*fsm.Summary)) fsm.Summary {
	s := fsm.Summary{ID: id, Segments: [2]int{2, 1}, Start: 1e9, End: 1e9 + 5e6, Completeness: 7}
	s.Ends = [2]fsm.Address{fsm.AddressOf(netip.MustParseAddrPort(client)), fsm.AddressOf(netip.MustParseAddrPort(server))}
	s.Flags[fsm.Client].Add(fsm.SYN)
	s.Flags[fsm.Client].Add(fsm.ACK)
	s.Flags[fsm.Server].Add(fsm.SYN | fsm.ACK)
	s.State = [2]fsm.State{fsm.Established, fsm.Established}
	s.Outcome = fsm.S1
	if change != nil {
		change(&s)
	}
	return s
}

// sample is a list of connections, numbered from 1.
func sample() []fsm.Summary {
	return []fsm.Summary{
		connection(1, "10.0.0.1:40000", "10.0.0.2:80", nil),
		connection(2, "10.0.0.1:40001", "192.168.1.5:443", func(s *fsm.Summary) { // refused
			s.Flags = [2]fsm.FlagSet{}
			s.Flags[fsm.Client].Add(fsm.SYN)
			s.Flags[fsm.Server].Add(fsm.RST | fsm.ACK)
			s.Segments, s.Outcome, s.Completeness = [2]int{1, 1}, fsm.REJ, 33
			s.State = [2]fsm.State{fsm.Closed, fsm.Closed}
		}),
		connection(3, "10.1.0.9:40002", "10.0.0.2:22", func(s *fsm.Summary) { // not answered
			s.Flags = [2]fsm.FlagSet{}
			s.Flags[fsm.Client].Add(fsm.SYN)
			s.Segments, s.Outcome, s.Completeness = [2]int{3, 0}, fsm.S0, 1
			s.State = [2]fsm.State{fsm.SynSent, fsm.Closed}
			s.Anomalies.Add(fsm.Retransmitted)
			s.Anomalies.Add(fsm.Retransmitted)
		}),
		connection(4, "[2001:db8::1]:40003", "[2001:db8::2]:80", func(s *fsm.Summary) { // closed
			s.Flags[fsm.Client].Add(fsm.FIN | fsm.ACK)
			s.Flags[fsm.Server].Add(fsm.FIN | fsm.ACK)
			s.Flags[fsm.Server].Add(fsm.PSH | fsm.ACK)
			s.Segments, s.Bytes, s.Outcome, s.Completeness = [2]int{500, 900}, [2]uint64{100, 1_300_000}, fsm.SF, 31
			s.State, s.End = [2]fsm.State{fsm.TimeWait, fsm.Closed}, s.Start+2e9
			s.Anomalies.Add(fsm.DuplicateAck)
		}),
		{ID: 5, Ends: [2]fsm.Address{ // of which no segment was seen
			fsm.AddressOf(netip.MustParseAddrPort("172.16.0.1:9")), fsm.AddressOf(netip.MustParseAddrPort("172.16.0.2:80"))}},
	}
}

func selected(t *testing.T, text string) (ids []int) {
	t.Helper()
	f, err := filter.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if f.String() != text {
		t.Errorf("String: %q", f.String())
	}
	for _, s := range sample() {
		if f.Match(&s) {
			ids = append(ids, s.ID)
		}
	}
	return ids
}

func TestFilterSelects(t *testing.T) {
	for _, test := range []struct {
		text string
		want []int
	}{
		{"", []int{1, 2, 3, 4, 5}}, {" \t", []int{1, 2, 3, 4, 5}},
		// tcpdump's primitives: see also the comparison with tcpdump itself.
		{"port 80", []int{1, 4, 5}}, {"port 80 and not host 10.0.0.1", []int{4, 5}}, {"src port 80", []int{1, 4}}, {"src port 22", nil}, {"dst port 22", []int{3}},
		{"host 10.0.0.1", []int{1, 2}}, {"net 10.1", []int{3}}, {"ip6", []int{4}}, {"tcp", []int{1, 2, 3, 4, 5}}, {"tcp[13] & 2 != 0", []int{1, 2, 3, 4}},
		{"tcp[tcpflags] & tcp-rst != 0", []int{2}}, {"tcp[tcpflags] == tcp-syn|tcp-ack", []int{1, 4}}, {"1 = 1", []int{1, 2, 3, 4}},
		{"tcp[tcpflags] == tcp-syn and src port 80", nil}, {"tcp[tcpflags] == tcp-syn and dst port 80", []int{1, 4}},
		{"not tcp[13] & 2 != 0", []int{1, 2, 4}},
		// States.
		{"syn-sent", []int{3}}, {"SYN_SENT", []int{3}}, {"established", []int{1}}, {"time-wait", []int{4}}, {"closed", []int{2, 3, 4, 5}}, {"state:established", []int{1}},
		{"state:TIME-WAIT,syn-sent", []int{3, 4}}, {"client:closed", []int{2, 5}}, {"server:closed", []int{2, 3, 4, 5}}, {"client:time-wait,closed", []int{2, 4, 5}}, {"syn-rcvd", nil}, {"fin_wait1", nil}, {"not closed", []int{1}},
		// Outcomes.
		{"outcome:REJ", []int{2}}, {"outcome:rej,s0", []int{2, 3}}, {"SF", []int{4}}, {"rej or s0", []int{2, 3}}, {"not OTH", []int{1, 2, 3, 4}},
		// Anomalies.
		{"retransmission", []int{3}}, {"duplicate_ack", []int{4}}, {"duplicate-ack", []int{4}}, {"tcp.analysis.duplicate_ack", []int{4}}, {"anomaly", []int{3, 4}}, {"not anomaly", []int{1, 2, 5}},
		{"retransmission>1", []int{3}}, {"retransmission > 2", nil}, {"anomalies=1", []int{4}}, {"retransmission=0", []int{1, 2, 4, 5}},
		// Addresses alone, and of one side.
		{"10.0.0.1", []int{1, 2}}, {"10.0.0.2:80", []int{1}}, {"10.0.0.2:40000", nil}, {"10.0.0.0/8", []int{1, 2, 3}}, {"10/8", []int{1, 2, 3}}, {"10.1", []int{3}}, {"10.0", []int{1, 2, 3}},
		{"2001:db8::1", []int{4}}, {"[2001:db8::1]", []int{4}}, {"[2001:db8::2]:80", []int{4}}, {"[2001:db8::1]:80", nil}, {"2001:db8::/32", []int{4}}, {"10.0.0.1 or 2001:db8::1", []int{1, 2, 4}},
		{"client:10.0.0.2", nil}, {"server:10.0.0.2", []int{1, 3}}, {"server:80", []int{1, 4, 5}}, {"client:80", nil}, {"server:10.0.0.2:80", []int{1}}, {"server:[2001:db8::2]:80", []int{4}}, {"server:192.168/16", []int{2}},
		{"client:10.1.0.0/16", []int{3}}, {"server:2001:db8::2", []int{4}}, {"src 10.0.0.2:80", []int{1}}, {"src 10.0.0.0/8", []int{1, 2, 3}}, {"server:http", []int{1, 4, 5}}, {"port 80 or 10.1", []int{1, 3, 4, 5}},
		// Numbers.
		{"segments>10", []int{4}}, {"segments >= 3", []int{1, 3, 4}}, {"segments<3", []int{2, 5}}, {"segments=1400", []int{4}}, {"segments<=1k", []int{1, 2, 3, 5}}, {"bytes>=1M", []int{4}}, {"bytes>1300100", nil}, {"bytes=1300100", []int{4}}, {"bytes<1G", []int{1, 2, 3, 4, 5}},
		{"duration>1s", []int{4}}, {"duration<1s", []int{1, 2, 3}}, {"duration=5ms", []int{1, 2, 3}}, {"duration>=1.5S", []int{4}}, {"complete", []int{4}}, {"incomplete", []int{1, 2, 3, 5}}, {"completeness=31", []int{4}}, {"completeness!=7", []int{2, 3, 4, 5}},
		{"#3", []int{3}}, {"conn:3", []int{3}}, {"#3 or #4", []int{3, 4}}, {"not #3", []int{1, 2, 4, 5}},
		// What is between them.
		{"syn-sent port 22", []int{3}}, {"syn-sent port 80", nil}, {"closed not port 80", []int{2, 3}}, {"port 80 (established or time-wait)", []int{1, 4}}, {"port 22 or port 80 ip6", []int{4}}, {"port 80 or port 22 and ip6", []int{4}}, {"port 80 or (port 22 and ip6)", []int{1, 4, 5}},
		{"Established AND Port 80", []int{1}}, {"port 80 || ! closed", []int{1, 4, 5}}, {"retransmission&&!(port 80)", []int{3}},
	} {
		t.Run(test.text, func(t *testing.T) {
			if diff := cmp.Diff(test.want, selected(t, test.text)); diff != "" {
				t.Errorf("connections (-want +got):\n%s", diff)
			}
		})
	}
}

// A filter whose answer never changes says so, whatever is said of the others.
func TestFixed(t *testing.T) {
	for text, want := range map[string]bool{
		"": true, "port 80": true, "host 10.0.0.1 or not (net 10 and ip6)": true, "src and dst port 80": true, "#3": true, "server:80": true, "10.0.0.1:80": true, "tcp": true,
		"src port 80": false, "dst host 10.0.0.1": false, "tcp[13] = 2": false, "established": false, "outcome:S0": false, "client:established": false,
		"port 80 and segments>3": false, "retransmission": false, "complete": false, "not duration>1s": false,
	} {
		f, err := filter.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if f.Fixed() != want {
			t.Errorf("%q: Fixed is %v", text, f.Fixed())
		}
		if f.Empty() != (text == "") {
			t.Errorf("%q: Empty is %v", text, f.Empty())
		}
	}
}

func TestZeroFilterSelectsAll(t *testing.T) {
	var f filter.Filter
	for _, s := range sample() {
		if !f.Match(&s) {
			t.Errorf("connection %d is not selected", s.ID)
		}
	}
	if !f.Empty() || !f.Fixed() || f.String() != "" {
		t.Errorf("Empty %v, Fixed %v, String %q", f.Empty(), f.Fixed(), f.String())
	}
}

func TestMatchAllocatesNothing(t *testing.T) {
	list := sample()
	for _, text := range []string{"port 80", "src net 10 and tcp[tcpflags] & tcp-syn != 0 or 2001:db8::/32", "retransmission or duration>1s and not closed"} {
		f, err := filter.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if n := testing.AllocsPerRun(100, func() {
			s := list[3] // it must not be moved to the heap
			f.Match(&s)
		}); n != 0 {
			t.Errorf("%q: %v allocations", text, n)
		}
	}
}

// Long and deep filters are read without recursion that grows with them, or refused.
func TestBounds(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		ok   bool
	}{
		"many conditions":          {"port 80" + strings.Repeat(" or 80", 2000), true},
		"many nots":                {strings.Repeat("not ", 4000) + "port 80", true},
		"many nots of a value":     {"port " + strings.Repeat("!", 10000) + "80", true},
		"a hundred parentheses":    {strings.Repeat("(", 100) + "port 80" + strings.Repeat(")", 100), true},
		"too many parentheses":     {strings.Repeat("(", 101) + "port 80" + strings.Repeat(")", 101), false},
		"open parentheses":         {strings.Repeat("(", 10000), false},
		"parentheses of values":    {"port " + strings.Repeat("(", 101) + "80" + strings.Repeat(")", 101), false},
		"parentheses of numbers":   {strings.Repeat("(", 101) + "2" + strings.Repeat(")", 101) + " = tcp[13]", false},
		"brackets in one another":  {strings.Repeat("tcp[", 3000) + "13" + strings.Repeat("]", 3000) + " = 2", false},
		"many operators":           {"tcp[13] = 0" + strings.Repeat("+1", 1000), true},
		"more than there may be":   {strings.Repeat(" ", 1<<14) + "tcp", false},
		"as much as there may be":  {strings.Repeat(" ", 1<<14-3) + "tcp", true},
		"parentheses in sequence":  {"tcp" + strings.Repeat("(tcp)", 2000), true},
		"not before a parenthesis": {strings.Repeat("not (", 100) + "port 80" + strings.Repeat(")", 100), true},
	} {
		f, err := filter.Parse(test.text)
		if (err == nil) != test.ok {
			t.Errorf("%s: %v", name, err)
		}
		for _, s := range sample() {
			f.Match(&s)
		}
	}
}
