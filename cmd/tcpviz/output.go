package main

import (
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"tcpviz/internal/lang"
)

// output is the form in which a story is shown; "" leaves the choice to the program.
type output string

const (
	outputTUI  output = "tui"
	outputText output = "text"
	outputJSON output = "json"
)

// language is the language of all that is said; "" leaves it to the locale.
type language string

// languages are the words that --lang takes.
func languages() []string { return []string{lang.English.String(), lang.Chinese.String()} }

// choice is a flag that takes one of a few words.
type choice struct {
	value *string
	words []string
}

func (c choice) String() string { return *c.value }
func (c choice) Type() string   { return strings.Join(c.words, "|") }
func (c choice) Set(s string) error {
	if !slices.Contains(c.words, s) {
		return lang.Errorf("one of %s is wanted", list(c.words))
	}
	*c.value = s
	return nil
}

// list is words that are listed in a sentence.
type list []string

func (w list) String() string { return w.In(lang.English) }

// In lists them in a language.
func (w list) In(l lang.Language) string { return l.List(w) }

// addCommonFlags gives a command the flags that all of them take.
func (p *program) addCommonFlags(c *cobra.Command) {
	flags, l := c.PersistentFlags(), p.language()
	add := func(value *string, name, usage string, words ...string) {
		flags.Var(choice{value, words}, name, usage)
		complete := cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)
		if err := c.RegisterFlagCompletionFunc(name, complete); err != nil {
			panic(err) // the flag was defined one line above
		}
	}
	add((*string)(&p.output), "output", l.Text("`form` of the output: tui, text or json (tui on a terminal, else text)"), "tui", "text", "json")
	add((*string)(&p.lang), "lang", l.Text("`language` of all that is said: en or zh (the locale's)"), languages()...)
	flags.BoolVar(&p.noMouse, "no-mouse", false, l.Text("leave the mouse to the terminal"))
	p.addPresentationFlags(c)
}

// isTerminal tells whether a stream is a terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// form decides how to show a story, and says on standard error why it is not the
// dashboard where one could have been expected.
func (p *program) form() (output, error) {
	if p.output == outputText || p.output == outputJSON {
		return p.output, nil
	}
	if !isTerminal(p.stdout) {
		if p.output == outputTUI {
			return "", lang.Errorf("the dashboard needs a terminal and standard output is none; use --output text")
		}
		return outputText, nil
	}
	reason := unfitTerminal(p.getenv)
	if reason == nil {
		return outputTUI, nil
	}
	if p.output == outputTUI {
		return "", lang.Errorf("the dashboard cannot be drawn: %w; use --output text", reason)
	}
	p.note(p.language().Say("%v: showing plain text instead of the dashboard", reason))
	return outputText, nil
}
