package twohosts

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
)

// everyProtocol gives ETH_P_ALL in network byte order.
func everyProtocol() uint16 {
	return binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, unix.ETH_P_ALL))
}

// Next waits for the next packet. Its error is ctx's when that ends first, and has
// os.ErrClosed in its chain once the wire is closed.
func (w *Wire) Next(ctx context.Context) (Packet, error) {
	select {
	case w.waits <- struct{}{}:
		defer func() { <-w.waits }()
	case <-ctx.Done():
		return Packet{}, ctx.Err()
	}
	for {
		if p, ok, err := w.TryNext(); ok || err != nil {
			return p, err
		}
		if err := ctx.Err(); err != nil {
			return Packet{}, err
		}
		if err := w.await(ctx); err != nil {
			return Packet{}, err
		}
	}
}

// await returns when there may be something to read, or ctx has ended.
func (w *Wire) await(ctx context.Context) error {
	woken := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		_ = w.file.SetReadDeadline(time.Unix(1, 0)) // one that is closed waits no more
		close(woken)
	})
	err := w.conn.Read(readable)
	if !stop() {
		<-woken
		_ = w.file.SetReadDeadline(time.Time{})
	}
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		return w.failed(lang.Phrasef("wait for a packet"), err)
	}
	return nil
}

// readable reports whether a socket has something to read.
func readable(fd uintptr) bool {
	waiting := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	n, err := unix.Poll(waiting, 0)
	return n > 0 || err != nil && err != unix.EINTR
}

// TryNext gives the next packet if a host has sent one, and false when none has.
// It never waits.
func (w *Wire) TryNext() (Packet, bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.drain(); err != nil {
		return Packet{}, false, err
	}
	if len(w.queue) == 0 {
		return Packet{}, false, nil
	}
	p := w.queue[0]
	w.queue = w.queue[1:]
	return p, true, nil
}

// drain reads all that the hosts have sent so far. What is not TCP is delivered
// at once, or left out when it is for nobody in particular. The caller holds w.mu.
func (w *Wire) drain() error {
	for {
		p, ok, err := w.receive()
		if err != nil || !ok {
			return err
		}
		w.read[p.From]++
		var mine bool
		if p.Kind, mine = kindOf(p.Frame, p.From); !mine {
			continue
		}
		w.number++
		p.Number = w.number
		if p.Kind != Segment {
			if err := w.put(p); err != nil {
				return err
			}
		}
		w.queue = append(w.queue, p)
	}
}

// receive reads one packet, if there is one. The caller holds w.mu.
func (w *Wire) receive() (p Packet, ok bool, err error) {
	var size, control int
	var from unix.Sockaddr
	var failed error
	err = w.conn.Control(func(fd uintptr) {
		for {
			size, control, _, from, failed = unix.Recvmsg(int(fd), w.buffer, w.stamp, unix.MSG_TRUNC|unix.MSG_DONTWAIT)
			if failed != unix.EINTR {
				return
			}
		}
	})
	if err != nil {
		return p, false, w.failed(lang.Phrasef("read a packet"), err)
	}
	if failed == unix.EAGAIN {
		return p, false, nil
	}
	if failed != nil {
		return p, false, w.failed(lang.Phrasef("read a packet"), os.NewSyscallError("recvmsg", failed))
	}
	address, ok := from.(*unix.SockaddrLinklayer)
	if !ok || size > len(w.buffer) {
		return p, false, w.failed(lang.Phrasef("read a packet"), lang.Errorf("%d bytes from %v", size, from))
	}
	if p.From, ok = sideOfIndex(address.Ifindex); !ok {
		return p, false, w.failed(lang.Phrasef("read a packet"), lang.Errorf("from interface %d, which is neither host's", address.Ifindex))
	}
	if p.Time, ok = stampOf(w.stamp[:control]); !ok {
		return p, false, w.failed(lang.Phrasef("read a packet"), errors.New("it has no time stamp"))
	}
	p.Frame = append([]byte(nil), w.buffer[:size]...)
	return p, true, nil
}

// failed says what went wrong; after Close nothing else did.
func (w *Wire) failed(what lang.Phrase, err error) error {
	if w.ended.Load() {
		err = os.ErrClosed
	}
	return lang.Errorf("twohosts: %s: %w", what, err)
}

// stampOf finds the kernel's time stamp among the control messages.
func stampOf(control []byte) (time.Time, bool) {
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil {
		return time.Time{}, false
	}
	for _, m := range messages {
		if m.Header.Level == unix.SOL_SOCKET && m.Header.Type == unix.SO_TIMESTAMPNS && len(m.Data) >= int(unsafe.Sizeof(unix.Timespec{})) {
			stamp := *(*unix.Timespec)(unsafe.Pointer(&m.Data[0]))
			return time.Unix(stamp.Unix()).UTC(), true
		}
	}
	return time.Time{}, false
}

// Offsets in an Ethernet frame, and in the IP headers after it.
const (
	etherType   = 12
	etherHeader = 14
	protocol4   = etherHeader + 9
	protocol6   = etherHeader + 6
)

// kindOf tells what a frame holds, and whether it is an IP packet for the other host.
func kindOf(frame []byte, from fsm.Side) (Kind, bool) {
	if len(frame) < etherHeader+20 || [6]byte(frame) != hardware(from.Other()) {
		return OtherIP, false // for everybody: ARP, neighbour and listener discovery
	}
	switch binary.BigEndian.Uint16(frame[etherType:]) {
	case unix.ETH_P_IP:
		switch icmp := etherHeader + int(frame[etherHeader]&15)*4; frame[protocol4] {
		case unix.IPPROTO_TCP:
			return Segment, true
		case unix.IPPROTO_ICMP:
			if icmp < len(frame) && isError4(frame[icmp]) {
				return ICMPError, true
			}
		}
		return OtherIP, true
	case unix.ETH_P_IPV6:
		switch icmp := etherHeader + 40; frame[protocol6] {
		case unix.IPPROTO_TCP:
			return Segment, true
		case unix.IPPROTO_ICMPV6:
			if icmp < len(frame) && frame[icmp] < 128 { // RFC 4443 section 2.1
				return ICMPError, true
			}
		}
		return OtherIP, true
	}
	return OtherIP, false
}

// isError4 reports whether an ICMP type is that of an error message (RFC 1122
// section 3.2.2).
func isError4(kind byte) bool {
	switch kind {
	case 3, 4, 5, 11, 12:
		return true
	}
	return false
}

func isIPv6(frame []byte) bool {
	return len(frame) >= etherHeader && binary.BigEndian.Uint16(frame[etherType:]) == unix.ETH_P_IPV6
}
