package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/rivo/uniseg"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tcpviz/internal/lang"
)

// usage gives what writes how a command is called, in a language. In English that is
// what cobra writes.
func usage(l lang.Language) func(*cobra.Command) error {
	return func(c *cobra.Command) error {
		var b strings.Builder
		b.WriteString(l.Text("Usage:"))
		if c.Runnable() {
			b.WriteString("\n  " + strings.ReplaceAll(c.UseLine(), "[flags]", l.Text("[flags]")))
		}
		if c.HasAvailableSubCommands() {
			b.WriteString("\n  " + c.CommandPath() + l.Text(" [command]"))
		}
		if c.HasExample() {
			b.WriteString("\n\n" + l.Text("Examples:") + "\n" + c.Example)
		}
		if c.HasAvailableSubCommands() {
			b.WriteString("\n\n" + l.Text("Available Commands:"))
			for _, sub := range c.Commands() {
				if sub.IsAvailableCommand() || sub.Name() == "help" {
					fmt.Fprintf(&b, "\n  %-*s %s", sub.NamePadding(), sub.Name(), sub.Short)
				}
			}
		}
		if c.HasAvailableLocalFlags() {
			b.WriteString("\n\n" + l.Text("Flags:") + "\n" + flagTable(c.LocalFlags(), l))
		}
		if c.HasAvailableInheritedFlags() {
			b.WriteString("\n\n" + l.Text("Global Flags:") + "\n" + flagTable(c.InheritedFlags(), l))
		}
		if c.HasAvailableSubCommands() {
			b.WriteString("\n\n" + l.Say("Use \"%s [command] --help\" for more information about a command.", c.CommandPath()))
		}
		b.WriteString("\n")
		_, err := io.WriteString(c.OutOrStderr(), b.String())
		return err
	}
}

// flagTable lists flags, their descriptions aligned, without a line feed at the end.
func flagTable(flags *pflag.FlagSet, l lang.Language) string {
	type row struct{ flag, about string }
	var rows []row
	width := 0
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		r := row{flag: "      --" + f.Name}
		if f.Shorthand != "" {
			r.flag = "  -" + f.Shorthand + ", --" + f.Name
		}
		var value string
		if value, r.about = pflag.UnquoteUsage(f); value != "" {
			r.flag += " " + value
		}
		switch f.DefValue {
		case "", "0", "false", "[]":
		default:
			preset := f.DefValue
			if f.Value.Type() == "string" {
				preset = strconv.Quote(preset)
			}
			r.about += l.Say(" (default %s)", preset)
		}
		width = max(width, uniseg.StringWidth(r.flag))
		rows = append(rows, r)
	})
	lines := make([]string, len(rows))
	for i, r := range rows {
		lines[i] = r.flag + strings.Repeat(" ", width-uniseg.StringWidth(r.flag)+3) + r.about
	}
	return strings.Join(lines, "\n")
}
