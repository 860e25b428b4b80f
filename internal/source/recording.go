package source

import (
	"io"

	"tcpviz/capture"
	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// WriteRecording writes a story's events, in the order given, as a recording
// that a [Reader] gives back exactly: in the same order, at the same times to the
// nanosecond. Each Frame's Raw must hold all that was captured; frames are
// numbered anew from 1, in arrivals and impairments too. It refuses what a Reader
// would not accept.
func WriteRecording(w io.Writer, meta story.Meta, events []story.Event) error {
	header, err := metaText(meta)
	if err != nil {
		return lang.Errorf("source: write recording: %w", err)
	}
	packets, section, err := pack(events)
	if err != nil {
		return lang.Errorf("source: write recording: %w", err)
	}
	linkType := capture.LinkTypeEthernet
	if len(packets) > 0 {
		linkType = packets[0].LinkType
	}
	out, err := capture.NewNgWriter(w, linkType, append([]string{header}, section...))
	if err != nil {
		return lang.Errorf("source: write recording: %w", err)
	}
	for _, p := range packets {
		if err := out.Write(p); err != nil {
			return lang.Errorf("source: write recording: %w", err)
		}
	}
	if err := out.Flush(); err != nil {
		return lang.Errorf("source: write recording: %w", err)
	}
	return nil
}

// pack gives the packets of a recording with their comments; section are the
// comments when there is no packet that could bear them.
func pack(events []story.Event) (packets []capture.Packet, section []string, err error) {
	frames := 0
	for _, e := range events {
		if _, ok := e.(story.Frame); ok {
			frames++
		}
	}
	var waiting []string          // comments for the next packet
	underWay := make(map[int]int) // the new number of frames whose fate is told apart, by the old one
	for i, e := range events {
		after := frames > 0 && len(packets) == frames
		var text string
		var err error
		switch e := e.(type) {
		case story.Call:
			text, err = callText(e, after)
		case story.Truth:
			text, err = truthText(e, after)
		case story.Arrival:
			if e.Frame, err = renumbered(underWay, e.Frame); err == nil {
				text, err = arrivalText(e, after)
			}
		case story.Impairment:
			if e.Frame, err = renumbered(underWay, e.Frame); err == nil {
				text, err = impairmentText(e, after)
			}
		case story.Expiry:
			text, err = timerText(e, after)
		case story.Reboot:
			text, err = rebootText(e, after)
		case story.Narration:
			text, err = narrationText(e, after)
		case story.Frame:
			if e.Fate != story.FateAssumed {
				text, err = join(framePrefix, frameComment{Fate: e.Fate.String()}, nil)
			}
			packets = append(packets, capture.Packet{
				Time: e.Time, LinkType: capture.LinkType(e.LinkType), Data: e.Raw, Length: e.Length,
			})
			delete(underWay, e.Number)
			if e.Fate == story.FateUnderWay {
				underWay[e.Number] = len(packets)
			}
		default:
			err = lang.Errorf("no way to record a %T", e)
		}
		if err != nil {
			return nil, nil, lang.Errorf("event %d: %w", i+1, err)
		}
		if text != "" {
			waiting = append(waiting, text)
		}
		if _, ok := e.(story.Frame); ok || after {
			last := &packets[len(packets)-1]
			last.Comments = append(last.Comments, waiting...)
			waiting = nil
		}
	}
	return packets, waiting, nil
}

// renumbered gives the number that a frame under way has in the recording.
func renumbered(underWay map[int]int, number int) (int, error) {
	if n, ok := underWay[number]; ok {
		return n, nil
	}
	return 0, lang.Errorf("frame %d is not under way", number)
}
