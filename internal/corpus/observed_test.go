package corpus

import (
	"errors"
	"io"
	"path/filepath"

	"tcpviz/capture"
	"tcpviz/fsm"
	"tcpviz/internal/source"
	"tcpviz/internal/story"
)

// tell gives the story of a file; limit bounds its steps as in [story.Builder.Limit].
// A damaged file is told as far as it can be read.
func tell(name string, limit int) (*story.Story, error) {
	file, err := capture.Open(filepath.Join(folder, "files", name))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	reader := source.New(file)
	builder := story.NewBuilder(story.Meta{})
	builder.Limit(limit)
	for {
		events, err := reader.Next()
		var damage *capture.DamagedError
		switch {
		case err == io.EOF:
			return builder.Story(), nil
		case errors.As(err, &damage):
			builder.Fail(err)
			return builder.Story(), nil
		case err != nil:
			return nil, err
		}
		if reader.Skipped() != "" {
			builder.Skip(reader.Skipped())
		}
		builder.Add(events...)
	}
}

// states gives the states of the side that has the address, in the order in which it
// entered them, with the newest frame at each time.
func states(s *story.Story, local address) (entered []entry) {
	frame := 0
	for i := range s.Steps {
		step := &s.Steps[i]
		if step.Kind == story.SegmentSent {
			frame = step.Frame.Number
		}
		for _, t := range step.Transitions {
			if t.Changed() && step.Conn > 0 && s.Conns.At(step.Conn).Ends[t.Side].String() == string(local) {
				entered = append(entered, entry{frame, t.To})
			}
		}
	}
	return entered
}

// entry is a state that was entered with a frame.
type entry struct {
	frame int
	state fsm.State
}

// after gives the state after a frame, "" before the first.
func after(entered []entry, frame int) (state string) {
	for _, e := range entered {
		if e.frame <= frame {
			state = e.state.String()
		}
	}
	return state
}
