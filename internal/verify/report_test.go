package verify_test

import (
	"errors"
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
	"tcpviz/internal/verify"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares with a file under testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(string(want), got); diff != "" {
		t.Error(diff)
	}
}

// madeUp is a report with one of everything.
func madeUp() verify.Report {
	socket := netip.MustParseAddrPort("10.9.0.2:10008")
	plain := verify.Row{
		Stage: "sim", Part: verify.Plain, Planned: 38, Runs: 38, Checks: 3705, Agreements: 3704, Differ: 1, Endless: 1, Broken: 1,
		Observer: verify.Observer{Compared: 94, Decided: 10, Agree: 9, Undecided: 84, AgreeToo: 76},
		Findings: []verify.Finding{
			{
				Run:    verify.Run{Stage: "sim", Part: verify.Plain, Lesson: "my lessons/one.yaml"},
				Differ: 2, Disagreement: verify.Disagreement{
					Step: 33, Event: lang.Phrasef("segment %d received", 7), Rules: []string{"listen/syn"}, Side: fsm.Server,
					Local: socket, Remote: netip.MustParseAddrPort("10.9.0.1:40002"), Model: fsm.SynReceived, Stack: fsm.Closed,
				},
			},
			{Run: verify.Run{Stage: "sim", Part: verify.Plain, Lesson: "close"}, Problem: errors.New("lab: server is still in recv()\nof line 12\x1b[2J")},
		},
	}
	drop := verify.Row{
		Stage: "sim", Part: verify.Drop, Planned: 539, Runs: 120, Checks: 1000, Agreements: 993, Differ: 7, Endless: 3, Otherwise: 2, Missed: 4,
		Observer: verify.Observer{Compared: 4, Undecided: 4},
	}
	for n := range 7 {
		drop.Findings = append(drop.Findings, verify.Finding{
			Run:    verify.Run{Stage: "sim", Part: verify.Drop, Lesson: "lost-syn", Segment: n + 1},
			Differ: 1, Disagreement: verify.Disagreement{
				Step: 9, Event: lang.Phrasef("%s: %s", fsm.Server, "listen(3, 5)"), Side: fsm.Server, Local: socket, Model: fsm.Closed, Stack: fsm.Listen,
			},
		})
	}
	return verify.Report{Rows: []verify.Row{
		{Stage: "loopback", Part: verify.Plain, Planned: 25, Runs: 25, Checks: 929, Agreements: 929,
			Observer: verify.Observer{Compared: 54, Decided: 5, Agree: 5, Undecided: 49, AgreeToo: 49}},
		{Stage: "wire", Why: errors.New("no stage for live lessons; stage wire: operation not permitted")},
		plain, drop,
	}}
}

func TestReportAsText(t *testing.T) {
	for l, name := range map[lang.Language]string{lang.English: "report.txt", lang.Chinese: "report.zh.txt"} {
		var b strings.Builder
		if err := madeUp().WriteText(&b, l); err != nil {
			t.Fatal(err)
		}
		golden(t, name, b.String())
	}
}

func TestReportAsJSON(t *testing.T) {
	var b strings.Builder
	if err := madeUp().WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	golden(t, "report.jsonl", b.String())
}

func TestCommand(t *testing.T) {
	for name, want := range map[string]string{
		"lost-syn":  "tcpviz demo lost-syn --stage wire --swap 12 --output text",
		"a b.yaml":  "tcpviz demo 'a b.yaml' --stage wire --swap 12 --output text",
		"$(x).yaml": "tcpviz demo '$(x).yaml' --stage wire --swap 12 --output text",
		"it's.yaml": `tcpviz demo 'it'\''s.yaml' --stage wire --swap 12 --output text`,
		"/c/ä.yaml": "tcpviz demo '/c/ä.yaml' --stage wire --swap 12 --output text",
	} {
		if got := (verify.Run{Stage: "wire", Part: verify.Swap, Lesson: name, Segment: 12}).Command(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
