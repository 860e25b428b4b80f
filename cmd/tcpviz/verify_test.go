package main

import (
	"bytes"
	"errors"
	"testing"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
	"tcpviz/internal/lesson"
	"tcpviz/internal/verify"
)

// What a report means for the exit status.
func TestVerdict(t *testing.T) {
	run := verify.Run{Stage: "sim", Part: verify.Plain, Lesson: "close"}
	good := verify.Row{Stage: "sim", Part: verify.Plain, Planned: 3, Runs: 3, Checks: 9, Agreements: 9}
	// What a capture cannot know, and what a disturbance does to a lesson, is no failure.
	disturbed := verify.Row{
		Stage: "sim", Part: verify.Drop, Planned: 3, Runs: 3, Checks: 9, Agreements: 9, Endless: 2, Otherwise: 1,
		Observer: verify.Observer{Compared: 4, Decided: 4, Agree: 1},
	}
	differs := good
	differs.Agreements, differs.Differ = 8, 1
	differs.Findings = []verify.Finding{{Run: run, Differ: 1, Disagreement: verify.Disagreement{Model: fsm.Closed, Stack: fsm.TimeWait}}}
	fails := good
	fails.Endless, fails.Findings = 1, []verify.Finding{{Run: run, Problem: errors.New("it waits")}}
	closed := verify.Row{Stage: "wire", Why: errors.New("not permitted")}
	for _, test := range []struct {
		name   string
		stages []string
		rows   []verify.Row
		want   string // on standard error
	}{
		{"all agree", nil, []verify.Row{good, disturbed}, ""},
		{"one differs", nil, []verify.Row{good, differs, fails}, "tcpviz: verify: model and stack disagree in 1 of 9 runs\n"},
		{"a lesson fails", nil, []verify.Row{fails}, "tcpviz: verify: 1 of 3 runs failed\n"},
		{"a stage does not work", []string{"sim"}, []verify.Row{closed, good}, ""},
		{"it was asked for", []string{"wire"}, []verify.Row{closed}, "tcpviz: verify: stage wire: nothing was performed: not permitted\n"},
		{"none works", nil, []verify.Row{closed}, "tcpviz: verify: nothing was performed\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var stderr bytes.Buffer
			p := &program{stderr: &stderr, getenv: environment("")}
			want := statusDone
			if test.want != "" {
				want = statusFailed
			}
			report := verify.Report{Rows: test.rows}
			if got := p.status(report.Err(test.stages)); got != want || stderr.String() != test.want {
				t.Errorf("status %d, %q; want %d, %q", got, &stderr, want, test.want)
			}
		})
	}
}

func TestVerifyProgress(t *testing.T) {
	p := verify.Progress{Run: verify.Run{Stage: "sim", Part: verify.Drop, Lesson: "close", Segment: 3}, Done: 120, Planned: 1617}
	if got, want := verifyProgress(lang.English, p), "verify: sim, drop: 120 of 1617 runs; ctrl-C stops"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLessonsNamed(t *testing.T) {
	all, err := lessonsNamed(nil)
	if err != nil || len(all) != len(lesson.All()) {
		t.Errorf("%d lessons, %v", len(all), err)
	}
	var usage usageError
	if _, err := lessonsNamed([]string{"close", "clsoe"}); !errors.As(err, &usage) {
		t.Errorf("got %v", err)
	}
}
