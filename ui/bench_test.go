package ui

import (
	"testing"
	"time"

	"github.com/gdamore/tcell/v2"
)

// BenchmarkFrame200x60 draws the richest screen while a segment glides: each frame
// differs from the one before.
func BenchmarkFrame200x60(b *testing.B) {
	screen := tcell.NewSimulationScreen("UTF-8")
	if err := screen.Init(); err != nil {
		b.Fatal(err)
	}
	defer screen.Fini()
	screen.SetSize(200, 60)
	d := newDashboard(Options{})
	d.show(connectionStory(b))
	for d.moment().step() == nil || d.moment().step().Frame == nil {
		d.send(playEvent{signal: forward})
	}
	d.play.playing = true
	var f frame
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		d.play.elapsed = glide / 16 * time.Duration(1+i%15)
		d.draw(f.begin(200, 60))
		f.show(screen)
		screen.Show()
	}
}
