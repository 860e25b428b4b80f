package verify_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"tcpviz/fsm"
	"tcpviz/internal/lab"
	"tcpviz/internal/lang"
	"tcpviz/internal/lesson"
	"tcpviz/internal/story"
	"tcpviz/internal/verify"
)

// lessons finds built-in lessons.
func lessons(t testing.TB, ids ...string) (list []verify.Lesson) {
	t.Helper()
	for _, id := range ids {
		l, ok := lesson.Find(id)
		if !ok {
			t.Fatalf("no lesson %s", id)
		}
		list = append(list, verify.Lesson{Lesson: l, Name: id})
	}
	return list
}

func check(t *testing.T, o verify.Options) verify.Report {
	t.Helper()
	r, err := verify.Verify(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// row gives the row of a part, which must be there.
func row(t *testing.T, r verify.Report, part verify.Part) verify.Row {
	t.Helper()
	for _, row := range r.Rows {
		if row.Part == part {
			return row
		}
	}
	t.Fatalf("no row %s in %+v", part, r)
	return verify.Row{}
}

// The matrix in small: the whole one is what the command is for.
func TestModelAgreesOnSim(t *testing.T) {
	t.Parallel()
	ids := []string{"handshake", "close-merged", "simultaneous-close", "refused", "reset-unread", "lost-synack", "linger"}
	r := check(t, verify.Options{Lessons: lessons(t, ids...), Stages: []string{lab.Sim}})
	if len(r.Rows) != 4 {
		t.Fatalf("%d rows: %+v", len(r.Rows), r.Rows)
	}
	frames := r.Rows[1].Runs
	for i, part := range verify.Parts() {
		row := r.Rows[i]
		runs := frames // a run for each segment
		if part == verify.Plain {
			runs = len(ids)
		}
		if row.Part != part || row.Runs != runs || row.Planned != runs || row.Checks == 0 || row.Broken+row.Missed > 0 {
			t.Errorf("row %d: %+v", i, row)
		}
		if row.Checks != row.Agreements {
			for _, f := range row.Findings {
				t.Errorf("%s: %s", f.Command(), f.Disagreement.Phrase())
			}
		}
		if o := row.Observer; o.Compared == 0 || o.Compared != o.Decided+o.Undecided || o.Agree > o.Decided || o.AgreeToo > o.Undecided {
			t.Errorf("%s: the observer: %+v", part, o)
		}
	}
	if frames < 20 {
		t.Errorf("only %d segments", frames)
	}
}

// liar performs as the lab does, and lets the stack say of each socket in
// FIN-WAIT-2 that it is in CLOSING, once the segment was given the verdict.
func liar(act lab.Act, segment int) func(context.Context, lesson.Lesson, lab.Options) (lab.Result, error) {
	return func(ctx context.Context, l lesson.Lesson, o lab.Options) (lab.Result, error) {
		lying := act == lab.Deliver && o.Verdict == nil
		if verdict := o.Verdict; verdict != nil {
			o.Verdict = func(ctx context.Context, p lab.Packet) lab.Verdict {
				v := verdict(ctx, p)
				lying = lying || v.Act == act && p.Frame.Number == segment
				return v
			}
		}
		emit := o.Emit
		o.Emit = func(events []story.Event) {
			for i, e := range events {
				if truth, ok := e.(story.Truth); ok && lying && truth.State == fsm.FinWait2 {
					truth.State = fsm.Closing
					events[i] = truth
				}
			}
			emit(events)
		}
		return lab.Run(ctx, l, o)
	}
}

func TestDisagreementIsFound(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		act     lab.Act
		segment int
		part    verify.Part
		want    string
	}{
		{"plain", lab.Deliver, 0, verify.Plain, "tcpviz demo close-server-first --stage sim --output text"},
		{"drop", lab.Drop, 2, verify.Drop, "tcpviz demo close-server-first --stage sim --drop 2 --output text"},
		{"duplicate", lab.Duplicate, 3, verify.Duplicate, "tcpviz demo close-server-first --stage sim --duplicate 3 --output text"},
		{"swap", lab.Swap, 1, verify.Swap, "tcpviz demo close-server-first --stage sim --swap 1 --output text"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := check(t, verify.Options{
				Lessons: lessons(t, "close-server-first"), Stages: []string{lab.Sim}, Parts: []verify.Part{test.part},
				Perform: liar(test.act, test.segment),
			})
			row := row(t, r, test.part)
			var found *verify.Finding
			for i := range row.Findings {
				if row.Findings[i].Disagreement.Stack == fsm.Closing {
					if found != nil {
						t.Errorf("a second finding: %+v", row.Findings[i])
					}
					found = &row.Findings[i]
				}
			}
			if found == nil || r.Err(nil) == nil || row.Agreements >= row.Checks || row.Differ == 0 {
				t.Fatalf("not found: %+v", row)
			}
			d := found.Disagreement
			if found.Command() != test.want || d.Model != fsm.FinWait2 || d.Side != fsm.Server || d.Step == 0 || found.Differ == 0 {
				t.Errorf("got %s: %+v\nwant %s", found.Command(), *found, test.want)
			}
		})
	}
}

