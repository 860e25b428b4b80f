package ui

import (
	"encoding/binary"
	"fmt"
	"strings"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// headerFields is a segment's TCP header in words, ready to be drawn.
type headerFields struct {
	title       string
	sender      fsm.Side
	words       [5]uint32 // the fixed part of the header, 32 bits each
	raw         bool      // words come from the captured bytes; else from the decoded segment, without the checksum
	source      string
	destination string
	sequence    string // relative and raw
	ack         string
	offset      string
	flags       fsm.Flags
	window      string
	checksum    string
	urgent      string
	options     string
	bytes       []string // the header's words in hexadecimal, options included
}

// tcpHeader gives the bytes of the frame's TCP header that were captured, nil
// when not even its fixed part was. Offsets and lengths are the file's word: checked.
func tcpHeader(f *story.Frame) []byte {
	if f.TCPOffset <= 0 || f.TCPOffset > len(f.Raw)-20 {
		return nil
	}
	h := f.Raw[f.TCPOffset:]
	size := int(h[12]>>4) * 4
	if size < 20 {
		return nil
	}
	return h[:min(size, len(h))]
}

// newHeaderFields gives the header of the segment of a step.
func newHeaderFields(m moment, step *story.Step) headerFields {
	f, s := step.Frame, &step.Frame.Segment
	sender := step.Sender()
	l := m.lang
	h := headerFields{sender: sender, flags: s.Flags}
	seq, ack := m.story.Relative(step.N)
	raw := tcpHeader(f)
	if raw != nil {
		h.raw = true
		for i := range h.words {
			h.words[i] = binary.BigEndian.Uint32(raw[4*i:])
		}
		for i := 0; i+4 <= len(raw); i += 4 {
			h.bytes = append(h.bytes, fmt.Sprintf("%02x %02x %02x %02x", raw[i], raw[i+1], raw[i+2], raw[i+3]))
		}
		h.options = optionWords(raw[20:], l)
		h.checksum = fmt.Sprintf("0x%04x", h.words[4]>>16)
		h.urgent = fmt.Sprintf("%d", h.words[4]&0xffff)
		h.offset = fmt.Sprintf("%d", h.words[3]>>28)
	} else {
		h.words = [5]uint32{
			uint32(f.Src.Port())<<16 | uint32(f.Dst.Port()), uint32(s.Seq), uint32(s.Ack),
			uint32(s.Flags)<<16 | uint32(s.Window), 0,
		}
		h.options = segmentOptionWords(&s.Options, l)
		h.checksum, h.urgent, h.offset = l.Text("not kept"), l.Text("not kept"), "?"
	}
	if h.options == "" {
		h.options = l.Text("none")
	}
	h.source, h.destination = fmt.Sprint(f.Src.Port()), fmt.Sprint(f.Dst.Port())
	h.sequence = l.Say("%d (raw %d)", seq, uint32(s.Seq))
	switch {
	case s.Flags.Has(fsm.ACK):
		h.ack = l.Say("%d (raw %d)", ack, uint32(s.Ack))
	default:
		h.ack = l.Say("without ACK: no meaning (raw %d)", uint32(s.Ack))
	}
	h.window = windowWords(m.mark(), s, sender)
	h.title = l.Say("segment %d: %s → %s, %s, %d bytes of data", f.Number, sender, sender.Other(), s.Flags.Names(false), s.Len)
	return h
}

// windowWords tells the window as it is in the header and as it is meant: the
// scale holds when both SYNs had the option, and never in a SYN itself.
func windowWords(mark mark, s *fsm.Segment, sender fsm.Side) string {
	a, b := mark.scale[sender], mark.scale[sender.Other()]
	if s.Flags.Has(fsm.SYN) || a == 0 || b == 0 {
		return fmt.Sprint(s.Window)
	}
	factor := uint32(1) << (a - 1)
	return fmt.Sprintf("%d × %d = %d", s.Window, factor, uint32(s.Window)*factor)
}

// TCP option kinds (the registry of TCP option kind numbers).
const (
	optionEnd           = 0
	optionNOP           = 1
	optionMSS           = 2
	optionWindowScale   = 3
	optionSACKPermitted = 4
	optionSACK          = 5
	optionTimestamps    = 8
	optionMPTCP         = 30
	optionFastOpen      = 34
)

// optionWords decodes the option bytes of a header; what is cut off or has an
// impossible length ends it.
func optionWords(b []byte, l lang.Language) string {
	var words []string
	for len(b) > 0 {
		kind := b[0]
		if kind == optionEnd {
			words = append(words, l.Text("end"))
			break
		}
		if kind == optionNOP {
			words = append(words, "NOP")
			b = b[1:]
			continue
		}
		if len(b) < 2 || b[1] < 2 || int(b[1]) > len(b) {
			words = append(words, l.Say("kind %d (cut off or damaged)", kind))
			break
		}
		words = append(words, optionWord(kind, b[2:b[1]], l))
		b = b[b[1]:]
	}
	return l.List(words)
}

// optionWord decodes one option; one of another length than its kind has is shown as bytes.
func optionWord(kind byte, data []byte, l lang.Language) string {
	switch {
	case kind == optionMSS && len(data) == 2:
		return fmt.Sprintf("MSS %d", binary.BigEndian.Uint16(data))
	case kind == optionWindowScale && len(data) == 1:
		return l.Say("window scale %d (× %d)", data[0], 1<<min(data[0], 14))
	case kind == optionSACKPermitted && len(data) == 0:
		return l.Text("SACK permitted")
	case kind == optionSACK && len(data) > 0 && len(data)%8 == 0:
		var edges []string
		for ; len(data) >= 8; data = data[8:] {
			edges = append(edges, fmt.Sprintf("%d-%d", binary.BigEndian.Uint32(data), binary.BigEndian.Uint32(data[4:])))
		}
		return "SACK " + strings.Join(edges, " ")
	case kind == optionTimestamps && len(data) == 8:
		return l.Say("timestamps %d %d", binary.BigEndian.Uint32(data), binary.BigEndian.Uint32(data[4:]))
	case kind == optionFastOpen:
		return l.Say("fast open % x", data)
	case kind == optionMPTCP:
		return l.Say("multipath % x", data)
	}
	return strings.TrimSpace(l.Say("kind %d % x", kind, data))
}

// segmentOptionWords tells the options of a decoded segment whose bytes were not kept.
func segmentOptionWords(o *fsm.Options, l lang.Language) string {
	var words []string
	if o.MSS > 0 {
		words = append(words, fmt.Sprintf("MSS %d", o.MSS))
	}
	if o.HasScale {
		words = append(words, l.Say("window scale %d (× %d)", o.WindowScale, 1<<min(o.WindowScale, 14)))
	}
	if o.SACKPermitted {
		words = append(words, l.Text("SACK permitted"))
	}
	if o.HasTimestamps {
		words = append(words, l.Say("timestamps %d %d", o.TSVal, o.TSEcr))
	}
	for i := range min(int(o.SACKCount), len(o.SACK)) {
		words = append(words, fmt.Sprintf("SACK %d-%d", uint32(o.SACK[i][0]), uint32(o.SACK[i][1])))
	}
	if o.FastOpen {
		words = append(words, l.Text("fast open"))
	}
	return l.List(words)
}
