package lab

import (
	"errors"
	"net/netip"
	"strconv"

	"golang.org/x/sys/unix"

	"tcpviz/internal/lesson"
)

// kernelCalls are the socket calls of the kernel that runs this process, in the
// network namespace of the thread that makes them.
type kernelCalls struct{}

// call implements caller.
func (kernelCalls) call(r *record, buffer []byte) (result int, from netip.AddrPort, errno string) {
	result, address, err := makeCall(r, buffer)
	if err != nil {
		return result, netip.AddrPort{}, errnoName(err)
	}
	return result, addrPortOf(address), ""
}

// name implements caller.
func (kernelCalls) name(fd int) netip.AddrPort { return nameOf(fd) }

// makeCall makes a call on the calling thread and blocks as long as it does. The
// address is what accept, getsockname or getpeername gave.
func makeCall(r *record, buffer []byte) (result int, from unix.Sockaddr, err error) {
	c := r.call
	switch c.Op {
	case lesson.Socket:
		family := unix.AF_INET
		if c.IPv6 {
			family = unix.AF_INET6
		}
		result, err = unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	case lesson.Bind:
		err = unix.Bind(r.fd, sockaddrOf(c.Addr))
	case lesson.Listen:
		err = unix.Listen(r.fd, c.Size)
	case lesson.Accept:
		result, from, err = unix.Accept4(r.fd, unix.SOCK_CLOEXEC)
	case lesson.Connect:
		err = unix.Connect(r.fd, sockaddrOf(c.Addr))
	case lesson.Send:
		result, err = unix.SendmsgN(r.fd, c.Data, nil, nil, 0)
	case lesson.Recv:
		result, _, err = unix.Recvfrom(r.fd, buffer, 0)
	case lesson.Shutdown:
		err = unix.Shutdown(r.fd, directionOf(c.How))
	case lesson.SetSockOpt:
		err = setOption(r.fd, c.Option, c.Value)
	case lesson.GetSockName:
		from, err = unix.Getsockname(r.fd)
	case lesson.GetPeerName:
		from, err = unix.Getpeername(r.fd)
	case lesson.Close:
		err = unix.Close(r.fd)
	}
	return result, from, err
}

func directionOf(how string) int {
	switch how {
	case "SHUT_RD":
		return unix.SHUT_RD
	case "SHUT_WR":
		return unix.SHUT_WR
	}
	return unix.SHUT_RDWR
}

func setOption(fd int, name string, v lesson.Value) error {
	switch name {
	case "SO_LINGER":
		l := unix.Linger{Linger: int32(v.Number)}
		if v.On {
			l.Onoff = 1
		}
		return unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &l)
	case "SO_RCVTIMEO", "SO_SNDTIMEO":
		which := unix.SO_RCVTIMEO
		if name == "SO_SNDTIMEO" {
			which = unix.SO_SNDTIMEO
		}
		limit := unix.NsecToTimeval(v.Time.Nanoseconds())
		return unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, which, &limit)
	}
	level, number := numberOption(name)
	return unix.SetsockoptInt(fd, level, number, v.Number)
}

// numberOption gives the level and number of an option whose value is an int. A
// name that is not there, which lesson.Validate excludes, the kernel refuses.
func numberOption(name string) (level, number int) {
	switch name {
	case "SO_REUSEADDR":
		return unix.SOL_SOCKET, unix.SO_REUSEADDR
	case "SO_REUSEPORT":
		return unix.SOL_SOCKET, unix.SO_REUSEPORT
	case "SO_KEEPALIVE":
		return unix.SOL_SOCKET, unix.SO_KEEPALIVE
	case "SO_RCVBUF":
		return unix.SOL_SOCKET, unix.SO_RCVBUF
	case "SO_SNDBUF":
		return unix.SOL_SOCKET, unix.SO_SNDBUF
	case "TCP_NODELAY":
		return unix.IPPROTO_TCP, unix.TCP_NODELAY
	case "TCP_CORK":
		return unix.IPPROTO_TCP, unix.TCP_CORK
	case "TCP_QUICKACK":
		return unix.IPPROTO_TCP, unix.TCP_QUICKACK
	case "TCP_MAXSEG":
		return unix.IPPROTO_TCP, unix.TCP_MAXSEG
	case "TCP_KEEPIDLE":
		return unix.IPPROTO_TCP, unix.TCP_KEEPIDLE
	case "TCP_KEEPINTVL":
		return unix.IPPROTO_TCP, unix.TCP_KEEPINTVL
	case "TCP_KEEPCNT":
		return unix.IPPROTO_TCP, unix.TCP_KEEPCNT
	case "TCP_SYNCNT":
		return unix.IPPROTO_TCP, unix.TCP_SYNCNT
	case "TCP_USER_TIMEOUT":
		return unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT
	case "TCP_DEFER_ACCEPT":
		return unix.IPPROTO_TCP, unix.TCP_DEFER_ACCEPT
	case "TCP_LINGER2":
		return unix.IPPROTO_TCP, unix.TCP_LINGER2
	}
	return unix.SOL_SOCKET, -1
}

func sockaddrOf(a netip.AddrPort) unix.Sockaddr {
	if a.Addr().Is4() {
		return &unix.SockaddrInet4{Port: int(a.Port()), Addr: a.Addr().As4()}
	}
	return &unix.SockaddrInet6{Port: int(a.Port()), Addr: a.Addr().As16()}
}

// addrPortOf gives the zero value for what is no IP address.
func addrPortOf(from unix.Sockaddr) netip.AddrPort {
	switch a := from.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(a.Port))
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(a.Addr).Unmap(), uint16(a.Port))
	}
	return netip.AddrPort{}
}

// nameOf gives the local address of a socket, the zero value when it has none.
func nameOf(fd int) netip.AddrPort {
	name, err := unix.Getsockname(fd)
	if err != nil {
		return netip.AddrPort{}
	}
	a := addrPortOf(name)
	if a.Port() == 0 {
		return netip.AddrPort{}
	}
	return a
}

// errnoName gives an error's POSIX name.
func errnoName(err error) string {
	var errno unix.Errno
	if !errors.As(err, &errno) {
		return err.Error()
	}
	if name := unix.ErrnoName(errno); name != "" {
		return name
	}
	return "E" + strconv.Itoa(int(errno))
}
