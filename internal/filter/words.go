package filter

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
	"tcpviz/internal/spelling"
)

// Word is one line of the language: a form, in which capitals stand for what is
// to be filled in, and what it selects.
type Word struct{ Form, Help lang.Phrase }

// Words gives the words of a filter as a table, for help texts.
func Words() []Word {
	return []Word{
		{lang.Phrasef("host ADDRESS"), lang.Phrasef("the address is at either end; src host, dst host: it has sent, it was sent to")},
		{lang.Phrasef("net NET"), lang.Phrasef("10.0.0.0/8, 10.1, 2001:db8::/32; net 10.0.0.0 mask 255.0.0.0; with src or dst")},
		{lang.Phrasef("port PORT"), lang.Phrasef("either port: 80, http; with src or dst; several: port 80 or 443")},
		{lang.Phrasef("portrange PORT-PORT"), lang.Phrasef("a port from the first to the last: portrange 6000-6008")},
		{lang.Phrasef("ADDRESS"), lang.Phrasef("an address, a net, or an address and a port: 10.0.0.1, 10.0.0.0/8, 10.0.0.1:80, [::1]:80")},
		{lang.Phrasef("ip"), lang.Phrasef("IPv4; ip6: IPv6; tcp: everything; also before the words above: tcp port 80")},
		{lang.Phrasef("tcp[tcpflags] & FLAG != 0"), lang.Phrasef("a segment has that flag: tcp-fin, tcp-syn, tcp-rst, tcp-push, tcp-ack, tcp-urg, tcp-ece, tcp-cwr, joined by |; = != < > <= >=")},
		{lang.Phrasef("STATE"), lang.Phrasef("one end is in that state: syn-sent, established, time-wait; state:closing,last-ack")},
		{lang.Phrasef("client:STATE"), lang.Phrasef("the client is in that state; server:STATE")},
		{lang.Phrasef("client:ADDRESS"), lang.Phrasef("the client has that address, net or port; server:80, server:10.0.0.1:80")},
		{lang.Phrasef("outcome:OUTCOME"), lang.Phrasef("Zeek's conn_state, or several: outcome:REJ,S0; alone: REJ (%s)", strings.Join(fsm.Outcomes(), " "))},
		{lang.Phrasef("anomaly"), lang.Phrasef("anything unusual; anomalies>10")},
		{lang.Phrasef("ANOMALY"), lang.Phrasef("Wireshark's tcp.analysis: retransmission, duplicate_ack, zero_window; retransmission>3")},
		{lang.Phrasef("complete"), lang.Phrasef("the handshake and an end were captured; incomplete; completeness=31: Wireshark's tcp.completeness")},
		{lang.Phrasef("segments>10"), lang.Phrasef("segments of both sides: = != < > <= >=, and k, M, G for thousands, millions, billions")},
		{lang.Phrasef("bytes>=1M"), lang.Phrasef("payload octets of both sides, repeated ones too")},
		{lang.Phrasef("duration>1.5s"), lang.Phrasef("from the first segment to the last: ns, us, ms, s, m, h")},
		{lang.Phrasef("#17"), lang.Phrasef("connection 17; conn:17")},
		{lang.Phrasef("not, and, or, ( )"), lang.Phrasef("also ! && ||; not binds tightest, and and or bind equally, from the left; two conditions side by side: and")},
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
var unsupported = func() map[string]lang.Phrase {
	problems := make(map[string]lang.Phrase)
	for _, w := range onlyTCP {
		problems[w] = lang.Phrasef("not supported: %s, since only TCP is shown here", w)
	}
	for _, w := range below {
		problems[w] = lang.Phrasef("not supported: what carries the IP packets")
	}
	for _, w := range lengths {
		problems[w] = lang.Phrasef("not supported: the length of a packet; bytes>1000 asks for a connection's payload")
	}
	for _, w := range others {
		problems[w] = lang.Phrasef("not supported: %s", w)
	}
	return problems
}()

// vocabulary gives the words with which a condition may begin.
func vocabulary() []string {
	words := slices.Concat(qualifierWords, stateNames(), anomalyNames(), fsm.Outcomes())
	return append(words, "and", "or", "not", "anomaly", "anomalies", "complete", "incomplete", "completeness",
		"segments", "bytes", "duration", "state:", "outcome:", "client:", "server:")
}

func serviceNames() []string { return slices.Sorted(maps.Keys(services)) }

// didYouMean gives "; did you mean retransmission?" for a word that is nearly one
// of those that are known, and else nothing.
func didYouMean(text string, known []string) lang.Phrase {
	if near := nearest(text, known); near != "" {
		return lang.Phrasef("; did you mean %s?", near)
	}
	return lang.Phrase{}
}

// nearest gives the known word that a text nearly is, "" when there is none.
func nearest(text string, known []string) string {
	const most = 40 // letters: no word is as long
	text = strings.ReplaceAll(lower(text), "-", "_")
	letters := utf8.RuneCountInString(text)
	if letters < 3 || letters > most {
		return ""
	}
	best, found := 1+min(letters/3, 3), ""
	for _, k := range known {
		like := strings.ReplaceAll(lower(k), "-", "_")
		d := spelling.Distance(text, like)
		if strings.HasPrefix(like, text) {
			d = min(d, 1)
		}
		if d < best {
			best, found = d, k
		}
	}
	return found
}
