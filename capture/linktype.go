package capture

// The link types that a [Decoder] understands (the registry of LINKTYPE_ values).
const (
	LinkTypeNull      LinkType = 0   // BSD loopback: the address family in the host's byte order
	LinkTypeEthernet  LinkType = 1   // IEEE 802.3
	LinkTypeRaw       LinkType = 101 // an IPv4 or IPv6 packet, told apart by its version
	LinkTypeLoop      LinkType = 108 // OpenBSD loopback: the address family in network byte order
	LinkTypeLinuxSLL  LinkType = 113 // Linux "cooked" capture
	LinkTypeIPv4      LinkType = 228 // an IPv4 packet
	LinkTypeIPv6      LinkType = 229 // an IPv6 packet
	LinkTypeLinuxSLL2 LinkType = 276 // Linux "cooked" capture, second version

	// Values of DLT_RAW that some systems write in place of LinkTypeRaw.
	linkTypeRawBSD     LinkType = 12
	linkTypeRawOpenBSD LinkType = 14
)
