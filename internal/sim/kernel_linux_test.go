package sim_test

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"tcpviz/internal/sim"
)

// The same calls in the same order, here and on the kernel's loopback interface,
// must give the same results. A step is a side (c or s), a call, a socket's name,
// and the rest of the arguments; a port is one of the letters A to D. recv gives
// what is there; a call that would block has a time limit.
var sequences = []struct {
	name, steps string
}{
	{name: "bind twice", steps: "s socket a; s bind a A; s bind a B; s bind a A"},
	{name: "address in use", steps: "s socket a; s bind a A; s listen a 1; s socket b; s bind b A; s close a; s bind b A"},
	{name: "address in use with SO_REUSEADDR", steps: "s socket a; s set a SO_REUSEADDR 1; s bind a A; s listen a 1; s socket b; s set b SO_REUSEADDR 1; s bind b A"},
	{name: "two binds with SO_REUSEADDR, one listens", steps: "s socket a; s set a SO_REUSEADDR 1; s bind a A; s socket b; s set b SO_REUSEADDR 1; s bind b A; s listen a 1; s listen b 1"},
	{name: "SO_REUSEPORT", steps: "s socket a; s set a SO_REUSEPORT 1; s bind a A; s listen a 1; s socket b; s set b SO_REUSEPORT 1; s bind b A; s listen b 1"},
	{name: "listen without bind", steps: "s socket a; s listen a 1; s recv a 1; s send a 1; s peer a"},
	{name: "listen twice", steps: "s socket a; s bind a A; s listen a 1; s listen a 5"},
	{name: "accept without listen", steps: "s socket a; s accept a b; s bind a A; s accept a b"},
	{name: "nothing is connected", steps: "s socket a; s recv a 1; s send a 1; s send a 0; s shutdown a RDWR; s shutdown a WR; s peer a; s close a; s close a; s recv a 1"},
	{name: "refused", steps: "c socket a; c connect a A; c peer a; c recv a 1; c send a 1; c close a"},
	{name: "refused, then again", steps: "c socket a; c connect a A; s socket l; s bind l A; s listen l 1; c connect a A; c send a 3; s accept l b; s recv b 10"},
	{name: "connect twice", steps: "s socket l; s bind l A; s listen l 1; c socket a; c connect a A; c connect a A"},
	{name: "connect a listening socket", steps: "s socket l; s bind l A; s listen l 1; s socket m; s bind m B; s listen m 1; s connect l B"},
	{name: "listen on a connected socket", steps: "s socket l; s bind l A; s listen l 1; c socket a; c connect a A; c listen a 1; c accept a x"},
	{name: "data and orderly end", steps: "s socket l; s bind l A; s listen l 1; c socket a; c connect a A; s accept l b; c send a 5; s recv b 3; s recv b 10; s send b 7; c recv a 100; c close a; s recv b 1; s recv b 1; s close b"},
	{name: "one side closes, the other writes", steps: "s socket l; s bind l A; s listen l 1; c socket a; c connect a A; s accept l b; s close b; c recv a 1; c send a 3; c send a 3; c recv a 1; c recv a 1"},
	{name: "closed with unread data", steps: "s socket l; s bind l A; s listen l 1; c socket a; c connect a A; s accept l b; c send a 3; s close b; c recv a 1; c recv a 1; c send a 1; c shutdown a WR; c peer a"},
	{name: "closed with unread data, then a send", steps: "s socket l; s bind l A; s listen l 1; c socket a; c connect a A; s accept l b; c send a 3; s close b; c send a 1; c send a 1; c recv a 1"},
	{name: "reset with data in the queue", steps: "s socket l; s bind l A; s listen l 1; c socket a; c connect a A; s accept l b; s send b 4; s set b SO_LINGER 1 0; s close b; c recv a 2; c recv a 9; c recv a 9; c recv a 9"},
	{name: "SO_LINGER 0", steps: "s socket l; s bind l A; s listen l 1; c socket a; c connect a A; s accept l b; c set a SO_LINGER 1 0; c close a; s recv b 1; s recv b 1; s send b 1"},
	{name: "SO_LINGER 5, all acknowledged", steps: "s socket l; s bind l A; s listen l 1; c socket a; c connect a A; s accept l b; c set a SO_LINGER 1 5; c send a 3; c close a; s recv b 9; s recv b 9"},
	{name: "half-close", steps: "s socket l; s bind l A; s listen l 1; c socket a; c connect a A; s accept l b; c shutdown a WR; c send a 1; s recv b 1; s send b 3; c recv a 9; c shutdown a WR; s close b; c recv a 9; c recv a 9"},
	{name: "shutdown for reading", steps: "s socket l; s bind l A; s listen l 1; c socket a; c connect a A; s accept l b; c shutdown a RD; c recv a 1; s send b 3; c recv a 9; c send a 2; s recv b 9"},
	{name: "shutdown for both", steps: "s socket l; s bind l A; s listen l 1; c socket a; c connect a A; s accept l b; c shutdown a RDWR; c recv a 1; c send a 1; s recv b 1; s shutdown b RDWR; c recv a 1; c shutdown a WR; c peer a; s peer b"},
	{name: "shutdown of a listening socket", steps: "s socket l; s bind l A; s listen l 1; s shutdown l RD; s accept l b; c socket a; c connect a A; s listen l 1; c socket d; c connect d A; s accept l b"},
	{name: "shutdown of a listening socket for writing", steps: "s socket l; s bind l A; s listen l 1; s shutdown l WR; c socket a; c connect a A; s accept l b"},
	{name: "listener closed with a connection in its queue", steps: "s socket l; s bind l A; s listen l 1; c socket a; c connect a A; s close l; c recv a 1; c send a 1"},
	{name: "queued connection that is closed before accept", steps: "s socket l; s bind l A; s listen l 1; c socket a; c connect a A; c send a 4; c close a; s accept l b; s recv b 9; s recv b 9; s send b 1"},
	{name: "queued connection that is reset before accept", steps: "s socket l; s bind l A; s listen l 1; c socket a; c connect a A; c set a SO_LINGER 1 0; c close a; s accept l b; s recv b 9; s recv b 9; s send b 1; s peer b"},
	{name: "time limits", steps: "s socket l; s bind l A; s listen l 1; s set l SO_RCVTIMEO 30; s accept l b; c socket a; c connect a A; s accept l b; s recv b 1; c set a SO_RCVTIMEO 30; c recv a 1"},
	{name: "TIME-WAIT and bind", steps: "s socket l; s bind l A; s listen l 1; c socket a; c connect a A; s accept l b; s close b; c recv a 1; c close a; s close l; s socket m; s bind m A; s set m SO_REUSEADDR 1; s bind m A; s listen m 1"},
	{name: "TIME-WAIT and bind, SO_REUSEADDR on both", steps: "s socket l; s set l SO_REUSEADDR 1; s bind l A; s listen l 1; c socket a; c connect a A; s accept l b; s close b; c recv a 1; c close a; s close l; s socket m; s bind m A; s set m SO_REUSEADDR 1; s bind m A; s listen m 1"},
	{name: "options", steps: "c socket a; c set a TCP_MAXSEG 1; c set a TCP_MAXSEG 100; c set a TCP_KEEPIDLE 0; c set a TCP_KEEPIDLE 32767; c set a TCP_KEEPIDLE 32768; c set a TCP_KEEPINTVL 0; c set a TCP_KEEPCNT 0; c set a TCP_KEEPCNT 128; c set a TCP_KEEPCNT 127; c set a TCP_USER_TIMEOUT -1; c set a TCP_USER_TIMEOUT 5; c set a TCP_NODELAY 1; c set a TCP_CORK 1; c set a TCP_QUICKACK 1; c set a TCP_LINGER2 5; c set a TCP_LINGER2 -1; c set a TCP_DEFER_ACCEPT 3; c set a SO_KEEPALIVE 1; c set a SO_RCVBUF 1; c set a SO_SNDBUF 1"},
	{name: "reset, then connect", steps: "s socket l; s bind l A; s listen l 1; c socket a; c connect a A; s accept l b; s set b SO_LINGER 1 0; s close b; c connect a A; c recv a 1; c connect a A"},
	{name: "orderly end, then connect", steps: "s socket l; s bind l A; s listen l 1; c socket a; c connect a A; s accept l b; s close b; c shutdown a WR; c connect a A; s socket m; c recv a 1"},
	{name: "connect with a time limit, then again", steps: "s socket l; s bind l A; s listen l 0; c socket a; c connect a A; c socket b; c set b SO_SNDTIMEO 30; c connect b A; c connect b A; c send b 1; c recv b 1; c close b"},
	{name: "connect to oneself is bound", steps: "c socket a; c bind a A; c bind a A; c connect a B; c connect a B"},
	{name: "bound client", steps: "s socket l; s bind l A; s listen l 2; c socket a; c bind a B; c connect a A; c socket b; c bind b B; c close a; c connect b A"},
}

