package reference

import (
	"slices"
	"strings"
	"unicode"

	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// Kind says what an entry is about.
type Kind uint8

// The kinds, in the order in which the reference lists them.
const (
	State Kind = iota
	Flag
	Field        // of the headers of TCP, IP and the link
	Option       // in a TCP header
	Call         // a socket call
	SocketOption // what setsockopt sets
	Errno        // the error of a call
	Anomaly      // Wireshark's tcp.analysis
	Timer
	Outcome // Zeek's conn_state, and the completeness
	Term
	kindCount
)

// kinds has, for each kind, its name for machines, which is its file's too, and the
// heading of its list. Nothing writes to it.
var kinds = [kindCount]struct{ name, heading string }{
	State:        {"state", "states"},
	Flag:         {"flag", "flags"},
	Field:        {"field", "header fields"},
	Option:       {"option", "TCP options"},
	Call:         {"call", "socket calls"},
	SocketOption: {"sockopt", "socket options"},
	Errno:        {"errno", "errors of calls"},
	Anomaly:      {"anomaly", "anomalies"},
	Timer:        {"timer", "timers"},
	Outcome:      {"outcome", "outcomes"},
	Term:         {"term", "terms"},
}

// String gives the kind's name for machines: "state".
func (k Kind) String() string { return kinds[k%kindCount].name }

// Heading names a list of such entries in English: "states". The catalogue of package
// lang has it in the other languages.
func (k Kind) Heading() string { return kinds[k%kindCount].heading }

// Kinds gives all kinds in their order.
func Kinds() []Kind {
	all := make([]Kind, kindCount)
	for i := range all {
		all[i] = Kind(i)
	}
	return all
}

// Entry says what one thing is.
type Entry struct {
	Kind    Kind
	Name    story.Text // as the standard spells it; the same in both languages where it is not translated
	Also    []string   // other spellings: Linux's, ss's, Wireshark's, Chinese ones
	Title   story.Text // what it is in a few words
	Text    story.Text // what it is in two or three sentences
	Sources []string   // who says so, the most important first: "RFC 9293 §3.6.1", "POSIX connect()"
	Lessons []string   // the ids of built-in lessons that show it, the best first
}

// names gives all spellings of the entry's name, the standard's first.
func (e *Entry) names() []string {
	all := []string{e.Name.EN}
	if e.Name.ZH != e.Name.EN {
		all = append(all, e.Name.ZH)
	}
	return append(all, e.Also...)
}

// AlsoIn gives the other spellings that say something to a reader of the language: in
// English none that is written in Chinese; in Chinese the English name too. A call without
// its parentheses is no other spelling.
func (e Entry) AlsoIn(l lang.Language) []string {
	var all []string
	for _, name := range e.names() {
		chinese := strings.ContainsFunc(name, func(r rune) bool { return unicode.Is(unicode.Han, r) })
		if name != e.Name.In(l) && name+"()" != e.Name.EN && (l == lang.Chinese || !chinese) {
			all = append(all, name)
		}
	}
	return all
}

// All gives all entries, by kinds; within a kind in the order that is best to read.
func All() []Entry { return slices.Clone(entries()) }

// Of gives the entries of one kind.
func Of(k Kind) []Entry {
	var all []Entry
	for _, e := range entries() {
		if e.Kind == k {
			all = append(all, e)
		}
	}
	return all
}
