package export

import (
	_ "embed"
	"strings"
)

// ladderStyle is the style sheet of a ladder, for pictures and pages alike: a colour is
// written as var(--name).
//
//go:embed html/ladder.css
var ladderStyle string

// The colours are those of Okabe and Ito, which all kinds of colour vision tell apart;
// where letters have them they are darker on white, and lighter on black. Nothing is
// said by a colour alone: each side has its sign, its place and its direction.
func colours(dark bool) []string {
	if dark {
		return []string{
			"var(--page)", "#14181d", "var(--text)", "#e8eaed", "var(--dim)", "#9aa3ad", "var(--line)", "#4a525b", "var(--client)", "#56b4e9",
			"var(--server)", "#e69f00", "var(--warn)", "#e58fbe", "var(--accent)", "#2fc295", "var(--soft)", "#242a31",
		}
	}
	return []string{
		"var(--page)", "#ffffff", "var(--text)", "#1a1d21", "var(--dim)", "#5d666f", "var(--line)", "#a8b0b8", "var(--client)", "#0067a3",
		"var(--server)", "#b84e00", "var(--warn)", "#a0306f", "var(--accent)", "#00785a", "var(--soft)", "#f2f4f6",
	}
}

// svgStyle is the style sheet of a picture that stands alone: with the colours
// themselves, since not every program that shows SVG knows variables.
func svgStyle(dark bool) string { return strings.NewReplacer(colours(dark)...).Replace(ladderStyle) }

// pageColours gives the colours as a page's variables.
func pageColours(dark bool) string {
	var b strings.Builder
	for i, list := 0, colours(dark); i < len(list); i += 2 {
		b.WriteString(strings.TrimSuffix(strings.TrimPrefix(list[i], "var("), ")") + ":" + list[i+1] + ";")
	}
	return b.String()
}
