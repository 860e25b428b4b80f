package reference_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"tcpviz/fsm"
	"tcpviz/internal/reference"
	"tcpviz/internal/story"
)

// wants holds that there is an entry of that kind under that name.
func wants(t *testing.T, k reference.Kind, name string) {
	t.Helper()
	if _, ok := reference.FindIn(k, name); !ok {
		t.Errorf("nothing is said of the %s %s", k, name)
	}
}

// All that the program can show is in the reference: each list here is the program's own.
func TestTheReferenceIsComplete(t *testing.T) {
	for s := range fsm.StateCount {
		wants(t, reference.State, fsm.State(s).String())
	}
	for bit := range 8 {
		wants(t, reference.Flag, fsm.Flags(1<<bit).Names(false))
		wants(t, reference.Flag, "tcp.flags."+map[int]string{0: "fin", 1: "syn", 2: "reset", 3: "push", 4: "ack", 5: "urg", 6: "ece", 7: "cwr"}[bit])
	}
	wants(t, reference.Flag, "SYN-ACK")
	anomalies := 0
	for name := range fsm.Anomaly(0xffff).Names() {
		wants(t, reference.Anomaly, name)
		wants(t, reference.Anomaly, "tcp.analysis."+name)
		anomalies++
	}
	if got := len(reference.Of(reference.Anomaly)); got != anomalies {
		t.Errorf("%d anomalies in the reference, %d in the model", got, anomalies)
	}
	timers := 0
	for timer := fsm.NoTimer + 1; story.TimerName(timer) != ""; timer++ {
		wants(t, reference.Timer, story.TimerName(timer)+" timer")
		timers++
	}
	if got := len(reference.Of(reference.Timer)); got != timers {
		t.Errorf("%d timers in the reference, %d in the model", got, timers)
	}
	for _, code := range fsm.Outcomes() {
		wants(t, reference.Outcome, code)
	}
}

// The calls, options and errors are those that the packages' own source names.
func TestTheReferenceKnowsWhatLessonsCan(t *testing.T) {
	calls := 0
	for _, name := range constants(t, "../lesson/lesson.go", "Op") {
		wants(t, reference.Call, name)
		wants(t, reference.Call, name+"()")
		calls++
	}
	if got := len(reference.Of(reference.Call)); got != calls || calls == 0 {
		t.Errorf("%d calls in the reference, %d in lessons", got, calls)
	}
	options := literals(t, "../lesson/call.go", regexp.MustCompile(`^(SO|TCP)_[A-Z0-9_]+$`))
	for name := range options {
		wants(t, reference.SocketOption, name)
	}
	if got := len(reference.Of(reference.SocketOption)); got != len(options) || got == 0 {
		t.Errorf("%d socket options in the reference, %d in lessons", got, len(options))
	}
	for _, name := range constants(t, "../sim/errno.go", "Errno") {
		if name != "EDEADLK" { // a thread in two calls at once, which no lesson can make
			wants(t, reference.Errno, name)
		}
	}
	words, err := filepath.Glob("../story/*.go")
	if err != nil {
		t.Fatal(err)
	}
	known := 0
	for _, path := range words {
		for name := range literals(t, path, regexp.MustCompile(`^E[A-Z]{3,}$`)) {
			wants(t, reference.Errno, name)
			known++
		}
	}
	if known == 0 {
		t.Error("package story explains no error any more")
	}
}

// constants gives the texts of a file's constants of that type.
func constants(t *testing.T, path, typeName string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if name, ok := spec.Type.(*ast.Ident); ok && name.Name == typeName {
			for _, v := range spec.Values {
				all = append(all, text(t, v))
			}
		}
		return true
	})
	if len(all) == 0 {
		t.Fatalf("%s has no constants of the type %s", path, typeName)
	}
	return all
}

// literals gives the texts in a file's code that match.
func literals(t *testing.T, path string, wanted *regexp.Regexp) map[string]bool {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]bool)
	ast.Inspect(file, func(n ast.Node) bool {
		if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING && wanted.MatchString(text(t, l)) {
			all[text(t, l)] = true
		}
		return true
	})
	return all
}

func text(t *testing.T, e ast.Expr) string {
	t.Helper()
	l, ok := e.(*ast.BasicLit)
	if !ok {
		t.Fatalf("%v is no text", e)
	}
	s, err := strconv.Unquote(l.Value)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
