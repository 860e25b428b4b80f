package twohosts

import (
	"encoding/binary"
	"testing"

	"golang.org/x/sys/unix"

	"tcpviz/fsm"
)

// frameOf makes the beginning of a frame for the server.
func frameOf(etherType uint16, protocol, icmpType byte) []byte {
	mac := hardware(fsm.Server)
	frame := append(mac[:], make([]byte, 80)...)
	binary.BigEndian.PutUint16(frame[12:], etherType)
	switch etherType {
	case unix.ETH_P_IP:
		frame[14], frame[14+9], frame[14+20] = 0x45, protocol, icmpType
	case unix.ETH_P_IPV6:
		frame[14], frame[14+6], frame[14+40] = 0x60, protocol, icmpType
	}
	return frame
}

func TestKindOf(t *testing.T) {
	everybody := frameOf(unix.ETH_P_IP, unix.IPPROTO_TCP, 0)
	copy(everybody, "\xff\xff\xff\xff\xff\xff")
	for name, c := range map[string]struct {
		frame []byte
		kind  Kind
		mine  bool
	}{
		"TCP":                         {frameOf(unix.ETH_P_IP, unix.IPPROTO_TCP, 0), Segment, true},
		"TCP over IPv6":               {frameOf(unix.ETH_P_IPV6, unix.IPPROTO_TCP, 0), Segment, true},
		"UDP":                         {frameOf(unix.ETH_P_IP, unix.IPPROTO_UDP, 3), OtherIP, true},
		"ICMP destination":            {frameOf(unix.ETH_P_IP, unix.IPPROTO_ICMP, 3), ICMPError, true},
		"ICMP echo":                   {frameOf(unix.ETH_P_IP, unix.IPPROTO_ICMP, 8), OtherIP, true},
		"ICMPv6 packet too big":       {frameOf(unix.ETH_P_IPV6, unix.IPPROTO_ICMPV6, 2), ICMPError, true},
		"ICMPv6 neighbour":            {frameOf(unix.ETH_P_IPV6, unix.IPPROTO_ICMPV6, 135), OtherIP, true},
		"ARP":                         {frameOf(unix.ETH_P_ARP, 0, 0), OtherIP, false},
		"to everybody":                {everybody, OtherIP, false},
		"too short":                   {everybody[:20], OtherIP, false},
		"nothing":                     {nil, OtherIP, false},
		"an IPv4 header with options": {longHeader(), ICMPError, true},
	} {
		if kind, mine := kindOf(c.frame, fsm.Client); kind != c.kind || mine != c.mine {
			t.Errorf("%s: %v %v, want %v %v", name, kind, mine, c.kind, c.mine)
		}
	}
}

func longHeader() []byte {
	frame := frameOf(unix.ETH_P_IP, unix.IPPROTO_ICMP, 0)
	frame[14], frame[14+24] = 0x46, 11
	return frame
}

func FuzzKindOf(f *testing.F) {
	f.Add(frameOf(unix.ETH_P_IP, unix.IPPROTO_ICMP, 3))
	f.Add(frameOf(unix.ETH_P_IPV6, unix.IPPROTO_ICMPV6, 3)[:50])
	f.Fuzz(func(t *testing.T, frame []byte) {
		if kind, mine := kindOf(frame, fsm.Client); kind != OtherIP && !mine {
			t.Errorf("%v for nobody", kind)
		}
		isIPv6(frame)
	})
}

const (
	someDevices = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:     100       2    0    0    0     0          0         0      100       2    0    0    0     0       0          0
  eth0:     223       3    0    0    0     0          0         0      400       5    0    7    0     0       0          0
`
	someIPv4 = `Ip: Forwarding DefaultTTL InReceives InHdrErrors
Ip: 2 64 12 0
Icmp: InMsgs InReceives
Icmp: 3 99
`
	someIPv6 = "Ip6InReceives                   \t9\nIp6InHdrErrors                  \t0\n"
)

func TestCounters(t *testing.T) {
	type counter func() (int, error)
	device := func(name string, field int) counter {
		return func() (int, error) { return deviceCounter([]byte(someDevices), name, field) }
	}
	for name, c := range map[string]struct {
		count counter
		want  int // -1: an error
	}{
		"sent":              {device("eth0", 9), 5},
		"lost":              {device("eth0", 11), 7},
		"on lo":             {device("lo", 1), 2},
		"no such device":    {device("eth", 1), -1},
		"no such field":     {device("lo", 16), -1},
		"IPv4":              {func() (int, error) { return protocolCounter([]byte(someIPv4), "InReceives") }, 12},
		"no such counter":   {func() (int, error) { return protocolCounter([]byte(someIPv4), "InMsgs") }, -1},
		"no values":         {func() (int, error) { return protocolCounter([]byte("Ip: A InReceives"), "InReceives") }, -1},
		"IPv6":              {func() (int, error) { return ip6Counter([]byte(someIPv6), "Ip6InReceives") }, 9},
		"no such counter 6": {func() (int, error) { return ip6Counter([]byte(someIPv6), "Ip6") }, -1},
		"empty":             {func() (int, error) { return ip6Counter(nil, "Ip6InReceives") }, -1},
	} {
		got, err := c.count()
		if (err != nil) != (c.want < 0) || err == nil && got != c.want {
			t.Errorf("%s: %d %v, want %d", name, got, err, c.want)
		}
	}
}
