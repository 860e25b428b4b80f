package traffic

import "tcpviz/fsm"

const (
	minRequest, maxRequest   = 18, 48
	minResponse, maxResponse = 26, 74
)

// complete is one connection of Short, from its first segment to its last.
func (d *dialog) complete() {
	between := func(least, most uint32) uint32 { return least + d.rng.Uint32N(most-least+1) }
	d.open()
	d.exchange(fsm.Client, between(minRequest, maxRequest))
	d.wait(millisecond + d.rng.Int64N(50*millisecond)) // the server finds the answer
	d.exchange(fsm.Server, between(minResponse, maxResponse))
	d.wait(50*millisecond + d.rng.Int64N(250*millisecond)) // the client reads it
	d.finish(fsm.Client)
}
