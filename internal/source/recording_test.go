package source_test

import (
	"bytes"
	"errors"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"tcpviz/capture"
	"tcpviz/fsm"
	"tcpviz/internal/source"
	"tcpviz/internal/story"
)

var meta = story.Meta{
	Lesson: "connection", Title: story.Text{EN: "A whole connection", ZH: "一次完整的连接"},
	Source: "lo", Stage: "loopback", StageWhy: story.Text{EN: `it is the first that works, "here" & now`, ZH: "首选可用"},
}

// short is a story with calls before, between and after its frames.
func short(t testing.TB) []story.Event {
	none := netip.AddrPort{}
	return []story.Event{
		story.Call{Time: at(0, 1), Program: "server", Side: fsm.Server, ID: 1, Op: "socket", FD: -1, Args: "AF_INET, SOCK_STREAM, 0"},
		story.Call{Time: at(0, 2), Program: "server", Side: fsm.Server, ID: 1, Phase: story.Return, Op: "socket", FD: -1, Result: 3},
		story.Truth{Time: at(0, 3), Side: fsm.Server, Local: server, State: fsm.Listen},
		story.Call{Time: at(0, 4), Program: "client", Side: fsm.Client, ID: 2, Op: "connect", FD: 3, Args: "3, 127.0.0.1:10008",
			Say: story.Text{EN: "The client asks.\nAnd waits.", ZH: "客户端请求"}},
		frame(t, packet(1, at(0, 5), client, server, fsm.SYN, nil), story.FateDelivered),
		frame(t, packet(2, at(0, 6), server, client, fsm.SYN|fsm.ACK, nil), story.FateAssumed),
		story.Truth{Time: at(0, 7), Side: fsm.Client, Local: client, Remote: server, State: fsm.Established},
		story.Call{Time: at(0, 8), Program: "client", Side: fsm.Client, ID: 2, Phase: story.Return, Op: "connect", FD: 3,
			Args: "3, 127.0.0.1:10008", Result: -1, Errno: "ECONNREFUSED", Local: client, Remote: server, Inferred: true},
		frame(t, packet(3, at(0, 9), client, server, fsm.PSH|fsm.ACK, []byte("hello\n")), story.FateLost),
		story.Call{Time: at(1, 999999999), Program: "C1", Side: fsm.Client, ID: 3, Op: "close", FD: 3, Args: "3", Local: none},
		story.Truth{Time: at(2, 0), Side: fsm.Client, Local: client, Remote: server, State: fsm.FinWait1},
	}
}

// wired is a story on a wire that somebody holds.
func wired(t testing.TB) []story.Event {
	return []story.Event{
		frame(t, packet(1, at(0, 1), client, server, fsm.SYN, nil), story.FateUnderWay),
		story.Impairment{Time: at(0, 2), Frame: 1, What: story.Held, ByUser: true},
		story.Truth{Time: at(0, 2), Side: fsm.Client, Local: client, Remote: server, State: fsm.SynSent},
		story.Expiry{Time: at(1, 1), Side: fsm.Client, Local: client, Remote: server, Timer: fsm.Retransmission},
		frame(t, packet(2, at(1, 1), client, server, fsm.SYN, nil), story.FateUnderWay),
		story.Impairment{Time: at(1, 2), Frame: 2, What: story.Delayed, For: 200 * time.Millisecond},
		story.Arrival{Time: at(1, 3), Frame: 1, Fate: story.FateDelivered},
		frame(t, packet(3, at(1, 3), server, client, fsm.SYN|fsm.ACK, nil), story.FateUnderWay),
		story.Arrival{Time: at(1, 4), Frame: 3, Fate: story.FateDelivered},
		story.Arrival{Time: at(1, 5), Frame: 1, Fate: story.FateDelivered},
		story.Arrival{Time: at(2, 0), Frame: 2, Fate: story.FateLost},
		story.Narration{Time: at(2, 1), Say: story.Text{EN: "Time passes.", ZH: "时间流逝。"}, Does: "wait 1m"},
		story.Reboot{Time: at(2, 2), Side: fsm.Client},
		story.Expiry{Time: at(60, 0), Side: fsm.Server, Local: server, Remote: client, Timer: fsm.SynReceivedTimer},
	}
}