// TestOrder lets the first run end last: the report is the same as with one at a time.
func TestOrder(t *testing.T) {
	t.Parallel()
	o := verify.Options{Lessons: lessons(t, "linger", "refused", "handshake"), Stages: []string{lab.Sim}, Jobs: 1}
	want := check(t, o)
	o.Jobs = 3
	others := make(chan struct{}, 2)
	var first sync.Once
	o.Perform = func(ctx context.Context, l lesson.Lesson, lo lab.Options) (lab.Result, error) {
		if l.ID == "linger" {
			first.Do(func() { <-others; <-others })
		}
		return lab.Run(ctx, l, lo)
	}
	var ended []verify.Run
	o.Progress = func(p verify.Progress) {
		if ended = append(ended, p.Run); len(ended) <= 2 {
			others <- struct{}{}
		}
	}
	if diff := gocmp.Diff(want, check(t, o), inEnglish()); diff != "" {
		t.Error(diff)
	}
	if ended[2].Lesson != "linger" || len(ended) != want.Runs() {
		t.Errorf("%d runs ended, in the order %v", len(ended), ended)
	}
}

func TestHowRunsEnd(t *testing.T) {
	t.Parallel()
	trouble := errors.New("no more descriptors")
	ends := map[string]func() (lab.Result, error){
		"handshake": func() (lab.Result, error) { return lab.Result{Frames: 1}, fmt.Errorf("lab: %w", lab.ErrStuck) },
		"close": func() (lab.Result, error) {
			return lab.Result{Frames: 1, Unmet: []lang.Phrase{lang.Phrasef("line 8: 6, not 7")}}, nil
		},
		"linger":  func() (lab.Result, error) { return lab.Result{Frames: 1}, trouble },
		"refused": func() (lab.Result, error) { panic("out of range") },
	}
	r := check(t, verify.Options{
		Lessons: lessons(t, "handshake", "close", "linger", "refused"), Stages: []string{lab.Sim}, Parts: []verify.Part{verify.Plain, verify.Drop},
		Perform: func(_ context.Context, l lesson.Lesson, _ lab.Options) (lab.Result, error) { return ends[l.ID]() },
	})
	problems := func(findings []verify.Finding) (list []string) {
		for _, f := range findings {
			list = append(list, f.Command()+": "+f.Problem.Error())
		}
		return list
	}
	plain, drop := row(t, r, verify.Plain), row(t, r, verify.Drop)
	if plain.Endless != 1 || plain.Otherwise != 1 || plain.Broken != 2 || plain.Runs != 4 {
		t.Errorf("%+v", plain)
	}
	want := []string{
		"tcpviz demo handshake --stage sim --output text: lab: nothing will wake it",
		"tcpviz demo close --stage sim --output text: line 8: 6, not 7",
		"tcpviz demo linger --stage sim --output text: no more descriptors",
		"tcpviz demo refused --stage sim --output text: internal error: out of range",
	}
	if diff := gocmp.Diff(want, problems(plain.Findings)); diff != "" {
		t.Error(diff)
	}
	// What a disturbance does to a lesson is no failure.
	if drop.Endless != 1 || drop.Otherwise != 1 || drop.Broken != 1 || drop.Runs != 3 || drop.Missed != 3 {
		t.Errorf("%+v", drop)
	}
	if diff := gocmp.Diff([]string{"tcpviz demo linger --stage sim --drop 1 --output text: no more descriptors"}, problems(drop.Findings)); diff != "" {
		t.Error(diff)
	}
}

