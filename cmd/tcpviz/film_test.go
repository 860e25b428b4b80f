package main

import (
	"io"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"tcpviz/internal/export"
	"tcpviz/ui"
)

// A film begins before the first step, ends with the last, and its time goes forward.
func TestShots(t *testing.T) {
	s := replayed(t, filepath.Join("../../testdata/recordings", "refused.pcapng"))
	film := ui.NewFilm(ui.Options{NoMouse: true}, s, 0, 80, 24)
	first, last := screenOf(film.At(0), nil), screenOf(film.At(film.Steps()), nil)
	n, before := 0, time.Duration(-1)
	var end export.Screen
	for shot := range shots(film) {
		if n == 0 && !slices.Equal(shot.Screen.Cells, first.Cells) {
			t.Error("it does not begin before the first step")
		}
		if shot.At < before || n == 0 && shot.At != 0 {
			t.Errorf("shot %d is at %s, that before it at %s", n, shot.At, before)
		}
		n, before, end = n+1, shot.At, shot.Screen
	}
	if n <= film.Steps() || !slices.Equal(end.Cells, last.Cells) {
		t.Errorf("%d shots of %d steps, or the last is not the end", n, film.Steps())
	}
}

// BenchmarkCast films the dashboard, as the export to asciinema does.
func BenchmarkCast(b *testing.B) {
	s := replayed(b, filepath.Join("../../testdata/recordings", "connection.pcapng"))
	for b.Loop() {
		film := ui.NewFilm(ui.Options{NoMouse: true}, s, 0, 100, 30)
		if err := export.Cast(io.Discard, export.CastOptions{Width: 100, Height: 30}, shots(film)); err != nil {
			b.Fatal(err)
		}
	}
}
