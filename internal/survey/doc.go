// Package survey is the fast summary of a capture: which connections it holds, and
// how each of them went, without keeping any of its segments.
//
// What flows in are batches of what the frames hold (capture.Observed); what flows
// out are summaries: of each connection when nothing more can come of it, or of all
// of them as they stand. Memory grows with the connections that are followed at
// once, up to a bound, and not with the capture. The states are those of package
// fsm, the same that a story of the capture shows.
//
// The package reads no file, starts no goroutine and reads no clock.
package survey
