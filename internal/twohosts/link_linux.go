package twohosts

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"os"
	"runtime"
	"unsafe"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"tcpviz/fsm"
	"tcpviz/internal/lang"
)

// The interfaces' numbers are chosen here, so that one batch of requests can both
// make and use them. They are above those of any device that a kernel puts into
// each new namespace.
const (
	loopbackIndex = 1
	hostIndex     = 1001 // in each host
	wireIndex     = 1002 // the client's far end, in the wire's namespace; the server's follows
)

const hostInterface = "eth0"

// farIndex gives the number of a host's far end in the wire's namespace.
func farIndex(side fsm.Side) int { return wireIndex + int(side) }

// sideOfIndex gives the host whose far end has that number.
func sideOfIndex(index int) (fsm.Side, bool) {
	side := index - wireIndex
	return fsm.Side(side), side == 0 || side == 1
}

// request is one change, and what it is for.
type request struct {
	what     lang.Phrase
	message  *nl.NetlinkRequest
	optional *error // where its error goes instead of ending the batch; nil: nowhere
}

// batch makes several changes in the calling thread's namespace with one message.
func batch(requests []request) error {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err != nil {
		return os.NewSyscallError("socket(NETLINK_ROUTE)", err)
	}
	return errors.Join(exchange(fd, requests), unix.Close(fd))
}

// exchange sends the requests and reads an answer to each. The kernel works
// through them, in order, before it returns from the sending.
func exchange(fd int, requests []request) error {
	var message []byte
	for i, r := range requests {
		r.message.Seq = uint32(i)
		message = append(message, r.message.Serialize()...)
		for len(message)%unix.NLMSG_ALIGNTO != 0 {
			message = append(message, 0)
		}
	}
	if err := unix.Sendto(fd, message, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return os.NewSyscallError("sendto(NETLINK_ROUTE)", err)
	}
	buffer := make([]byte, 1<<16)
	for answered := 0; answered < len(requests); {
		n, _, err := unix.Recvfrom(fd, buffer, unix.MSG_DONTWAIT)
		if err != nil {
			return os.NewSyscallError("recvfrom(NETLINK_ROUTE)", err)
		}
		for rest := buffer[:n]; len(rest) >= unix.SizeofNlMsghdr+4; answered++ {
			number := binary.NativeEndian.Uint32(rest[8:])
			code := int32(binary.NativeEndian.Uint32(rest[unix.SizeofNlMsghdr:]))
			if code != 0 && int(number) < len(requests) {
				r := requests[number]
				err := lang.Errorf("%s: %w", r.what, unix.Errno(-code))
				if r.optional == nil {
					return err
				}
				*r.optional = errors.Join(*r.optional, err)
			}
			rest = rest[min(len(rest), int(binary.NativeEndian.Uint32(rest)+3)&^3):]
		}
	}
	return nil
}

// makePair makes a host's interface, in the calling thread's namespace, and its
// far end in the wire's. Both stay down.
func makePair(side fsm.Side, wire *os.File, mtu int) request {
	mac := hardware(side)
	r := linkRequest(unix.NLM_F_CREATE|unix.NLM_F_EXCL, hostIndex, 0)
	r.AddData(nl.NewRtAttr(unix.IFLA_IFNAME, nl.ZeroTerminated(hostInterface)))
	r.AddData(nl.NewRtAttr(unix.IFLA_ADDRESS, mac[:]))
	r.AddData(nl.NewRtAttr(unix.IFLA_MTU, nl.Uint32Attr(uint32(mtu))))
	info := nl.NewRtAttr(unix.IFLA_LINKINFO, nil)
	info.AddRtAttr(nl.IFLA_INFO_KIND, nl.NonZeroTerminated("veth"))
	peer := info.AddRtAttr(nl.IFLA_INFO_DATA, nil).AddRtAttr(nl.VETH_INFO_PEER, nil)
	nl.NewIfInfomsgChild(peer, unix.AF_UNSPEC).Index = int32(farIndex(side))
	peer.AddRtAttr(unix.IFLA_IFNAME, nl.ZeroTerminated(side.String()))
	peer.AddRtAttr(unix.IFLA_MTU, nl.Uint32Attr(uint32(mtu)))
	peer.AddRtAttr(unix.IFLA_NET_NS_FD, nl.Uint32Attr(uint32(wire.Fd())))
	r.AddData(info)
	return request{what: lang.Phrasef("make a veth pair"), message: r}
}

// raise brings an interface up.
func raise(index int) request {
	return request{what: lang.Phrasef("bring interface %d up", index), message: linkRequest(0, index, unix.IFF_UP)}
}

// raiseAlone brings an interface up as one that asks nobody for his hardware
// address, and so joins no group of those who would be asked (and tells nobody).
func raiseAlone(index int) request {
	return request{
		what:    lang.Phrasef("bring interface %d up", index),
		message: linkRequest(0, index, unix.IFF_UP|unix.IFF_NOARP),
	}
}

