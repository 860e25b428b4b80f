package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"tcpviz/internal/lab"
	"tcpviz/internal/lang"
	"tcpviz/internal/lesson"
)

func newLessons(p *program) *cobra.Command {
	l := p.language()
	return &cobra.Command{
		Use:     "lessons",
		Short:   l.Text("List the lessons"),
		Example: "  tcpviz lessons\n  tcpviz lessons --lang zh\n  tcpviz lessons --output json",
		Args:    wantArgs(0, 0, "no argument"),
		RunE:    func(*cobra.Command, []string) error { return p.printLessons() },
	}
}

func (p *program) printLessons() error {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	for _, l := range lesson.All() {
		if p.output == outputJSON {
			line := struct {
				Kind    string `json:"kind"`
				ID      string `json:"id"`
				Title   any    `json:"title"`
				Summary any    `json:"summary"`
				Stages  any    `json:"stages"`
			}{"lesson", l.ID, l.Title, l.Summary, lab.StagesOf(l)}
			if err := encoder.Encode(line); err != nil {
				return lang.Errorf("lessons: %w", err)
			}
			continue
		}
		only := ""
		if stages := lab.StagesOf(l); len(stages) < len(lesson.StageNames()) {
			only = "  [" + strings.Join(stages, ", ") + "]"
		}
		fmt.Fprintf(&b, "%-20s %s%s\n%20s %s\n", l.ID, l.Title.In(p.language()), only, "", l.Summary.In(p.language()))
	}
	if p.output != outputJSON {
		b.WriteString(p.language().Text("\ntcpviz demo LESSON plays one; in brackets, the only stages that can carry it (tcpviz demo --help).\n"))
	}
	_, err := p.stdout.Write([]byte(b.String()))
	return err
}