func TestCallsAgreeWithTheKernel(t *testing.T) {
	for _, q := range sequences {
		t.Run(q.name, func(t *testing.T) {
			kernel, err := newKernel()
			if err != nil {
				t.Skipf("no sockets of the kernel's: %v", err)
			}
			defer kernel.end()
			here := &simulated{world: newWorld(t), sockets: make(map[string]*sim.Socket)}
			var want, got []string
			for line := range strings.SplitSeq(q.steps, ";") {
				step := strings.Fields(line)
				text := strings.Join(step, " ") + " = "
				want = append(want, text+kernel.do(step))
				got = append(got, text+here.do(step))
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("-kernel +netstack:\n%s\n%s", d, here.text())
			}
		})
	}
}

// patience is the time limit that each socket begins with: what would block for
// ever ends with EAGAIN or EINPROGRESS, on both sides.
const patience = 100 * time.Millisecond

// simulated performs steps on two hosts.
type simulated struct {
	*world
	sockets map[string]*sim.Socket
}

func (m *simulated) do(step []string) string {
	p := m.client
	if step[0] == "s" {
		p = m.server
	}
	s := m.sockets[step[2]]
	arg := func(i int) int { n, _ := strconv.Atoi(step[i]); return n }
	port := func(i int) netip.AddrPort {
		return netip.AddrPortFrom(serverAddr, uint16(7000+int(step[i][0])))
	}
	o := p.start(func(o *outcome) {
		switch step[1] {
		case "socket":
			s, o.err = p.Socket(false)
			m.sockets[step[2]] = s
			for _, name := range []string{"SO_RCVTIMEO", "SO_SNDTIMEO"} {
				o.err = errors.Join(o.err, p.SetOption(s, name, sim.Value{Time: patience}))
			}
		case "bind":
			a := port(3)
			o.err = p.Bind(s, netip.AddrPortFrom(p.addr, a.Port()))
		case "listen":
			o.err = p.Listen(s, arg(3))
		case "accept":
			m.sockets[step[3]], _, o.err = p.Accept(s)
		case "connect":
			o.err = p.Connect(s, port(3))
		case "send":
			o.n, o.err = p.Send(s, make([]byte, arg(3)))
		case "recv":
			o.n, o.err = p.Recv(s, make([]byte, arg(3)))
		case "shutdown":
			o.err = p.Shutdown(s, map[string]sim.How{"RD": sim.ShutRD, "WR": sim.ShutWR, "RDWR": sim.ShutRDWR}[step[3]])
		case "close":
			o.err = p.Close(s)
		case "peer":
			_, o.err = p.GetPeerName(s)
		case "set":
			v := sim.Value{Number: arg(4), Time: time.Duration(arg(4)) * time.Millisecond}
			if step[3] == "SO_LINGER" {
				v = sim.Value{On: arg(4) != 0, Number: arg(5)}
			}
			o.err = p.SetOption(s, step[3], v)
		}
	})
	m.run()
	if !o.done {
		m.pass(patience)
	}
	return o.String()
}

