package sim

import "gvisor.dev/gvisor/pkg/tcpip"

// Errno is the error of a socket call: the name that POSIX gives it.
type Errno string

// The errors that calls give here.
const (
	EADDRINUSE    Errno = "EADDRINUSE"
	EADDRNOTAVAIL Errno = "EADDRNOTAVAIL"
	EAFNOSUPPORT  Errno = "EAFNOSUPPORT"
	EAGAIN        Errno = "EAGAIN"
	EALREADY      Errno = "EALREADY"
	EBADF         Errno = "EBADF"
	ECONNABORTED  Errno = "ECONNABORTED"
	ECONNREFUSED  Errno = "ECONNREFUSED"
	ECONNRESET    Errno = "ECONNRESET"
	EDEADLK       Errno = "EDEADLK" // not of a socket call: the thread is in another one
	EFAULT        Errno = "EFAULT"
	EHOSTDOWN     Errno = "EHOSTDOWN"
	EHOSTUNREACH  Errno = "EHOSTUNREACH"
	EINPROGRESS   Errno = "EINPROGRESS"
	EINTR         Errno = "EINTR"
	EINVAL        Errno = "EINVAL"
	EISCONN       Errno = "EISCONN"
	EMSGSIZE      Errno = "EMSGSIZE"
	ENETUNREACH   Errno = "ENETUNREACH"
	ENOBUFS       Errno = "ENOBUFS"
	ENOPROTOOPT   Errno = "ENOPROTOOPT"
	ENOTCONN      Errno = "ENOTCONN"
	EOPNOTSUPP    Errno = "EOPNOTSUPP"
	EPERM         Errno = "EPERM"
	EPIPE         Errno = "EPIPE"
	ETIMEDOUT     Errno = "ETIMEDOUT"
)

// Error gives the name.
func (e Errno) Error() string { return string(e) }

// errnoOf translates netstack's errors as Linux would name them. What has no
// translation is a call that netstack does not know at all.
func errnoOf(err tcpip.Error) Errno {
	switch err.(type) {
	case *tcpip.ErrAborted, *tcpip.ErrClosedForSend:
		return EPIPE
	case *tcpip.ErrAddressFamilyNotSupported:
		return EAFNOSUPPORT
	case *tcpip.ErrAlreadyBound, *tcpip.ErrInvalidEndpointState, *tcpip.ErrInvalidOptionValue, *tcpip.ErrInvalidPortRange:
		return EINVAL
	case *tcpip.ErrAlreadyConnected:
		return EISCONN
	case *tcpip.ErrAlreadyConnecting:
		return EALREADY
	case *tcpip.ErrBadAddress, *tcpip.ErrBadBuffer:
		return EFAULT
	case *tcpip.ErrBadLocalAddress:
		return EADDRNOTAVAIL
	case *tcpip.ErrConnectStarted:
		return EINPROGRESS
	case *tcpip.ErrConnectionAborted:
		return ECONNABORTED
	case *tcpip.ErrConnectionRefused:
		return ECONNREFUSED
	case *tcpip.ErrConnectionReset:
		return ECONNRESET
	case *tcpip.ErrHostDown:
		return EHOSTDOWN
	case *tcpip.ErrHostUnreachable:
		return EHOSTUNREACH
	case *tcpip.ErrMessageTooLong:
		return EMSGSIZE
	case *tcpip.ErrNetworkUnreachable:
		return ENETUNREACH
	case *tcpip.ErrNoBufferSpace:
		return ENOBUFS
	case *tcpip.ErrNoPortAvailable, *tcpip.ErrPortInUse:
		return EADDRINUSE
	case *tcpip.ErrNotConnected:
		return ENOTCONN
	case *tcpip.ErrNotPermitted:
		return EPERM
	case *tcpip.ErrTimeout:
		return ETIMEDOUT
	case *tcpip.ErrUnknownProtocolOption:
		return ENOPROTOOPT
	case *tcpip.ErrWouldBlock:
		return EAGAIN
	}
	return EOPNOTSUPP
}

func wouldBlock(err tcpip.Error) bool {
	_, yes := err.(*tcpip.ErrWouldBlock)
	return yes
}
