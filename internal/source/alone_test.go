package source_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tcpviz/capture"
	"tcpviz/fsm"
	"tcpviz/internal/source"
	"tcpviz/internal/story"
	"tcpviz/internal/traffic"
)

// lossy is a capture of connections that go wrong in every way, some of them on the
// ports of an earlier one.
func lossy(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := traffic.Write(&b, traffic.Lossy(80), traffic.Pcap); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func open(t testing.TB, data []byte) *capture.File {
	t.Helper()
	f, err := capture.NewReader(bytes.NewReader(data), "lossy.pcap")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestAlone holds that a connection that is read by itself has the very steps that it
// has in the story of the whole capture.
func TestAlone(t *testing.T) {
	data := lossy(t)
	reader, builder := source.New(open(t, data)), story.NewBuilder(story.Meta{})
	for {
		events, err := reader.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		builder.Add(events...)
	}
	whole := builder.Story()
	reused := 0
	for c := range whole.Conns.All() {
		chain := source.Chain(whole.Conns, c.ID)
		if len(chain) > 1 {
			reused++
		}
		got, err := source.Alone(t.Context(), open(t, data), story.Meta{}, chain, whole.Conns, 1<<20)
		if err != nil {
			t.Fatalf("connection %d: %v", c.ID, err)
		}
		want := whole.Alone(c.ID, c.ID, whole.Conns)
		if len(want.Steps) == 0 || got.Only != c.ID || got.Conns.Len() != whole.Conns.Len() {
			t.Fatalf("connection %d: %d steps, Only %d, %d connections", c.ID, len(want.Steps), got.Only, got.Conns.Len())
		}
		for _, s := range []*story.Story{got, want} {
			for i := range s.Steps {
				if call := s.Steps[i].Call; call != nil { // inferred calls are numbered through a whole story
					copied := *call
					copied.ID = 0
					s.Steps[i].Call = &copied
				}
			}
		}
		if diff := cmp.Diff(want.Steps, got.Steps, cmpopts.EquateComparable(fsm.Conn{}, netip.AddrPort{})); diff != "" {
			t.Errorf("connection %d (-in the whole +alone):\n%.3000s", c.ID, diff)
		}
	}
	if reused == 0 {
		t.Error("no connection of the capture is on the ports of an earlier one")
	}
}

func TestAloneErrors(t *testing.T) {
	data := lossy(t)
	absent := fsm.Summary{ID: 1, First: 3, Last: 50, Ends: [2]fsm.Address{fsm.AddressOf(client), fsm.AddressOf(server)}}
	conns := story.ConnectionsOf(absent)
	if _, err := source.Alone(t.Context(), open(t, data), story.Meta{}, source.Chain(conns, 1), conns, 10); err == nil {
		t.Error("a connection that the capture does not hold was found")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := source.Alone(ctx, open(t, data), story.Meta{}, source.Chain(conns, 1), conns, 10); !errors.Is(err, context.Canceled) {
		t.Errorf("after its cancelling: %v", err)
	}
	broken := &packets{end: errors.New("broken")}
	if _, err := source.Alone(t.Context(), broken, story.Meta{}, source.Chain(conns, 1), conns, 10); err == nil || err.Error() != "broken" {
		t.Errorf("a source that fails: %v", err)
	}
}

// A chain ends with the connection that is wanted, and is bounded however often the
// ports were used again.
func TestChain(t *testing.T) {
	var all []fsm.Summary
	for i := range 50 {
		all = append(all, fsm.Summary{Before: i, Inherits: i >= 10})
	}
	conns := story.ConnectionsOf(all...)
	for _, test := range []struct{ id, first, length int }{
		{1, 1, 1}, // nothing before it
		{5, 4, 2}, // the one before tells that the ports are used again
		{12, 10, 3},
		{50, 35, 16},
	} {
		chain := source.Chain(conns, test.id)
		if len(chain) != test.length || chain[0].ID != test.first || chain[len(chain)-1].ID != test.id {
			t.Errorf("connection %d: %d connections from %d on", test.id, len(chain), chain[0].ID)
		}
	}
}
