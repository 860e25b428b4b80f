package capture_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"tcpviz/capture"
	"tcpviz/fsm"
)

// loopback opens the loopback interface, or skips the test.
func loopback(t *testing.T) *capture.Live {
	t.Helper()
	live, err := capture.OpenLive(capture.LiveConfig{Interface: "lo"})
	if errors.Is(err, os.ErrPermission) {
		t.Skip("capturing needs CAP_NET_RAW: ", err)
	}
	if errors.Is(err, capture.ErrNoInterface) || errors.Is(err, unix.ENETDOWN) {
		t.Skip("there is no loopback interface that is up: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := live.Close(); err != nil {
			t.Error(err)
		}
	})
	return live
}

// converse plays a connection and gives the server's address.
func converse(t *testing.T) netip.AddrPort {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	served := make(chan error, 1)
	go func() {
		c, err := listener.Accept()
		if err == nil {
			_, err = io.Copy(c, c) // until the client has closed
			err = errors.Join(err, c.Close())
		}
		served <- err
	}()
	client, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(client, make([]byte, 5)); err != nil {
		t.Fatal(err)
	}
	if err := client.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Read(make([]byte, 1)); err != io.EOF {
		t.Fatal(err)
	}
	if err := errors.Join(client.Close(), <-served); err != nil {
		t.Fatal(err)
	}
	return netip.MustParseAddrPort(listener.Addr().String())
}

// Every segment of a connection is seen, once, in order, stamped after what came
// before it. All of them are queued when the conversation is over.
func TestLiveSeesEachSegmentOnce(t *testing.T) {
	live := loopback(t)
	before := time.Now()
	server := converse(t)
	after := time.Now()
	decoder := capture.NewDecoder()
	var got []string
	seen := map[string]int{}
	last := before
	for {
		p, ok, err := live.TryNext()
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			break
		}
		d, err := decoder.Decode(p)
		if err != nil || d.Src != server && d.Dst != server {
			continue // someone else's
		}
		if p.Time.Before(last) || p.Time.After(after) {
			t.Errorf("frame %d is stamped %v, not between %v and %v", p.Number, p.Time, last, after)
		}
		last = p.Time
		// IP numbers the packets, so that even retransmissions differ.
		if first := seen[string(p.Data)]; first != 0 {
			t.Errorf("frame %d is frame %d again", p.Number, first)
		}
		seen[string(p.Data)] = p.Number
		if d.Segment.Flags == fsm.ACK && d.Segment.Len == 0 {
			continue // how many there are is the kernel's to decide
		}
		arrow := ">"
		if d.Src == server {
			arrow = "<"
		}
		got = append(got, fmt.Sprintf("%s%v%d", arrow, d.Segment.Flags&^fsm.PSH, d.Segment.Len))
	}
	if diff := cmp.Diff([]string{">S0", "<SA0", ">A5", "<A5", ">FA0", "<FA0"}, got); diff != "" {
		t.Error(diff)
	}
	if dropped, err := live.Dropped(); dropped != 0 || err != nil {
		t.Errorf("%d dropped, %v", dropped, err)
	}
}

// wantWoken waits until a reader has ended, as it should.
func wantWoken(t *testing.T, ended <-chan error) {
	t.Helper()
	select {
	case err := <-ended:
		if err != io.EOF {
			t.Errorf("%v, not io.EOF", err)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("the reader was not woken")
	}
}

func TestLiveCloseWakesReader(t *testing.T) {
	live := loopback(t)
	// Whatever is queued comes first; the frames of others on lo may go on coming.
	ended, reading := make(chan error), make(chan struct{}, 1)
	go func() {
		for {
			select {
			case reading <- struct{}{}:
			default:
			}
			if _, err := live.Next(); err != nil {
				ended <- err
				return
			}
		}
	}()
	<-reading
	if err := live.Close(); err != nil {
		t.Error(err)
	}
	wantWoken(t, ended)
	if _, _, err := live.TryNext(); err != io.EOF {
		t.Errorf("TryNext after Close: %v", err)
	}
	if _, err := live.Dropped(); err != nil {
		t.Errorf("Dropped after Close: %v", err)
	}
}

// What passed before Stop is still given.
func TestLiveStopLosesNothing(t *testing.T) {
	live := loopback(t)
	server := converse(t)
	if err := live.Stop(); err != nil {
		t.Fatal(err)
	}
	decoder, segments := capture.NewDecoder(), 0
	for {
		p, err := live.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if d, err := decoder.Decode(p); err == nil && (d.Src == server || d.Dst == server) {
			segments++
		}
	}
	if segments < 6 {
		t.Errorf("%d segments of the connection, want at least 6", segments)
	}
	if _, err := live.Next(); err != io.EOF {
		t.Errorf("Next after the end: %v", err)
	}
}

// A Stop wakes a reader that waits.
func TestLiveStopWakesReader(t *testing.T) {
	live := loopback(t)
	ended := make(chan error)
	go func() {
		for {
			if _, err := live.Next(); err != nil {
				ended <- err
				return
			}
		}
	}()
	if err := live.Stop(); err != nil {
		t.Error(err)
	}
	wantWoken(t, ended)
}

// Frames that find no room are counted.
func TestLiveCountsDropped(t *testing.T) {
	const sent = 2000
	live, err := capture.OpenLive(capture.LiveConfig{Interface: "lo", BufferBytes: 4096})
	if err != nil {
		t.Skip("capturing is not possible here: ", err)
	}
	defer live.Close()
	sink, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer sink.Close()
	for range sent {
		if _, err := sink.WriteTo(make([]byte, 1000), sink.LocalAddr()); err != nil {
			t.Fatal(err)
		}
	}
	dropped, err := live.Dropped()
	if err != nil || dropped < sent/2 {
		t.Errorf("%d dropped, %v", dropped, err)
	}
	if again, err := live.Dropped(); again < dropped || err != nil {
		t.Errorf("%d dropped after %d, %v", again, dropped, err)
	}
}

func TestLiveErrors(t *testing.T) {
	_, err := capture.OpenLive(capture.LiveConfig{Interface: "nosuch\x1b0"})
	if !errors.Is(err, capture.ErrNoInterface) || !strings.Contains(err.Error(), "there are: ") || strings.Contains(err.Error(), "\x1b") {
		t.Errorf("%v", err)
	}
	names, err := capture.Interfaces()
	if err != nil || len(names) == 0 {
		t.Errorf("interfaces %v, %v", names, err)
	}
}
