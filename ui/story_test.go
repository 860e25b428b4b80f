package ui

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"tcpviz/fsm"
	"tcpviz/internal/story"
)

// script makes a story through story.Builder, as a lesson would: calls, segments
// with the bytes of their headers, and what the stack says.
type script struct {
	events         []story.Event
	now            time.Time
	calls, frames  int
	client, server netip.AddrPort
	isn            [2]fsm.Seq
}

func newScript() *script {
	return &script{
		now:    time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		client: netip.MustParseAddrPort("127.0.0.1:43210"),
		server: netip.MustParseAddrPort("127.0.0.1:10008"),
		isn:    [2]fsm.Seq{3219888560, 4278212882},
	}
}

func (s *script) time(d time.Duration) time.Time {
	s.now = s.now.Add(d)
	return s.now
}

// say is the narration of the next call.
func (s *script) enter(side fsm.Side, fd int, op, args string, say story.Text) int {
	s.calls++
	s.events = append(s.events, story.Call{
		Time: s.time(30 * time.Microsecond), Program: side.String(), Side: side, ID: s.calls,
		Phase: story.Enter, Op: op, FD: fd, Args: args, Say: say,
	})
	return s.calls
}

func (s *script) back(id int, args string, result int64) {
	for _, e := range s.events {
		call, ok := e.(story.Call)
		if !ok || call.ID != id {
			continue
		}
		call.Time, call.Phase, call.Args, call.Result, call.Say = s.time(12*time.Microsecond), story.Return, args, result, story.Text{}
		switch {
		case call.Op == "accept":
			call.Local, call.Remote = s.server, s.client
		case call.Side == fsm.Server:
			call.Local = s.server
		case call.Op == "connect":
			call.Local, call.Remote = s.client, s.server
		}
		s.events = append(s.events, call)
		return
	}
}

func (s *script) once(side fsm.Side, fd int, op, args string, result int64) {
	s.back(s.enter(side, fd, op, args, story.Text{}), args, result)
}

// segment puts a segment on the wire; its numbers are relative.
func (s *script) segment(side fsm.Side, flags fsm.Flags, seq, ack uint32, payload string) {
	s.frames++
	ends := [2]netip.AddrPort{s.client, s.server}
	segment := fsm.Segment{Seq: s.isn[side].Add(seq), Flags: flags, Window: 512, Len: uint32(len(payload))}
	if flags.Has(fsm.ACK) {
		segment.Ack = s.isn[side.Other()].Add(ack)
	}
	options := []byte{1, 1, 8, 10, 0, 0, 10, byte(s.frames), 0, 0, 10, 1}
	if flags.Has(fsm.SYN) {
		segment.Window = 65495
		options = []byte{2, 4, 0xff, 0xd7, 4, 2, 8, 10, 0, 0, 10, byte(s.frames), 0, 0, 0, 0, 1, 3, 3, 7}
		segment.Options = fsm.Options{MSS: 65495, HasScale: true, WindowScale: 7, SACKPermitted: true, HasTimestamps: true}
	}
	header := make([]byte, 20, 64)
	binary.BigEndian.PutUint16(header[0:], ends[side].Port())
	binary.BigEndian.PutUint16(header[2:], ends[side.Other()].Port())
	binary.BigEndian.PutUint32(header[4:], uint32(segment.Seq))
	binary.BigEndian.PutUint32(header[8:], uint32(segment.Ack))
	header[12], header[13] = byte(20+len(options))/4<<4, byte(flags)
	binary.BigEndian.PutUint16(header[14:], segment.Window)
	binary.BigEndian.PutUint16(header[16:], 0xfe30)
	raw := append(make([]byte, 34), header...)
	raw = append(append(raw, options...), payload...)
	s.events = append(s.events, story.Frame{
		Time: s.time(25 * time.Microsecond), Number: s.frames, Src: ends[side], Dst: ends[side.Other()],
		Segment: segment, Fate: story.FateDelivered, Raw: raw, LinkType: 1, Length: len(raw),
		NetOffset: 14, TCPOffset: 34, PayloadOffset: len(raw) - len(payload),
	})
}

