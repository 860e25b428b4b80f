package code

import (
	"slices"
	"strings"

	"tcpviz/internal/lang"
	"tcpviz/internal/lesson"
)

// Language is a programming language.
type Language uint8

// The programming languages.
const (
	C Language = iota
	Python
	Go
	PHP
)

// Languages are all of them, in the order in which a key goes through them.
func Languages() []Language { return []Language{C, Python, Go, PHP} }

// String gives the language as it is asked for: "c", "python", "go" or "php".
func (l Language) String() string { return [...]string{"c", "python", "go", "php"}[l%4] }

// Name gives the language's name as it is written.
func (l Language) Name() string { return [...]string{"C", "Python", "Go", "PHP"}[l%4] }

// Extension gives the ending of a source file's name, with its dot.
func (l Language) Extension() string { return [...]string{".c", ".py", ".go", ".php"}[l%4] }

// Next gives the language after this one, and the first after the last.
func (l Language) Next() Language { return (l + 1) % 4 }

// Parse gives the language that is asked for by that name, and false for another name.
func Parse(name string) (Language, bool) {
	i := slices.IndexFunc(Languages(), func(l Language) bool { return l.String() == name })
	return Language(max(i, 0)), i >= 0
}

// Listing is the source of one program of a lesson.
type Listing struct {
	Program  lesson.Program
	Language Language
	Lines    []Line
	// Calls are the program's calls in the order in which it makes them.
	Calls []Call
	// Start are the calls of other programs that this one must be started after.
	Start []Need
	// Waits are where the program waits for the Enter key, in its order.
	Waits []Wait
}

// Line is one line of a listing.
type Line struct {
	Text string // without its end; tabs in Go
	// Call is the index in Listing.Calls of the call that the line belongs to, -1 for none.
	Call int
	// Makes tells that the call is made in this line: of a call's lines one.
	Makes bool
}

// Call is one call of a program, with its place in the lesson and in the listing.
type Call struct {
	lesson.Call
	Step int // index into Lesson.Steps
	Line int // index into Listing.Lines of the line that makes it
}

// Wait is a place where a program waits for the Enter key.
type Wait struct {
	Before int    // index of the call that it waits before; the number of calls: at the program's end
	For    []Need // the calls that it is for; empty where it waits for something else
	Prompt string // as it is written, without an end of line
}

// Need is a call of another program that must have happened.
type Need struct {
	Program  string
	Call     int  // index in that program's Listing.Calls
	Returned bool // it must have returned; otherwise it must have begun
}

// String gives the source, each line with its end.
func (l Listing) String() string {
	var b strings.Builder
	for _, line := range l.Lines {
		b.WriteString(line.Text)
		b.WriteByte('\n')
	}
	return b.String()
}

// Programs writes the programs of a lesson, with comments and prompts in the user's
// language. The lesson must be a valid one; a program that makes no call is left out.
func Programs(l lesson.Lesson, language Language, in lang.Language) []Listing {
	var all []Listing
	plan := newOrder(l)
	for i, p := range l.Programs {
		if len(plan.programs[i].calls) > 0 {
			all = append(all, newWriter(l, p, plan.programs[i], language, in).write())
		}
	}
	return all
}