// record gives the recording of a story.
func record(t interface{ Fatal(...any) }, about story.Meta, events []story.Event) []byte {
	var b bytes.Buffer
	if err := source.WriteRecording(&b, about, events); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// replay gives what a reader makes of a capture file.
func replay(t interface{ Fatal(...any) }, content []byte) (*source.Reader, []story.Event) {
	f, err := capture.NewReader(bytes.NewReader(content), "test")
	if err != nil {
		t.Fatal(err)
	}
	r := source.New(f)
	var all []story.Event
	for {
		events, err := r.Next()
		if err == io.EOF {
			return r, all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, events...)
	}
}

var exactly = cmp.Options{cmp.Comparer(bytes.Equal), cmpopts.EquateComparable(netip.AddrPort{}), cmpopts.EquateEmpty()}

func TestRecordingRoundTrip(t *testing.T) {
	whole := short(t)
	var calls []story.Event // without any frame
	for _, e := range whole {
		if _, ok := e.(story.Frame); !ok {
			calls = append(calls, e)
		}
	}
	large := frame(t, packet(1, at(0, 0), client, server, fsm.ACK, make([]byte, 60000)), story.FateAssumed)
	for name, events := range map[string][]story.Event{
		"whole": whole, "no frame": calls, "nothing": nil, "only frames": {whole[4], whole[5]},
		"ends with a frame": whole[:9], "a wire in somebody's hands": wired(t), "one large frame": {large},
	} {
		t.Run(name, func(t *testing.T) {
			r, got := replay(t, record(t, meta, events))
			if diff := cmp.Diff(events, got, exactly); diff != "" {
				t.Error(diff)
			}
			recorded := meta
			recorded.Recorded = true
			about, ok := r.Meta()
			if diff := cmp.Diff(recorded, about); diff != "" || !ok {
				t.Error(ok, diff)
			}
			if r.Rejected() != 0 || r.Skipped() != "" {
				t.Error(r.Rejected(), r.Skipped())
			}
		})
	}
}

// Whatever a lab can emit comes back as it was.
func TestRecordingRoundTripOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := rapid.Custom(anyEvents).Draw(t, "events")
		about := story.Meta{Ordered: rapid.Bool().Draw(t, "ordered"), Lesson: word.Draw(t, "lesson"), Title: narration(t), Source: text.Draw(t, "source"), Stage: word.Draw(t, "stage"), StageWhy: narration(t)}
		r, got := replay(t, record(t, about, events))
		if diff := cmp.Diff(events, got, exactly); diff != "" {
			t.Fatal(diff)
		}
		about.Recorded = true
		if back, ok := r.Meta(); !ok || back != about {
			t.Fatalf("%v, %+v, not %+v", ok, back, about)
		}
	})
}

var (
	word = rapid.StringMatching(`[a-zA-Z0-9_-]{0,64}`)
	text = rapid.StringMatching(`[ -~三次握手é"\\<>&]{0,80}`)
)

func narration(t *rapid.T) story.Text {
	return story.Text{EN: rapid.StringMatching(`([ -~]{0,20}\n){0,3}`).Draw(t, "en"), ZH: rapid.StringMatching(`[一-龥，。]{0,20}`).Draw(t, "zh")}
}

