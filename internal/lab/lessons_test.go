package lab_test

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"tcpviz/internal/export"
	"tcpviz/internal/lab"
	"tcpviz/internal/lang"
	"tcpviz/internal/lesson"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// runs is how often each lesson is played on a stage: TCPVIZ_RUNS=20 is the stress test.
func runs(usual int) int {
	if n, err := strconv.Atoi(os.Getenv("TCPVIZ_RUNS")); err == nil {
		return n
	}
	return usual
}

// together is how many performances on a kernel go on at the same time: most of their
// time is waiting.
const together = 12

// performAll plays the lessons that a stage can carry, each so often.
func performAll(t *testing.T, stage string, times int) map[string][]performance {
	t.Helper()
	all := make(map[string][]performance)
	places := make(chan struct{}, together)
	var mu sync.Mutex
	var done sync.WaitGroup
	for range times {
		for _, l := range lesson.All() {
			if !l.CanPlayOn(stage) {
				continue
			}
			places <- struct{}{}
			done.Go(func() {
				p := perform(t.Context(), l, lab.Options{Stage: stage})
				<-places
				mu.Lock()
				defer mu.Unlock()
				all[l.ID] = append(all[l.ID], p)
			})
		}
	}
	done.Wait()
	return all
}

// golden compares with a file of testdata/lessons.
func golden(t *testing.T, stage, id, got string) {
	t.Helper()
	path := filepath.Join("testdata", "lessons", stage, id+".txt")
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (-want +got; -update rewrites):\n%s", path, diff)
	}
}

// TestLessonsOnSim holds the whole story of each lesson, the same in every run.
func TestLessonsOnSim(t *testing.T) {
	t.Parallel()
	for _, l := range lesson.All() {
		t.Run(l.ID, func(t *testing.T) {
			t.Parallel()
			if !l.CanPlayOn(lab.Sim) {
				t.Skip("it is made for other stages")
			}
			first := perform(t.Context(), l, lab.Options{Stage: lab.Sim})
			checkHeld(t, l, first)
			for speech, name := range map[lang.Language]string{lang.English: l.ID, lang.Chinese: l.ID + ".zh"} {
				var b bytes.Buffer
				if err := export.Text(&b, first.told(), export.TextOptions{Lang: speech}); err != nil {
					t.Fatal(err)
				}
				golden(t, lab.Sim, name, b.String())
			}
			want := first.events()
			for range runs(3) - 1 {
				if diff := gocmp.Diff(want, perform(t.Context(), l, lab.Options{Stage: lab.Sim}).events()); diff != "" {
					t.Fatalf("another run differs:\n%s", diff)
				}
			}
		})
	}
}

// tooSlow reports whether this machine was so busy that a segment stood on the wire for
// long by nobody's doing, or a kernel sent something again that was not lost: what
// followed says nothing of the lesson. Who may send again, the golden file says.
func tooSlow(t *testing.T, p performance) bool {
	if late := p.late(); late > 0 {
		t.Logf("too slow: frame %d was late", late)
		return true
	}
	want, err := os.ReadFile(filepath.Join("testdata", "lessons", p.result.Stage, p.lesson.ID+".txt"))
	if err != nil || *update {
		return false
	}
	_, expected, _ := strings.Cut(string(want), repeatsHead)
	repeats := p.repeats()
	if got, _, _ := strings.Cut(p.signature(), repeatsHead); len(repeats) > 0 && !strings.HasPrefix(string(want), got) {
		t.Logf("too slow, perhaps: %v sent something again, and it went otherwise", repeats)
		return true
	}
	for _, side := range repeats {
		if !strings.Contains(expected, side) {
			t.Logf("too slow: the %s sends again what was not lost", side)
			return true
		}
	}
	return false
}

// sameLesson compares a performance on a kernel with the lesson's golden file. That
// somebody may send something again is no promise that he does.
func sameLesson(t *testing.T, p performance) {
	t.Helper()
	got, repeats, _ := strings.Cut(p.signature(), repeatsHead)
	want, err := os.ReadFile(filepath.Join("testdata", "lessons", p.result.Stage, p.lesson.ID+".txt"))
	switch {
	case err == nil: // also where the files are rewritten: this part is kept by hand
		_, repeats, _ = strings.Cut(string(want), repeatsHead)
	case !*update:
		t.Fatal(err)
	}
	golden(t, p.result.Stage, p.lesson.ID, got+repeatsHead+repeats)
	if t.Failed() {
		var b bytes.Buffer
		if err := export.Text(&b, p.told(), export.TextOptions{Lang: lang.English}); err != nil {
			t.Fatal(err)
		}
		t.Fatal(b.String())
	}
}

// TestLessonsOnWire plays every built-in lesson on two hosts: it ends as its narration
// promises, and each time alike.
func TestLessonsOnWire(t *testing.T) {
	needWire(t)
	t.Parallel()
	for id, performances := range performAll(t, lab.Wire, runs(1)) {
		t.Run(id, func(t *testing.T) {
			for _, p := range performances {
				for tries := 0; tooSlow(t, p) && tries < 20; tries++ {
					p = perform(t.Context(), p.lesson, lab.Options{Stage: lab.Wire})
				}
				checkHeld(t, p.lesson, p)
				sameLesson(t, p)
			}
		})
	}
}

// TestLessonsOnLoopback does the same on lo.
func TestLessonsOnLoopback(t *testing.T) {
	needPrivate(t)
	t.Parallel()
	for id, performances := range performAll(t, lab.Loopback, runs(2)) {
		t.Run(id, func(t *testing.T) {
			wires := map[string]int{}
			attempts := 0
			for run, p := range performances {
				if errors.Is(p.err, lab.ErrNotReached) && min(runtime.NumCPU(), runtime.GOMAXPROCS(0)) < 2 {
					t.Skip("two programs cannot act at the same moment on one processor")
				}
				if p.err != nil {
					t.Fatalf("run %d: %v", run, p.err)
				}
				if len(p.result.Unmet) > 0 {
					t.Fatalf("run %d: unmet: %s\n%s", run, p.result.Otherwise(), p.wireSignature())
				}
				if p.result.Dropped > 0 || len(p.result.Skipped) > 0 {
					t.Errorf("run %d: dropped %d, skipped %v", run, p.result.Dropped, p.result.Skipped)
				}
				checkOrder(t, p)
				sameLesson(t, p)
				wires[p.wireSignature()]++
				attempts += p.result.Attempts
			}
			t.Logf("%d runs, %d attempts, %d different sequences of segments", len(performances), attempts, len(wires))
			if len(wires) > 1 {
				for w, n := range wires {
					t.Logf("%3d × %s", n, w)
				}
			}
		})
	}
}
