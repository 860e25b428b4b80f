package main

import (
	"strconv"

	"github.com/spf13/cobra"

	"tcpviz/internal/lang"
	"tcpviz/internal/preferences"
	"tcpviz/ui"
)

// presentation is what the flags say of how the dashboard looks. What they do not say is
// as the user had it before.
type presentation struct {
	theme   string // "": not said
	large   optional
	ascii   bool
	predict bool
}

// optional is a flag that is on, off, or not given.
type optional struct{ given, on bool }

// addPresentationFlags gives a command the flags of the dashboard's looks.
func (p *program) addPresentationFlags(c *cobra.Command) {
	flags, l := c.PersistentFlags(), p.language()
	flags.Var(choice{&p.look.theme, ui.ThemeNames()}, "theme",
		l.Text("dashboard: `name` of the theme: terminal, dark, light or high-contrast (the last one chosen)"))
	complete := cobra.FixedCompletions(ui.ThemeNames(), cobra.ShellCompDirectiveNoFileComp)
	if err := c.RegisterFlagCompletionFunc("theme", complete); err != nil {
		panic(err) // the flag was defined one line above
	}
	flags.Var(&p.look.large, "large", l.Text("dashboard: few things, and large, for a projector"))
	flags.Lookup("large").NoOptDefVal = "true"
	flags.BoolVar(&p.look.ascii, "ascii", false, l.Text("dashboard: draw lines and marks with ASCII characters only"))
	flags.BoolVar(&p.look.predict, "predict", false, l.Text("dashboard: ask what comes next before it is shown"))
}

// looks gives the dashboard the looks that the flags ask for, and those that the user
// chose before. What is chosen from now on is kept.
func (p *program) looks(o ui.Options) ui.Options {
	file := preferences.Open[ui.Preferences]()
	kept, err := file.Load()
	if err != nil {
		p.note(p.language().Error(err))
	}
	o.Preferences = kept
	if p.look.theme != "" {
		o.Preferences.Theme = p.look.theme
	}
	if p.look.large.given {
		o.Preferences.Large = p.look.large.on
	}
	o.Remember = func(chosen ui.Preferences) {
		_ = file.Save(chosen) // where nothing can be kept, nothing is
	}
	if o.Preferences != kept {
		o.Remember(o.Preferences)
	}
	o.Predict = p.look.predict
	o.ASCII = p.look.ascii || onlyASCII(p.getenv)
	o.NoColor, o.NoMouse = p.getenv("NO_COLOR") != "", p.noMouse
	return o
}

// The flag's value.

func (f *optional) String() string {
	if f.on {
		return "true"
	}
	return "false"
}

// Type tells cobra that the flag needs no value.
func (*optional) Type() string { return "bool" }

// IsBoolFlag tells pflag the same.
func (*optional) IsBoolFlag() bool { return true }

// Set takes "true" or "false".
func (f *optional) Set(text string) error {
	on, err := strconv.ParseBool(text)
	if err != nil {
		return lang.Errorf("true or false is wanted")
	}
	f.given, f.on = true, on
	return nil
}
