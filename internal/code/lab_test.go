package code_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"tcpviz/internal/code"
	"tcpviz/internal/lab"
	"tcpviz/internal/lang"
	"tcpviz/internal/lesson"
	"tcpviz/internal/story"
)

// TestListingsMakeWhatIsPerformed holds, for every lesson, that the calls of each
// listing are those that the lab makes, in the same order: what is lit is what runs.
func TestListingsMakeWhatIsPerformed(t *testing.T) {
	for _, l := range lesson.All() {
		t.Run(l.ID, func(t *testing.T) {
			t.Parallel()
			performed := make(map[string][]string)
			_, err := lab.Run(t.Context(), l, lab.Options{Stage: lab.Sim, Emit: func(events []story.Event) {
				for _, e := range events {
					if c, ok := e.(story.Call); ok && c.Phase == story.Enter {
						performed[c.Program] = append(performed[c.Program], c.Op)
					}
				}
			}})
			if err != nil {
				t.Fatal(err)
			}
			listed := make(map[string][]string)
			for _, p := range code.Programs(l, code.Python, lang.English) {
				for _, c := range p.Calls {
					listed[p.Program.Name] = append(listed[p.Program.Name], string(c.Op))
				}
			}
			if diff := cmp.Diff(performed, listed); diff != "" {
				t.Errorf("(-performed +listed):\n%s", diff)
			}
		})
	}
}
