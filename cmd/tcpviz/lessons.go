package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"tcpviz/internal/lesson"
)

func newLessons(p *program) *cobra.Command {
	return &cobra.Command{
		Use:     "lessons",
		Short:   "List the lessons",
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
			}{"lesson", l.ID, l.Title, l.Summary}
			if err := encoder.Encode(line); err != nil {
				return fmt.Errorf("lessons: %w", err)
			}
			continue
		}
		fmt.Fprintf(&b, "%-20s %s\n%20s %s\n", l.ID, l.Title.In(p.language()), "", l.Summary.In(p.language()))
	}
	if p.output != outputJSON {
		b.WriteString("\ntcpviz demo LESSON plays one.\n")
	}
	_, err := p.stdout.Write([]byte(b.String()))
	return err
}
