package main

import (
	"regexp"
	"strings"
	"testing"

	"tcpviz/internal/lab"
	"tcpviz/internal/lesson"
	"tcpviz/ui"
)

const lessonsPath = "../../LESSONS.md"

// pages are what users read.
var pages = []string{readmePath, "../../TEACHING.md", "../../TEACHING.zh.md", lessonsPath}

// The lesson files that are shown can be played, and what they state comes true.
func TestLessonsOfThePages(t *testing.T) {
	files := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(page(t, lessonsPath), -1)
	if len(files) != 2 {
		t.Fatalf("%d lesson files", len(files))
	}
	for _, file := range files {
		l, err := lesson.Parse("page.yaml", []byte(file[1]))
		if err != nil {
			t.Fatal(err)
		}
		d := demo{p: &program{getenv: func(string) string { return "" }}, stage: lab.Sim, lesson: l}
		told(t, d.performance(l, &recorder{}, nil))
	}
}

// The acts on the wire that are listed are those of the grammar.
func TestWireActsOfThePages(t *testing.T) {
	_, table, ok := strings.Cut(page(t, lessonsPath), "\n| `wire:` |")
	table, _, ended := strings.Cut(table, "\n\n")
	acts := regexp.MustCompile("`([a-z]+ [^`]+)`").FindAllStringSubmatch(table, -1)
	if !ok || !ended || len(acts) < 10 {
		t.Fatalf("%d acts", len(acts))
	}
	for _, act := range acts {
		if strings.HasPrefix(act[1], "from ") { // no act, but a part of one
			continue
		}
		file := "id: act\ntitle: Act\nsummary: Act\nprograms: {client: client}\nsteps:\n" +
			"  - client: s = socket()\n  - wire: hold SYN from client\n  - wire: " + act[1] + "\n"
		if _, err := lesson.Parse("act.yaml", []byte(file)); err != nil {
			t.Errorf("%s: %v", act[1], err)
		}
	}
}

// command is a command line of tcpviz in a page: in a line of its own, or between backticks.
var command = regexp.MustCompile("(?m)(?:^    (?:sudo )?|`(?:sudo )?|\\| )(tcpviz(?: [^`|\n]*)?)")

// Every command line that a page shows is one that the program understands.
func TestCommandsOfThePages(t *testing.T) {
	for _, path := range pages {
		found := 0
		for _, match := range command.FindAllStringSubmatch(page(t, path), -1) {
			line := strings.TrimSpace(match[1])
			if strings.Contains(line, "\\") || strings.ToUpper(line) == line || strings.Contains(line, "[") {
				continue // the form of a command, in a table
			}
			found++
			words := strings.Fields(strings.ReplaceAll(line, "'", ""))[1:]
			c, rest, err := newRoot(&program{getenv: func(string) string { return "" }}).Find(words)
			if err != nil {
				t.Errorf("%s: %s: %v", path, line, err)
				continue
			}
			if err := c.ParseFlags(rest); err != nil {
				t.Errorf("%s: %s: %v", path, line, err)
			}
			if rest = c.Flags().Args(); c.Name() != "demo" && c.Name() != "source" || len(rest) == 0 {
				continue
			}
			if name := rest[0]; strings.ToUpper(name) != name && !isLessonFile(name) {
				if _, ok := lesson.Find(name); !ok {
					t.Errorf("%s: %s: there is no lesson %q", path, line, name)
				}
			}
		}
		if found == 0 {
			t.Errorf("%s: no command", path)
		}
	}
}

// Every key that a page for teachers names is one of the dashboard's.
func TestKeysOfThePages(t *testing.T) {
	keys := map[string]bool{"ctrl": true}
	for _, k := range ui.Keys() {
		keys[k.Keys] = true
	}
	for _, path := range pages[1:3] {
		for _, match := range regexp.MustCompile("`([A-Za-z?]|→|←)`").FindAllStringSubmatch(page(t, path), -1) {
			if !keys[match[1]] {
				t.Errorf("%s: no key %q", path, match[1])
			}
		}
	}
}
