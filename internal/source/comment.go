package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"
	"unicode"

	"tcpviz/fsm"
	"tcpviz/internal/story"
)

// The words that begin a recording's comments.
const (
	storyPrefix = "tcpviz:story "
	callPrefix  = "tcpviz:call "
	truthPrefix = "tcpviz:truth "
	framePrefix = "tcpviz:frame "
)

// The bounds of what a comment may say; a pcapng comment itself has at most 65,535 bytes.
const (
	maxWord = 64   // a name, bytes
	maxText = 8192 // arguments, narration, bytes
	maxID   = 1 << 30
)

var errAbsurd = errors.New("a value out of bounds")

// A metaComment is a story.Meta as JSON.
type metaComment struct {
	Lesson   string     `json:"lesson,omitempty"`
	Title    story.Text `json:"title,omitzero"`
	Source   string     `json:"source,omitempty"`
	Stage    string     `json:"stage,omitempty"`
	StageWhy string     `json:"stage_why,omitempty"`
	WhyZH    string     `json:"stage_why_zh,omitempty"`
	Ordered  bool       `json:"ordered,omitempty"`
}

// A callComment is a story.Call as JSON.
type callComment struct {
	Time     time.Time      `json:"time"`
	Program  string         `json:"program"`
	Side     string         `json:"side"`
	ID       int            `json:"id"`
	Phase    string         `json:"phase"`
	Op       string         `json:"op"`
	FD       int            `json:"fd"`
	Args     string         `json:"args,omitempty"`
	Result   int64          `json:"result,omitempty"`
	Errno    string         `json:"errno,omitempty"`
	Local    netip.AddrPort `json:"local,omitzero"`
	Remote   netip.AddrPort `json:"remote,omitzero"`
	Inferred bool           `json:"inferred,omitempty"`
	Say      story.Text     `json:"say,omitzero"`
	After    bool           `json:"after,omitempty"`
}

// A truthComment is a story.Truth as JSON.
type truthComment struct {
	Time   time.Time      `json:"time"`
	Side   string         `json:"side"`
	Local  netip.AddrPort `json:"local,omitzero"`
	Remote netip.AddrPort `json:"remote,omitzero"`
	State  string         `json:"state"`
	After  bool           `json:"after,omitempty"`
}

// A frameComment is what a recording knows of a frame beyond its bytes.
type frameComment struct {
	Fate string `json:"fate"`
}

// note is what a comment says.
type note struct {
	event story.Event // nil: it says the fate of the frame that it stands at
	after bool        // the event comes after the frame that it stands at
	frame int         // number of the frame that the event is about; 0 for none
	fate  story.Fate  // when event is nil
}

// parseNote reads a packet comment. ours is false when it is none of a
// recording's; err says what is wrong with one that is.
func parseNote(comment string) (n note, ours bool, err error) {
	for _, word := range [...]struct {
		prefix string
		parse  func(body string) (note, error)
	}{
		{callPrefix, parseCall}, {truthPrefix, parseTruth}, {framePrefix, parseFrame},
		{arrivalPrefix, parseArrival}, {impairmentPrefix, parseImpairment}, {timerPrefix, parseTimer},
		{rebootPrefix, parseReboot},
		{narrationPrefix, parseNarration},
	} {
		body, ok := strings.CutPrefix(comment, word.prefix)
		if !ok {
			continue
		}
		if n, err = word.parse(body); err != nil {
			return note{}, true, err
		}
		return n, true, nil
	}
	return note{}, false, nil
}

func parseCall(body string) (note, error) {
	var c callComment
	if err := json.Unmarshal([]byte(body), &c); err != nil {
		return note{}, err
	}
	side, err := parseSide(c.Side)
	if err != nil {
		return note{}, err
	}
	call := story.Call{
		Time: c.Time, Side: side, ID: c.ID, FD: c.FD, Result: c.Result,
		Program: clean(c.Program), Op: clean(c.Op), Args: clean(c.Args), Errno: clean(c.Errno),
		Local: c.Local, Remote: c.Remote, Inferred: c.Inferred, Say: cleanText(c.Say),
	}
	switch c.Phase {
	case story.Enter.String():
	case story.Return.String():
		call.Phase = story.Return
	default:
		return note{}, fmt.Errorf("phase %q", c.Phase)
	}
	return note{event: call, after: c.After}, checkCall(call)
}

// checkCall tells whether a recording may hold the call.
func checkCall(c story.Call) error {
	switch {
	case c.ID < 1 || c.ID > maxID || c.FD < -1 || c.FD > maxID,
		c.Op == "", tooLong(maxWord, c.Program, c.Op, c.Errno),
		tooLong(maxText, c.Args, c.Say.EN, c.Say.ZH),
		badZone(c.Local), badZone(c.Remote), badTime(c.Time):
		return errAbsurd
	}
	return nil
}

