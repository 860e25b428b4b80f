// Package sim is a host with a TCP of its own: gVisor's netstack with the socket
// calls of POSIX, a wire that the caller holds, and a clock that the caller turns.
//
// What flows in are calls ([Thread.Connect], [Thread.Recv] …), packets
// ([Host.Deliver]) and time ([Clock.Advance]). What flows out are the results of
// the calls, the packets that the host wants on the wire ([Host.Sent]), and what
// its TCP says of its sockets ([Host.Sockets]). Nothing leaves the process, no
// privilege is needed, and every operating system will do. The package joins no
// hosts to each other, knows no lessons, and draws nothing.
//
// # At rest
//
// Netstack handles segments in goroutines of its own. Here it never runs beside
// the caller: a call, a packet and a timer each take the host for themselves, wait
// until netstack's goroutines have nothing left to do, let those blocked calls
// return whose event has come, and only then give the host back. Nobody guesses:
// netstack's own barrier (Pause, made for checkpoints) returns when each of its
// goroutines has found its queue empty. A segment can hand itself on from one
// goroutine to another at most twice (a connection in TIME-WAIT or closed to the
// listening socket, that one to its child), therefore the barrier is passed three
// times. So [Host.Deliver] has done all that the packet can do when it returns,
// and two runs with the same seed and the same order of events give the same
// packets, octet for octet.
//
// What is left are the programs. [Host.Quiet] waits until each thread that makes
// calls is blocked in one or has ended what it was given to do: then nothing
// can happen any more without a packet, a call or the clock.
//
// # Time
//
// A [Clock] stands still until it is advanced. It then goes from timer to timer and
// waits at each for the programs, so that a minute of retransmissions passes at
// once and in order. [Clock.Next] says when the next timer is due. (Netstack leaves
// some timers running that it no longer needs: one that is due may do nothing.) No
// timer is set to less than 4 ms, as on a Linux whose clock ticks 250 times a second.
//
// The wire should take its time, the same for each segment: with none, netstack
// measures a round trip of nothing and takes what is acknowledged a segment later
// for lost.
//
// # Where it is not Linux
//
// The calls and their errors are those of Linux; a test plays the same sequences on
// the kernel and compares. The TCP is netstack's own, with Linux's buffers, CUBIC,
// Nagle's algorithm, SACK, timestamps and window scaling. It never delays an ACK, fills
// a segment up to 1420 octets instead of 1448 (it leaves room for SACK), sends a
// SYN-ACK again six times instead of five, answers a repeated SYN with
// an ACK, and in a simultaneous open completes the handshake with a further ACK, not
// with the SYN-ACK. An RST does not end TIME-WAIT.
package sim
