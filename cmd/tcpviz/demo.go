package main

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tcpviz/internal/lab"
	"tcpviz/internal/lang"
	"tcpviz/internal/lesson"
	"tcpviz/internal/story"
)

// demo plays lessons.
type demo struct {
	p      *program
	stage  string
	record string
	step   bool
	hold   bool
	speed  float64
	shared bool // play on this machine's own lo, where others can watch
	disturbances

	lesson lesson.Lesson // the one that was asked for
	own    bool          // it is from a file of the user's
	nested error         // why no user namespace is to be had
	never  error         // segments that were to be disturbed and were never sent
	hand   *wireHand     // the user's, on the wire; nil where there is no dashboard
	held   string        // the stage that a lesson is played on because its wire is to be held
	why    error         // why lessons cannot be played as it was asked for
}

// How fast the dashboard can play; 1 is a human pace.
const (
	slowest = 0.25
	fastest = 8.0
)

func newDemo(p *program) *demo { return &demo{p: p} }

func (d *demo) command() *cobra.Command {
	l := d.p.language()
	c := &cobra.Command{
		Use:   l.Text("demo [LESSON|FILE.yaml]"),
		Short: l.Text("Play a lesson"),
		Long: l.Text(`Plays a lesson (tcpviz lessons lists them) or a lesson file: the programs in it make
real socket calls, and every segment between them is shown. There are three stages:

  loopback  the kernel's own TCP on the loopback interface, captured there
  wire      the kernel's own TCP on two hosts, with the wire in tcpviz's hands
  sim       a TCP inside tcpviz (gVisor's netstack) on two hosts, wire and time in its hands

The first that can carry the lesson and works here is taken. loopback and wire need no
privilege where the system lets tcpviz make a network namespace of its own; sim
works everywhere.`),
		Example: l.Text(`  tcpviz demo                            the lesson "connection"
  tcpviz demo refused --step             stopped at the first step
  tcpviz demo my.yaml                    a lesson of your own
  tcpviz demo close --record x.pcapng    recorded, for replay, Wireshark and tcpdump
  tcpviz demo clients --output json      as JSON lines
  tcpviz demo handshake --hold           with the wire in your hand
  tcpviz demo lost-syn --stage sim       with a clock that needs no waiting
  tcpviz demo close --stage sim --drop 6 with its sixth segment lost`),
		Args: wantArgs(0, 1, "a lesson"),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return lessonCompletions(d.p), cobra.ShellCompDirectiveDefault
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
	flags.Var(choice{&d.stage, lesson.StageNames()}, "stage", l.Text("`stage` to play on: loopback, wire or sim (the first that works here)"))
	flags.BoolVar(&d.shared, "shared-lo", false, l.Text("play on this machine's own lo, where tcpdump and Wireshark can watch too (needs CAP_NET_RAW)"))
	flags.StringVar(&d.record, "record", "", l.Text("write a recording to this pcapng `file`"))
	flags.BoolVar(&d.step, "step", false, l.Text("dashboard: wait at the first step"))
	flags.BoolVar(&d.hold, "hold", false, l.Text("dashboard: begin with the wire held (wire, sim): the first segment stops half-way"))
	d.addFlags(flags, l)
	flags.Float64Var(&d.speed, "speed", 1, l.Text("dashboard: play so many `times` as fast"))
	return c
}

// lessonCompletions are the lessons' names, each with its title.
func lessonCompletions(p *program) []string {
	var ids []string
	for _, l := range lesson.All() {
		ids = append(ids, l.ID+"\t"+l.Title.In(p.language()))
	}
	return ids
}

func (d *demo) run(ctx context.Context, name string) error {
	var err error
	d.own = isLessonFile(name)
	if d.lesson, err = findLesson("demo", name); err != nil {
		return err
	}
	if d.speed < slowest || d.speed > fastest {
		return usagef("--speed %g: a number from %g to %g is wanted", d.speed, slowest, fastest)
	}
	if err := d.disturbances.check(d.stage); err != nil {
		return err
	}
	if asked := d.stage; asked != "" && !d.lesson.CanPlayOn(asked) {
		return usagef("lesson %s cannot be played on %s: --stage %s", d.lesson.ID, asked, either(lab.StagesOf(d.lesson)))
	}
	if d.hold && (d.shared || d.stage == lab.Loopback) {
		return usagef("--hold needs --stage wire or --stage sim: on loopback nobody holds the wire")
	}
	if !d.shared && d.stage != lab.Sim {
		// Before anything is written, and before the terminal is touched.
		status, done, err := lab.Reexec()
		if done {
			return exitStatus(status)
		}
		d.nested = err
	}
	form, err := d.p.form()
	if err != nil {
		return err
	}
	if d.hold && form != outputTUI {
		return usagef("--hold needs the dashboard, where your hand is; for %s use --drop N, --duplicate N or --swap N", form)
	}
	switch {
	case d.shared:
		_, err = lab.Probe(true)
	case d.stage != "":
		err = lab.Works(d.stage)
	case d.hold:
		d.held = lab.Wire
		if lab.Works(lab.Wire) != nil {
			d.held = lab.Sim
		}
	}
	if err != nil {
		d.why = errors.Join(err, d.nested)
		return d.cannotPlay()
	}
	var file *saveFile
	if d.record != "" {
		if file, err = createFile(d.record); err != nil {
			return lang.Errorf("--record: %w", err)
		}
	}
	r := &recorder{file: file}
	if form == outputTUI {
		err = d.dashboard(ctx, r)
	} else {
		err = d.print(ctx, form, r)
	}
	return errors.Join(err, d.never, r.close())
}

// either lists the stages that may be asked for.
func either(stages []string) lang.Phrase {
	all := lang.Phrasef("%s", stages[0])
	for _, stage := range stages[1:] {
		all = lang.Phrasef("%s or --stage %s", all, stage)
	}
	return all
}

// isLessonFile tells a file's name from a lesson's.
func isLessonFile(name string) bool {
	extension := strings.ToLower(filepath.Ext(name))
	return extension == ".yaml" || extension == ".yml" || strings.ContainsAny(name, `/\`)
}

func findLesson(command, name string) (lesson.Lesson, error) {
	if isLessonFile(name) {
		data, err := os.ReadFile(name)
		if err != nil {
			return lesson.Lesson{}, lang.Errorf("%s %s: %w; give the path of a lesson file, or a lesson's name (tcpviz lessons lists them)", command, name, reason(err))
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
	var ways lang.Phrase
	switch {
	case runtime.GOOS != "linux":
	case d.stage == lab.Wire: // no capability of the file is enough for a namespace
		ways = lang.Phrasef("; run it with sudo")
	default:
		ways = lang.Phrasef("; run it with sudo, or allow it once: %s", setcap())
	}
	if d.shared {
		ways = lang.Phrasef("%s; or leave out --shared-lo", ways)
	} else if d.stage != "" {
		ways = lang.Phrasef("%s; or leave out --stage", ways)
	}
	where := lang.Phrasef("here")
	if d.stage != "" {
		where = lang.Phrasef("on stage %s here", d.stage)
	}
	return lang.Errorf("lessons cannot be played %s%s (%w)", where, ways, d.why)
}

// errUnmet means that a lesson was performed, and that something it states did not happen.
var errUnmet = errors.New("did otherwise than the lesson states")

// stageOf gives the stage that the lesson must be played on; "" for the best there is.
func (d *demo) stageOf(l lesson.Lesson) string {
	switch {
	case d.held == "" || l.CanPlayOn(d.held):
		return cmp.Or(d.stage, d.held)
	case d.held == lab.Wire:
		return lab.Sim
	}
	return lab.Wire
}

// performance is the feed of a lesson that is performed while it is read.
func (d *demo) performance(l lesson.Lesson, r *recorder, progress func(lang.Phrase)) feed {
	meta := story.Meta{Lesson: l.ID, Title: l.Title}
	read := func(ctx context.Context, emit func(update)) error {
		var played []story.Event
		result, err := lab.Run(ctx, l, lab.Options{
			Stage:  d.stageOf(l),
			Shared: d.shared,
			Reexec: d.nested,
			Begin: func(s lab.Setting) {
				begun := d.set(meta, s)
				d.hand.on(s.Stage)
				emit(func(b *story.Builder) { b.SetMeta(begun) })
			},
			Emit: func(events []story.Event) {
				played = append(played, events...)
				emit(addEvents(slices.Clone(events), ""))
				d.hand.saw(ctx, events)
			},
			Progress: progress,
			Verdict:  d.hand.verdict(l, d.verdict(l)),
		})
		meta := d.set(meta, result.Setting)
		if result.Attempts > 1 {
			luck := story.Both(lang.Phrasef("; it needed luck, and this is attempt %d, the first that had it", result.Attempts))
			meta.StageWhy.EN += luck.EN
			meta.StageWhy.ZH += luck.ZH
		}
		emit(addResult(meta, result))
		byHand := d.hand.hasTouched()
		if err != nil {
			if byHand {
				r.keep(l, meta, played)
			}
			return err
		}
		if err := r.write(l, meta, played, byHand); err != nil {
			return err
		}
		d.never = d.missed(l, result.Frames)
		if len(result.Unmet) > 0 {
			who := lang.Phrasef("the kernel")
			if result.Stage == lab.Sim {
				who = lang.Phrasef("netstack")
			}
			return lang.Errorf("lesson %s: %s %w: %s", l.ID, who, errUnmet, result.Otherwise())
		}
		return nil
	}
	return feed{builder: story.NewBuilder(meta), read: read, whole: true}
}

// set gives what the story is about, with where it is performed.
func (d *demo) set(meta story.Meta, s lab.Setting) story.Meta {
	meta.Stage, meta.StageWhy, meta.Ordered = s.Stage, s.Why, s.Ordered
	return meta
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
	return d.p.print(ctx, form, d.performance(d.lesson, r, nil))
}
