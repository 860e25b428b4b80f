package story

import "tcpviz/fsm"

// View is the story of one connection: its own steps, those that belong to no
// connection (a listener's calls, say), and the arrival of its old segments at a later
// connection between the same ends, in order.
type View struct {
	Conn int // 0: there is no connection; the calls alone
	Rows []Row
}

// Row is one step of a view, with the states that hold after it.
type Row struct {
	Step  int          // number of the step in the story
	State [2]fsm.State // indexed by side; before the server has a child, that of its listening socket
	Basis [2]fsm.Basis // how each is known
}

// View gives the view of one connection (from 1; 0 for the calls alone).
func (s *Story) View(conn int) View {
	v := View{Conn: conn}
	var row Row
	begun := false
	for i := range s.Steps {
		step := &s.Steps[i]
		if step.Conn != 0 && step.Conn != conn && !s.endsElsewhere(step, conn) {
			continue
		}
		row.Step = step.N
		switch {
		case begun && step.Conn == conn && step.Frame == nil && step.After == (fsm.Conn{}):
			// A call that became the connection's after the fact (an accept whose
			// peer was not known yet): it knows nothing of the connection.
		case step.Conn == conn && conn > 0 && step.Frame != nil || begun && step.Conn == conn:
			begun = true
			for side, end := range step.After.Ends {
				row.State[side], row.Basis[side] = end.State, end.Basis
			}
		case step.Listener:
			for _, t := range step.Transitions {
				// Later it is that of the connection, until it came to nothing.
				if !begun || row.State[t.Side] == fsm.Listen && t.From == fsm.Listen {
					row.State[t.Side] = t.To
				}
			}
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}

// endsElsewhere reports whether the step is the arrival of a connection's segment at
// a later connection between the same ends: an old duplicate.
func (s *Story) endsElsewhere(step *Step, conn int) bool {
	if step.Kind != SegmentReceived || conn == 0 {
		return false
	}
	sending := s.At(step.Peer)
	return sending != nil && sending.Kind == SegmentSent && sending.Conn == conn
}

// Index gives the index of the row that shows step n, or of the last row before it; -1 for none.
func (v View) Index(n int) int {
	lo, hi := 0, len(v.Rows)
	for lo < hi {
		mid := (lo + hi) / 2
		if v.Rows[mid].Step <= n {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo - 1
}

// Changes tells which sides have another state after row i than before it, or one that
// is better known (assumed then, proven now). step is the row's.
func (v View) Changes(i int, step *Step) (changed [2]bool) {
	now := v.Rows[i]
	var before Row
	if i > 0 {
		before = v.Rows[i-1]
	}
	for side := range changed {
		changed[side] = now.State[side] != before.State[side] || now.Basis[side] < before.Basis[side]
	}
	for _, t := range step.Transitions {
		if t.Changed() && !step.Listener && step.Conn == v.Conn {
			changed[t.Side] = true
		}
	}
	return changed
}
