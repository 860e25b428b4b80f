// Package traffic writes synthetic captures: large ones for measuring, and a
// mixture of everything that can happen to a connection for looking at.
//
// A [Shape] goes in, a capture file (pcap or pcapng) comes out: the same shape
// gives the same bytes, always. The frames are those that real TCPs could have
// sent, in the order in which an observer beside the clients would have met them:
// sequence numbers, acknowledgments, windows, timestamps and checksums are right,
// and what looks wrong in a lossy capture has the cause that it has on a network.
//
// The files are written by code of this package and not by package capture, so
// that reading them back is a test of that package and not of its opposite.
package traffic
