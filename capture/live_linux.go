package capture

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Live captures the frames of one interface through an AF_PACKET socket of its
// own. It is a [Source]. Next and TryNext belong to one goroutine; Stop, Close
// and Dropped may be called from any.
type Live struct {
	name     string
	file     *os.File
	conn     syscall.RawConn
	linkType LinkType
	data     []byte
	control  []byte
	number   int
	closed   atomic.Bool
	stopped  atomic.Pointer[time.Time] // when Stop was called

	mu      sync.Mutex // guards dropped
	dropped int
}

// OpenLive begins to capture on an interface of the calling thread's network
// namespace: a frame that passes after OpenLive has returned is not missed, and
// on the loopback interface each is seen once. Frames bear the kernel's time
// stamps. errors.Is tells why it fails: [ErrNoInterface], or os.ErrPermission
// where CAP_NET_RAW is missing.
func OpenLive(config LiveConfig) (*Live, error) {
	device, err := interfaceByName(config.Interface)
	if err != nil {
		return nil, err
	}
	if device.Flags&net.FlagUp == 0 {
		return nil, errorf("capture: open %s: the interface is down: %w", device.Name, unix.ENETDOWN)
	}
	// Protocol 0: nothing is queued before bind, when all options are set.
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, errorf("capture: open %s: %w", device.Name, os.NewSyscallError("socket(AF_PACKET)", err))
	}
	linkType, err := prepare(fd, device, config.BufferBytes)
	if err != nil {
		return nil, errors.Join(errorf("capture: open %s: %w", device.Name, err), unix.Close(fd))
	}
	file := os.NewFile(uintptr(fd), "packet:"+device.Name)
	conn, err := file.SyscallConn()
	if err != nil {
		return nil, errors.Join(errorf("capture: open %s: %w", device.Name, err), file.Close())
	}
	return &Live{
		name: device.Name, file: file, conn: conn, linkType: linkType,
		data: make([]byte, maxFrame), control: make([]byte, 128),
	}, nil
}

// prepare sets the socket's options and binds it.
func prepare(fd int, device *net.Interface, buffer int) (LinkType, error) {
	linkType, err := linkTypeOf(fd, device.Name)
	if err != nil {
		return 0, err
	}
	loopback := device.Flags&net.FlagLoopback != 0
	if loopback {
		// Each frame leaves and arrives here; arrivals alone are enough.
		if err := unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_IGNORE_OUTGOING, 1); err != nil {
			return 0, os.NewSyscallError("setsockopt(PACKET_IGNORE_OUTGOING)", err)
		}
	}
	if buffer <= 0 {
		buffer = defaultBuffer
	}
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, buffer) != nil {
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, buffer); err != nil {
			return 0, os.NewSyscallError("setsockopt(SO_RCVBUF)", err)
		}
	}
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1); err != nil {
		return 0, os.NewSyscallError("setsockopt(SO_TIMESTAMPNS)", err)
	}
	// A host whose loopback is down can still capture elsewhere.
	if err := awaitTimestamps(); err != nil && loopback {
		return 0, err
	}
	address := &unix.SockaddrLinklayer{Protocol: networkOrder(unix.ETH_P_ALL), Ifindex: device.Index}
	return linkType, os.NewSyscallError("bind", unix.Bind(fd, address))
}

// networkOrder gives the number whose bytes in this machine's order are those of
// v in network byte order.
func networkOrder(v uint16) uint16 {
	return binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, v))
}

// linkTypeOf asks the kernel what the interface's frames begin with.
func linkTypeOf(fd int, name string) (LinkType, error) {
	request, err := unix.NewIfreq(name)
	if err != nil {
		return 0, err
	}
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFHWADDR, request); err != nil {
		return 0, os.NewSyscallError("ioctl(SIOCGIFHWADDR)", err)
	}
	switch hardware := request.Uint16(); hardware { // the address family field
	case unix.ARPHRD_ETHER, unix.ARPHRD_LOOPBACK:
		return LinkTypeEthernet, nil
	case unix.ARPHRD_NONE, unix.ARPHRD_RAWIP:
		return LinkTypeRaw, nil
	default:
		return 0, errorf("link type %d is not supported", hardware)
	}
}

