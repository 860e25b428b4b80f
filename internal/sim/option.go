package sim

import (
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
)

// Value is the value of a socket option.
type Value struct {
	Number int           // most options; the seconds of SO_LINGER
	Time   time.Duration // SO_RCVTIMEO, SO_SNDTIMEO
	On     bool          // SO_LINGER
}

// SetOption sets a socket option by its name in POSIX or Linux: SO_REUSEADDR,
// SO_REUSEPORT, SO_LINGER, SO_RCVTIMEO, SO_SNDTIMEO, SO_KEEPALIVE, SO_RCVBUF,
// SO_SNDBUF, TCP_NODELAY, TCP_CORK, TCP_MAXSEG, TCP_KEEPIDLE, TCP_KEEPINTVL,
// TCP_KEEPCNT, TCP_USER_TIMEOUT, TCP_DEFER_ACCEPT, TCP_LINGER2. TCP_QUICKACK can
// only be set to 1: netstack never delays an ACK. TCP_SYNCNT it does not heed, and
// it gives ENOPROTOOPT, as any other name does.
func (t *Thread) SetOption(s *Socket, name string, v Value) error {
	return t.do("setsockopt", s, func() error {
		switch name {
		case "SO_RCVTIMEO":
			s.receiveLimit = v.Time
			return nil
		case "SO_SNDTIMEO":
			s.sendLimit = v.Time
			return nil
		case "SO_LINGER":
			s.linger = 0
			if v.On {
				s.linger = time.Duration(v.Number) * time.Second
			}
		}
		set, err := setterOf(name, v)
		if err != nil {
			return err
		}
		if err := set(s.ep); err != nil {
			return errnoOf(err)
		}
		if s.listening && name == "SO_RCVBUF" {
			// Netstack gives the connections the buffer that was set before listen;
			// a smaller one, given later, would break a promise made to the peer.
			return nil
		}
		s.options = append(s.options, func(ep tcpip.Endpoint) { set(ep) })
		return nil
	})
}

// setter sets one option of an endpoint.
type setter func(tcpip.Endpoint) tcpip.Error

// setterOf gives what sets an option, and refuses the values that Linux refuses.
func setterOf(name string, v Value) (setter, error) {
	n := v.Number
	switch name {
	case "SO_REUSEADDR":
		return flag((*tcpip.SocketOptions).SetReuseAddress, n != 0), nil
	case "SO_REUSEPORT":
		return flag((*tcpip.SocketOptions).SetReusePort, n != 0), nil
	case "SO_KEEPALIVE":
		return flag((*tcpip.SocketOptions).SetKeepAlive, n != 0), nil
	case "TCP_NODELAY":
		return flag((*tcpip.SocketOptions).SetDelayOption, n == 0), nil
	case "TCP_CORK":
		return flag((*tcpip.SocketOptions).SetCorkOption, n != 0), nil
	case "TCP_QUICKACK":
		if n == 0 {
			return nil, ENOPROTOOPT
		}
		return flag((*tcpip.SocketOptions).SetQuickAck, true), nil
	case "SO_LINGER":
		return func(ep tcpip.Endpoint) tcpip.Error {
			ep.SocketOptions().SetLinger(tcpip.LingerOption{Enabled: v.On, Timeout: time.Duration(n) * time.Second})
			return nil
		}, nil
	case "SO_RCVBUF":
		return func(ep tcpip.Endpoint) tcpip.Error {
			ep.SocketOptions().SetReceiveBufferSize(bufferSize(n, maxReceiveBuffer), true)
			return nil
		}, nil
	case "SO_SNDBUF":
		return func(ep tcpip.Endpoint) tcpip.Error {
			ep.SocketOptions().SetSendBufferSize(bufferSize(n, maxSendBuffer), true)
			return nil
		}, nil
	}
	return tcpSetterOf(name, n)
}

func tcpSetterOf(name string, n int) (setter, error) {
	const minMSS, maxNumber, maxProbes = 88, 32767, 127 // what Linux takes
	seconds := time.Duration(n) * time.Second
	bad := false
	var set setter
	switch name {
	case "TCP_MAXSEG":
		bad = n < minMSS || n > maxNumber
		set = func(ep tcpip.Endpoint) tcpip.Error { return ep.SetSockOptInt(tcpip.MaxSegOption, n) }
	case "TCP_KEEPCNT":
		bad = n < 1 || n > maxProbes
		set = func(ep tcpip.Endpoint) tcpip.Error { return ep.SetSockOptInt(tcpip.KeepaliveCountOption, n) }
	case "TCP_KEEPIDLE":
		bad = n < 1 || n > maxNumber
		set = option(tcpip.KeepaliveIdleOption(seconds))
	case "TCP_KEEPINTVL":
		bad = n < 1 || n > maxNumber
		set = option(tcpip.KeepaliveIntervalOption(seconds))
	case "TCP_USER_TIMEOUT":
		bad = n < 0
		set = option(tcpip.TCPUserTimeoutOption(time.Duration(n) * time.Millisecond))
	case "TCP_DEFER_ACCEPT":
		set = option(tcpip.TCPDeferAcceptOption(max(0, seconds)))
	case "TCP_LINGER2":
		set = option(tcpip.TCPLingerTimeoutOption(seconds))
	default:
		return nil, ENOPROTOOPT
	}
	if bad {
		return nil, EINVAL
	}
	return set, nil
}

func flag(set func(*tcpip.SocketOptions, bool), on bool) setter {
	return func(ep tcpip.Endpoint) tcpip.Error {
		set(ep.SocketOptions(), on)
		return nil
	}
}

// option makes the setter of an option that netstack has a type for. Each time it
// sets a fresh value: netstack may change what it is given.
func option[T any, P interface {
	*T
	tcpip.SettableSocketOption
}](v T) setter {
	return func(ep tcpip.Endpoint) tcpip.Error {
		fresh := v
		return ep.SetSockOpt(P(&fresh))
	}
}

// bufferSize gives a buffer what Linux gives it: twice what was asked for.
func bufferSize(asked, limit int) int64 {
	return int64(min(max(tcp.SegOverheadFactor*asked, minBuffer), limit))
}
