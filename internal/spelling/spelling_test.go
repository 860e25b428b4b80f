package spelling_test

import (
	"strings"
	"testing"

	"tcpviz/internal/spelling"
)

func TestDistance(t *testing.T) {
	long := strings.Repeat("retransmission", 9)
	for _, test := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"", "syn", 3},
		{"handshake", "handshake", 0},
		{"handshke", "handshake", 1},
		{"handshakke", "handshake", 1},
		{"hanbshake", "handshake", 1},
		{"hadnshake", "handshake", 1}, // two letters swapped are one mistake
		{"kitten", "sitting", 3},
		{"三次握", "三次握手", 1}, // letters, not octets
		{long, "fin", len(long)},
		{"fin", long, len(long)},
	} {
		if got := spelling.Distance(test.a, test.b); got != test.want {
			t.Errorf("from %.20q to %.20q: %d, want %d", test.a, test.b, got, test.want)
		}
		if there, back := spelling.Distance(test.a, test.b), spelling.Distance(test.b, test.a); there != back {
			t.Errorf("%.20q, %.20q: %d there, %d back", test.a, test.b, there, back)
		}
	}
}
