package filter_test

import (
	"strings"
	"testing"

	"tcpviz/fsm"
	"tcpviz/internal/filter"
)

// Every form of the table is read, and so is what its help gives after a colon or a semicolon.
func TestWordsAreRead(t *testing.T) {
	fill := strings.NewReplacer("ADDRESS", "10.0.0.1", "NET", "10.0.0.0/8", "PORT-PORT", "80-90", "PORT", "80",
		"FLAG", "tcp-syn", "OUTCOME", "REJ", "ANOMALY", "retransmission", "STATE", "syn-sent")
	seen := make(map[string]bool)
	for _, word := range filter.Words() {
		w := struct{ Form, Help string }{word.Form.String(), word.Help.String()}
		if w.Help == "" || strings.ContainsAny(w.Form+w.Help, "\n\t") {
			t.Errorf("%q: %q is no line of a table", w.Form, w.Help)
		}
		if seen[w.Form] {
			t.Errorf("%q stands there twice", w.Form)
		}
		seen[w.Form] = true
		if strings.HasPrefix(w.Form, "not, ") {
			continue
		}
		if _, err := filter.Parse(fill.Replace(w.Form)); err != nil {
			t.Errorf("%q: %v", w.Form, err)
		}
	}
}

// Every state, outcome and anomaly is a word, and what the help texts name is read.
func TestNamesOfTheModelAreWords(t *testing.T) {
	words := []string{
		"src host 10.0.0.1", "dst host 10.0.0.1", "10.1", "net 2001:db8::/32", "net 10.0.0.0 mask 255.0.0.0", "port http", "port 80 or 443", "portrange 6000-6008",
		"10.0.0.0/8", "10.0.0.1:80", "[::1]:80", "ip6", "tcp port 80", "tcp[tcpflags] & (tcp-fin|tcp-rst) != 0", "state:closing,last-ack", "server:80", "server:10.0.0.1:80", "outcome:REJ,S0",
		"anomalies>10", "duplicate_ack", "zero_window", "retransmission>3", "incomplete", "completeness=31", "conn:17",
	}
	for _, outcome := range fsm.Outcomes() {
		words = append(words, outcome, strings.ToLower(outcome), "outcome:"+outcome)
	}
	for i := range fsm.StateCount {
		name := fsm.State(i).String()
		words = append(words, name, strings.ToLower(name), strings.ReplaceAll(name, "-", "_"), "state:"+name, "client:"+name, "server:"+name)
	}
	for i := range len(fsm.AnomalyCounts{}) {
		name := fsm.Anomaly(1 << i).String()
		words = append(words, name, strings.ReplaceAll(name, "_", "-"), "tcp.analysis."+name, name+">2")
	}
	for _, w := range words {
		if _, err := filter.Parse(w); err != nil {
			t.Errorf("%q: %v", w, err)
		}
	}
}
