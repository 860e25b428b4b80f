package lesson

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// Error is what is wrong with a lesson file, and where.
type Error struct {
	File string // the name that Parse was given, without its folder
	Line int    // from 1; 0 when it is the file as a whole
	Err  error
}

// Error gives the file, the line and the reason in one line.
func (e *Error) Error() string {
	format, args := e.Said()
	return fmt.Sprintf(format, args...)
}

// Said implements [lang.Sayable].
func (e *Error) Said() (format string, args []any) {
	if e.Line == 0 {
		return "lesson: %s: %v", []any{e.File, e.Err}
	}
	return "lesson: %s:%d: %v", []any{e.File, e.Line, e.Err}
}

// Unwrap gives the reason.
func (e *Error) Unwrap() error { return e.Err }

// Parse reads a lesson file; name is the file's, for its errors, which are of
// type [*Error]. What it gives is valid ([Lesson.Validate]).
func Parse(name string, data []byte) (Lesson, error) {
	r := reader{file: printable(filepath.Base(name))}
	l := r.lesson(data)
	if r.err != nil {
		return Lesson{}, r.err
	}
	if err := l.Validate(); err != nil {
		wrong := &Error{Err: err}
		errors.As(err, &wrong)
		wrong.File = r.file
		return Lesson{}, wrong
	}
	return l, nil
}

// reader walks the nodes of a file; it keeps the first error and then does nothing more.
type reader struct {
	file   string
	octets int // of all texts of calls so far
	err    error
}

func (r *reader) fail(line int, format string, args ...any) {
	if r.err == nil {
		r.err = &Error{File: r.file, Line: line, Err: lang.Errorf(format, args...)}
	}
}

func (r *reader) lesson(data []byte) (l Lesson) {
	if len(data) > maxFile {
		r.fail(0, "the file is too large (%d octets, at most %d)", len(data), maxFile)
		return l
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document, second yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		r.fail(0, "the file is empty")
		return l
	case err != nil:
		r.syntax(err)
		return l
	}
	if err := decoder.Decode(&second); err == nil {
		r.fail(second.Line, "a second document: one file holds one lesson")
		return l
	} else if !errors.Is(err, io.EOF) {
		r.syntax(err)
		return l
	}
	top := document.Content[0]
	r.fields(top, "a lesson", map[string]func(key, value *yaml.Node){
		"id":       func(_, v *yaml.Node) { l.ID = r.scalar(v) },
		"title":    func(_, v *yaml.Node) { l.Title = r.text(v) },
		"summary":  func(_, v *yaml.Node) { l.Summary = r.text(v) },
		"programs": func(_, v *yaml.Node) { l.Programs = r.programs(v) },
		"steps":    func(_, v *yaml.Node) { l.Steps = r.steps(v) },
		"ends":     func(_, v *yaml.Node) { l.Ends = r.ends(v) },
		"see":      func(_, v *yaml.Node) { l.See = r.states(v) },
		"retry":    func(_, v *yaml.Node) { l.Retry = r.number(v) },
		"stages": func(_, v *yaml.Node) {
			for _, item := range r.items(v, "stages") {
				l.Stages = append(l.Stages, r.scalar(item))
			}
		},
	})
	r.sides(&l)
	l.resolveHosts()
	return l
}

// syntax reports an error of the YAML library with its line where ours stands.
func (r *reader) syntax(err error) {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 0
	if rest, ok := strings.CutPrefix(text, "line "); ok {
		number, reason, _ := strings.Cut(rest, ": ")
		if n, err := strconv.Atoi(number); err == nil {
			line, text = n, reason
		}
	}
	format := "%s"
	if strings.Contains(text, "mapping values are not allowed") {
		format = "%s (a call that holds \": \" must stand in single quotes)"
	}
	r.fail(line, format, printable(text))
}

// fields calls the function of each key of a mapping; one that is not there, or
// stands twice, is an error.
func (r *reader) fields(n *yaml.Node, what lang.Term, known map[string]func(key, value *yaml.Node)) {
	r.pairs(n, what, func(key, value *yaml.Node) {
		if f, ok := known[key.Value]; ok {
			f(key, value)
			return
		}
		r.fail(key.Line, "unknown key %q", shorten(key.Value))
	})
}

