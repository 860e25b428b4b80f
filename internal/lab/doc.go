// Package lab performs lessons: it lets programs make real socket calls, watches
// the wire between them or holds it itself, and asks the TCP stack itself what
// became of it.
//
// What flows in is a lesson.Lesson; what flows out are batches of events in
// story's words: a story.Call for each call's enter and return, a story.Frame for
// each segment, and a story.Truth for each socket that the stack knows; where the
// lab holds the wire also what became of each segment (story.Arrival), what was done
// to it (story.Impairment), the timers that ran out (story.Expiry), hosts that failed
// (story.Reboot), and what the lesson says where no call begins (story.Narration). The lab
// knows nothing of the model and draws nothing.
//
// [Run] takes the first stage that can carry the lesson and works here, or the one
// that it is told.
//
// # Loopback
//
// The kernel's own TCP on the interface lo, sniffed. Each performance has a network
// namespace of its own, so that nothing else is on the wire and no port is ever
// taken. Where the process may not make one, [Reexec] runs the whole program again
// in a user namespace in which it may; where that is forbidden too, but sniffing
// is not, this machine's own lo is used ([Shared]).
//
// Each program is an OS thread that makes the blocking calls itself. The next step
// is performed when nothing can happen any more without it: every thread is idle
// or asleep in its call in the kernel (seen in /proc), every frame that was put
// on lo has been sniffed, and no socket has anything unacknowledged or unsent or
// is in a state that waits for its peer's kernel (asked through INET_DIAG); and a
// second look shows the same. Nothing sleeps for a guessed time. Where only a
// timer of the kernel could change anything (a window that is closed, a queue
// that is full), the lab does not wait for it for long.
//
// # Wire and Sim
//
// Two hosts, the clients' and the servers', and the lab carries every packet from
// one to the other: on Wire two network namespaces with the kernel's TCP (package
// twohosts), on Sim two netstack hosts (package sim). A loopback address in a
// lesson becomes the address of the host that it means; calls are shown with the
// address that was really used. Programs of the same side share a host, and
// what they say to each other does not pass the wire.
//
// One thing happens at a time: a program is given a call, the oldest segment on the
// wire gets its verdict, or time passes. Then the lab waits until all is at rest, and
// gives what came of it together with what both stacks say. What becomes of a
// segment the lesson decides ([lesson.WireAct]), or whoever performs it
// (Options.Verdict). A step has settled when nothing is under way that is not held.
// Time passes only when a step waits for a call to return, for a delayed segment, or
// because the lesson says so; at the end also while a connection still repairs
// what went wrong and the lesson promises an end that is not reached. On Sim time
// costs nothing, the clock always starts at the same moment, a segment takes a
// millisecond from one host to the other, and a performance is the same each time, octet
// for octet.
//
// No stack tells when a timer runs out. A story.Expiry is given only when something
// was sent because of one, or a socket has ended because of it, and with the name of
// that timer: a retransmission timeout is told from a tail loss probe, a window probe
// from a keep-alive probe. expiry.go says how that is seen. A timer of which nothing
// came is not told.
//
// # Descriptors
//
// The programs are threads of one process, so their descriptors' real numbers
// are odd ones. Calls are shown with the numbers that each program would have
// got as a process of its own: from 3, the lowest free one first.
package lab
