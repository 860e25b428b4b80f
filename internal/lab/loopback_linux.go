package lab

import (
	"net/netip"
	"os"
	"strconv"
	"strings"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"tcpviz/internal/lang"
)

const loopbackName = "lo"

// ethernetMTU makes the private lo carry packets of the size that a real network
// does: a large send is then several segments.
const ethernetMTU = 1500

// raiseLoopback brings up lo in the calling thread's new namespace.
func raiseLoopback() error {
	handle, err := netlink.NewHandle(unix.NETLINK_ROUTE)
	if err != nil {
		return lang.Errorf("netlink: %w", err)
	}
	defer handle.Close()
	link, err := handle.LinkByName(loopbackName)
	if err != nil {
		return lang.Errorf("find lo: %w", err)
	}
	// A kernel that refuses these two shows larger segments, as true as small ones.
	_ = handle.LinkSetMTU(link, ethernetMTU)
	_ = handle.LinkSetGSOMaxSegs(link, 1)
	if err := handle.LinkSetUp(link); err != nil {
		return lang.Errorf("bring lo up: %w", err)
	}
	// Clients get ports that cannot be mistaken for a server's. Where /proc/sys
	// is read-only the kernel's own range does as well.
	_ = os.WriteFile("/proc/sys/net/ipv4/ip_local_port_range", []byte("40000 60999"), 0)
	return nil
}

// tryIPv6 tells whether a socket in the calling thread's namespace can have lo's
// address of IPv6. It sends nothing.
func tryIPv6() error {
	fd, err := unix.Socket(unix.AF_INET6, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return noIPv6(os.NewSyscallError("socket(AF_INET6)", err))
	}
	defer unix.Close(fd)
	if err := unix.Bind(fd, &unix.SockaddrInet6{Addr: netip.IPv6Loopback().As16()}); err != nil {
		return noIPv6(os.NewSyscallError("bind([::1])", err))
	}
	return nil
}

// noIPv6 says that a place cannot carry a lesson that needs IPv6.
func noIPv6(why error) error {
	return lang.Errorf("the lesson needs IPv6, which this kernel does not give: %w", why)
}

// packetsOnLoopback gives how many packets have been put on lo in the calling
// thread's namespace.
func packetsOnLoopback() (int, error) {
	const file = "/proc/thread-self/net/dev"
	data, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(data)) {
		name, counters, _ := strings.Cut(line, ":")
		fields := strings.Fields(counters)
		if strings.TrimSpace(name) == loopbackName && len(fields) >= 10 {
			return strconv.Atoi(fields[9]) // bytes and packets sent follow eight fields about receiving
		}
	}
	return 0, lang.Errorf("%s does not list lo", file)
}
