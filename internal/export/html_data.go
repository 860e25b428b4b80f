package export

import (
	"tcpviz/fsm"
	"tcpviz/internal/lang"
	"tcpviz/internal/story"
)

// What a page knows of a story. The script shows it as text, never as markup.

type pageData struct {
	Lang  string     `json:"lang"`
	Views []viewData `json:"views"`
}

// viewData is one connection.
type viewData struct {
	Conn int       `json:"conn"`
	Name said      `json:"name"`
	Left said      `json:"left"` // how many steps are left out; empty for none
	Top  float64   `json:"top"`  // where in the picture its lines begin
	Rows []rowData `json:"rows"` // the first is the moment before the first step
}

// rowData is the moment after one step.
type rowData struct {
	Step    int          `json:"step"`
	Time    string       `json:"time"`
	Y       float64      `json:"y"`
	Bottom  float64      `json:"bottom"` // how far down has happened
	State   [2]string    `json:"state"`
	Node    [2]string    `json:"node"` // the box of the diagram, "" while the state is not known
	Edge    string       `json:"edge"` // the arrow of the diagram that was taken
	Side    string       `json:"side"` // whose
	What    said         `json:"what"`
	Why     said         `json:"why"`
	Rule    string       `json:"rule"`
	Now     said         `json:"now"`
	Say     said         `json:"say"`
	Unusual []noticeData `json:"unusual,omitempty"`
}

type noticeData struct {
	Name said `json:"name"`
	Text said `json:"text"`
}

// said is a text in both languages.
type said [2]string

func bothOf(of words) said { return said{clean(of(lang.English)), clean(of(lang.Chinese))} }

