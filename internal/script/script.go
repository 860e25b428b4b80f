package script

import (
	"time"

	"tcpviz/fsm"
)

// File is a file of scripts.
type File struct {
	Head    string // what stands before the first script
	Scripts []Script
}

// Script is one script: what happens to one connection.
type Script struct {
	Name  string
	Line  int // where its name stands in the file, from 1
	Lines []Line
}

// Line is one line of a script. Empty lines and comments have a Step of kind Nothing.
type Line struct {
	Number int           // in the file, from 1
	Said   string        // what happens, without what is expected
	Expect string        // what stands after the first |, "" for nothing
	After  time.Duration // how much later than the line before
	Step   Step
}

// Kind is the kind of a step.
type Kind uint8

// The kinds of step.
const (
	Nothing Kind = iota // an empty line or a comment
	Segment             // Side sends Segment, and Fate tells what becomes of it
	Arrives             // the segment that is held under Name arrives
	Call                // Side enters Call
	Return              // Call of Side comes back
	Timer               // Timer of Side runs out
	Listen              // the server's program has called listen
	Foreign             // from here on it is only assumed that segments arrive
	Reboot              // the host of Side fails and starts again
	Runs                // both ends run Stack
)

// Fate is what becomes of a segment.
type Fate uint8

// The fates.
const (
	Arriving Fate = iota // it arrives at once
	Lost
	Held // it is on its way until it arrives by its name
)

// Step is what happens in one line.
type Step struct {
	Kind    Kind
	Side    fsm.Side
	Segment fsm.Segment
	Fate    Fate
	Name    string // of what is held or arrives
	Call    fsm.UserCall
	Failed  bool // the call gave an error
	Waits   bool // the FIN that the call asks for cannot go out yet
	Timer   fsm.Timer
	Queue   fsm.Queue // what the segment finds at a listening socket
	Stack   fsm.Stack
}
