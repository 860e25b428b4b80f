package main

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"tcpviz/fsm"
	"tcpviz/internal/export"
	"tcpviz/internal/lab"
	"tcpviz/internal/lesson"
	"tcpviz/internal/story"
)

// Each built-in lesson has a recording, in which its connections end as the lesson
// promises, the model agrees with the kernel at every step, and every JSON line
// keeps to the contract.
func TestRecordings(t *testing.T) {
	d := demo{p: &program{getenv: func(string) string { return "" }}, place: lab.Nowhere, why: lab.ErrNoStage}
	for _, l := range lesson.All() {
		t.Run(l.ID, func(t *testing.T) {
			f, err := d.recording(l)
			if err != nil {
				t.Fatal(err)
			}
			var s *story.Story
			err = follow(context.Background(), f.builder, f.read, func(now *story.Story, _ bool) error {
				s = now
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if s.Meta.Lesson != l.ID || !s.Meta.Recorded || s.Totals.Checked == 0 {
				t.Errorf("a story about %q, recorded: %v, with %d truths", s.Meta.Lesson, s.Meta.Recorded, s.Totals.Checked)
			}
			for i := range s.Steps {
				for _, c := range s.Steps[i].Truths {
					if !c.Agree {
						t.Errorf("step %d: the kernel says %s, the model %s", s.Steps[i].N, c.Truth.State, c.Model)
					}
				}
			}
			for i, end := range l.Ends {
				for _, side := range []fsm.Side{fsm.Client, fsm.Server} {
					if i < s.Conns.Len() && end.Of[side].Program != "" && s.Conns.At(i + 1).State[side] != end.Of[side].State {
						t.Errorf("connection %d: the %s ends in %s, want %s", i+1, side, s.Conns.At(i + 1).State[side], end.Of[side].State)
					}
				}
			}
			if s.Conns.Len() < len(l.Ends) {
				t.Errorf("%d connections, want %d", s.Conns.Len(), len(l.Ends))
			}
			var out bytes.Buffer
			if err := export.JSON(&out, s); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(out.String()) {
				var head struct{ Kind string }
				keys, err := keysOf([]byte(line))
				if err == nil {
					err = json.Unmarshal([]byte(line), &head)
				}
				if err != nil {
					t.Fatal(err)
				}
				if problem := compareKeys(strings.Fields(fields[head.Kind]), keys); problem != "" {
					t.Errorf("%s: %s", problem, line)
				}
			}
		})
	}
}
