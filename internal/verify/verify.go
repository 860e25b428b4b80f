package verify

import (
	"context"
	"runtime"
	"slices"
	"sync"

	"tcpviz/internal/lab"
	"tcpviz/internal/lang"
	"tcpviz/internal/lesson"
)

// Options say what is verified. Lessons must be given; the rest has defaults.
type Options struct {
	Lessons []Lesson
	Stages  []string // lab.Loopback, lab.Wire, lab.Sim; none: all
	Parts   []Part   // none: all
	// Jobs is how many lessons are performed at one time. 0: as many as there are
	// processors on Sim; a few, most of which wait for a kernel's timer, on the others.
	Jobs int
	// Progress is told whenever a run has ended, on one goroutine at a time.
	Progress func(Progress)
	// Perform performs a lesson; nil: lab.Run.
	Perform func(context.Context, lesson.Lesson, lab.Options) (lab.Result, error)
	// Works tells why a stage cannot be used here; nil: lab.Works.
	Works func(stage string) error
}

// Progress is how far the verification has come.
type Progress struct {
	Run               // the one that has ended
	Done, Planned int // of the plain runs of this stage, or of its disturbed ones
}

// How many lessons are performed at one time where a kernel carries them: most of
// the time they wait for its timers.
const (
	jobsOnWire     = 16
	jobsOnLoopback = 2
)

// verification is one verification on its way.
type verification struct {
	Options
	mu sync.Mutex // for Progress
}

// Verify performs the lessons on the stages, plainly and disturbed, and compares the
// model with the stacks. The report is the same whatever run ends first. A stage that
// does not work here is a row that says why. The error is the context's, when it
// ended; the report then holds the runs that were made. No goroutine is left behind.
func Verify(ctx context.Context, o Options) (Report, error) {
	if len(o.Stages) == 0 {
		o.Stages = []string{lab.Loopback, lab.Wire, lab.Sim}
	}
	if len(o.Parts) == 0 {
		o.Parts = Parts()
	}
	if o.Perform == nil {
		o.Perform = lab.Run
	}
	if o.Works == nil {
		o.Works = lab.Works
	}
	v := &verification{Options: o}
	var report Report
	for _, stage := range o.Stages {
		if ctx.Err() != nil {
			break
		}
		report.Rows = append(report.Rows, v.stage(ctx, stage)...)
	}
	return report, ctx.Err()
}

// job is a run that is to be made, and what came of it.
type job struct {
	Run
	lesson Lesson
	outcome
}

// stage performs all parts on one stage.
func (v *verification) stage(ctx context.Context, stage string) []Row {
	if err := v.Works(stage); err != nil {
		return []Row{{Stage: stage, Why: err}}
	}
	parts := v.partsOn(stage)
	if len(parts) == 0 {
		return []Row{{Stage: stage, Why: lang.Errorf("nobody holds the wire there: no segment can be disturbed")}}
	}
	var plain []job
	for _, l := range v.Lessons {
		if l.CanPlayOn(stage) {
			plain = append(plain, job{Run: Run{Stage: stage, Part: Plain, Lesson: l.Name}, lesson: l})
		}
	}
	if len(plain) == 0 {
		return []Row{{Stage: stage, Why: lang.Errorf("none of the lessons can be played there")}}
	}
	// The plain run is needed to know how many segments there are.
	v.work(ctx, plain, jobsOf(v.Jobs, stage))
	if ctx.Err() != nil { // how many segments there are is not known
		parts = []Part{Plain}
	}
	jobs := make(map[Part][]job)
	var disturbed []job
	for _, part := range parts {
		if part == Plain {
			jobs[Plain] = plain
			continue
		}
		for _, p := range plain {
			for n := range p.frames {
				disturbed = append(disturbed, job{Run: Run{stage, part, p.Run.Lesson, n + 1}, lesson: p.lesson})
			}
		}
	}
	v.work(ctx, disturbed, jobsOf(v.Jobs, stage))
	for _, j := range disturbed {
		jobs[j.Part] = append(jobs[j.Part], j)
	}
	if !slices.Contains(parts, Plain) && slices.ContainsFunc(plain, func(j job) bool { return j.end == broken }) {
		// What could not be performed has no segments to disturb: that is shown.
		parts, jobs[Plain] = append([]Part{Plain}, parts...), plain
	}
	var rows []Row
	for _, part := range parts {
		row := Row{Stage: stage, Part: part, Planned: len(jobs[part])}
		for _, j := range jobs[part] {
			row.add(j.Run, j.outcome)
		}
		rows = append(rows, row)
	}
	return rows
}

// partsOn are the parts that can be performed on a stage.
func (v *verification) partsOn(stage string) []Part {
	var parts []Part
	for _, p := range Parts() {
		if slices.Contains(v.Parts, p) && (p == Plain || stage != lab.Loopback) {
			parts = append(parts, p)
		}
	}
	return parts
}

// jobsOf is how many lessons are performed at one time on a stage.
func jobsOf(asked int, stage string) int {
	switch {
	case asked > 0:
		return asked
	case stage == lab.Wire:
		return jobsOnWire
	case stage == lab.Loopback:
		return jobsOnLoopback
	}
	return runtime.GOMAXPROCS(0)
}

// work makes the runs, so many at one time, and ends when all are made or the
// context has ended. Those that were not made are cancelled.
func (v *verification) work(ctx context.Context, jobs []job, atOnce int) {
	for i := range jobs {
		jobs[i].end = cancelled
	}
	next := make(chan *job)
	var workers sync.WaitGroup
	done := 0
	for range min(atOnce, len(jobs)) {
		workers.Go(func() {
			for j := range next {
				j.outcome = v.guarded(ctx, j)
				v.mu.Lock()
				done++
				if v.Progress != nil && j.end != cancelled {
					v.Progress(Progress{Run: j.Run, Done: done, Planned: len(jobs)})
				}
				v.mu.Unlock()
			}
		})
	}
	for i := range jobs {
		if ctx.Err() != nil {
			break
		}
		next <- &jobs[i]
	}
	close(next)
	workers.Wait()
}

// guarded performs a run. A panic of the model or a stack is a finding too: it ends
// this run, and the run's command line shows it.
func (v *verification) guarded(ctx context.Context, j *job) (o outcome) {
	defer func() {
		if fault := recover(); fault != nil {
			o = outcome{end: broken, problem: lang.Errorf("internal error: %v", fault)}
		}
	}()
	return perform(ctx, v.Perform, j.lesson.Lesson, j.Run)
}
