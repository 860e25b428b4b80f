package fsm_test

import (
	"strconv"
	"strings"
	"testing"

	"tcpviz/fsm"
)

// flow reads segments such as ">S <SA >PA5": side, flags, payload length.
func flow(t testing.TB, text string) *fsm.Flow {
	t.Helper()
	f := new(fsm.Flow)
	for word := range strings.FieldsSeq(text) {
		side := fsm.Client
		if word[0] == '<' {
			side = fsm.Server
		}
		letters := strings.TrimRight(word[1:], "0123456789")
		var s fsm.Segment
		if n := word[1+len(letters):]; n != "" {
			length, err := strconv.ParseUint(n, 10, 32)
			if err != nil {
				t.Fatal(err)
			}
			s.Len = uint32(length)
		}
		for _, l := range strings.Trim(letters, "-") {
			s.Flags |= 1 << strings.IndexRune("FSRPAUEC", l)
		}
		f.Count(1, 0, side, &s)
	}
	return f
}

// The figures are what Wireshark 4.0 and Zeek say of such connections.
func TestSummary(t *testing.T) {
	for _, test := range []struct {
		segments     string
		completeness int
		outcome      string
	}{
		{"", 0, "OTH"},
		{">S", 1, "S0"},
		{">S >S >S", 1, "S0"},
		{">S38", 9, "S0"},
		{">S <SA", 3, "S1"},
		{">S <SA >A", 7, "S1"},
		{">S <SA >A >PA31 <A", 15, "S1"},
		{">S <SA >A >PA31 <A >FA <FA >A", 31, "SF"},
		{">S <SA >A >FA <FA >A", 23, "SF"},
		{">S <SA >A >PA31 <PA44 >FA <A", 31, "S2"},
		{">S <SA >A >PA31 <FA >A", 31, "S3"},
		{">S <RA", 37, "REJ"},
		{">S <RA >S <RA", 37, "REJ"},
		{">S <A >R", 37, "RSTOS0"},
		{">S >R", 33, "RSTOS0"},
		{">S >FA", 21, "SH"},
		{">S <SA >A >PA5 >RA", 47, "RSTO"},
		{">S <SA >A >PA5 <RA", 47, "RSTR"},
		{">S <SA >A >PA5 >FA <FA >R", 63, "SF"},
		{">S <SA >A >PA5 >FA >R <FA", 63, "SF"},
		{">S <SA >A >PA5 <FA >A >FA <RA", 63, "SF"},
		{"<SA", 0, "OTH"},
		{"<SA <RA", 38, "RSTRH"},
		{"<SA <FA", 22, "SHR"},
		{">PA1460", 0, "OTH"},
		{">PA32 <A", 12, "OTH"},
		{">PA65 <PA23", 8, "OTH"},
		{">FA <A", 20, "SH"},
		{">-69 >F", 0, "SH"},
		{"<SA >S >A", 6, "S1"},
	} {
		f := flow(t, test.segments)
		if got := int(f.Summary().Completeness); got != test.completeness {
			t.Errorf("%q: completeness %d, want %d", test.segments, got, test.completeness)
		}
		if got := f.Summary().Outcome.String(); got != test.outcome {
			t.Errorf("%q: outcome %s, want %s", test.segments, got, test.outcome)
		}
	}
}

func TestCount(t *testing.T) {
	f := flow(t, ">S <SA >A >PA31 <PA44 <PA1").Summary()
	if f.Segments != [2]int{3, 3} || f.Bytes != [2]uint64{31, 45} {
		t.Errorf("segments %v, bytes %v", f.Segments, f.Bytes)
	}
}
