package code_test

import (
	"flag"
	"go/ast"
	"go/format"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tcpviz/internal/code"
	"tcpviz/internal/lang"
	"tcpviz/internal/lesson"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// lessons are the built-in ones, and one that asks for everything.
func lessons(t testing.TB) []lesson.Lesson { return append(lesson.All(), odd(t)) }

func odd(t testing.TB) lesson.Lesson {
	t.Helper()
	const file = "testdata/odd.yaml"
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	l, err := lesson.Parse(file, data)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func languages() []lang.Language { return []lang.Language{lang.English, lang.Chinese} }

// TestListings shows what the programs look like.
func TestListings(t *testing.T) {
	for _, id := range []string{"connection", "refused", "broken-pipe", "lost-syn"} {
		l, _ := lesson.Find(id)
		for _, language := range code.Languages() {
			for _, in := range languages() {
				for _, p := range code.Programs(l, language, in) {
					if in == lang.Chinese && id != "broken-pipe" {
						continue
					}
					name := id + "-" + p.Program.Name + "-" + in.String() + language.Extension()
					t.Run(name, func(t *testing.T) { golden(t, name+".txt", p.String()) })
				}
			}
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// TestEachCallIsMadeInOneLine holds that a listing makes the lesson's calls of its
// program, all of them, in their order, and knows in which line.
func TestEachCallIsMadeInOneLine(t *testing.T) {
	for _, l := range lessons(t) {
		for _, language := range code.Languages() {

			for _, p := range code.Programs(l, language, lang.English) {
				var wanted []lesson.Call
				for _, s := range l.Steps {
					for _, a := range s.Acts {
						if a.Program == p.Program.Name {
							wanted = append(wanted, a.Calls...)
						}
					}
				}
				var got []lesson.Call
				next := 0
				for n, line := range p.Lines {
					if strings.ContainsAny(line.Text, "\n\r") {
						t.Errorf("%s: line %d of %s in %s is several: %q", l.ID, n, p.Program.Name, language, line.Text)
					}
					if !line.Makes {
						continue
					}
					c := p.Calls[next]
					if line.Call != next || c.Line != n {
						t.Errorf("%s: line %d of %s in %s makes call %d, not %d", l.ID, n, p.Program.Name, language, line.Call, next)
					}
					if !strings.Contains(strings.ToLower(line.Text), word(language, c.Op)) {
						t.Errorf("%s: %q does not call %s", l.ID, line.Text, c.Op)
					}
					next++
					got = append(got, c.Call)
				}
				if diff := cmp.Diff(wanted, got, cmp.Comparer(func(a, b lesson.Call) bool { return a.Source == b.Source && a.Line == b.Line })); diff != "" {
					t.Errorf("%s: %s in %s (-want +got):\n%s", l.ID, p.Program.Name, language, diff)
				}

			}
		}
	}
}

// word is how a call is called in a language.
func word(l code.Language, op lesson.Op) string {
	switch {
	case l == code.Go && op == lesson.Send:
		return "sendmsgn("
	case l == code.Go && op == lesson.Recv:
		return "recvfrom("
	case l == code.Go && op == lesson.SetSockOpt:
		return "setsockopt"
	case l == code.PHP && op == lesson.Socket:
		return "socket_create"
	case l == code.PHP && op == lesson.SetSockOpt:
		return "set_option"
	}
	return string(op) + "("
}

// TestPausesAreForEarlierCalls holds that no program waits for what comes later in the
// lesson, which might never happen.
func TestPausesAreForEarlierCalls(t *testing.T) {
	for _, l := range lessons(t) {
		all := code.Programs(l, code.C, lang.English)
		for _, p := range all {
			for _, w := range p.Waits {
				for _, need := range w.For {
					for _, other := range all {
						if other.Program.Name == need.Program && other.Calls[need.Call].Step >= p.Calls[w.Before].Step {
							t.Errorf("%s: %s waits at %q for a call that comes later", l.ID, p.Program.Name, w.Prompt)
						}
					}
				}
			}
		}
	}
}

// TestGoIsWellFormed holds that the programs in Go are formatted as gofmt does it, and
// that their types are right.
func TestGoIsWellFormed(t *testing.T) {
	files := token.NewFileSet()
	imports := importer.ForCompiler(files, "gc", nil)
	for _, l := range lessons(t) {
		for _, in := range languages() {
			for _, p := range code.Programs(l, code.Go, in) {
				source := p.String()
				formatted, err := format.Source([]byte(source))
				if err != nil {
					t.Fatalf("%s: %v\n%s", l.ID, err, source)
				}
				if diff := cmp.Diff(string(formatted), source); diff != "" {
					t.Errorf("%s: %s (-gofmt +got):\n%s", l.ID, p.Program.Name, diff)
				}
				file, err := parser.ParseFile(files, l.ID+"-"+p.Program.Name+".go", source, 0)
				if err != nil {
					t.Fatal(err)
				}
				config := types.Config{Importer: imports}
				if _, err := config.Check("main", files, []*ast.File{file}, nil); err != nil {
					t.Errorf("%s: %v\n%s", l.ID, err, source)
				}
			}
		}
	}
}

// TestCompilersTakeThem gives the programs of all lessons, those that need a wire of
// their own too, to the compilers that are here.
func TestCompilersTakeThem(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles some hundred programs")
	}
	check := map[code.Language][]string{
		code.C:      {"gcc", "-fsyntax-only", "-Wall", "-Wextra", "-Werror"},
		code.Python: {"python3", "-c", "import sys\nfor f in sys.argv[1:]: compile(open(f, 'rb').read(), f, 'exec')"},
		code.PHP:    {"php", "-r", "foreach (array_slice($argv, 1) as $f) { token_get_all(file_get_contents($f), TOKEN_PARSE); }", "--"},
	}
	for language, command := range check {
		t.Run(language.String(), func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath(command[0]); err != nil {
				t.Skipf("%s is not here", command[0])
			}
			folder := t.TempDir()
			for _, l := range lessons(t) {
				for _, in := range languages() {
					for _, p := range code.Programs(l, language, in) {
						file := filepath.Join(folder, l.ID+"-"+p.Program.Name+"-"+in.String()+language.Extension())
						if err := os.WriteFile(file, []byte(p.String()), 0o644); err != nil {
							t.Fatal(err)
						}
						command = append(command, file)
					}
				}
			}
			if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// FuzzPrograms writes whatever lesson can be read.
func FuzzPrograms(f *testing.F) {
	for _, id := range []string{"connection", "backlog", "half-open", "time-wait", "zero-window"} {
		data, err := os.ReadFile("../lesson/lessons/" + id + ".yaml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	data, err := os.ReadFile("testdata/odd.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := lesson.Parse("fuzz", data)
		if err != nil {
			return
		}
		for _, language := range code.Languages() {
			for _, p := range code.Programs(l, language, lang.English) {
				for i, c := range p.Calls {
					if line := p.Lines[c.Line]; line.Call != i || !line.Makes {
						t.Fatalf("call %d of %s is not in its line", i, p.Program.Name)
					}
				}
				if language != code.Go {
					continue
				}
				if _, err := parser.ParseFile(token.NewFileSet(), "", p.String(), 0); err != nil {
					t.Fatalf("%v\n%s", err, p)
				}
			}
		}
	})
}
