package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tcpviz/internal/filter"
	"tcpviz/internal/lab"
	"tcpviz/internal/lesson"
	"tcpviz/ui"
)

const readmePath = "../../README.md"

func readme(t *testing.T) string { return page(t, readmePath) }

// page gives one of the pages that users read.
func page(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The parts of the README that show what the program has are the program's own.
func TestREADMEShowsTheProgram(t *testing.T) {
	text := readme(t)
	for name, want := range map[string]string{
		"screen":   screenOfREADME(t),
		"held":     namedScreen(t, "held-80x24", "dropped, and sent again"),
		"list":     namedScreen(t, "large-80x24", "filtered"),
		"sequence": namedScreen(t, "large-80x24", "its sequence numbers"),
		"filter":   filterTable(),
		"lessons":  lessonTable(),
		"keys":     keyTable(),
	} {
		begin, end := "<!-- "+name+" -->\n", "<!-- /"+name+" -->"
		head, rest, ok1 := strings.Cut(text, begin)
		got, tail, ok2 := strings.Cut(rest, end)
		if !ok1 || !ok2 {
			t.Fatalf("no part %q in the README", name)
		}
		if *updateGoldens {
			text = head + begin + want + end + tail
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("README, %s (-want +got):\n%s", name, diff)
		}
	}
	if *updateGoldens {
		if err := os.WriteFile(readmePath, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// screenOfREADME is the picture: a screen that the program drew in a terminal.
func screenOfREADME(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "testdata", "screens", "close-120x40.txt"))
	if err != nil {
		t.Fatal(err)
	}
	screens := strings.Split(string(text), "== step ")
	if len(screens) != 4 {
		t.Fatalf("%d screens, want three", len(screens)-1)
	}
	_, middle, _ := strings.Cut(screens[2], "\n")
	return "```\n" + middle + "```\n"
}

// namedScreen is one of the screens of TestBrowse or TestHeldSYN.
func namedScreen(t *testing.T, file, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "testdata", "screens", file+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(text), "== "+name+" ==\n")
	if !ok {
		t.Fatalf("no screen %q", name)
	}
	screen, _, _ := strings.Cut(rest, "== ")
	return "```\n" + screen + "```\n"
}

func filterTable() string {
	var b strings.Builder
	b.WriteString("| filter | what it selects |\n|---|---|\n")
	for _, w := range filter.Words() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", strings.ReplaceAll(w.Form.String(), "|", "\\|"), strings.ReplaceAll(w.Help.String(), "|", "\\|"))
	}
	return b.String()
}

func lessonTable() string {
	var b strings.Builder
	b.WriteString("| lesson | what it shows | stages |\n|---|---|---|\n")
	for _, l := range lesson.All() {
		stages := "all"
		if able := lab.StagesOf(l); len(able) < len(lesson.StageNames()) {
			stages = strings.Join(able, ", ")
		}
		fmt.Fprintf(&b, "| `%s` | %s: %s | %s |\n", l.ID, l.Title.EN, l.Summary.EN, stages)
	}
	return b.String()
}

func keyTable() string {
	var b strings.Builder
	b.WriteString("| key | what it does |\n|---|---|\n")
	for _, k := range ui.Keys() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", k.Keys, k.Help)
	}
	return b.String()
}

var flagWord = regexp.MustCompile(`--([a-z][a-z-]+)`)

// Every command and flag that there is stands in the README, and the other way round.
func TestREADMEKnowsTheCommandLine(t *testing.T) {
	text := readme(t)
	root := newRoot(&program{getenv: func(string) string { return "" }})
	root.InitDefaultCompletionCmd("completion")
	flags := map[string]bool{"help": true, "version": true}
	walk(root, func(c *cobra.Command) {
		if c.Name() == "help" || c.HasParent() && c.Parent().Name() == "completion" {
			return
		}
		if !strings.Contains(text, "`"+c.CommandPath()) {
			t.Errorf("the README does not name the command %q", c.CommandPath())
		}
		add := func(f *pflag.Flag) { flags[f.Name] = true }
		c.Flags().VisitAll(add)
		c.PersistentFlags().VisitAll(add)
	})
	named := make(map[string]bool)
	for _, found := range flagWord.FindAllStringSubmatch(text, -1) {
		named[found[1]] = true
		if !flags[found[1]] {
			t.Errorf("the README names --%s, which no command has", found[1])
		}
	}
	for name := range flags {
		if !named[name] {
			t.Errorf("the README does not name --%s", name)
		}
	}
}

func walk(c *cobra.Command, visit func(*cobra.Command)) {
	visit(c)
	for _, child := range c.Commands() {
		walk(child, visit)
	}
}

// The fields of each kind of JSON line stand in the README's table.
func TestREADMENamesTheFields(t *testing.T) {
	rows := make(map[string]string)
	for line := range strings.Lines(readme(t)) {
		if rest, ok := strings.CutPrefix(line, "| `"); ok {
			if kind, row, ok := strings.Cut(rest, "` |"); ok {
				rows[kind] = row
			}
		}
	}
	for _, kind := range slices.Concat(slices.Collect(maps.Keys(fields)), slices.Collect(maps.Keys(lists))) {
		for _, field := range fieldsOf(kind)[1:] { // all but kind
			name := strings.TrimSuffix(field, "?")
			if !strings.Contains(rows[kind], "`"+name+"`") {
				t.Errorf("the README does not name the field %s of %s", name, kind)
			}
		}
	}
}