// A lesson that cannot be performed is shown even where its plain part is not asked for.
func TestBrokenPlainRunIsShown(t *testing.T) {
	t.Parallel()
	r := check(t, verify.Options{
		Lessons: lessons(t, "handshake"), Stages: []string{lab.Sim}, Parts: []verify.Part{verify.Swap},
		Perform: func(context.Context, lesson.Lesson, lab.Options) (lab.Result, error) {
			return lab.Result{}, errors.New("no more descriptors")
		},
	})
	if len(r.Rows) != 2 || r.Err(nil) == nil || row(t, r, verify.Plain).Broken != 1 || row(t, r, verify.Swap).Planned != 0 {
		t.Errorf("%+v", r.Rows)
	}
}

// inEnglish compares phrases and errors by their English text.
func inEnglish() gocmp.Option {
	return gocmp.Options{
		gocmp.Comparer(func(a, b lang.Phrase) bool { return a.String() == b.String() }),
		gocmp.Comparer(func(a, b error) bool { return a == b || a != nil && b != nil && a.Error() == b.Error() }),
	}
}

func TestStagesThatDoNotWork(t *testing.T) {
	t.Parallel()
	only := lessons(t, "lost-syn")
	for _, test := range []struct {
		name  string
		o     verify.Options
		stage string
		want  string
	}{
		{"not here", verify.Options{Works: func(string) error { return errors.New("not permitted") }}, lab.Wire, "not permitted"},
		{"no such part", verify.Options{Parts: []verify.Part{verify.Drop}}, lab.Loopback, "nobody holds the wire there: no segment can be disturbed"},
		{"no lesson", verify.Options{}, lab.Loopback, "none of the lessons can be played there"},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.o.Lessons, test.o.Stages = only, []string{test.stage}
			if test.o.Works == nil {
				test.o.Works = func(string) error { return nil }
			}
			r := check(t, test.o)
			if len(r.Rows) != 1 || r.Rows[0].Stage != test.stage || r.Rows[0].Why == nil || r.Rows[0].Why.Error() != test.want || r.Runs() != 0 {
				t.Errorf("%+v", r.Rows)
			}
		})
	}
}

func TestCancel(t *testing.T) {
	before := runtime.NumGoroutine()
	for after := 1; after < 30; after += 7 {
		ctx, cancel := context.WithCancel(t.Context())
		made := 0
		r, err := verify.Verify(ctx, verify.Options{
			Lessons: lessons(t, "handshake", "close", "linger"), Stages: []string{lab.Sim}, Jobs: 3,
			Progress: func(verify.Progress) {
				if made++; made == after {
					cancel()
				}
			},
		})
		cancel()
		if !errors.Is(err, context.Canceled) || r.Runs() != made || made < after || made > after+2 {
			t.Errorf("cancelled after %d runs: %d made, %d in the report, %v", after, made, r.Runs(), err)
		}
		for _, row := range r.Rows {
			if row.Broken > 0 || row.Runs > row.Planned {
				t.Errorf("cancelled after %d runs: %+v", after, row)
			}
		}
	}
	for deadline := time.Now().Add(time.Minute); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines before, %d after", before, runtime.NumGoroutine())
		}
	}
}

func BenchmarkSim(b *testing.B) {
	list := lessons(b, "connection", "lost-syn")
	for b.Loop() {
		r, err := verify.Verify(b.Context(), verify.Options{Lessons: list, Stages: []string{lab.Sim}})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(r.Runs()), "runs/op")
	}
}

func BenchmarkWire(b *testing.B) {
	if err := lab.Works(lab.Wire); err != nil {
		b.Skip(err)
	}
	list := lessons(b, "handshake", "refused")
	for b.Loop() {
		r, err := verify.Verify(b.Context(), verify.Options{Lessons: list, Stages: []string{lab.Wire}})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(r.Runs()), "runs/op")
	}
}
