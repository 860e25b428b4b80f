package lang

import (
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// prose is a text that is meant for people: two words in a row.
var prose = regexp.MustCompile(`[A-Za-z]{2,}['’]?[a-z]*[,:;.]? [a-z]{2,}|[a-z]{2,}[,:;.]? [A-Za-z]{2,}`)

// sayers are the functions whose first text is said to the user.
var sayers = []string{"Text", "Say", "Phrasef", "Term", "Errorf", "errorf", "usagef"}

// literal is a text in the code.
type literal struct {
	text string
	said bool // the first text of a sayer
	at   token.Position
}

// literals gives the texts of a folder's files, by the folder's name; the tests' are
// left out.
func literals(t *testing.T) map[string][]literal {
	t.Helper()
	all := make(map[string][]literal)
	files := token.NewFileSet()
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "testdata" || entry.Name() == ".git"):
			return filepath.SkipDir
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		folder, err := filepath.Rel("../..", filepath.Dir(path))
		if err != nil {
			return err
		}
		folder = filepath.ToSlash(folder)
		if folder == "internal/lang" {
			return nil
		}
		file, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			return err
		}
		all[folder] = append(all[folder], textsOf(files, file)...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// textsOf gives the texts of a file, those that are joined by + as one.
func textsOf(files *token.FileSet, file *ast.File) []literal {
	var all []literal
	first := make(map[ast.Expr]bool)
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Field:
			n.Tag = nil
		case *ast.CallExpr:
			if len(n.Args) > 0 && slices.Contains(sayers, called(n)) {
				first[n.Args[0]] = true
			}
		}
		e, ok := n.(ast.Expr)
		if !ok {
			return true
		}
		text, ok := folded(e)
		if ok {
			all = append(all, literal{text, first[e], files.Position(e.Pos())})
		}
		return !ok
	})
	return all
}

// called is the name of what is called, without what it belongs to.
func called(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// folded gives the text that an expression of string literals means.
func folded(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			return constant.StringVal(constant.MakeFromLiteral(e.Value, token.STRING, 0)), true
		}
	case *ast.ParenExpr:
		return folded(e.X)
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			x, okX := folded(e.X)
			y, okY := folded(e.Y)
			return x + y, okX && okY
		}
	}
	return "", false
}

func TestNoTextLacksItsTranslation(t *testing.T) {
	for folder, texts := range literals(t) {
		t.Run(folder, func(t *testing.T) {
			for _, l := range texts {
				_, known := chinese()[l.text]
				if known || unsaid(folder, l.text) || !l.said && !prose.MatchString(l.text) || l.said && !letters.MatchString(l.text) {
					continue
				}
				t.Errorf("%s: no translation of %q", l.at, l.text)
			}
		})
	}
}

// letters are what a translation would change; what is a format only has none.
var letters = regexp.MustCompile(`(^|[^%\w.#+\[\]-])[A-Za-z]{2,}`)

// notForPeople are texts of a folder that look like prose and are none, as patterns,
// each with the reason.
var notForPeople = map[string][]struct{ pattern, reason string }{
	"cmd/tcpviz": {
		{"exit status %d", "ends the program without a word"},
		{"(go build .* && )?sudo setcap .*", "a command line"},
		{`(  (sudo )?tcp\w+( [^ \n]+)*\n?)+`, "command lines without a comment"},
	},
	"fsm": {
		{`(POSIX|Linux) \S+`, "names a source: a function, a setting"},
	},
	"internal/code": {
		{`(?s).*[(){};].*|import \w+|except OSError.*`, "source in C, Python, Go and PHP"},
	},
	"internal/export": {
		{`(?s)<.*>\s*`, "markup"},
		{`(?s)(:root\{|default-src ).*`, "a page's style and policy"},
		{`life passes|m (b |call )?[a-z ]+`, "names of classes in a style sheet"},
		{`(left|right) of [CS]|    Note over C,S: `, "Mermaid"},
		{`tcpviz demo .*`, "a command line"},
	},
	"internal/lesson": {
		{`lesson: built-in .*`, "a panic that a test rules out"},
		{`mapping values are not allowed`, "looked for in what the YAML library says"},
	},
	"internal/script": {
		{`(?s).*`, "scripts are read by tests alone"},
	},
	"internal/source": {
		{`(phase|state|fate|side|what|timer) %q`, "what is wrong with a comment of a recording is counted, not told"},
	},
	"internal/traffic": {
		{"(?s).*", "a developer's tool: it writes the captures of tests and measurements"},
	},
	"internal/traffic/generate": {
		{"(?s).*", "a developer's tool: it writes the captures of tests and measurements"},
	},
	"internal/twohosts": {
		{"ICMP error|zero window probe", "names of constants, for whoever debugs"},
	},
}

func unsaid(folder, text string) bool {
	for _, exception := range notForPeople[folder] {
		if regexp.MustCompile("^(?:" + exception.pattern + ")$").MatchString(text) {
			return true
		}
	}
	return false
}

func TestEveryTranslationIsUsed(t *testing.T) {
	used := make(map[string]bool)
	for _, texts := range literals(t) {
		for _, l := range texts {
			used[l.text] = true
		}
	}
	for english := range chinese() {
		_, term := terms()[english]
		if _, foreign := zhSystem()[english]; !used[english] && !term && !foreign {
			t.Errorf("nothing says %q", english)
		}
	}
}

func TestNoTextIsTranslatedTwice(t *testing.T) {
	seen := make(map[string]bool)
	for _, part := range parts() {
		for english := range part {
			if seen[english] {
				t.Errorf("%q is in two parts of the catalogue", english)
			}
			seen[english] = true
		}
	}
}

func TestTranslationsKeepTheirVerbs(t *testing.T) {
	for english, text := range chinese() {
		want, got := verbs(english), verbs(strings.ReplaceAll(text, "%w", "%v"))
		if !slices.Equal(want, got) {
			t.Errorf("%q has the verbs %q, its translation %q has %q", english, want, text, got)
		}
	}
}

var verb = regexp.MustCompile(`%(\[(\d+)\])?([-+# 0]*[\d.*]*)(\[(\d+)\])?([a-zA-Z%])`)

// verbs gives the verbs of a format with the arguments that they are for, in the order
// of the arguments.
func verbs(format string) []string {
	var all []string
	next := 1
	for _, m := range verb.FindAllStringSubmatch(format, -1) {
		if m[6] == "%" {
			continue
		}
		for _, index := range []string{m[2], m[5]} {
			if index != "" {
				next = int(index[0] - '0')
			}
		}
		letter := m[6]
		if letter == "w" || letter == "s" {
			letter = "v"
		}
		all = append(all, string(rune('0'+next))+letter)
		next++
	}
	slices.Sort(all)
	return slices.Compact(all)
}
