// Package walls holds the test of the walls between the packages: what each of
// them must never import. The linter's configuration says the same.
package walls

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// walls lists, for each package, the import paths that it must not reach, neither
// itself nor through another package. A path stands for all below it.
var walls = map[string][]string{
	"tcpviz/capture": {"tcpviz/internal", "tcpviz/ui", "tcpviz/cmd"},
	"tcpviz/internal/story": {
		"github.com/google/gopacket", "github.com/rivo/tview", "github.com/gdamore/tcell",
		"tcpviz/capture", "tcpviz/internal/lab", "tcpviz/ui",
	},
	"tcpviz/internal/kernel": {
		"github.com/google/gopacket", "gvisor.dev", "tcpviz/capture", "tcpviz/internal/lesson", "tcpviz/internal/story", "tcpviz/internal/lab",
		"tcpviz/internal/sim", "tcpviz/internal/twohosts", "tcpviz/ui",
	},
	"tcpviz/internal/lab":    {"tcpviz/ui", "tcpviz/internal/export", "github.com/rivo/tview", "github.com/gdamore/tcell"},
	"tcpviz/internal/lesson": {"tcpviz/capture", "tcpviz/internal/lab", "tcpviz/internal/sim", "tcpviz/internal/twohosts", "tcpviz/ui"},
	"tcpviz/internal/reference": {
		"github.com/google/gopacket", "gvisor.dev", "github.com/rivo/tview", "github.com/gdamore/tcell",
		"tcpviz/capture", "tcpviz/internal/lab", "tcpviz/ui",
	},
	"tcpviz/internal/sim": {
		"github.com/google/gopacket", "tcpviz/capture", "tcpviz/internal/lesson", "tcpviz/internal/story", "tcpviz/internal/lab", "tcpviz/ui",
		"github.com/vishvananda", "net/http", "os/exec",
	},
	"tcpviz/internal/twohosts": {
		"github.com/google/gopacket", "gvisor.dev", "tcpviz/capture", "tcpviz/internal/lesson", "tcpviz/internal/story", "tcpviz/internal/lab", "tcpviz/ui",
	},
	"tcpviz/internal/verify": {"tcpviz/ui", "tcpviz/internal/export", "github.com/rivo/tview", "github.com/gdamore/tcell"},
	"tcpviz/internal/export": {"tcpviz/ui", "github.com/rivo/tview", "github.com/gdamore/tcell"},
	"tcpviz/internal/code": {
		"tcpviz/capture", "tcpviz/internal/lab", "tcpviz/internal/sim", "tcpviz/internal/twohosts", "tcpviz/internal/export", "tcpviz/ui",
		"os/exec", "net/http",
	},
	"tcpviz/internal/filter":  {"net/http", "os/exec"},
	"tcpviz/internal/survey":  {"tcpviz/ui", "tcpviz/internal/lab", "tcpviz/internal/export"},
	"tcpviz/internal/traffic": {"tcpviz/capture", "tcpviz/internal/story", "tcpviz/ui"},
	"tcpviz/ui":               {"github.com/google/gopacket", "tcpviz/capture", "tcpviz/internal/lab"},
}

func TestNoPackageReachesOverItsWall(t *testing.T) {
	for name, forbidden := range walls {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, dependency := range dependencies(t, name) {
				for _, path := range forbidden {
					if dependency == path || strings.HasPrefix(dependency, path+"/") {
						t.Errorf("%s depends on %s", name, dependency)
					}
				}
			}
		})
	}
}

// alone lists packages that know little of the project: all of it that they may reach.
var alone = map[string][]string{
	"tcpviz/fsm":                  nil,
	"tcpviz/internal/filter":      {"tcpviz/fsm", "tcpviz/internal/lang", "tcpviz/internal/spelling"},
	"tcpviz/internal/lang":        nil,
	"tcpviz/internal/preferences": nil,
	"tcpviz/internal/script":      {"tcpviz/fsm"},
	"tcpviz/internal/spelling":    nil,
}

func TestPackagesThatStandAloneDo(t *testing.T) {
	for name, allowed := range alone {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, dependency := range dependencies(t, name) {
				own := strings.HasPrefix(dependency, "tcpviz/") && dependency != name
				if own && !slices.Contains(allowed, dependency) {
					t.Errorf("%s depends on %s", name, dependency)
				}
			}
		})
	}
}

