package export_test

import (
	"bytes"
	"strings"
	"testing"

	"tcpviz/internal/export"
	"tcpviz/internal/lang"
	"tcpviz/internal/lesson"
)

// What a lesson does and what is unusual about a segment has an English name in the
// story; in a Chinese picture nobody reads it.
func TestChinesePicturesHaveNoNamesInEnglish(t *testing.T) {
	acts, anomalies := 0, 0
	for _, l := range lesson.All() {
		s := performed(t, l)
		var svg bytes.Buffer
		if err := export.SVG(&svg, s, export.PictureOptions{Lang: lang.Chinese}); err != nil {
			t.Fatal(err)
		}
		pictures := map[string]string{
			"SVG": svg.String(), "Mermaid": mermaidOf(t, s, export.MermaidOptions{Lang: lang.Chinese}),
		}
		for i := range s.Steps {
			step := &s.Steps[i]
			var names []string
			if step.Does != "" {
				names = append(names, step.Does)
				acts++
			}
			for _, name := range step.Anomalies {
				names = append(names, name, strings.ReplaceAll(name, "_", " "))
				anomalies++
			}
			for form, picture := range pictures {
				for _, name := range names {
					if strings.Contains(picture, name) {
						t.Errorf("%s: step %d: %q stands in the %s", l.ID, step.N, name, form)
					}
				}
			}
		}
	}
	if acts == 0 || anomalies == 0 {
		t.Errorf("%d acts and %d anomalies: nothing was tested", acts, anomalies)
	}
}
