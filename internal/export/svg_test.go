package export_test

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tcpviz/capture"
	"tcpviz/fsm"
	"tcpviz/internal/export"
	"tcpviz/internal/lab"
	"tcpviz/internal/lang"
	"tcpviz/internal/lesson"
	"tcpviz/internal/source"
	"tcpviz/internal/story"
)

// recorded gives the story of one of the repository's recordings.
func recorded(t testing.TB, name string) *story.Story {
	t.Helper()
	file, err := capture.Open(filepath.Join("../../testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	reader := source.New(file)
	meta, _ := reader.Meta()
	b := story.NewBuilder(meta)
	var all []story.Event
	for {
		events, err := reader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, events...)
	}
	b.Add(all...)
	return b.Story()
}

// performed gives the story of a lesson, performed on the stage that works everywhere.
func performed(t testing.TB, l lesson.Lesson) *story.Story {
	t.Helper()
	b := story.NewBuilder(story.Meta{Lesson: l.ID, Title: l.Title})
	_, err := lab.Run(context.Background(), l, lab.Options{
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

// svg draws a story.
func svg(t testing.TB, s *story.Story, o export.PictureOptions) string {
	t.Helper()
	var out bytes.Buffer
	if err := export.SVG(&out, s, o); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// wellFormed parses a text as XML.
func wellFormed(text string) error {
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// The pictures that are kept, to be looked at.
func TestSVG(t *testing.T) {
	for name, draw := range map[string]func() string{
		"connection.svg": func() string { return svg(t, recorded(t, "recordings/connection.pcapng"), export.PictureOptions{}) },
		"connection.zh.svg": func() string {
			return svg(t, recorded(t, "recordings/connection.pcapng"), export.PictureOptions{Lang: lang.Chinese})
		},
		"clients.svg": func() string { return svg(t, recorded(t, "recordings/clients.pcapng"), export.PictureOptions{Conn: 2}) },
		"simultaneous.svg": func() string {
			return svg(t, recorded(t, "recordings/simultaneous-close.pcapng"), export.PictureOptions{Dark: true})
		},
		"refused.svg":   func() string { return svg(t, recorded(t, "recordings/refused.pcapng"), export.PictureOptions{}) },
		"foreign.svg":   func() string { return svg(t, recorded(t, "captures/curl.pcap"), export.PictureOptions{}) },
		"wire.svg":      func() string { return svg(t, handled(), export.PictureOptions{}) },
		"handshake.svg": func() string { return svg(t, handshake(), export.PictureOptions{}) },
	} {
		t.Run(name, func(t *testing.T) {
			got := draw()
			if err := wellFormed(got); err != nil {
				t.Error(err)
			}
			compareGolden(t, filepath.Join("svg", name), got)
		})
	}
}

// Every lesson can be drawn, in both languages.
func TestEachLessonAsSVG(t *testing.T) {
	folder := os.Getenv("TCPVIZ_PICTURES") // to look at them
	for _, l := range lesson.All() {
		t.Run(l.ID, func(t *testing.T) {
			s := performed(t, l)
			for _, language := range []lang.Language{lang.English, lang.Chinese} {
				got := svg(t, s, export.PictureOptions{Lang: language})
				if err := wellFormed(got); err != nil {
					t.Error(err)
				}
				if again := svg(t, s, export.PictureOptions{Lang: language}); again != got {
					t.Error("the same story is drawn in two ways")
				}
				if folder != "" {
					if err := os.WriteFile(filepath.Join(folder, l.ID+"."+language.String()+".svg"), []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
				}
			}
		})
	}
}

// A picture that would be too large to be opened ends early, and says so.
func TestLongStory(t *testing.T) {
	w := &onWire{}
	for range export.MostRows {
		w.arrives(w.send(fsm.Client, fsm.ACK, 1, 1, "x"))
	}
	s := w.story()
	left := len(s.View(1).Rows) - export.MostRows
	if left <= 0 {
		t.Fatalf("the story has no more than %d steps", export.MostRows)
	}
	want := fmt.Sprintf("%d more steps are not in this picture", left)
	if got := svg(t, s, export.PictureOptions{}); !strings.Contains(got, want) || wellFormed(got) != nil {
		t.Errorf("the picture does not say %q", want)
	}
	if got := htmlOf(t, s, export.PictureOptions{}); !strings.Contains(got, want) {
		t.Errorf("the page does not say %q", want)
	}
	const most = 50_000 // what Mermaid takes
	if got := mermaidOf(t, s, export.MermaidOptions{}); len(got) > most || !strings.Contains(got, "more steps are not in this picture") {
		t.Errorf("the diagram has %d octets, or does not say that it ends early", len(got))
	}
}
