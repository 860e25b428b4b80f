package script_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tcpviz/fsm"
	"tcpviz/internal/script"
)

func TestParse(t *testing.T) {
	got, err := script.Parse(`What this is.

## first
# a comment
call client connect   | CLOSED CLOSED | closed/connect-called
+5ms > S 100 scale=7 mss=1460 ts=8:9 tfo win=0
return client connect failed

## second
< SA 300:101 len=4 held=x
arrives x
> - 4294967295 lost
timer server time-wait
listen
foreign
call server close waits
> S 1 full=syn
> A 1:1 full=accept
reboot server
stack netstack
`)
	if err != nil {
		t.Fatal(err)
	}
	want := script.File{Head: "What this is.", Scripts: []script.Script{
		{Name: "first", Line: 3, Lines: []script.Line{
			{Number: 4, Said: "# a comment"},
			{Number: 5, Said: "call client connect", Expect: "CLOSED CLOSED | closed/connect-called", Step: script.Step{Kind: script.Call, Call: fsm.OpenActive}},
			{Number: 6, Said: "+5ms > S 100 scale=7 mss=1460 ts=8:9 tfo win=0", After: 5 * time.Millisecond, Step: script.Step{Kind: script.Segment, Segment: fsm.Segment{
				Seq: 100, Flags: fsm.SYN, Options: fsm.Options{MSS: 1460, WindowScale: 7, HasScale: true, HasTimestamps: true, TSVal: 8, TSEcr: 9, FastOpen: true}}}},
			{Number: 7, Said: "return client connect failed", Step: script.Step{Kind: script.Return, Call: fsm.OpenActive, Failed: true}},
			{Number: 8},
		}},
		{Name: "second", Line: 9, Lines: []script.Line{
			{Number: 10, Said: "< SA 300:101 len=4 held=x", Step: script.Step{Kind: script.Segment, Side: fsm.Server, Fate: script.Held, Name: "x",
				Segment: fsm.Segment{Seq: 300, Ack: 101, Flags: fsm.SYN | fsm.ACK, Window: 1000, Len: 4}}},
			{Number: 11, Said: "arrives x", Step: script.Step{Kind: script.Arrives, Name: "x"}},
			{Number: 12, Said: "> - 4294967295 lost", Step: script.Step{Kind: script.Segment, Fate: script.Lost, Segment: fsm.Segment{Seq: 1<<32 - 1, Window: 1000}}},
			{Number: 13, Said: "timer server time-wait", Step: script.Step{Kind: script.Timer, Side: fsm.Server, Timer: fsm.TimeWaitTimer}},
			{Number: 14, Said: "listen", Step: script.Step{Kind: script.Listen, Side: fsm.Server}},
			{Number: 15, Said: "foreign", Step: script.Step{Kind: script.Foreign}},
			{Number: 16, Said: "call server close waits", Step: script.Step{Kind: script.Call, Side: fsm.Server, Call: fsm.Close, Waits: true}},
			{Number: 17, Said: "> S 1 full=syn", Step: script.Step{Kind: script.Segment, Queue: fsm.SYNQueueFull, Segment: fsm.Segment{Seq: 1, Flags: fsm.SYN, Window: 1000}}},
			{Number: 18, Said: "> A 1:1 full=accept", Step: script.Step{Kind: script.Segment, Queue: fsm.AcceptQueueFull, Segment: fsm.Segment{Seq: 1, Ack: 1, Flags: fsm.ACK, Window: 1000}}},
			{Number: 19, Said: "reboot server", Step: script.Step{Kind: script.Reboot, Side: fsm.Server}},
			{Number: 20, Said: "stack netstack", Step: script.Step{Kind: script.Runs, Stack: fsm.Netstack}},
		}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestParseErrors(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"## a\n> Q 1", `script: line 2: "> Q 1": 'Q' is no flag`},
		{"## a\n> -S 1", "'-' is no flag"},
		{"\n\n## a\n\n> S 4294967296", `script: line 5: "> S 4294967296": "4294967296" is no number of 32 bits`},
		{"## a\n> S", "a segment needs flags and a number"},
		{"## a\n> S 1:", `"" is no number of 32 bits`},
		{"## a\n> S 1 win=70000", `"70000" is no number of 16 bits`},
		{"## a\n> S 1 ts=1:x", `"x" is no number of 32 bits`},
		{"## a\n> S 1 colour=red", `"colour=red" says nothing of a segment`},
		{"## a\n> S 1 big", `"big" says nothing of a segment`},
		{"## a\n> S 1 lost held=x", `says nothing of a segment`},
		{"## a\nfly", `"fly" is nothing that happens`},
		{"## a\n+soon > S 1", `"+soon" is no time`},
		{"## a\n+-5ms > S 1", `is no time`},
		{"## a\n+5ms", "nothing happens at that time"},
		{"## a\ncall nobody close", `"nobody" is no side`},
		{"## a\ncall client", "something is missing"},
		{"## a\ncall client dance", `"dance" is no call`},
		{"## a\ncall client close failed", `"failed" is neither`},
		{"## a\ncall client close waits long", `"long" is too much`},
		{"## a\nreboot client twice", `"twice" is too much`},
		{"## a\nreboot nobody", `"nobody" is no side`},
		{"## a\nstack pancake", `"pancake" is no stack: linux`},
		{"## a\nstack", "something is missing"},
		{"## a\n> S 1 full=half", `"full=half" says nothing of a segment`},
		{"## a\nreturn client close happily", `not "happily"`},
		{"## a\ntimer client tea", `"tea" is no timer`},
		{"## a\nlisten now", `"now" is too much`},
		{"## a\narrives x", `no segment is held as "x"`},
		{"## a\n> S 1 held=x\n> S 1 held=x", `held as "x" already`},
		{"## a\n> S 1 held=x\n## b\narrives x", `script: line 4`},
		{"## \n", "a script needs a name"},
	} {
		_, err := script.Parse(test.text)
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "script: line ") {
			t.Errorf("%q: %v, want %s", test.text, err, test.want)
		}
	}
}

// FuzzParse holds that no text panics, and that what a line said says the same again.
func FuzzParse(f *testing.F) {
	f.Add("## a\n> S 1 ts=1:2 | x\n+1s < A 3:4 held=b\narrives b\n")
	paths, _ := filepath.Glob("../../fsm/testdata/*.script")
	for _, path := range paths {
		if text, err := os.ReadFile(path); err == nil {
			f.Add(string(text))
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		file, err := script.Parse(text)
		if err != nil {
			return
		}
		for _, s := range file.Scripts {
			written := "## " + s.Name + "\n"
			for _, line := range s.Lines {
				written += line.Said + "\n"
			}
			again, err := script.Parse(written)
			if err != nil || len(again.Scripts) != 1 || len(again.Scripts[0].Lines) != len(s.Lines) {
				t.Fatalf("%q: %v", written, err)
			}
			for i, line := range again.Scripts[0].Lines {
				if line.Step != s.Lines[i].Step || line.After != s.Lines[i].After {
					t.Fatalf("%q means %+v and %+v", line.Said, line.Step, s.Lines[i].Step)
				}
			}
		}
	})
}
