package verify

import (
	"slices"

	"tcpviz/internal/lang"
)

// Report is what came of a verification, the rows in the order of stages and parts.
type Report struct{ Rows []Row }

// Row is what came of one part of the matrix on one stage.
type Row struct {
	Stage string
	Part  Part  // "" where the stage does not work here
	Why   error // why nothing could be performed, nil when something was

	Planned    int // runs that were to be made
	Runs       int // runs that were made
	Checks     int // comparisons of the model's state of a socket with the stack's
	Agreements int // of them, how often the two were the same
	Differ     int // runs in which they were not always

	// Runs that went otherwise than the lesson has it. In the plain part each is a
	// failure, in the others it is what the disturbance has done.
	Endless   int // they ended before the lesson's end: a call waited for ever
	Otherwise int // a result or a final state is not the one that the lesson states
	Broken    int // they could not be performed: a failure in every part
	Missed    int // the segment that was to be disturbed was never sent (where time is real)

	Observer Observer
	Findings []Finding // in the order of lessons and segments
}

// Finding is a run that failed.
type Finding struct {
	Run
	Differ       int          // checks in which model and stack differ
	Disagreement Disagreement // the first of them
	Problem      error        // what else went wrong, nil for nothing
}

// First gives the first run in which model and stack differ, nil when there is none.
func (r *Row) First() *Finding {
	for i := range r.Findings {
		if r.Findings[i].Differ > 0 {
			return &r.Findings[i]
		}
	}
	return nil
}

// Err tells what a report holds that must not be: a disagreement, a plain lesson that
// did not go as it is written, a run that could not be performed, or that nothing was
// performed, on any of the stages that were asked for or at all.
func (r Report) Err(asked []string) error {
	differ, failures := 0, 0
	for i := range r.Rows {
		row := &r.Rows[i]
		if row.Why != nil && slices.Contains(asked, row.Stage) {
			return lang.Errorf("verify: stage %s: nothing was performed: %w", row.Stage, row.Why)
		}
		differ += row.Differ
		for _, f := range row.Findings {
			if f.Problem != nil {
				failures++
			}
		}
	}
	switch {
	case differ > 0:
		return lang.Errorf("verify: model and stack disagree in %d of %d runs", differ, r.Runs())
	case failures > 0:
		return lang.Errorf("verify: %d of %d runs failed", failures, r.Runs())
	case r.Runs() == 0:
		return lang.Errorf("verify: nothing was performed")
	}
	return nil
}

// Runs counts the runs that were made.
func (r Report) Runs() (n int) {
	for i := range r.Rows {
		n += r.Rows[i].Runs
	}
	return n
}

// add counts the outcome of a run.
func (r *Row) add(run Run, o outcome) {
	if o.end == cancelled {
		return
	}
	r.Runs++
	r.Checks += o.checks
	r.Agreements += o.agreements
	r.Observer.add(o.observer)
	if o.missed {
		r.Missed++
	}
	f := Finding{Run: run, Differ: o.differ, Disagreement: o.first}
	switch o.end {
	case endless:
		r.Endless++
	case otherwise:
		r.Otherwise++
	case broken:
		r.Broken++
	case reached, cancelled:
	}
	if r.Part == Plain || o.end == broken {
		f.Problem = o.problem
	}
	if o.differ > 0 {
		r.Differ++
	}
	if o.differ > 0 || f.Problem != nil {
		r.Findings = append(r.Findings, f)
	}
}
