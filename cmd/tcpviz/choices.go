package main

import (
	"slices"
	"strings"

	"tcpviz/internal/lang"
)

// choices is a flag that takes some of a few words: comma-separated, or the flag
// given again.
type choices struct {
	values *[]string
	words  []string
}

func (c choices) String() string { return strings.Join(*c.values, ",") }
func (c choices) Type() string   { return strings.Join(c.words, "|") }

func (c choices) Set(s string) error {
	for word := range strings.SplitSeq(s, ",") {
		if !slices.Contains(c.words, word) {
			return lang.Errorf("some of %s are wanted", list(c.words))
		}
		if !slices.Contains(*c.values, word) {
			*c.values = append(*c.values, word)
		}
	}
	return nil
}
