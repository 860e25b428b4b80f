// Package story joins what happened into one ordered timeline that can be
// stepped both ways.
//
// What flows in: [Call], [Frame] and [Truth] values, from the lab, from a file or
// from a live capture; where somebody holds the wire between the two sides, a Frame
// tells that a segment was sent, an [Arrival] what became of it, an [Impairment] what
// was done to it, an [Expiry] which timer of a stack ran out, a [Reboot] which host
// has lost its memory, and a [Narration] what a lesson says where no call begins. What
// flows out: a [Story], an ordered list of [Step] values; each has the state changes
// that it caused (from package fsm), the connection after it, and its cause. Same input, same story.
//
// The package captures nothing, draws nothing and reads no clock.
package story
