package ui

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// halfSeconds is a story in which every row takes half a second; row 1 is a segment.
func halfSeconds(row int) beat {
	b := beat{dwell: 500 * time.Millisecond, real: time.Second}
	if row == 1 {
		b.flight = 250 * time.Millisecond
	}
	return b
}

// TestPlaybackTable goes through the table above playback.on.
func TestPlaybackTable(t *testing.T) {
	const dt = 100 * time.Millisecond
	paused := playback{at: 1, rows: 4, speed: 1}
	playing := playback{at: 1, rows: 4, speed: 1, playing: true, elapsed: 100 * time.Millisecond}
	waiting := playback{at: 3, rows: 4, speed: 1, waiting: true}
	following := playback{at: 3, rows: 4, speed: 1, follow: true}
	open := playback{at: 3, rows: 4, speed: 1, open: true}
	stopped := func(at int) playback { return playback{at: at, rows: 4, speed: 1} }
	with := func(p playback, change func(p *playback)) playback {
		change(&p)
		return p
	}
	cases := []struct {
		name string
		from playback
		on   playEvent
		want playback
	}{
		{"time stands still when paused", paused, playEvent{signal: tick, passed: dt}, paused},
		{"time passes", playing, playEvent{signal: tick, passed: dt}, with(playing, func(p *playback) { p.elapsed += dt })},
		{"a long pause counts as one tick", playing, playEvent{signal: tick, passed: time.Hour}, with(playing, func(p *playback) { p.elapsed += longestTick })},
		{"the next row", with(playing, func(p *playback) { p.elapsed = 450 * time.Millisecond }), playEvent{signal: tick, passed: dt},
			with(playing, func(p *playback) { p.at, p.elapsed = 2, 50*time.Millisecond })},
		{"speed counts", with(playing, func(p *playback) { p.speed = 8 }), playEvent{signal: tick, passed: dt},
			with(playing, func(p *playback) { p.speed, p.at, p.elapsed = 8, 2, 400*time.Millisecond })},
		{"the end", with(playing, func(p *playback) { p.at = 3 }), playEvent{signal: tick, passed: dt}, waiting},
		{"play", paused, playEvent{signal: toggle}, with(paused, func(p *playback) { p.playing = true })},
		{"play again from the start", stopped(3), playEvent{signal: toggle}, playback{at: -1, rows: 4, speed: 1, playing: true}},
		{"play again after the end", waiting, playEvent{signal: toggle}, playback{at: -1, rows: 4, speed: 1, playing: true}},
		{"pause keeps a segment where it is", playing, playEvent{signal: toggle}, with(playing, func(p *playback) { p.playing = false })},
		{"pause what follows", following, playEvent{signal: toggle}, stopped(3)},
		{"forward", paused, playEvent{signal: forward}, stopped(2)},
		{"forward stops playing", playing, playEvent{signal: forward}, stopped(2)},
		{"forward at the end", stopped(3), playEvent{signal: forward}, stopped(3)},
		{"back", paused, playEvent{signal: back}, stopped(0)},
		{"back before the first", stopped(0), playEvent{signal: back}, stopped(-1)},
		{"back at the beginning", stopped(-1), playEvent{signal: back}, stopped(-1)},
		{"back stops following", following, playEvent{signal: back}, stopped(2)},
		{"first", playing, playEvent{signal: first}, stopped(-1)},
		{"last", playing, playEvent{signal: last}, stopped(3)},
		{"jump", playing, playEvent{signal: jump, n: 2}, stopped(2)},
		{"jump too far", playing, playEvent{signal: jump, n: 99}, stopped(3)},
		{"jump too far back", playing, playEvent{signal: jump, n: -99}, stopped(-1)},
		{"grown while paused", paused, playEvent{signal: grown, n: 9}, with(paused, func(p *playback) { p.rows = 9 })},
		{"grown while waiting", waiting, playEvent{signal: grown, n: 9}, playback{at: 3, rows: 9, speed: 1, playing: true}},
		{"grown while following", following, playEvent{signal: grown, n: 9}, playback{at: 8, rows: 9, speed: 1, follow: true}},
		{"shrunk", waiting, playEvent{signal: grown, n: 2}, playback{at: 1, rows: 2, speed: 1, waiting: true}},
		{"the end of what is open", with(open, func(p *playback) { p.playing = true }), playEvent{signal: tick, passed: dt}, with(open, func(p *playback) { p.waiting = true })},
		{"a segment at the end has come half-way", playback{at: 1, rows: 2, speed: 1, playing: true, elapsed: 200 * time.Millisecond}, playEvent{signal: tick, passed: dt},
			playback{at: 1, rows: 2, speed: 1, waiting: true, elapsed: 250 * time.Millisecond}},
		{"pause at the end of what is open", with(open, func(p *playback) { p.waiting = true }), playEvent{signal: toggle}, open},
		{"play on from the end of what is open", open, playEvent{signal: toggle}, with(open, func(p *playback) { p.waiting = true })},
		{"forward from the end of what is open", open, playEvent{signal: forward}, with(open, func(p *playback) { p.owed = true })},
		{"one row is owed", with(open, func(p *playback) { p.owed = true }), playEvent{signal: grown, n: 9}, with(open, func(p *playback) { p.at, p.rows = 4, 9 })},
		{"back owes nothing", with(open, func(p *playback) { p.owed = true }), playEvent{signal: back}, with(open, func(p *playback) { p.at = 2 })},
		{"last of what is open", with(open, func(p *playback) { p.at = 1 }), playEvent{signal: last}, with(open, func(p *playback) { p.follow = true })},
		{"resume", with(open, func(p *playback) { p.at, p.follow = 1, true }), playEvent{signal: resume}, with(open, func(p *playback) { p.waiting = true })},
		{"faster", paused, playEvent{signal: faster}, with(paused, func(p *playback) { p.speed = 2 })},
		{"fastest", with(paused, func(p *playback) { p.speed = 8 }), playEvent{signal: faster}, with(paused, func(p *playback) { p.speed = 8 })},
		{"slowest", with(paused, func(p *playback) { p.speed = 0.25 }), playEvent{signal: slower}, with(paused, func(p *playback) { p.speed = 0.25 })},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := c.from.on(c.on, halfSeconds, false)
			if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(playback{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if got := paused.on(playEvent{signal: last}, halfSeconds, true); !got.follow {
		t.Error("the end of a live story is not followed")
	}
}

func TestPlaybackMoment(t *testing.T) {
	p := playback{at: 1, rows: 4, playing: true, elapsed: 125 * time.Millisecond}
	if flight, waited := p.moment(halfSeconds(1)); flight != 0.5 || waited != 250*time.Millisecond {
		t.Errorf("half-way: flight %v, waited %v", flight, waited)
	}
	p.playing = false
	if flight, _ := p.moment(halfSeconds(1)); flight != 0.5 {
		t.Errorf("paused half-way: flight %v", flight)
	}
	p.elapsed = 0
	if flight, waited := p.moment(halfSeconds(1)); flight != 1 || waited != 0 {
		t.Errorf("at rest: flight %v, waited %v", flight, waited)
	}
}

// TestPlaysToTheEnd plays a lesson in ticks of a frame and looks at its pace.
func TestPlaysToTheEnd(t *testing.T) {
	d := newDashboard(Options{})
	d.show(connectionStory(t))
	var played time.Duration
	said := false
	for d.animating() {
		before := d.play.at
		d.send(playEvent{signal: tick, passed: frameTime})
		if d.play.at < before || d.play.at > before+1 {
			t.Fatalf("from row %d to row %d in one tick", before, d.play.at)
		}
		said = said || d.moment().pass == 3*time.Second+30*time.Microsecond
		if played += frameTime; played > 3*time.Minute {
			t.Fatal("it does not end")
		}
	}
	if d.play.at != d.play.rows-1 {
		t.Errorf("ended at row %d of %d", d.play.at, d.play.rows)
	}
	if !said {
		t.Error("a wait of three seconds was shortened without a word")
	}
	if played < 20*time.Second || played > 90*time.Second {
		t.Errorf("a whole connection took %v: not a human pace", played)
	}
}

func TestBeats(t *testing.T) {
	m := moment{story: connectionStory(t), lang: lang.English}
	m.view = m.story.View(1)
	for i := -1; i < len(m.view.Rows); i++ {
		b := m.beat(i)
		step := m.stepAt(i)
		if b.dwell < b.flight || b.dwell < 300*time.Millisecond || b.dwell > 10*time.Second {
			t.Errorf("row %d: %+v", i, b)
		}
		if glides := step != nil && step.Kind == story.SegmentSent; glides != (b.flight > 0) {
			t.Errorf("row %d glides: %v", i, b.flight)
		}
	}
}
