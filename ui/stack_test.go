package ui

import (
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// stackPicture gives the panel as it is on a screen of that size, alone.
func stackPicture(m moment, w, h int, t *theme) string {
	r := newLayout(w, h, stackPanel).rects[stackPanel]
	d := newDashboard(Options{ASCII: t.ascii()})
	f := frame{ascii: t.ascii()}
	d.drawStack(f.begin(r.w, r.h), rect{0, 0, r.w, r.h}, m)
	return f.text()
}

// momentOf gives the first moment of a story's connection after which a step is found.
func momentOf(t testing.TB, s *story.Story, conn int, is func(s *story.Step) bool) moment {
	t.Helper()
	m := moment{story: s, view: s.View(conn), flight: 1}
	m.marks = track(s, m.view)
	for m.at = range m.view.Rows {
		if is(m.step()) {
			return m
		}
	}
	t.Fatal("there is no such step")
	return m
}

func callStep(side fsm.Side, op string, kind story.Kind) func(*story.Step) bool {
	return func(s *story.Step) bool { return s.Kind == kind && s.Side == side && s.Call != nil && s.Call.Op == op }
}

func segmentStep(kind story.Kind, flags fsm.Flags) func(*story.Step) bool {
	return func(s *story.Step) bool { return s.Kind == kind && s.Frame.Segment.Flags == flags }
}

func lastStep(s *story.Story, conn int) func(*story.Step) bool {
	rows := s.View(conn).Rows
	return func(step *story.Step) bool { return step.N == rows[len(rows)-1].Step }
}

// stackMoments are the moments that the goldens show.
func stackMoments(t testing.TB) map[string]moment {
	all := stackStories()
	at := func(name string, conn int, is func(*story.Step) bool) moment {
		return momentOf(t, all[name], conn, is)
	}
	moments := map[string]moment{
		"accept-blocked": at("connection", 1, callStep(sv, "accept", story.CallEnter)),
		"syn":            at("connection", 1, segmentStep(story.SegmentSent, fsm.SYN)),
		"half-open":      at("connection", 1, segmentStep(story.SegmentSent, fsm.SYN|fsm.ACK)),
		"data":           at("connection", 1, segmentStep(story.SegmentReceived, fsm.PSH|fsm.ACK)),
		"end":            at("connection", 1, lastStep(all["connection"], 1)),
		"queue":          at("clients", 3, callStep(cl, "connect", story.CallReturn)),
		"accepted":       at("clients", 2, lastStep(all["clients"], 2)),
		"sim":            at("sim", 1, segmentStep(story.SegmentSent, fsm.PSH|fsm.ACK)),
		"capture":        at("capture", 1, segmentStep(story.SegmentReceived, fsm.PSH|fsm.ACK)),
	}
	m := moments["syn"]
	m.flight = 0.5
	moments["syn"] = m
	return moments
}

func compareStack(t *testing.T, name, got string) {
	t.Helper()
	comparePicture(t, filepath.Join("testdata", "stack", name+".txt"), got)
}

func TestStackPictures(t *testing.T) {
	plain, ascii := newTheme(false, true), newTheme(true, true)
	for name, m := range stackMoments(t) {
		for _, size := range screenSizes {
			for _, l := range []lang.Language{lang.English, lang.Chinese} {
				file := fmt.Sprintf("%s-%dx%d-%s", name, size.w, size.h, l)
				t.Run(file, func(t *testing.T) {
					m := m
					m.lang = l
					compareStack(t, file, stackPicture(m, size.w, size.h, &plain))
				})
			}
		}
	}
	for _, name := range []string{"queue", "data"} {
		t.Run("ascii-"+name, func(t *testing.T) {
			compareStack(t, "ascii-"+name+"-80x24", stackPicture(stackMoments(t)[name], 80, 24, &ascii))
		})
	}
}

// TestStackIsOnTheScreen opens the panel with its key, at every size.
func TestStackIsOnTheScreen(t *testing.T) {
	for _, size := range screenSizes {
		d := newDashboard(Options{Paused: true})
		d.size = rect{0, 0, size.w, size.h}
		d.show(connectionStory(t))
		before := picture(t, d, size.w, size.h)
		d.press(char('k'))
		open := picture(t, d, size.w, size.h)
		if !strings.Contains(open, "the stack") || !strings.Contains(open, "encapsulation") || !strings.Contains(open, "● client") {
			t.Errorf("%dx%d: the stack is not on the screen:\n%s", size.w, size.h, open)
		}
		d.press(char('k'))
		if diff := cmp.Diff(before, picture(t, d, size.w, size.h)); diff != "" {
			t.Errorf("%dx%d: it did not close (-before +after):\n%s", size.w, size.h, diff)
		}
	}
}

// TestStackEverywhere draws every moment of every story at many sizes: no panic, and
// no more than one thing in a place.
func TestStackEverywhere(t *testing.T) {
	all := stackStories()
	for name, s := range plotStories() {
		all["plot "+name] = s
	}
	for name, s := range wireScripts() {
		all["wire "+name] = s.story()
	}
	plain := newTheme(false, false)
	for name, s := range all {
		var v stackView
		var f frame
		m := moment{story: s, view: s.View(min(s.Conns.Len(), 1)), flight: 0.3}
		m.marks = track(s, m.view)
		step := max(len(m.view.Rows)/12, 1)
		for m.at = -1; m.at < len(m.view.Rows); m.at += step {
			for _, size := range [][2]int{{0, 0}, {58, 12}, {78, 16}, {118, 25}, {84, 40}} {
				for _, l := range []lang.Language{lang.English, lang.Chinese} {
					m.lang = l
					v.draw(f.begin(size[0], size[1]), m, &plain)
					for _, cell := range f.cells {
						if cell.r != 0 && control(cell.r) {
							t.Fatalf("%s, row %d: a control character", name, m.at)
						}
					}
				}
			}
		}
	}
}

// TestStackIsAFunctionOfTheMoment holds that what was drawn before does not matter.
func TestStackIsAFunctionOfTheMoment(t *testing.T) {
	plain := newTheme(false, false)
	var used stackView
	for name, m := range stackMoments(t) {
		for _, l := range []lang.Language{lang.English, lang.Chinese, lang.English} {
			m.lang = l
			for _, w := range []int{118, 78} {
				var fresh stackView
				want := panelPicture(w, 25, func(c canvas) { fresh.draw(c, m, &plain) })
				got := panelPicture(w, 25, func(c canvas) { used.draw(c, m, &plain) })
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s (-fresh +used):\n%s", name, diff)
				}
			}
		}
	}
}

