package walls

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// Each module that the project asks for by itself stands in CONTRIBUTING.md, with the
// version that go.mod has, and no other does. (Those that come along with one of
// them may be named in its row.)
func TestEachDependencyHasItsReason(t *testing.T) {
	required := make(map[string]string)
	for line := range strings.Lines(read(t, "../../go.mod")) {
		words := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "require "))
		if len(words) >= 2 && strings.HasPrefix(words[1], "v") {
			if words[len(words)-1] == "indirect" {
				continue
			}
			required[words[0]] = words[1]
		}
	}
	if len(required) == 0 {
		t.Fatal("go.mod requires nothing")
	}
	_, table, found := strings.Cut(read(t, "../../CONTRIBUTING.md"), "\n## Dependencies\n")
	if !found {
		t.Fatal("CONTRIBUTING.md has no list of dependencies")
	}
	rows := make(map[string]string)
	row := regexp.MustCompile(`^\| ([a-z0-9.-]+\.[a-z0-9./-]+)[^|]*\| (v[^ |]+) \| [^|]+\|$`)
	for line := range strings.Lines(table) {
		if found := row.FindStringSubmatch(strings.TrimSpace(line)); found != nil {
			rows[found[1]] = found[2]
		}
	}
	for module, version := range required {
		if got := rows[module]; got != version {
			t.Errorf("CONTRIBUTING.md has %s %q, go.mod %s", module, got, version)
		}
	}
	for module := range rows {
		if required[module] == "" {
			t.Errorf("CONTRIBUTING.md has %s, which go.mod does not require", module)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
