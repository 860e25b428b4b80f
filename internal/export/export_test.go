package export_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"tcpviz/fsm"
	"tcpviz/internal/export"
	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var (
	clientEnd = fsm.AddressOf(netip.MustParseAddrPort("127.0.0.1:40000"))
	serverEnd = fsm.AddressOf(netip.MustParseAddrPort("127.0.0.1:10008"))
	began     = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
)

// at gives the time that many microseconds after the story began.
func at(us int) time.Time { return began.Add(time.Duration(us) * time.Microsecond) }

func change(side fsm.Side, from, to fsm.State, rule, rfc string) fsm.Transition {
	return fsm.Transition{Side: side, From: from, To: to, Rule: &fsm.Rule{ID: rule, RFC: rfc, Reason: "The reason of " + rule + "."}}
}

// counted counts the anomalies of some segments.
func counted(found ...fsm.Anomaly) (n fsm.AnomalyCounts) {
	for _, a := range found {
		n.Add(a)
	}
	return n
}

// handshake is a story made by hand: a listening server, a connect that blocks, a
// handshake, a line of data with a hostile payload, and a segment that is lost.
func handshake() *story.Story {
	s := &story.Story{
		Meta: story.Meta{
			Lesson: "handshake", Title: story.Text{EN: "Three-way handshake", ZH: "三次握手"},
			Stage: "loopback", StageWhy: story.Text{EN: "the wire is not touched, so the kernel's own loopback will do"},
		},
		Conns: story.ConnectionsOf(fsm.Summary{
			ID: 1, Ends: [2]fsm.Address{clientEnd, serverEnd}, ISN: [2]fsm.Seq{1000, 4294967295},
			State: [2]fsm.State{fsm.Established, fsm.Established}, Basis: [2]fsm.Basis{fsm.Observed, fsm.Assumed},
			First: 1, Last: 5, Start: fsm.Nanos(at(431).UnixNano()), End: fsm.Nanos(at(710).UnixNano()),
			Segments: [2]int{4, 1}, Bytes: [2]uint64{12, 0}, Completeness: 15, Outcome: fsm.S1,
			Anomalies: counted(fsm.Retransmitted),
		}),
		Totals: story.Totals{
			Frames: 7, Segments: 5, Skipped: map[string]int{"not-tcp": 2}, Dropped: 3, Checked: 3, Agree: 2,
			Error: errors.New("frame 8: cut off"),
		},
	}
	add := func(step story.Step) {
		step.N = len(s.Steps) + 1
		s.Steps = append(s.Steps, step)
	}
	call := func(us int, side fsm.Side, id int, phase story.Phase, op, args string, conn, peer int) *story.Call {
		c := &story.Call{Time: at(us), Program: side.String(), Side: side, ID: id, Phase: phase, Op: op, FD: 3, Args: args}
		kind := story.CallEnter
		if phase == story.Return {
			kind = story.CallReturn
		}
		add(story.Step{Time: c.Time, Kind: kind, Conn: conn, Side: side, Call: c, Peer: peer})
		return c
	}
	segment := func(us, number int, side fsm.Side, g fsm.Segment, fate story.Fate, payload string, changes ...fsm.Transition) {
		f := &story.Frame{
			Time: at(us), Number: number, Segment: g, Fate: fate,
			Raw: append(make([]byte, 54), payload...), PayloadOffset: 54,
		}
		n := len(s.Steps) + 1
		sent := story.Step{Time: f.Time, Kind: story.SegmentSent, Conn: 1, Side: side, Frame: f, Peer: n + 1}
		end := story.Step{Time: f.Time, Kind: story.SegmentReceived, Conn: 1, Side: side.Other(), Frame: f, Peer: n, Cause: n}
		if fate == story.FateLost {
			end.Kind, end.Side = story.SegmentLost, side
		}
		for _, t := range changes {
			if t.Side == side {
				sent.Transitions = append(sent.Transitions, t)
			} else {
				end.Transitions = append(end.Transitions, t)
			}
		}
		add(sent)
		add(end)
	}

	listen := call(0, fsm.Server, 1, story.Enter, "listen", "3, 5", 0, 2)
	listen.Say = story.Text{
		EN: "The server says that it takes connections: from now on the kernel answers a SYN that arrives here, whether or not the program waits.",
		ZH: "服务器声明可以接受连接：从现在起，无论程序是否在等待，内核都会应答到达这里的 SYN。",
	}
	s.Steps[0].Say = listen.Say
	call(9, fsm.Server, 1, story.Return, "listen", "3, 5", 0, 1)
	s.Steps[1].Listener = true
	s.Steps[1].Transitions = []fsm.Transition{change(fsm.Server, fsm.Closed, fsm.Listen, "closed/passive-open", "3.10.1")}
	call(20, fsm.Server, 2, story.Enter, "accept", "3", 0, 0)
	call(412, fsm.Client, 3, story.Enter, "connect", "3, 127.0.0.1:10008", 1, 11)
	segment(431, 1, fsm.Client, fsm.Segment{Seq: 1000, Flags: fsm.SYN, Window: 65535}, story.FateDelivered, "",
		change(fsm.Client, fsm.Closed, fsm.SynSent, "closed/active-open", "3.10.1"),
		change(fsm.Server, fsm.Listen, fsm.SynReceived, "listen/syn", "3.10.7.2"))
	s.Steps[4].Cause = 4
	segment(440, 2, fsm.Server, fsm.Segment{Seq: 4294967295, Ack: 1001, Flags: fsm.SYN | fsm.ACK, Window: 65535}, story.FateDelivered, "",
		change(fsm.Client, fsm.SynSent, fsm.Established, "syn-sent/syn-ack", "3.10.7.3"))
	established := change(fsm.Server, fsm.SynReceived, fsm.Established, "syn-received/ack", "3.10.7.4")
	established.Basis = fsm.Assumed
	unchanged := change(fsm.Server, fsm.Established, fsm.Established, "established/ack", "3.10.7.4")
	segment(450, 3, fsm.Client, fsm.Segment{Seq: 1001, Ack: 0, Flags: fsm.ACK, Window: 512}, story.FateAssumed, "", established, unchanged)
	connected := call(460, fsm.Client, 3, story.Return, "connect", "3, 127.0.0.1:10008", 1, 4)
	connected.Result, connected.Errno = -1, "EINTR"
	s.Steps[10].Cause = 8
	s.Steps[10].Truths = []story.Check{
		{Truth: story.Truth{Side: fsm.Client, State: fsm.Established}, Conn: 1, Model: fsm.Established, Agree: true},
		{Truth: story.Truth{Side: fsm.Server, State: fsm.SynReceived}, Conn: 1, Model: fsm.Established},
	}
	segment(500, 4, fsm.Client, fsm.Segment{Seq: 1001, Ack: 0, Flags: fsm.ACK | fsm.PSH, Window: 512, Len: 6}, story.FateLost, "a\x1b[2J\n")
	segment(700, 5, fsm.Client, fsm.Segment{Seq: 1001, Ack: 0, Flags: fsm.ACK | fsm.PSH, Window: 512, Len: 6}, story.FateDelivered, "a\x1b[2J\n")
	s.Steps[13].Anomalies = []string{"retransmission"}
	inferred := call(710, fsm.Client, 4, story.Enter, "send", "", 1, 17)
	inferred.Inferred, inferred.Program = true, "C\u009b1\x7f"
	inferred = call(710, fsm.Client, 4, story.Return, "send", "", 1, 16)
	inferred.Inferred, inferred.Program = true, "C\u009b1\x7f"
	return s
}

