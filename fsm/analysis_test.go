package fsm_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tcpviz/fsm"
)

// said writes a segment for the tables below: the time in milliseconds, the
// direction, flags and numbers, and after "=" what is unusual about it.
func said(t testing.TB, line string) (c captured, want string) {
	t.Helper()
	line, want, _ = strings.Cut(line, "=")
	var ms float64
	var direction, flags string
	c.Window = 1000
	if _, err := fmt.Sscanf(line, "%g %s %s %d:%d %d %d", &ms, &direction, &flags, &c.Seq, &c.Ack, &c.Len, &c.Window); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	if c.at = fsm.Nanos(ms * 1e6); direction == "<" {
		c.sender = fsm.Server
	}
	for _, l := range flags {
		c.Flags |= 1 << strings.IndexRune("FSRPAUEC", l)
	}
	return c, strings.TrimSpace(want)
}

// shaken is a handshake that takes 10 ms, without window scales.
const shaken = "0 > S 100:0 0 1000 =\n5 < SA 300:101 0 1000 =\n10 > A 101:301 0 1000 =\n"

func TestAnalysis(t *testing.T) {
	for _, test := range []struct{ name, lines string }{
		{"nothing unusual", shaken + "20 > PA 101:301 10 1000 =\n21 < A 301:111 0 1000 =\n30 > FA 111:301 0 1000 =\n31 < FA 301:112 0 1000 =\n32 > A 112:302 0 1000 ="},
		{"retransmission", shaken + "20 > PA 101:301 10 1000 =\n220 > PA 101:301 10 1000 =retransmission"},
		{"retransmission of a SYN", "0 > S 100:0 0 1000 =\n1000 > S 100:0 0 1000 =retransmission"},
		{"retransmission of a SYN-ACK", "0 > S 100:0 0 1000 =\n1 < SA 300:101 0 1000 =\n1000 < SA 300:101 0 1000 =retransmission"},
		{"retransmission of a FIN", shaken + "20 > FA 101:301 0 1000 =\n220 > FA 101:301 0 1000 =retransmission"},
		{"fast retransmission", shaken + "20 > A 101:301 10 1000 =\n20 > A 121:301 10 1000 =lost_segment\n21 < A 301:111 0 1000 =\n" +
			"22 < A 301:111 0 1000 =duplicate_ack\n23 < A 301:111 0 1000 =duplicate_ack\n42 > A 111:301 10 1000 =fast_retransmission,retransmission"},
		{"too late to be fast", shaken + "20 > A 101:301 10 1000 =\n20 > A 121:301 10 1000 =lost_segment\n21 < A 301:111 0 1000 =\n" +
			"22 < A 301:111 0 1000 =duplicate_ack\n23 < A 301:111 0 1000 =duplicate_ack\n43 > A 111:301 10 1000 =retransmission"},
		{"one duplicate ACK is not enough", shaken + "20 > A 101:301 10 1000 =\n20 > A 121:301 10 1000 =lost_segment\n21 < A 301:111 0 1000 =\n" +
			"22 < A 301:111 0 1000 =duplicate_ack\n35 > A 111:301 10 1000 =retransmission"},
		{"spurious retransmission", shaken + "20 > A 101:301 10 1000 =\n21 < A 301:111 0 1000 =\n22 > A 101:301 10 1000 =spurious_retransmission,retransmission"},
		{"spurious before fast", shaken + "20 > A 101:301 10 1000 =\n21 < A 301:111 0 1000 =\n21 < A 301:111 0 1000 =duplicate_ack\n21 < A 301:111 0 1000 =duplicate_ack\n" +
			"22 > A 101:301 10 1000 =spurious_retransmission,retransmission"},
		{"out of order", shaken + "20 > A 111:301 10 1000 =lost_segment\n29 > A 101:301 10 1000 =out_of_order"},
		{"out of order for less than the first round trip", shaken + "20 > A 111:301 10 1000 =lost_segment\n30 > A 101:301 10 1000 =retransmission"},
		{"out of order, round trip not known", "0 > A 101:301 10 1000 =\n1 > A 121:301 10 1000 =lost_segment\n3.9 > A 111:301 10 1000 =out_of_order\n4 > A 111:301 10 1000 =retransmission"},
		{"the newest segment again is not out of order", shaken + "20 > A 101:301 10 1000 =\n21 > A 101:301 10 1000 =retransmission"},
		{"fast before out of order", shaken + "20 > A 101:301 10 1000 =\n20 > A 121:301 10 1000 =lost_segment\n21 < A 301:111 0 1000 =\n" +
			"22 < A 301:111 0 1000 =duplicate_ack\n23 < A 301:111 0 1000 =duplicate_ack\n24 > A 111:301 10 1000 =fast_retransmission,retransmission"},
		{"lost segment", shaken + "20 > A 111:301 10 1000 =lost_segment"},
		{"an RST tells of no loss", shaken + "20 > R 111:0 0 0 ="},
		{"ACK of a lost segment, once", shaken + "20 < A 301:111 0 1000 =ack_lost_segment\n21 < A 301:121 0 1000 ="},
		{"ACK of a lost segment", shaken + "15 > A 111:301 10 1000 =lost_segment\n20 < A 301:121 0 1000 =ack_lost_segment\n21 < A 301:121 0 1000 =duplicate_ack"},
		{"duplicate ACK", shaken + "20 > A 101:301 10 1000 =\n21 < A 301:111 0 1000 =\n22 < A 301:111 0 1000 =duplicate_ack"},
		{"an ACK with data is none", shaken + "20 > A 101:301 10 1000 =\n21 < A 301:111 0 1000 =\n22 < A 301:111 5 1000 ="},
		{"window update", shaken + "20 < A 301:101 0 2000 =window_update"},
		{"zero window", shaken + "20 < A 301:101 0 0 =zero_window"},
		{"an RST with a window of 0 is none", shaken + "20 < RA 301:101 0 0 ="},
		{"zero window, probe, answer, update", shaken + "20 > A 101:301 10 1000 =\n21 < A 301:111 0 0 =zero_window\n300 > A 111:301 1 1000 =zero_window_probe\n" +
			"301 < A 301:111 0 0 =zero_window_probe_ack,zero_window\n600 < A 301:111 0 1000 =window_update\n601 > A 111:301 10 1000 ="},
		{"window full", shaken + "20 > A 101:301 1000 1000 =window_full"},
		{"no window is full without the handshake", "0 > A 101:301 10 1000 =\n1 < A 301:111 0 10 =\n2 > A 111:301 10 1000 ="},
		{"keep-alive", shaken + "1000 > A 100:301 0 1000 =keep_alive\n1001 < A 301:101 0 1000 =keep_alive_ack"},
		{"keep-alive with an octet is no retransmission", shaken + "20 > A 101:301 10 1000 =\n21 < A 301:111 0 1000 =\n1000 > A 110:301 1 1000 =keep_alive\n1001 < A 301:111 0 1000 =keep_alive_ack"},
		{"keep-alive answer before duplicate ACK", shaken + "1000 > A 100:301 0 1000 =keep_alive\n1001 < A 301:101 0 1000 =keep_alive_ack\n1002 < A 301:101 0 1000 =keep_alive_ack"},
		{"new data that begins one before", shaken + "20 > A 101:301 10 1000 =\n21 > A 110:301 10 1000 ="},
		{"ports reused", shaken + "1000 > S 9000:0 0 1000 =reused_ports\n1001 < SA 300:9001 0 1000 =\n1002 > A 9001:301 0 1000 ="},
		{"the wrap of the numbers", "0 > A 4294967290:301 10 1000 =\n1 > A 4:301 10 1000 =\n2 < A 301:14 0 1000 =\n500 > A 4:301 10 1000 =spurious_retransmission,retransmission"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var a fsm.Analysis
			for i, line := range strings.Split(test.lines, "\n") {
				if line == "" {
					continue
				}
				c, want := said(t, line)
				if got := a.Add(c.at, c.sender, &c.Segment).String(); got != want {
					t.Errorf("segment %d, %s: %q, want %q", i+1, line, got, want)
				}
			}
		})
	}
}

