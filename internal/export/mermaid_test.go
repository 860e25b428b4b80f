package export_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"tcpviz/internal/export"
	"tcpviz/internal/lang"
	"tcpviz/internal/lesson"
	"tcpviz/internal/story"
)

func mermaidOf(t testing.TB, s *story.Story, o export.MermaidOptions) string {
	t.Helper()
	var out bytes.Buffer
	if err := export.Mermaid(&out, s, o); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestMermaid(t *testing.T) {
	for name, s := range map[string]*story.Story{
		"connection.mmd": recorded(t, "recordings/connection.pcapng"),
		"foreign.mmd":    recorded(t, "captures/curl.pcap"),
		"wire.mmd":       handled(),
	} {
		t.Run(name, func(t *testing.T) { compareGolden(t, "mermaid/"+name, mermaidOf(t, s, export.MermaidOptions{})) })
	}
}

// parsed is what the mermaid package makes of a diagram.
type parsed struct {
	Error  string
	Type   string
	Actors []string
	Texts  []string
	Arrows int
}

// parseMermaid parses diagrams with the mermaid package itself, which TCPVIZ_MERMAID
// names the folder of.
func parseMermaid(t *testing.T, diagrams map[string]string) map[string]parsed {
	t.Helper()
	folder := os.Getenv("TCPVIZ_MERMAID")
	if folder == "" {
		t.Skip("TCPVIZ_MERMAID names no folder with the packages mermaid and jsdom")
	}
	in, err := json.Marshal(diagrams)
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command("node", "testdata/mermaid/parse.mjs", folder)
	c.Stdin = bytes.NewReader(in)
	var problems bytes.Buffer
	c.Stderr = &problems
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, problems.String())
	}
	var all map[string]parsed
	if err := json.Unmarshal(out, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// Each lesson's diagram, in both languages, is one that Mermaid understands as it is meant.
func TestMermaidParsesEachLesson(t *testing.T) {
	diagrams := make(map[string]string)
	for _, l := range lesson.All() {
		s := performed(t, l)
		for _, language := range []lang.Language{lang.English, lang.Chinese} {
			diagrams[l.ID+"."+language.String()] = mermaidOf(t, s, export.MermaidOptions{Lang: language})
		}
	}
	plain := diagrams["connection.en"]
	diagrams["hostile"] = mermaidOf(t, hostile("end\n;C->>S: evil %%{init: {}}%% <script>alert(1)</script> #quot; \"a\" --> wrap: note over"), export.MermaidOptions{})
	diagrams["harmless"] = mermaidOf(t, hostile("x"), export.MermaidOptions{})
	diagrams["broken"] = plain + "\n-> nonsense"
	all := parseMermaid(t, diagrams)
	if all["broken"].Error == "" {
		t.Error("nonsense is understood: nothing is tested here")
	}
	for name, p := range all {
		if name == "broken" {
			continue
		}
		if p.Error != "" || p.Type != "sequence" || !slices.Equal(p.Actors, []string{"C", "S"}) {
			t.Errorf("%s: %s %s %v", name, p.Error, p.Type, p.Actors)
		}
		if want := arrowsIn(diagrams[name]); p.Arrows != want {
			t.Errorf("%s: %d arrows, want %d", name, p.Arrows, want)
		}
	}
	if h, x := all["hostile"], all["harmless"]; h.Arrows != x.Arrows || len(h.Texts) != len(x.Texts) {
		t.Errorf("hostile texts change the diagram: %d arrows of %d, %d texts of %d", h.Arrows, x.Arrows, len(h.Texts), len(x.Texts))
	}
}

// arrowsIn counts the lines of a diagram that are arrows.
func arrowsIn(diagram string) int {
	n := 0
	for line := range strings.Lines(diagram) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "C-") || strings.HasPrefix(line, "S-") {
			n++
		}
	}
	return n
}
