package export_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tcpviz/internal/export"

	"github.com/rivo/uniseg"
)

// screenOf makes a screen of lines of the same length; what stands in capitals is bold,
// and "~" is the second cell of a wide character.
func screenOf(lines ...string) export.Screen {
	s := export.Screen{Width: len([]rune(lines[0])), Height: len(lines)}
	for _, line := range lines {
		for _, r := range line {
			c := export.Cell{Text: string(r)}
			if r == '~' {
				c.Text = ""
			}
			if r >= 'A' && r <= 'Z' {
				c.Look = export.Look{Bold: true, Foreground: export.Colour{Set: true, R: 1, G: 2, B: 3, Palette: true, Number: 33}}
			}
			s.Cells = append(s.Cells, c)
		}
	}
	return s
}

func cast(t testing.TB, shots ...export.Shot) string {
	t.Helper()
	var out bytes.Buffer
	if err := export.Cast(&out, export.CastOptions{Title: "a\x1b title", Width: 6, Height: 2}, slices.Values(shots)); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// terminal shows what a cast writes: rows of cells, written from where the cursor is put.
type terminal struct{ rows [2][6]string }

// text gives what stands on the screen.
func (m *terminal) text() string {
	return strings.Join(m.rows[0][:], "") + "|" + strings.Join(m.rows[1][:], "")
}

var sequence = regexp.MustCompile(`^\x1b\[([?\d;]*)([a-zA-Z])`)

func (m *terminal) write(text string) error {
	x, y := 0, 0
	for text != "" {
		if found := sequence.FindStringSubmatch(text); found != nil {
			text = text[len(found[0]):]
			switch found[2] {
			case "J":
				m.rows = [2][6]string{}
			case "H":
				if n, err := fmt.Sscanf(found[1], "%d;%d", &y, &x); n != 2 || y < 1 || y > len(m.rows) || x < 1 || x > len(m.rows[0]) {
					return fmt.Errorf("a cursor at %q: %v", found[1], err)
				}
				x, y = x-1, y-1
			case "m", "h", "l":
			default:
				return fmt.Errorf("an unknown sequence %q", found[0])
			}
			continue
		}
		r := []rune(text)[0]
		if r < ' ' {
			return fmt.Errorf("a control character %q", r)
		}
		m.rows[y][x] = string(r)
		x++
		if uniseg.StringWidth(string(r)) == 2 {
			m.rows[y][x] = ""
			x++
		}
		text = text[len(string(r)):]
	}
	return nil
}

// What a cast writes shows, on a terminal, each screen at its time.
func TestCast(t *testing.T) {
	screens := []export.Screen{
		screenOf("one   ", "TWO   "), screenOf("one   ", "中~x   "), screenOf("one   ", "中~x   "), screenOf("ONE   ", "国~x   "),
		screenOf("ONE ! ", " 中~   "),
	}
	want := []string{"one   |TWO   ", "one   |中x   ", "ONE   |国x   ", "ONE ! | 中   ", "ONE ! | 中   "}
	times := []float64{0, 0.5, 1.5, 2, 2}
	lines := strings.Split(strings.TrimSpace(cast(t,
		export.Shot{Screen: screens[0]}, export.Shot{At: 500 * time.Millisecond, Screen: screens[1]},
		export.Shot{At: time.Second, Screen: screens[2]}, export.Shot{At: 1500 * time.Millisecond, Screen: screens[3]},
		export.Shot{At: 2 * time.Second, Screen: screens[4]},
	)), "\n")
	if head := `{"version":2,"width":6,"height":2,"title":"a� title","env":{"TERM":"xterm-256color"}}`; lines[0] != head {
		t.Errorf("the head is %s, want %s", lines[0], head)
	}
	if len(lines)-1 != len(want) {
		t.Fatalf("%d events, want %d: %q", len(lines)-1, len(want), lines)
	}
	var m terminal
	for i, line := range lines[1:] {
		var event []any
		if err := json.Unmarshal([]byte(line), &event); err != nil || len(event) != 3 || event[1] != "o" {
			t.Fatalf("%s: %v", line, err)
		}
		if err := m.write(event[2].(string)); err != nil {
			t.Errorf("%s: %v", line, err)
		}
		if got := m.text(); got != want[i] || event[0] != times[i] {
			t.Errorf("at %v: %q, want %q at %v", event[0], got, want[i], times[i])
		}
	}
	if !strings.Contains(lines[1], `[0;1;38;5;33mTWO`) {
		t.Errorf("the look of TWO is lost: %s", lines[1])
	}
}

// A cell's text cannot steer a terminal, nor a picture of a screen.
func TestHostileCells(t *testing.T) {
	s := screenOf("abcdef", "ghijkl")
	s.Cells[0].Text, s.Cells[1].Text = "\x1b]0;owned\x07", "<script>&\"'\x00"
	if got := cast(t, export.Shot{Screen: s}); strings.Contains(got, `\u001b]`) || strings.Contains(got, `\u0007`) {
		t.Errorf("a cell steers the terminal: %q", got)
	}
	var out bytes.Buffer
	if err := export.ScreenSVG(&out, s, export.ScreenOptions{Title: "</title><script>"}); err != nil {
		t.Fatal(err)
	}
	if err := wellFormed(out.String()); err != nil || strings.Contains(out.String(), "<script>") {
		t.Errorf("%v: %s", err, out.String())
	}
}

// What cannot be written is an error in every form.
func TestFormsOnABrokenPipe(t *testing.T) {
	s := handshake()
	for name, err := range map[string]error{
		"svg":    export.SVG(brokenWriter{}, s, export.PictureOptions{}),
		"html":   export.HTML(brokenWriter{}, s, export.PictureOptions{}),
		"mmd":    export.Mermaid(brokenWriter{}, s, export.MermaidOptions{}),
		"cast":   export.Cast(brokenWriter{}, export.CastOptions{}, slices.Values([]export.Shot{{Screen: screenOf("a")}})),
		"screen": export.ScreenSVG(brokenWriter{}, screenOf("a"), export.ScreenOptions{}),
	} {
		if !errors.Is(err, errBroken) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