// pairs calls f for each key of a mapping, in order.
func (r *reader) pairs(n *yaml.Node, what lang.Term, f func(key, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		r.fail(n.Line, "%s must be a mapping (key: value), found %s", what, kindOf(n))
		return
	}
	seen := make(map[string]bool)
	for i := 0; i+1 < len(n.Content) && r.err == nil; i += 2 {
		key := n.Content[i]
		if name := r.scalar(key); seen[name] {
			r.fail(key.Line, "key %q stands twice", shorten(name))
		} else if r.err == nil {
			seen[name] = true
			f(key, n.Content[i+1])
		}
	}
}

// items gives the entries of a list.
func (r *reader) items(n *yaml.Node, what lang.Term) []*yaml.Node {
	if n.Kind != yaml.SequenceNode {
		r.fail(n.Line, "%s must be a list (- entry), found %s", what, kindOf(n))
		return nil
	}
	return n.Content
}

func (r *reader) scalar(n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		r.fail(n.Line, "expected a text, found %s", kindOf(n))
		return ""
	}
	return n.Value
}

func (r *reader) number(n *yaml.Node) int {
	v, err := strconv.Atoi(r.scalar(n))
	if err != nil {
		r.fail(n.Line, "expected a number, found %q", shorten(n.Value))
	}
	return v
}

// kindOf says what stands at a node.
func kindOf(n *yaml.Node) lang.Term {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Kind == yaml.AliasNode:
		return "an alias (lessons have none)"
	case n.Tag == "!!null":
		return "nothing"
	}
	return lang.Term(strconv.Quote(shorten(n.Value)))
}

// text reads a text in two languages, or one text for both.
func (r *reader) text(n *yaml.Node) (t story.Text) {
	if n.Kind == yaml.ScalarNode {
		t.EN = r.prose(n)
		return t
	}
	r.fields(n, "a text", map[string]func(key, value *yaml.Node){
		"en": func(_, v *yaml.Node) { t.EN = r.prose(v) },
		"zh": func(_, v *yaml.Node) { t.ZH = r.prose(v) },
	})
	return t
}

// prose reads text that will be shown on a terminal: one line, no control characters.
func (r *reader) prose(n *yaml.Node) string {
	s := strings.ReplaceAll(strings.TrimSpace(r.scalar(n)), "\n", " ")
	if printable(s) != s {
		r.fail(n.Line, "a control character in the text")
	}
	return s
}

// printable replaces what a terminal would obey, and what hides or turns text
// around, instead of showing it.
func printable(s string) string {
	return strings.Map(func(c rune) rune {
		if c == ' ' || unicode.IsPrint(c) || c == '\u3000' {
			return c
		}
		return '?'
	}, s)
}

func (r *reader) programs(n *yaml.Node) (programs []Program) {
	r.pairs(n, "programs", func(key, value *yaml.Node) {
		p := Program{Name: key.Value}
		var ok bool
		if p.Side, ok = parseSide(r.scalar(value)); !ok {
			r.fail(value.Line, "program %s: the side is client or server, not %q", shorten(p.Name), shorten(value.Value))
		}
		programs = append(programs, p)
	})
	return programs
}

func (r *reader) steps(n *yaml.Node) (steps []Step) {
	for _, item := range r.items(n, "steps") {
		if r.err != nil {
			break
		}
		steps = append(steps, r.step(item))
	}
	return steps
}

// step reads "PROGRAM: call" with say and then, or together with say; what is done
// to the wire and to hosts may stand beside it, or alone.
func (r *reader) step(n *yaml.Node) Step {
	s := Step{Line: n.Line}
	var then []Call
	thenLine := 0
	r.pairs(n, "a step", func(key, value *yaml.Node) {
		switch key.Value {
		case "say":
			s.Say = r.text(value)
		case "wire":
			for _, item := range r.some(value, "wire") {
				s.Wire = append(s.Wire, r.wire(item))
			}
		case "reboot":
			for _, item := range r.some(value, "reboot") {
				s.Reboot = append(s.Reboot, r.side(item))
			}
		case "then":
			then, thenLine = r.calls(value), key.Line
		case "together":
			if len(s.Acts) > 0 {
				r.fail(key.Line, "a step is one program's call, or together; not both")
			}
			for _, item := range r.items(value, "together") {
				s.Acts = append(s.Acts, r.act(item))
			}
			if len(s.Acts) < 2 {
				r.fail(key.Line, "together needs the calls of two programs or more")
			}
		default:
			if len(s.Acts) > 0 {
				r.fail(key.Line, "unknown key %q (a step is one program's call, with say and then)", shorten(key.Value))
				return
			}
			s.Acts = []Act{{Program: key.Value, Calls: []Call{r.call(value)}}}
		}
	})
	switch {
	case r.err != nil:
	case len(s.Acts) == 0 && thenLine != 0:
		r.fail(thenLine, "then belongs to a step of one program")
	case len(s.Acts) == 0 && len(s.Wire) == 0 && len(s.Reboot) == 0:
		r.fail(n.Line, "the step has no call")
	case len(s.Acts) == 0:
	case thenLine != 0 && len(s.Acts) > 1:
		r.fail(thenLine, "then belongs to a step of one program")
	default:
		s.Acts[0].Calls = append(s.Acts[0].Calls, then...)
	}
	return s
}

