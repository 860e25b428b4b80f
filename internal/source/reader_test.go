package source_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tcpviz/capture"
	"tcpviz/fsm"
	"tcpviz/internal/source"
	"tcpviz/internal/story"
)

// pcapng gives a file of the packets, with comments in its section header.
func pcapng(t testing.TB, section []string, packets ...capture.Packet) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := capture.NewNgWriter(&b, capture.LinkTypeEthernet, section)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range packets {
		if err := w.Write(p); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const goodCall = `tcpviz:call {"time":"2023-11-14T22:13:20Z","program":"p","side":"client","id":1,"phase":"enter","op":"close","fd":3}`

// In a capture that is no recording comments mean nothing.
func TestForeignComments(t *testing.T) {
	p := packet(1, at(0, 0), client, server, fsm.SYN, nil)
	p.Comments = []string{"hello", goodCall, `tcpviz:frame {"fate":"lost"}`, "tcpviz:call garbage"}
	want := []story.Event{frame(t, p, story.FateAssumed)}
	for name, section := range map[string][]string{
		"no comment": nil, "another comment": {"merged from three files"}, "a story that is none": {"tcpviz:story", "tcpviz:story 7", "tcpviz:stories {}"},
	} {
		r, got := replay(t, pcapng(t, section, p))
		if diff := cmp.Diff(want, got, exactly); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if about, ok := r.Meta(); ok || about != (story.Meta{}) || r.Rejected() != 0 {
			t.Errorf("%s: %v %+v %d", name, ok, about, r.Rejected())
		}
	}
}

// In a recording a comment that makes no sense is left out and counted.
func TestRejectedComments(t *testing.T) {
	call := func(more string) string { return goodCall[:len(goodCall)-1] + "," + more + "}" }
	const (
		timer      = `tcpviz:timer {"time":"2023-11-14T22:13:20Z","side":"server","local":"127.0.0.1:1","timer":"time-wait"}`
		arrival    = `tcpviz:arrival {"time":"2023-11-14T22:13:20Z","frame":1,"fate":"lost"}`
		impairment = `tcpviz:impairment {"time":"2023-11-14T22:13:20Z","frame":1,"what":"held"}`
	)
	const truth = `tcpviz:truth {"time":"2023-11-14T22:13:20Z","side":"server","local":"127.0.0.1:1","state":"LISTEN"}`
	for comment, want := range map[string]struct{ events, rejected int }{
		"":                                {0, 0},
		"tcpviz:call":                     {0, 0}, // not the prefix
		" " + goodCall:                    {0, 0},
		"hello tcpviz:call {}":            {0, 0},
		goodCall:                          {1, 0},
		call(`"unknown":{"field":[1,2]}`): {1, 0},
		call(`"say":{"en":"hello","zh":"你好","fr":"salut"}`): {1, 0},
		truth:                                      {1, 0},
		"tcpviz:call {}":                           {0, 1},
		"tcpviz:call null":                         {0, 1},
		"tcpviz:call " + `{"time":1}`:              {0, 1},
		goodCall + "x":                             {0, 1},
		goodCall[:40]:                              {0, 1},
		call(`"id":0`):                             {0, 1},
		call(`"id":9223372036854775807`):           {0, 1},
		call(`"fd":-2`):                            {0, 1},
		call(`"op":"\u0007"`):                      {0, 1},
		call(`"phase":"later"`):                    {0, 1},
		call(`"side":"both"`):                      {0, 1},
		call(`"local":"nowhere"`):                  {0, 1},
		call(`"local":"[fe80::1%\u001b[2J]:1"`):    {0, 1},
		call(`"time":"9999-12-31T23:59:59-23:00"`): {0, 1},
		`tcpviz:truth {"side":"server","state":"SLEEPING"}`: {0, 1},
		`tcpviz:truth {"side":"nobody","state":"LISTEN"}`:   {0, 1},
		`tcpviz:frame {"fate":"sealed"}`:                    {0, 1},
		`tcpviz:frame []`:                                   {0, 1},
		`tcpviz:frame {"fate":"under-way"}`:                 {0, 0},
		timer:                                               {1, 0},
		timer[:len(timer)-1] + `,"timer":"idle"}`:           {0, 1},
		timer[:len(timer)-1] + `,"side":"nobody"}`:          {0, 1},
		arrival: {0, 1}, // before its frame
		arrival[:len(arrival)-1] + `,"after":true}`:     {0, 1}, // of a frame that is not under way
		arrival[:len(arrival)-1] + `,"fate":"assumed"}`: {0, 1},
		impairment: {0, 1},
		impairment[:len(impairment)-1] + `,"what":"eaten"}`:              {0, 1},
		impairment[:len(impairment)-1] + `,"for_ns":1e300}`:              {0, 1},
		`tcpviz:frame {"fate":"lost","why":"nobody knows"}`:              {0, 0},
		call(`"args":"` + string(make([]byte, 10)) + `"`):                {0, 1}, // control characters do not stand in JSON
		call(`"args":"` + string(bytes.Repeat([]byte("x"), 9000)) + `"`): {0, 1},
	} {
		p := packet(1, at(0, 0), client, server, fsm.SYN, nil)
		p.Comments = []string{comment}
		r, got := replay(t, pcapng(t, []string{"tcpviz:story {}"}, p))
		if len(got) != want.events+1 || r.Rejected() != want.rejected {
			t.Errorf("%.90q: %d events and the frame, %d rejected, not %d and %d", comment, len(got)-1, r.Rejected(), want.events, want.rejected)
		}
	}
}

// An arrival after its frame, and only of one that is under way, is taken.
func TestArrivalsOfFramesUnderWay(t *testing.T) {
	const (
		aloft = `tcpviz:frame {"fate":"under-way"}`
		first = `tcpviz:arrival {"time":"2023-11-14T22:13:20Z","frame":1,"fate":"delivered"`
	)
	syn := packet(1, at(0, 0), client, server, fsm.SYN, nil)
	syn.Comments = []string{aloft}
	again := packet(2, at(1, 0), client, server, fsm.SYN, nil)
	again.Comments = []string{
		first + "}", `tcpviz:impairment {"time":"2023-11-14T22:13:20Z","frame":1,"what":"delayed","for_ns":5}`,
		first + `,"after":true}`, first + `,"frame":2,"after":true}`, first + `,"frame":3,"after":true}`, first + `,"frame":-1}`,
	}
	r, events := replay(t, pcapng(t, []string{"tcpviz:story {}"}, syn, again))
	arrival := story.Arrival{Time: at(0, 0), Frame: 1, Fate: story.FateDelivered}
	want := []story.Event{
		frame(t, packet(1, at(0, 0), client, server, fsm.SYN, nil), story.FateUnderWay),
		arrival, story.Impairment{Time: at(0, 0), Frame: 1, What: story.Delayed, For: 5},
		frame(t, packet(2, at(1, 0), client, server, fsm.SYN, nil), story.FateAssumed), arrival,
	}
	if diff := cmp.Diff(want, events, exactly); diff != "" || r.Rejected() != 3 {
		t.Errorf("%d rejected, want 3; %s", r.Rejected(), diff)
	}
}

func TestControlCharactersAreTakenOut(t *testing.T) {
	p := packet(1, at(0, 0), client, server, fsm.SYN, nil)
	p.Comments = []string{goodCall[:len(goodCall)-1] + `,"args":"a\u001b[2Jb\nc\u202e三\u0000","say":{"en":"one\ntwo\u0007"}}`}
	r, got := replay(t, pcapng(t, []string{`tcpviz:story {"source":"x\u001b]0;y\u0007","title":{"en":"\u009bz"}}`}, p))
	call, ok := got[0].(story.Call)
	if !ok || call.Args != "a[2Jbc三" || call.Say.EN != "one\ntwo" {
		t.Errorf("%+v", call)
	}
	if about, ok := r.Meta(); !ok || about.Source != "x]0;y" || about.Title.EN != "z" {
		t.Errorf("%+v", about)
	}
}

func TestSkippedFrames(t *testing.T) {
	tcp := packet(1, at(0, 0), client, server, fsm.SYN, nil)
	udp := packet(2, at(1, 0), client, server, fsm.SYN, nil)
	udp.Data[23] = 17
	unknown := packet(3, at(2, 0), client, server, fsm.SYN, nil)
	unknown.LinkType = 147
	broken := errors.New("broken")
	r := source.New(&packets{left: []capture.Packet{udp, tcp, unknown}, end: broken})
	for i, want := range []struct {
		events  int
		skipped string
		err     error
	}{{0, "not-tcp", nil}, {1, "", nil}, {0, "unknown-link-type", nil}, {0, "", broken}} {
		events, err := r.Next()
		if len(events) != want.events || r.Skipped() != want.skipped || err != want.err {
			t.Errorf("step %d: %d events, skipped %q, %v", i, len(events), r.Skipped(), err)
		}
	}
}

// A frame that another program spoilt does not cost its calls.
func TestCallsOfASkippedFrame(t *testing.T) {
	p := packet(1, at(0, 0), client, server, fsm.SYN, nil)
	p.Data[23] = 17
	p.Comments = []string{goodCall}
	f, err := capture.NewReader(bytes.NewReader(pcapng(t, []string{"tcpviz:story {}"}, p)), "test")
	if err != nil {
		t.Fatal(err)
	}
	r := source.New(f)
	events, err := r.Next()
	if len(events) != 1 || r.Skipped() != "not-tcp" || err != nil {
		t.Errorf("%v, %q, %v", events, r.Skipped(), err)
	}
	if _, err := r.Next(); err != io.EOF || r.Skipped() != "" {
		t.Errorf("%v, %q", err, r.Skipped())
	}
}

// FuzzComments reads any comments: there is no panic, and what is accepted can be written again.
func FuzzComments(f *testing.F) {
	for _, comment := range []string{
		goodCall, `tcpviz:truth {"time":"2023-11-14T22:13:20Z","side":"server","local":"[fe80::1%eth0]:1","state":"LISTEN","after":true}`,
		`tcpviz:frame {"fate":"lost"}`, `tcpviz:call {"say":{"en":"\u001b"}}`, "tcpviz:call null",
		`tcpviz:arrival {"time":"2023-11-14T22:13:20Z","frame":1,"fate":"lost","after":true}`,
		`tcpviz:impairment {"time":"2023-11-14T22:13:20Z","frame":1,"what":"delayed","for_ns":200000000,"after":true}`,
		`tcpviz:timer {"time":"2023-11-14T22:13:20Z","side":"client","local":"127.0.0.1:1","remote":"[::1]:2","timer":"retransmission"}`,
		`tcpviz:reboot {"time":"2023-11-14T22:13:20Z","side":"server"}`,
		`tcpviz:narration {"time":"2023-11-14T22:13:20Z","say":{"en":"a\u001bb","zh":"c"},"does":"wait 3s","after":true}`,
	} {
		f.Add(`tcpviz:story {"title":{"en":"x"}}`, comment)
		f.Add(comment, comment)
	}
	f.Fuzz(func(t *testing.T, section, comment string) {
		if len(section) > 65535 || len(comment) > 65535 {
			return
		}
		p := packet(1, at(0, 0), client, server, fsm.SYN, nil)
		p.Comments = []string{`tcpviz:frame {"fate":"under-way"}`, comment}
		r, events := replay(t, pcapng(t, []string{section}, p))
		about, ok := r.Meta()
		if !ok {
			if len(events) != 1 {
				t.Fatalf("%d events of a foreign capture", len(events))
			}
			return
		}
		again, back := replay(t, record(t, about, events))
		if diff := cmp.Diff(events, back, exactly); diff != "" {
			t.Fatal(diff)
		}
		if same, _ := again.Meta(); same != about {
			t.Fatalf("%+v, not %+v", same, about)
		}
	})
}
