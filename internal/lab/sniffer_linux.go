package lab

import (
	"errors"

	"tcpviz/capture"
	"tcpviz/internal/source"
	"tcpviz/internal/story"
)

// sniffer reads what passes on lo.
type sniffer struct {
	live    *capture.Live
	decoder *capture.Decoder
	ports   map[uint16]bool // frames that touch none of them are left out; nil keeps all
	seen    int             // frames read, of whatever kind
	skipped map[string]int  // frames without a TCP segment, by reason
}

// openSniffer begins to sniff lo in the calling thread's namespace.
func openSniffer(ports map[uint16]bool) (*sniffer, error) {
	live, err := capture.OpenLive(capture.LiveConfig{Interface: loopbackName})
	if err != nil {
		return nil, err
	}
	return &sniffer{live: live, decoder: capture.NewDecoder(), ports: ports, skipped: make(map[string]int)}, nil
}

// read gives the frames that have come since the last time. The numbers are not given yet.
func (s *sniffer) read() ([]story.Frame, error) {
	var frames []story.Frame
	for {
		p, ok, err := s.live.TryNext()
		if err != nil || !ok {
			return frames, err
		}
		s.seen++
		d, err := s.decoder.Decode(p)
		var reason capture.SkipReason
		switch {
		case errors.As(err, &reason):
			s.skipped[string(reason)]++
			continue
		case err != nil:
			return frames, err
		}
		if s.ports == nil || s.ports[d.Src.Port()] || s.ports[d.Dst.Port()] {
			// What is sniffed on lo is on its way up the receiving stack.
			frames = append(frames, source.WholeFrameOf(p, d, story.FateDelivered))
		}
	}
}

// close ends the capture and gives the number of frames that the kernel dropped.
func (s *sniffer) close() (int, error) {
	dropped, err := s.live.Dropped()
	return dropped, errors.Join(err, s.live.Close())
}
