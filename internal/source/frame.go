package source

import (
	"tcpviz/capture"
	"tcpviz/internal/story"
)

// keptPayload is how much payload a frame keeps for the header view, bytes.
const keptPayload = 512

// FrameOf gives the story's view of a decoded packet. Its Raw is a copy: the
// headers whole and at most 512 bytes of payload.
func FrameOf(p capture.Packet, d capture.Decoded, fate story.Fate) story.Frame {
	return frameOf(p, d, fate, min(len(d.Data), d.PayloadOffset+keptPayload))
}

// WholeFrameOf is FrameOf with all of the captured bytes, for what will be recorded.
func WholeFrameOf(p capture.Packet, d capture.Decoded, fate story.Fate) story.Frame {
	return frameOf(p, d, fate, len(d.Data))
}

func frameOf(p capture.Packet, d capture.Decoded, fate story.Fate, kept int) story.Frame {
	linkType, length := p.LinkType, p.Length
	if d.Reassembled { // no frame holds all of it
		linkType, length = capture.LinkTypeRaw, len(d.Data)
	}
	return story.Frame{
		Time:          p.Time,
		Number:        p.Number,
		Src:           d.Src,
		Dst:           d.Dst,
		Segment:       d.Segment,
		Fate:          fate,
		Raw:           append([]byte(nil), d.Data[:kept]...),
		LinkType:      uint32(linkType),
		Length:        length,
		NetOffset:     d.NetOffset,
		TCPOffset:     d.TCPOffset,
		PayloadOffset: d.PayloadOffset,
	}
}
