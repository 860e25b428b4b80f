package twohosts_test

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"tcpviz/fsm"
	"tcpviz/internal/twohosts"
)

func TestKeepAliveTimer(t *testing.T) {
	p := open(t)
	client, _ := p.established(80)
	p.must(unix.SetsockoptInt(client, unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, 100))
	p.must(unix.SetsockoptInt(client, unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1))
	sockets := p.states("ESTABLISHED | LISTEN ESTABLISHED")
	if s := sockets[fsm.Client][0]; s.Timer != twohosts.KeepAlive || s.Expires < 60*time.Second || s.Expires > 101*time.Second {
		t.Errorf("the client: %+v", s)
	}
	if s := sockets[fsm.Server][1]; s.Timer != twohosts.NoTimer {
		t.Errorf("the server: %+v", s)
	}
}

func TestZeroWindowTimer(t *testing.T) {
	p := open(t)
	client, _ := p.established(80)
	p.must(unix.SetNonblock(client, true))
	for {
		// Fill the client's buffer, and pass on until the server's is full too.
		if _, err := unix.Write(client, make([]byte, 1<<16)); err != nil && err != unix.EAGAIN {
			t.Fatal(err)
		}
		sockets, err := p.wire.Quiet(p.context)
		p.must(err)
		s := sockets[fsm.Client][0]
		if s.Timer == twohosts.ZeroWindowProbe {
			if s.Window >= 1448 || s.Unsent == 0 || s.Unacked != 0 {
				t.Errorf("with a window that takes no full segment: %+v", s)
			}
			if r := sockets[fsm.Server][1]; r.Unread == 0 {
				t.Errorf("the server: %+v", r)
			}
			return
		}
		p.deliver(p.next())
	}
}
