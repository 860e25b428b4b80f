package main

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tcpviz/internal/code"
	"tcpviz/internal/lang"
	"tcpviz/internal/lesson"
)

// sources prints the programs of lessons.
type sources struct {
	p        *program
	language string
	only     string // the one program that is wanted, "" for all
	folder   string // to write them into, "" for standard output
}

func newSource(p *program) *cobra.Command {
	s := &sources{p: p, language: code.C.String()}
	l := p.language()
	c := &cobra.Command{
		Use:   l.Text("source [LESSON|FILE.yaml]"),
		Short: l.Text("Print the programs of a lesson in C, Python, Go or PHP"),
		Long: l.Text(`Prints the source of the programs of a lesson (tcpviz lessons lists them) or of a lesson
file: the calls that the lesson makes, ready to be run in two terminals. What each call
gives is printed. Where the calls' order rests on more than on calls that block, a
program waits for the Enter key and says for what. What a lesson does to segments on
the wire is in no program.`),
		Example: l.Text(`  tcpviz source                                    the lesson "connection", in C
  tcpviz source refused --in python                a lesson in Python
  tcpviz source echo --in go --program client      one of its programs
  tcpviz source echo --in php -o programs          into files: programs/echo-server.php ...`),
		Args: wantArgs(0, 1, "a lesson"),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return lessonCompletions(p), cobra.ShellCompDirectiveDefault
		},
		RunE: func(_ *cobra.Command, args []string) error {
			name := "connection"
			if len(args) > 0 {
				name = args[0]
			}
			return s.run(name)
		},
	}
	flags := c.Flags()
	flags.Var(choice{&s.language, programmingLanguages()}, "in", l.Text("programming `language`: c, python, go or php"))
	flags.StringVar(&s.only, "program", "", l.Text("only the program of this `name`"))
	flags.StringVarP(&s.folder, "out", "o", "", l.Text("write each program to a file in this `directory`"))
	complete := func(name string, f cobra.CompletionFunc) {
		if err := c.RegisterFlagCompletionFunc(name, f); err != nil {
			panic(err) // the flag was defined above
		}
	}
	complete("in", cobra.FixedCompletions(programmingLanguages(), cobra.ShellCompDirectiveNoFileComp))
	complete("out", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveFilterDirs
	})
	complete("program", func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) == 0 {
			args = []string{"connection"}
		}
		found, err := findLesson("source", args[0])
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return programNames(code.Programs(found, code.C, l)), cobra.ShellCompDirectiveNoFileComp
	})
	return c
}

// programmingLanguages are the names of the languages.
func programmingLanguages() []string {
	var all []string
	for _, l := range code.Languages() {
		all = append(all, l.String())
	}
	return all
}

func programNames(listings []code.Listing) []string {
	var all []string
	for _, p := range listings {
		all = append(all, p.Program.Name)
	}
	return all
}

// run prints or writes the programs of a lesson.
func (s *sources) run(name string) error {
	found, err := findLesson("source", name)
	if err != nil {
		return err
	}
	language, _ := code.Parse(s.language)
	listings := code.Programs(found, language, s.p.language())
	if s.only != "" {
		names := programNames(listings)
		listings = slices.DeleteFunc(listings, func(p code.Listing) bool { return p.Program.Name != s.only })
		if len(listings) == 0 {
			return usagef("--program %s: the lesson %s has %s", s.only, found.ID, list(names))
		}
	}
	if s.folder != "" {
		return s.write(found, listings)
	}
	return s.print(found, listings)
}

// print writes the programs to standard output, one after the other.
func (s *sources) print(l lesson.Lesson, listings []code.Listing) error {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	for i, p := range listings {
		if s.p.output == outputJSON {
			line := struct {
				Kind     string `json:"kind"`
				Lesson   string `json:"lesson"`
				Program  string `json:"program"`
				Side     string `json:"side"`
				Language string `json:"language"`
				Text     string `json:"text"`
			}{"source", l.ID, p.Program.Name, p.Program.Side.String(), p.Language.String(), p.String()}
			if err := encoder.Encode(line); err != nil {
				return lang.Errorf("source: %w", err)
			}
			continue
		}
		if i > 0 {
			b.WriteString("\n\n")
		}
		b.WriteString(p.String())
	}
	_, err := io.WriteString(s.p.stdout, b.String())
	return err
}

// write writes each program to a file of its own, and prints the files' names. A file
// that is there already may hold what a student has changed: it stays.
func (s *sources) write(l lesson.Lesson, listings []code.Listing) error {
	if err := os.MkdirAll(s.folder, 0o777); err != nil {
		return lang.Errorf("source: make the directory %s: %w", s.folder, reason(err))
	}
	for _, p := range listings {
		name := filepath.Join(s.folder, l.ID+"-"+p.Program.Name+p.Language.Extension())
		file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if err != nil {
			return lang.Errorf("source: write %s: %w; move it away, or give another directory", name, reason(err))
		}
		_, err = io.WriteString(file, p.String())
		if closed := file.Close(); err == nil {
			err = closed
		}
		if err != nil {
			return lang.Errorf("source: write %s: %w", name, reason(err))
		}
		if _, err := io.WriteString(s.p.stdout, name+"\n"); err != nil {
			return err
		}
	}
	return nil
}
