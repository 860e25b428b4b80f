package verify

import (
	"context"
	"strconv"
	"strings"

	"tcpviz/internal/lab"
	"tcpviz/internal/lesson"
)

// Part is a part of the matrix: what is done to the one segment.
type Part string

// The parts.
const (
	Plain     Part = "plain"     // nothing
	Drop      Part = "drop"      // it is lost
	Duplicate Part = "duplicate" // it arrives twice
	Swap      Part = "swap"      // it arrives after the next one of its direction
)

// Parts are all parts, in the order in which they are performed.
func Parts() []Part { return []Part{Plain, Drop, Duplicate, Swap} }

// act is what is done to the segment.
func (p Part) act() lab.Act {
	switch p {
	case Drop:
		return lab.Drop
	case Duplicate:
		return lab.Duplicate
	case Swap:
		return lab.Swap
	case Plain:
	}
	return lab.Deliver
}

// Lesson is a lesson to be performed.
type Lesson struct {
	lesson.Lesson
	Name string // as tcpviz demo is given it: its id, or the path of its file
}

// Run is one performance.
type Run struct {
	Stage   string
	Part    Part
	Lesson  string // Lesson.Name
	Segment int    // number of the frame that is disturbed; 0 in the plain part
}

// Command is the command line that performs the run again and shows it as text. On
// loopback and wire the stack is a real kernel, whose timers and threads need not
// do the same twice.
func (r Run) Command() string {
	words := []string{"tcpviz", "demo", quoted(r.Lesson), "--stage", r.Stage}
	if r.Part != Plain {
		words = append(words, "--"+string(r.Part), strconv.Itoa(r.Segment))
	}
	return strings.Join(append(words, "--output", "text"), " ")
}

// verdict does to the run's segment what the part says, and tells whether it has
// come at all. It is nil in the plain part.
func (r Run) verdict(came *bool) func(context.Context, lab.Packet) lab.Verdict {
	if r.Part == Plain {
		return nil
	}
	return func(_ context.Context, p lab.Packet) lab.Verdict {
		if p.Frame.Number != r.Segment || *came {
			return p.Lesson
		}
		*came = true
		return lab.Verdict{Act: r.Part.act(), ByUser: true}
	}
}

// quoted gives a word as a shell reads it.
func quoted(word string) string {
	plain := func(c rune) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-_./,+@%:", c)
	}
	if word != "" && strings.IndexFunc(word, func(c rune) bool { return !plain(c) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
