package story

import "tcpviz/fsm"

// Alone gives the story of one connection of s as that of connection number as in a
// larger list: its steps alone, numbered anew.
func (s *Story) Alone(conn, as int, all Connections) *Story {
	alone := s.part(func(step *Step) bool { return step.Conn == conn })
	alone.Conns, alone.Only = all, as
	for i := range alone.Steps {
		alone.Steps[i].Conn = as
	}
	return alone
}

// Selected gives the story with the steps of the wanted connections, and those that
// belong to no connection, numbered anew.
func (s *Story) Selected(wanted func(*fsm.Summary) bool) *Story {
	keep := make([]bool, s.Conns.Len()+1)
	keep[0] = true
	for c := range s.Conns.All() {
		keep[c.ID] = wanted(c)
	}
	return s.part(func(step *Step) bool { return keep[step.Conn] })
}

// part gives the story with some of its steps, numbered anew.
func (s *Story) part(keep func(*Step) bool) *Story {
	part := &Story{Meta: s.Meta, Conns: s.Conns, Totals: s.Totals, Only: s.Only}
	numbers := make([]int, len(s.Steps)+1) // by old number, counted from First: the new one
	for i := range s.Steps {
		if step := &s.Steps[i]; keep(step) {
			numbers[i+1] = len(part.Steps) + 1
			part.Steps = append(part.Steps, *step)
		}
	}
	renumber := func(n int) int {
		if n -= s.First; n < 1 || n >= len(numbers) {
			return 0
		}
		return numbers[n]
	}
	for i := range part.Steps {
		step := &part.Steps[i]
		step.N, step.Cause, step.Peer = i+1, renumber(step.Cause), renumber(step.Peer)
	}
	return part
}
