package fsm_test

import (
	"net/netip"
	"testing"

	"tcpviz/fsm"
)

func TestAddress(t *testing.T) {
	var before fsm.Address
	for _, text := range []string{
		"0.0.0.0:0", "10.0.0.1:79", "10.0.0.1:80", "10.0.0.2:1", "255.255.255.255:65535",
		"[::]:0", "[::1]:5", "[::ffff:10.0.0.1]:80", "[2001:db8::1]:443", "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535",
	} {
		want := netip.MustParseAddrPort(text)
		a := fsm.AddressOf(want)
		if a.AddrPort() != want || a.String() != text || a.Addr() != want.Addr() || a.Port() != want.Port() {
			t.Errorf("%s became %s", text, a)
		}
		if a != fsm.AddressOf(want) || a.Compare(a) != 0 || before.Compare(a) != -1 || a.Compare(before) != 1 {
			t.Errorf("%s and %s are in the wrong order", before, a)
		}
		before = a
	}
	if a := fsm.AddressOf(netip.AddrPort{}); a != (fsm.Address{}) || a.String() != "" || a.AddrPort().IsValid() {
		t.Errorf("no address became %q", a)
	}
	if a := fsm.AddressOf(netip.MustParseAddrPort("[fe80::1%eth0]:80")); a.String() != "[fe80::1]:80" {
		t.Errorf("an address with a zone became %s", a)
	}
}

// Spread is the same for both directions, and different for most pairs: in each of
// the bits that are used for tables about half are set.
func TestSpread(t *testing.T) {
	var set [64]int
	const pairs = 1 << 12
	for i := range pairs {
		a, b := fsm.AddressOf(client(i)), fsm.AddressOf(two)
		n := fsm.Spread(a, b)
		if n != fsm.Spread(b, a) {
			t.Fatalf("%s and %s: the order matters", a, b)
		}
		for bit := range set {
			set[bit] += int(n >> bit & 1)
		}
	}
	for bit, n := range set[8:] {
		if n < pairs*3/8 || n > pairs*5/8 {
			t.Errorf("bit %d is set in %d of %d", bit+8, n, pairs)
		}
	}
}

func TestFlagSet(t *testing.T) {
	var set fsm.FlagSet
	want := []fsm.Flags{0, fsm.SYN, fsm.SYN | fsm.ACK, fsm.SYN | fsm.ECE, fsm.CWR, 255}
	for i := range want {
		set.Add(want[len(want)-1-i])
	}
	i := 0
	for flags := range set.All() {
		if i >= len(want) || flags != want[i] {
			t.Fatalf("number %d is %s", i, flags)
		}
		i++
	}
	if i != len(want) {
		t.Errorf("%d of %d", i, len(want))
	}
	for range set.All() {
		break // ends early without harm
	}
}
