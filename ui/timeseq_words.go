package ui

import (
	"strconv"
	"strings"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
)

// figureText writes a figure with three digits: 1.23, 45.6, 789.
func figureText(f float64) string {
	decimals := 2
	for limit := 9.995; f >= limit && decimals > 0; limit *= 10 {
		decimals--
	}
	return strconv.FormatFloat(f, 'f', decimals, 64)
}

// octetText writes a number of octets; k, M, G and T are powers of 1000.
func octetText(n float64, l lang.Language) string {
	switch {
	case n == 1:
		return l.Text("1 byte")
	case n < 1000:
		return l.Say("%s bytes", strconv.FormatFloat(n, 'f', 0, 64))
	}
	for _, unit := range [...]string{"kB", "MB", "GB"} {
		if n /= 1000; n < 999.5 {
			return figureText(n) + " " + unit
		}
	}
	return figureText(n/1000) + " TB"
}

// spanText writes a duration of that many nanoseconds.
func spanText(ns int64) string {
	n := float64(ns)
	switch {
	case n < 1e3:
		return strconv.FormatInt(ns, 10) + " ns"
	case n < 999.5e3:
		return figureText(n/1e3) + " µs"
	case n < 999.5e6:
		return figureText(n/1e6) + " ms"
	case n < 600e9:
		return figureText(n/1e9) + " s"
	case n < 2*3600e9:
		return figureText(n/60e9) + " min"
	}
	return figureText(n/3600e9) + " h"
}

// rateText writes a mean rate of so many octets in so many nanoseconds.
func rateText(octets uint64, ns int64, l lang.Language) string {
	rate := float64(octets) * 1e9 / float64(ns)
	if rate < 999.5 {
		return l.Say("%s bytes/s", figureText(rate))
	}
	return octetText(rate, l) + "/s"
}

// sequenceWords are the words of a picture; they hold as long as nothing happens.
type sequenceWords struct {
	stream  *stream
	at      int
	wide    bool
	lang    lang.Language
	summary []string
	notes   string
	reading string
}

// write makes the words for a moment.
func (q *timeSequence) write(s *stream, m moment, wide bool, t *theme) *sequenceWords {
	w := &q.words
	if l := m.lang; w.stream != s || w.at != m.at || w.wide != wide || w.lang != l || w.summary == nil {
		now := s.tally(m.at)
		*w = sequenceWords{
			stream: s, at: m.at, wide: wide, lang: l,
			summary: q.summary(s, now, m.at, wide, l), notes: q.notes(s, now, l, t), reading: q.reading(s, m.at, l),
		}
	}
	return w
}

// summary tells of the direction what had happened, what matters most first: its
// octets, in how long and how fast that was in the mean, what was sent again, the
// round trip of the handshake, and the window. The time is that of all segments of the
// connection; octets that were sent again count once.
func (q *timeSequence) summary(s *stream, now tally, at int, wide bool, l lang.Language) []string {
	if now.row < 0 {
		return []string{l.Text("no segment has been sent yet")}
	}
	all := []string{octetText(float64(now.fresh), l)}
	if took := now.last - now.first; now.first != noTime && took > 0 {
		all[0] = l.Say("%s in %s", all[0], spanText(took))
		if now.fresh > 0 {
			all = append(all, rateText(now.fresh, took, l))
		}
	}
	again := l.Say("%d sent again", now.again)
	if wide && now.repeated > 0 {
		again = l.Say("%s (%s)", again, octetText(float64(now.repeated), l))
	}
	all = append(all, again)
	switch h := q.handshake; {
	case !h.ok || h.row > at:
	case wide:
		all = append(all, l.Say("handshake RTT %s", spanText(h.rtt)))
	default:
		all = append(all, "RTT "+spanText(h.rtt))
	}
	if now.windowed {
		window := octetText(float64(now.edge-now.ack), l)
		if now.edge > s.top() {
			all = append(all, l.Say("window %s, edge above", window))
		} else {
			all = append(all, l.Say("window %s", window))
		}
	}
	return all
}

// notes tells what of the direction could not be drawn.
func (q *timeSequence) notes(s *stream, now tally, l lang.Language, t *theme) string {
	var all []string
	count := func(n int, what string) {
		if n == 1 {
			all = append(all, l.Say("1 segment %s is not drawn", l.Text(what)))
		} else if n > 1 {
			all = append(all, l.Say("%d segments %s are not drawn", n, l.Text(what)))
		}
	}
	count(int(now.untimed), "without a time stamp")
	count(int(now.stray), "with numbers far off")
	if now.unscaled && !now.windowed {
		all = append(all, l.Text("no window's edge: the window scale was not seen"))
	}
	if len(s.tallies) > 0 && s.tallies[len(s.tallies)-1].row <= now.row {
		kept := q.story.Conns.At(q.view.Conn).Segments
		count(kept[fsm.Client]+kept[fsm.Server]-q.sent, "beyond those that were kept")
		if !now.acked {
			all = append(all, l.Text("no ACK of these was seen"))
		}
	}
	if len(all) == 0 {
		return ""
	}
	return string(t.glyphs.warn) + " " + strings.Join(all, l.Text("; "))
}

// reading tells the time of the newest row, and what its segment says of the direction.
func (q *timeSequence) reading(s *stream, at int, l lang.Language) string {
	if at < 0 || at >= len(q.clock) {
		return ""
	}
	text := l.Text("no time stamp")
	if q.clock[at] != noTime {
		if q.clock[at] < q.start {
			return ""
		}
		text = spanText(q.clock[at] - q.start)
	}
	row := q.segmentOf(at)
	for i := s.upTo(row); i > 0 && int(s.marks[i-1].row) == row; i-- {
		switch m := &s.marks[i-1]; m.kind {
		case ackMark, duplicateMark:
			return l.Say("ACK %d at %s", m.to, text)
		case windowMark, zeroWindowMark, lostMark, finMark:
		default:
			if m.to > m.from {
				return l.Say("%d to %d at %s", m.from, m.to, text)
			}
			return l.Say("%d at %s", m.from, text)
		}
	}
	return text
}
