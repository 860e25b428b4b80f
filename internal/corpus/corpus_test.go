package corpus

import (
	"fmt"
	"maps"
	"net"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tcpviz/fsm"
	"tcpviz/internal/story"
)

// floors are the least agreement by kind, in percent of what can be compared.
var floors = map[string]float64{
	"frames": 99, "segments": 99, "streams": 99, "tuple": 99, "packets": 99, "completeness": 99,
	"anomaly-kind": 95, "anomaly-count": 90, "conn_state": 99, "labelled-state": 95,
}

// finding is one comparison.
type finding struct {
	kind, file string
	agree      bool
	// incomparable tells that the other's word is about something else, or
	// contradicts itself: it does not count for the floors.
	incomparable bool
	why          string
}

// TestCorpus compares what comes out of tcpviz with what others say of the same files.
func TestCorpus(t *testing.T) {
	all := readExpected(t)
	results := make([][]finding, len(all))
	var group sync.WaitGroup
	const workers = 2
	for w := range workers {
		group.Go(func() {
			for i := w; i < len(all); i += workers {
				results[i] = compare(t, &all[i])
			}
		})
	}
	group.Wait()
	checked, agreed, left := make(map[string]int), make(map[string]int), make(map[string]int)
	listed := readDisagreements(t)
	found := make(map[disagreement]bool)
	for _, f := range slices.Concat(results...) {
		switch {
		case f.incomparable:
			left[f.kind]++
		case f.agree:
			agreed[f.kind]++
			fallthrough
		default:
			checked[f.kind]++
		}
		if f.agree {
			continue
		}
		t.Logf("%s: %s: %s", f.kind, f.file, f.why)
		d := disagreement{f.kind, f.file}
		if !listed[d] && !found[d] {
			t.Errorf("not in %s: %s: `%s`", disagreements, f.kind, f.file)
		}
		found[d] = true
	}
	for d := range listed {
		if !found[d] {
			t.Errorf("in %s, but they agree: %s: `%s`", disagreements, d.kind, d.file)
		}
	}
	kinds := make([]string, 0, len(floors))
	for kind := range floors {
		kinds = append(kinds, kind)
	}
	sort.Strings(kinds)
	for _, kind := range kinds {
		percent := 100 * float64(agreed[kind]) / float64(checked[kind])
		t.Logf("%-16s %6d/%-6d %6.2f %%  (%d not comparable)", kind, agreed[kind], checked[kind], percent, left[kind])
		if !(percent >= floors[kind]) {
			t.Errorf("%s: %.2f %%, less than %v", kind, percent, floors[kind])
		}
	}
}

// compare gives all that can be compared of one file.
func compare(t *testing.T, want *expected) (out []finding) {
	steps := 0
	if want.Labels == nil {
		steps = 1 // the summaries are enough
	}
	s, err := tell(want.File, steps)
	if err != nil {
		t.Errorf("%s: %v", want.File, err)
		return nil
	}
	note := func(kind string, agree, incomparable bool, format string, args ...any) {
		f := finding{kind: kind, file: want.File, agree: agree, incomparable: incomparable}
		if !agree {
			f.why = fmt.Sprintf(format, args...)
		}
		out = append(out, f)
	}
	if want.Tshark != nil && len(want.Tshark.Stderr) == 0 {
		compareTshark(s, want, note)
	}
	compareZeek(s, want, note)
	if want.Labels != nil {
		compareLabels(s, want, note)
	}
	return out
}

type noter func(kind string, agree, incomparable bool, format string, args ...any)

func compareTshark(s *story.Story, want *expected, note noter) {
	w := want.Tshark
	note("frames", s.Totals.Frames == w.Frames, false, "%d, tshark %d", s.Totals.Frames, w.Frames)
	note("segments", s.Totals.Segments == w.TCPFrames, false, "%d, tshark %d", s.Totals.Segments, w.TCPFrames)
	note("streams", s.Conns.Len() == w.TCPStreams, false, "%d, tshark %d", s.Conns.Len(), w.TCPStreams)
	if s.Conns.Len() != w.TCPStreams || len(w.Streams) != w.TCPStreams {
		return
	}
	for c := range s.Conns.All() {
		i := c.ID - 1
		tshark := w.Streams[i]
		a, b := joined(tshark.A), joined(tshark.B)
		x, y := c.Ends[fsm.Client].String(), c.Ends[fsm.Server].String()
		same := a == x && b == y || a == y && b == x
		note("tuple", same, false, "%s and %s, tshark %s and %s", x, y, a, b)
		if !same {
			continue
		}
		note("packets", c.Segments[0]+c.Segments[1] == tshark.PacketsAB+tshark.PacketsBA, false,
			"%d, tshark %d and %d", c.Segments, tshark.PacketsAB, tshark.PacketsBA)
		// tshark lists a SYN as the first segment, and says that it saw none.
		contradicts := strings.HasPrefix(tshark.Trace, ">S ") && tshark.Completeness&1 == 0
		note("completeness", int(c.Completeness) == tshark.Completeness, contradicts, "%d, tshark %d %s", c.Completeness, tshark.Completeness, tshark.Trace)
		compareAnomalies(maps.Collect(c.Anomalies.All()), tshark, note)
	}
}

