package fsm_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tcpviz/fsm"
)

// A captured segment is one that sender sent at a time.
type captured struct {
	at     fsm.Nanos
	sender fsm.Side
	fsm.Segment
}

// babble makes a conversation out of what endpoints do, sense or no sense: the
// numbers stay near each other, so that every condition is met often.
func babble(r *rand.Rand, n int) []captured {
	var all []captured
	at := fsm.Nanos(1e18)
	next := [2]fsm.Seq{fsm.Seq(r.Uint32()), fsm.Seq(r.Uint32())}
	first := next
	var sent [2][]fsm.Segment
	window := [2]uint16{uint16(100 + r.IntN(3)*100), uint16(100 + r.IntN(3)*100)}
	scale := fsm.Options{HasScale: r.IntN(2) == 0, WindowScale: uint8(r.IntN(4))}
	say := func(sender fsm.Side, s fsm.Segment) {
		at += fsm.Nanos([]int{0, 1e5, 1e6, 4e6, 15e6, 30e6, 1e9}[r.IntN(7)])
		sent[sender] = append(sent[sender], s)
		if next[sender].Less(s.End()) {
			next[sender] = s.End()
		}
		all = append(all, captured{at, sender, s})
	}
	if r.IntN(4) > 0 {
		say(fsm.Client, fsm.Segment{Seq: next[0], Flags: fsm.SYN, Window: window[0], Options: scale})
		if r.IntN(8) > 0 {
			scale.HasScale = scale.HasScale && r.IntN(4) > 0
			say(fsm.Server, fsm.Segment{Seq: next[1], Ack: next[0], Flags: fsm.SYN | fsm.ACK, Window: window[1], Options: scale})
			say(fsm.Client, fsm.Segment{Seq: next[0], Ack: next[1], Flags: fsm.ACK, Window: window[0]})
		}
	}
	for len(all) < n {
		side := fsm.Side(r.IntN(2))
		s := fsm.Segment{Seq: next[side], Ack: next[side.Other()], Flags: fsm.ACK, Window: window[side]}
		if len(sent[side]) > 0 && r.IntN(3) > 0 {
			s.Ack = sent[side][len(sent[side])-1].Ack // nothing new is acknowledged
		}
		switch r.IntN(20) {
		case 0, 1, 2, 3, 4:
			s.Len = uint32(1 + r.IntN(3)*50)
		case 5:
			s.Len = 1
		case 6:
			s.Seq, s.Len = s.Seq-1, uint32(r.IntN(3))
		case 7:
			s.Seq, s.Len = s.Seq.Add(uint32(r.IntN(3))*50), 50
		case 8, 9, 10:
			if k := len(sent[side]); k > 0 {
				s = sent[side][r.IntN(k)]
				s.Window = window[side]
			}
		case 11:
			s.Ack = s.Ack.Add(uint32(r.IntN(100)))
		case 12:
			window[side] = uint16(r.IntN(4) * 50)
			s.Window = window[side]
		case 13:
			s.Seq, s.Len = lastAck(sent[side.Other()], s.Seq), 50
		case 14:
			switch r.IntN(8) {
			case 0:
				s.Flags |= fsm.FIN
			case 1:
				s.Flags |= fsm.RST
			case 2:
				s = fsm.Segment{Seq: first[side], Flags: fsm.SYN, Window: 100}
			case 3:
				s = fsm.Segment{Seq: s.Seq.Add(1000), Flags: fsm.SYN, Window: 100, Options: scale}
			case 4:
				s.Flags = fsm.RST
				s.Ack = 0
			}
		}
		say(side, s)
	}
	return all
}

// rng gives numbers that are the same each time.
func rng(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 2)) }

// lastAck gives the newest number that the other side acknowledges.
func lastAck(others []fsm.Segment, otherwise fsm.Seq) fsm.Seq {
	if len(others) == 0 {
		return otherwise
	}
	return others[len(others)-1].Ack
}

