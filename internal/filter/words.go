package filter

import (
	"maps"
	"slices"
	"strings"

	"tcpviz/fsm"
)

// Word is one line of the language: a form, in which capitals stand for what is
// to be filled in, and what it selects.
type Word struct{ Form, Help string }

// Words gives the language as a table, for help texts.
func Words() []Word {
	return []Word{
		{"host ADDRESS", "the address is at either end; src host, dst host: it has sent, it was sent to"},
		{"net NET", "10.0.0.0/8, 10.1, 2001:db8::/32; net 10.0.0.0 mask 255.0.0.0; with src or dst"},
		{"port PORT", "either port: 80, http; with src or dst; several: port 80 or 443"},
		{"portrange PORT-PORT", "a port from the first to the last: portrange 6000-6008"},
		{"ADDRESS", "an address, a net, or an address and a port: 10.0.0.1, 10.0.0.0/8, 10.0.0.1:80, [::1]:80"},
		{"ip", "IPv4; ip6: IPv6; tcp: everything; also before the words above: tcp port 80"},
		{"tcp[tcpflags] & FLAG != 0", "a segment has that flag: tcp-fin, tcp-syn, tcp-rst, tcp-push, tcp-ack, tcp-urg, tcp-ece, tcp-cwr, joined by |; = != < > <= >="},
		{"STATE", "one end is in that state: syn-sent, established, time-wait; state:closing,last-ack"},
		{"client:STATE", "the client is in that state; server:STATE"},
		{"client:ADDRESS", "the client has that address, net or port; server:80, server:10.0.0.1:80"},
		{"outcome:OUTCOME", "Zeek's conn_state, or several: outcome:REJ,S0; alone: REJ (" + strings.Join(fsm.Outcomes(), " ") + ")"},
		{"anomaly", "anything unusual; anomalies>10"},
		{"ANOMALY", "Wireshark's tcp.analysis: retransmission, duplicate_ack, zero_window; retransmission>3"},
		{"complete", "the handshake and an end were captured; incomplete; completeness=31: Wireshark's tcp.completeness"},
		{"segments>10", "segments of both sides: = != < > <= >=, and k, M, G for thousands, millions, billions"},
		{"bytes>=1M", "payload octets of both sides, repeated ones too"},
		{"duration>1.5s", "from the first segment to the last: ns, us, ms, s, m, h"},
		{"#17", "connection 17; conn:17"},
		{"not, and, or, ( )", "also ! && ||; not binds tightest, and and or bind equally, from the left; two conditions side by side: and"},
	}
}

// onlyTCP, below and others are what tcpdump knows and tcpviz does not.
var (
	onlyTCP = []string{
		"udp", "sctp", "icmp", "icmp6", "igmp", "igrp", "pim", "vrrp", "carp", "ah", "esp", "arp", "rarp",
		"atalk", "aarp", "decnet", "iso", "stp", "ipx", "netbeui", "lat", "moprc", "mopdl", "clnp", "esis", "isis",
	}
	below = []string{
		"ether", "fddi", "tr", "wlan", "link", "ppp", "slip", "radio", "vlan", "mpls", "pppoed", "pppoes",
		"geneve", "vxlan", "llc", "gateway", "broadcast", "multicast", "type", "subtype", "dir", "lane", "vpi", "vci",
	}
	lengths = []string{"len", "length", "less", "greater"}
	others  = []string{"proto", "protochain", "byte", "inbound", "outbound", "ifindex", "ifname", "ruleset", "rulenum", "reason", "action"}
)

// unsupported says of tcpdump's other words why they select nothing here.
var unsupported = func() map[string]string {
	problems := make(map[string]string)
	for _, w := range onlyTCP {
		problems[w] = notSupported(w + ", since only TCP is shown here")
	}
	for _, w := range below {
		problems[w] = notSupported("what carries the IP packets")
	}
	for _, w := range lengths {
		problems[w] = notSupported("the length of a packet; bytes>1000 asks for a connection's payload")
	}
	for _, w := range others {
		problems[w] = notSupported(w)
	}
	return problems
}()

func notSupported(what string) string { return "not supported: " + what }

// vocabulary gives the words with which a condition may begin.
func vocabulary() []string {
	words := slices.Concat(qualifierWords, stateNames(), anomalyNames(), fsm.Outcomes())
	return append(words, "and", "or", "not", "anomaly", "anomalies", "complete", "incomplete", "completeness",
		"segments", "bytes", "duration", "state:", "outcome:", "client:", "server:")
}

func serviceNames() []string { return slices.Sorted(maps.Keys(services)) }

// didYouMean gives "; did you mean retransmission?" for a word that is nearly one
// of those that are known, and else nothing.
func didYouMean(text string, known []string) string {
	const most = 40 // characters: no word is as long
	text = strings.ReplaceAll(lower(text), "-", "_")
	if len(text) < 3 || len(text) > most {
		return ""
	}
	best, nearest := 1+min(len(text)/3, 3), ""
	for _, k := range known {
		like := strings.ReplaceAll(lower(k), "-", "_")
		d := distance(text, like)
		if strings.HasPrefix(like, text) {
			d = min(d, 1)
		}
		if d < best {
			best, nearest = d, k
		}
	}
	if nearest == "" {
		return ""
	}
	return "; did you mean " + nearest + "?"
}

// distance counts how many letters must be put in, taken out, changed, or swapped
// with the next one to get from a to b.
func distance(a, b string) int {
	var before, last []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before, last, row = last, row, make([]int, len(b)+1)
		row[0] = i + 1
		for j := range len(b) {
			changed := last[j]
			if a[i] != b[j] {
				changed++
			}
			row[j+1] = min(changed, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
	}
	return row[len(b)]
}