// kernel performs steps on the loopback interface.
type kernel struct {
	sockets map[string]int
	ports   map[string]int
}

func newKernel() (*kernel, error) {
	k := &kernel{sockets: make(map[string]int), ports: make(map[string]int)}
	var held []int
	defer func() {
		for _, fd := range held {
			unix.Close(fd)
		}
	}()
	for _, name := range []string{"A", "B", "C", "D"} {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return nil, err
		}
		held = append(held, fd)
		if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
			return nil, err
		}
		at, err := unix.Getsockname(fd)
		if err != nil {
			return nil, err
		}
		k.ports[name] = at.(*unix.SockaddrInet4).Port
	}
	return k, nil
}

func (k *kernel) end() {
	for _, fd := range k.sockets {
		unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1}) // no TIME-WAIT stays behind
		unix.Close(fd)
	}
}

var numbers = map[string][2]int{
	"SO_REUSEADDR": {unix.SOL_SOCKET, unix.SO_REUSEADDR}, "SO_REUSEPORT": {unix.SOL_SOCKET, unix.SO_REUSEPORT},
	"SO_KEEPALIVE": {unix.SOL_SOCKET, unix.SO_KEEPALIVE}, "SO_RCVBUF": {unix.SOL_SOCKET, unix.SO_RCVBUF},
	"SO_SNDBUF": {unix.SOL_SOCKET, unix.SO_SNDBUF}, "TCP_NODELAY": {unix.IPPROTO_TCP, unix.TCP_NODELAY},
	"TCP_CORK": {unix.IPPROTO_TCP, unix.TCP_CORK}, "TCP_QUICKACK": {unix.IPPROTO_TCP, unix.TCP_QUICKACK},
	"TCP_MAXSEG": {unix.IPPROTO_TCP, unix.TCP_MAXSEG}, "TCP_KEEPIDLE": {unix.IPPROTO_TCP, unix.TCP_KEEPIDLE},
	"TCP_KEEPINTVL": {unix.IPPROTO_TCP, unix.TCP_KEEPINTVL}, "TCP_KEEPCNT": {unix.IPPROTO_TCP, unix.TCP_KEEPCNT},
	"TCP_USER_TIMEOUT": {unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT}, "TCP_DEFER_ACCEPT": {unix.IPPROTO_TCP, unix.TCP_DEFER_ACCEPT},
	"TCP_LINGER2": {unix.IPPROTO_TCP, unix.TCP_LINGER2},
}