func (s *script) truth(side fsm.Side, state fsm.State) {
	local, remote := s.client, s.server
	if side == fsm.Server {
		local, remote = remote, local
	}
	if state == fsm.Listen {
		remote = netip.AddrPort{}
	}
	s.events = append(s.events, story.Truth{Time: s.now, Side: side, Local: local, Remote: remote, State: state})
}

// connectionScript is a whole connection: handshake, a line each way, four-way close.
func connectionScript() *script {
	const client, server = fsm.Client, fsm.Server
	s := newScript()
	s.once(server, -1, "socket", "AF_INET, SOCK_STREAM, 0", 3)
	s.once(server, 3, "bind", "3, 127.0.0.1:10008", 0)
	s.once(server, 3, "listen", "3, 5", 0)
	s.truth(server, fsm.Listen)
	accept := s.enter(server, 3, "accept", "3", story.Text{
		EN: "The server listens and waits for a client: step one of connecting.",
		ZH: "服务器监听，等待客户端：连接的第一步。",
	})
	s.once(client, -1, "socket", "AF_INET, SOCK_STREAM, 0", 3)
	connect := s.enter(client, 3, "connect", "3, 127.0.0.1:10008", story.Text{
		EN: "The client asks for a connection. Watch connect() block until the answer is there.",
		ZH: "客户端请求连接：connect() 一直等到收到应答。",
	})
	s.segment(client, fsm.SYN, 0, 0, "")
	s.segment(server, fsm.SYN|fsm.ACK, 0, 1, "")
	s.segment(client, fsm.ACK, 1, 1, "")
	s.back(connect, "3, 127.0.0.1:10008", 0)
	s.back(accept, "3, 127.0.0.1:43210", 4)
	s.truth(client, fsm.Established)
	s.truth(server, fsm.Established)
	read := s.enter(server, 4, "recv", "4, 100", story.Text{})
	s.once(client, 3, "send", `3, "hello\n"`, 6)
	s.segment(client, fsm.PSH|fsm.ACK, 1, 1, "hello\n")
	s.segment(server, fsm.ACK, 1, 7, "")
	s.back(read, `4, "hello\n", 100`, 6)
	read = s.enter(client, 3, "recv", "3, 100", story.Text{})
	s.once(server, 4, "send", `4, "OK\n"`, 3)
	s.segment(server, fsm.PSH|fsm.ACK, 1, 7, "OK\n")
	s.segment(client, fsm.ACK, 7, 4, "")
	s.back(read, `3, "OK\n", 100`, 3)
	read = s.enter(server, 4, "recv", "4, 100", story.Text{})
	s.once(client, 3, "close", "3", 0)
	s.segment(client, fsm.FIN|fsm.ACK, 7, 4, "")
	s.time(40 * time.Millisecond)
	s.segment(server, fsm.ACK, 4, 8, "")
	s.back(read, `4, "", 100`, 0)
	s.truth(client, fsm.FinWait2)
	s.truth(server, fsm.CloseWait)
	s.time(3 * time.Second)
	s.once(server, 4, "close", "4", 0)
	s.segment(server, fsm.FIN|fsm.ACK, 4, 8, "")
	s.segment(client, fsm.ACK, 8, 5, "")
	s.truth(client, fsm.TimeWait)
	return s
}

func (s *script) story() *story.Story {
	b := story.NewBuilder(story.Meta{
		Lesson: "connection", Stage: "loopback",
		Title:    story.Text{EN: "A whole connection", ZH: "一次完整的连接"},
		StageWhy: story.Text{EN: "Real sockets and real segments on this machine's loopback interface, in a network namespace of its own."},
	})
	for _, e := range s.events {
		b.Add(e)
	}
	return b.Story()
}

func connectionStory(t testing.TB) *story.Story {
	t.Helper()
	s := connectionScript().story()
	if s.Conns.Len() != 1 || len(s.Steps) < 30 {
		t.Fatalf("the story has %d connections and %d steps", s.Conns.Len(), len(s.Steps))
	}
	return s
}
