// Package story joins what happened into one ordered timeline that can be
// stepped both ways.
//
// What flows in: [Call], [Frame] and [Truth] values, from the lab, from a file or
// from a live capture. What flows out: a [Story], an ordered list of [Step]
// values; each has the state changes that it caused (from package fsm), the
// connection after it, and its cause. Same input, same story.
//
// The package captures nothing, draws nothing and reads no clock.
package story
