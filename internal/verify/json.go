package verify

import (
	"encoding/json"
	"io"
	"net/netip"
)

// The JSON lines: fields may be added, never renamed.
type (
	rowLine struct {
		Kind       string        `json:"kind"` // "verify"
		Stage      string        `json:"stage"`
		Part       Part          `json:"part,omitempty"`
		Why        string        `json:"why,omitempty"`
		Planned    int           `json:"planned"`
		Runs       int           `json:"runs"`
		Checks     int           `json:"checks"`
		Agreements int           `json:"agreements"`
		Differ     int           `json:"differ"`
		Endless    int           `json:"endless"`
		Otherwise  int           `json:"otherwise"`
		Broken     int           `json:"broken"`
		Missed     int           `json:"missed"`
		First      string        `json:"first,omitempty"` // reproduces the first disagreement
		Observer   *observerLine `json:"observer,omitempty"`
	}
	observerLine struct {
		Compared  int `json:"compared"`
		Decided   int `json:"decided"`
		Agree     int `json:"agree"`
		Undecided int `json:"undecided"`
		AgreeToo  int `json:"agree_too"`
	}
	runLine struct {
		Kind    string `json:"kind"` // "disagreement" or "failure"
		Stage   string `json:"stage"`
		Part    Part   `json:"part"`
		Lesson  string `json:"lesson"`
		Segment int    `json:"segment,omitempty"`
	}
	disagreementLine struct {
		runLine
		Count     int      `json:"count"`
		Step      int      `json:"step"`
		Event     string   `json:"event"`
		Rules     []string `json:"rules,omitempty"`
		Side      string   `json:"side"`
		Local     string   `json:"local"`
		Remote    string   `json:"remote,omitempty"`
		Model     string   `json:"model"`
		Stack     string   `json:"stack"`
		Reproduce string   `json:"reproduce"`
	}
	failureLine struct {
		runLine
		Error     string `json:"error"`
		Reproduce string `json:"reproduce"`
	}
)

// WriteJSON writes the report as JSON lines: the rows, then the runs that failed.
func (r Report) WriteJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	for i := range r.Rows {
		if err := encoder.Encode(r.Rows[i].line()); err != nil {
			return err
		}
	}
	for i := range r.Rows {
		for _, f := range r.Rows[i].Findings {
			for _, line := range f.lines() {
				if err := encoder.Encode(line); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (r *Row) line() rowLine {
	l := rowLine{
		Kind: "verify", Stage: r.Stage, Part: r.Part, Why: errorText(r.Why), Planned: r.Planned, Runs: r.Runs,
		Checks: r.Checks, Agreements: r.Agreements, Differ: r.Differ,
		Endless: r.Endless, Otherwise: r.Otherwise, Broken: r.Broken, Missed: r.Missed,
	}
	if f := r.First(); f != nil {
		l.First = f.Command()
	}
	if r.Why == nil {
		observer := observerLine(r.Observer)
		l.Observer = &observer
	}
	return l
}

// lines are what is said of a run that failed.
func (f *Finding) lines() (lines []any) {
	run := runLine{Stage: f.Stage, Part: f.Part, Lesson: f.Lesson, Segment: f.Segment}
	if d := &f.Disagreement; f.Differ > 0 {
		run.Kind = "disagreement"
		lines = append(lines, disagreementLine{
			runLine: run, Count: f.Differ, Step: d.Step, Event: d.Event.String(), Rules: d.Rules, Side: d.Side.String(),
			Local: address(d.Local), Remote: address(d.Remote), Model: d.Model.String(), Stack: d.Stack.String(),
			Reproduce: f.Command(),
		})
	}
	if f.Problem != nil {
		run.Kind = "failure"
		lines = append(lines, failureLine{runLine: run, Error: f.Problem.Error(), Reproduce: f.Command()})
	}
	return lines
}

// errorText gives an error in English, "" for none.
func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// address writes an address, "" for none.
func address(a netip.AddrPort) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}
