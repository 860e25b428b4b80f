package fsm_test

import (
	"testing"

	"pgregory.net/rapid"

	"tcpviz/fsm"
)

// anySeq generates sequence numbers, often on either side of the wrap.
func anySeq() *rapid.Generator[fsm.Seq] {
	return rapid.Map(rapid.OneOf(
		rapid.Uint32Range(0, 5),
		rapid.Uint32Range(1<<32-5, 1<<32-1),
		rapid.Uint32Range(1<<31-5, 1<<31+5),
		rapid.Uint32(),
	), func(n uint32) fsm.Seq { return fsm.Seq(n) })
}

// distance generates distances at which the order of two numbers is defined:
// below half of the space.
func distance() *rapid.Generator[uint32] {
	return rapid.OneOf(rapid.Uint32Range(0, 10), rapid.Uint32Range(1<<31-10, 1<<31-1), rapid.Uint32Range(0, 1<<31-1))
}

// TestSeqAtTheWrap holds the arithmetic at the places where it goes wrong first.
func TestSeqAtTheWrap(t *testing.T) {
	const last = fsm.Seq(1<<32 - 1)
	for _, c := range []struct {
		name      string
		got, want any
	}{
		{"the last number comes before 0", last.Less(0), true},
		{"0 does not come before the last number", fsm.Seq(0).Less(last), false},
		{"the last number comes before 1", last.LessEq(1), true},
		{"a number does not come before itself", last.Less(last), false},
		{"a number is itself", last.LessEq(last), true},
		{"one more than the last number is 0", last.Add(1), fsm.Seq(0)},
		{"ten more than four before the wrap are six", fsm.Seq(1<<32 - 4).Add(10), fsm.Seq(6)},
		{"from the last number to 0 it is one", fsm.Seq(0).Sub(last), int32(1)},
		{"back from 0 to the last number it is one", last.Sub(0), int32(-1)},
		{"the window may reach over the wrap", fsm.Seq(2).InWindow(last, 4), true},
		{"the window ends after the wrap", fsm.Seq(3).InWindow(last, 4), false},
		{"the window begins before the wrap", (last - 1).InWindow(last, 4), false},
		{"nothing is in a closed window", last.InWindow(last, 0), false},
		{"a SYN at the last number ends at 0", fsm.Segment{Seq: last, Flags: fsm.SYN}.End(), fsm.Seq(0)},
		{"data and FIN reach over the wrap", fsm.Segment{Seq: last, Len: 3, Flags: fsm.FIN | fsm.ACK}.End(), fsm.Seq(3)},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, c.got, c.want)
		}
	}
}

// TestSeqLaws holds what is true of any sequence number, wherever the wrap is.
func TestSeqLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, shift := anySeq().Draw(t, "s"), rapid.Uint32().Draw(t, "shift")
		d := distance().Draw(t, "d")
		u := s.Add(d)

		if got := u.Sub(s); got != int32(d) {
			t.Fatalf("%d+%d-%d is %d", s, d, s, got)
		}
		if got := s.Sub(u); got != -int32(d) {
			t.Fatalf("%d-(%d+%d) is %d", s, s, d, got)
		}
		if s.Less(u) != (d > 0) || u.Less(s) || !s.LessEq(u) || u.LessEq(s) != (d == 0) {
			t.Fatalf("the order of %d and %d, which is %d ahead", s, u, d)
		}
		if s.Less(u) != s.Add(shift).Less(u.Add(shift)) || u.Sub(s) != u.Add(shift).Sub(s.Add(shift)) {
			t.Fatalf("the order of %d and %d depends on where they lie", s, u)
		}
	})
}

// TestSeqLessIsTransitive holds that within half of the space the order is one.
func TestSeqLessIsTransitive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := anySeq().Draw(t, "a")
		first := distance().Draw(t, "first")
		second := rapid.Uint32Range(0, 1<<31-1-first).Draw(t, "second")
		b := a.Add(first)
		c := b.Add(second)
		if !a.LessEq(b) || !b.LessEq(c) || !a.LessEq(c) {
			t.Fatalf("%d, %d, %d are not in order", a, b, c)
		}
		if (a.Less(b) || b.Less(c)) != a.Less(c) {
			t.Fatalf("%d, %d, %d: the strict order has a gap", a, b, c)
		}
	})
}

// TestSeqInWindow holds that a window holds its octets and no other.
func TestSeqInWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		left := anySeq().Draw(t, "left")
		size := rapid.OneOf(rapid.Uint32Range(0, 10), rapid.Uint32Range(0, 1<<30)).Draw(t, "size")
		n := rapid.OneOf(rapid.Uint32Range(0, 12), rapid.Uint32Range(max(size, 2)-2, size+2), rapid.Uint32()).Draw(t, "n")
		s := left.Add(n)
		if got := s.InWindow(left, size); got != (n < size) {
			t.Fatalf("%d, the octet %d of a window of %d from %d: %v", s, n, size, left, got)
		}
		// RCV.NXT =< SEG.SEQ < RCV.NXT+RCV.WND, as section 3.4 writes it.
		if n < 1<<31 {
			if got := left.LessEq(s) && s.Less(left.Add(size)); got != s.InWindow(left, size) {
				t.Fatalf("%d in [%d, %d+%d): %v", s, left, left, size, got)
			}
		}
	})
}
