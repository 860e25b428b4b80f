package twohosts_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"tcpviz/fsm"
	"tcpviz/internal/twohosts"
)

func TestHandshakeAndCloseSegmentBySegment(t *testing.T) {
	for name, ipv6 := range map[string]bool{"IPv4": false, "IPv6": true} {
		t.Run(name, func(t *testing.T) {
			p := open(t)
			if p.ipv6 = ipv6; ipv6 && p.wire.IPv6() != nil {
				t.Skip(p.wire.IPv6())
			}
			listening := p.listen(80)
			p.states("| LISTEN")
			client, connected := p.connect(80)
			syn := p.expect("client S")
			sockets := p.states("SYN-SENT | LISTEN")
			if s := sockets[fsm.Client][0]; s.Unacked != 1 || s.Timer != twohosts.Retransmission || s.Expires <= 0 || s.Expires > time.Second {
				t.Errorf("while the SYN is held: %+v", s)
			}
			p.deliver(syn)
			synAck := p.expect("server SA")
			p.states("SYN-SENT | LISTEN SYN-RECEIVED")
			p.deliver(synAck)
			p.must(<-connected)
			ack := p.expect("client A")
			p.states("ESTABLISHED | LISTEN SYN-RECEIVED")
			p.deliver(ack)
			sockets = p.states("ESTABLISHED | LISTEN ESTABLISHED")
			if s := sockets[fsm.Server][0]; s.Waiting != 1 || s.Backlog != 5 || s.Remote.IsValid() {
				t.Errorf("before accept: %+v", s)
			}
			if s := sockets[fsm.Server][1]; s.Remote != p.local(client) {
				t.Errorf("the server's socket is connected to %v, the client has %v", s.Remote, p.local(client))
			}
			server, _, err := unix.Accept(listening)
			p.must(err)
			p.must(unix.Close(listening))

			p.must(unix.Close(client))
			p.states("FIN-WAIT-1 | ESTABLISHED")
			p.pass("client FA")
			p.states("FIN-WAIT-1 | CLOSE-WAIT")
			p.pass("server A") // soon, or when the kernel has waited for data to go with it
			p.states("FIN-WAIT-2 | CLOSE-WAIT")
			p.must(unix.Close(server))
			p.states("FIN-WAIT-2 | LAST-ACK")
			p.pass("server FA")
			sockets = p.states("TIME-WAIT | LAST-ACK")
			if s := sockets[fsm.Client][0]; s.Timer != twohosts.TimeWaitTimer || s.Expires < 50*time.Second || s.Expires > 61*time.Second {
				t.Errorf("in TIME-WAIT: %+v", s)
			}
			p.pass("client A")
			p.states("TIME-WAIT |")
			p.nothing()
		})
	}
}

func TestALostSYNIsSentAgainByTheKernel(t *testing.T) {
	t.Parallel()
	p := open(t)
	sent := packetsSent(p, fsm.Client)
	p.listen(80)
	_, connected := p.connect(80)
	first, again := p.expect("client S"), p.expect("client S")
	if passed := again.Time.Sub(first.Time); passed < 900*time.Millisecond || passed > 3*time.Second {
		t.Errorf("sent again after %v", passed)
	}
	if a, b := p.decode(first).Segment.Seq, p.decode(again).Segment.Seq; a != b {
		t.Errorf("sequence number %d, then %d", a, b)
	}
	if s := p.states("SYN-SENT | LISTEN")[fsm.Client][0]; s.Retries != 1 || s.Retransmitted != 1 {
		t.Errorf("sent again: %+v", s)
	}
	p.deliver(again)
	p.pass("server SA")
	p.must(<-connected)
	p.pass("client A")
	p.states("ESTABLISHED | LISTEN ESTABLISHED")
	// In the whole second nothing went on the wire that was not shown.
	if got := packetsSent(p, fsm.Client) - sent; got != 3 {
		t.Errorf("the client has sent %d packets, 3 were shown", got)
	}
}

func TestDuplicatesAndReordering(t *testing.T) {
	p := open(t)
	client, server := p.established(80)
	p.must(unix.SetsockoptInt(client, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1))
	p.send(client, "first ")
	p.send(client, "second ")
	first, second := p.expect("client PA 6"), p.expect("client PA 7")
	if s := p.states("ESTABLISHED | LISTEN ESTABLISHED")[fsm.Client][0]; s.Unacked != 2 || s.Queued != 13 || s.Unsent != 0 {
		t.Errorf("while both are held: %+v", s)
	}

	p.deliver(second) // before the first
	duplicate := p.expect("server A")
	if got, want := p.decode(duplicate).Segment.Ack, p.decode(first).Segment.Seq; got != want {
		t.Errorf("what is missing is acknowledged with %d, want %d", got, want)
	}
	s := p.states("ESTABLISHED | LISTEN ESTABLISHED")[fsm.Server][1]
	if s.Unread != 0 || s.BytesReceived != 0 || s.OutOfOrder != 1 {
		t.Errorf("with the second segment alone: %+v", s)
	}
	p.deliver(first)
	p.receive(server, "first second ")
	p.pass("server A") // the one before it is lost
	if s := p.states("ESTABLISHED | LISTEN ESTABLISHED")[fsm.Client][0]; s.Unacked != 0 || s.Queued != 0 {
		t.Errorf("when all is acknowledged: %+v", s)
	}

	before := p.states("ESTABLISHED | LISTEN ESTABLISHED")[fsm.Server][1]
	for range 3 {
		p.deliver(first) // a duplicate, which is acknowledged at once (the first time)
	}
	p.pass("server A")
	after := p.states("ESTABLISHED | LISTEN ESTABLISHED")[fsm.Server][1]
	if after.SegmentsIn != before.SegmentsIn+3 || after.BytesReceived != before.BytesReceived {
		t.Errorf("three duplicates: before %+v\nafter %+v", before, after)
	}
}