// append appends a segment to a raw-IP pcap file with times in nanoseconds.
func (c captured) append(file []byte, clientPort uint16) []byte {
	header := make([]byte, 40, 44)
	if c.Options.HasScale {
		header = append(header, 1, 3, 3, c.Options.WindowScale)
	}
	length := len(header) + int(c.Len)
	header[0], header[8], header[9] = 0x45, 64, 6
	binary.BigEndian.PutUint16(header[2:], uint16(length))
	src, dst, from, to := byte(1), byte(2), clientPort, uint16(9)
	if c.sender == fsm.Server {
		src, dst, from, to = dst, src, to, from
	}
	copy(header[12:], []byte{10, 0, 0, src, 10, 0, 0, dst})
	binary.BigEndian.PutUint16(header[20:], from)
	binary.BigEndian.PutUint16(header[22:], to)
	binary.BigEndian.PutUint32(header[24:], uint32(c.Seq))
	binary.BigEndian.PutUint32(header[28:], uint32(c.Ack))
	header[32], header[33] = byte(len(header)-20)<<2, byte(c.Flags)
	binary.BigEndian.PutUint16(header[34:], c.Window)
	for _, v := range []uint32{uint32(c.at / 1e9), uint32(c.at % 1e9), uint32(length), uint32(length)} {
		file = binary.LittleEndian.AppendUint32(file, v)
	}
	return append(append(file, header...), make([]byte, c.Len)...)
}

// analysisFields are the fields in which tshark tells its anomalies.
var analysisFields = []string{
	"reused_ports", "fast_retransmission", "spurious_retransmission", "retransmission", "out_of_order", "lost_segment",
	"ack_lost_segment", "keep_alive", "keep_alive_ack", "zero_window_probe", "zero_window_probe_ack", "duplicate_ack",
	"zero_window", "window_full", "window_update",
}

// TestWireshark compares every segment of a few hundred made-up conversations
// with what tshark says of it.
func TestWireshark(t *testing.T) {
	tshark, err := exec.LookPath("tshark")
	if err != nil || testing.Short() {
		t.Skipf("needs tshark, and some seconds (-short is %v): %v", testing.Short(), err)
	}
	r := rng(1)
	file := binary.LittleEndian.AppendUint32(nil, 0xa1b23c4d)
	file = append(file, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 101, 0, 0, 0)
	var talks [][]captured
	for i := range 400 {
		talk := babble(r, 60)
		for _, c := range talk {
			file = c.append(file, uint16(1000+i))
		}
		talks = append(talks, talk)
	}
	path := filepath.Join(t.TempDir(), "babble.pcap")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"-n", "-2", "-r", path, "-o", "tcp.desegment_tcp_streams:FALSE",
		"--disable-protocol", "discard", "-T", "fields"}
	for _, name := range analysisFields {
		args = append(args, "-e", "tcp.analysis."+name)
	}
	out, err := exec.Command(tshark, args...).Output()
	if err != nil {
		t.Fatalf("tshark: %v", err)
	}
	lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	met := make(map[string]int)
	wrong := 0
	for _, talk := range talks {
		var a fsm.Analysis
		var log bytes.Buffer
		differs := false
		for _, c := range talk {
			if len(lines) == 0 {
				t.Fatal("tshark says too little")
			}
			var want []string
			for i, field := range strings.Split(lines[0], "\t") {
				if field != "" {
					want = append(want, analysisFields[i])
					met[analysisFields[i]]++
				}
			}
			lines = lines[1:]
			said := strings.Join(want, ",")
			got := a.Add(c.at, c.sender, &c.Segment).String()
			fmt.Fprintf(&log, "%v %s %v seq=%d ack=%d len=%d win=%d opt=%v: %s / %s\n", c.at, c.sender, c.Flags, c.Seq, c.Ack, c.Len, c.Window, c.Options.HasScale, got, said)
			if got == said || differs {
				continue
			}
			differs = true
			if wrong++; wrong < 4 {
				t.Errorf("here/tshark:\n%s", log.String())
			}
		}
	}
	t.Logf("%d of %d conversations differ; met: %v", wrong, len(talks), met)
	for _, name := range analysisFields {
		if met[name] == 0 {
			t.Errorf("no segment was a %s", name)
		}
	}
}
