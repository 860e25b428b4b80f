package main

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tcpviz/internal/lang"
)

// ownText is a text of the program's own that stands in for a %s: it is said in the
// language of the whole.
type ownText string

func (t ownText) String() string { return string(t) }

// completionHelp is what the help of the completion command says of each shell. The
// texts are cobra's.
func completionHelp() map[string]string {
	return map[string]string{
		"bash": `Generate the autocompletion script for the bash shell.

This script depends on the 'bash-completion' package.
If it is not installed already, you can install it via your OS's package manager.

To load completions in your current shell session:

	source <(%[1]s completion bash)

To load completions for every new session, execute once:

#### Linux:

	%[1]s completion bash > /etc/bash_completion.d/%[1]s

#### macOS:

	%[1]s completion bash > $(brew --prefix)/etc/bash_completion.d/%[1]s

You will need to start a new shell for this setup to take effect.
`,
		"zsh": `Generate the autocompletion script for the zsh shell.

If shell completion is not already enabled in your environment you will need
to enable it.  You can execute the following once:

	echo "autoload -U compinit; compinit" >> ~/.zshrc

To load completions in your current shell session:

	source <(%[1]s completion zsh)

To load completions for every new session, execute once:

#### Linux:

	%[1]s completion zsh > "${fpath[1]}/_%[1]s"

#### macOS:

	%[1]s completion zsh > $(brew --prefix)/share/zsh/site-functions/_%[1]s

You will need to start a new shell for this setup to take effect.
`,
		"fish": `Generate the autocompletion script for the fish shell.

To load completions in your current shell session:

	%[1]s completion fish | source

To load completions for every new session, execute once:

	%[1]s completion fish > ~/.config/fish/completions/%[1]s.fish

You will need to start a new shell for this setup to take effect.
`,
		"powershell": `Generate the autocompletion script for powershell.

To load completions in your current shell session:

	%[1]s completion powershell | Out-String | Invoke-Expression

To load completions for every new session, add the output of the above command
to your powershell profile.
`,
	}
}

// sayWordsOfCobra gives the commands and flags that cobra adds by itself their texts in
// the language. In English they are cobra's own.
func sayWordsOfCobra(root *cobra.Command, l lang.Language) {
	name := root.Name()
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	var say func(*cobra.Command)
	say = func(c *cobra.Command) {
		c.InitDefaultHelpFlag()
		c.Flags().Lookup("help").Usage = l.Say("help for %s", c.Name())
		if c.InitDefaultVersionFlag(); c.Flags().Lookup("version") != nil {
			c.Flags().Lookup("version").Usage = l.Say("version for %s", c.Name())
		}
		for _, sub := range c.Commands() {
			say(sub)
		}
	}
	say(root)
	for _, c := range root.Commands() {
		switch c.Name() {
		case "help":
			c.Use = l.Text("help [command]")
			c.Short = l.Text("Help about any command")
			c.Long = l.Say("Help provides help for any command in the application.\n"+
				"Simply type %s help [path to command] for full details.", name)
			help := c.Run
			c.Run = func(c *cobra.Command, args []string) {
				if _, _, err := root.Find(args); err != nil {
					c.Print(l.Say("Unknown help topic %s\n", fmt.Sprintf("%#q", args)))
					cobra.CheckErr(root.Usage())
					return
				}
				help(c, args)
			}
		case "completion":
			c.Short = l.Text("Generate the autocompletion script for the specified shell")
			c.Long = l.Say("Generate the autocompletion script for %[1]s for the specified shell.\n"+
				"See each sub-command's help for details on how to use the generated script.\n", name)
			c.Args = noSuchCommand
			for _, shell := range c.Commands() {
				shell.Short = l.Say("Generate the autocompletion script for %s", shell.Name())
				shell.Long = l.Say(completionHelp()[shell.Name()], name)
				shell.Args = noSuchCommand
				if f := shell.Flags().Lookup("no-descriptions"); f != nil {
					f.Usage = l.Text("disable completion descriptions")
				}
			}
		}
	}
}

// noSuchCommand wants no argument, with cobra's words.
func noSuchCommand(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return lang.Errorf("unknown command %q for %q", args[0], c.CommandPath())
	}
	return nil
}

// flagMistake gives a mistake in the flags as an error that can be said in any
// language; in English it is pflag's.
func flagMistake(err error) error {
	var unknown *pflag.NotExistError
	var valueless *pflag.ValueRequiredError
	var syntax *pflag.InvalidSyntaxError
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		return lang.Errorf("unknown shorthand flag: %q in -%s", firstByte(unknown.GetSpecifiedName()), unknown.GetSpecifiedShortnames())
	case errors.As(err, &unknown):
		return lang.Errorf("unknown flag: --%s", unknown.GetSpecifiedName())
	case errors.As(err, &valueless) && valueless.GetSpecifiedShortnames() != "":
		return lang.Errorf("flag needs an argument: %q in -%s", firstByte(valueless.GetSpecifiedName()), valueless.GetSpecifiedShortnames())
	case errors.As(err, &valueless):
		return lang.Errorf("flag needs an argument: --%s", valueless.GetSpecifiedName())
	case errors.As(err, &syntax):
		return lang.Errorf("bad flag syntax: %s", syntax.GetSpecifiedFlag())
	}
	return err
}

// firstByte is the letter that pflag calls a flag by: shorthands are single bytes.
func firstByte(name string) rune {
	if name == "" {
		return utf8.RuneError
	}
	return rune(name[0])
}