func (k *kernel) do(step []string) string {
	n, err := k.perform(step)
	var errno unix.Errno
	switch {
	case errors.As(err, &errno):
		return unix.ErrnoName(errno)
	case err != nil:
		return err.Error()
	}
	return fmt.Sprint(n)
}

func (k *kernel) perform(step []string) (n int, err error) {
	fd, open := k.sockets[step[2]]
	if !open {
		fd = -1
	}
	arg := func(i int) int { n, _ := strconv.Atoi(step[i]); return n }
	at := func(i int) *unix.SockaddrInet4 {
		return &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}, Port: k.ports[step[i]]}
	}
	switch step[1] {
	case "socket":
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		k.sockets[step[2]] = fd
		return 0, errors.Join(err, limitCalls(fd, unix.SO_RCVTIMEO, patience), limitCalls(fd, unix.SO_SNDTIMEO, patience))
	case "bind":
		return 0, unix.Bind(fd, at(3))
	case "listen":
		return 0, unix.Listen(fd, arg(3))
	case "accept":
		fd, _, err := unix.Accept4(fd, unix.SOCK_CLOEXEC)
		if err == nil {
			k.sockets[step[3]] = fd
		}
		return 0, err
	case "connect":
		return 0, unix.Connect(fd, at(3))
	case "send":
		return unix.SendmsgN(fd, make([]byte, arg(3)), nil, nil, unix.MSG_NOSIGNAL)
	case "recv":
		n, _, err := unix.Recvfrom(fd, make([]byte, arg(3)), 0)
		return max(0, n), err
	case "shutdown":
		return 0, unix.Shutdown(fd, map[string]int{"RD": unix.SHUT_RD, "WR": unix.SHUT_WR, "RDWR": unix.SHUT_RDWR}[step[3]])
	case "close":
		delete(k.sockets, step[2])
		return 0, unix.Close(fd)
	case "peer":
		_, err := unix.Getpeername(fd)
		return 0, err
	case "set":
		switch step[3] {
		case "SO_LINGER":
			return 0, unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: int32(arg(4)), Linger: int32(arg(5))})
		case "SO_RCVTIMEO", "SO_SNDTIMEO":
			option := map[string]int{"SO_RCVTIMEO": unix.SO_RCVTIMEO, "SO_SNDTIMEO": unix.SO_SNDTIMEO}[step[3]]
			return 0, limitCalls(fd, option, time.Duration(arg(4))*time.Millisecond)
		}
		number := numbers[step[3]]
		return 0, unix.SetsockoptInt(fd, number[0], number[1], arg(4))
	}
	return 0, fmt.Errorf("no such call: %s", step[1])
}

func limitCalls(fd, option int, limit time.Duration) error {
	value := unix.NsecToTimeval(limit.Nanoseconds())
	return unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, option, &value)
}