// viewOf says the steps of a drawn connection in words.
func viewOf(d *drawing, s *story.Story, conn, left int, top float64) viewData {
	v := viewData{Conn: conn, Top: top}
	if conn > 0 {
		c := s.Conns.At(conn)
		ends := c.Ends[fsm.Client].String() + " ⇄ " + c.Ends[fsm.Server].String()
		v.Name = bothOf(lang.Phrasef("connection %d: %s", conn, ends).In)
	}
	if left > 0 {
		v.Left = bothOf(lang.Phrasef("%d more steps are not in this picture", left).In)
	}
	start := rowData{Y: planTop, Bottom: planTop + lineStep/2, State: [2]string{"?", "?"}}
	for side, known := range d.opening {
		if known {
			start.State[side], start.Node[side] = fsm.Closed.String(), fsm.Closed.String()
		}
	}
	start.What = bothOf(lang.Phrasef("Nothing has happened yet.").In)
	v.Rows = append(v.Rows, start)
	node := start.Node
	deepest := start.Bottom
	known := d.opening
	for i := range d.view.Rows {
		row := d.told(i, s)
		for side, state := range d.view.Rows[i].State {
			if known[side] = known[side] || state != fsm.Closed; !known[side] {
				row.State[side] = "?"
			}
		}
		deepest = max(deepest, row.Bottom)
		row.Bottom = deepest
		d.nodes(i, &node, &row)
		row.Node = node
		for side := range known {
			if !known[side] {
				row.Node[side] = ""
			}
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}

// told says one step in words.
func (d *drawing) told(i int, s *story.Story) rowData {
	row := d.view.Rows[i]
	r := rowData{Step: row.Step, Y: d.y(i), Bottom: d.y(i) + lineStep/2}
	for side, state := range row.State {
		r.State[side] = state.String()
		switch row.Basis[side] {
		case fsm.Inferred:
			r.State[side] = "(" + r.State[side] + ")"
		case fsm.Assumed:
			r.State[side] += "?"
		case fsm.Observed:
		}
	}
	step := s.At(row.Step)
	if step == nil {
		return r
	}
	r.Time = clock(step.Time.Sub(d.begun()))
	r.Say = said{clean(step.Say.In(lang.English)), clean(step.Say.In(lang.Chinese))}
	for l, language := range []lang.Language{lang.English, lang.Chinese} {
		e := s.Explain(row.Step, language)
		r.What[l], r.Why[l], r.Now[l] = clean(e.What), clean(e.Why), clean(e.Now)
		r.Rule = e.Rule
		if e.RFC != "" {
			r.Rule += " · " + e.RFC
		}
		for k, n := range e.Unusual {
			if l == 0 {
				r.Unusual = append(r.Unusual, noticeData{})
			}
			r.Unusual[k].Name[l] = clean(story.AnomalyWords(n.Name, language))
			r.Unusual[k].Text[l] = clean(n.Text)
		}
	}
	return r
}

// nodes moves the sides to their boxes of the diagram, and tells the arrow that was
// taken, where the figure has it.
func (d *drawing) nodes(i int, node *[2]string, row *rowData) {
	step := d.story.At(d.view.Rows[i].Step)
	for side, state := range d.view.Rows[i].State {
		name := state.String()
		if state == fsm.Closed && (node[side] == closedAgain || d.cameFrom(step, fsm.Side(side))) {
			name = closedAgain
		}
		node[side] = name
	}
	if step == nil || step.Listener && d.view.Rows[i].State[step.Side] != fsm.Listen {
		return
	}
	for _, t := range step.Transitions {
		if t.Changed() {
			row.Side = sideClass(t.Side)
			row.Edge = ""
			if onArrow(step, t) {
				row.Edge = edgeName(t.From.String(), boxOf(t))
			}
		}
	}
}

// cameFrom tells that a side has come to its end in this step: the figure's lower CLOSED.
func (d *drawing) cameFrom(step *story.Step, side fsm.Side) bool {
	if step == nil {
		return false
	}
	for _, t := range step.Transitions {
		if t.Side == side && t.To == fsm.Closed && (t.From == fsm.LastAck || t.From == fsm.TimeWait) {
			return true
		}
	}
	return false
}

// onArrow reports whether a change happened for the reason that stands on the figure's
// arrow. Other reasons lead to CLOSED as well (a RST, a time limit), and for those the
// figure has no arrow.
func onArrow(step *story.Step, t fsm.Transition) bool {
	reset := step.Frame != nil && step.Frame.Segment.Flags.Has(fsm.RST)
	switch {
	case t.From == fsm.SynReceived && t.To == fsm.Listen:
		return reset
	case t.To != fsm.Closed:
		return true
	case t.From == fsm.TimeWait:
		return step.Kind == story.TimerExpired
	case t.From == fsm.LastAck:
		return step.Frame != nil && !reset
	}
	return step.Call != nil && step.Call.Op == "close"
}

// boxOf is the box of the diagram to which a change leads.
func boxOf(t fsm.Transition) string {
	if t.To == fsm.Closed && (t.From == fsm.LastAck || t.From == fsm.TimeWait) {
		return closedAgain
	}
	return t.To.String()
}

// pageWords are the words of a page that do not come from the story.
type pageWords struct {
	Client, Server, What, Why, Now, Lesson, Unusual bilingual
	First, Back, Next, Last, Play, Where            bilingual
	Connection, Diagram, Keys, Script               bilingual
	Smaller, Larger                                 bilingual
}

func wordsOfPage(in func(words) bilingual) pageWords {
	return pageWords{
		Client: in(lang.Phrasef("%s", fsm.Client).In), Server: in(lang.Phrasef("%s", fsm.Server).In),
		What: in(lang.Phrasef("What happens").In), Why: in(lang.Phrasef("Why").In), Now: in(lang.Phrasef("Now").In),
		Lesson: in(lang.Phrasef("The lesson").In), Unusual: in(lang.Phrasef("Unusual").In),
		First: in(lang.Phrasef("to the beginning (Home)").In), Back: in(lang.Phrasef("one step back (left arrow)").In),
		Next: in(lang.Phrasef("one step forward (right arrow)").In), Last: in(lang.Phrasef("to the end (End)").In),
		Play: in(lang.Phrasef("play or pause (space)").In), Where: in(lang.Phrasef("step").In),
		Connection: in(lang.Phrasef("choose a connection").In), Diagram: in(lang.Phrasef("The states of RFC 9293").In),
		Smaller: in(lang.Phrasef("smaller (-)").In), Larger: in(lang.Phrasef("larger (+)").In),
		Keys:   in(lang.Phrasef("Keys: ← and → step, space plays, Home and End jump, + and - change the size, L the language.").In),
		Script: in(lang.Phrasef("Without scripts the whole connection is shown at once.").In),
	}
}

// edgeName is the name of an arrow of the diagram.
func edgeName(from, to string) string { return from + " " + to }
