package main

import (
	"errors"
	"io/fs"
	"os"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tcpviz/internal/lang"
	"tcpviz/internal/lesson"
	"tcpviz/internal/spelling"
)

const longHelp = `tcpviz shows what TCP really does: the socket calls of two programs, the segments
between them and the state of both ends, on one timeline that can be stepped both ways.

Without a command it plays the lesson "connection": a handshake, a line each way,
a four-way close.

Exit status: 0 done, 1 failed or a damaged file (what could be read is shown first),
2 wrong usage; 128 plus the signal's number when a signal ended it.`

const rootExamples = `  tcpviz                                      the lesson "connection" in the dashboard
  tcpviz lessons                              the list of lessons
  tcpviz demo refused                         a lesson
  tcpviz demo close --record close.pcapng     a lesson, recorded
  tcpviz replay close.pcapng                  a recording, or any capture file
  tcpviz conns trace.pcap                     its connections, one line each
  sudo tcpviz live -i lo                      other programs' connections as they happen
  tcpviz demo handshake --output text | less  a lesson as plain text`

func newRoot(p *program) *cobra.Command {
	demo, l := newDemo(p), p.language()
	root := &cobra.Command{
		Use:           "tcpviz",
		Short:         l.Text("See what TCP really does"),
		Long:          l.Text(longHelp),
		Example:       l.Text(rootExamples),
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,

		SuggestionsMinimumDistance: 2,

		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownCommand(c, args[0])
			}
			return demo.run(c.Context(), "connection")
		},
	}
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	root.SetFlagErrorFunc(flagError)
	root.CompletionOptions.SetDefaultShellCompDirective(cobra.ShellCompDirectiveNoFileComp)
	root.SetUsageFunc(usage(l))
	root.SetVersionTemplate(l.Text("{{.DisplayName}} version {{.Version}}\n"))
	p.addCommonFlags(root)
	root.AddCommand(demo.command(), newReplay(p), newLive(p), newConns(p), newLessons(p), newExport(p), newExplain(p), newSource(p), newVerify(p))
	sayWordsOfCobra(root, l)
	return root
}

// version gives the module's version, or the commit that it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return "devel " + s.Value[:min(len(s.Value), 12)]
		}
	}
	return "devel"
}

// unknownCommand says what the user may have meant: a command, a lesson, a file.
func unknownCommand(c *cobra.Command, word string) error {
	hint := lang.Phrasef("tcpviz --help lists the commands")
	if _, known := lesson.Find(word); known {
		hint = lang.Phrasef("tcpviz demo %s plays the lesson", word)
	} else if info, err := os.Stat(word); err == nil && !info.IsDir() {
		hint = lang.Phrasef("tcpviz replay %s shows a capture file", word)
		if isLessonFile(word) {
			hint = lang.Phrasef("tcpviz demo %s plays a lesson file", word)
		}
	} else if near := c.SuggestionsFor(word); len(near) > 0 {
		hint = lang.Phrasef("did you mean %s?", near[0])
	} else if near := lesson.Nearest(word); near != "" {
		hint = lang.Phrasef("did you mean tcpviz demo %s?", near)
	}
	return usagef("unknown command %q: %s", word, hint)
}

// flagError says which flag was meant, where it is misspelled, and which value is wanted.
func flagError(c *cobra.Command, err error) error {
	var invalid *pflag.InvalidValueError
	if errors.As(err, &invalid) {
		f := invalid.GetFlag()
		wanted := errors.Unwrap(err)
		switch f.Value.(type) {
		case choice, choices, *optional:
		default:
			wanted = errors.New("a number is wanted")
		}
		return usagef("--%s %s: %w", f.Name, invalid.GetValue(), wanted)
	}
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() == "" {
		if near := nearestFlag(c, unknown.GetSpecifiedName()); near != "" {
			return usagef("unknown flag --%s: did you mean --%s?", unknown.GetSpecifiedName(), near)
		}
	}
	return usagef("%w: %s --help lists the flags", flagMistake(err), c.CommandPath())
}

func nearestFlag(c *cobra.Command, name string) (nearest string) {
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if nearest == "" && (strings.HasPrefix(f.Name, name) || spelling.Distance(f.Name, name) <= 1) {
			nearest = f.Name
		}
	})
	return nearest
}

// anyNumber is more arguments than there are.
const anyNumber = 1 << 30

// wantArgs wants so many arguments, and says what they are.
func wantArgs(least, most int, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) < least {
			return usagef("%s needs %s: %s --help shows how", c.Name(), ownText(what), c.CommandPath())
		}
		if len(args) > most {
			return usagef("%s takes no argument %q: %s --help shows how", c.Name(), args[most], c.CommandPath())
		}
		return nil
	}
}

// reason gives what a file operation says without its name, which the line names already.
func reason(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
