package ui

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"tcpviz/fsm"
	"tcpviz/internal/story"
)

// wire makes a story of segments alone, as a capture at the client would have them.
type wire struct {
	start  time.Time
	frames []story.Frame
	isn    [2]fsm.Seq
	shift  int // of the windows; -1: no window scale option
	blind  bool
}

func newWire() *wire {
	return &wire{start: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), isn: [2]fsm.Seq{1000, 9000}, shift: 3}
}

// seg adds a segment at a time; its numbers are relative, its window is in octets.
func (w *wire) seg(at time.Duration, side fsm.Side, flags fsm.Flags, seq, ack, length, window int) {
	ends := [2]netip.AddrPort{netip.MustParseAddrPort("10.0.0.1:40000"), netip.MustParseAddrPort("10.0.0.2:80")}
	segment := fsm.Segment{Seq: w.isn[side] + fsm.Seq(uint32(seq)), Flags: flags, Len: uint32(length)}
	if flags.Has(fsm.ACK) {
		segment.Ack = w.isn[side.Other()] + fsm.Seq(uint32(ack))
	}
	segment.Window = uint16(window >> max(w.shift, 0))
	if flags.Has(fsm.SYN) {
		segment.Window = uint16(min(window, 65535))
		segment.Options.HasScale, segment.Options.WindowScale = w.shift >= 0, uint8(max(w.shift, 0))
	}
	f := story.Frame{Time: w.start.Add(at), Number: len(w.frames) + 1, Src: ends[side], Dst: ends[side.Other()], Segment: segment, Length: 54 + length}
	if w.blind {
		f.Time = time.Time{}
	}
	w.frames = append(w.frames, f)
}

const (
	ack    = fsm.ACK
	synAck = fsm.SYN | fsm.ACK
	finAck = fsm.FIN | fsm.ACK
	ms     = time.Millisecond
)

// open is a handshake that takes 40 ms; it gives when it is over.
func (w *wire) open() time.Duration {
	w.seg(0, cl, fsm.SYN, 0, 0, 0, 65535)
	w.seg(40*ms, sv, synAck, 0, 1, 0, 65535)
	w.seg(40*ms+200*time.Microsecond, cl, ack, 1, 1, 0, 65536)
	return 41 * ms
}

// close is a close in three segments; sent and received are the next numbers.
func (w *wire) close(at time.Duration, sent, received int) {
	w.seg(at, cl, finAck, sent, received, 0, 65536)
	w.seg(at+40*ms, sv, finAck, received, sent+1, 0, 65536)
	w.seg(at+41*ms, cl, ack, sent+1, received+1, 0, 65536)
}

// story makes the story of what was added, in the order of the times.
func (w *wire) story() *story.Story {
	if !w.blind {
		slices.SortStableFunc(w.frames, func(a, b story.Frame) int { return cmp.Compare(a.Time.Sub(b.Time), 0) })
	}
	return w.unsorted()
}

// unsorted makes the story in the order in which the segments were added: each is a
// batch of its own, so that the builder keeps that order.
func (w *wire) unsorted() *story.Story {
	b := story.NewBuilder(story.Meta{Source: "test.pcap"})
	for i, f := range w.frames {
		f.Number = i + 1
		b.Add(f)
	}
	return b.Story()
}