func anyEvents(t *rapid.T) []story.Event {
	var events []story.Event
	times := rapid.Custom(func(t *rapid.T) time.Time {
		return at(rapid.Int64Range(-1e9, 1e9).Draw(t, "s"), rapid.Int64Range(0, 999999999).Draw(t, "ns"))
	})
	side := rapid.SampledFrom([]fsm.Side{fsm.Client, fsm.Server})
	address := rapid.SampledFrom([]netip.AddrPort{{}, client, server, netip.MustParseAddrPort("[fe80::1%eth0]:80"), netip.MustParseAddrPort("[::1]:1")})
	frames := 0
	var aloft []int
	for range rapid.IntRange(0, 30).Draw(t, "n") {
		switch rapid.IntRange(0, 5).Draw(t, "kind") {
		case 0:
			events = append(events, story.Call{
				Time: times.Draw(t, "time"), Program: word.Draw(t, "program"), Side: side.Draw(t, "side"),
				ID: rapid.IntRange(1, 1000).Draw(t, "id"), Phase: rapid.SampledFrom([]story.Phase{story.Enter, story.Return}).Draw(t, "phase"),
				Op: rapid.SampledFrom([]string{"socket", "connect", "recv"}).Draw(t, "op"), FD: rapid.IntRange(-1, 1000).Draw(t, "fd"), Args: text.Draw(t, "args"),
				Result: rapid.Int64().Draw(t, "result"), Errno: word.Draw(t, "errno"), Local: address.Draw(t, "local"), Remote: address.Draw(t, "remote"),
				Inferred: rapid.Bool().Draw(t, "inferred"), Say: narration(t),
			})
		case 1:
			events = append(events, story.Truth{
				Time: times.Draw(t, "time"), Side: side.Draw(t, "side"), Local: address.Draw(t, "local"), Remote: address.Draw(t, "remote"),
				State: fsm.State(rapid.IntRange(0, fsm.StateCount-1).Draw(t, "state")),
			})
		case 2:
			events = append(events, story.Expiry{
				Time: times.Draw(t, "time"), Side: side.Draw(t, "side"), Local: address.Draw(t, "local"), Remote: address.Draw(t, "remote"),
				Timer: fsm.Timer(rapid.IntRange(int(fsm.TimeWaitTimer), int(fsm.DelayedAckTimer)).Draw(t, "timer")),
			}, story.Narration{Time: times.Draw(t, "time"), Say: narration(t), Does: text.Draw(t, "does")},
				story.Reboot{Time: times.Draw(t, "time"), Side: side.Draw(t, "side")})
		case 3:
			if len(aloft) == 0 {
				continue
			}
			events = append(events, story.Arrival{
				Time: times.Draw(t, "time"), Frame: rapid.SampledFrom(aloft).Draw(t, "frame"),
				Fate: rapid.SampledFrom([]story.Fate{story.FateDelivered, story.FateLost}).Draw(t, "fate"),
			}, story.Impairment{
				Time: times.Draw(t, "time"), Frame: rapid.SampledFrom(aloft).Draw(t, "impaired"), ByUser: rapid.Bool().Draw(t, "by"),
				What: story.Impaired(rapid.IntRange(0, int(story.Dropped)).Draw(t, "what")), For: time.Duration(rapid.Int64Range(0, 1e13).Draw(t, "for")),
			})
		default:
			frames++
			p := packet(frames, times.Draw(t, "time"), client, server, fsm.Flags(rapid.Byte().Draw(t, "flags")), rapid.SliceOfN(rapid.Byte(), 0, 1000).Draw(t, "payload"))
			fate := rapid.SampledFrom([]story.Fate{story.FateAssumed, story.FateDelivered, story.FateLost, story.FateUnderWay}).Draw(t, "fate")
			events = append(events, frame(t, p, fate))
			if fate == story.FateUnderWay {
				aloft = append(aloft, frames)
			}
		}
	}
	return events
}