// TestScaledWindow holds that a window is full at its scaled edge, and that the
// window in a SYN is not scaled.
func TestScaledWindow(t *testing.T) {
	scale := fsm.Options{HasScale: true, WindowScale: 3}
	syn := fsm.Segment{Seq: 100, Flags: fsm.SYN, Window: 1000, Options: scale}
	answer := fsm.Segment{Seq: 300, Ack: 101, Flags: fsm.SYN | fsm.ACK, Window: 1000, Options: scale}
	for _, test := range []struct {
		answer fsm.Options
		acked  bool // the server has sent an ACK with its window
		length uint32
		want   fsm.Anomaly
	}{
		{scale, false, 1000, fsm.WindowFull},
		{scale, false, 8000, 0},
		{scale, true, 1000, 0},
		{scale, true, 8000, fsm.WindowFull},
		{fsm.Options{}, true, 1000, fsm.WindowFull},
		{fsm.Options{}, true, 8000, 0},
	} {
		var a fsm.Analysis
		a.Add(0, fsm.Client, &syn)
		answer.Options = test.answer
		a.Add(1, fsm.Server, &answer)
		a.Add(2, fsm.Client, &fsm.Segment{Seq: 101, Ack: 301, Flags: fsm.ACK, Window: 1000})
		if test.acked {
			a.Add(3, fsm.Server, &fsm.Segment{Seq: 301, Ack: 101, Flags: fsm.ACK, Window: 1000, Len: 1})
		}
		data := fsm.Segment{Seq: 101, Ack: 301, Flags: fsm.ACK, Window: 1000, Len: test.length}
		if got := a.Add(4, fsm.Client, &data); got != test.want {
			t.Errorf("%+v: %q", test, got)
		}
	}
}

