package main

import (
	"cmp"
	"errors"
	"runtime"
	"slices"
	"strings"

	"github.com/gdamore/tcell/v2"

	"tcpviz/internal/lang"
)

// locale gives the locale of a category (LC_CTYPE, LC_MESSAGES) as POSIX finds it.
func locale(getenv func(string) string, category string) string {
	for _, name := range []string{"LC_ALL", category, "LANG"} {
		if value := getenv(name); value != "" {
			return value
		}
	}
	return ""
}

// charset gives the character set that the locale names. It decides as the
// terminal library does, so that the two agree: C and POSIX are ASCII, and a
// locale that names none (or none at all) is UTF-8.
func charset(getenv func(string) string) string {
	value := locale(getenv, "LC_CTYPE")
	if value == "C" || value == "POSIX" {
		return "US-ASCII"
	}
	value, _, _ = strings.Cut(value, "@")
	if _, set, ok := strings.Cut(value, "."); ok {
		return set
	}
	return "UTF-8"
}

// onlyASCII tells that the locale promises no more than ASCII.
func onlyASCII(getenv func(string) string) bool {
	switch strings.ToUpper(charset(getenv)) {
	case "UTF-8", "UTF8":
		return false
	}
	return true
}

// unfitTerminal gives the reason why the dashboard cannot be drawn on this
// terminal, nil when it can.
func unfitTerminal(getenv func(string) string) error {
	if runtime.GOOS == "windows" {
		return nil // its console has neither TERM nor locale
	}
	name := getenv("TERM")
	if name == "dumb" {
		return errors.New("the terminal is dumb (TERM=dumb)")
	}
	if _, err := tcell.LookupTerminfo(name); err != nil {
		return lang.Errorf("the terminal is not known (TERM=%s)", name)
	}
	if set := charset(getenv); tcell.GetEncoding(set) == nil {
		return lang.Errorf("the locale's character set %s is not known", set)
	}
	return nil
}

// language gives the language of all that is said: the flag's, else the locale's.
func (p *program) language() lang.Language {
	if asked := cmp.Or(p.lang, p.asked); asked != "" {
		l, _ := lang.Parse(string(asked))
		return l
	}
	if onlyASCII(p.getenv) {
		return lang.English
	}
	l, _ := lang.Parse(locale(p.getenv, "LC_MESSAGES"))
	return l
}

// languageAsked finds --lang among the arguments before they are read as flags: the
// help and the descriptions of the flags must be in that language already. It gives ""
// where there is none, or one that will be refused.
func languageAsked(args []string) language {
	asked := ""
	for i, arg := range args {
		value, with := strings.CutPrefix(arg, "--lang=")
		switch {
		case arg == "--":
			return languageOf(asked)
		case with:
			asked = value
		case arg == "--lang" && i+1 < len(args):
			asked = args[i+1]
		}
	}
	return languageOf(asked)
}

// languageOf gives the language of that name, "" where --lang does not take it.
func languageOf(name string) language {
	if slices.Contains(languages(), name) {
		return language(name)
	}
	return ""
}
