package export_test

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"testing"
	"time"

	"tcpviz/fsm"
	"tcpviz/internal/export"
	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// onWire makes a story on a wire that somebody holds.
type onWire struct {
	events []story.Event
	us     int
	frames int
}

func (w *onWire) at() time.Time {
	w.us += 25
	return at(w.us)
}

func (w *onWire) send(from fsm.Side, flags fsm.Flags, seq, ack uint32, payload string) int {
	w.frames++
	ends := [2]netip.AddrPort{clientEnd.AddrPort(), serverEnd.AddrPort()}
	isn := [2]fsm.Seq{1000, 9000}
	s := fsm.Segment{Seq: isn[from].Add(seq), Flags: flags, Window: 512, Len: uint32(len(payload))}
	if flags.Has(fsm.ACK) {
		s.Ack = isn[from.Other()].Add(ack)
	}
	w.events = append(w.events, story.Frame{
		Time: w.at(), Number: w.frames, Src: ends[from], Dst: ends[from.Other()], Segment: s, Fate: story.FateUnderWay,
		Raw: append(make([]byte, 54), payload...), PayloadOffset: 54, Length: 54 + len(payload),
	})
	return w.frames
}

func (w *onWire) arrives(frame int) {
	w.events = append(w.events, story.Arrival{Time: w.at(), Frame: frame, Fate: story.FateDelivered})
}

func (w *onWire) loses(frame int) {
	w.events = append(w.events, story.Arrival{Time: w.at(), Frame: frame, Fate: story.FateLost})
}

func (w *onWire) impairs(i story.Impairment) {
	i.Time = w.at()
	w.events = append(w.events, i)
}

func (w *onWire) expires(side fsm.Side, timer fsm.Timer) {
	x := story.Expiry{Time: w.at(), Side: side, Local: clientEnd.AddrPort(), Remote: serverEnd.AddrPort(), Timer: timer}
	if side == fsm.Server {
		x.Local, x.Remote = x.Remote, x.Local
	}
	w.events = append(w.events, x)
}

func (w *onWire) story() *story.Story {
	b := story.NewBuilder(story.Meta{Lesson: "wire", Title: story.Text{EN: "A wire in somebody's hands"}, Stage: "sim", Ordered: true})
	b.Add(w.events...)
	return b.Story()
}

// handled is a story in which everything is done to a wire that can be.
func handled() *story.Story {
	const cl, sv = fsm.Client, fsm.Server
	w := &onWire{}
	w.events = append(w.events, story.Narration{
		Time: w.at(), Does: "hold SYN from client",
		Say: story.Text{EN: "The next SYN will be stuck on its way.", ZH: "下一个 SYN 会卡在途中。"},
	})
	syn := w.send(cl, fsm.SYN, 0, 0, "")
	w.impairs(story.Impairment{Frame: syn, What: story.Held, ByUser: true})
	w.us += 1_000_000
	w.expires(cl, fsm.Retransmission)
	again := w.send(cl, fsm.SYN, 0, 0, "")
	w.arrives(again)
	answer := w.send(sv, fsm.SYN|fsm.ACK, 0, 1, "")
	w.impairs(story.Impairment{Frame: syn, What: story.Dropped, ByUser: true})
	w.loses(syn)
	w.arrives(answer)
	w.arrives(w.send(cl, fsm.ACK, 1, 1, ""))
	one, two := w.send(cl, fsm.PSH|fsm.ACK, 1, 1, "one"), w.send(cl, fsm.PSH|fsm.ACK, 4, 1, "two")
	w.impairs(story.Impairment{Frame: one, What: story.Swapped})
	w.arrives(two)
	w.arrives(one)
	ack := w.send(sv, fsm.ACK, 1, 7, "")
	w.impairs(story.Impairment{Frame: ack, What: story.Duplicated})
	w.arrives(ack)
	w.arrives(ack)
	w.loses(w.send(cl, fsm.FIN|fsm.ACK, 7, 1, ""))
	w.us += 200_000
	w.expires(cl, fsm.Retransmission)
	fin := w.send(cl, fsm.FIN|fsm.ACK, 7, 1, "")
	w.impairs(story.Impairment{Frame: fin, What: story.Delayed, For: 150 * time.Millisecond})
	w.us += 150_000
	w.arrives(fin)
	last := w.send(sv, fsm.FIN|fsm.ACK, 1, 8, "")
	w.us += 250_000
	w.arrives(last)
	w.send(cl, fsm.ACK, 8, 2, "")
	w.us += 60_000_000
	w.expires(cl, fsm.TimeWaitTimer)
	w.events = append(w.events, story.Reboot{Time: w.at(), Side: sv})
	return w.story()
}

func TestTheWireIsTold(t *testing.T) {
	for name, write := range map[string]func(*bytes.Buffer) error{
		"wire.jsonl":  func(b *bytes.Buffer) error { return export.JSON(b, handled()) },
		"wire.txt":    func(b *bytes.Buffer) error { return export.Text(b, handled(), export.TextOptions{Lang: lang.English}) },
		"wire.zh.txt": func(b *bytes.Buffer) error { return export.Text(b, handled(), export.TextOptions{Lang: lang.Chinese}) },
		"wire.ascii.txt": func(b *bytes.Buffer) error {
			return export.Text(b, handled(), export.TextOptions{Lang: lang.English, ASCII: true})
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got bytes.Buffer
			if err := write(&got); err != nil {
				t.Fatal(err)
			}
			compareGolden(t, name, got.String())
		})
	}
}

// A segment's line tells its fate as far as it is known when the line is written:
// "under-way" while nothing has told it, the final one in a whole story.
func TestFateAsItIsKnown(t *testing.T) {
	whole := handled()
	fates := func(lines []byte) map[int]string {
		all := map[int]string{}
		for d := json.NewDecoder(bytes.NewReader(lines)); d.More(); {
			var line struct {
				Kind, Fate string
				Frame      int
			}
			if err := d.Decode(&line); err != nil {
				t.Fatal(err)
			}
			if line.Kind == "segment" {
				all[line.Frame] = line.Fate
			}
		}
		return all
	}
	var out bytes.Buffer
	if err := export.JSON(&out, whole); err != nil {
		t.Fatal(err)
	}
	got := fates(out.Bytes())
	if got[1] != "lost" || got[2] != "delivered" || got[11] != "under-way" {
		t.Errorf("in a whole story: %v", got)
	}
	w := &onWire{}
	w.send(fsm.Client, fsm.SYN, 0, 0, "")
	out.Reset()
	if err := export.JSON(&out, w.story()); err != nil {
		t.Fatal(err)
	}
	if got := fates(out.Bytes()); got[1] != "under-way" {
		t.Errorf("before its arrival is told: %v", got)
	}
}
