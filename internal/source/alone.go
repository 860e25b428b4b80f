package source

import (
	"context"
	"errors"
	"io"

	"tcpviz/capture"
	"tcpviz/fsm"
	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// longestChain is how many connections that followed each other on the same ends are
// looked at before the one that is wanted.
const longestChain = 16

// Chain gives the connection and, before it, those whose segments must be known to tell
// its story: the one that had the same ends before, and where that one left its server
// in a state in which the next began, the one before that, and so on.
func Chain(conns story.Connections, id int) []fsm.Summary {
	chain := []fsm.Summary{*conns.At(id)}
	for c := &chain[0]; c.Before > 0 && (len(chain) == 1 || c.Inherits) && len(chain) < longestChain; c = &chain[0] {
		chain = append([]fsm.Summary{*conns.At(c.Before)}, chain...)
	}
	return chain
}

var errNotFound = errors.New("its first frame is not there any more: the file has changed")

// Alone reads the story of the last connection of a chain from a capture that begins
// before the chain does, steps steps of it at most. The frames are read as far as the
// chain's last one, or until the context ends.
func Alone(ctx context.Context, src capture.Source, meta story.Meta, chain []fsm.Summary, conns story.Connections, steps int) (*story.Story, error) {
	wanted := &chain[len(chain)-1]
	builder := story.NewBuilder(meta)
	builder.Limit(steps)
	builder.Select(func(s *fsm.Summary) bool { return s.First == wanted.First })
	decoder := capture.NewDecoder()
	for n := 0; ; n++ {
		const askedEvery = 1 << 10 // frames
		if n%askedEvery == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		p, err := src.Next()
		if err == nil && p.Number > wanted.Last || err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		d, err := decoder.Decode(p)
		if err != nil || p.Number < chain[0].First || !isBetween(wanted.Ends, &d) {
			continue
		}
		builder.Add(FrameOf(p, d, story.FateAssumed))
	}
	s := builder.Story()
	for c := range s.Conns.All() {
		if c.First == wanted.First {
			return s.Alone(c.ID, wanted.ID, conns), nil
		}
	}
	return nil, lang.Errorf("source: read connection %d: %w", wanted.ID, errNotFound)
}

// isBetween reports whether a segment goes from one of the ends to the other.
func isBetween(ends [2]fsm.Address, d *capture.Decoded) bool {
	src, dst := fsm.AddressOf(d.Src), fsm.AddressOf(d.Dst)
	return src == ends[0] && dst == ends[1] || src == ends[1] && dst == ends[0]
}