// TestStackNamesTheMedium tells what stands before the IP header.
func TestStackNamesTheMedium(t *testing.T) {
	mac := []byte{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1}
	ethernetWith := func(rest ...byte) []byte { return append(append([]byte{}, mac...), rest...) }
	cases := []struct {
		name     string
		linkType uint32
		before   []byte
		medium   medium
		link     int
	}{
		{"Ethernet", linkEthernet, ethernetWith(8, 0), ethernet, 14},
		{"a VLAN tag", linkEthernet, ethernetWith(0x81, 0, 0, 7, 8, 0), ethernet, 18},
		{"two VLAN tags", linkEthernet, ethernetWith(0x88, 0xa8, 0, 7, 0x81, 0, 0, 7, 8, 0), ethernet, 22},
		{"a tunnel", linkEthernet, append(ethernetWith(8, 0), make([]byte, 20)...), ethernet, 14},
		{"lo", linkEthernet, onLoopback, loopback, 14},
		{"too short", linkEthernet, mac[:5], ethernet, 5},
		{"raw", linkRaw, nil, noMedium, 0},
		{"raw with a tunnel", linkRaw, make([]byte, 20), noMedium, 0},
		{"null", linkNull, []byte{2, 0, 0, 0}, bsdLoopback, 4},
		{"cooked", linkSLL, make([]byte, 16), cooked, 16},
		{"cooked, version 2", linkSLL2, make([]byte, 20), cooked, 20},
		{"PPP", linkPPP, []byte{0xff, 3, 0, 0x21}, pointToPoint, 4},
		{"802.11", link80211, make([]byte, 32), wireless, 32},
		{"unknown", 999, make([]byte, 3), anotherMedium, 3},
	}
	for _, c := range cases {
		var p frameParts
		p.takeLink(c.linkType, c.before)
		if p.medium != c.medium || len(p.link) != c.link || len(p.tunnel) != len(c.before)-c.link {
			t.Errorf("%s: medium %d, link %d, tunnel %d; want %d, %d", c.name, p.medium, len(p.link), len(p.tunnel), c.medium, c.link)
		}
	}
}

// TestStackAddsUp holds that the lengths of the layers are those of the frame.
func TestStackAddsUp(t *testing.T) {
	for name, s := range stackStories() {
		for i := range s.Steps {
			f := s.Steps[i].Frame
			if f == nil {
				continue
			}
			p := partsOf(f)
			if !p.known || p.version == 0 || p.protocol != 6 || p.ttl != 64 {
				t.Fatalf("%s: frame %d was not read: %+v", name, f.Number, p)
			}
			if sum := len(p.link) + len(p.tunnel) + p.packet() + p.padding; sum != f.Length || p.padding != 0 {
				t.Errorf("%s: frame %d has %d bytes, its parts %d", name, f.Number, f.Length, sum)
			}
		}
	}
}