func parseTruth(body string) (note, error) {
	var c truthComment
	if err := json.Unmarshal([]byte(body), &c); err != nil {
		return note{}, err
	}
	side, err := parseSide(c.Side)
	if err != nil {
		return note{}, err
	}
	state, ok := fsm.ParseState(c.State)
	if !ok {
		return note{}, fmt.Errorf("state %q", c.State)
	}
	truth := story.Truth{Time: c.Time, Side: side, Local: c.Local, Remote: c.Remote, State: state}
	return note{event: truth, after: c.After}, checkTruth(truth)
}

// checkTruth tells whether a recording may hold the truth.
func checkTruth(t story.Truth) error {
	if badZone(t.Local) || badZone(t.Remote) || badTime(t.Time) {
		return errAbsurd
	}
	return nil
}

func parseFrame(body string) (note, error) {
	var c frameComment
	if err := json.Unmarshal([]byte(body), &c); err != nil {
		return note{}, err
	}
	for _, fate := range [...]story.Fate{story.FateAssumed, story.FateDelivered, story.FateLost, story.FateUnderWay} {
		if c.Fate == fate.String() {
			return note{fate: fate}, nil
		}
	}
	return note{}, fmt.Errorf("fate %q", c.Fate)
}

func parseSide(s string) (fsm.Side, error) {
	for _, side := range []fsm.Side{fsm.Client, fsm.Server} {
		if s == side.String() {
			return side, nil
		}
	}
	return 0, fmt.Errorf("side %q", s)
}

// parseMeta finds what the story is about among the comments of a section header.
func parseMeta(comments []string) (story.Meta, bool) {
	for _, comment := range comments {
		body, ours := strings.CutPrefix(comment, storyPrefix)
		if !ours {
			continue
		}
		var c metaComment
		if json.Unmarshal([]byte(body), &c) != nil {
			continue
		}
		meta := story.Meta{
			Lesson: clean(c.Lesson), Title: cleanText(c.Title), Source: clean(c.Source),
			Stage: clean(c.Stage), StageWhy: cleanText(story.Text{EN: c.StageWhy, ZH: c.WhyZH}), Recorded: true, Ordered: c.Ordered,
		}
		if checkMeta(meta) == nil {
			return meta, true
		}
	}
	return story.Meta{}, false
}

// checkMeta tells whether a recording may be about meta.
func checkMeta(m story.Meta) error {
	if tooLong(maxWord, m.Lesson, m.Stage) || tooLong(maxText, m.Source, m.StageWhy.EN, m.StageWhy.ZH, m.Title.EN, m.Title.ZH) {
		return errAbsurd
	}
	return nil
}

func metaText(m story.Meta) (string, error) {
	return join(storyPrefix, metaComment{
		Lesson: m.Lesson, Title: m.Title, Source: m.Source, Stage: m.Stage, StageWhy: m.StageWhy.EN, WhyZH: m.StageWhy.ZH, Ordered: m.Ordered,
	}, checkMeta(m))
}

func callText(c story.Call, after bool) (string, error) {
	return join(callPrefix, callComment{
		Time: c.Time.UTC(), Program: c.Program, Side: c.Side.String(), ID: c.ID, Phase: c.Phase.String(),
		Op: c.Op, FD: c.FD, Args: c.Args, Result: c.Result, Errno: c.Errno,
		Local: c.Local, Remote: c.Remote, Inferred: c.Inferred, Say: c.Say, After: after,
	}, checkCall(c))
}

func truthText(t story.Truth, after bool) (string, error) {
	return join(truthPrefix, truthComment{
		Time: t.Time.UTC(), Side: t.Side.String(), Local: t.Local, Remote: t.Remote,
		State: t.State.String(), After: after,
	}, checkTruth(t))
}

// join writes a comment, unless what it would say may not be said.
func join(prefix string, value any, invalid error) (string, error) {
	if invalid != nil {
		return "", invalid
	}
	var b bytes.Buffer
	b.WriteString(prefix)
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false) // people read it in Wireshark
	if err := encoder.Encode(value); err != nil {
		return "", err
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

// clean takes control characters, and those that turn the direction of writing, out of s.
func clean(s string) string { return strings.Map(keepPlain, s) }

// cleanText does the same with a narration, whose lines may end.
func cleanText(t story.Text) story.Text {
	keep := func(r rune) rune {
		if r == '\n' {
			return r
		}
		return keepPlain(r)
	}
	return story.Text{
		EN: strings.Map(keep, t.EN),
		ZH: strings.Map(keep, t.ZH),
	}
}

func keepPlain(r rune) rune {
	if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
		return -1
	}
	return r
}

func tooLong(limit int, texts ...string) bool {
	for _, s := range texts {
		if len(s) > limit {
			return true
		}
	}
	return false
}

// badZone reports an address whose zone is no interface's name.
func badZone(a netip.AddrPort) bool {
	zone := a.Addr().Zone()
	return len(zone) > maxWord || clean(zone) != zone
}

// badTime reports a time that JSON could not say.
func badTime(t time.Time) bool { return t.UTC().Year() < 1 || t.UTC().Year() > 9999 }
