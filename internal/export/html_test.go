package export_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"tcpviz/internal/export"
	"tcpviz/internal/lang"
	"tcpviz/internal/lesson"
	"tcpviz/internal/story"
)

// htmlOf writes a story as a page.
func htmlOf(t testing.TB, s *story.Story, o export.PictureOptions) string {
	t.Helper()
	var out bytes.Buffer
	if err := export.HTML(&out, s, o); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestEachLessonAsPage(t *testing.T) {
	folder := os.Getenv("TCPVIZ_PICTURES") // to look at them
	for _, l := range lesson.All() {
		t.Run(l.ID, func(t *testing.T) {
			s := performed(t, l)
			got := htmlOf(t, s, export.PictureOptions{Lang: lang.English})
			if folder != "" {
				if err := os.WriteFile(filepath.Join(folder, l.ID+".html"), []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// hostile is a story in which everything that comes from outside is a text.
func hostile(text string) *story.Story {
	s := handshake()
	s.Meta.Lesson, s.Meta.Source, s.Meta.Stage = text, text, text
	s.Meta.Title, s.Meta.StageWhy = story.Text{EN: text, ZH: text}, story.Text{EN: text, ZH: text}
	for i := range s.Steps {
		step := &s.Steps[i]
		step.Say, step.Does = story.Text{EN: text, ZH: text}, text
		if c := step.Call; c != nil {
			changed := *c
			changed.Program, changed.Args, changed.Op = text, text, text
			step.Call = &changed
		}
		if f := step.Frame; f != nil {
			changed := *f
			changed.Raw = append(make([]byte, 54), text...)
			changed.PayloadOffset, changed.Segment.Len = 54, uint32(len(text))
			step.Frame = &changed
			step.Anomalies = append(step.Anomalies, text)
		}
	}
	return s
}
