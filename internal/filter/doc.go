// Package filter reads the filters that select connections, as they are typed in
// the dashboard's list and after a file's name on the command line: tcpdump's
// usual primitives, and words of tcpviz's own.
//
// Text flows in through [Parse], a [Filter] comes out that says of an
// [fsm.Summary] whether it is selected. The package does no input or output: no
// name of a host or a network is looked up.
//
// # What a filter selects
//
// A filter selects whole connections. tcpdump's primitives speak of one packet; a
// connection is selected when they hold for at least one of its segments. So
// "src port 80" selects a connection in which port 80 has sent something, and
//
//	tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn
//
// one of which a SYN was seen. "not tcp[tcpflags] & tcp-rst != 0" selects what
// has a segment without RST, which is nearly everything: the same packets as in
// tcpdump, and then their connections. What is said of the connection as a whole (a
// state, an outcome, an anomaly) is the same for each of its segments.
// A connection of which no segment was seen is selected only by a filter that asks
// for no segment: none for flags, src or dst.
//
// # The language
//
// [Words] lists it. As in tcpdump (pcap-filter(7)), "not" binds tightest, "and"
// and "or" bind equally and from the left, and an address or a port without a
// qualifier takes the most recent one: "src port 80 or 443". A host of two or three
// numbers (10.1) is the net that begins so; numbers are decimal, octal after 0,
// hexadecimal after 0x, and unsigned with 32 bits.
//
// Beyond tcpdump:
//
//   - Two conditions side by side are joined by "and".
//   - An address, a net or an address with its port may stand alone, or after src
//     and dst; an address may come after "port 80 or".
//   - net 10/8 is net 10.0.0.0/8.
//   - ip, ip6 and tcp may stand before any of host, net, port and portrange.
//   - Parentheses after a qualified value may mix values and conditions: "port 80 or (443
//     and host 10.0.0.1)".
//   - Words may be written in capitals.
//   - A filter that can select nothing is no mistake.
//   - tcp[tcpflags] sees IPv6 too, where tcpdump looks at IPv4 only, and all
//     primitives ask for the connection's own addresses, where tcpdump sees
//     the outermost ones of a tunnel.
//
// On a command line the shell must not take what is its own: a filter with
// parentheses, <, >, &, |, ! or # belongs between quotes, as tcpdump's do.
//
// Refused, with the position: what lies below IP, other protocols than TCP, lengths, and bytes
// of headers other than tcp[tcpflags]; other arithmetic than & | + -; names of hosts; a host
// of one number (to tcpdump "src 80" is the host 0.0.0.80).
package filter
