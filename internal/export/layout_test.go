package export

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rivo/uniseg"
)

func TestWidth(t *testing.T) {
	for _, s := range []string{"", "socket() = 3", "── SYN seq=0 ──▶", "◀✗ …", "● ◆ → ⇄", "服务器 a", "e\u0301", "\u200b"} {
		if got, want := width(s), uniseg.StringWidth(s); got != want {
			t.Errorf("width(%q) = %d, want %d", s, got, want)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, test := range []struct {
		text    string
		columns int
		want    []string
	}{
		{"", 10, nil},
		{"one two three", 7, []string{"one two", "three"}},
		{"one two three", 100, []string{"one two three"}},
		{"incomprehensible", 5, []string{"incomprehensible"}}, // nowhere to break it
		{"服务器向内核要一个", 8, []string{"服务器向", "内核要一", "个"}},
		{"要 SYN，等待", 7, []string{"要", "SYN，等", "待"}}, // a comma begins no line
	} {
		got := wrap(test.text, test.columns)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("wrap(%q, %d) (-want +got):\n%s", test.text, test.columns, diff)
		}
		if strings.Join(strings.Fields(strings.Join(got, "")), "") != strings.Join(strings.Fields(test.text), "") {
			t.Errorf("wrap(%q, %d) loses text: %q", test.text, test.columns, got)
		}
	}
}
