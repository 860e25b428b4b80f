package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tcpviz/internal/export"
	"tcpviz/internal/lang"
	"tcpviz/internal/lesson"
	"tcpviz/ui"
)

// The pictures of the README and of the teacher's page are taken from the program.
func TestPictures(t *testing.T) {
	tests := []struct {
		name          string
		recording     string
		language      lang.Language
		steps         int
		keys          string
		width, height int
		large         bool
	}{
		{name: "connection", recording: "connection", steps: 31, width: 120, height: 36},
		{name: "connection-zh", recording: "connection", language: lang.Chinese, steps: 31, width: 120, height: 36},
		{name: "source", recording: "connection", steps: 31, keys: "vV", width: 120, height: 36},
		{name: "stack", recording: "connection", steps: 31, keys: "k", width: 120, height: 40},
		{name: "large", recording: "connection", steps: 20, width: 100, height: 30, large: true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := replayed(t, filepath.Join("../../testdata/recordings", test.recording+".pcapng"))
			film := ui.NewFilm(ui.Options{
				Lang: test.language, NoMouse: true, Lesson: lesson.Find, Preferences: ui.Preferences{Large: test.large},
			}, s, 0, test.width, test.height)
			film.Press(test.keys)
			var got bytes.Buffer
			o := export.ScreenOptions{Title: "tcpviz: " + s.Meta.Title.In(test.language), Dark: true}
			if err := export.ScreenSVG(&got, screenOf(film.At(test.steps), nil), o); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join("../../testdata/pictures", test.name+".svg")
			if *updateGoldens {
				if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", file, diff)
			}
		})
	}
}