func TestGoldens(t *testing.T) {
	for name, write := range map[string]func(*bytes.Buffer) error{
		"handshake.jsonl": func(b *bytes.Buffer) error { return export.JSON(b, handshake()) },
		"handshake.txt": func(b *bytes.Buffer) error {
			return export.Text(b, handshake(), export.TextOptions{Lang: lang.English})
		},
		"handshake.zh.txt": func(b *bytes.Buffer) error {
			return export.Text(b, handshake(), export.TextOptions{Lang: lang.Chinese})
		},
		"handshake.ascii.txt": func(b *bytes.Buffer) error {
			return export.Text(b, handshake(), export.TextOptions{Lang: lang.English, ASCII: true})
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got bytes.Buffer
			if err := write(&got); err != nil {
				t.Fatal(err)
			}
			compareGolden(t, name, got.String())
		})
	}
}

// compareGolden compares what was written with a golden file, or rewrites that.
func compareGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// Whatever comes from outside, no byte of the output can steer a terminal.
func TestNoControlCharacterGetsThrough(t *testing.T) {
	s := handshake()
	hostile := "\x1b]0;owned\x07\u009b31m\x7f\r\u202e"
	s.Meta.Title.EN, s.Meta.StageWhy.EN, s.Totals.Error = hostile, hostile, errors.New(hostile)
	s.Totals.Skipped[hostile] = 1
	s.Steps[0].Say.EN = hostile
	s.Steps[3].Call.Args = hostile
	var text, lines bytes.Buffer
	if err := export.Text(&text, s, export.TextOptions{Lang: lang.English}); err != nil {
		t.Fatal(err)
	}
	if err := export.JSON(&lines, s); err != nil {
		t.Fatal(err)
	}
	for form, out := range map[string]string{"text": text.String(), "json": lines.String()} {
		for _, r := range out {
			if r != '\n' && unicode.IsControl(r) {
				t.Errorf("%s holds %U", form, r)
			}
		}
	}
	if strings.ContainsRune(text.String(), '\u202e') {
		t.Error("text holds a mark that turns the direction of what follows")
	}
}