func TestWriteRecordingRefuses(t *testing.T) {
	call := short(t)[0].(story.Call)
	with := func(change func(*story.Call)) []story.Event {
		c := call
		change(&c)
		return []story.Event{call, c}
	}
	long := strings.Repeat("x", 8193)
	for name, events := range map[string][]story.Event{
		"no identity":       with(func(c *story.Call) { c.ID = 0 }),
		"no call":           with(func(c *story.Call) { c.Op = "" }),
		"long arguments":    with(func(c *story.Call) { c.Args = long }),
		"long narration":    with(func(c *story.Call) { c.Say.ZH = long }),
		"long program":      with(func(c *story.Call) { c.Program = long[:65] }),
		"absurd descriptor": with(func(c *story.Call) { c.FD = -2 }),
		"absurd time":       with(func(c *story.Call) { c.Time = time.Unix(1<<40, 0) }),
		"a pointer":         {call, &call},
		"no such frame":     {call, story.Arrival{Time: call.Time, Frame: 1, Fate: story.FateLost}},
		"a frame that has arrived": {
			frame(t, packet(1, at(0, 5), client, server, fsm.SYN, nil), story.FateDelivered),
			story.Arrival{Time: at(0, 6), Frame: 1, Fate: story.FateDelivered},
		},
		"an arrival before its frame":       {wired(t)[6], wired(t)[0]},
		"an arrival that tells nothing":     {wired(t)[0], story.Arrival{Time: at(1, 0), Frame: 1}},
		"an impairment of nothing":          {story.Impairment{Time: at(1, 0)}},
		"an unknown impairment":             {wired(t)[0], story.Impairment{Time: at(1, 0), Frame: 1, What: 9}},
		"a delay of negative length":        {wired(t)[0], story.Impairment{Time: at(1, 0), Frame: 1, What: story.Delayed, For: -1}},
		"a timer that has no name":          {story.Expiry{Time: at(1, 0)}},
		"a timer at a time without a year":  {story.Expiry{Time: time.Unix(1<<40, 0), Timer: fsm.Retransmission}},
		"a reboot at a time without a year": {story.Reboot{Time: time.Unix(1<<40, 0)}},
		"a frame of no time":                {call, story.Frame{Raw: []byte("x")}},
	} {
		err := source.WriteRecording(io.Discard, meta, events)
		if err == nil || !strings.HasPrefix(err.Error(), "source: write recording: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if source.WriteRecording(io.Discard, story.Meta{StageWhy: story.Text{ZH: long}}, nil) == nil {
		t.Error("a long reason: no error")
	}
	if err := source.WriteRecording(fullDisk{}, meta, short(t)); !errors.Is(err, errFull) {
		t.Errorf("a full disk: %v", err)
	}
}

type fullDisk struct{}

var errFull = errors.New("no space left")

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

// Frames that are numbered otherwise are numbered anew, and what tells of them with them.
func TestFramesAreNumberedAnew(t *testing.T) {
	events := wired(t)
	want := wired(t)
	for i, e := range events {
		switch e := e.(type) {
		case story.Frame:
			e.Number *= 7
			events[i] = e
		case story.Arrival:
			e.Frame *= 7
			events[i] = e
		case story.Impairment:
			e.Frame *= 7
			events[i] = e
		}
	}
	_, got := replay(t, record(t, meta, events))
	if diff := cmp.Diff(want, got, exactly); diff != "" {
		t.Error(diff)
	}
}

// The story of a recording is the story that was recorded.
func TestTheStoryOfARecording(t *testing.T) {
	about := meta
	about.Ordered = true
	for name, events := range map[string][]story.Event{"seen": short(t), "told": wired(t)} {
		played := story.NewBuilder(about)
		for _, e := range events {
			played.Add(e)
		}
		r, read := replay(t, record(t, about, events))
		recorded, _ := r.Meta()
		replayed := story.NewBuilder(recorded)
		replayed.Add(read...)
		want, got := played.Story(), replayed.Story()
		want.Meta.Recorded = true
		if diff := cmp.Diff(want.Steps, got.Steps, exactly, cmpopts.EquateComparable(fsm.Conn{})); diff != "" || want.Meta != got.Meta {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// Other programs find the frames, and the calls as comments at the frames that they caused.
func TestOtherProgramsReadRecordings(t *testing.T) {
	for name, test := range map[string]struct {
		events []story.Event
		mark   string // how often the first frame bears it
		times  int
	}{"seen": {short(t), "tcpviz:call ", 3}, "told": {wired(t), `tcpviz:frame {"fate":"under-way"}`, 1}} {
		file := filepath.Join(t.TempDir(), "story.pcapng")
		if err := os.WriteFile(file, record(t, meta, test.events), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, command := range [][]string{
			{"tshark", "-r", file, "-T", "fields", "-e", "frame.number", "-e", "frame.comment"},
			{"tcpdump", "-n", "-r", file},
		} {
			t.Run(name+" "+command[0], func(t *testing.T) {
				path, err := exec.LookPath(command[0])
				if err != nil {
					t.Skipf("%s is not installed", command[0])
				}
				var out, complaints strings.Builder
				c := exec.Command(path, command[1:]...)
				c.Stdout, c.Stderr = &out, &complaints
				if err := c.Run(); err != nil {
					t.Fatalf("%v: %s", err, complaints.String())
				}
				for line := range strings.Lines(complaints.String()) {
					if !strings.HasPrefix(line, "Running as user") && !strings.HasPrefix(line, "reading from file") {
						t.Errorf("it complains: %s", line)
					}
				}
				if n := strings.Count(out.String(), "\n"); n != 3 {
					t.Errorf("%d lines for 3 frames:\n%s", n, out.String())
				}
				if first, _, _ := strings.Cut(out.String(), "\n"); command[0] == "tshark" && strings.Count(first, test.mark) != test.times {
					t.Errorf("the first frame does not bear %s %d times: %s", test.mark, test.times, first)
				}
			})
		}
	}
}