func compareAnomalies(got map[string]int, tshark stream, note noter) {
	var names []string
	for name := range tshark.Analysis {
		if !strings.HasPrefix(name, "tfo") { // fast open is no anomaly
			names = append(names, name)
		}
	}
	for name := range got {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	for _, name := range names {
		said := tshark.Analysis[name]
		note("anomaly-kind", (got[name] > 0) == (said > 0), false, "%s %d, tshark %d %s", name, got[name], said, tshark.Trace)
		note("anomaly-count", got[name] == said, false, "%s %d, tshark %d", name, got[name], said)
	}
}

func joined(pair [2]string) string { return net.JoinHostPort(pair[0], pair[1]) }

// compareZeek compares the outcomes of all connections between the same two ends.
// Where Zeek has more rows than there are connections it began another at each SYN or
// after a timer; where it dropped segments with wrong checksums it saw something else.
func compareZeek(s *story.Story, want *expected, note noter) {
	rows := make(map[[2]string][]string)
	checksums := false
	for _, z := range want.Zeek {
		ends := sorted(net.JoinHostPort(z.OrigH, strconv.Itoa(z.OrigP)), net.JoinHostPort(z.RespH, strconv.Itoa(z.RespP)))
		rows[ends] = append(rows[ends], z.State)
		checksums = !z.IgnoreChecksums && want.tagged("bad-checksums")
	}
	outcomes := make(map[[2]string][]string)
	for c := range s.Conns.All() {
		ends := sorted(c.Ends[0].String(), c.Ends[1].String())
		outcomes[ends] = append(outcomes[ends], c.Outcome.String())
	}
	for ends, row := range rows {
		got := outcomes[ends]
		sort.Strings(got)
		sort.Strings(row)
		note("conn_state", slices.Equal(got, row), len(row) > len(got) || checksums, "%v %v, Zeek %v", ends, got, row)
	}
}

func sorted(a, b string) [2]string {
	if b < a {
		a, b = b, a
	}
	return [2]string{a, b}
}

// compareLabels compares the states that the endpoint under test was in.
func compareLabels(s *story.Story, want *expected, note noter) {
	l := want.Labels
	entered := states(s, l.Local)
	look := func(frame int, state string) {
		got := after(entered, frame)
		if got == "" {
			got = fsm.Closed.String()
		}
		agree := got == state
		if name, not := strings.CutPrefix(state, "not "); not {
			agree = got != name
		} else if resting(got) && resting(state) { // without calls a capture cannot tell
			agree = true
		}
		note("labelled-state", agree, false, "after frame %d: %s, kernel %s [%s]", frame, got, state, l.Trace)
	}
	for _, c := range l.Checkpoints {
		if c.State != "" {
			look(c.AfterFrame, c.State)
		}
	}
	if l.StateBefore != "" && l.EventFrame > 0 {
		look(l.EventFrame-1, l.StateBefore)
	}
}

func resting(state string) bool { return state == fsm.Closed.String() || state == fsm.Listen.String() }

// Summaries do not depend on how many steps are kept: conns says what replay says.
func TestSummariesNeedNoSteps(t *testing.T) {
	for i, want := range readExpected(t) {
		if i%10 != 0 { // a tenth of the files will do
			continue
		}
		whole, err := tell(want.File, 0)
		if err != nil {
			t.Fatal(err)
		}
		few, err := tell(want.File, 1)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(summaries(whole), summaries(few), cmpopts.EquateComparable(fsm.Summary{})); diff != "" {
			t.Errorf("%s (-all steps +one step):\n%s", want.File, diff)
		}
		few.Totals.Unshown = 0
		if diff := cmp.Diff(whole.Totals, few.Totals, sameErrors()); diff != "" {
			t.Errorf("%s: %s", want.File, diff)
		}
	}
}

// summaries gives what is said of a story's connections.
func summaries(s *story.Story) (all []fsm.Summary) {
	for c := range s.Conns.All() {
		all = append(all, *c)
	}
	return all
}

// sameErrors compares errors by their text.
func sameErrors() cmp.Option {
	return cmp.Comparer(func(a, b error) bool { return a == b || a != nil && b != nil && a.Error() == b.Error() })
}
