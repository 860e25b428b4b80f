package capture

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

const timestampsDeadline = 2 * time.Second

// awaitTimestamps returns when the kernel stamps frames as they arrive.
//
// The kernel begins to do so for all sockets when the first one asks, but later
// and on a worker thread of its own. Until then a frame gets its stamp when it
// is read, and a SYN would seem to come after what it caused. So datagrams are
// sent over loopback until one has a stamp that is older than the moment before
// it was read. The caller's own socket must have asked for stamps already, and
// thereby keeps them switched on; it is not bound yet and sees nothing of this.
func awaitTimestamps() error {
	fd, self, err := loopbackSocket()
	if err != nil {
		return err
	}
	stamped, err := false, error(nil)
	deadline := time.Now().Add(timestampsDeadline)
	for !stamped && err == nil {
		if time.Now().After(deadline) {
			err = errorf("the kernel gave no time stamps on arrival for %v", timestampsDeadline)
			break
		}
		stamped, err = stampedOnArrival(fd, self)
	}
	return errors.Join(err, unix.Close(fd))
}

// loopbackSocket gives a datagram socket and its own address.
func loopbackSocket() (int, unix.Sockaddr, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, nil, os.NewSyscallError("socket", err)
	}
	call := "bind"
	err = unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})
	if err == nil {
		call = "setsockopt(SO_TIMESTAMPNS)"
		err = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1)
	}
	var self unix.Sockaddr
	if err == nil {
		call = "getsockname"
		self, err = unix.Getsockname(fd)
	}
	if err != nil {
		return -1, nil, errors.Join(os.NewSyscallError(call, err), unix.Close(fd))
	}
	return fd, self, nil
}

// stampedOnArrival sends one datagram and reports whether its stamp proves that
// it was stamped before it was read.
func stampedOnArrival(fd int, self unix.Sockaddr) (bool, error) {
	if err := unix.Sendto(fd, []byte{0}, 0, self); err != nil {
		return false, os.NewSyscallError("sendto(loopback)", err)
	}
	waiting := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	if _, err := unix.Poll(waiting, 100); err != nil && err != unix.EINTR {
		return false, os.NewSyscallError("poll", err)
	}
	before := time.Now()
	var data [1]byte
	var control [128]byte
	_, n, _, _, err := unix.Recvmsg(fd, data[:], control[:], 0)
	if err == unix.EAGAIN || err == unix.EINTR {
		return false, nil
	}
	if err != nil {
		return false, os.NewSyscallError("recvmsg", err)
	}
	stamp, ok := stampOf(control[:n])
	return ok && stamp.Before(before), nil
}