// TestFindings holds what every anomaly must say of itself, and that a set gives
// its own in the fixed order.
func TestFindings(t *testing.T) {
	section := regexp.MustCompile(`^(3(\.\d+)+|RFC \d+ section [\d.]+)$`)
	reason := regexp.MustCompile(`^[A-Z].*[a-z]\.$`)
	var names []string
	for f := range fsm.Anomaly(0xffff).Findings() {
		if !section.MatchString(f.RFC) || !reason.MatchString(f.Reason) {
			t.Errorf("not well formed: %+v", f)
		}
		if same, ok := fsm.FindingOf(f.Name); !ok || same != f {
			t.Errorf("%s is not found by its name", f.Name)
		}
		names = append(names, f.Name)
	}
	if diff := cmp.Diff(analysisFields, names); diff != "" {
		t.Errorf("names (-Wireshark's +here):\n%s", diff)
	}
	set := fsm.DuplicateAck | fsm.ReusedPorts | fsm.Retransmitted
	if got := slices.Collect(set.Names()); !slices.Equal(got, []string{"reused_ports", "retransmission", "duplicate_ack"}) {
		t.Errorf("%v", got)
	}
	if _, ok := fsm.FindingOf("no such"); ok {
		t.Error("a name that is none is found")
	}
	var counts fsm.AnomalyCounts
	counts.Add(set)
	counts.Add(fsm.DuplicateAck)
	for name, n := range counts.All() {
		if want := map[string]int{"reused_ports": 1, "retransmission": 1, "duplicate_ack": 2}[name]; n != want {
			t.Errorf("%s: %d, want %d", name, n, want)
		}
	}
}

// TestAnalysisIsExact holds that no segments, however absurd, make two kinds of
// repetition at once, that the same ones give the same result, and that nothing
// is allocated for them.
func TestAnalysisIsExact(t *testing.T) {
	if size := unsafe.Sizeof(fsm.Analysis{}); size > 128 {
		t.Errorf("an Analysis takes %d octets", size)
	}
	rapid.Check(t, func(t *rapid.T) {
		var a, b fsm.Analysis
		for range 30 {
			s := fsm.Segment{
				Seq: fsm.Seq(rapid.Uint32Range(0xfffffff0, 0xffffffff).Draw(t, "seq")) + fsm.Seq(rapid.IntRange(0, 40).Draw(t, "more")),
				Ack: fsm.Seq(rapid.Uint32Range(0, 40).Draw(t, "ack")), Flags: fsm.Flags(rapid.Byte().Draw(t, "flags")),
				Window: rapid.SampledFrom([]uint16{0, 10, 1000}).Draw(t, "window"), Len: rapid.SampledFrom([]uint32{0, 1, 10}).Draw(t, "len"),
			}
			at, side := fsm.Nanos(rapid.Int64().Draw(t, "at")), fsm.Side(rapid.IntRange(0, 1).Draw(t, "side"))
			got := a.Add(at, side, &s)
			if again := b.Add(at, side, &s); got != again || a != b {
				t.Fatalf("%q and %q", got, again)
			}
			kinds := 0
			for _, kind := range []fsm.Anomaly{fsm.KeepAlive, fsm.FastRetransmitted, fsm.SpuriouslyRetransmitted, fsm.OutOfOrder} {
				if got.Has(kind) {
					kinds++
				}
			}
			if kinds > 1 || got.Has(fsm.KeepAliveAck|fsm.DuplicateAck) || got.Has(fsm.ZeroWindowProbeAck|fsm.DuplicateAck) {
				t.Fatalf("%q", got)
			}
		}
	})
	talk := babble(rng(3), 60)
	var f fsm.Flow
	if n := testing.AllocsPerRun(20, func() {
		for _, c := range talk {
			f.Count(1, c.at, c.sender, &c.Segment)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