// transfer sends n segments of 1460 octets from the client: slow start, a window of
// most segments, a receiver that has room for 64 KiB, 40 ms away. The segments of
// lost (by their count from 0) are lost once beyond the place of the capture. It is a
// small TCP: three duplicate ACKs make it send again, and halve its window.
func (w *wire) transfer(from time.Duration, n, most int, lost ...int) (end time.Duration) {
	const mss, rtt = 1460, 40 * ms
	type due struct {
		at  time.Duration
		ack int
	}
	var acks []due
	arrived := map[int]bool{}
	next, una, window, expected, duplicates, recover := 0, 0, 4, 0, 0, -1
	now := from
	send := func(i int) {
		flags := ack
		if i == n-1 {
			flags |= fsm.PSH
		}
		w.seg(now, cl, flags, 1+i*mss, 1, mss, 65536)
		if k := slices.Index(lost, i); k >= 0 {
			lost = slices.Delete(slices.Clone(lost), k, k+1)
		} else {
			arrived[i] = true
			for arrived[expected] {
				expected++
			}
			acks = append(acks, due{now + rtt, expected})
		}
		now += 700 * time.Microsecond
	}
	for una < n {
		for next < n && next < una+window && recover < 0 {
			send(next)
			next++
		}
		if len(acks) == 0 { // nothing is under way: the timer
			now += 200 * ms
			send(una)
			continue
		}
		got := acks[0]
		acks = acks[1:]
		now = max(now, got.at)
		w.seg(got.at, sv, ack, 1, 1+got.ack*mss, 0, 65536)
		switch {
		case got.ack > una:
			window = min(window+1, most)
			una, duplicates = got.ack, 0
			if una > recover {
				recover = -1
			} else if !arrived[una] {
				send(una)
			}
		case got.ack == una:
			if duplicates++; duplicates == 3 && recover < 0 {
				recover, window = next-1, max(window/2, 2)
				send(una)
			}
		}
	}
	return now
}

// plotStories are the stories that the goldens show.
func plotStories() map[string]*story.Story {
	all := map[string]*story.Story{}
	w := newWire()
	end := w.transfer(w.open(), 60, 20, 24, 47)
	w.close(end+ms, 1+60*1460, 1)
	all["loss"] = w.story()

	w = newWire() // the receiver's program does not read for a while
	at, sent, room := w.open(), 1, 8*1460
	for ; room > 0; room -= 1460 {
		w.seg(at, cl, ack, sent, 1, 1460, 65536)
		sent += 1460
		w.seg(at+40*ms, sv, ack, 1, sent, 0, max(room-1460, 0)&^7)
		at += 30 * ms
	}
	for _, wait := range []time.Duration{250 * ms, 500 * ms, 900 * ms} {
		at += wait
		w.seg(at, cl, ack, sent-1, 1, 0, 65536)
		w.seg(at+40*ms, sv, ack, 1, sent, 0, 0)
	}
	at += 120 * ms
	w.seg(at, sv, ack, 1, sent, 0, 12000)
	for range 6 {
		w.seg(at+ms, cl, ack, sent, 1, 1460, 65536)
		sent += 1460
		w.seg(at+42*ms, sv, ack, 1, sent, 0, 12000)
		at += 45 * ms
	}
	w.close(at+100*ms, sent, 1)
	all["zero-window"] = w.story()

	w = newWire() // the numbers pass 2³² on the way
	w.isn[cl] = 0xffff_ffff - 40*1460
	end = w.transfer(w.open(), 90, 24)
	w.close(end+ms, 1+90*1460, 1)
	all["wrap"] = w.story()

	w = newWire() // only what the client sends was captured
	w.transfer(w.open(), 40, 12, 17)
	w.frames = slices.DeleteFunc(w.frames, func(f story.Frame) bool { return f.Src.Port() == 80 })
	all["one-way"] = w.story()

	w = newWire() // nothing but the handshake and the close
	w.close(w.open()+20*ms, 1, 1)
	all["no-data"] = w.story()

	w = newWire() // a capture that does not tell times
	w.blind = true
	w.close(w.transfer(w.open(), 5, 4), 1+5*1460, 1)
	all["no-times"] = w.story()

	w = newWire() // reset in the middle of a transfer; the capture begins after the handshake
	w.transfer(0, 30, 8)
	w.seg(time.Second, sv, fsm.RST|ack, 1, 1+30*1460, 0, 0)
	all["reset"] = w.story()

	w = newWire() // one segment overtakes another
	end = w.open()
	for i, k := range []int{0, 1, 2, 4, 3, 5, 6, 7} {
		w.seg(end+time.Duration(i)*600*time.Microsecond, sv, ack, 1+k*1460, 1, 1460, 65536)
		want := k + 1
		if k == 4 {
			want = 3
		} else if k == 3 {
			want = 5
		}
		w.seg(end+time.Duration(i)*600*time.Microsecond+50*time.Microsecond, cl, ack, 1, 1+want*1460, 0, 65536)
	}
	w.close(end+20*ms, 1, 1+8*1460)
	all["reordered"] = w.story()
	return all
}
