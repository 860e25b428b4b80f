package lesson

import (
	"strconv"
	"strings"
	"time"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// Bounds of what a lesson can ask of the wire.
const (
	maxSegments = 1000 // that one act counts
	maxDelay    = time.Minute
	maxWait     = time.Hour // of all waits together; on a stage whose clock is its own that is no time at all
	maxWireActs = 32        // in one step
)

// parseWire reads one act: "drop 2 data from client".
func parseWire(line int, source string) (WireAct, error) {
	w := WireAct{Line: line, Source: strings.TrimSpace(source)}
	words := strings.Fields(source)
	switch {
	case len(words) == 0:
		return w, lang.Errorf("expected what is done to the wire, such as drop SYN from client")
	case words[0] == "wait":
		return w, w.parseWait(words[1:])
	case words[0] == "let":
		return w, w.parseLet(words[1:])
	}
	for _, v := range verbs() {
		if v.word == words[0] {
			w.What = v.what
			if err := w.parseSegments(words[1:]); err != nil {
				return w, lang.Errorf("%s: %w", v.word, err)
			}
			return w, nil
		}
	}
	return w, lang.Errorf("the wire cannot %q (it can drop, duplicate, delay, swap, hold, let go and wait)", shorten(words[0]))
}

func (w *WireAct) parseWait(words []string) (err error) {
	w.Pause = true
	if len(words) != 1 {
		return lang.Errorf("wait needs a time, such as wait 60s")
	}
	w.For, err = parseTime("wait", words[0], maxWait)
	return err
}

func (w *WireAct) parseLet(words []string) (err error) {
	w.Let = true
	switch {
	case len(words) == 1 && words[0] == "go":
		return nil
	case len(words) == 2 && words[1] == "go":
		w.Count, err = parseSegmentCount(words[0])
		return err
	}
	return lang.Errorf("expected let go, or let 1 go")
}

// parseSegments reads which segments are meant, and for delay the time.
func (w *WireAct) parseSegments(words []string) error {
	if w.What == story.Delayed {
		if len(words) == 0 {
			return lang.Errorf("expected segments and a time, such as delay ACK from server 200ms")
		}
		var err error
		if w.For, err = parseTime("delay", words[len(words)-1], maxDelay); err != nil {
			return err
		}
		words = words[:len(words)-1]
	}
	rest, from, sided := strings.Cut(strings.Join(words, " "), " from ")
	if sided {
		side, ok := parseSide(from)
		if !ok {
			return lang.Errorf("segments come from client or from server, not from %q", shorten(from))
		}
		w.Match.From, w.Match.Sided = side, true
	}
	if rest == everything {
		if w.What == story.Swapped {
			return lang.Errorf("only single segments can be swapped, such as swap data from client")
		}
		w.Count = -1
		return nil
	}
	rest, err := w.parseHowMany(rest)
	if err != nil {
		return err
	}
	if err := w.parseKind(rest); err != nil {
		return err
	}
	if !sided {
		return lang.Errorf("whose %s? (from client or from server)", rest)
	}
	if w.What == story.Swapped && w.Count != 0 {
		return lang.Errorf("only single segments can be swapped, such as swap data from client")
	}
	return nil
}

// parseHowMany takes a number, an ordinal or "every" off the front.
func (w *WireAct) parseHowMany(text string) (rest string, err error) {
	first, rest, more := strings.Cut(text, " ")
	switch {
	case first == "every":
		w.Count = -1
	case first != "" && '0' <= first[0] && first[0] <= '9':
		digits := strings.TrimRight(first, "dhnrst")
		n, err := parseSegmentCount(digits)
		switch {
		case err != nil:
			return "", err
		case first == ordinal(n):
			w.Match.Skip = n - 1
		case first != digits:
			return "", lang.Errorf("%q is no number (write %s)", shorten(first), ordinal(n))
		case n > 1:
			w.Count = n
		}
	default:
		return text, nil
	}
	if !more {
		return "", lang.Errorf("expected %s behind %q", lang.Term(kindWords), shorten(first))
	}
	return rest, nil
}

func (w *WireAct) parseKind(text string) error {
	for _, k := range kinds() {
		if k.word != text || text == "segments" && w.Count <= 1 {
			continue
		}
		w.Match.Has, w.Match.Lacks, w.Match.Data, w.Match.Bare = k.has, k.lacks, k.data, k.bare
		return nil
	}
	return lang.Errorf("expected %s, or everything, found %q", lang.Term(kindWords), shorten(text))
}

func parseSegmentCount(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxSegments {
		return 0, lang.Errorf("%q is no number from 1 to %d", shorten(text), maxSegments)
	}
	return n, nil
}

func parseTime(what, text string, most time.Duration) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 || d > most {
		return 0, lang.Errorf("%s: %q is no time up to %s (such as 200ms or 60s)", what, shorten(text), timeText(most))
	}
	return d, nil
}

func parseSide(text string) (fsm.Side, bool) {
	for _, side := range []fsm.Side{fsm.Client, fsm.Server} {
		if text == side.String() {
			return side, true
		}
	}
	return 0, false
}

// leavesSomething reports whether there is something to let go after the act: a
// segment that may be held, or a rule that goes on.
func (w WireAct) leavesSomething() bool {
	return !w.Pause && !w.Let && (w.What == story.Held || w.Count < 0)
}

// validate checks an act that follows others; holds tells whether some of those
// leave something to let go.
func (w WireAct) validate(holds bool) error {
	switch {
	case w.Pause && w.Let:
		return lang.Errorf("one act cannot wait and let go")
	case w.Pause && (w.For <= 0 || w.For > maxWait):
		return lang.Errorf("a wait of %s is not up to %s", w.For, timeText(maxWait))
	case w.Pause:
		return nil
	case w.Let && !holds:
		return lang.Errorf("there is nothing to let go: nothing was held, and no rule goes on")
	case w.Count < -1 || w.Count > maxSegments || w.Match.Skip < 0 || w.Match.Skip > maxSegments:
		return lang.Errorf("too many segments (at most %d)", maxSegments)
	case w.Let:
		return nil
	case w.What == story.Swapped && w.Count != 0:
		return lang.Errorf("only single segments can be swapped, such as swap data from client")
	case (w.What == story.Delayed) != (w.For > 0) || w.For > maxDelay:
		return lang.Errorf("a delay of %s is not up to %s", w.For, timeText(maxDelay))
	}
	return nil
}
