// Package code writes the programs of a lesson as source: in C, Python, Go and PHP,
// each call as a textbook has it.
//
// What flows in is a [lesson.Lesson], what flows out are [Listing] values, one for each
// program, whose lines know which of the lesson's calls they make. One table (calls.go)
// has each call in each language, so that what is shown is what the lab performs.
//
// The listings run. Two programs on one machine run freely, and mostly their calls that
// block put them into the lesson's order: accept waits for connect, recv for send.
// Where the lesson's outcome rests on an order that blocking does not give, a program
// says so and waits for the Enter key ([Wait]); and where it is enough to start a
// program later, its first lines say when ([Listing.Start]). What the lesson does to
// segments on the wire or to hosts is in no program; the first lines say that too.
package code