func TestASCIITextIsASCII(t *testing.T) {
	var out bytes.Buffer
	if err := export.Text(&out, handshake(), export.TextOptions{Lang: lang.English, ASCII: true}); err != nil {
		t.Fatal(err)
	}
	for _, r := range out.String() {
		if r > unicode.MaxASCII {
			t.Fatalf("ASCII text holds %q", r)
		}
	}
}

// Written piece by piece, the steps give what they give at once.
func TestPiecesGiveTheWhole(t *testing.T) {
	s := handshake()
	var whole, pieces bytes.Buffer
	if err := export.JSON(&whole, s); err != nil {
		t.Fatal(err)
	}
	for n := range len(s.Steps) {
		if err := export.JSONSteps(&pieces, s, n+1, n+1); err != nil {
			t.Fatal(err)
		}
	}
	if err := export.JSONEnd(&pieces, s, nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(whole.String(), pieces.String()); diff != "" {
		t.Error(diff)
	}
}

// Steps that were forgotten after they had been written are passed over.
func TestForgottenSteps(t *testing.T) {
	s := handshake()
	s.First, s.Steps = 10, s.Steps[10:]
	var lines, text bytes.Buffer
	if err := export.JSONSteps(&lines, s, 1, 17); err != nil {
		t.Fatal(err)
	}
	if err := export.TextSteps(&text, s, 1, 17, export.TextOptions{}); err != nil {
		t.Fatal(err)
	}
	var first struct{ N int }
	if err := json.NewDecoder(&lines).Decode(&first); err != nil || first.N != 11 {
		t.Errorf("first line has n %d (%v), want 11", first.N, err)
	}
	if !strings.HasPrefix(text.String(), "    11 ") {
		t.Errorf("text begins with %.20q", text.String())
	}
}

type brokenWriter struct{}

var errBroken = errors.New("broken pipe")

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestWriterErrorsAreReturned(t *testing.T) {
	if err := export.JSON(brokenWriter{}, handshake()); !errors.Is(err, errBroken) {
		t.Errorf("JSON: %v", err)
	}
	if err := export.Text(brokenWriter{}, handshake(), export.TextOptions{}); !errors.Is(err, errBroken) {
		t.Errorf("Text: %v", err)
	}
}
