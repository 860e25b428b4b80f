// Package corpus holds the test that goes the whole way, from capture files that
// nobody here wrote to summaries and states, and compares what comes out with what
// tshark, Zeek and the FreeBSD kernel say of the same files. It prints the agreement
// by kind, and wants it to be high.
//
// Where the other is wrong, or the question cannot be decided, DISAGREEMENTS.md
// says why; a disagreement that is not listed there fails the test, and so does one
// that is listed and no longer found.
//
// The captures are no part of this repository: without them the test is skipped.
package corpus
