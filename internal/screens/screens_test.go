package screens

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tcpviz/internal/lab"
	"tcpviz/internal/lang"
	"tcpviz/internal/lesson"
	"tcpviz/internal/story"
	"tcpviz/ui"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// The sizes that are laid out on purpose, and the languages.
var (
	sizes     = []struct{ w, h int }{{80, 24}, {120, 40}, {200, 60}}
	languages = []lang.Language{lang.English, lang.Chinese}
)

// picture is a screen as text, under the name of its moment.
type picture struct {
	name string
	text string
}

// TestLessons compares every screen of every lesson with the one that is kept.
func TestLessons(t *testing.T) {
	for i, l := range lesson.All() {
		if !l.CanPlayOn(lab.Sim) || raceDetector && i%sample != 0 {
			continue
		}
		t.Run(l.ID, func(t *testing.T) {
			t.Parallel()
			s := perform(t, l)
			all, last := pictures(t, s)
			compareAll(t, filepath.Join("testdata", "all", l.ID+".zst"), all)
			compareText(t, filepath.Join("testdata", "last", l.ID+".txt"), last)
		})
	}
}

// sample is how many lessons there are to one that is looked at under the race
// detector, with which drawing takes many times as long.
const sample = 9

// perform plays a lesson on sim and tells its story as the program does.
func perform(t *testing.T, l lesson.Lesson) *story.Story {
	t.Helper()
	b := story.NewBuilder(story.Meta{Lesson: l.ID, Title: l.Title})
	_, err := lab.Run(t.Context(), l, lab.Options{
		Stage: lab.Sim,
		Begin: func(s lab.Setting) {
			b.SetMeta(story.Meta{Lesson: l.ID, Title: l.Title, Stage: s.Stage, StageWhy: s.Why, Ordered: s.Ordered})
		},
		Emit: func(events []story.Event) { b.Add(events...) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.Story()
}

// pictures gives every screen of a story, connection by connection, and those of the
// last step of the first one.
func pictures(t *testing.T, s *story.Story) (all, last []picture) {
	t.Helper()
	for conn := 1; conn <= max(s.Conns.Len(), 1); conn++ {
		for _, l := range languages {
			for _, size := range sizes {
				film := ui.NewFilm(ui.Options{Lang: l}, s, conn, size.w, size.h)
				for steps := range film.Steps() + 1 {
					screen := film.At(steps)
					name := fmt.Sprintf("connection %d, %v, %dx%d, step %d", conn, l, size.w, size.h, steps)
					check(t, name, screen)
					all = append(all, picture{name, textOf(screen)})
				}
				if conn == 1 {
					last = append(last, all[len(all)-1])
				}
			}
		}
	}
	return all, last
}

// textOf gives a screen as lines.
func textOf(s ui.Screen) string {
	var b strings.Builder
	for y := range s.Height {
		b.WriteString(s.Text(y))
		b.WriteByte('\n')
	}
	return b.String()
}

// compareText compares pictures with a file of plain text, or rewrites it.
func compareText(t *testing.T, file string, all []picture) {
	t.Helper()
	got := joined(all)
	if *update {
		write(t, file, []byte(got))
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s is not up to date: go test ./internal/screens -update", file)
	}
}

func write(t *testing.T, file string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
}
