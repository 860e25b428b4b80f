package main

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/rivo/uniseg"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tcpviz/internal/lang"
)

// english is what betrays an English sentence: words that are no command, no flag and
// no word of a filter.
var english = regexp.MustCompile(`(?i)\b(the|an|of|to|is|are|was|with|for|that|this|which|all|from|its?|as|by|on|at|help for|version for|command\]|flags\]|commands?:|flags:|examples:|usage:|default)\b`)

// spoken are what people read of a text: what tells a command line, a flag or a path is left out.
func spoken(text string) string {
	return regexp.MustCompile(`(?m)^(\t.*|.*tcpviz completion .*|  (sudo )?tcp.*)$|"[^"\n]*"|--[a-z][a-z-]*`).ReplaceAllString(text, "")
}

func chineseRoot() *cobra.Command {
	return newRoot(&program{getenv: environment("LANG=zh_CN.UTF-8")})
}

func englishRoot() *cobra.Command {
	return newRoot(&program{getenv: environment("LANG=C.UTF-8")})
}

// mustBeChinese wants a Chinese text without an English sentence in it.
func mustBeChinese(t *testing.T, what, text string) {
	t.Helper()
	if !strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		t.Errorf("%s is not Chinese: %q", what, text)
	}
	if found := english.FindString(spoken(text)); found != "" {
		t.Errorf("%s has the English %q: %q", what, found, text)
	}
}

func TestHelpIsChineseThroughout(t *testing.T) {
	walk(chineseRoot(), func(c *cobra.Command) {
		path := c.CommandPath()
		mustBeChinese(t, path+": short", c.Short)
		if c.Long != "" {
			mustBeChinese(t, path+": long", c.Long)
		}
		if english := named(englishRoot(), path); english.Example == c.Example && strings.Contains(c.Example, "   ") {
			t.Errorf("%s: the examples are English", path)
		}
		each := func(f *pflag.Flag) { mustBeChinese(t, path+": --"+f.Name, f.Usage) }
		c.Flags().VisitAll(each)
		c.PersistentFlags().VisitAll(each)
		usage := c.UsageString()
		mustBeChinese(t, path+": usage", strings.ReplaceAll(usage, c.Example, ""))
		for line := range strings.Lines(usage) {
			if heading := strings.TrimRight(line, "\n"); heading != "" && heading[0] != ' ' && heading[0] != '\t' {
				mustBeChinese(t, path+": usage", heading)
			}
			if n := uniseg.StringWidth(line); n > 110 {
				t.Errorf("%s: a line of %d columns: %s", path, n, line)
			}
		}
		for line := range strings.Lines(c.Long) {
			if n := uniseg.StringWidth(line); n > 100 {
				t.Errorf("%s: a line of %d columns: %s", path, n, line)
			}
		}
	})
}

// named finds the command of a path.
func named(root *cobra.Command, path string) (found *cobra.Command) {
	walk(root, func(c *cobra.Command) {
		if c.CommandPath() == path {
			found = c
		}
	})
	return found
}

// The descriptions of the flags begin in one column, whatever stands before them.
func TestFlagsAreAligned(t *testing.T) {
	walk(chineseRoot(), func(c *cobra.Command) {
		for _, flags := range []*pflag.FlagSet{c.LocalFlags(), c.InheritedFlags()} {
			column := -1
			for line := range strings.Lines(flagTable(flags, lang.Chinese)) {
				lead, _, ok := strings.Cut(strings.TrimPrefix(line, "      "), "   ")
				if !ok {
					t.Fatalf("%s: no description in %q", c.CommandPath(), line)
				}
				rest := strings.TrimLeft(line[strings.Index(line, lead)+len(lead):], " ")
				at := uniseg.StringWidth(line) - uniseg.StringWidth(rest)
				if column >= 0 && at != column {
					t.Errorf("%s: %q begins in column %d, those above in %d", c.CommandPath(), strings.TrimSpace(rest), at, column)
				}
				column = at
			}
		}
	})
}

// In English the help is what cobra makes of it, and ASCII: it must be readable in any locale.
func TestHelpIsCobrasInEnglish(t *testing.T) {
	walk(englishRoot(), func(c *cobra.Command) {
		if i := strings.IndexFunc(c.Long+c.UsageString(), func(r rune) bool { return r > unicode.MaxASCII }); i >= 0 {
			t.Errorf("%s: the help is not ASCII: …%s", c.CommandPath(), (c.Long + c.UsageString())[max(i-20, 0):])
		}
		plain := englishRoot()
		plain.SetUsageFunc(nil)
		if diff := cmp.Diff(named(plain, c.CommandPath()).UsageString(), c.UsageString()); diff != "" {
			t.Errorf("%s (-cobra +got):\n%s", c.CommandPath(), diff)
		}
	})
	cobras := &cobra.Command{Use: "tcpviz", Version: "1"}
	cobras.AddCommand(&cobra.Command{Use: "demo", Run: func(*cobra.Command, []string) {}})
	cobras.InitDefaultHelpCmd()
	cobras.InitDefaultCompletionCmd()
	own := englishRoot()
	walk(cobras, func(c *cobra.Command) {
		c.InitDefaultHelpFlag()
		c.InitDefaultVersionFlag()
		ours := named(own, c.CommandPath())
		if ours == nil {
			t.Fatalf("%s is lacking", c.CommandPath())
		}
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if got := ours.Flags().Lookup(f.Name); got == nil || got.Usage != f.Usage {
				t.Errorf("%s: --%s: got %v, cobra's is %q", c.CommandPath(), f.Name, got, f.Usage)
			}
		})
		if c.Name() == "tcpviz" || c.Name() == "demo" {
			return
		}
		if diff := cmp.Diff([]string{c.Use, c.Short, c.Long}, []string{ours.Use, ours.Short, ours.Long}); diff != "" {
			t.Errorf("%s (-cobra +got):\n%s", c.CommandPath(), diff)
		}
	})
}

func TestMistakesInFlags(t *testing.T) {
	for _, test := range []struct{ args, chinese string }{
		{"--nonsense", "没有选项 --nonsense"},
		{"-vz", "没有短选项 'z'（在 -z 中）"},
		{"--output", "选项 --output 需要一个值"},
		{"--=x", "选项的写法不对：--=x"},
	} {
		c := &cobra.Command{Use: "tcpviz"}
		c.Flags().BoolP("version", "v", false, "")
		c.Flags().String("output", "", "")
		theirs := c.ParseFlags(strings.Fields(test.args))
		if theirs == nil {
			t.Fatalf("%s: no mistake", test.args)
		}
		ours := flagMistake(theirs)
		if ours.Error() != theirs.Error() {
			t.Errorf("%s: %q, pflag's is %q", test.args, ours, theirs)
		}
		if got := lang.Chinese.Error(ours); got != test.chinese {
			t.Errorf("%s: %q, want %q", test.args, got, test.chinese)
		}
	}
	if err := errors.New("another"); flagMistake(err) != err {
		t.Error("what is not known does not stay as it is")
	}
}

func TestLanguageAsked(t *testing.T) {
	for args, want := range map[string]language{
		"":                        "",
		"--lang zh":               "zh",
		"demo --lang=zh close":    "zh",
		"--lang zh --lang en":     "en",
		"--lang fr":               "",
		"--lang":                  "",
		"replay -- --lang zh":     "",
		"--language zh --lang=zh": "zh",
	} {
		if got := languageAsked(strings.Fields(args)); got != want {
			t.Errorf("%q: %q, want %q", args, got, want)
		}
	}
}