func (r *reader) act(n *yaml.Node) (a Act) {
	r.pairs(n, "an entry of together", func(key, value *yaml.Node) {
		if a.Program != "" {
			r.fail(key.Line, "unknown key %q (an entry of together is one program's call)", shorten(key.Value))
			return
		}
		a = Act{Program: key.Value, Calls: []Call{r.call(value)}}
	})
	if a.Program == "" {
		r.fail(n.Line, "an entry of together has no call")
	}
	return a
}

// calls reads one call or a list of them.
func (r *reader) calls(n *yaml.Node) (calls []Call) {
	for _, item := range r.some(n, "then") {
		calls = append(calls, r.call(item))
	}
	return calls
}

// some gives the entries of a list, or what stands alone.
func (r *reader) some(n *yaml.Node, what lang.Term) []*yaml.Node {
	if n.Kind == yaml.ScalarNode {
		return []*yaml.Node{n}
	}
	return r.items(n, what)
}

func (r *reader) wire(n *yaml.Node) WireAct {
	source := r.scalar(n)
	if r.err != nil {
		return WireAct{}
	}
	w, err := parseWire(n.Line, source)
	if err != nil {
		r.fail(n.Line, "wire: %w", err)
	}
	return w
}

func (r *reader) side(n *yaml.Node) fsm.Side {
	side, ok := parseSide(r.scalar(n))
	if !ok {
		r.fail(n.Line, "the side is client or server, not %q", shorten(n.Value))
	}
	return side
}

func (r *reader) call(n *yaml.Node) Call {
	source := r.scalar(n)
	if r.err != nil {
		return Call{}
	}
	c, err := parseCall(n.Line, source)
	if err != nil {
		r.fail(n.Line, "%w", err)
	}
	if r.octets += len(c.Data) + len(c.Want.Data); r.octets > maxOctets {
		r.fail(n.Line, "the texts of the lesson's calls are too long (at most %d octets together)", maxOctets)
	}
	return c
}

// ends reads the promises; which side each is on is filled in by sides.
func (r *reader) ends(n *yaml.Node) (ends []End) {
	for _, item := range r.items(n, "ends") {
		e := End{Line: item.Line}
		i := 0
		r.pairs(item, "an entry of ends", func(key, value *yaml.Node) {
			if i == len(e.Of) {
				r.fail(key.Line, "a connection has two ends")
				return
			}
			e.Of[i] = Promise{Program: key.Value, State: r.state(value)}
			i++
		})
		ends = append(ends, e)
	}
	return ends
}

// sides puts each promise in the place of its program's side.
func (r *reader) sides(l *Lesson) {
	for i, e := range l.Ends {
		var sorted [2]Promise
		for _, p := range e.Of {
			if p.Program == "" {
				continue
			}
			program, known := l.Program(p.Program)
			switch {
			case !known:
				r.fail(e.Line, "unknown program %q", shorten(p.Program))
			case sorted[program.Side].Program != "":
				r.fail(e.Line, "%s and %s are on the same side", sorted[program.Side].Program, p.Program)
			}
			sorted[program.Side] = p
		}
		l.Ends[i].Of = sorted
	}
}

func (r *reader) states(n *yaml.Node) (states []fsm.State) {
	for _, item := range r.items(n, "see") {
		states = append(states, r.state(item))
	}
	return states
}

func (r *reader) state(n *yaml.Node) fsm.State {
	name := r.scalar(n)
	s, ok := fsm.ParseState(name)
	if !ok {
		r.fail(n.Line, "unknown state %q (RFC 9293's names: ESTABLISHED, FIN-WAIT-1, TIME-WAIT, …)", shorten(name))
	}
	return s
}
