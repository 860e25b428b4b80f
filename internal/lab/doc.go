// Package lab performs lessons: it lets programs make real socket calls, watches
// the wire between them, and asks the TCP stack itself what became of it.
//
// What flows in is a lesson.Lesson; what flows out are batches of events in
// story's words: a story.Call for each call's enter and return, a story.Frame for
// each segment, and a story.Truth for each socket that the stack knows. The lab
// knows nothing of the model and draws nothing.
//
// There is one stage so far, loopback: the kernel's own TCP on the interface lo,
// sniffed. [Run] gives each performance a network namespace of its own, so that
// nothing else is on the wire and no port is ever taken. Where the process may
// not make one, [Reexec] runs the whole program again in a user namespace in
// which it may; where that is forbidden too, but sniffing is not, this machine's
// own lo is used ([Shared]).
//
// # How a step settles
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
// # Descriptors
//
// The programs are threads of one process, so their descriptors' real numbers
// are odd ones. Calls are shown with the numbers that each program would have
// got as a process of its own: from 3, the lowest free one first.
package lab
