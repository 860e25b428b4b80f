package lab

import (
	"errors"

	"tcpviz/capture"
	"tcpviz/internal/source"
	"tcpviz/internal/story"
)

// wire is the sniffed interface.
type wire struct {
	live    *capture.Live
	decoder *capture.Decoder
	ports   map[uint16]bool // frames that touch none of them are left out; nil keeps all
	seen    int             // frames read, of whatever kind
	skipped map[string]int  // frames without a TCP segment, by reason
}

// openWire begins to sniff lo in the calling thread's namespace.
func openWire(ports map[uint16]bool) (*wire, error) {
	live, err := capture.OpenLive(capture.LiveConfig{Interface: loopbackName})
	if err != nil {
		return nil, err
	}
	return &wire{live: live, decoder: capture.NewDecoder(), ports: ports, skipped: make(map[string]int)}, nil
}

// read gives the frames that have come since the last time. The numbers are not given yet.
func (w *wire) read() ([]story.Frame, error) {
	var frames []story.Frame
	for {
		p, ok, err := w.live.TryNext()
		if err != nil || !ok {
			return frames, err
		}
		w.seen++
		d, err := w.decoder.Decode(p)
		var reason capture.SkipReason
		switch {
		case errors.As(err, &reason):
			w.skipped[string(reason)]++
			continue
		case err != nil:
			return frames, err
		}
		if w.ports == nil || w.ports[d.Src.Port()] || w.ports[d.Dst.Port()] {
			// What is sniffed on lo is on its way up the receiving stack.
			frames = append(frames, source.WholeFrameOf(p, d, story.FateDelivered))
		}
	}
}

// close ends the capture and gives the number of frames that the kernel dropped.
func (w *wire) close() (int, error) {
	dropped, err := w.live.Dropped()
	return dropped, errors.Join(err, w.live.Close())
}
