package fsm

import (
	"iter"
	"math/bits"
	"strings"
)

// Anomaly is what is unusual about a segment: a set of bits, each with the name
// and the meaning of a field of Wireshark's tcp.analysis. The zero value is
// "nothing unusual". Not all of it is a fault: a keep-alive is meant, and a
// window update is good news.
type Anomaly uint16

// The anomalies, in the order in which a set gives them: what says most first.
// As in Wireshark, a fast and a spurious retransmission are a [Retransmitted] too.
const (
	ReusedPorts Anomaly = 1 << iota
	FastRetransmitted
	SpuriouslyRetransmitted
	Retransmitted
	OutOfOrder
	LostSegment
	AckLostSegment
	KeepAlive
	KeepAliveAck
	ZeroWindowProbe
	ZeroWindowProbeAck
	DuplicateAck
	ZeroWindow
	WindowFull
	WindowUpdate
)

// Finding says in words what one anomaly is.
type Finding struct {
	Name   string // the field's name after "tcp.analysis.": "fast_retransmission"
	Reason string // one sentence for a student
	RFC    string // section of RFC 9293 ("3.8.1"), or another source named in full
}

// findings has an entry for each bit. Nothing writes to it.
var findings = [...]Finding{
	{"reused_ports", "A new initial sequence number between two ports that were in use before: as a rule another connection begins, and the earlier one is over.", "3.4.1"},
	{"fast_retransmission", "The other side's ACKs ask for just this segment, and it is sent again at once, without waiting for the retransmission timer.", "RFC 5681 section 3.2"},
	{"spurious_retransmission", "All of this has been acknowledged already, so sending it again was not needed: perhaps that ACK came late, or was lost.", "3.8.1"},
	{"retransmission", "These numbers were sent before: the sender repeats them, most often because no ACK came in time.", "3.8.1"},
	{"out_of_order", "This segment comes after later ones that were sent at nearly the same time: the network has changed their order, or it fills a gap that a loss has left.", "3.10.7.4"},
	{"lost_segment", "Numbers are missing before this segment: what carried them was lost, is late, or was not captured.", "3.10.7.4"},
	{"ack_lost_segment", "This acknowledges numbers that were never seen here: the segment that carried them is missing from the capture, not from the connection.", "3.10.7.4"},
	{"keep_alive", "The number just before the next one, and at most one byte: so a sender asks whether the other side is still there.", "3.8.4"},
	{"keep_alive_ack", "The answer to a keep-alive: the other side is still there.", "3.8.4"},
	{"zero_window_probe", "The other side has no room; one byte is sent to learn whether its window has opened.", "3.8.6.1"},
	{"zero_window_probe_ack", "The answer to a window probe: there is still no room.", "3.8.6.1"},
	{"duplicate_ack", "The same ACK again, with nothing new: most often something has arrived out of order or twice, and the ACK names what is still expected next.", "RFC 5681 section 2"},
	{"zero_window", "The receiver has no room left: until it opens its window again, no more data may be sent to it.", "3.8.6"},
	{"window_full", "This segment fills the other side's window to its edge: the sender must wait until more room is announced.", "3.8.6"},
	{"window_update", "Nothing new is acknowledged, only the window has changed: the program has read, or memory has become scarce.", "3.8.6"},
}

// Has reports whether all of want are in the set.
func (a Anomaly) Has(want Anomaly) bool { return a&want == want }

// Findings gives the anomalies of the set in their fixed order.
func (a Anomaly) Findings() iter.Seq[Finding] {
	return func(yield func(Finding) bool) {
		for a &= 1<<len(findings) - 1; a != 0; a &= a - 1 {
			if !yield(findings[bits.TrailingZeros16(uint16(a))]) {
				return
			}
		}
	}
}

// Names gives the names of the anomalies of the set in their fixed order.
func (a Anomaly) Names() iter.Seq[string] {
	return func(yield func(string) bool) {
		for f := range a.Findings() {
			if !yield(f.Name) {
				return
			}
		}
	}
}

// String gives the names with commas between them, "" for nothing unusual.
func (a Anomaly) String() string {
	var names []string
	for name := range a.Names() {
		names = append(names, name)
	}
	return strings.Join(names, ",")
}

// FindingOf gives the anomaly with that name.
func FindingOf(name string) (Finding, bool) {
	for _, f := range findings {
		if f.Name == name {
			return f, true
		}
	}
	return Finding{}, false
}

// AnomalyCounts counts the segments that have each anomaly. The zero value
// counts none.
type AnomalyCounts [len(findings)]uint32

// Add counts one segment's anomalies.
func (n *AnomalyCounts) Add(a Anomaly) {
	for a &= 1<<len(findings) - 1; a != 0; a &= a - 1 {
		n[bits.TrailingZeros16(uint16(a))]++
	}
}

// All gives the names that were counted and their numbers, in the fixed order.
func (n *AnomalyCounts) All() iter.Seq2[string, int] {
	return func(yield func(string, int) bool) {
		for i, count := range n {
			if count > 0 && !yield(findings[i].Name, int(count)) {
				return
			}
		}
	}
}