// Next waits for the next frame. It returns io.EOF once the source is closed, or
// stopped and every frame from before has been given.
func (l *Live) Next() (Packet, error) {
	p, _, err := l.read(true)
	return p, err
}

// TryNext gives the next frame if one is queued already, and false when none is. It never waits.
func (l *Live) TryNext() (Packet, bool, error) { return l.read(false) }

func (l *Live) read(wait bool) (Packet, bool, error) {
	var size, controlSize int
	var failed error
	stopped := l.stopped.Load()
	wait = wait && stopped == nil
	err := l.conn.Read(func(fd uintptr) bool {
		for {
			size, controlSize, _, _, failed = unix.Recvmsg(int(fd), l.data, l.control, unix.MSG_TRUNC)
			if failed != unix.EINTR {
				return failed != unix.EAGAIN || !wait
			}
		}
	})
	switch {
	case l.closed.Load():
		return Packet{}, false, io.EOF
	case errors.Is(err, os.ErrDeadlineExceeded): // Stop woke it; from now on nothing waits
		if err := l.file.SetReadDeadline(time.Time{}); err != nil {
			return Packet{}, false, errorf("capture: read %s: %w", l.name, err)
		}
		return l.read(false)
	case failed == unix.EAGAIN && stopped != nil && err == nil:
		return Packet{}, false, io.EOF
	case err != nil:
		return Packet{}, false, errorf("capture: read %s: %w", l.name, err)
	case failed == unix.EAGAIN:
		return Packet{}, false, nil
	case failed != nil:
		return Packet{}, false, errorf("capture: read %s: %w", l.name, os.NewSyscallError("recvmsg", failed))
	}
	stamp, ok := stampOf(l.control[:controlSize])
	if !ok {
		return Packet{}, false, errorf("capture: read %s: a frame without a time stamp", l.name)
	}
	if stopped != nil && stamp.After(*stopped) {
		return Packet{}, false, io.EOF
	}
	l.number++
	return Packet{
		Number: l.number, Time: stamp, LinkType: l.linkType,
		Data: l.data[:min(size, len(l.data))], Length: size,
	}, true, nil
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

// Dropped gives the number of frames that the kernel has dropped so far because
// they were not read in time.
func (l *Live) Dropped() (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var failed error
	err := l.conn.Control(func(fd uintptr) {
		var stats *unix.TpacketStats
		if stats, failed = unix.GetsockoptTpacketStats(int(fd), unix.SOL_PACKET, unix.PACKET_STATISTICS); failed == nil {
			l.dropped += int(stats.Drops) // the kernel counts from 0 again after each asking
		}
	})
	if err = errors.Join(err, failed); err != nil && !l.closed.Load() {
		return l.dropped, errorf("capture: ask %s for dropped frames: %w", l.name, err)
	}
	return l.dropped, nil
}

// Stop ends the capture and wakes a waiting Next. Unlike Close it loses nothing:
// Next goes on with the frames that passed before, and then returns io.EOF.
func (l *Live) Stop() error {
	now := time.Now()
	if !l.stopped.CompareAndSwap(nil, &now) || l.closed.Load() {
		return nil
	}
	if err := l.file.SetReadDeadline(now); err != nil && !l.closed.Load() {
		return errorf("capture: stop %s: %w", l.name, err)
	}
	return nil
}

// Close ends the capture at once and wakes a waiting Next. What is still queued is lost.
func (l *Live) Close() error {
	if l.closed.Swap(true) {
		return nil
	}
	if err := l.file.Close(); err != nil {
		return errorf("capture: close %s: %w", l.name, err)
	}
	return nil
}
