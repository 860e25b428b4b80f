package main

import (
	"errors"
	"fmt"
	"strings"

	"tcpviz/fsm"
	"tcpviz/internal/filter"
)

// filterHelp is what the help of each command that takes a filter says of it.
const filterHelp = `
A filter selects connections: the primitives of tcpdump (host, net, port, portrange,
src, dst, tcp[tcpflags], and, or, not, parentheses), and words such as syn-sent,
outcome:REJ or retransmission; ? in the dashboard lists all of them.`

// parseFilter reads the words of a filter. Where one is wrong, the second and third line
// of the message point at it.
func (p *program) parseFilter(words []string) (filter.Filter, error) {
	f, err := filter.Parse(strings.Join(words, " "))
	var wrong *filter.SyntaxError
	if errors.As(err, &wrong) {
		return f, usageError{pointingError{wrong}}
	}
	return f, err
}

// pointingError is a mistake in a filter with a picture of where it is.
type pointingError struct{ *filter.SyntaxError }

// shows gives what says whether a connection is shown; nil for all of them.
func shows(f filter.Filter) func(*fsm.Summary) bool {
	if f.Empty() {
		return nil
	}
	return f.Match
}

// noteUsage writes what was wrong in a call of the program.
func (p *program) noteUsage(err error) {
	p.noteError(err)
	var pointing pointingError
	if errors.As(err, &pointing) && isTerminal(p.stderr) {
		fmt.Fprintln(p.stderr, pointing.Caret(p.language()))
	}
}
