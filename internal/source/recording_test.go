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
	Source: "lo", Stage: "loopback", StageWhy: `it is the first that works, "here" & now`,
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
		"ends with a frame": whole[:9], "one large frame": {large},
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
		about := story.Meta{Lesson: word.Draw(t, "lesson"), Title: narration(t), Source: text.Draw(t, "source"), Stage: word.Draw(t, "stage"), StageWhy: text.Draw(t, "why")}
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
	for range rapid.IntRange(0, 30).Draw(t, "n") {
		switch rapid.IntRange(0, 2).Draw(t, "kind") {
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
		default:
			frames++
			p := packet(frames, times.Draw(t, "time"), client, server, fsm.Flags(rapid.Byte().Draw(t, "flags")), rapid.SliceOfN(rapid.Byte(), 0, 1000).Draw(t, "payload"))
			events = append(events, frame(t, p, rapid.SampledFrom([]story.Fate{story.FateAssumed, story.FateDelivered, story.FateLost}).Draw(t, "fate")))
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
		"no identity":        with(func(c *story.Call) { c.ID = 0 }),
		"no call":            with(func(c *story.Call) { c.Op = "" }),
		"long arguments":     with(func(c *story.Call) { c.Args = long }),
		"long narration":     with(func(c *story.Call) { c.Say.ZH = long }),
		"long program":       with(func(c *story.Call) { c.Program = long[:65] }),
		"absurd descriptor":  with(func(c *story.Call) { c.FD = -2 }),
		"absurd time":        with(func(c *story.Call) { c.Time = time.Unix(1<<40, 0) }),
		"a pointer":          {call, &call},
		"a frame of no time": {call, story.Frame{Raw: []byte("x")}},
	} {
		err := source.WriteRecording(io.Discard, meta, events)
		if err == nil || !strings.HasPrefix(err.Error(), "source: write recording: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if source.WriteRecording(io.Discard, story.Meta{StageWhy: long}, nil) == nil {
		t.Error("a long reason: no error")
	}
	if err := source.WriteRecording(fullDisk{}, meta, short(t)); !errors.Is(err, errFull) {
		t.Errorf("a full disk: %v", err)
	}
}

type fullDisk struct{}

var errFull = errors.New("no space left")

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

// Other programs find the frames, and the calls as comments at the frames that they caused.
func TestOtherProgramsReadRecordings(t *testing.T) {
	file := filepath.Join(t.TempDir(), "story.pcapng")
	if err := os.WriteFile(file, record(t, meta, short(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, command := range [][]string{
		{"tshark", "-r", file, "-T", "fields", "-e", "frame.number", "-e", "frame.comment"},
		{"tcpdump", "-n", "-r", file},
	} {
		t.Run(command[0], func(t *testing.T) {
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
			if first, _, _ := strings.Cut(out.String(), "\n"); command[0] == "tshark" && strings.Count(first, "tcpviz:call ") != 3 {
				t.Errorf("the first frame does not bear 3 calls: %s", first)
			}
		})
	}
}
