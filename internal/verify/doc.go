// Package verify holds the model against the TCP stacks: it performs lessons on
// stages, again and again with one segment disturbed, and compares after each event
// what the model says of each socket with what the stack itself says.
//
// What flows in are lessons; what flows out is a [Report]: a row for each stage and
// part of the matrix, with what was counted and, for each run in which the two
// differ, the command line that shows it. The package knows nothing of the model's
// rules and judges nothing: a check agrees or it does not.
//
// # The matrix
//
// A lesson is performed plainly first. The frames of that run tell how many segments
// it has; on a stage whose wire is held, the lesson is then performed once more for
// each of them with that one dropped, with that one duplicated, and with that one
// swapped with the next of its direction. The segment is judged once, by its frame
// number; to all others is done what the lesson says. (A segment behind which none of
// its direction comes is late: it arrives when nothing else would happen any more.)
//
// A disturbed lesson need not reach its end: a program may wait for ever for what was
// lost, or a call may give what the lesson did not foresee. That is no disagreement
// of model and stack. It is counted, and in the plain part it is a failure.
//
// # The observer
//
// The model that is compared after each event knows the calls, the timers and what
// became of each segment. After a run's end a second comparison is made with the
// observer's model: what a capture at one point would let one conclude, from the
// frames alone in the order in which they were sent. See [Observer].
package verify
