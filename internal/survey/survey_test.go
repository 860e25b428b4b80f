package survey_test

import (
	"bytes"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tcpviz/capture"
	"tcpviz/fsm"
	"tcpviz/internal/source"
	"tcpviz/internal/story"
	"tcpviz/internal/survey"
	"tcpviz/internal/traffic"
)

// byValue compares summaries with ==.
var byValue = cmpopts.EquateComparable(fsm.Summary{})

// atOnce does the work of all shards at the same time.
func atOnce(n int, do func(k int)) {
	var all sync.WaitGroup
	for k := range n {
		all.Go(func() { do(k) })
	}
	all.Wait()
}

func written(t testing.TB, s traffic.Shape) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := traffic.Write(&b, s, traffic.Pcap); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// finished takes connections as they are given on.
type finished struct {
	mu    sync.Mutex
	lines map[string]fsm.Summary
	all   []fsm.Summary // in the order in which they were given
}

func (f *finished) Line(b []byte, c *fsm.Summary) []byte {
	line := fmt.Sprintf("%d ", c.ID)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.lines == nil {
		f.lines = make(map[string]fsm.Summary)
	}
	f.lines[line] = *c
	return append(b, line...)
}

func (f *finished) AddLine(line []byte) { f.all = append(f.all, f.lines[string(line)]) }

func (f *finished) ids() (ids []int) {
	for _, c := range f.all {
		ids = append(ids, c.ID)
	}
	return ids
}

// add gives frames to all shards of a survey, at the same time.
func add(s *survey.Survey, batch ...capture.Observed) {
	atOnce(s.Shards(), func(k int) {
		for i := range batch {
			s.Add(k, &batch[i])
		}
	})
	s.Settle()
}

// see lets a survey see a capture to its end.
func see(t testing.TB, data []byte, s *survey.Survey) {
	t.Helper()
	file, err := capture.NewReader(bytes.NewReader(data), "test.pcap")
	if err != nil {
		t.Fatal(err)
	}
	ahead := capture.ReadAhead(file)
	for {
		batch, err := ahead.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		add(s, batch...)
	}
	s.End()
	if err := ahead.Close(); err != nil {
		t.Fatal(err)
	}
}

// told gives the story of a capture.
func told(t testing.TB, data []byte) *story.Story {
	t.Helper()
	file, err := capture.NewReader(bytes.NewReader(data), "test.pcap")
	if err != nil {
		t.Fatal(err)
	}
	reader, b := source.New(file), story.NewBuilder(story.Meta{})
	for {
		events, err := reader.Next()
		if err == io.EOF {
			return b.Story()
		}
		if err != nil {
			t.Fatal(err)
		}
		if reader.Skipped() != "" {
			b.Skip(reader.Skipped())
		}
		b.Add(events...)
	}
}

func collect(c story.Connections) (all []fsm.Summary) {
	for s := range c.All() {
		all = append(all, *s)
	}
	return all
}

// TestSameAsTheStory holds that the fast way tells the same of each connection as the
// story of the capture, however the work is divided.
func TestSameAsTheStory(t *testing.T) {
	for name, shape := range map[string]traffic.Shape{
		"short": traffic.Short(500),
		"flood": traffic.Flood(700),
		"lossy": traffic.Lossy(300),
	} {
		data := written(t, shape)
		want := told(t, data)
		for _, shards := range []int{1, 2, 3, 7} {
			t.Run(fmt.Sprintf("%s, %d", name, shards), func(t *testing.T) {
				s := survey.New(survey.Options{Shards: shards, Each: atOnce})
				see(t, data, s)
				if diff := gocmp.Diff(collect(want.Conns), collect(s.Connections()), byValue); diff != "" {
					t.Errorf("(-story +survey):\n%.2000s", diff)
				}
				if diff := gocmp.Diff(want.Totals, s.Totals(), sameErrors()); diff != "" {
					t.Errorf("totals (-story +survey):\n%s", diff)
				}
				var out finished
				s = survey.New(survey.Options{Shards: shards, Each: atOnce, Out: &out})
				see(t, data, s)
				if diff := gocmp.Diff(collect(want.Conns), out.all, byValue); diff != "" {
					t.Errorf("given on one by one (-story +survey):\n%.2000s", diff)
				}
			})
		}
	}
}

