package code

import (
	"net/netip"
	"slices"
	"strings"

	"tcpviz/internal/lang"
	"tcpviz/internal/lesson"
)

// writer writes one program.
type writer struct {
	lesson   lesson.Lesson
	program  lesson.Program
	course   *course
	calls    []*node
	language Language
	in       lang.Language

	sockets   []bound  // by call
	variables []string // by socket
	used      []bool   // by socket: a later call works on it
	addresses map[netip.AddrPort]string
	filled    map[string]string // C: the variables of data that are filled in
	declared  map[string]bool   // Go, C: variables that are there

	out     Listing
	current int // the call that is written, -1 for none
}

func newWriter(l lesson.Lesson, p lesson.Program, c *course, language Language, in lang.Language) *writer {
	w := &writer{
		lesson: l, program: p, course: c, calls: c.calls, language: language, in: in,
		addresses: make(map[netip.AddrPort]string), filled: make(map[string]string), declared: make(map[string]bool),
		out: Listing{Program: p, Language: language}, current: -1,
	}
	w.nameSockets()
	w.nameAddresses()
	return w
}

// write writes the listing.
func (w *writer) write() Listing {
	w.out.Start = needsOf(w.lesson, w.course.start, nil)
	for _, n := range w.calls {
		w.out.Calls = append(w.out.Calls, Call{Call: n.call, Step: n.step})
	}
	switch w.language {
	case C:
		w.beginC()
	case Python:
		w.beginPython()
	case Go:
		w.beginGo()
	case PHP:
		w.beginPHP()
	}
	for i, n := range w.calls {
		w.current = i
		if w.isReboot(i) {
			w.comment(w.indent(), w.in.Text("Here the lesson reboots the host, and the program is started again."))
		}
		if len(n.waits) > 0 || n.answer || n.quiet > 0 {
			w.pause(Wait{Before: i, For: needsOf(w.lesson, n.waits, n.begun), Prompt: w.prompt(n)})
		}
		w.call(i)
	}
	w.current = -1
	if len(w.course.open) > 0 {
		w.pause(Wait{Before: len(w.calls), Prompt: w.in.Text("press Enter to end; the kernel then closes what is open: ")})
	}
	switch w.language {
	case C:
		w.line("    return 0;")
		w.line("}")
	case Go:
		w.line("}")
	}
	return w.out
}

func needsOf(l lesson.Lesson, nodes []*node, begun []bool) []Need {
	var all []Need
	for i, y := range nodes {
		all = append(all, Need{
			Program: l.Programs[y.of.index].Name, Call: y.index, Returned: len(begun) <= i || !begun[i],
		})
	}
	return all
}

// isReboot reports whether the program's host fails before the call.
func (w *writer) isReboot(call int) bool { return slices.Contains(w.course.reboots, call) }

// line writes a line; several where the text has several.
func (w *writer) line(text string) {
	for _, one := range strings.Split(text, "\n") {
		w.out.Lines = append(w.out.Lines, Line{Text: one, Call: w.current})
	}
}

// makes writes the line that makes the call.
func (w *writer) makes(text string) {
	w.out.Calls[w.current].Line = len(w.out.Lines)
	w.out.Lines = append(w.out.Lines, Line{Text: text, Call: w.current, Makes: true})
}

// indent is what the program's own lines begin with.
func (w *writer) indent() string { return [...]string{"    ", "", "\t", ""}[w.language] }

// pause makes the program wait for the Enter key.
func (w *writer) pause(at Wait) {
	w.out.Waits = append(w.out.Waits, at)
	text := w.text(at.Prompt)
	switch w.language {
	case C:
		w.line("    wait_for_enter(" + text + ");")
	case Python:
		w.line("input(" + text + ")")
	case Go:
		w.line("\twaitForEnter(" + text + ")")
	case PHP:
		w.line("echo " + text + ";\nfgets(STDIN);")
	}
}

// call writes a call and what becomes of its outcome.
func (w *writer) call(i int) {
	switch w.language {
	case C:
		w.callC(i)
	case Python:
		w.callPython(i)
	case Go:
		w.callGo(i)
	case PHP:
		w.callPHP(i)
	}
}

// fails reports whether the lesson wants an error of the call, and which; "": any.
func fails(c lesson.Call) (errno string, wanted bool) {
	return c.Want.Errno, c.Want.Stated && c.Want.Result < 0
}

// outcome is what is written of an error that was wanted.
func outcome(errno string) string { return strings.TrimSpace("-1 " + errno) }

// any reports whether some call of the program is like that.
func (w *writer) any(like func(c lesson.Call) bool) bool {
	return slices.ContainsFunc(w.calls, func(n *node) bool { return like(n.call) })
}

func (w *writer) makesCall(op lesson.Op) bool {
	return w.any(func(c lesson.Call) bool { return c.Op == op })
}

// pauses reports whether the program waits for the Enter key somewhere.
func (w *writer) pauses() bool {
	return len(w.course.open) > 0 || slices.ContainsFunc(w.calls, func(n *node) bool {
		return len(n.waits) > 0 || n.answer || n.quiet > 0
	})
}

// largest is the most octets that a recv of the program takes.
func (w *writer) largest() int {
	most := 1
	for _, n := range w.calls {
		if n.call.Op == lesson.Recv {
			most = max(most, n.call.Size)
		}
	}
	return most
}

// fill puts a list of lines around what the program needs of them.
func (w *writer) fill(lines []string) {
	for _, l := range lines {
		w.line(l)
	}
}