// direct lists, for each folder, what its own files must not import, though a
// package that they use may. A path stands for all below it.
var direct = map[string][]string{
	// Nothing leaves the process: these hosts are its own data.
	"../sim": {"golang.org/x/sys", "net/http", "os", "syscall"},
	// Lessons are performed by the lab alone.
	"../verify": {"tcpviz/capture", "github.com/google/gopacket", "gvisor.dev", "tcpviz/internal/sim", "tcpviz/internal/twohosts"},
}

func TestNoFileImportsWhatItsPackageMustLeaveToOthers(t *testing.T) {
	for folder, forbidden := range direct {
		for file, syntax := range sources(t, folder, parser.ImportsOnly) {
			for _, imported := range syntax.Imports {
				path, err := strconv.Unquote(imported.Path.Value)
				if err != nil {
					t.Fatal(err)
				}
				for _, not := range forbidden {
					if path == not || strings.HasPrefix(path, not+"/") {
						t.Errorf("%s imports %s", file, path)
					}
				}
			}
		}
	}
}

// concurrent are the folders whose files may start goroutines. Each says how they end.
var concurrent = []string{"capture", "cmd", "internal/kernel", "internal/lab", "internal/verify", "ui"}

func TestGoroutinesAreStartedWhereTheyMay(t *testing.T) {
	started := make(map[string]bool)
	for file, syntax := range sources(t, "../..", 0) {
		name, err := filepath.Rel("../..", file)
		if err != nil {
			t.Fatal(err)
		}
		name = filepath.ToSlash(name)
		folder := slices.IndexFunc(concurrent, func(folder string) bool { return strings.HasPrefix(name, folder+"/") })
		ast.Inspect(syntax, func(n ast.Node) bool {
			starts := false
			switch n := n.(type) {
			case *ast.GoStmt:
				starts = true
			case *ast.CallExpr: // of a sync.WaitGroup
				selector, ok := n.Fun.(*ast.SelectorExpr)
				starts = ok && selector.Sel.Name == "Go"
			}
			if starts && folder < 0 {
				t.Errorf("%s starts a goroutine", name)
			} else if starts {
				started[concurrent[folder]] = true
			}
			return true
		})
	}
	for _, folder := range concurrent {
		if !started[folder] {
			t.Errorf("%s starts no goroutine: strike it off the list", folder)
		}
	}
}

// dependencies lists the packages that a package is built from, its tests left out.
func dependencies(t *testing.T, name string) []string {
	t.Helper()
	out, err := exec.Command("go", "list", "-deps", name).Output()
	if err != nil {
		t.Fatalf("go list -deps %s: %v", name, err)
	}
	list := strings.Fields(string(out))
	if !slices.Contains(list, name) {
		t.Fatalf("go list -deps %s does not name the package itself", name)
	}
	return list
}

// pure is what fsm may import: parts of the standard library that do no input or
// output and read no clock.
var pure = []string{"cmp", "errors", "fmt", "iter", "maps", "math/bits", "net/netip", "slices", "strconv", "strings"}

func TestModelImportsOnlyPurePackages(t *testing.T) {
	for file, syntax := range sources(t, "../../fsm", parser.ImportsOnly) {
		for _, imported := range syntax.Imports {
			path, err := strconv.Unquote(imported.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Contains(pure, path) {
				t.Errorf("%s imports %s", file, path)
			}
		}
	}
}

// The story's times are those of its events: it asks no clock.
func TestStoryReadsNoClock(t *testing.T) {
	clock := []string{"Now", "Since", "Until", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick", "Sleep"}
	for file, syntax := range sources(t, "../story", 0) {
		ast.Inspect(syntax, func(n ast.Node) bool {
			selector, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if pkg, ok := selector.X.(*ast.Ident); ok && pkg.Name == "time" && slices.Contains(clock, selector.Sel.Name) {
				t.Errorf("%s uses time.%s", file, selector.Sel.Name)
			}
			return true
		})
	}
}

// sources parses the files of a folder, its tests left out.
func sources(t *testing.T, folder string, mode parser.Mode) map[string]*ast.File {
	t.Helper()
	files := make(map[string]*ast.File)
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		files[path], err = parser.ParseFile(token.NewFileSet(), path, nil, mode)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatalf("no source files in %s", folder)
	}
	return files
}