func TestRefused(t *testing.T) {
	p := open(t)
	_, connected := p.connect(81)
	p.pass("client S")
	p.states("SYN-SENT |")
	p.pass("server RA")
	if err := <-connected; err != unix.ECONNREFUSED {
		t.Errorf("connect: %v", err)
	}
	p.states("|")
	p.nothing()
}

func TestReset(t *testing.T) {
	p := open(t)
	client, server := p.established(80)
	p.must(unix.SetsockoptLinger(client, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1}))
	p.must(unix.Close(client))
	rst := p.expect("client RA")
	p.states("| LISTEN ESTABLISHED")
	p.deliver(rst)
	p.states("| LISTEN")
	if _, err := unix.Read(server, make([]byte, 1)); err != unix.ECONNRESET {
		t.Errorf("read: %v", err)
	}
	p.nothing()
}

func TestLargeSend(t *testing.T) {
	for name, ipv6 := range map[string]bool{"IPv4": false, "IPv6": true} {
		t.Run(name, func(t *testing.T) {
			p := open(t)
			if p.ipv6 = ipv6; ipv6 && p.wire.IPv6() != nil {
				t.Skip(p.wire.IPv6())
			}
			client, server := p.established(80)
			text := strings.Repeat("0123456789abcdef", 6000)
			received := make(chan []byte)
			go func() {
				var all []byte
				buffer := make([]byte, 1<<16)
				for len(all) < len(text) {
					n, err := unix.Read(server, buffer)
					if n <= 0 || err != nil {
						break
					}
					all = append(all, buffer[:n]...)
				}
				received <- all
			}()
			sent := make(chan error)
			go func() {
				n, err := unix.Write(client, []byte(text)) // blocks until most of it is acknowledged
				if n != len(text) && err == nil {
					err = io.ErrShortWrite
				}
				sent <- err
			}()
			segments, full := 0, 0
			for sum := 0; sum < len(text); {
				packet := p.next()
				if err := badChecksums(packet.Frame); err != "" {
					t.Fatalf("packet %d: %s", packet.Number, err)
				}
				if len(packet.Frame) > 14+1500 {
					t.Fatalf("packet %d has %d bytes", packet.Number, len(packet.Frame))
				}
				if len(packet.Frame) == 14+1500 {
					full++
				}
				if packet.From == fsm.Client {
					segments++
					sum += int(p.decode(packet).Segment.Len)
				}
				p.deliver(packet)
			}
			p.must(<-sent)
			if got := <-received; string(got) != text {
				t.Errorf("received %d octets of %d, or others", len(got), len(text))
			}
			if segments < 60 || full < 60 {
				t.Errorf("%d octets in %d segments, %d of them full", len(text), segments, full)
			}
		})
	}
}

// The receiving kernel checks what it is given: nothing pretends on this wire.
func TestADamagedSegmentIsNotTaken(t *testing.T) {
	p := open(t)
	client, server := p.established(80)
	p.send(client, "hello")
	packet := p.expect("client PA 5")
	damaged := packet
	damaged.Frame = bytes.Clone(packet.Frame)
	damaged.Frame[len(damaged.Frame)-1] ^= 1
	if badChecksums(damaged.Frame) == "" {
		t.Error("the test does not see the damage")
	}
	p.deliver(damaged)
	if s := p.states("ESTABLISHED | LISTEN ESTABLISHED")[fsm.Server][1]; s.Unread != 0 {
		t.Errorf("a damaged segment was taken: %+v", s)
	}
	p.nothing()
	p.deliver(packet)
	p.receive(server, "hello")
}

// badChecksums says what is wrong with the checksums of a frame.
func badChecksums(frame []byte) string {
	ip := frame[14:]
	var pseudo, segment []byte
	switch ip[0] >> 4 {
	case 4:
		header := int(ip[0]&15) * 4
		if sum(ip[:header]) != 0xffff {
			return "a bad IPv4 header checksum"
		}
		segment = ip[header:binary.BigEndian.Uint16(ip[2:])]
		pseudo = append(pseudo, ip[12:20]...)
	case 6:
		segment = ip[40 : 40+binary.BigEndian.Uint16(ip[4:])]
		pseudo = append(pseudo, ip[8:40]...)
	}
	pseudo = binary.BigEndian.AppendUint32(pseudo, uint32(len(segment)))
	pseudo = append(pseudo, 0, 0, 0, unix.IPPROTO_TCP)
	if sum(append(pseudo, segment...)) != 0xffff {
		return "a bad TCP checksum"
	}
	return ""
}

// sum gives the ones' complement sum of RFC 1071.
func sum(data []byte) uint16 {
	var s uint32
	for i, b := range data {
		s += uint32(b) << (8 * (1 - i%2))
	}
	for s>>16 != 0 {
		s = s&0xffff + s>>16
	}
	return uint16(s)
}
