// Package twohosts makes two hosts out of the kernel that runs this process, and
// puts the wire between them into the caller's hand.
//
// Each host is a network namespace of the process's own with one interface, two
// addresses and the kernel's whole TCP. The interfaces are veth devices whose far
// ends live in a third namespace; there an AF_PACKET socket takes what the hosts
// send and puts in what the caller delivers. Nothing passes by itself but what is
// not TCP. No namespace has a name, and none has a route but that of its link: the
// hosts reach each other and nothing else, nothing else reaches them, and they
// die with the process, however it dies.
//
// What flows in are socket calls, made by threads that have entered a host
// ([Wire.Enter]), and verdicts on packets ([Wire.Deliver], or nothing for a packet
// that is lost). What flows out are the packets, and what each kernel says of its
// sockets ([Wire.Sockets]). The package decodes no TCP and knows no connection.
//
// # What is certain
//
// [Wire.Deliver] returns when the receiving kernel's IP has counted the packet. The
// kernel works through a packet on the processor that it came in on, inside the
// very call that sends it, so that its answers are on the wire by then too. There
// are two exceptions: a kernel that is busy may hand the rest to a thread of its own
// (which is why the counter is looked at), and a program that is inside a call on
// that very socket works through the segment itself, before its call goes on.
//
// [Wire.Quiet] covers both. It returns when every packet that a host has put on its
// interface was read here, every packet delivered was counted by its receiver, and
// a second look at the counters and at every socket of both kernels shows the same.
// Asking a socket takes its lock, so a segment that is being worked on is waited
// for. After that only the programs can change anything, and the kernels' timers.
//
// # Timers
//
// The kernels' timers run while a packet is held. A SYN is sent again after one
// second. Data, however, is sent again after as little as 200 ms (RFC 6298's
// minimum of a second is not Linux's), and a tail loss probe goes out after two
// round-trip times, which on this wire are a few milliseconds. Who holds segments for
// longer and wants to see nothing of that sets "ipv4/tcp_early_retrans" to 0 and
// "ipv4/tcp_rto_min_us" (from Linux 6.11) in [Config.Settings]. Each socket tells
// its next timer, the delayed acknowledgment excepted, of which the kernel says
// nothing: it is due while a receiver's BytesReceived exceed what it has
// acknowledged, and comes after 40 ms, at most 200.
package twohosts
