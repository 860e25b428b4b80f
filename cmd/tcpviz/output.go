package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// output is the form in which a story is shown; "" leaves the choice to the program.
type output string

const (
	outputTUI  output = "tui"
	outputText output = "text"
	outputJSON output = "json"
)

// language is the language of the lessons' texts; "" leaves it to the locale.
type language string

// choice is a flag that takes one of a few words.
type choice struct {
	value *string
	words []string
}

func (c choice) String() string { return *c.value }
func (c choice) Type() string   { return strings.Join(c.words, "|") }
func (c choice) Set(s string) error {
	if !slices.Contains(c.words, s) {
		return fmt.Errorf("one of %s is wanted", strings.Join(c.words, ", "))
	}
	*c.value = s
	return nil
}

// addCommonFlags gives a command the flags that all of them take.
func (p *program) addCommonFlags(c *cobra.Command) {
	flags := c.PersistentFlags()
	add := func(value *string, name, usage string, words ...string) {
		flags.Var(choice{value, words}, name, usage)
		complete := cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)
		if err := c.RegisterFlagCompletionFunc(name, complete); err != nil {
			panic(err) // the flag was defined one line above
		}
	}
	add((*string)(&p.output), "output", "`form` of the output: tui, text or json (tui on a terminal, else text)", "tui", "text", "json")
	add((*string)(&p.lang), "lang", "`language` of the lessons: en or zh (the locale's)", "en", "zh")
	flags.BoolVar(&p.noMouse, "no-mouse", false, "leave the mouse to the terminal")
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
			return "", fmt.Errorf("the dashboard needs a terminal and standard output is none; use --output text")
		}
		return outputText, nil
	}
	reason := unfitTerminal(p.getenv)
	if reason == "" {
		return outputTUI, nil
	}
	if p.output == outputTUI {
		return "", fmt.Errorf("the dashboard cannot be drawn: %s; use --output text", reason)
	}
	p.note(reason + ": showing plain text instead of the dashboard")
	return outputText, nil
}
