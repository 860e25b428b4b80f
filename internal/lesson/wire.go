package lesson

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tcpviz/fsm"
	"tcpviz/internal/story"
)

// WireAct is what a step does to the wire, on the stages that hold it in their own hands:
// to a segment that is still to come, to all of them, or to time. At most one of
// Pause and Let is set; with neither, What is done to the segments that match.
type WireAct struct {
	Line   int
	Source string // as it is written in the file
	What   story.Impaired
	Match  Match
	Count  int           // how many matching segments it is done to; 0: one; -1: all from now on; with Let, how many are let go; 0: all
	For    time.Duration // of Delayed: how long; of a pause: how much time passes
	Pause  bool          // nothing is done to a segment: For passes
	Let    bool          // what was held so far is let go, and, unless Count is set, rules that go on (Count -1) end
}

// Match says which segments are meant. The zero value matches all.
type Match struct {
	From  fsm.Side
	Sided bool      // From counts
	Has   fsm.Flags // flags that it must have …
	Lacks fsm.Flags // … and must not have
	Data  bool      // it carries data
	Bare  bool      // it carries none
	Skip  int       // so many matching segments pass untouched before
}

// Matches reports whether a segment that this side sent is meant. It knows nothing
// of Skip: whoever applies the act counts.
func (m Match) Matches(from fsm.Side, s fsm.Segment) bool {
	switch {
	case m.Sided && from != m.From,
		!s.Flags.Has(m.Has), s.Flags&m.Lacks != 0,
		m.Data && s.Len == 0, m.Bare && s.Len != 0:
		return false
	}
	return true
}

// kind is a word of the grammar for the segments of a wire act.
type kind struct {
	word       string
	has, lacks fsm.Flags
	data, bare bool
}

// kinds are the words, one that begins with another before it. "segment" is
// written "segments" when there are several of them.
func kinds() []kind {
	return []kind{
		{word: "SYN ACK", has: fsm.SYN | fsm.ACK},
		{word: "SYN", has: fsm.SYN, lacks: fsm.ACK},
		{word: "ACK", has: fsm.ACK, lacks: fsm.SYN | fsm.FIN | fsm.RST, bare: true},
		{word: "FIN", has: fsm.FIN},
		{word: "RST", has: fsm.RST},
		{word: "data", data: true},
		{word: "segments"},
		{word: "segment"},
	}
}

const kindWords = "SYN, SYN ACK, ACK, FIN, RST, data or segment"

// everything is every segment, from now on.
const everything = "everything"

// verb is what an act does, in the file's words.
type verb struct {
	word string
	what story.Impaired
}

func verbs() []verb {
	return []verb{
		{"drop", story.Dropped},
		{"duplicate", story.Duplicated},
		{"delay", story.Delayed},
		{"swap", story.Swapped},
		{"hold", story.Held},
	}
}

// String gives the act in the grammar of the file: parsing it gives the act again.
func (w WireAct) String() string {
	switch {
	case w.Pause:
		return "wait " + timeText(w.For)
	case w.Let && w.Count > 0:
		return fmt.Sprintf("let %d go", w.Count)
	case w.Let:
		return "let go"
	}
	var b strings.Builder
	for _, v := range verbs() {
		if v.what == w.What {
			b.WriteString(v.word)
		}
	}
	word := ""
	for _, k := range kinds() {
		if k.has == w.Match.Has && k.lacks == w.Match.Lacks && k.data == w.Match.Data && k.bare == w.Match.Bare {
			word = k.word // of segments and segment the last one
		}
	}
	switch {
	case w.Count < 0 && word == "segment":
		word = everything
	case w.Count < 0:
		b.WriteString(" every")
	case w.Match.Skip > 0:
		b.WriteString(" " + ordinal(w.Match.Skip+1))
	case w.Count > 1:
		b.WriteString(" " + strconv.Itoa(w.Count))
		if word == "segment" {
			word = "segments"
		}
	}
	b.WriteString(" " + word)
	if w.Match.Sided {
		b.WriteString(" from " + w.Match.From.String())
	}
	if w.What == story.Delayed {
		b.WriteString(" " + timeText(w.For))
	}
	return b.String()
}

// SpeaksApart reports whether what a step says comes before something else than a
// call: a host fails, time passes, the wire lets go what it held, or the step only does
// something to the wire. A step that only prepares the wire for its own calls says it
// with the first of them.
func (s Step) SpeaksApart() bool {
	return len(s.Acts) == 0 || len(s.Reboot) > 0 ||
		slices.ContainsFunc(s.Wire, func(w WireAct) bool { return w.Pause || w.Let })
}

// Does gives what a step does to the wire and to hosts, in the grammar of the file:
// "reboot server", "drop SYN from client, wait 3s"; "" for nothing.
func (s Step) Does() string {
	var all []string
	for _, side := range s.Reboot {
		all = append(all, "reboot "+side.String())
	}
	for _, w := range s.Wire {
		all = append(all, w.String())
	}
	return strings.Join(all, ", ")
}

// ordinal gives 2nd, 3rd, 4th, 11th, 22nd.
func ordinal(n int) string {
	suffix := "th"
	if n/10%10 != 1 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return strconv.Itoa(n) + suffix
}

// timeText gives a time without the zeros that time.Duration writes: 1m, not 1m0s.
func timeText(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