// TestHexFit fits bytes into columns.
func TestHexFit(t *testing.T) {
	b := []byte{0x45, 0, 0, 0x3c}
	cases := []struct {
		width int
		more  bool
		want  string
	}{
		{11, false, "45 00 00 3c"}, {12, false, "45 00 00 3c"}, {10, false, "45 00 00 …"}, {9, false, "45 00 …"},
		{13, true, "45 00 00 3c …"}, {12, true, "45 00 00 …"}, {4, false, "45 …"}, {3, false, ""}, {0, false, ""}, {-3, true, ""},
	}
	for _, c := range cases {
		got := hexFit(b, c.more, c.width, '…')
		if got != c.want && !(c.width == 3 && got == "") {
			t.Errorf("width %d, more %v: %q, want %q", c.width, c.more, got, c.want)
		}
		if textWidth(got) > max(c.width, 0) {
			t.Errorf("width %d: %q is wider", c.width, got)
		}
	}
	if got := hexFit(nil, false, 10, '…'); got != "" {
		t.Errorf("of nothing: %q", got)
	}
}

// FuzzStack draws frames whose bytes and offsets say anything.
func FuzzStack(f *testing.F) {
	for _, s := range stackStories() {
		for i := range s.Steps {
			if frame := s.Steps[i].Frame; frame != nil && frame.Segment.Len > 0 {
				f.Add(frame.Raw, frame.LinkType, frame.NetOffset, frame.TCPOffset, frame.PayloadOffset, frame.Length, frame.Segment.Len, "client")
				break
			}
		}
	}
	f.Add([]byte{0x45}, uint32(1), -1, 1<<40, 3, -5, uint32(0xffffffff), "\x1b[2J\u202e\x00中")
	f.Fuzz(func(t *testing.T, raw []byte, linkType uint32, network, tcp, payload, length int, octets uint32, program string) {
		s := newScript()
		s.once(cl, -1, "socket", "AF_INET, SOCK_STREAM, 0", 3)
		s.enter(cl, 3, "connect", "3, 127.0.0.1:10008", story.Text{})
		s.segment(cl, fsm.SYN, 0, 0, "hello")
		for i, e := range s.events {
			switch e := e.(type) {
			case story.Frame:
				e.Raw, e.LinkType, e.Length = raw, linkType, length
				e.NetOffset, e.TCPOffset, e.PayloadOffset = network, tcp, payload
				e.Segment.Len = octets % 4096
				s.events[i] = e
			case story.Call:
				e.Program, e.Args = program, e.Args+program
				s.events[i] = e
			}
		}
		told := s.story()
		m := moment{story: told, view: told.View(1), flight: 0.7}
		m.marks = track(told, m.view)
		var v stackView
		plain := newTheme(false, true)
		m.at = len(m.view.Rows) - 1
		for _, size := range [][2]int{{78, 16}, {118, 25}, {84, 40}} {
			got := panelPicture(size[0], size[1], func(c canvas) { v.draw(c, m, &plain) })
			if strings.ContainsFunc(strings.ReplaceAll(got, "\n", ""), control) {
				t.Fatalf("a control character in:\n%q", got)
			}
		}
	})
}

// BenchmarkStack draws the panel while a segment glides, as on a screen of 200x60.
func BenchmarkStack(b *testing.B) {
	m := stackMoments(b)["syn"]
	plain := newTheme(false, false)
	var v stackView
	var f frame
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		m.flight = float64(i%16) / 16
		v.draw(f.begin(84, 40), m, &plain)
	}
}

// BenchmarkStackStep draws it at another step each time.
func BenchmarkStackStep(b *testing.B) {
	m := stackMoments(b)["end"]
	plain := newTheme(false, false)
	var v stackView
	var f frame
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		m.at = i % len(m.view.Rows)
		v.draw(f.begin(84, 40), m, &plain)
	}
}

// Both ports are there where the addresses have too little room.
func TestSocketTableKeepsThePorts(t *testing.T) {
	sockets := []*story.Socket{{
		FD: 4, State: fsm.SynReceived,
		Local: netip.MustParseAddrPort("127.0.0.1:10008"), Remote: netip.MustParseAddrPort("127.0.0.1:43210"),
	}}
	for _, width := range []int{39, 40, 60} {
		if table := newTable(sockets, width); table.local < len(":10008") || table.remote < 12 {
			t.Errorf("%d columns: %+v", width, table)
		}
	}
}
