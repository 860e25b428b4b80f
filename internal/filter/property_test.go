package filter_test

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"tcpviz/fsm"
	"tcpviz/internal/filter"
	"tcpviz/internal/lang"
)

// segment is what one segment and its connection are to the naive reading of a filter.
type segment struct {
	src, dst netip.AddrPort
	flags    fsm.Flags
	whole    *fsm.Summary
}

// meaning is a piece of a filter and what it says of one segment.
type meaning struct {
	text  string
	holds func(segment) bool
}

var (
	someAddresses = []string{"10.0.0.1", "10.0.0.2", "10.1.2.3", "192.168.1.5", "2001:db8::1", "2001:db8:1::2", "fe80::1"}
	someNets      = []string{"10.0.0.0/8", "10.0.0.0/24", "10.1.0.0/16", "192.168.1.5/32", "0.0.0.0/0", "::/0", "2001:db8::/32", "fe80::/10"}
	somePorts     = []uint16{22, 80, 443, 1024, 65535}
)

func oneOf[T any](t *rapid.T, list []T) T {
	return list[rapid.IntRange(0, len(list)-1).Draw(t, "index")]
}

// drawn makes a piece of a filter with at most depth parentheses in one another.
func drawn(t *rapid.T, depth int) meaning {
	first := drawnOperand(t, depth)
	for range rapid.IntRange(0, 3).Draw(t, "operators") {
		second, before := drawnOperand(t, depth), first
		switch operator := oneOf(t, []string{" and ", " && ", "&&", " or ", " || ", "||", " "}); strings.TrimSpace(operator) {
		case "or", "||":
			first = meaning{before.text + operator + second.text, func(s segment) bool { return before.holds(s) || second.holds(s) }}
		default:
			first = meaning{before.text + operator + second.text, func(s segment) bool { return before.holds(s) && second.holds(s) }}
		}
	}
	return first
}

func drawnOperand(t *rapid.T, depth int) meaning {
	var m meaning
	if depth > 0 && rapid.Bool().Draw(t, "parentheses") {
		inner := drawn(t, depth-1)
		m = meaning{"(" + inner.text + ")", inner.holds}
	} else {
		m = drawnCondition(t)
	}
	if rapid.Bool().Draw(t, "negated") {
		inner := m
		m = meaning{oneOf(t, []string{"not ", "! ", "!"}) + inner.text, func(s segment) bool { return !inner.holds(s) }}
	}
	return m
}

func drawnCondition(t *rapid.T) meaning {
	switch rapid.IntRange(0, 6).Draw(t, "condition") {
	case 0, 1:
		return drawnEnds(t)
	case 2:
		mask, want := fsm.Flags(rapid.Byte().Draw(t, "mask")), fsm.Flags(rapid.Byte().Draw(t, "flags"))
		if rapid.Bool().Draw(t, "bits") {
			return meaning{fmt.Sprintf("tcp[tcpflags] & %d != 0", mask), func(s segment) bool { return s.flags&mask != 0 }}
		}
		return meaning{fmt.Sprintf("tcp[13]&%#x=%#o", byte(mask), byte(mask&want)), func(s segment) bool { return s.flags&mask == mask&want }}
	case 3:
		state := fsm.State(rapid.IntRange(0, fsm.StateCount-1).Draw(t, "state"))
		if rapid.Bool().Draw(t, "any side") {
			return meaning{strings.ToLower(state.String()), func(s segment) bool { return s.whole.State[0] == state || s.whole.State[1] == state }}
		}
		side := fsm.Side(rapid.IntRange(0, 1).Draw(t, "side"))
		return meaning{side.String() + ":" + state.String(), func(s segment) bool { return s.whole.State[side] == state }}
	case 4:
		a, b := oneOf(t, fsm.Outcomes()), oneOf(t, fsm.Outcomes())
		return meaning{"outcome:" + a + "," + strings.ToLower(b), func(s segment) bool { o := s.whole.Outcome.String(); return o == a || o == b }}
	case 5:
		f := oneOf(t, []string{"retransmission", "zero_window"})
		return meaning{f, func(s segment) bool {
			for name := range s.whole.Anomalies.All() {
				if name == f {
					return true
				}
			}
			return false
		}}
	}
	n := rapid.IntRange(0, 12).Draw(t, "count")
	return meaning{fmt.Sprintf("segments>=%d", n), func(s segment) bool { return s.whole.Segments[0]+s.whole.Segments[1] >= n }}
}

