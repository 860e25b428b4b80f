package main

import (
	"context"
	"errors"

	"tcpviz/internal/lab"
	"tcpviz/internal/lang"
	"tcpviz/internal/lesson"
	"tcpviz/internal/story"
	"tcpviz/ui"
)

// lessonWish is a lesson that is to be played in the dashboard.
type lessonWish struct {
	id   string
	hold int // the wire is held from this frame on; 0: it is not
}

// dashboard plays lessons in the dashboard.
func (d *demo) dashboard(ctx context.Context, r *recorder) error {
	player := newPlayer[lessonWish]()
	first := lessonWish{id: d.lesson.ID}
	if d.hold {
		first.hold = 1
	}
	player.play(first)
	d.hand = newWireHand(player.play)
	o := ui.Options{
		Play:   func(id string) { player.play(lessonWish{id: id}) },
		Wire:   d.hand,
		Lesson: d.known,
		Paused: d.step,
		Speed:  d.speed,
	}
	lessons := lesson.All()
	if d.own {
		lessons = append([]lesson.Lesson{d.lesson}, lessons...)
	}
	for _, l := range lessons {
		o.Lessons = append(o.Lessons, ui.LessonItem{ID: l.ID, Title: l.Title, Summary: l.Summary})
	}
	return d.p.dashboard(ctx, o, func(ctx context.Context, app *ui.App) error {
		var asked error // what became of the lesson that was asked for
		player.run(ctx, func(ctx context.Context, wish lessonWish) {
			err := d.perform(ctx, app, wish, r)
			if ctx.Err() != nil {
				return
			}
			if err != nil {
				app.Fail(err)
			}
			if wish.id == d.lesson.ID {
				asked = err
			}
		})
		if asked != nil {
			return asked
		}
		return ctx.Err()
	})
}

// perform plays one lesson in the dashboard.
func (d *demo) perform(ctx context.Context, app *ui.App, wish lessonWish, r *recorder) error {
	l, ok := d.known(wish.id)
	if !ok {
		return lang.Errorf("unknown lesson %q", wish.id)
	}
	app.Begin()
	app.Status(lang.Phrasef("playing the lesson %s …", l.ID))
	d.hand.begin(app.Wire, wish)
	f := d.performance(l, r, app.Status)
	begun := false
	err := follow(ctx, f.builder, f.read, func(s *story.Story, _ bool) error {
		if !begun {
			begun = true
			app.Status(lang.Phrase{})
		}
		app.Show(s)
		return nil
	})
	d.hand.end()
	switch {
	case d.hand.hasTouched() && (errors.Is(err, errUnmet) || errors.Is(err, lab.ErrStuck)):
		// What the lesson states is not to be expected of a wire in somebody's hand.
		app.Status(lang.Phrasef("the lesson ended otherwise, by your hand"))
	case err != nil:
		return err
	case r.done == l.ID:
		app.Status(lang.Phrasef("recorded to %s", d.record))
	default:
		app.Status(lang.Phrase{})
	}
	return nil
}

// known gives a lesson by its id, as it is played.
func (d *demo) known(id string) (lesson.Lesson, bool) {
	if id == d.lesson.ID {
		return d.lesson, true
	}
	return lesson.Find(id)
}
