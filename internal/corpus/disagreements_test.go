package corpus

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// disagreements lists where the others are wrong or a question is undecidable.
const disagreements = "DISAGREEMENTS.md"

type disagreement struct{ kind, file string }

var listedLine = regexp.MustCompile("^- ([a-z_-]+(?:, [a-z_-]+)*): `([^`]+)`$")

// readDisagreements gives what the file lists, in lines such as "- streams, segments: `file`".
func readDisagreements(t *testing.T) map[disagreement]bool {
	t.Helper()
	text, err := os.ReadFile(disagreements)
	if err != nil {
		t.Fatal(err)
	}
	listed := make(map[disagreement]bool)
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "- ") {
			continue
		}
		m := listedLine.FindStringSubmatch(line)
		if m == nil {
			t.Errorf("%s: no such line is understood: %s", disagreements, line)
			continue
		}
		for _, kind := range strings.Split(m[1], ", ") {
			if _, known := floors[kind]; !known || listed[disagreement{kind, m[2]}] {
				t.Errorf("%s: unknown kind, or listed twice: %s", disagreements, line)
			}
			listed[disagreement{kind, m[2]}] = true
		}
	}
	return listed
}