// TestConnectionsOnTheWay holds that the list as it is given out on the way is that of
// a story of as many frames, and never changes afterwards.
func TestConnectionsOnTheWay(t *testing.T) {
	data := written(t, traffic.Lossy(60))
	file, err := capture.NewReader(bytes.NewReader(data), "test.pcap")
	if err != nil {
		t.Fatal(err)
	}
	decoder := capture.NewDecoder()
	s := survey.New(survey.Options{Shards: 2, Each: atOnce})
	b := story.NewBuilder(story.Meta{})
	type given struct {
		conns story.Connections
		was   []fsm.Summary
	}
	var all []given
	for {
		p, err := file.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		d, err := decoder.Decode(p)
		if err != nil {
			t.Fatal(err)
		}
		b.Add(source.FrameOf(p, d, story.FateAssumed))
		add(s, capture.Observed{Number: p.Number, Time: fsm.Nanos(p.Time.UnixNano()), Src: fsm.AddressOf(d.Src), Dst: fsm.AddressOf(d.Dst), Segment: d.Segment})
		if p.Number%50 == 0 {
			conns := s.Connections()
			if diff := gocmp.Diff(collect(b.Story().Conns), collect(conns), byValue); diff != "" {
				t.Fatalf("after frame %d (-story +survey):\n%.2000s", p.Number, diff)
			}
			all = append(all, given{conns, collect(conns)})
		}
	}
	if len(all) < 5 {
		t.Fatalf("looked %d times only", len(all))
	}
	for i, g := range all {
		if diff := gocmp.Diff(g.was, collect(g.conns), byValue); diff != "" {
			t.Fatalf("list %d was changed later:\n%.2000s", i, diff)
		}
	}
}

// TestBound holds that a flood keeps no more connections than it may, and that all
// are given on and counted.
func TestBound(t *testing.T) {
	const all, most = 5000, 256
	for _, shards := range []int{1, 2} {
		var out finished
		s := survey.New(survey.Options{Most: most, Shards: shards, Each: atOnce, Out: &out})
		see(t, written(t, traffic.Flood(all)), s)
		if early := s.Totals().Early; early < all-2*most || early > all-most/2 {
			t.Errorf("%d shards: %d of %d finished early", shards, early, all)
		}
		ids := out.ids()
		slices.Sort(ids)
		if len(ids) != all || ids[0] != 1 || ids[all-1] != all || len(slices.Compact(ids)) != all {
			t.Errorf("%d shards: %d connections were given on", shards, len(ids))
		}
	}
}

// observed gives a frame with a segment of the client with that number.
func observed(frame int, at fsm.Nanos, client int, flags fsm.Flags, seq, ack fsm.Seq) capture.Observed {
	src := fsm.AddressOf(netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 1, byte(client >> 8), byte(client)}), 5000))
	dst := fsm.AddressOf(netip.MustParseAddrPort("10.0.0.1:80"))
	if flags.Has(fsm.RST) {
		src, dst = dst, src
	}
	return capture.Observed{Number: frame, Time: at, Src: src, Dst: dst, Segment: fsm.Segment{Seq: seq, Ack: ack, Flags: flags}}
}

// TestOrder holds that connections are given on in the order of their numbers, and
// that one which goes on does not keep all later ones waiting for ever.
func TestOrder(t *testing.T) {
	for _, refused := range []int{100, 3 * 1 << 14} {
		var out finished
		s := survey.New(survey.Options{Out: &out})
		frame := 1
		add(s, observed(frame, 1, 0, fsm.SYN, 1, 0)) // never answered
		for i := range refused {
			at := fsm.Nanos(i+1) * 3 * fsm.MSL
			add(s,
				observed(frame+1, at, 1+i%60000, fsm.SYN, fsm.Seq(i), 0),
				observed(frame+2, at, 1+i%60000, fsm.RST|fsm.ACK, 0, fsm.Seq(i)+1))
			frame += 2
		}
		before := len(out.all)
		s.End()
		given := out.ids()
		if len(given) != refused+1 {
			t.Fatalf("%d of %d were given on", len(given), refused+1)
		}
		if refused < 1000 {
			if before != 0 || !slices.IsSorted(given) {
				t.Errorf("%d were given on before the first: %v", before, given)
			}
		} else if before < refused/2 || given[len(given)-1] != refused+1 && given[0] != 2 {
			t.Errorf("only %d of %d were given on before the end", before, refused)
		}
		slices.Sort(given)
		if len(slices.Compact(given)) != refused+1 {
			t.Error("some were given on twice")
		}
	}
}

// BenchmarkSurvey follows the connections of short connections; the unit is a frame.
func BenchmarkSurvey(b *testing.B) {
	data := written(b, traffic.Short(10_000))
	file, err := capture.NewReader(bytes.NewReader(data), "test.pcap")
	if err != nil {
		b.Fatal(err)
	}
	var all []capture.Observed
	ahead := capture.ReadAhead(file)
	for {
		batch, err := ahead.Next()
		if err != nil {
			break
		}
		all = append(all, batch...)
	}
	if err := ahead.Close(); err != nil {
		b.Fatal(err)
	}
	for _, shards := range []int{1, 2} {
		b.Run(fmt.Sprintf("%d shards", shards), func(b *testing.B) {
			frames := 0
			for b.Loop() {
				s := survey.New(survey.Options{Shards: shards, Each: atOnce, Out: new(finished)})
				for batch := range slices.Chunk(all, 8192) {
					add(s, batch...)
				}
				s.End()
				frames += len(all)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(frames), "ns/frame")
		})
	}
}

// sameErrors compares errors by their text.
func sameErrors() gocmp.Option {
	return gocmp.Comparer(func(a, b error) bool { return a == b || a != nil && b != nil && a.Error() == b.Error() })
}
