package export_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"tcpviz/internal/export"
	"tcpviz/internal/lang"
)

// Whatever the texts from outside are, a picture is well-formed XML with the same
// elements, the data of a page can be read back, and a diagram keeps its lines.
func FuzzEscaping(f *testing.F) {
	for _, seed := range []string{
		"x", "</script><script>alert(1)</script>", "<!--<script>", "]]>", "&#x1b;", "\u2028\u2029", "\x1b]0;owned\x07", "\u202e\u2066abc",
		"\xff\xfe", "\ufffe\uffff\ufdd0", "end\n;C->>S: x", "#35;%%{init}", "'\"`{{.}}", "\x00\x7f\u009b", "中文，：", strings.Repeat("long ", 200),
	} {
		f.Add(seed)
	}
	harmless := hostile("x")
	elements := tags(svg(f, harmless, export.PictureOptions{}))
	f.Fuzz(func(t *testing.T, text string) {
		s := hostile(text)
		l := []lang.Language{lang.English, lang.Chinese}[len(text)%2]
		picture := svg(t, s, export.PictureOptions{Lang: l})
		if err := wellFormed(picture); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		checkCharacters(t, picture)
		for name := range tags(picture) {
			if elements[name] == 0 {
				t.Errorf("%q makes an element %s", text, name)
			}
		}
		page := htmlOf(t, s, export.PictureOptions{Lang: l})
		checkCharacters(t, page)
		checkData(t, page)
		diagram := mermaidOf(t, s, export.MermaidOptions{Lang: l})
		checkCharacters(t, diagram)
		checkDiagram(t, diagram)
	})
}

var tag = regexp.MustCompile(`<([a-zA-Z]+)`)

// tags counts the elements of a picture by their names.
func tags(picture string) map[string]int {
	n := make(map[string]int)
	for _, found := range tag.FindAllStringSubmatch(picture, -1) {
		n[found[1]]++
	}
	return n
}

// checkCharacters checks that no character steers what shows a text.
func checkCharacters(t *testing.T, text string) {
	t.Helper()
	if !utf8.ValidString(text) {
		t.Error("not UTF-8")
	}
	for _, r := range text {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029') {
			t.Fatalf("%U gets through", r)
		}
	}
}

// checkData checks that the data of a page is JSON that nothing has ended early.
func checkData(t *testing.T, page string) {
	t.Helper()
	_, rest, found := strings.Cut(page, `<script id="story" type="application/json">`)
	data, rest, ended := strings.Cut(rest, "</script>")
	var read struct {
		Views []struct{ Rows []struct{ What []string } }
	}
	if err := json.Unmarshal([]byte(data), &read); err != nil || !found || !ended {
		t.Fatalf("the data cannot be read back: %v", err)
	}
	if len(read.Views) == 0 || len(read.Views[0].Rows) < 2 {
		t.Error("the data lacks its steps")
	}
	if n := strings.Count(rest, "<script>"); n != 1 {
		t.Errorf("%d scripts after the data", n)
	}
}

var diagramLine = regexp.MustCompile(`^(sequenceDiagram|    title: .*|    participant [CS] as .*|    Note (left of C|right of S|over C,S): .*|    (de)?activate [CS]|    [CS](->>|-->>|-x|-\))[CS]: .*)$`)

// checkDiagram checks that each line of a diagram is one that the writer makes, and that
// nothing in its words could be taken for more.
func checkDiagram(t *testing.T, diagram string) {
	t.Helper()
	entity := regexp.MustCompile(`#\d+;`)
	for line := range strings.Lines(diagram) {
		line = strings.TrimSuffix(line, "\n")
		if !diagramLine.MatchString(line) {
			t.Errorf("a line %q", line)
		}
		_, words, _ := strings.Cut(line, ": ")
		words = entity.ReplaceAllString(strings.ReplaceAll(words, "<br/>", ""), "")
		if strings.ContainsAny(words, "#;<>%{}") {
			t.Errorf("unescaped: %q", line)
		}
	}
}
