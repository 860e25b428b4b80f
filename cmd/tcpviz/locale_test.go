package main

import (
	"strings"
	"testing"
)

func TestLocale(t *testing.T) {
	for _, test := range []struct {
		env      string // NAME=value, blank-separated
		ascii    bool
		language string
	}{
		{"", false, "en"},
		{"LANG=C", true, "en"},
		{"LC_ALL=POSIX LANG=zh_CN.UTF-8", true, "en"},
		{"LANG=C.UTF-8", false, "en"},
		{"LANG=zh_CN.UTF-8", false, "zh"},
		{"LANG=zh_TW.utf8@radical", false, "zh"},
		{"LANG=en_US.UTF-8 LC_MESSAGES=zh_CN.UTF-8", false, "zh"},
		{"LANG=zh_CN.UTF-8 LC_CTYPE=C", true, "en"},
		{"LANG=zh_CN.GBK", true, "en"},
		{"LANG=de_DE", false, "en"},
	} {
		p := &program{getenv: environment(test.env)}
		if got := onlyASCII(p.getenv); got != test.ascii {
			t.Errorf("%q: only ASCII %v, want %v", test.env, got, test.ascii)
		}
		if got := p.language().String(); got != test.language {
			t.Errorf("%q: language %s, want %s", test.env, got, test.language)
		}
		p.lang = "zh"
		if got := p.language().String(); got != "zh" {
			t.Errorf("%q: --lang zh gives %s", test.env, got)
		}
	}
}

func TestUnfitTerminal(t *testing.T) {
	for env, want := range map[string]string{
		"TERM=xterm-256color LANG=C.UTF-8":      "",
		"TERM=tmux":                             "",
		"TERM=xterm LANG=C":                     "",
		"TERM=dumb":                             "dumb",
		"":                                      "not known",
		"TERM=no-such-terminal":                 "TERM=no-such-terminal",
		"TERM=xterm LANG=zh_CN.GBK":             "GBK",
		"TERM=xterm LANG=zh_CN.GBK LC_CTYPE=C ": "",
	} {
		got := unfitTerminal(environment(env))
		if (want == "") != (got == nil) || got != nil && !strings.Contains(got.Error(), want) {
			t.Errorf("%q: %v, want %q", env, got, want)
		}
	}
}

// environment gives the environment that a text describes.
func environment(text string) func(string) string {
	values := make(map[string]string)
	for _, entry := range strings.Fields(text) {
		name, value, _ := strings.Cut(entry, "=")
		values[name] = value
	}
	return func(name string) string { return values[name] }
}