// drawnEnds makes a condition about addresses and ports with a direction.
func drawnEnds(t *rapid.T) meaning {
	var value string
	var holds func(netip.AddrPort) bool
	switch rapid.IntRange(0, 3).Draw(t, "kind") {
	case 0:
		a := oneOf(t, someAddresses)
		value, holds = "host "+a, func(end netip.AddrPort) bool { return end.Addr() == netip.MustParseAddr(a) }
	case 1:
		n := oneOf(t, someNets)
		value, holds = "net "+n, func(end netip.AddrPort) bool { return netip.MustParsePrefix(n).Contains(end.Addr()) }
	case 2:
		p := oneOf(t, somePorts)
		value, holds = fmt.Sprintf("port %d", p), func(end netip.AddrPort) bool { return end.Port() == p }
	case 3:
		p, q := oneOf(t, somePorts), oneOf(t, somePorts)
		value, holds = fmt.Sprintf("portrange %d-%d", p, q), func(end netip.AddrPort) bool { return min(p, q) <= end.Port() && end.Port() <= max(p, q) }
	}
	switch rapid.IntRange(0, 4).Draw(t, "direction") {
	case 0:
		return meaning{"src " + value, func(s segment) bool { return holds(s.src) }}
	case 1:
		return meaning{"dst " + value, func(s segment) bool { return holds(s.dst) }}
	case 2:
		return meaning{"src and dst " + value, func(s segment) bool { return holds(s.src) && holds(s.dst) }}
	case 3:
		return meaning{"dst or src " + value, func(s segment) bool { return holds(s.src) || holds(s.dst) }}
	}
	return meaning{value, func(s segment) bool { return holds(s.src) || holds(s.dst) }}
}

// drawnConnection makes a connection of at least one segment.
func drawnConnection(t *rapid.T) (*fsm.Summary, []segment) {
	s := &fsm.Summary{ID: 1, Outcome: fsm.Outcome(rapid.IntRange(0, len(fsm.Outcomes())-1).Draw(t, "outcome"))}
	var ends [2]netip.AddrPort
	for side := range ends {
		ends[side] = netip.AddrPortFrom(netip.MustParseAddr(oneOf(t, someAddresses)), oneOf(t, somePorts))
		s.Ends[side] = fsm.AddressOf(ends[side])
		s.State[side] = fsm.State(rapid.IntRange(0, fsm.StateCount-1).Draw(t, "state"))
	}
	var sent []segment
	for range rapid.IntRange(1, 6).Draw(t, "segments") {
		side := rapid.IntRange(0, 1).Draw(t, "side")
		flags := fsm.Flags(rapid.Byte().Draw(t, "flags"))
		s.Flags[side].Add(flags)
		s.Segments[side]++
		if rapid.Bool().Draw(t, "repeated") {
			s.Anomalies.Add(fsm.Retransmitted)
		}
		sent = append(sent, segment{ends[side], ends[1-side], flags, s})
	}
	return s, sent
}

// A connection is selected when the filter holds for at least one of its segments.
func TestMatchIsWhatTheSegmentsSay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawn(t, 3)
		f, err := filter.Parse(m.text)
		if err != nil {
			t.Fatal(err)
		}
		for range 4 {
			s, sent := drawnConnection(t)
			want := false
			for _, segment := range sent {
				want = want || m.holds(segment)
			}
			if got := f.Match(s); got != want {
				t.Fatalf("%q: Match is %v, of %+v", m.text, got, *s)
			}
		}
	})
}

// A filter that says that its answer never changes has given it after the first segment.
func TestFixedAnswersDoNotChange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, err := filter.Parse(drawn(t, 2).text)
		if err != nil {
			t.Fatal(err)
		}
		if !f.Fixed() {
			return
		}
		s, _ := drawnConnection(t)
		first := &fsm.Summary{ID: s.ID, Ends: s.Ends}
		first.Flags[rapid.IntRange(0, 1).Draw(t, "side")].Add(fsm.Flags(rapid.Byte().Draw(t, "flags")))
		if f.Match(first) != f.Match(s) {
			t.Fatalf("%q: Match is %v at first and %v later", f, f.Match(first), f.Match(s))
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, text := range accepted {
		f.Add(text)
	}
	for _, r := range refused {
		f.Add(r.text)
	}
	for _, text := range []string{
		"client:syn-sent server:10.0.0.1:80", "outcome:REJ,S0 or SF", "retransmission>3 and not duration>1.5s", "#17", "bytes>=1M", "server:[::1]:80", "[::1]:", "[::1]:-",
		"state:", "#", "tcp[", "tcp[13:", "İ:K", "\x00\x1b[2J", "port \xff", "portrange --", "10./", "::/", "a:[::1]:x", "((((", "!!!!", "duration>9999999h", "bytes>18446744073709551615k",
	} {
		f.Add(text)
	}
	list := sample()
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := filter.Parse(text)
		if err == nil {
			for i := range list {
				parsed.Match(&list[i])
			}
			if parsed.String() != text {
				t.Errorf("String: %q", parsed.String())
			}
			if again, err := filter.Parse("(" + text + "\n)"); strings.TrimSpace(text) != "" && len(text) < 1<<14-3 && err == nil {
				for i := range list {
					if parsed.Match(&list[i]) != again.Match(&list[i]) {
						t.Errorf("in parentheses it says something else of connection %d", list[i].ID)
					}
				}
			}
			return
		}
		syntax := new(filter.SyntaxError)
		if !errors.As(err, &syntax) {
			t.Fatalf("error %v", err)
		}
		if syntax.Text != text || syntax.At < 0 || syntax.At > len(text) || syntax.Problem.String() == "" {
			t.Errorf("%+v", *syntax)
		}
		for line := range strings.SplitSeq(err.Error()+"\n"+syntax.Caret(lang.English), "\n") {
			if strings.ContainsFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Errorf("a terminal might obey %q", line)
			}
		}
		if n := strings.Count(syntax.Caret(lang.English), "\n"); n != 1 {
			t.Errorf("%d lines", n+1)
		}
	})
}
