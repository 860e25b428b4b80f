package twohosts

import (
	"bytes"
	"errors"
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"tcpviz/internal/lang"
)

// counters are the kernel's own counters of one namespace: files that stay those
// of the namespace in which they were opened.
type counters struct{ devices, ipv4, ipv6, tcp *os.File }

// openCounters opens those of the calling thread's namespace.
func openCounters() (counters, error) {
	var c counters
	for _, f := range []struct {
		to   **os.File
		name string
	}{{&c.devices, "dev"}, {&c.ipv4, "snmp"}, {&c.ipv6, "snmp6"}, {&c.tcp, "netstat"}} {
		file, err := os.Open("/proc/thread-self/net/" + f.name)
		if errors.Is(err, os.ErrNotExist) && f.name == "snmp6" {
			continue // a kernel without IPv6
		}
		if err != nil {
			return c, errors.Join(err, c.close())
		}
		*f.to = file
	}
	return c, nil
}

func (c counters) close() error {
	var all error
	for _, file := range []*os.File{c.devices, c.ipv4, c.ipv6, c.tcp} {
		if file != nil {
			all = errors.Join(all, file.Close())
		}
	}
	return all
}

// count is what a host's kernel has counted since it was made.
type count struct {
	sent     int // packets put on the wire
	lost     int // packets that the interface could not take
	received int // packets that its IP has taken from the wire
}

// count asks the kernel. IPv6 is counted too when ipv6 is set, which takes longer.
func (c counters) count(ipv6 bool) (count, error) {
	var n count
	data, err := read(c.devices)
	if err != nil {
		return n, err
	}
	sent, err1 := deviceCounter(data, hostInterface, 9)
	lost, err2 := deviceCounter(data, hostInterface, 11)
	local, err3 := deviceCounter(data, "lo", 1)
	received, err4 := c.received(ipv6 || local > 0)
	n = count{sent: sent, lost: lost, received: received - local}
	return n, errors.Join(err1, err2, err3, err4)
}

// received counts the packets that the host's IP has taken in, from the wire or
// from its own loopback interface.
func (c counters) received(ipv6 bool) (int, error) {
	data, err := read(c.ipv4)
	if err != nil {
		return 0, err
	}
	n, err := protocolCounter(data, "InReceives")
	if err != nil {
		return n, lang.Errorf("/proc/net/snmp: %w", err)
	}
	if !ipv6 || c.ipv6 == nil {
		return n, nil
	}
	if data, err = read(c.ipv6); err != nil {
		return n, err
	}
	n6, err := ip6Counter(data, "Ip6InReceives")
	return n + n6, err
}

// timers counts the timers that no socket tells of.
func (c counters) timers() (FiredTimers, error) {
	var n FiredTimers
	data, err := read(c.tcp)
	if err != nil {
		return n, err
	}
	for _, f := range []struct {
		to   *int
		name string
	}{{&n.LossProbes, "TCPLossProbes"}, {&n.DelayedAcks, "DelayedACKs"}} {
		if *f.to, err = protocolCounter(data, f.name); err != nil {
			return n, lang.Errorf("/proc/net/netstat: %w", err)
		}
	}
	return n, nil
}

// read reads a file from its beginning, as it is now. It asks once: the kernel
// would make the whole text again to say that there is no more.
func read(file *os.File) ([]byte, error) {
	conn, err := file.SyscallConn()
	if err != nil {
		return nil, err
	}
	data := make([]byte, 8<<10)
	var n int
	var failed error
	err = conn.Control(func(fd uintptr) {
		for {
			if n, failed = unix.Pread(int(fd), data, 0); failed != unix.EINTR {
				return
			}
		}
	})
	if err = errors.Join(err, os.NewSyscallError("pread", failed)); err != nil {
		return nil, lang.Errorf("%s: %w", file.Name(), err)
	}
	return data[:n], nil
}

// deviceCounter gives a field, from 0, of an interface's line in /proc/net/dev.
func deviceCounter(data []byte, device string, field int) (int, error) {
	for line := range bytes.Lines(data) {
		name, values, _ := bytes.Cut(line, []byte(":"))
		if string(bytes.TrimSpace(name)) == device {
			return fieldNumber(values, field)
		}
	}
	return 0, lang.Errorf("/proc/net/dev does not list %s", device)
}

// protocolCounter gives a counter of the first protocol in /proc/net/snmp (IP) or
// /proc/net/netstat (TCP's extensions): a line of names, and a line of values.
func protocolCounter(data []byte, name string) (int, error) {
	names, rest, _ := bytes.Cut(data, []byte("\n"))
	for i, field := range bytes.Fields(names) {
		if string(field) == name {
			values, _, _ := bytes.Cut(rest, []byte("\n"))
			return fieldNumber(values, i)
		}
	}
	return 0, lang.Errorf("there is no counter %s", name)
}

// ip6Counter gives a counter in /proc/net/snmp6: a line with a name and a value.
func ip6Counter(data []byte, name string) (int, error) {
	for line := range bytes.Lines(data) {
		fields := bytes.Fields(line)
		if len(fields) == 2 && string(fields[0]) == name {
			return fieldNumber(line, 1)
		}
	}
	return 0, lang.Errorf("/proc/net/snmp6 does not have %s", name)
}

func fieldNumber(line []byte, i int) (int, error) {
	fields := bytes.Fields(line)
	if i >= len(fields) {
		return 0, lang.Errorf("a line of counters with %d fields, not %d", len(fields), i+1)
	}
	return strconv.Atoi(string(fields[i]))
}
