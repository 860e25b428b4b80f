package main

import (
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"tcpviz/internal/export"
	"tcpviz/internal/lesson"
	"tcpviz/internal/reference"
)

func newExplain(p *program) *cobra.Command {
	l := p.language()
	return &cobra.Command{
		Use:   l.Text("explain [NAME]..."),
		Short: l.Text("Explain a state, flag, call, error, anomaly or header field"),
		Long: l.Text(`Says in two or three sentences what a thing is, where the standard says so, and which
lessons show it: a state, a flag, a header field, a socket call or its error, an anomaly,
a timer, an outcome, a term. Any spelling will do: TIME-WAIT, time_wait, and Chinese names.
Without a name it lists all that it knows.`),
		Example: l.Text(`  tcpviz explain TIME-WAIT
  tcpviz explain ECONNREFUSED RST
  tcpviz explain three-way handshake
  tcpviz explain tcp.analysis.fast_retransmission
  tcpviz explain --output json`),
		Args: cobra.ArbitraryArgs,
		ValidArgsFunction: func(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
			return p.completeNames(args, typed), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error { return p.explain(args) },
	}
}

// explain prints what the reference says of the names.
func (p *program) explain(names []string) error {
	o := export.ReferenceOptions{
		Lang: p.language(), ASCII: onlyASCII(p.getenv), Width: p.columns(),
		Title: func(id string) string {
			found, _ := lesson.Find(id)
			return found.Title.In(p.language())
		},
	}
	if len(names) == 0 && p.output != outputJSON {
		if err := export.ReferenceList(p.stdout, reference.All(), o); err != nil {
			return err
		}
		_, err := p.stdout.Write([]byte(p.language().Text("\ntcpviz explain NAME says what one of them is; in the dashboard, r does.\n")))
		return err
	}
	entries, err := explained(names)
	switch {
	case err != nil:
		return err
	case p.output == outputJSON:
		return export.ReferenceJSON(p.stdout, entries)
	}
	return export.Reference(p.stdout, entries, o)
}

// explained finds the entries of the names, all of them where there is no name. Several
// words may be one name.
func explained(names []string) ([]reference.Entry, error) {
	if len(names) == 0 {
		return reference.All(), nil
	}
	if whole := reference.Named(strings.Join(names, " ")); len(whole) > 0 {
		return whole, nil
	}
	var all []reference.Entry
	for _, name := range names {
		found := reference.Named(name)
		if len(found) == 0 {
			return nil, unknownName(names, name)
		}
		all = append(all, found...)
	}
	return all, nil
}

// unknownName says what may have been meant.
func unknownName(names []string, name string) error {
	if near := reference.Nearest(strings.Join(names, " ")); near != "" {
		return usagef("nothing is known of %q: did you mean %s?", strings.Join(names, " "), near)
	}
	if near := reference.Nearest(name); near != "" {
		return usagef("nothing is known of %q: did you mean %s?", name, near)
	}
	return usagef("nothing is known of %q: tcpviz explain lists what is", name)
}

// completeNames are the names of entries that begin like what was typed, each with its title.
func (p *program) completeNames(args []string, typed string) []string {
	if len(args) > 0 {
		return nil
	}
	var all []string
	for _, e := range reference.All() {
		for _, name := range append([]string{e.Name.In(p.language())}, e.Also...) {
			// What the shell would take for several words, or for more than a word, is left out.
			if strings.HasPrefix(strings.ToLower(name), strings.ToLower(typed)) && !strings.ContainsAny(name, " ()'\"$\\&;|<>*?") {
				all = append(all, name+"\t"+e.Title.In(p.language()))
				break
			}
		}
	}
	return all
}

// columns is how wide the terminal is that standard output is; 0 when it is none.
func (p *program) columns() int {
	f, ok := p.stdout.(*os.File)
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return width
}
