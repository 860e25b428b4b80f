package story_test

import (
	"slices"
	"testing"

	"tcpviz/internal/story"
)

func TestSplitArguments(t *testing.T) {
	for args, want := range map[string][]string{
		"":                           nil,
		" ":                          nil,
		"3":                          {"3"},
		"3, 127.0.0.1:10008":         {"3", "127.0.0.1:10008"},
		`4, "a, b", 100`:             {"4", `"a, b"`, "100"},
		`4, "a \", b", 100`:          {"4", `"a \", b"`, "100"},
		`4, "cut off, \`:             {"4", `"cut off, \`},
		"3,":                         {"3", ""},
		"3, SO_LINGER, {on, 0 secs}": {"3", "SO_LINGER", "{on", "0 secs}"},
	} {
		if got := story.SplitArguments(args); !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", args, got, want)
		}
	}
}

func TestShortAddress(t *testing.T) {
	for argument, want := range map[string]string{
		"127.0.0.1:10008":   "…:10008",
		"[2001:db8::1]:443": "…:443",
		"2001:db8::1]:443":  "2001:db8::1]:443",
		"127.0.0.1:":        "127.0.0.1:",
		"127.0.0.1:http":    "127.0.0.1:http",
		`"127.0.0.1:10008"`: `"127.0.0.1:10008"`,
		"localhost:10008":   "localhost:10008",
		":10008":            ":10008",
		"100":               "100",
		"":                  "",
	} {
		if got := story.ShortAddress(argument, "…"); got != want {
			t.Errorf("%q: got %q, want %q", argument, got, want)
		}
	}
}
