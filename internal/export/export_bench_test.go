package export_test

import (
	"io"
	"testing"

	"tcpviz/internal/export"
	"tcpviz/internal/lesson"
	"tcpviz/internal/story"
)

// BenchmarkExport writes all lessons in one form; what it takes for one is reported.
func BenchmarkExport(b *testing.B) {
	var stories []*story.Story
	for _, l := range lesson.All() {
		stories = append(stories, performed(b, l))
	}
	for name, write := range map[string]func(s *story.Story) error{
		"svg":  func(s *story.Story) error { return export.SVG(io.Discard, s, export.PictureOptions{}) },
		"html": func(s *story.Story) error { return export.HTML(io.Discard, s, export.PictureOptions{}) },
		"mmd":  func(s *story.Story) error { return export.Mermaid(io.Discard, s, export.MermaidOptions{}) },
		"txt":  func(s *story.Story) error { return export.Text(io.Discard, s, export.TextOptions{}) },
		"json": func(s *story.Story) error { return export.JSON(io.Discard, s) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				for _, s := range stories {
					if err := write(s); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(b.N*len(stories)), "ms/lesson")
		})
	}
}
