// Package lang says things in the user's language.
//
// The English text is the key: code says what it means in English, and a catalogue
// gives the same in Chinese. A text that the catalogue lacks stays English; a test over
// the whole module sees to it that none is lacking.
package lang

import (
	"fmt"
	"strings"
)

// Language is a language that tcpviz speaks.
type Language uint8

// The languages.
const (
	English Language = iota
	Chinese          // simplified: zh-Hans
)

// String gives the language's tag: "en" or "zh".
func (l Language) String() string {
	if l == Chinese {
		return "zh"
	}
	return "en"
}

// Parse understands a language's tag or the name of a locale: "en", "zh", "zh-Hans",
// "zh_CN.UTF-8". It reports false for a language that tcpviz does not speak.
func Parse(name string) (Language, bool) {
	name, _, _ = strings.Cut(name, ".")
	base, _, _ := strings.Cut(strings.ReplaceAll(strings.ToLower(name), "_", "-"), "-")
	switch base {
	case "en", "c", "posix":
		return English, true
	case "zh":
		return Chinese, true
	}
	return English, false
}

// Text gives a fixed text in the language.
func (l Language) Text(english string) string {
	if l == Chinese {
		if text, ok := chinese()[english]; ok {
			return text
		}
	}
	return english
}

// Say formats like [fmt.Sprintf], with the format in the language. Arguments that can
// be said in a language are: a [Phrase], an error, a [fmt.Stringer] whose text the
// catalogue has. A plain string stays as it is: it may come from outside.
func (l Language) Say(format string, args ...any) string {
	if l == English {
		return fmt.Sprintf(format, args...)
	}
	return chineseText(strings.ReplaceAll(l.Text(format), "%w", "%v"), l.arguments(args))
}

// arguments says the arguments in the language. What it gives is not args itself, so
// that Say's own can stay on the caller's stack.
func (l Language) arguments(args []any) []any {
	said := make([]any, len(args))
	for i, a := range args {
		said[i] = a
		switch a := a.(type) {
		case interface{ In(l Language) string }:
			said[i] = a.In(l)
		case error:
			said[i] = l.Error(a)
		case fmt.Stringer:
			if text := a.String(); l.Text(text) != text {
				said[i] = l.Text(text)
			}
		}
	}
	return said
}

// Phrase is something that can be said in any language. The zero value says nothing.
type Phrase struct {
	english string
	format  string
	args    []any
}

// Phrasef makes a phrase of an English format and its arguments, as for [fmt.Sprintf].
func Phrasef(format string, args ...any) Phrase {
	return Phrase{english: fmt.Sprintf(format, args...), format: format, args: args}
}

// In gives the phrase in the language.
func (p Phrase) In(l Language) string {
	if l == English || p.format == "" {
		return p.english
	}
	return l.Say(p.format, p.args...)
}

// String gives the phrase in English.
func (p Phrase) String() string { return p.english }

// Term is a fixed text that is said in the language where it stands in for a %s.
type Term string

// In gives the term in the language.
func (t Term) In(l Language) string { return l.Text(string(t)) }

// String gives the term in English.
func (t Term) String() string { return string(t) }