// quietly keeps IPv6 from giving an interface an address of its own, which it
// would tell the others of. A kernel without IPv6 refuses, and does not either.
func quietly(index int, refused *error) request {
	r := linkRequest(0, index, 0)
	spec := nl.NewRtAttr(unix.IFLA_AF_SPEC, nil)
	spec.AddRtAttr(unix.AF_INET6, nil).AddRtAttr(unix.IFLA_INET6_ADDR_GEN_MODE, nl.Uint8Attr(nl.IN6_ADDR_GEN_MODE_NONE))
	r.AddData(spec)
	return request{what: lang.Phrasef("keep IPv6 from choosing an address"), message: r, optional: refused}
}

// singly makes TCP build each segment by itself. An older kernel refuses, and
// cuts larger ones up on the way to the interface: the packets are the same.
func singly(index int, refused *error) request {
	r := linkRequest(0, index, 0)
	r.AddData(nl.NewRtAttr(unix.IFLA_GSO_MAX_SEGS, nl.Uint32Attr(1)))
	return request{what: lang.Phrasef("build segments one by one"), message: r, optional: refused}
}

func linkRequest(flags, index int, set uint32) *nl.NetlinkRequest {
	r := nl.NewNetlinkRequest(unix.RTM_NEWLINK, flags|unix.NLM_F_ACK)
	link := nl.NewIfInfomsg(unix.AF_UNSPEC)
	link.Index = int32(index)
	link.Flags, link.Change = set, set
	r.AddData(link)
	return r
}

// giveAddress gives the host's interface an address, at once: nobody is asked
// whether he has it already.
func giveAddress(addr netip.Addr, bits uint8, refused *error) request {
	r := nl.NewNetlinkRequest(unix.RTM_NEWADDR, unix.NLM_F_CREATE|unix.NLM_F_EXCL|unix.NLM_F_ACK)
	a := nl.NewIfAddrmsg(familyOf(addr))
	a.Prefixlen, a.Flags, a.Index = bits, unix.IFA_F_NODAD, hostIndex
	r.AddData(a)
	r.AddData(nl.NewRtAttr(unix.IFA_LOCAL, addr.AsSlice()))
	r.AddData(nl.NewRtAttr(unix.IFA_ADDRESS, addr.AsSlice()))
	return request{what: lang.Phrasef("give the address %s", addr), message: r, optional: refused}
}

// nameNeighbour tells a host the other's hardware address for good, so that it
// never asks for it.
func nameNeighbour(addr netip.Addr, mac [6]byte, refused *error) request {
	r := nl.NewNetlinkRequest(unix.RTM_NEWNEIGH, unix.NLM_F_CREATE|unix.NLM_F_REPLACE|unix.NLM_F_ACK)
	r.AddData(&neighbour{family: uint8(familyOf(addr))})
	r.AddData(nl.NewRtAttr(unix.NDA_DST, addr.AsSlice()))
	r.AddData(nl.NewRtAttr(unix.NDA_LLADDR, mac[:]))
	return request{what: lang.Phrasef("name the neighbour %s", addr), message: r, optional: refused}
}

// neighbour is the head of a message about a permanent neighbour (struct ndmsg).
type neighbour struct{ family uint8 }

func (n *neighbour) Len() int { return 12 }

func (n *neighbour) Serialize() []byte {
	b := make([]byte, n.Len())
	b[0] = n.family
	binary.NativeEndian.PutUint32(b[4:], hostIndex)
	binary.NativeEndian.PutUint16(b[8:], unix.NUD_PERMANENT)
	return b
}

func familyOf(addr netip.Addr) int {
	if addr.Is4() {
		return unix.AF_INET
	}
	return unix.AF_INET6
}

// switchOffloadsOff makes the kernel do itself what it would leave to the host's
// interface, lest the packets be other than those of a real network. Checksums come
// first: without them the kernel gives up most others by itself.
func switchOffloadsOff() error {
	offloads := []struct {
		what    lang.Phrase
		command uint32
	}{
		{lang.Phrasef("transmit checksum offload"), unix.ETHTOOL_STXCSUM},
		{lang.Phrasef("TCP segmentation offload"), unix.ETHTOOL_STSO},
		{lang.Phrasef("generic segmentation offload"), unix.ETHTOOL_SGSO},
		{lang.Phrasef("generic receive offload"), unix.ETHTOOL_SGRO},
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return os.NewSyscallError("socket", err)
	}
	for _, offload := range offloads {
		if err := ethtool(fd, offload.command, 0); err != nil {
			return errors.Join(lang.Errorf("switch %s off: %w", offload.what, err), unix.Close(fd))
		}
	}
	return unix.Close(fd)
}

// ethtool sets one value of the host's interface (struct ifreq, struct ethtool_value).
func ethtool(fd int, command, value uint32) error {
	argument := [2]uint32{command, value}
	var frame struct {
		name [unix.IFNAMSIZ]byte
		data unsafe.Pointer
		_    [16]byte
	}
	copy(frame.name[:], hostInterface)
	frame.data = unsafe.Pointer(&argument)
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.SIOCETHTOOL, uintptr(unsafe.Pointer(&frame)))
	runtime.KeepAlive(&argument)
	if errno != 0 {
		return os.NewSyscallError("ioctl(SIOCETHTOOL)", errno)
	}
	return nil
}
