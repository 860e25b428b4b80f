package ui

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"github.com/gdamore/tcell/v2"
	"github.com/google/go-cmp/cmp"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// golden compares a picture with the one under testdata/screens.
func golden(t *testing.T, name, got string) {
	t.Helper()
	comparePicture(t, filepath.Join("testdata", "screens", name+".txt"), got)
}

// comparePicture compares a picture with a golden file, or rewrites that.
func comparePicture(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// screenSizes are the three sizes that are laid out on purpose.
var screenSizes = []struct{ w, h int }{{80, 24}, {120, 40}, {200, 60}}

// picture gives the dashboard at that size as text.
func picture(t testing.TB, d *dashboard, w, h int) string {
	t.Helper()
	f := frame{ascii: d.options.ASCII, letters: !d.onlyASCII}
	d.draw(f.begin(w, h))
	return f.text()
}

func TestScreens(t *testing.T) {
	s := connectionStory(t)
	moments := []struct {
		name string
		at   int
	}{{"beginning", -1}, {"syn-sent", 9}, {"established", 14}, {"data", 20}, {"end", 1 << 20}}
	for _, m := range moments {
		for _, size := range screenSizes {
			name := fmt.Sprintf("connection-%s-%dx%d", m.name, size.w, size.h)
			t.Run(name, func(t *testing.T) {
				d := newDashboard(Options{Paused: true})
				d.show(s)
				d.send(playEvent{signal: jump, n: m.at})
				golden(t, name, picture(t, d, size.w, size.h))
			})
		}
	}
}

// lessonItems are a few lessons for the list.
func lessonItems() []LessonItem {
	item := func(id, en, zh, summary string) LessonItem {
		return LessonItem{ID: id, Title: story.Text{EN: en, ZH: zh}, Summary: story.Text{EN: summary}}
	}
	return []LessonItem{
		item("connection", "A whole connection", "一次完整的连接", "Handshake, one line each way, four-way close: everything that a connection is, in one minute."),
		item("handshake", "Three-way handshake", "三次握手", "How two programs agree to talk, and which numbers they tell each other."),
		item("close", "Four-way close", "四次挥手", "Each direction is closed by its own FIN, and each FIN has its own ACK."),
	}
}

// TestPanels shows what opens over the story.
func TestPanels(t *testing.T) {
	opened := func(in lang.Language, presses ...press) *dashboard {
		d := newDashboard(Options{Paused: true, Lang: in, Lessons: lessonItems(), Play: func(string) {}})
		d.show(connectionStory(t))
		d.size = rect{0, 0, 80, 24}
		d.send(playEvent{signal: jump, n: 12})
		for _, p := range presses {
			d.press(p)
		}
		return d
	}
	failed := opened(lang.English)
	failed.fail(errors.New("lab: lesson close: bind 127.0.0.1:10008: address already in use; another program listens there: stop it or choose another port"))
	ascii := opened(lang.English)
	ascii.useASCII()
	waiting := newDashboard(Options{})
	waiting.status = lang.Phrasef("running the lesson %s…", "connection")
	many := opened(lang.English)
	many.show(manyConnections(t))
	many.press(char('c'))
	cases := []struct {
		name string
		w, h int
		d    *dashboard
	}{
		{"diagram-80x24", 80, 24, opened(lang.English, char('d'))},
		{"header-80x24", 80, 24, opened(lang.English, char('b'))},
		{"why-80x24", 80, 24, opened(lang.English, char('w'))},
		{"diagram-120x40", 120, 40, opened(lang.English, char('d'))},
		{"header-120x40", 120, 40, opened(lang.English, char('b'))},
		{"header-200x40", 200, 40, opened(lang.English)},
		{"chinese-120x40", 120, 40, opened(lang.Chinese, special(tcell.KeyLeft), special(tcell.KeyLeft), special(tcell.KeyLeft))},
		{"lessons-80x24", 80, 24, opened(lang.English, char('l'))},
		{"lessons-chinese-80x24", 80, 24, opened(lang.Chinese, char('l'), special(tcell.KeyDown))},
		{"help-80x24", 80, 24, opened(lang.English, char('?'))},
		{"help-120x40", 120, 40, opened(lang.English, char('?'))},
		{"help-200x60", 200, 60, opened(lang.English, char('?'))},
		{"disabled-80x24", 80, 24, opened(lang.English, char('G'), char('n'))},
		{"failure-80x24", 80, 24, failed},
		{"ascii-80x24", 80, 24, ascii},
		{"ascii-120x40", 120, 40, ascii},
		{"waiting-80x24", 80, 24, waiting},
		{"too-small-50x12", 50, 12, opened(lang.English)},
		{"connections-80x24", 80, 24, many},
		{"connections-160x45", 160, 45, many},
		{"tall-90x60", 90, 60, opened(lang.English)},
		{"small-60x18", 60, 18, opened(lang.English)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { golden(t, c.name, picture(t, c.d, c.w, c.h)) })
	}
}

// manyConnections is a story with a list of connections that have not one step.
func manyConnections(t testing.TB) *story.Story {
	s := *connectionStory(t)
	s.Meta = story.Meta{Source: "office.pcapng"}
	all := []fsm.Summary{*s.Conns.At(1)}
	for i := 2; i <= 40; i++ {
		c := *s.Conns.At(1)
		c.ID = i
		c.Ends[fsm.Client] = fsm.AddressOf(netip.AddrPortFrom(netip.MustParseAddr("192.168.17.4"), uint16(50000+i)))
		c.Segments, c.Bytes = [2]int{i, 2 * i}, [2]uint64{uint64(i * i), uint64(i * i * i * 100)}
		c.Completeness, c.Outcome = uint8(i%64), fsm.SF
		if i%5 == 0 {
			c.Ends[fsm.Server] = fsm.AddressOf(netip.MustParseAddrPort("[2001:db8:85a3:1234:5678:8a2e:370:7334]:443"))
			c.Basis[fsm.Server] = fsm.Assumed
		}
		all = append(all, c)
	}
	s.Conns = story.ConnectionsOf(all...)
	return &s
}
