package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tcpviz/internal/lab"
	"tcpviz/internal/lesson"
	"tcpviz/internal/story"
	"tcpviz/ui"
)

// demo plays lessons.
type demo struct {
	p      *program
	stage  string
	record string
	step   bool
	speed  float64
	shared bool // play on this machine's own lo, where others can watch

	lesson lesson.Lesson // the one that was asked for
	own    bool          // it is from a file of the user's
	place  lab.Place     // where lessons can be performed
	why    error         // why they cannot, when place is Nowhere
}

// How fast the dashboard can play; 1 is a human pace.
const (
	slowest = 0.25
	fastest = 8.0
)

func newDemo(p *program) *demo { return &demo{p: p} }

func (d *demo) command() *cobra.Command {
	c := &cobra.Command{
		Use:   "demo [LESSON|FILE.yaml]",
		Short: "Play a lesson",
		Long: `Plays a lesson (tcpviz lessons lists them) or a lesson file: the programs in it make
real socket calls on the loopback interface, and their segments are captured there.

It needs no privilege where the system lets it make a network namespace of its own.
Where it cannot play a lesson, the recording of a built-in one is shown instead.`,
		Example: `  tcpviz demo                            the lesson "connection"
  tcpviz demo refused --step             stopped at the first step
  tcpviz demo my.yaml                    a lesson of your own
  tcpviz demo close --record x.pcapng    recorded, for replay, Wireshark and tcpdump
  tcpviz demo clients --output json      as JSON lines`,
		Args: wantArgs(0, 1, "a lesson"),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var ids []string
			for _, l := range lesson.All() {
				ids = append(ids, l.ID+"\t"+l.Title.In(d.p.language()))
			}
			return ids, cobra.ShellCompDirectiveDefault
		},
		RunE: func(c *cobra.Command, args []string) error {
			name := "connection"
			if len(args) > 0 {
				name = args[0]
			}
			return d.run(c.Context(), name)
		},
	}
	flags := c.Flags()
	flags.Var(choice{&d.stage, []string{"loopback"}}, "stage", "`stage` to play on: loopback (the first that works here)")
	flags.BoolVar(&d.shared, "shared-lo", false, "play on this machine's own lo, where tcpdump and Wireshark can watch too (needs CAP_NET_RAW)")
	flags.StringVar(&d.record, "record", "", "write a recording to this pcapng `file`")
	flags.BoolVar(&d.step, "step", false, "dashboard: wait at the first step")
	flags.Float64Var(&d.speed, "speed", 1, "dashboard: play so many `times` as fast")
	return c
}

func (d *demo) run(ctx context.Context, name string) error {
	var err error
	d.own = isLessonFile(name)
	if d.lesson, err = findLesson(name); err != nil {
		return err
	}
	if d.speed < slowest || d.speed > fastest {
		return usagef("--speed %g: a number from %g to %g is wanted", d.speed, slowest, fastest)
	}
	var nested error
	if !d.shared {
		// Before anything is written, and before the terminal is touched.
		status, done, err := lab.Reexec()
		if done {
			return exitStatus(status)
		}
		nested = err
	}
	form, err := d.p.form()
	if err != nil {
		return err
	}
	if d.place, err = lab.Probe(d.shared); err != nil {
		d.why = errors.Join(err, nested)
		if d.stage != "" || d.record != "" || d.own || d.shared {
			return d.cannotPlay()
		}
		d.p.note(fmt.Sprintf("showing the recording of the lesson: %v", d.cannotPlay()))
	}
	var file *saveFile
	if d.record != "" {
		if file, err = createFile(d.record); err != nil {
			return fmt.Errorf("--record: %w", err)
		}
	}
	r := &recorder{file: file}
	if form == outputTUI {
		err = d.dashboard(ctx, r)
	} else {
		err = d.print(ctx, form, r)
	}
	return errors.Join(err, r.close())
}

