package main

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"tcpviz/internal/lab"
	"tcpviz/internal/lang"
	"tcpviz/internal/lesson"
	"tcpviz/internal/verify"
)

// verifier compares the model with the stacks.
type verifier struct {
	p      *program
	stages []string
	only   []string
	jobs   int
}

const verifyHelp = `Performs lessons (all, unless some are named) and compares after each event what the
model says of each socket with what the TCP stack itself says. On the stages wire and sim
each lesson is performed again for each of its segments: with that one dropped
(drop), with that one arriving twice (duplicate), and with that one arriving after the
next of its direction (swap); on loopback nobody holds the wire, and only the plain
part is possible. A stage that does not work here is a row that says why. All lessons
take seconds on sim and minutes on wire, whose timers are real.

The table tells how many runs were made, how many checks of a state, and how many
agreed. A disagreement is shown with the command line that performs its run again;
on sim that is the same run, octet for octet, while a real kernel's timers and threads
need not do the same twice. A disturbed lesson need not reach its end: a
program waits for ever for what was lost (endless), or something is not as the lesson
states it (otherwise). That is no disagreement; in the plain part both are failures.

The second table is about the observer's model: what a capture at one point would let
one conclude, from the segments as they were sent and nothing else. After each run's
end its states are compared with the stacks' last ones, of all ends of connections, and of
those that the capture decides on: not where the state is only assumed, where the end has sent
nothing, or in a state that a TCP leaves by a timer without a segment (TIME-WAIT,
FIN-WAIT-2, SYN-SENT, SYN-RECEIVED), or LISTEN. What differs here does not change the
exit status: it is what a capture cannot know.

As JSON lines: "verify" for each row (stage, part, runs, planned, checks, agreements,
differ: runs with a disagreement; endless, otherwise, broken, missed: runs by how they
went; observer: compared, decided, agree, undecided, agree_too; why, where a stage does
not work), then "disagreement" for each run that has one (stage, part, lesson, segment,
count, step, event, rules, side, local, remote, model, stack, reproduce) and "failure" for
each run that failed otherwise (stage, part, lesson, segment, error, reproduce).

Exit status: 0 all agree, 1 some do not, or a plain lesson fails, 2 wrong usage.`

func newVerify(p *program) *cobra.Command {
	v, l := &verifier{p: p}, p.language()
	c := &cobra.Command{
		Use:   l.Text("verify [LESSON|FILE.yaml]..."),
		Short: l.Text("Compare the model with the TCP stacks"),
		Long:  l.Text(verifyHelp),
		Example: l.Text(`  tcpviz verify                                  everything that works here
  tcpviz verify --stage sim                      without any privilege
  tcpviz verify --only plain                     every lesson once
  tcpviz verify lost-syn close --stage sim,wire --only drop
  tcpviz verify --stage sim --output json        as JSON lines`),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return lessonCompletions(p), cobra.ShellCompDirectiveDefault
		},
		RunE: func(c *cobra.Command, args []string) error { return v.run(c.Context(), args) },
	}
	flags := c.Flags()
	flags.Var(choices{&v.stages, lesson.StageNames()}, "stage", l.Text("`stages` to perform on: loopback, wire, sim (all that work here)"))
	flags.Var(choices{&v.only, partNames()}, "only", l.Text("`parts` of the matrix: plain, drop, duplicate, swap (all)"))
	flags.IntVar(&v.jobs, "jobs", 0, l.Text("perform `N` lessons at one time (0: what suits the stage)"))
	return c
}

func partNames() []string {
	var names []string
	for _, p := range verify.Parts() {
		names = append(names, string(p))
	}
	return names
}

// mostJobs bounds how many hosts there are at one time.
const mostJobs = 256

func (v *verifier) run(ctx context.Context, names []string) error {
	if v.p.output == outputTUI {
		return usagef("verify has no dashboard; use --output text")
	}
	if v.jobs < 0 || v.jobs > mostJobs {
		return usagef("--jobs %d: a number from 0 to %d is wanted", v.jobs, mostJobs)
	}
	lessons, err := lessonsNamed(names)
	if err != nil {
		return err
	}
	var nested error
	if len(v.stages) == 0 || slices.ContainsFunc(v.stages, func(s string) bool { return s != lab.Sim }) {
		// Before anything is written.
		status, done, err := lab.Reexec()
		if done {
			return exitStatus(status)
		}
		nested = err
	}
	progress := v.p.newProgressLine("")
	o := verify.Options{
		Lessons: lessons, Stages: v.stages, Jobs: v.jobs,
		Progress: func(p verify.Progress) {
			progress.say(func(time.Duration) string { return verifyProgress(v.p.language(), p) })
		},
		Works: func(stage string) error {
			err := lab.Works(stage)
			if err != nil && nested != nil {
				err = lang.Errorf("%w; %w", err, nested)
			}
			return err
		},
	}
	for _, part := range v.only {
		o.Parts = append(o.Parts, verify.Part(part))
	}
	report, err := verify.Verify(ctx, o)
	progress.clear()
	write := func(w io.Writer) error { return report.WriteText(w, v.p.language()) }
	if v.p.output == outputJSON {
		write = report.WriteJSON
	}
	written := write(v.p.stdout)
	if err != nil {
		return errors.Join(written, orStopped(ctx, err))
	}
	return errors.Join(written, report.Err(v.stages))
}

// lessonsNamed finds the lessons, all where none is named.
func lessonsNamed(names []string) ([]verify.Lesson, error) {
	var lessons []verify.Lesson
	for _, name := range names {
		l, err := findLesson("verify", name)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(lessons, func(other verify.Lesson) bool { return other.Name == name }) {
			lessons = append(lessons, verify.Lesson{Lesson: l, Name: name})
		}
	}
	if len(names) == 0 {
		for _, l := range lesson.All() {
			lessons = append(lessons, verify.Lesson{Lesson: l, Name: l.ID})
		}
	}
	return lessons, nil
}

// verifyProgress is the line of progress: "verify: sim, drop: 120 of 851 runs; ctrl-C stops".
func verifyProgress(l lang.Language, p verify.Progress) string {
	return l.Say("verify: %s, %s: %d of %d runs; ctrl-C stops", p.Stage, p.Part, p.Done, p.Planned)
}
