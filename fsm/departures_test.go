package fsm_test

import (
	"strings"
	"testing"

	"tcpviz/fsm"
)

// TestDepartures holds that a rule where Linux or netstack does something else, or
// something more, than RFC 9293 says so: in the reason or as its source.
func TestDepartures(t *testing.T) {
	rules := make(map[string]fsm.Rule)
	for _, r := range fsm.Rules() {
		rules[r.ID] = r
	}
	for _, c := range []struct {
		rule  string
		names string // the setting or the document, "" where there is none
	}{
		{"time-wait/rst", "tcp_rfc1337"},
		{"time-wait/active-open", "tcp_tw_reuse"},
		{"time-wait/expired", "60 seconds"},
		{"fin-wait-2/timeout", "tcp_fin_timeout"},
		{"syn-received/timeout-passive", "tcp_synack_retries"},
		{"syn-received/rst-passive", "LISTEN all the time"},
		{"syn-received/new-syn", ""},
		{"established/sends-syn-ack-again", "tcp_abort_on_overflow"},
		{"synchronized/close-unread", "RFC 2525"},
		{"fin-wait/refuses-data", "RFC 2525"},
		{"synchronized/rst-challenge", "tcp_challenge_ack_limit"},
		{"synchronized/syn-challenge", "tcp_challenge_ack_limit"},
		{"synchronized/out-of-window", "tcp_invalid_ratelimit"},
		{"synchronized/ack-outside", "tcp_invalid_ratelimit"},
		{"synchronized/rst-outside", "number of a FIN"},
		{"closing/rst-of-fin", "tcp_reset_check"},
		{"closing/ack-out-of-order", "netstack"},
		{"syn-received/listener-closed", ""},
		{"syn-received/listener-gone", "netstack"},
		{"syn-received/orphaned", ""},
		{"syn-received/timeout-orphaned", ""},
		{"listen/syn-cookie", "tcp_syncookies"},
		{"listen/cookie-ack", ""},
		{"listen/cookie-ack-queue-full", ""},
		{"synchronized/from-before", "PAWS"},
		{"listen/accept-queue-full", "netstack"},
		{"listen/syn-queue-full", "tcp_syncookies"},
		{"syn-received/accept-queue-full", "netstack"},
		{"syn-received/syn-ack-not-enough", "netstack"},
		{"time-wait/rst-ignored", "netstack"},
		{"synchronized/early-fin-forgotten", "netstack"},
	} {
		r, ok := rules[c.rule]
		if !ok {
			t.Errorf("%s: no such rule", c.rule)
			continue
		}
		for _, word := range []string{"Linux", c.names} {
			if said := r.Reason + " " + r.RFC; !strings.Contains(said, word) {
				t.Errorf("%s does not name %q: %s", c.rule, word, said)
			}
		}
	}
}