// isLessonFile tells a file's name from a lesson's.
func isLessonFile(name string) bool {
	extension := strings.ToLower(filepath.Ext(name))
	return extension == ".yaml" || extension == ".yml" || strings.ContainsAny(name, `/\`)
}

func findLesson(name string) (lesson.Lesson, error) {
	if isLessonFile(name) {
		data, err := os.ReadFile(name)
		if err != nil {
			return lesson.Lesson{}, fmt.Errorf("demo %s: %w; give the path of a lesson file, or a lesson's name (tcpviz lessons lists them)", name, reason(err))
		}
		return lesson.Parse(name, data)
	}
	if l, ok := lesson.Find(name); ok {
		return l, nil
	}
	if near := lesson.Nearest(name); near != "" {
		return lesson.Lesson{}, usagef("unknown lesson %q: did you mean %s? (tcpviz lessons lists them)", name, near)
	}
	return lesson.Lesson{}, usagef("unknown lesson %q: tcpviz lessons lists them", name)
}

// cannotPlay says that no lesson can be played here, the ways out, and why.
func (d *demo) cannotPlay() error {
	ways := ""
	if runtime.GOOS == "linux" {
		ways = "; run it with sudo, or allow it once: " + setcap()
	}
	if d.shared {
		ways += "; or leave out --shared-lo"
	}
	return fmt.Errorf("lessons cannot be played here%s (%w)", ways, d.why)
}

// performance is the feed of a lesson: performed where that is possible, else
// its recording.
func (d *demo) performance(l lesson.Lesson, r *recorder, progress func(string)) (feed, error) {
	if d.place == lab.Nowhere {
		return d.recording(l)
	}
	meta := story.Meta{
		Lesson: l.ID, Title: l.Title, Stage: lab.Stage, StageWhy: d.place.Why().In(d.p.language()),
	}
	read := func(ctx context.Context, emit func(update)) error {
		var played []story.Event
		result, err := lab.Run(ctx, l, lab.Options{
			Shared: d.shared,
			Emit: func(events []story.Event) {
				played = append(played, events...)
				emit(addEvents(slices.Clone(events), ""))
			},
			Progress: progress,
		})
		meta.StageWhy = result.Place.Why().In(d.p.language())
		if result.Attempts > 1 {
			luck := story.Text{
				EN: "; it needed luck, and this is attempt %d, the first that had it",
				ZH: "；需要运气，这是第 %d 次尝试，第一次成功",
			}
			meta.StageWhy += fmt.Sprintf(luck.In(d.p.language()), result.Attempts)
		}
		emit(addResult(meta, result))
		if err != nil {
			return err
		}
		if err := r.write(l, meta, played); err != nil {
			return err
		}
		if len(result.Unmet) > 0 {
			return fmt.Errorf("lesson %s: the kernel did otherwise than the lesson states: %s", l.ID, strings.Join(result.Unmet, "; "))
		}
		return nil
	}
	return feed{builder: story.NewBuilder(meta), read: read, whole: true}, nil
}

// addResult tells the story where the lesson was performed in the end, and counts
// the frames that made no event.
func addResult(meta story.Meta, result lab.Result) update {
	return func(b *story.Builder) {
		b.SetMeta(meta)
		for reason, n := range result.Skipped {
			for range n {
				b.Skip(reason)
			}
		}
		b.Dropped(result.Dropped)
	}
}

func (d *demo) print(ctx context.Context, form output, r *recorder) error {
	f, err := d.performance(d.lesson, r, nil)
	if err != nil {
		return err
	}
	return d.p.print(ctx, form, f)
}

func (d *demo) dashboard(ctx context.Context, r *recorder) error {
	player := newPlayer[string]()
	player.play(d.lesson.ID)
	o := ui.Options{Play: player.play, Paused: d.step, Speed: d.speed}
	lessons := lesson.All()
	if d.own {
		lessons = append([]lesson.Lesson{d.lesson}, lessons...)
	}
	for _, l := range lessons {
		o.Lessons = append(o.Lessons, ui.LessonItem{ID: l.ID, Title: l.Title, Summary: l.Summary})
	}
	return d.p.dashboard(ctx, o, func(ctx context.Context, app *ui.App) error {
		var asked error // what became of the lesson that was asked for
		player.run(ctx, func(ctx context.Context, id string) {
			err := d.perform(ctx, app, id, r)
			if ctx.Err() != nil {
				return
			}
			if err != nil {
				app.Fail(err)
			}
			if id == d.lesson.ID {
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
func (d *demo) perform(ctx context.Context, app *ui.App, id string, r *recorder) error {
	l := d.lesson
	if id != l.ID {
		var ok bool
		if l, ok = lesson.Find(id); !ok {
			return fmt.Errorf("unknown lesson %q", id)
		}
	}
	f, err := d.performance(l, r, app.Status)
	if err != nil {
		return err
	}
	app.Status("playing the lesson " + l.ID + " …")
	err = follow(ctx, f.builder, f.read, func(s *story.Story, _ bool) error {
		app.Show(s)
		return nil
	})
	if err != nil {
		return err
	}
	switch {
	case d.place == lab.Nowhere:
		app.Status("a recording: lessons cannot be played here (sudo or setcap would allow it)")
	case r.done == l.ID:
		app.Status("recorded to " + d.record)
	default:
		app.Status("")
	}
	return nil
}
